"""Buying the same again: the lines of a purchase go back into the list they came from."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.purchasing.cart_owners import owner_of
from orders.purchasing.models import CartLine, Order, OrderLine
from orders.purchasing.queries import purchase
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.db import insert_if_new


@command
def put_lines_back(tx: Session, *, purchase_id: str, actor: Actor, now: datetime) -> int:
    """Put the lines of a purchase into the list of its union, or into the buyer's own cart.

    A returned purchase is mended this way and submitted anew. What lies in the list already
    keeps its units. Prices and stock are looked at there, as for any other line.

    Args:
        purchase_id: public id.

    Returns:
        How many lines were put in.

    Raises:
        NotFound: it is somebody else's purchase.
        NotAllowed: `purchase:draft` in the union is needed.
    """
    row = purchase(tx, purchase_id, actor)
    owner = owner_of(tx, actor=actor, union_id=row.union_public_id or None)
    lines = tx.execute(
        select(OrderLine)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.purchase_id == row.id)
        .order_by(OrderLine.id)
    ).scalars()
    put_in = 0
    for line in lines.all():
        put_in += insert_if_new(
            tx,
            CartLine,
            {
                **owner.columns(),
                "specification_id": line.specification_id,
                "units": line.units,
                "seen_price_fen": line.list_price,
                "added_at": now,
            },
        )
    return put_in
