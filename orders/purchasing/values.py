"""What units of orders are worth, at the prices frozen on their lines."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order, OrderLine
from shop.core import db
from shop.core.money import Money


def open_value(tx: Session, order_id: int) -> Money:
    """What the units of an order are worth that are neither accepted nor given up."""
    undecided = (
        Allocation.units
        - Allocation.cancelled_units
        - Allocation.accepted_units
        - Allocation.short_units
        - Allocation.damaged_units
    )
    return _value(tx, undecided, OrderLine.order_id == order_id)


def uncancelled_value(tx: Session, purchase_id: int) -> Money:
    """What a purchase costs without the units given up before they were shipped."""
    return _value(
        tx, Allocation.units - Allocation.cancelled_units, Order.purchase_id == purchase_id
    )


def _value(tx: Session, units: ColumnElement[int], which: ColumnElement[bool]) -> Money:
    fen = tx.execute(
        select(db.total(OrderLine.__table__.c.price_fen * units))
        .select_from(OrderLine)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Allocation, Allocation.line_id == OrderLine.id)
        .where(which)
    ).scalar_one()
    return Money(int(fen))
