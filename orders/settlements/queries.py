"""Reading settlement runs: what one would change, what one has posted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Purchase
from orders.settlements.figures import is_outdated
from orders.settlements.models import SettlementItem, SettlementLot, SettlementRun
from orders.settlements.states import RUN, LotState, RunState
from products.lots.models import Lot
from shop.core import db
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.money import Money
from shop.core.permissions import Permission
from shop.jobs.models import Job
from shop.organisations.models import Organisation

#: Lots on one page of a run.
PAGE = 100


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the list. `cooperative`, `purchase` and the days say which lots it covers."""

    public_id: str
    number: str
    state: RunState
    cooperative: str | None
    cooperative_en: str
    purchase: str
    packed_from: date | None
    packed_to: date | None
    drafted_at: datetime
    posted_at: datetime | None
    lots: int
    households: int
    total: Money


@dataclass(frozen=True, slots=True)
class LotRow:
    """One lot of a run: its cumulative share for households and what changes in it."""

    number: str
    public_id: str
    state: LotState
    cooperative: str
    cooperative_en: str
    revenue: Money
    change: Money
    set_off: Money
    second_payment: Money
    recovered: Money
    covered: Money
    households: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What a run changes in all; only posted lots once it has been posted."""

    lots: int
    left_out: int
    change: Money
    set_off: Money
    second_payment: Money
    recovered: Money
    covered: Money


@dataclass(frozen=True, slots=True)
class RunPage:
    """A run as it is seen: its sums, one page of its lots, its history.

    `stale`: the figures have changed since it was drafted; it can only be withdrawn.
    `differences`: what did not hold when it was proved after posting; None before. `done` of
    `to_do` lots are posted while a job posts it; `job` is that job's public id.
    """

    key: int
    row: RunRow
    sums: Sums
    lots: tuple[LotRow, ...]
    page: int
    pages: int
    before: Money | None
    seen_hash: str
    stale: bool
    differences: int | None
    job: str
    done: int
    to_do: int
    may_approve: bool
    may_withdraw: bool
    history: tuple[Act, ...]


def runs(tx: Session, actor: Actor) -> list[RunRow]:
    """The runs, newest first, two hundred at most.

    Raises:
        NotAllowed: `platform:read` is needed.
    """
    actor.require(Permission.PLATFORM_READ)
    rows = tx.execute(_runs().order_by(SettlementRun.id.desc()).limit(200))
    return [_row(*row) for row in rows]


def run_page(tx: Session, run_id: str, actor: Actor, page: int = 1) -> RunPage:
    """One run as it would post, or has posted.

    Args:
        page: which hundred of its lots, from one; beyond the last the last is shown.

    Raises:
        NotAllowed: `platform:read` is needed.
        NotFound: there is no such run.
    """
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(_runs().where(SettlementRun.public_id == run_id)).first()
    if found is None:
        raise NotFound()
    run = found[0]
    pages = max(1, -(-run.lots // PAGE))
    page = min(max(page, 1), pages)
    stale = run.state is RunState.DRAFT and is_outdated(tx, run)
    acts = history(tx, run.public_id)
    drafted_it = any(act.action == "draft" and act.user_id == actor.user_id for act in acts)
    actions = RUN.actions(run.state)
    job, done, to_do = _job(tx, run)
    return RunPage(
        key=run.id,
        row=_row(*found),
        sums=_sums(tx, run),
        lots=tuple(_lots(tx, run, page)),
        page=page,
        pages=pages,
        before=_total_before(tx, run),
        seen_hash=run.seen_hash,
        stale=stale,
        differences=run.differences,
        job=job,
        done=done,
        to_do=to_do,
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


def _runs() -> Select[SettlementRun, str, str, str]:
    return (
        select(SettlementRun, Organisation.name, Organisation.name_en, Purchase.number)
        .outerjoin(Organisation, Organisation.id == SettlementRun.cooperative_id)
        .outerjoin(Purchase, Purchase.id == SettlementRun.purchase_id)
    )


def _row(
    run: SettlementRun, cooperative: str | None, cooperative_en: str | None, purchase: str | None
) -> RunRow:
    return RunRow(
        public_id=run.public_id,
        number=run.number,
        state=run.state,
        cooperative=cooperative,
        cooperative_en=cooperative_en or "",
        purchase=purchase or "",
        packed_from=run.packed_from,
        packed_to=run.packed_to,
        drafted_at=run.drafted_at,
        posted_at=run.posted_at,
        lots=run.lots,
        households=run.households,
        total=run.total,
    )


def _counted(run: SettlementRun) -> tuple[LotState, ...]:
    """The lots that count towards a run: what is to be posted, then what was."""
    posted = run.state is RunState.POSTED
    return (LotState.POSTED,) if posted else (LotState.PENDING, LotState.POSTED)


def _sums(tx: Session, run: SettlementRun) -> Sums:
    lot = SettlementLot.__table__.c
    names = ("change", "set_off", "second_payment", "recovered", "covered")
    row = tx.execute(
        select(func.count(), *(db.total(lot[f"{name}_fen"]) for name in names)).where(
            lot.run_id == run.id, lot.state.in_(_counted(run))
        )
    ).one()
    left_out = tx.execute(
        select(func.count()).where(lot.run_id == run.id, lot.state == LotState.LEFT_OUT)
    ).scalar_one()
    return Sums(row[0], left_out, *(Money(fen) for fen in row[1:]))


_looked_at_first = case(
    (SettlementLot.state == LotState.LEFT_OUT, 0), (SettlementLot.falls, 1), else_=2
)


def _lots(tx: Session, run: SettlementRun, page: int) -> list[LotRow]:
    rows = tx.execute(
        select(SettlementLot, Lot.number, Lot.public_id, Organisation.name, Organisation.name_en)
        .join(Lot, Lot.id == SettlementLot.lot_id)
        .join(Organisation, Organisation.id == Lot.cooperative_id)
        .where(SettlementLot.run_id == run.id)
        # What was left out and what falls wants a look before the rest.
        .order_by(_looked_at_first, Lot.number)
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return [
        LotRow(
            number=number,
            public_id=public_id,
            state=lot.state,
            cooperative=cooperative,
            cooperative_en=cooperative_en,
            revenue=lot.revenue,
            change=lot.change,
            set_off=lot.set_off,
            second_payment=lot.second_payment,
            recovered=lot.recovered,
            covered=lot.covered,
            households=lot.households,
        )
        for lot, number, public_id, cooperative, cooperative_en in rows
    ]


def _total_before(tx: Session, run: SettlementRun) -> Money | None:
    """What the run posted before this one came to, to compare it with."""
    before = tx.execute(
        select(SettlementRun.id)
        .where(SettlementRun.state == RunState.POSTED, SettlementRun.id < run.id)
        .order_by(SettlementRun.id.desc())
        .limit(1)
    ).scalar_one_or_none()
    if before is None:
        return None
    return _sums(tx, tx.get_one(SettlementRun, before)).change


def _job(tx: Session, run: SettlementRun) -> tuple[str, int, int]:
    """The job that posts a run, and how far it is; nothing when there is none under way."""
    if run.state is not RunState.POSTING or run.job is None:
        return "", 0, 0
    done, to_do = tx.execute(select(Job.done, Job.total).where(Job.public_id == run.job)).one()
    return run.job, done, to_do
