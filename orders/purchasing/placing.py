"""Writing a purchase down: one order per cooperative, prices frozen, stock put by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.rules import choose_lots
from orders.purchasing.states import OrderState
from products.catalogue.queries import Offer, offers
from products.catalogue.rules import at_price, unit_price
from products.lots import stock
from products.lots.stock import SoldOut
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.money import Money, total
from shop.core.numbering import next_number
from shop.organisations.models import Organisation

#: Public id of a specification, and how many units.
Line = tuple[str, int]


class NothingToBuy(Refusal):
    """A purchase without lines."""

    code = "nothing_to_buy"
    sentence = N_("清单里还没有商品。")
    status = 422
    field = "lines"


class NotOnSale(Refusal):
    """A specification that is unknown, unlisted or has no price on this day."""

    code = "not_on_sale"
    sentence = N_("有一样商品已经下架，请从清单里去掉后再提交。")
    field = "lines"


def priced(tx: Session, lines: Sequence[Line], now: datetime) -> list[tuple[Offer, int, Money]]:
    """The offers of these lines with units and the ladder price, repeated ones added up.

    Raises:
        NothingToBuy: no lines, or none with units.
        NotOnSale: a specification is not offered on this day.
    """
    wanted: dict[str, int] = defaultdict(int)
    for specification_id, units in lines:
        wanted[specification_id] += units
    if not wanted or min(wanted.values()) <= 0:
        raise NothingToBuy()
    found = offers(tx, list(wanted), clock.day_of(now))
    if set(wanted) - set(found):
        raise NotOnSale()
    return [
        (found[key], units, unit_price(found[key].composition.price, found[key].steps, units))
        for key, units in wanted.items()
    ]


def add_orders(
    tx: Session, purchase: Purchase, goods: list[tuple[Offer, int, Money]], now: datetime
) -> None:
    """Write the orders and lines of a purchase and reserve their units.

    Raises:
        SoldOut: fewer units on sale than asked for; nothing was written.
    """
    on_sale = stock.on_sale(tx, [offer.specification_key for offer, _, _ in goods], now)
    by_cooperative: dict[int, list[tuple[Offer, int, Money]]] = defaultdict(list)
    for item in goods:
        by_cooperative[item[0].cooperative_id].append(item)
    codes = tx.execute(
        select(Organisation.id, Organisation.code)
        .where(Organisation.id.in_(by_cooperative))
        .order_by(Organisation.id)
    )
    for cooperative_id, code in codes.all():
        items = by_cooperative[cooperative_id]
        order = Order(
            number=next_number(tx, f"DD-{code}", now),
            purchase_id=purchase.id,
            cooperative_id=cooperative_id,
            state=OrderState.WAITING,
            total=total([price * units for _, units, price in items]),
            fresh=any(offer.fresh for offer, _, _ in items),
            placed_at=now,
        )
        tx.add(order)
        tx.flush()
        for offer, units, price in items:
            lots = [lot for lot in on_sale if lot.specification_id == offer.specification_key]
            _add_line(tx, order, offer, units, price, lots)


def _add_line(
    tx: Session,
    order: Order,
    offer: Offer,
    units: int,
    price: Money,
    lots: list[stock.LotOnSale],
) -> None:
    parts = at_price(offer.composition, price, offer.tax_class)
    line = OrderLine(
        order_id=order.id,
        specification_id=offer.specification_key,
        product_name=offer.product_name,
        specification_name=offer.specification_name,
        unit=offer.unit,
        units=units,
        price=parts.price,
        households=parts.households,
        processing=parts.processing,
        packing=parts.packing,
        freight=parts.freight,
        cooperative=parts.cooperative,
        platform=parts.platform,
        tax=parts.tax,
    )
    tx.add(line)
    tx.flush()
    chosen = choose_lots(units, lots)
    left = sum(take for _lot, take in chosen)
    if left < units:
        raise SoldOut(name=offer.product_name, left=left, unit=offer.unit)
    for lot, take in chosen:
        if not stock.reserve(tx, lot.lot_id, take):
            raise SoldOut(name=offer.product_name, left=left - take, unit=offer.unit)
        tx.add(Allocation(line_id=line.id, lot_id=lot.lot_id, units=take))
    tx.flush()
