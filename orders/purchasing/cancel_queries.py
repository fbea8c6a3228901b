"""Reading what can be given up of an order, what that would do, and what was given up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind
from orders.purchasing.cancelling import (
    OPEN,
    MoreThanUnshipped,
    NothingToCancel,
    excess,
    side_of,
)
from orders.purchasing.models import Allocation, Cancellation, CancellationLine, Order, Purchase
from orders.purchasing.queries import orders_by_key
from orders.purchasing.rows import OrderRow
from orders.purchasing.states import Side
from orders.purchasing.values import open_value
from orders.refunds.models import Refund
from shop.core import db
from shop.core.actors import Actor
from shop.core.errors import NotAllowed, NotFound
from shop.core.money import ZERO, Money, total
from shop.identity.models import User


@dataclass(frozen=True, slots=True)
class CancelDesk:
    """One order for somebody who may give up units of it.

    `escrow` is what is paid for units still `open`, both before anything is given up.
    """

    order: OrderRow
    purchase_id: str
    number: str
    buyers_own: bool
    budgeted: bool
    side: Side
    possible: bool
    escrow: Money
    open: Money


@dataclass(frozen=True, slots=True)
class Effect:
    """What giving up these units would do, if nothing changes meanwhile."""

    units: int
    value: Money
    kept: Money
    refund: Money
    to_pay_before: Money
    to_pay: Money
    budget: Money


@dataclass(frozen=True, slots=True)
class CancellationRow:
    """What was given up at one time. `order_id` is internal; `goods`: (name, English, words)."""

    public_id: str
    number: str
    order_id: int
    side: Side
    by: str
    at: datetime
    reason: str
    value: Money
    refunded: Money
    units: int
    goods: tuple[tuple[str, str, str], ...]


def cancel_desk(tx: Session, order_id: str, actor: Actor) -> CancelDesk:
    """One order with what of it can be given up.

    Raises:
        NotFound, NotAllowed: see `side_of`.
    """
    found = tx.execute(
        select(Order, Purchase)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(Order.public_id == order_id)
    ).first()
    if found is None:
        raise NotFound()
    order, purchase = found
    side = side_of(actor, purchase, order.cooperative_id)
    (row,) = orders_by_key(tx, [order.id])
    return CancelDesk(
        row,
        purchase.public_id,
        purchase.number,
        side is Side.BUYER and purchase.union_id is None,
        purchase.budget_id is not None,
        side,
        order.state in OPEN and any(line.to_ship for line in row.lines),
        posting.balance(tx, AccountKind.ESCROW, order.id),
        open_value(tx, order.id),
    )


def cancellable(tx: Session, purchase_id: str, actor: Actor) -> frozenset[str]:
    """The orders of a purchase (public ids) of which this actor may give up units now."""
    found = set()
    for order, purchase in tx.execute(
        select(Order, Purchase)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(Purchase.public_id == purchase_id, Order.state.in_(OPEN))
    ):
        try:
            side_of(actor, purchase, order.cooperative_id)
        except (NotFound, NotAllowed):
            continue
        found.add(order.public_id)
    return frozenset(found)


def foresee(desk: CancelDesk, lines: Iterable[tuple[str, int]]) -> Effect:
    """What giving up units by specification (public id) would do.

    Raises:
        NothingToCancel, MoreThanUnshipped: as the command would.
    """
    wanted = dict(lines)
    if not any(wanted.values()):
        raise NothingToCancel()
    for line in desk.order.lines:
        if wanted.get(line.specification_id, 0) > line.to_ship:
            raise MoreThanUnshipped(name=line.product_name, left=line.to_ship, unit=line.unit)
    value = total([line.price * wanted.get(line.specification_id, 0) for line in desk.order.lines])
    still_open = desk.open - value
    return Effect(
        sum(wanted.values()),
        value,
        desk.order.kept - value,
        excess(desk.escrow, still_open),
        excess(desk.open, desk.escrow),
        excess(still_open, desk.escrow),
        value if desk.budgeted else ZERO,
    )


def cancellations_of(tx: Session, order_keys: Iterable[int]) -> list[CancellationRow]:
    """What was given up of these orders (internal keys), oldest first."""
    keys = list(order_keys)
    rows = tx.execute(
        select(Cancellation, User.name)
        .outerjoin(User, User.id == Cancellation.by_id)
        .where(Cancellation.order_id.in_(keys))
        .order_by(Cancellation.id)
    ).all()
    if not rows:
        return []
    lines = [line for order in orders_by_key(tx, keys) for line in order.lines]
    line_of = {lot.id: line for line in lines for lot in line.lots}
    goods: dict[int, dict[tuple[str, str, str], int]] = defaultdict(lambda: defaultdict(int))
    for cancellation_id, allocation_id, units in tx.execute(
        select(CancellationLine.cancellation_id, Allocation.id, CancellationLine.units)
        .join(Allocation, Allocation.id == CancellationLine.allocation_id)
        .where(CancellationLine.cancellation_id.in_([row.id for row, _by in rows]))
        .order_by(CancellationLine.id)
    ):
        line = line_of[allocation_id]
        goods[cancellation_id][(line.name, line.name_en, line.unit)] += units
    back = {
        about: Money(int(fen))
        for about, fen in tx.execute(
            select(Refund.about, db.total(Refund.__table__.c.amount_fen))
            .where(Refund.about.in_([row.public_id for row, _by in rows]))
            .group_by(Refund.about)
        )
    }
    return [
        CancellationRow(
            row.public_id,
            row.number,
            row.order_id,
            row.side,
            by or "",
            row.at,
            row.reason,
            row.value,
            back.get(row.public_id, ZERO),
            sum(goods[row.id].values()),
            tuple(
                (name, name_en, f"{units} {unit}")
                for (name, name_en, unit), units in goods[row.id].items()
            ),
        )
        for row, by in rows
    ]
