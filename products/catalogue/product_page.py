"""Reading one product: its specifications, prices, lots on sale, and the households behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, and_, func, select
from sqlalchemy.orm import Session

from products.catalogue import shelf
from products.catalogue.models import PriceComposition, Product, Specification
from products.catalogue.queries import composition_of, discounts_on, ladders, prices_on
from products.catalogue.rules import (
    Composition,
    NextStep,
    Reduction,
    at_price,
    next_step,
    per_100_grams,
    reduced,
)
from products.catalogue.states import Category
from products.households.consents import consents
from products.households.models import Household, Village
from products.households.states import ConsentPurpose
from shop.core.errors import NotFound
from shop.core.money import Money
from shop.organisations.models import County, Organisation

#: Households of one village that did not consent are named by village from this many on.
FEWEST_TO_COUNT_BY_VILLAGE = 3


@dataclass(frozen=True, slots=True)
class Rung:
    """One row of the ladder table: from so many units to so many (None: and more).

    `before` is its price without the discount; `composition` is at the price that is paid.
    """

    from_units: int
    to_units: int | None
    before: Money
    composition: Composition


@dataclass(frozen=True, slots=True)
class LotOnSale:
    """A packed lot one can buy from today."""

    number: str
    trace_code: str
    harvest_from: date
    harvest_to: date
    best_before: date
    certificate: str
    left: int


@dataclass(frozen=True, slots=True)
class SpecificationShown:
    """A specification with all a buyer asks about it; `rungs` has one row without a ladder.

    `list_price` is what one costs without a discount, `composition` what a single one pays for.
    """

    public_id: str
    name: str
    name_en: str
    unit: str
    unit_en: str
    net_grams: int
    list_price: Money
    composition: Composition
    per_100_grams: Money
    rungs: tuple[Rung, ...]
    next_step: NextStep | None
    available: int
    lots: tuple[LotOnSale, ...]


@dataclass(frozen=True, slots=True)
class VillageShown:
    """A village: names of households that consented, most value first (pages mask them).

    `others` counts those that did not, or is zero where they are too few to be told by village.
    """

    public_id: str
    name: str
    name_en: str
    names: tuple[str, ...]
    others: int


@dataclass(frozen=True, slots=True)
class Households:
    """Who stands behind the lots on sale; `elsewhere` counts those told by no village."""

    villages: tuple[VillageShown, ...]
    elsewhere: int
    total: int


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A product as its page shows it, with one of its specifications chosen."""

    slug: str
    name: str
    name_en: str
    grade: str
    grade_en: str
    category: Category
    season: str
    season_en: str
    story: str
    story_en: str
    county: str
    county_en: str
    county_code: str
    cooperative: str
    cooperative_en: str
    indicated: bool
    fresh: bool
    shelf_life_days: int
    chosen: SpecificationShown
    specifications: tuple[SpecificationShown, ...]
    households: Households


def product_page(
    tx: Session,
    *,
    slug: str,
    specification_id: str | None,
    day: date,
    union_id: int | None = None,
) -> ProductPage:
    """Everything on the page of one product, in five statements.

    Args:
        specification_id: the one to show; unknown or None shows the first in stock.
        day: whose prices, discounts, best-before dates and consents count.
        union_id: internal key of the union the reader buys for; its own discounts count.

    Raises:
        NotFound: no such product is on offer.
    """
    current = prices_on(day)
    rows = tx.execute(
        select(Product, County, Organisation, Specification, PriceComposition)
        .join(County, County.id == Product.county_id)
        .join(Organisation, Organisation.id == Product.cooperative_id)
        .join(Specification, Specification.product_id == Product.id)
        .join(current, current.c.specification_id == Specification.id)
        .join(PriceComposition, PriceComposition.id == current.c.id)
        .where(Product.slug == slug, Product.listed)
        .order_by(Specification.net_grams, Specification.id)
    ).all()
    if not rows:
        raise NotFound()
    product, county, cooperative, *_rest = rows[0]
    lots = _lots(tx, product.id, day)
    steps = ladders(tx, [price.id for *_names, price in rows])
    discounts = discounts_on(tx, [row[3].id for row in rows], day, union_id)
    shown = [
        _shown(
            specification,
            price,
            steps.get(price.id, ()),
            discounts.get(specification.id, ()),
            lots.get(specification.id, ()),
        )
        for _product, _county, _cooperative, specification, price in rows
    ]
    in_stock = next((one for one in shown if one.available), shown[0])
    chosen = next((one for one in shown if one.public_id == specification_id), in_stock)
    return ProductPage(
        slug=product.slug,
        name=product.name,
        name_en=product.name_en,
        grade=product.grade,
        grade_en=product.grade_en,
        category=product.category,
        season=product.season,
        season_en=product.season_en,
        story=product.story,
        story_en=product.story_en,
        county=county.name,
        county_en=county.name_en,
        county_code=county.code,
        cooperative=cooperative.name,
        cooperative_en=cooperative.name_en,
        indicated=product.geographical_indication,
        fresh=product.fresh,
        shelf_life_days=product.shelf_life_days,
        chosen=chosen,
        specifications=tuple(shown),
        households=_households(tx, product.id, day),
    )


def _shown(
    specification: Specification,
    price: PriceComposition,
    steps: tuple[tuple[int, Money], ...],
    discounts: tuple[Reduction, ...],
    lots: tuple[LotOnSale, ...],
) -> SpecificationShown:
    base = composition_of(price)
    starts = [(1, base.price), *steps]
    paid = [(units, reduced(base, cost, discounts)) for units, cost in starts]
    rungs = tuple(
        Rung(
            from_units,
            starts[i + 1][0] - 1 if i + 1 < len(starts) else None,
            starts[i][1],
            at_price(base, cost, price.tax_class),
        )
        for i, (from_units, cost) in enumerate(paid)
    )
    return SpecificationShown(
        public_id=specification.public_id,
        name=specification.name,
        name_en=specification.name_en,
        unit=specification.unit,
        unit_en=specification.unit_en,
        net_grams=specification.net_grams,
        list_price=base.price,
        composition=rungs[0].composition,
        per_100_grams=per_100_grams(paid[0][1], specification.net_grams),
        rungs=rungs,
        next_step=next_step(paid[0][1], paid[1:], 1),
        available=sum(lot.left for lot in lots),
        lots=lots,
    )


def _lots(tx: Session, product_id: int, day: date) -> dict[int, tuple[LotOnSale, ...]]:
    """The lots on sale by specification, in the order in which they are sold."""
    lot = shelf.lot
    rows = tx.execute(
        select(lot, shelf.UNITS_LEFT.label("left"))
        .join(Specification, Specification.id == lot.c.specification_id)
        .where(Specification.product_id == product_id, shelf.on_sale(day))
        .order_by(lot.c.best_before, lot.c.id)
    )
    found: dict[int, tuple[LotOnSale, ...]] = {}
    for row in rows:
        one = LotOnSale(
            row.number,
            row.trace_code or "",
            row.harvest_from,
            row.harvest_to,
            row.best_before,
            row.certificate,
            row.left,
        )
        found[row.specification_id] = (*found.get(row.specification_id, ()), one)
    return found


def _households(tx: Session, product_id: int, day: date) -> Households:
    lot, share = shelf.lot, shelf.lot_share
    value = func.sum(share.c.value_fen).cast(BigInteger)
    rows = tx.execute(
        select(
            Household.name,
            Village.public_id.label("village_id"),
            Village.name.label("village"),
            Village.name_en.label("village_en"),
            consents(ConsentPurpose.NAME, day).label("consents"),
        )
        .join(Village, Village.id == Household.village_id)
        .join(share, share.c.household_id == Household.id)
        .join(lot, and_(lot.c.id == share.c.lot_id, lot.c.share_version == share.c.version))
        .join(Specification, Specification.id == lot.c.specification_id)
        .where(and_(Specification.product_id == product_id, shelf.on_sale(day)))
        .group_by(
            Household.id,
            Household.name,
            Village.id,
            Village.public_id,
            Village.name,
            Village.name_en,
        )
        .order_by(Village.id, value.desc(), Household.public_id)
    ).all()
    villages: dict[tuple[str, str, str], list[tuple[str, bool]]] = {}
    for row in rows:
        village = (row.village_id, row.village, row.village_en)
        villages.setdefault(village, []).append((row.name, row.consents))
    shown, elsewhere = [], 0
    for village, people in villages.items():
        names = tuple(name for name, consents in people if consents)
        others = len(people) - len(names)
        if others < FEWEST_TO_COUNT_BY_VILLAGE:
            elsewhere, others = elsewhere + others, 0
        if names or others:
            shown.append(VillageShown(*village, names, others))
    return Households(tuple(shown), elsewhere, len(rows))
