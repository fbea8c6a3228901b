"""Reading carts: every line at today's price, what is wrong with it, and the whole cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.budgets.models import Budget
from orders.purchasing.cart_owners import Owner
from orders.purchasing.models import CartLine
from orders.purchasing.placing import Line
from orders.purchasing.pricing import Priced, bill
from products.catalogue.models import Product, Specification
from products.catalogue.queries import Offer, offers
from products.catalogue.rules import Composition, NextStep, next_step
from products.prices.freight import Freight
from products.prices.rules import PROVINCES
from shop.core.actors import Actor
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission
from shop.organisations.models import Organisation
from shop.organisations.queries import OrganisationRow


class Trouble(Labelled):
    """Why a line of the cart cannot be bought as it stands, or what changed about it."""

    GONE = "gone", N_("这件商品已经下架。")
    SOLD_OUT = "sold_out", N_("这一批卖完了，有了下一批再来看看。")
    TOO_FEW = "too_few", N_("库存不够这个数量。")
    PRICE_CHANGED = "price_changed", N_("放进来以后价格有变动。")


@dataclass(frozen=True, slots=True)
class CartLineShown:
    """One line of a cart at today's prices.

    `price` is what each unit costs at this number of units: `list_price`, less what ladder and
    discount take off, plus the freight surcharge. `seen_price` is the list price when it was put
    in. A line that is not `buyable` costs nothing and stays out of the order.
    """

    specification_id: str
    slug: str
    product_name: str
    product_name_en: str
    specification_name: str
    specification_name_en: str
    unit: str
    unit_en: str
    units: int
    available: int
    price: Money
    list_price: Money
    seen_price: Money
    ladder_off: Money
    discount: Money
    surcharge: Money
    composition: Composition | None
    amount: Money
    next_step: NextStep | None
    trouble: Trouble | None
    fresh: bool

    @property
    def buyable(self) -> bool:
        """Whether the line goes into the order as it stands."""
        return self.trouble in (None, Trouble.PRICE_CHANGED)


@dataclass(frozen=True, slots=True)
class CartGroup:
    """What one cooperative sends: a parcel of its own, and an order of its own.

    `surcharge` is the part of `total` asked for freight; `far` names the provinces it is asked in.
    `more_for_free` is what more of goods would save it, if that is how it is saved.
    """

    cooperative: str
    cooperative_en: str
    lines: tuple[CartLineShown, ...]
    total: Money
    surcharge: Money
    far: tuple[str, ...]
    more_for_free: Money | None


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart as its page shows it; `total` is all a buyer pays, freight and tax included.

    `province` is where the goods go; `unclear` says that the freight depends on it and it is
    not known.
    """

    groups: tuple[CartGroup, ...]
    total: Money
    saved: Money
    discounted: Money
    surcharge: Money
    province: str
    unclear: bool

    @property
    def lines(self) -> tuple[CartLineShown, ...]:
        """All lines, group after group."""
        return tuple(line for group in self.groups for line in group.lines)

    @property
    def order_lines(self) -> tuple[Line, ...]:
        """What can be ordered as it stands: specifications with units."""
        return tuple((line.specification_id, line.units) for line in self.lines if line.buyable)

    @property
    def province_en(self) -> str:
        """The English name of the province."""
        return PROVINCES.get(self.province, "")

    @property
    def far(self) -> bool:
        """Whether some cooperative asks more for freight to some provinces."""
        return any(group.far for group in self.groups)

    @property
    def fresh(self) -> bool:
        """Whether something in it spoils."""
        return any(line.fresh for line in self.lines if line.buyable)


@dataclass(frozen=True, slots=True)
class BudgetShown:
    """A budget before and after a purchase of a given cost; `left_after` may be below zero."""

    public_id: str
    year: int
    purpose: str
    approved: Money
    left: Money
    left_after: Money

    @property
    def enough(self) -> bool:
        """Whether the purchase fits."""
        return self.left_after >= ZERO


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a union has its goods sent unless it says otherwise."""

    recipient: str
    phone: str
    address: str


def cart_of(tx: Session, owner: Owner, day: date, *, province: str = "") -> Cart:
    """A cart at the prices of a day, sent to a province; few statements however long it is."""
    rows = tx.execute(
        _named(CartLine.units, CartLine.seen_price)
        .join(CartLine, CartLine.specification_id == Specification.id)
        .where(owner.owns())
        .order_by(Organisation.id, CartLine.added_at, CartLine.id)
    ).all()
    lines = [(row, row.units, row.seen_price) for row in rows]
    return _cart(tx, lines, day, owner.union_id, province)


def cart_from(
    tx: Session,
    lines: Sequence[Line],
    day: date,
    *,
    union_id: int | None = None,
    province: str = "",
) -> Cart:
    """What these lines cost a buyer on a day, whether or not they still lie in a cart.

    Args:
        union_id: internal key of the union that buys; None for a person.
        province: where the goods go, or empty.

    Unknown specifications are left out.
    """
    units = dict(lines)
    rows = tx.execute(
        _named().where(Specification.public_id.in_(units)).order_by(Organisation.id, Product.id)
    ).all()
    found = [(row, units[row.specification_id], None) for row in rows]
    return _cart(tx, found, day, union_id, province)


def cart_size(tx: Session, owner: Owner) -> int:
    """How many lines a cart has."""
    return tx.execute(select(func.count(CartLine.id)).where(owner.owns())).scalar_one()


def budgets_for(
    tx: Session, union: OrganisationRow, cost: Money, year: int, actor: Actor
) -> tuple[BudgetShown, ...]:
    """The union's budgets of a year, each before and after a purchase of this cost.

    Raises:
        NotFound, NotAllowed: the actor needs `purchase:draft` in the union.
    """
    actor.require(Permission.PURCHASE_DRAFT, union.id)
    rows = tx.execute(
        select(Budget)
        .where(Budget.union_id == union.id, Budget.year == year)
        .order_by(Budget.purpose)
    ).scalars()
    found = []
    for budget in rows:
        left = budget.approved - budget.reserved - budget.committed - budget.spent
        found.append(
            BudgetShown(
                budget.public_id, budget.year, budget.purpose, budget.approved, left, left - cost
            )
        )
    return tuple(found)


def receiver_of(tx: Session, union: OrganisationRow, actor: Actor) -> Receiver:
    """Where the union's goods go by default: what is registered for it.

    Raises:
        NotFound, NotAllowed: the actor needs `purchase:draft` in the union.
    """
    actor.require(Permission.PURCHASE_DRAFT, union.id)
    row = tx.get_one(Organisation, union.id)
    return Receiver(row.contact, row.phone, row.address)


def _named(*more: Any) -> Any:
    """Specifications with the names a cart line is shown by."""
    return (
        select(
            Specification.public_id.label("specification_id"),
            Specification.name.label("specification_name"),
            Specification.name_en.label("specification_name_en"),
            Specification.unit,
            Specification.unit_en,
            Product.slug,
            Product.name.label("product_name"),
            Product.name_en.label("product_name_en"),
            Product.fresh,
            Organisation.name.label("cooperative"),
            Organisation.name_en.label("cooperative_en"),
            *more,
        )
        .select_from(Specification)
        .join(Product, Product.id == Specification.product_id)
        .join(Organisation, Organisation.id == Product.cooperative_id)
    )


def _cart(
    tx: Session,
    rows: Iterable[tuple[Any, int, Money | None]],
    day: date,
    union_id: int | None,
    province: str,
) -> Cart:
    """Price the lines and put them together by cooperative, in the order they come.

    Only what can be bought counts for the freight of an order.
    """
    rows = list(rows)
    named = [row.specification_id for row, _units, _seen in rows]
    on_offer = offers(tx, named, day, union_id=union_id)
    goods = [
        (on_offer[row.specification_id], units)
        for row, units, _seen in rows
        if row.specification_id in on_offer and units <= on_offer[row.specification_id].available
    ]
    made = bill(tx, goods, province=province, day=day)
    priced = {one.offer.specification_id: one for one in made.lines}
    by_cooperative: dict[tuple[str, str], list[CartLineShown]] = {}
    sellers: dict[tuple[str, str], int] = {}
    for row, units, seen in rows:
        key, offer = (row.cooperative, row.cooperative_en), on_offer.get(row.specification_id)
        line = _line(row, units, seen, offer, priced.get(row.specification_id))
        by_cooperative.setdefault(key, []).append(line)
        if offer is not None:
            sellers[key] = offer.cooperative_id
    groups = tuple(
        _group(key, lines, made.freight.get(sellers.get(key, 0)), province)
        for key, lines in by_cooperative.items()
    )
    buyable = [line for group in groups for line in group.lines if line.buyable]
    return Cart(
        groups,
        total([group.total for group in groups]),
        total([line.ladder_off * line.units for line in buyable]),
        total([line.discount * line.units for line in buyable]),
        total([group.surcharge for group in groups]),
        province,
        made.unclear,
    )


def _group(
    names: tuple[str, str], lines: list[CartLineShown], freight: Freight | None, province: str
) -> CartGroup:
    whole = total([line.amount for line in lines])
    surcharge = total([line.surcharge * line.units for line in lines if line.buyable])
    zone = freight.zone_of(province) if freight else None
    free_from = zone.free_from if zone and surcharge else None
    return CartGroup(
        *names,
        tuple(lines),
        whole,
        surcharge,
        freight.provinces if freight else (),
        free_from and free_from - (whole - surcharge),
    )


def _line(
    row: Any, units: int, seen: Money | None, offer: Offer | None, priced: Priced | None
) -> CartLineShown:
    base = offer.composition.price if offer else seen or ZERO
    laddered = offer.ladder_price(units) if offer else base
    cost = offer.reduced(laddered) if offer else base
    surcharge = priced.surcharge if priced else ZERO
    return CartLineShown(
        specification_id=row.specification_id,
        slug=row.slug,
        product_name=row.product_name,
        product_name_en=row.product_name_en,
        specification_name=row.specification_name,
        specification_name_en=row.specification_name_en,
        unit=row.unit,
        unit_en=row.unit_en,
        units=units,
        available=offer.available if offer else 0,
        price=cost + surcharge,
        list_price=base,
        seen_price=seen or base,
        ladder_off=base - laddered,
        discount=laddered - cost,
        surcharge=surcharge,
        composition=priced.composition if priced else None,
        amount=priced.amount if priced else ZERO,
        next_step=_next_step(offer, units) if offer else None,
        trouble=_trouble(units, seen, offer),
        fresh=row.fresh,
    )


def _next_step(offer: Offer, units: int) -> NextStep | None:
    """The next rung that can be reached with what is left, at this buyer's prices."""
    steps = tuple((from_units, offer.reduced(price)) for from_units, price in offer.steps)
    step = next_step(offer.reduced(offer.composition.price), steps, units)
    return step if step and units + step.more_units <= offer.available else None


def _trouble(units: int, seen: Money | None, offer: Offer | None) -> Trouble | None:
    if offer is None:
        return Trouble.GONE
    if offer.available == 0:
        return Trouble.SOLD_OUT
    if offer.available < units:
        return Trouble.TOO_FEW
    if seen is not None and seen != offer.composition.price:
        return Trouble.PRICE_CHANGED
    return None
