"""Reading carts: every line at today's price, what is wrong with it, and the whole cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from orders.budgets.models import Budget
from orders.purchasing.models import CartLine
from orders.purchasing.placing import Line
from products.catalogue.models import Product, Specification
from products.catalogue.queries import Offer, offers
from products.catalogue.rules import NextStep, next_step, unit_price
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission
from shop.organisations.models import Organisation, OrganisationKind
from shop.organisations.queries import OrganisationRow


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose cart it is: a person's own, a person's for a union, or a visitor's."""

    user_id: int | None
    union_id: int | None
    visitor_key: str | None

    def owns(self) -> ColumnElement[bool]:
        """The lines of this cart."""
        if self.user_id is None:
            return CartLine.visitor_key == self.visitor_key
        return (CartLine.user_id == self.user_id) & (
            CartLine.union_id.is_(None)
            if self.union_id is None
            else CartLine.union_id == self.union_id
        )

    def columns(self) -> dict[str, Any]:
        """What a new line of this cart says about its owner."""
        return {
            "user_id": self.user_id,
            "union_id": self.union_id,
            "visitor_key": self.visitor_key,
        }


def owner_of(
    tx: Session, *, actor: Actor, union_id: str | None = None, visitor_key: str | None = None
) -> Owner:
    """Whose cart the actor means.

    Args:
        union_id: public id of a union to gather for; the actor needs `purchase:draft` there.
        visitor_key: of the session; counts only for somebody who is not signed in.

    Raises:
        NotFound, NotAllowed: see `Actor.require`; NotFound also for a visitor without a key.
    """
    if actor.user_id is None:
        if union_id is not None or not visitor_key:
            raise NotFound()
        return Owner(None, None, visitor_key)
    if union_id is None:
        return Owner(actor.user_id, None, None)
    union = tx.execute(
        select(Organisation.id).where(
            Organisation.public_id == union_id, Organisation.kind == OrganisationKind.UNION
        )
    ).scalar_one_or_none()
    if union is None:
        raise NotFound()
    actor.require(Permission.PURCHASE_DRAFT, union)
    return Owner(actor.user_id, union, None)


class Trouble(Labelled):
    """Why a line of the cart cannot be bought as it stands, or what changed about it."""

    GONE = "gone", N_("这件商品已经下架。")
    SOLD_OUT = "sold_out", N_("这一批卖完了，有了下一批再来看看。")
    TOO_FEW = "too_few", N_("库存不够这个数量。")
    PRICE_CHANGED = "price_changed", N_("放进来以后价格有变动。")


@dataclass(frozen=True, slots=True)
class CartLineShown:
    """One line of a cart at today's ladder price.

    `price` is what each unit costs at this number of units, `list_price` what a single one costs,
    `seen_price` what a single one cost when it was put in. A line that is not `buyable` costs
    nothing and stays out of the order.
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
    amount: Money
    next_step: NextStep | None
    trouble: Trouble | None
    fresh: bool

    @property
    def buyable(self) -> bool:
        """Whether the line goes into the order as it stands."""
        return self.trouble in (None, Trouble.PRICE_CHANGED)

    @property
    def saves(self) -> Money:
        """What the ladder takes off each unit."""
        return self.list_price - self.price


@dataclass(frozen=True, slots=True)
class CartGroup:
    """What one cooperative sends: a parcel of its own, and an order of its own."""

    cooperative: str
    cooperative_en: str
    lines: tuple[CartLineShown, ...]
    total: Money


@dataclass(frozen=True, slots=True)
class Cart:
    """A cart as its page shows it; `total` is all a buyer pays, freight and tax included."""

    groups: tuple[CartGroup, ...]
    total: Money
    saved: Money

    @property
    def lines(self) -> tuple[CartLineShown, ...]:
        """All lines, group after group."""
        return tuple(line for group in self.groups for line in group.lines)

    @property
    def order_lines(self) -> tuple[Line, ...]:
        """What can be ordered as it stands: specifications with units."""
        return tuple((line.specification_id, line.units) for line in self.lines if line.buyable)

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


EMPTY = Cart((), ZERO, ZERO)


def cart_of(tx: Session, owner: Owner, day: date) -> Cart:
    """A cart at the prices of a day, in three statements."""
    rows = tx.execute(
        _named(CartLine.units, CartLine.seen_price)
        .join(CartLine, CartLine.specification_id == Specification.id)
        .where(owner.owns())
        .order_by(Organisation.id, CartLine.added_at, CartLine.id)
    ).all()
    return _cart(tx, [(row, row.units, row.seen_price) for row in rows], day)


def cart_from(tx: Session, lines: Sequence[Line], day: date) -> Cart:
    """What these lines cost on a day, whether or not they still lie in a cart.

    Unknown specifications are left out.
    """
    units = dict(lines)
    rows = tx.execute(
        _named().where(Specification.public_id.in_(units)).order_by(Organisation.id, Product.id)
    ).all()
    return _cart(tx, [(row, units[row.specification_id], None) for row in rows], day)


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


def _cart(tx: Session, rows: Iterable[tuple[Any, int, Money | None]], day: date) -> Cart:
    """Price the lines and put them together by cooperative, in the order they come."""
    rows = list(rows)
    on_offer = offers(tx, [row.specification_id for row, _units, _seen in rows], day)
    by_cooperative: dict[tuple[str, str], list[CartLineShown]] = {}
    for row, units, seen in rows:
        line = _line(row, units, seen, on_offer.get(row.specification_id))
        by_cooperative.setdefault((row.cooperative, row.cooperative_en), []).append(line)
    groups = tuple(
        CartGroup(name, name_en, tuple(lines), total([line.amount for line in lines]))
        for (name, name_en), lines in by_cooperative.items()
    )
    saved = total(
        [line.saves * line.units for group in groups for line in group.lines if line.buyable]
    )
    return Cart(groups, total([group.total for group in groups]), saved)


def _line(row: Any, units: int, seen: Money | None, offer: Offer | None) -> CartLineShown:
    base = offer.composition.price if offer else seen or ZERO
    steps = offer.steps if offer else ()
    price = unit_price(base, steps, units)
    trouble = _trouble(units, seen, offer)
    step = next_step(base, steps, units)
    if step and (offer is None or units + step.more_units > offer.available):
        step = None
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
        price=price,
        list_price=base,
        seen_price=seen or base,
        amount=price * units if trouble in (None, Trouble.PRICE_CHANGED) else ZERO,
        next_step=step,
        trouble=trouble,
        fresh=row.fresh,
    )


def _trouble(units: int, seen: Money | None, offer: Offer | None) -> Trouble | None:
    if offer is None:
        return Trouble.GONE
    if offer.available == 0:
        return Trouble.SOLD_OUT
    if offer.available < units:
        return Trouble.TOO_FEW
    prices = {offer.composition.price, *(price for _from_units, price in offer.steps)}
    if seen is not None and seen not in prices:
        return Trouble.PRICE_CHANGED
    return None
