"""Reading what can be bought, at which price, made up of what."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, or_, select, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from products.catalogue import shelf
from products.catalogue.models import (
    Discount,
    PriceComposition,
    PriceStep,
    Product,
    Specification,
)
from products.catalogue.rules import Composition, Reduction, reduced, unit_price
from products.catalogue.states import PriceState, TaxClass
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class Offer:
    """One specification as it can be bought on a day.

    `specification_key`, `cooperative_id` are internal keys; `steps` are (from units, price of
    each), ascending; `reductions` are the discounts this buyer has; `available` counts the units
    nobody has reserved.
    """

    specification_key: int
    specification_id: str
    slug: str
    product_name: str
    product_name_en: str
    specification_name: str
    specification_name_en: str
    unit: str
    unit_en: str
    net_grams: int
    cooperative_id: int
    fresh: bool
    tax_class: TaxClass
    composition: Composition
    steps: tuple[tuple[int, Money], ...]
    reductions: tuple[Reduction, ...]
    available: int

    def ladder_price(self, units: int) -> Money:
        """What each of so many units costs before a discount."""
        return unit_price(self.composition.price, self.steps, units)

    def reduced(self, price: Money) -> Money:
        """A listed or ladder price after the buyer's best discount."""
        return reduced(self.composition, price, self.reductions)


def offers(
    tx: Session, specification_ids: Collection[str], day: date, *, union_id: int | None = None
) -> dict[str, Offer]:
    """What of these specifications is on offer on a day, by public id; the others are left out.

    On offer means: the product is listed and a price holds on that day. Sold out ones are in,
    with nothing available.

    Args:
        specification_ids: public ids, `spec_…`; unknown ones are ignored.
        day: the Shanghai day whose prices, discounts and best-before dates count.
        union_id: internal key of the union that buys; its own discounts count then.
    """
    if not specification_ids:
        return {}
    stock, current = shelf.stock(day), prices_on(day)
    rows = tx.execute(
        select(Specification, Product, PriceComposition, stock.c.available)
        .join(Product, Product.id == Specification.product_id)
        .join(current, current.c.specification_id == Specification.id)
        .join(PriceComposition, PriceComposition.id == current.c.id)
        .outerjoin(stock, stock.c.specification_id == Specification.id)
        .where(Specification.public_id.in_(specification_ids), Product.listed)
        .order_by(Specification.id)
    ).all()
    steps = ladders(tx, [price.id for _specification, _product, price, _available in rows])
    discounts = discounts_on(tx, [specification.id for specification, *_ in rows], day, union_id)
    return {
        specification.public_id: Offer(
            specification_key=specification.id,
            specification_id=specification.public_id,
            slug=product.slug,
            product_name=product.name,
            product_name_en=product.name_en,
            specification_name=specification.name,
            specification_name_en=specification.name_en,
            unit=specification.unit,
            unit_en=specification.unit_en,
            net_grams=specification.net_grams,
            cooperative_id=product.cooperative_id,
            fresh=product.fresh,
            tax_class=price.tax_class,
            composition=composition_of(price),
            steps=steps.get(price.id, ()),
            reductions=discounts.get(specification.id, ()),
            available=available or 0,
        )
        for specification, product, price, available in rows
    }


def composition_of(row: PriceComposition) -> Composition:
    """A price's row as the value it stands for."""
    return Composition(
        price=row.price,
        households=row.households,
        processing=row.processing,
        packing=row.packing,
        freight=row.freight,
        cooperative=row.cooperative,
        platform=row.platform,
        tax=row.tax,
    )


def prices_on(day: date) -> Subquery:
    """Per specification the price row that holds on a day: the latest approved that began."""
    newest = (
        func.row_number()
        .over(
            partition_by=PriceComposition.specification_id,
            order_by=PriceComposition.from_day.desc(),
        )
        .label("newest")
    )
    ranked = (
        select(
            PriceComposition.id,
            PriceComposition.specification_id,
            PriceComposition.price,
            PriceComposition.households,
            newest,
        )
        .where(PriceComposition.from_day <= day, PriceComposition.state == PriceState.APPROVED)
        .subquery()
    )
    return select(ranked).where(ranked.c.newest == 1).subquery("current_price")


def ladders(tx: Session, compositions: Collection[int]) -> dict[int, tuple[tuple[int, Money], ...]]:
    """The ladders of prices by the price's internal key, each ascending in units."""
    rows = tx.execute(
        select(PriceStep.composition_id, PriceStep.from_units, PriceStep.price)
        .where(PriceStep.composition_id.in_(compositions))
        .order_by(PriceStep.composition_id, PriceStep.from_units)
    )
    found: dict[int, tuple[tuple[int, Money], ...]] = {}
    for composition, from_units, price in rows:
        found[composition] = (*found.get(composition, ()), (from_units, price))
    return found


def discounts_on(
    tx: Session, specifications: Collection[int], day: date, union_id: int | None
) -> dict[int, tuple[Reduction, ...]]:
    """The discounts that hold on a day for all buyers and for this union, by specification."""
    rows = tx.execute(
        select(Discount.specification_id, Discount.price, Discount.percent)
        .where(Discount.specification_id.in_(specifications), _holds(day, union_id))
        .order_by(Discount.id)
    )
    found: dict[int, tuple[Reduction, ...]] = {}
    for specification, price, percent in rows:
        found[specification] = (*found.get(specification, ()), Reduction(price, percent))
    return found


def paid(current: Subquery, best: Subquery) -> ColumnElement[int]:
    """In fen, what one costs after the best discount: `rules.reduced` at the listed price, in SQL.

    Args:
        current: see `prices_on`; best: see `best_discounts`, joined from outside.
    """
    listed = type_coerce(current.c.price, BigInteger)
    promised = type_coerce(current.c.households, BigInteger)
    fixed = _lower(listed, func.coalesce(type_coerce(best.c.price, BigInteger), listed))
    per_cent = (listed * (100 - func.coalesce(best.c.percent, 0)) + 50) // 100
    reduced_to = _lower(fixed, per_cent)
    floor = _lower(promised, listed)
    return case((and_(floor > reduced_to, floor > 0), floor), (reduced_to < 1, 1), else_=reduced_to)


def best_discounts(day: date, union_id: int | None) -> Subquery:
    """Per specification the lowest fixed price and the most per cent off, for this buyer."""
    return (
        select(
            Discount.specification_id,
            func.min(Discount.price).label("price"),
            func.max(Discount.percent).label("percent"),
        )
        .where(_holds(day, union_id))
        .group_by(Discount.specification_id)
        .subquery("best_discount")
    )


def _holds(day: date, union_id: int | None) -> ColumnElement[bool]:
    """Whether a discount counts on a day for all buyers or for this union."""
    for_whom: list[ColumnElement[bool]] = [Discount.union_id.is_(None)]
    if union_id is not None:
        for_whom.append(Discount.union_id == union_id)
    return and_(
        Discount.state == PriceState.APPROVED,
        Discount.from_day <= day,
        Discount.until_day >= day,
        or_(*for_whom),
    )


def _lower(one: ColumnElement[int], other: ColumnElement[int]) -> ColumnElement[int]:
    return case((one < other, one), else_=other)
