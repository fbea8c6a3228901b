"""Writing a purchase down: one order per cooperative, prices frozen, stock put by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.pricing import Priced, bill
from orders.purchasing.rules import choose_lots
from orders.purchasing.states import OrderState
from products.catalogue.queries import offers
from products.lots import stock
from products.lots.stock import SoldOut
from products.prices.rules import province_of
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.money import total
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


class ProvinceUnknown(Refusal):
    """A freight table asks more for some provinces, and the address does not say which it is in."""

    code = "province_unknown"
    sentence = N_("这一单里有按省份加收运费的商品，请在收货地址开头写明省份，例如“江西省”。")
    status = 422
    field = "address"


def priced(
    tx: Session,
    lines: Sequence[Line],
    now: datetime,
    *,
    address: str,
    union_id: int | None = None,
) -> tuple[Priced, ...]:
    """What these lines cost this buyer at this address, repeated ones added up.

    Args:
        union_id: internal key of the union that buys; its own discounts count.

    Raises:
        NothingToBuy: no lines, or none with units.
        NotOnSale: a specification is not offered on this day.
        ProvinceUnknown: the freight depends on the province, and the address names none.
    """
    wanted: dict[str, int] = defaultdict(int)
    for specification_id, units in lines:
        wanted[specification_id] += units
    if not wanted or min(wanted.values()) <= 0:
        raise NothingToBuy()
    day = clock.day_of(now)
    found = offers(tx, list(wanted), day, union_id=union_id)
    if set(wanted) - set(found):
        raise NotOnSale()
    goods = [(found[key], units) for key, units in wanted.items()]
    made = bill(tx, goods, province=province_of(address), day=day)
    if made.unclear:
        raise ProvinceUnknown()
    return made.lines


def add_orders(tx: Session, purchase: Purchase, goods: Sequence[Priced], now: datetime) -> None:
    """Write the orders and lines of a purchase and reserve their units.

    Raises:
        SoldOut: fewer units on sale than asked for; nothing was written.
    """
    on_sale = stock.on_sale(tx, [one.offer.specification_key for one in goods], now)
    by_cooperative: dict[int, list[Priced]] = defaultdict(list)
    for one in goods:
        by_cooperative[one.offer.cooperative_id].append(one)
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
            total=total([one.amount for one in items]),
            fresh=any(one.offer.fresh for one in items),
            placed_at=now,
        )
        tx.add(order)
        tx.flush()
        for one in items:
            key = one.offer.specification_key
            _add_line(tx, order, one, [lot for lot in on_sale if lot.specification_id == key])


def _add_line(tx: Session, order: Order, one: Priced, lots: list[stock.LotOnSale]) -> None:
    offer, units, parts = one.offer, one.units, one.composition
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
        list_price=one.listed,
        discount=one.discount,
        surcharge=one.surcharge,
        tax_class=offer.tax_class,
        tax_rate_bp=offer.tax_class.rate_bp,
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
