"""Reading settlement runs: what one would change, what one has posted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.settlements.figures import hash_of, pending
from orders.settlements.models import SettlementItem, SettlementRun
from orders.settlements.rules import Change
from orders.settlements.states import RUN, RunState
from products.households.models import Household, Village
from products.lots.models import Lot
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission
from shop.organisations.models import Organisation, PayeeAccount, PayeeKind
from shop.organisations.states import AccountState

#: A sum is worth a second look above so many times the median of the run, and from so much on:
#: against a median of a few fen nearly every household would stand out.
TIMES_MEDIAN = 3
LARGE_FROM = Money(5_000)

#: A change as a run would post it, or as it was posted; both carry the same figures.
Changed = Change | SettlementItem


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the list."""

    public_id: str
    number: str
    state: RunState
    cooperative: str | None
    cooperative_en: str
    drafted_at: datetime
    posted_at: datetime | None
    lots: int
    households: int
    total: Money


@dataclass(frozen=True, slots=True)
class Line:
    """What a run changes for one household in one lot.

    `odd` names what a person should look at first: no card, a fall, three times the median.
    """

    lot: str
    lot_id: str
    household: str
    household_id: str
    village: str
    share: Money
    change: Money
    set_off: Money
    second_payment: Money
    recovered: Money
    covered: Money
    odd: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LotSum:
    """One lot of a run: its cumulative share for households and what changes in it."""

    number: str
    public_id: str
    cooperative: str
    cooperative_en: str
    revenue: Money
    change: Money
    set_off: Money
    second_payment: Money
    households: int


@dataclass(frozen=True, slots=True)
class RunPage:
    """A run as it is seen: its lots, its lines with the odd ones first, its history.

    `stale`: the figures have changed since it was drafted; it can only be withdrawn.
    """

    row: RunRow
    lots: tuple[LotSum, ...]
    lines: tuple[Line, ...]
    set_off: Money
    second_payment: Money
    before: Money | None
    seen_hash: str
    stale: bool
    may_approve: bool
    may_withdraw: bool
    history: tuple[Act, ...]


def runs(tx: Session, actor: Actor) -> list[RunRow]:
    """All runs, newest first.

    Raises:
        NotAllowed: `platform:read` is needed.
    """
    actor.require(Permission.PLATFORM_READ)
    rows = tx.execute(
        select(SettlementRun, Organisation.name, Organisation.name_en)
        .outerjoin(Organisation, Organisation.id == SettlementRun.cooperative_id)
        .order_by(SettlementRun.id.desc())
    )
    return [_row(*row) for row in rows]


def run_page(tx: Session, run_id: str, actor: Actor) -> RunPage:
    """One run as it would post, or has posted.

    Raises:
        NotAllowed: `platform:read` is needed.
        NotFound: there is no such run.
    """
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(
        select(SettlementRun, Organisation.name, Organisation.name_en)
        .outerjoin(Organisation, Organisation.id == SettlementRun.cooperative_id)
        .where(SettlementRun.public_id == run_id)
    ).first()
    if found is None:
        raise NotFound()
    run = found[0]
    draft = run.state is RunState.DRAFT
    now_pending = pending(tx, run.cooperative_id) if draft else []
    raw: list[tuple[int, int, Changed]] = (
        [(lot.lot_id, change.household_id, change) for lot in now_pending for change in lot.changes]
        if draft
        else [
            (item.lot_id, item.household_id, item)
            for item in tx.execute(
                select(SettlementItem)
                .where(SettlementItem.run_id == run.id)
                .order_by(SettlementItem.id)
            ).scalars()
        ]
    )
    lines, sums = _lines(tx, raw)
    before = tx.execute(
        select(SettlementRun.total)
        .where(SettlementRun.state == RunState.POSTED, SettlementRun.id < run.id)
        .order_by(SettlementRun.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    stale = draft and hash_of(now_pending) != run.seen_hash
    acts = history(tx, run.public_id)
    drafted_it = any(act.action == "draft" and act.user_id == actor.user_id for act in acts)
    actions = RUN.actions(run.state)
    return RunPage(
        row=_row(*found),
        lots=tuple(sums),
        lines=tuple(lines),
        set_off=total([line.set_off for line in lines]),
        second_payment=total([line.second_payment for line in lines]),
        before=before,
        seen_hash=run.seen_hash,
        stale=stale,
        may_approve="approve" in actions
        and not stale
        and not drafted_it
        and actor.may(Permission.SETTLEMENT_APPROVE),
        may_withdraw="withdraw" in actions and actor.may(Permission.SETTLEMENT_DRAFT),
        history=tuple(acts),
    )


def settled_at(tx: Session, lot_ids: Collection[int]) -> dict[int, datetime]:
    """When each of these lots (internal keys) was last settled; those never settled are absent."""
    rows = tx.execute(
        select(SettlementItem.lot_id, func.max(SettlementRun.posted_at))
        .join(SettlementRun, SettlementRun.id == SettlementItem.run_id)
        .where(SettlementItem.lot_id.in_(lot_ids))
        .group_by(SettlementItem.lot_id)
    )
    return {lot_id: at for lot_id, at in rows if at is not None}


def _row(run: SettlementRun, cooperative: str | None, cooperative_en: str | None) -> RunRow:
    return RunRow(
        public_id=run.public_id,
        number=run.number,
        state=run.state,
        cooperative=cooperative,
        cooperative_en=cooperative_en or "",
        drafted_at=run.drafted_at,
        posted_at=run.posted_at,
        lots=run.lots,
        households=run.households,
        total=run.total,
    )


def _carded(tx: Session, household_ids: Collection[int]) -> set[int]:
    """Those of the households (internal keys) that have a card to be paid on."""
    return set(
        tx.execute(
            select(PayeeAccount.payee_id).where(
                PayeeAccount.payee_kind == PayeeKind.HOUSEHOLD,
                PayeeAccount.payee_id.in_(household_ids),
                PayeeAccount.state == AccountState.ACTIVE,
            )
        ).scalars()
    )


def _lines(tx: Session, raw: list[tuple[int, int, Changed]]) -> tuple[list[Line], list[LotSum]]:
    """Name the lots and households of a run's changes, flag the odd ones, and sum by lot."""
    lot_ids = {lot_id for lot_id, _household, _change in raw}
    household_ids = {household_id for _lot, household_id, _change in raw}
    lots = {
        lot.id: (lot, cooperative)
        for lot, cooperative in tx.execute(
            select(Lot, Organisation)
            .join(Organisation, Organisation.id == Lot.cooperative_id)
            .where(Lot.id.in_(lot_ids))
        )
    }
    people = {
        household.id: (household, village)
        for household, village in tx.execute(
            select(Household, Village.name)
            .join(Village, Village.id == Household.village_id)
            .where(Household.id.in_(household_ids))
        )
    }
    carded = _carded(tx, household_ids)
    amounts = sorted(change.second_payment.fen for _lot, _household, change in raw)
    median = amounts[len(amounts) // 2] if amounts else 0
    lines: list[Line] = []
    by_lot: dict[int, list[Line]] = defaultdict(list)
    for lot_id, household_id, change in raw:
        household, village = people[household_id]
        line = Line(
            lot=lots[lot_id][0].number,
            lot_id=lots[lot_id][0].public_id,
            household=household.name,
            household_id=household.public_id,
            village=village,
            share=change.share,
            change=change.change,
            set_off=change.set_off,
            second_payment=change.second_payment,
            recovered=change.recovered,
            covered=change.covered,
            odd=tuple(_odd(change, household_id in carded, median)),
        )
        lines.append(line)
        by_lot[lot_id].append(line)
    lines.sort(key=lambda line: (not line.odd, line.lot, line.household))
    sums = [
        LotSum(
            number=lots[lot_id][0].number,
            public_id=lots[lot_id][0].public_id,
            cooperative=lots[lot_id][1].name,
            cooperative_en=lots[lot_id][1].name_en,
            revenue=total([line.share for line in some]),
            change=total([line.change for line in some]),
            set_off=total([line.set_off for line in some]),
            second_payment=total([line.second_payment for line in some]),
            households=len(some),
        )
        for lot_id, some in by_lot.items()
    ]
    return lines, sums


def _odd(change: Changed, has_card: bool, median: int) -> list[str]:
    second = change.second_payment
    odd = []
    if second > ZERO and not has_card:
        odd.append("no_card")
    if change.change < ZERO:
        odd.append("falls")
    if second >= LARGE_FROM and median > 0 and second.fen > TIMES_MEDIAN * median:
        odd.append("high")
    return odd
