"""Whose an order line's money is: “who got my 168 yuan” (谁得了我的钱).

What changed a lot's pool is read of the lots of the line alone, along indexes, so that the
answer costs the same however much else was sold.

Rule: docs/money.md, “Sharing a lot's revenue”, per-line attribution.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from orders.documents.rules import Backer, Earned, PoolEvent, attribute
from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind
from orders.purchasing.models import Allocation, OrderLine
from orders.shipments.models import Acceptance, AcceptanceLine, Return, ReturnLine
from orders.shipments.states import AcceptanceState
from products.households.models import Household
from products.lots.models import StandingShare
from shop.core import db
from shop.core.money import Money

Rows = Select[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class LotEarned:
    """What of some order lines' money went to the households of one lot; keys are internal."""

    lot_id: int
    households: tuple[Earned, ...]


def who_got(tx: Session, line_id: int) -> list[LotEarned]:
    """Whose the households' part of one order line (internal key) is, per lot, to the fen.

    share(C after) − share(C before) at the line's places among its lots' events; what is not
    accepted and paid yet is nobody's. Two statements, whatever else was sold.
    """
    return _earned(tx, *_of_one_line(), {"line_id": line_id})


def earned_by(tx: Session, lines: Select[Any]) -> list[LotEarned]:
    """The same of several order lines together (a selection of internal keys), lots by key."""
    return _earned(tx, *_statements(lines), {})


@cache
def _of_one_line() -> tuple[Rows, Rows]:
    """The statements for one line, written once: writing them costs more than answering them."""
    return _statements(select(bindparam("line_id", type_=BigInteger)))


def _statements(lines: Select[Any]) -> tuple[Rows, Rows]:
    """What changed the pools of the lots of these lines, and whose each lot is."""
    lots = select(Allocation.lot_id).where(Allocation.line_id.in_(lines))
    events = pool_events(lots)
    running = select(
        events,
        func.sum(events.c.pool_fen)
        .over(
            partition_by=events.c.lot_id,
            order_by=(events.c.at, events.c.place, events.c.tie),
            rows=(None, 0),
        )
        .label("after"),
    ).subquery()
    changes = (
        select(running.c.lot_id, running.c.at, running.c.pool_fen, running.c.after)
        .where(running.c.line_id.in_(lines))
        .order_by(running.c.lot_id, running.c.at, running.c.place, running.c.tie)
    )
    return changes, _backers(lots)


def _backers(lots: Select[Any]) -> Rows:
    """Whose these lots are, in the order in which ties are decided."""
    return (
        select(
            StandingShare.lot_id,
            StandingShare.household_id,
            StandingShare.value,
            StandingShare.paid,
        )
        .join(Household, Household.id == StandingShare.household_id)
        .where(StandingShare.lot_id.in_(lots))
        .order_by(StandingShare.lot_id, Household.public_id)
    )


def backers_of(tx: Session, lots: Select[Any]) -> dict[int, list[Backer]]:
    """The households behind each of these lots, by public id in byte order."""
    return _by_lot(tx.execute(_backers(lots)))


def _by_lot(rows: Iterable[Any]) -> dict[int, list[Backer]]:
    backers: dict[int, list[Backer]] = defaultdict(list)
    for lot_id, household_id, value, paid in rows:
        backers[lot_id].append(Backer(household_id, value.fen, paid))
    return backers


def _earned(tx: Session, changes: Rows, whose: Rows, of: dict[str, int]) -> list[LotEarned]:
    mine: dict[int, list[PoolEvent]] = defaultdict(list)
    stood: dict[int, int] = defaultdict(int)
    for lot_id, at, fen, after in tx.execute(changes, of):
        before = int(after) - fen
        found = mine[lot_id]
        # All that others changed since the last of ours counts as one event.
        found.append(PoolEvent(at, len(found), Money(before - stood[lot_id]), mine=False))
        found.append(PoolEvent(at, len(found), Money(fen), mine=True))
        stood[lot_id] = int(after)
    backers = _by_lot(tx.execute(whose, of))
    return [
        LotEarned(lot_id, tuple(attribute(events_of_it, backers[lot_id])))
        for lot_id, events_of_it in mine.items()
    ]


def pool_events(lots: Select[Any]) -> Subquery:
    """Every change of these lots' pools: acceptances once nothing of them is owed, and returns.

    Columns: `lot_id`, `line_id`, `at`, `place` and `tie` (the order among those of a moment),
    `units`, `pool_fen` (of the households), `price_fen` (of the full price).
    """
    counted = counting(lots)
    line = OrderLine.__table__.c

    def event(at: Any, place: Any, tie: Any, units: Any) -> list[Any]:
        return [
            counted.c.lot_id,
            counted.c.line_id,
            at.label("at"),
            place.label("place"),
            tie.label("tie"),
            units.label("units"),
            (units * type_coerce(line.households_fen, BigInteger)).label("pool_fen"),
            (units * type_coerce(line.price_fen, BigInteger)).label("price_fen"),
        ]

    accepted = select(
        *event(counted.c.at, 2 * counted.c.id, literal(0), counted.c.accepted_units)
    ).join(OrderLine, OrderLine.id == counted.c.line_id)
    late = case((Return.at > counted.c.at, Return.at), else_=counted.c.at)
    returned = (
        select(*event(late, 2 * counted.c.id + 1, ReturnLine.id, -ReturnLine.units))
        .join(OrderLine, OrderLine.id == counted.c.line_id)
        .join(ReturnLine, ReturnLine.acceptance_line_id == counted.c.id)
        .join(Return, Return.id == ReturnLine.return_id)
    )
    return accepted.union_all(returned).subquery("pool_event")


def counting(lots: Select[Any]) -> Any:
    """The acceptance lines of these lots that count, and since when (`id`, `at`, and others)."""
    mine: ColumnElement[bool] = and_(
        Account.kind == AccountKind.BUYER_RECEIVABLE, Account.owner_id == Acceptance.id
    )
    fen = Transfer.__table__.c.amount_fen
    owed = (
        select(db.total(case((Transfer.debit_id == Account.id, fen), else_=-fen)))
        .select_from(Account)
        .join(Transfer, or_(Transfer.debit_id == Account.id, Transfer.credit_id == Account.id))
        .where(mine)
        .scalar_subquery()
    )
    cleared = (
        select(Journal.effective_at)
        .join(Transfer, Transfer.journal_id == Journal.id)
        .join(Account, Account.id == Transfer.credit_id)
        .where(mine)
        .order_by(Journal.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    receivable = type_coerce(Acceptance.__table__.c.receivable_fen, BigInteger)
    paid_at = func.coalesce(case((receivable > 0, cleared)), Acceptance.signed_at)
    return (
        select(
            AcceptanceLine.id,
            AcceptanceLine.accepted_units,
            Allocation.lot_id,
            Allocation.line_id,
            case((paid_at > Acceptance.signed_at, paid_at), else_=Acceptance.signed_at).label("at"),
        )
        .join(Acceptance, Acceptance.id == AcceptanceLine.acceptance_id)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .where(
            Allocation.lot_id.in_(lots),
            AcceptanceLine.accepted_units > 0,
            Acceptance.state == AcceptanceState.SIGNED,
            or_(receivable == 0, owed == 0),
        )
        .cte("counted")
    )
