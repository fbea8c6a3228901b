"""The lines of a run: what it changes for one household in one lot, and which want a look first.

A draft's lines are figured when they are asked for; a posted run's are its items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Exists,
    Select,
    SQLColumnExpression,
    and_,
    exists,
    false,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from orders.settlements import kernel
from orders.settlements.figures import due, falling_lines, kept, scope
from orders.settlements.models import SettlementItem, SettlementLot, SettlementRun
from orders.settlements.rules import high_from
from orders.settlements.states import LotState, RunState
from products.households.models import Household, Village
from products.lots.models import Lot, LotFreeze
from products.lots.states import FreezeCause
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money
from shop.core.permissions import Permission
from shop.organisations.models import PayeeAccount, PayeeKind
from shop.organisations.states import AccountState

#: Lines that are shown of those that want a look for one reason; how many there are is always said.
SHOWN = 100


@dataclass(frozen=True, slots=True)
class LineRow:
    """What a run changes for one household in one lot; `odd` says why it wants a look."""

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
class OddGroup:
    """The lines that want a look for one reason before all others; `lines` are the first of them.

    `count` is how many there are, `change` what the run changes by all of them.
    """

    odd: str
    lines: tuple[LineRow, ...]
    count: int
    change: Money


@dataclass(frozen=True, slots=True)
class OddLines:
    """What wants a look first, by its reason, and what waits."""

    groups: tuple[OddGroup, ...]
    waiting: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lot that would change and stands still instead: disputed, recalled, in doubt."""

    lot: str
    lot_id: str
    cause: FreezeCause
    reason: str
    change: Money


@dataclass(frozen=True, slots=True)
class _Raw:
    lot_id: int
    household_id: int
    share: int
    change: int
    set_off: int
    second: int
    recovered: int = 0
    covered: int = 0


def odd_lines(tx: Session, run_key: int, actor: Actor) -> OddLines:
    """What of a run a person should look at before approving it.

    Args:
        run_key: internal key of the run.

    Raises:
        NotAllowed: `platform:read` is needed.
    """
    actor.require(Permission.PLATFORM_READ)
    run = tx.get_one(SettlementRun, run_key)
    why = _why(tx, run)
    by_reason: dict[str, list[_Raw]] = {reason: [] for reason in REASONS}
    for row in _all_odd(tx, run, why):
        by_reason[why(row)[0]].append(row)
    groups = tuple(
        OddGroup(
            reason,
            tuple(_named(tx, rows[:SHOWN], why)),
            len(rows),
            Money(sum(row.change for row in rows)),
        )
        for reason, rows in by_reason.items()
        if rows
    )
    return OddLines(groups, _waiting(tx, run) if run.state is RunState.DRAFT else ())


def lines_of_lot(
    tx: Session, run_id: str, lot_id: str, actor: Actor
) -> tuple[SettlementRun, Lot, list[LineRow]]:
    """Every line of one lot in a run, households by name of their village.

    Args:
        run_id, lot_id: public ids.

    Raises:
        NotAllowed: `platform:read` is needed.
        NotFound: there is no such run, or the lot is not in it.
    """
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(
        select(SettlementRun, Lot, SettlementLot)
        .join(SettlementLot, SettlementLot.run_id == SettlementRun.id)
        .join(Lot, Lot.id == SettlementLot.lot_id)
        .where(SettlementRun.public_id == run_id, Lot.public_id == lot_id)
    ).first()
    if found is None:
        raise NotFound()
    run, lot, figures = found
    if figures.state is LotState.POSTED:
        raw = _posted(tx, run, SettlementItem.lot_id == lot.id)
    elif figures.falls:
        raw = _falling(tx, run, lot.id)
    else:
        basis = kept(run, SettlementLot.lot_id == lot.id)
        rows = kernel.lines(basis).subquery("found")
        raw = _plain(tx, select(rows).where(kernel.changed(rows)))
    return run, lot, _named(tx, raw, _why(tx, run))


#: Why a line wants a look, in the order in which a person should look.
REASONS = ("no_card", "new_card", "high", "falls")


@dataclass(frozen=True, slots=True)
class _Why:
    """Says of a line of a run why it wants a look, if it does."""

    high: int
    without_card: frozenset[int]
    with_new_card: frozenset[int]

    def __call__(self, row: _Raw) -> tuple[str, ...]:
        told = {
            "no_card": row.second > 0 and row.household_id in self.without_card,
            "new_card": row.second > 0 and row.household_id in self.with_new_card,
            "high": row.second >= self.high,
            "falls": row.change < 0,
        }
        return tuple(reason for reason in REASONS if told[reason])


def _why(tx: Session, run: SettlementRun) -> _Why:
    """What decides which lines of a run want a look."""
    households = select(Household.id).order_by(Household.id)
    return _Why(
        high_from(_median(tx, run)).fen,
        frozenset(tx.execute(households.where(~_card(Household.id))).scalars()),
        frozenset(tx.execute(households.where(_new_card(tx, run, Household.id))).scalars()),
    )


def _all_odd(tx: Session, run: SettlementRun, why: _Why) -> list[_Raw]:
    """The lines that want a look, lot by lot."""
    if run.state is RunState.WITHDRAWN:
        return []
    if run.state is RunState.POSTED:
        item = SettlementItem.__table__.c
        suspect = or_(~_card(item.household_id), _new_card(tx, run, item.household_id))
        return _posted(
            tx,
            run,
            or_(
                item.change_fen < ZERO,
                item.second_payment_fen >= Money(why.high),
                and_(item.second_payment_fen > ZERO, suspect),
            ),
        )
    rows = kernel.lines(kept(run, SettlementLot.falls.is_(False))).subquery("found")
    suspect = or_(~_card(rows.c.household_id), _new_card(tx, run, rows.c.household_id))
    odd = or_(rows.c.second >= why.high, and_(rows.c.second > 0, suspect))
    order = (rows.c.lot_id, rows.c.household_id)
    return [
        *(row for row in _falling(tx, run) if why(row)),
        *_plain(tx, select(rows).where(kernel.changed(rows), odd).order_by(*order)),
    ]


def _plain(tx: Session, statement: Select[Any]) -> list[_Raw]:
    return [
        _Raw(
            row.lot_id, row.household_id, row.share, row.share - row.before, row.set_off, row.second
        )
        for row in tx.execute(statement)
    ]


def _posted(tx: Session, run: SettlementRun, *conditions: ColumnElement[bool]) -> list[_Raw]:
    rows = tx.execute(
        select(SettlementItem)
        .where(SettlementItem.run_id == run.id, *conditions)
        .order_by(SettlementItem.lot_id, SettlementItem.household_id)
    ).scalars()
    return [
        _Raw(
            item.lot_id,
            item.household_id,
            item.share.fen,
            item.change.fen,
            item.set_off.fen,
            item.second_payment.fen,
            item.recovered.fen,
            item.covered.fen,
        )
        for item in rows
    ]


def _falling(tx: Session, run: SettlementRun, only: int | None = None) -> list[_Raw]:
    """The lines of lots in which somebody gives back, as they would be posted now."""
    return [
        _Raw(
            lot.lot_id,
            change.household_id,
            change.share.fen,
            change.change.fen,
            change.set_off.fen,
            change.second_payment.fen,
            change.recovered.fen,
            change.covered.fen,
        )
        for lot, some in falling_lines(tx, run)
        for change in some
        if only is None or lot.lot_id == only
    ]


def _median(tx: Session, run: SettlementRun) -> Money:
    """The middle of the second payments of a run, against which large ones stand out."""
    if run.state is RunState.POSTED:
        item = SettlementItem.__table__.c
        paid = select(item.second_payment_fen.label("fen")).where(item.run_id == run.id)
    else:
        rows = kernel.lines(kept(run, SettlementLot.falls.is_(False))).subquery("found")
        paid = select(rows.c.second.label("fen")).where(kernel.changed(rows))
    paid_fen = paid.subquery("paid")
    count = tx.execute(select(func.count()).select_from(paid_fen)).scalar_one()
    if not count:
        return ZERO
    middle = select(type_coerce(paid_fen.c.fen, BigInteger)).order_by(paid_fen.c.fen)
    return Money(tx.execute(middle.limit(1).offset(count // 2)).scalar_one())


def _card(household: SQLColumnExpression[int], *conditions: ColumnElement[bool]) -> Exists:
    """Whether a household (internal key) has a card to be paid on."""
    return exists().where(
        PayeeAccount.payee_kind == PayeeKind.HOUSEHOLD,
        PayeeAccount.payee_id == household,
        PayeeAccount.state == AccountState.ACTIVE,
        *conditions,
    )


def _new_card(
    tx: Session, run: SettlementRun, household: SQLColumnExpression[int]
) -> ColumnElement[bool]:
    """Whether its card was changed since the run before this one was posted."""
    since = _posted_before(tx, run)
    if since is None:
        return false()
    replaced = exists().where(
        PayeeAccount.payee_kind == PayeeKind.HOUSEHOLD,
        PayeeAccount.payee_id == household,
        PayeeAccount.state == AccountState.REPLACED,
    )
    return and_(_card(household, PayeeAccount.since > since), replaced)


def _posted_before(tx: Session, run: SettlementRun) -> datetime | None:
    return tx.execute(
        select(func.max(SettlementRun.posted_at)).where(
            SettlementRun.state == RunState.POSTED, SettlementRun.id < run.id
        )
    ).scalar_one()


def _named(tx: Session, raw: Sequence[_Raw], why: _Why) -> list[LineRow]:
    """Name lots and households, and say what is odd."""
    lots = {
        key: (number, public_id)
        for key, number, public_id in tx.execute(
            select(Lot.id, Lot.number, Lot.public_id).where(Lot.id.in_({row.lot_id for row in raw}))
        )
    }
    people = {
        row.id: row
        for row in tx.execute(
            select(Household.id, Household.public_id, Household.name, Village.name.label("village"))
            .join(Village, Village.id == Household.village_id)
            .where(Household.id.in_({row.household_id for row in raw}))
        )
    }
    return [
        LineRow(
            lot=lots[row.lot_id][0],
            lot_id=lots[row.lot_id][1],
            household=people[row.household_id].name,
            household_id=people[row.household_id].public_id,
            village=people[row.household_id].village,
            share=Money(row.share),
            change=Money(row.change),
            set_off=Money(row.set_off),
            second_payment=Money(row.second),
            recovered=Money(row.recovered),
            covered=Money(row.covered),
            odd=why(row),
        )
        for row in raw
    ]


def _waiting(tx: Session, run: SettlementRun) -> tuple[Waiting, ...]:
    """Lots that stand still and would change otherwise; the largest first."""
    basis = due(*scope(run), frozen=True)
    rows = tx.execute(
        select(
            Lot.number,
            Lot.public_id,
            LotFreeze.cause,
            LotFreeze.reason,
            basis.c.revenue - basis.c.before,
        )
        .join(Lot, Lot.id == basis.c.lot_id)
        .join(LotFreeze, and_(LotFreeze.lot_id == Lot.id, LotFreeze.lifted_at.is_(None)))
        .order_by(func.abs(basis.c.revenue - basis.c.before).desc(), LotFreeze.id)
        .limit(SHOWN)
    )
    return tuple(
        Waiting(number, public_id, cause, reason, Money(change))
        for number, public_id, cause, reason, change in rows
    )
