"""“Who got my money”: the page of one order line, for its buyer and for those who oversee."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.documents.attribution import who_got
from orders.documents.queries import masked_people
from orders.documents.rules import Getter, told_apart
from orders.purchasing.models import Order, OrderLine
from orders.purchasing.rows import LineRow, PurchaseRow
from orders.tracking import queries as tracking
from products.catalogue.models import Specification
from products.lots.models import Lot
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import Money, total


@dataclass(frozen=True, slots=True)
class LotGot:
    """What the households behind one lot got of an order line."""

    number: str
    trace_code: str
    getters: tuple[Getter, ...]
    set_off: Money
    second: Money


@dataclass(frozen=True, slots=True)
class WhoGot:
    """The money of one order line: `line` with its composition, and whose the pool is by lot.

    `shared` is what lots shared of it so far; nothing before it is accepted and paid.
    """

    purchase: PurchaseRow
    order_number: str
    line: LineRow
    lots: tuple[LotGot, ...]
    shared: Money


def of_line(tx: Session, order_id: str, specification_id: str, actor: Actor) -> WhoGot:
    """Who got the money of one line of an order.

    Raises:
        NotFound: no such line, or it is between others.
        NotAllowed: of the union, but without a role that reads purchases.
    """
    purchase_id = tracking.purchase_about(tx, order_id)
    track = tracking.track(tx, purchase_id, actor)
    order = next((one for one in track.orders if one.public_id == order_id), None)
    line = next(
        (one for one in (order.lines if order else ()) if one.specification_id == specification_id),
        None,
    )
    if order is None or line is None:
        raise NotFound()
    key = tx.execute(
        select(OrderLine.id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Specification, Specification.id == OrderLine.specification_id)
        .where(Order.id == order.id, Specification.public_id == specification_id)
    ).scalar_one()
    got = who_got(tx, key)
    people = masked_people(tx, {one.household_id for lot in got for one in lot.households})
    lots = {
        lot.id: lot
        for lot in tx.execute(select(Lot).where(Lot.id.in_([lot.lot_id for lot in got]))).scalars()
    }
    found = []
    for lot in got:
        getters = told_apart(
            [
                Getter(*people[one.household_id], 1, one.set_off, one.second)
                for one in lot.households
                if one.share
            ]
        )
        found.append(
            LotGot(
                lots[lot.lot_id].number,
                lots[lot.lot_id].trace_code or "",
                tuple(getters),
                total([one.set_off for one in getters]),
                total([one.second for one in getters]),
            )
        )
    return WhoGot(
        track.purchase,
        order.number,
        line,
        tuple(found),
        total([lot.set_off + lot.second for lot in found]),
    )
