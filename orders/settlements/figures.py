"""What settlement starts from: what lots have earned, who stands behind them, what was posted."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, literal, or_, select
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.models import Account, Transfer
from orders.ledger.states import AccountKind
from orders.purchasing.models import Allocation, OrderLine
from orders.settlements.models import SettlementItem
from orders.settlements.rules import Change, Grower, changes
from orders.shipments.models import Acceptance, AcceptanceLine
from orders.shipments.states import AcceptanceState
from products.households.models import Household
from products.lots.models import Lot, StandingShare
from products.lots.states import LotKind
from shop.core import db
from shop.core.db import MoneyColumn
from shop.core.money import ZERO, Money

_ITEM = SettlementItem.__table__.c


@dataclass(frozen=True, slots=True)
class LotChanges:
    """What settling changes for one lot. `revenue` is the cumulative pool value, C."""

    lot_id: int
    public_id: str
    number: str
    cooperative_id: int
    share_version: int
    revenue: Money
    changes: tuple[Change, ...]


def open_receivables() -> Select[int]:
    """The acceptances (internal keys) of which the buyer still owes something."""
    owed = db.total(
        case(
            (Transfer.debit_id == Account.id, Transfer.__table__.c.amount_fen),
            else_=-Transfer.__table__.c.amount_fen,
        )
    )
    return (
        select(Account.owner_id)
        .join(Transfer, or_(Transfer.debit_id == Account.id, Transfer.credit_id == Account.id))
        .where(Account.kind == AccountKind.BUYER_RECEIVABLE)
        .group_by(Account.owner_id)
        .having(owed > 0)
    )


def revenues(tx: Session, *conditions: ColumnElement[bool]) -> dict[int, Money]:
    """C per packed lot (internal key): the pool value of units accepted, paid for and kept.

    An acceptance counts once nothing of it is owed any more; returned units do not count.
    """
    kept = AcceptanceLine.accepted_units - AcceptanceLine.returned_units
    rows = tx.execute(
        select(Allocation.lot_id, db.total(OrderLine.__table__.c.households_fen * kept))
        .select_from(AcceptanceLine)
        .join(Acceptance, Acceptance.id == AcceptanceLine.acceptance_id)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .join(Lot, Lot.id == Allocation.lot_id)
        .where(
            Acceptance.state == AcceptanceState.SIGNED,
            Acceptance.id.not_in(open_receivables()),
            *conditions,
        )
        .group_by(Allocation.lot_id)
    )
    return {lot_id: Money(int(fen)) for lot_id, fen in rows}


def posted_per_lot(tx: Session) -> dict[int, Money]:
    """What all runs have posted of each lot."""
    rows = tx.execute(
        select(SettlementItem.lot_id, db.total(_ITEM.change_fen)).group_by(SettlementItem.lot_id)
    )
    return {lot_id: Money(int(fen)) for lot_id, fen in rows}


def growers(tx: Session, lot_ids: list[int]) -> dict[int, list[Grower]]:
    """The households behind each lot, ordered by public id, with what was posted for them.

    A household that a correction took out of a lot stays with no weight as long as something
    posted for it is to be taken back.
    """
    posted = _posted(lot_ids)
    found: dict[int, list[Grower]] = defaultdict(list)
    for lot_id, household_id, public_id, value, paid, before, set_off, uncovered in chain(
        tx.execute(_standing(posted, lot_ids)), tx.execute(_gone(posted))
    ):
        found[lot_id].append(
            Grower(
                household_id=household_id,
                public_id=public_id,
                weight=value.fen,
                paid=paid,
                posted=Money(int(before or 0)),
                set_off=Money(int(set_off or 0)),
                uncovered=Money(int(uncovered or 0)),
            )
        )
    for behind in found.values():
        behind.sort(key=lambda grower: grower.public_id)
    return found


def _posted(lot_ids: list[int]) -> Subquery:
    """Per lot and household what all runs posted, set off, and covered without recovering it."""
    return (
        select(
            SettlementItem.lot_id,
            SettlementItem.household_id,
            db.total(_ITEM.change_fen).label("posted"),
            db.total(_ITEM.set_off_fen).label("set_off"),
            db.total(_ITEM.covered_fen - _ITEM.recovered_fen).label("uncovered"),
        )
        .where(SettlementItem.lot_id.in_(lot_ids))
        .group_by(SettlementItem.lot_id, SettlementItem.household_id)
        .subquery()
    )


def _same(posted: Subquery) -> ColumnElement[bool]:
    """A standing share and what was posted for the same household of the same lot."""
    return and_(
        posted.c.lot_id == StandingShare.lot_id,
        posted.c.household_id == StandingShare.household_id,
    )


def _standing(posted: Subquery, lot_ids: list[int]) -> Select[Any]:
    """Whoever has a share that stands."""
    return (
        select(
            StandingShare.lot_id,
            StandingShare.household_id,
            Household.public_id,
            StandingShare.value,
            StandingShare.paid,
            posted.c.posted,
            posted.c.set_off,
            posted.c.uncovered,
        )
        .join(Household, Household.id == StandingShare.household_id)
        .outerjoin(posted, _same(posted))
        .where(StandingShare.lot_id.in_(lot_ids))
    )


def _gone(posted: Subquery) -> Select[Any]:
    """Whoever has no share any more, but something posted for it."""
    return (
        select(
            posted.c.lot_id,
            posted.c.household_id,
            Household.public_id,
            literal(ZERO, MoneyColumn()),
            literal(ZERO, MoneyColumn()),
            posted.c.posted,
            posted.c.set_off,
            posted.c.uncovered,
        )
        .join(Household, Household.id == posted.c.household_id)
        .outerjoin(StandingShare, _same(posted))
        .where(StandingShare.lot_id.is_(None), or_(posted.c.posted != 0, posted.c.set_off != 0))
    )


def pending(tx: Session, cooperative_id: int | None) -> list[LotChanges]:
    """What a run would change now, lots by key; of one cooperative (internal key) or of all.

    Frozen lots wait. A lot whose shares were corrected counts although it earned nothing since.
    Reads a handful of statements however many lots there are.
    """
    mine = [] if cooperative_id is None else [Lot.cooperative_id == cooperative_id]
    earned = revenues(tx, *mine)
    posted = posted_per_lot(tx)
    moved = [
        lot_id
        for lot_id in set(earned) | set(posted)
        if earned.get(lot_id, ZERO) != posted.get(lot_id, ZERO)
    ]
    lots = {
        lot.id: lot
        for lot in tx.execute(
            select(Lot)
            .where(
                or_(Lot.id.in_(moved), and_(Lot.share_version > 1, Lot.id.in_(posted))),
                Lot.kind == LotKind.PACKED,
                Lot.freezes == 0,
                *mine,
            )
            .order_by(Lot.id)  # what is approved must come in the order in which it was seen
        ).scalars()
    }
    behind = growers(tx, list(lots))
    households = {grower.household_id for some in behind.values() for grower in some}
    unpaid = posting.balances(tx, AccountKind.HOUSEHOLD_PAYABLE, households)
    found = [
        LotChanges(
            lot_id=lot.id,
            public_id=lot.public_id,
            number=lot.number,
            cooperative_id=lot.cooperative_id,
            share_version=lot.share_version,
            revenue=earned.get(lot.id, ZERO),
            changes=tuple(changes(earned.get(lot.id, ZERO), behind[lot.id], unpaid)),
        )
        for lot in lots.values()
    ]
    return [lot for lot in found if lot.changes]


def hash_of(lots: Sequence[LotChanges]) -> str:
    """The hash by which an approval is bound to every figure of the preview."""
    content = [
        [
            lot.public_id,
            lot.revenue.fen,
            [
                [
                    change.public_id,
                    change.change.fen,
                    change.set_off.fen,
                    change.second_payment.fen,
                    change.recovered.fen,
                    change.covered.fen,
                ]
                for change in lot.changes
            ],
        ]
        for lot in lots
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()
