"""Reading the catalogue: cards, counts beside each filter, and help when nothing is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, select, true, type_coerce
from sqlalchemy.orm import Session
from sqlalchemy.sql.selectable import Subquery

from products.catalogue import shelf
from products.catalogue.filters import PER_PAGE, Sort, Wanted
from products.catalogue.models import Product, Specification
from products.catalogue.queries import best_discounts, paid, prices_on
from products.catalogue.rules import per_100_grams
from products.catalogue.states import Category
from products.catalogue.words import normalised, pinyin
from shop.core import db
from shop.core.money import Money
from shop.organisations.models import County

MOST_WORDS = 5
LIKE_ENOUGH = 0.6


@dataclass(frozen=True, slots=True)
class Card:
    """A product as it stands in a list: its best-placed specification speaks for it.

    `price` is what one costs this buyer, `list_price` what it would cost without a discount.

    `several`: there are more specifications. `harvest_to` is the newest harvest on sale, if any.
    """

    slug: str
    name: str
    name_en: str
    category: Category
    grade: str
    grade_en: str
    county: str
    county_en: str
    specification: str
    specification_en: str
    unit: str
    unit_en: str
    net_grams: int
    list_price: Money
    price: Money
    per_100_grams: Money
    several: bool
    available: int
    harvest_to: date | None
    indicated: bool
    fresh: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter: how many products it would show, and whether it is chosen."""

    value: str
    label: str
    label_en: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facets:
    """Every filter with its counts, and how many products the whole wish finds."""

    categories: tuple[Choice, ...]
    counties: tuple[Choice, ...]
    in_stock: int
    indicated: int
    total: int


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """One page of the catalogue. `pages` is at least one."""

    wanted: Wanted
    cards: tuple[Card, ...]
    facets: Facets
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Near:
    """A product whose name sounds like what was searched for."""

    slug: str
    name: str
    name_en: str


def browse(tx: Session, wanted: Wanted, day: date, *, union_id: int | None = None) -> CataloguePage:
    """One page of the catalogue for a wish, in two statements: the counts, then the cards.

    A page beyond the last shows the last.

    Args:
        union_id: internal key of the union the reader buys for; its own discounts count.
    """
    offered = _offered(day, wanted.words, union_id)
    facets = _facets(tx, offered, wanted)
    pages = max(1, -(-facets.total // PER_PAGE))
    page = min(wanted.page, pages)
    cards = _cards(tx, offered, wanted, page) if facets.total else ()
    return CataloguePage(wanted, cards, facets, page, pages)


def in_season(
    tx: Session, day: date, limit: int, *, union_id: int | None = None
) -> tuple[Card, ...]:
    """What was harvested last and is on sale, the newest first, at most `limit` products."""
    offered = _offered(day, "", union_id)
    rows = tx.execute(
        select(offered)
        .where(offered.c.available > 0)
        .order_by(offered.c.harvest_to.desc(), offered.c.id)
        .limit(limit)
    )
    return tuple(_card(row) for row in rows)


def near(tx: Session, words: str, limit: int = 4) -> tuple[Near, ...]:
    """Products whose names sound like the words, the nearest first; for an empty result.

    Reads all names: a catalogue of a region has some hundreds.
    """
    sound = pinyin(normalised(words)).replace(" ", "")
    rows = tx.execute(
        select(Product.slug, Product.name, Product.name_en)
        .where(Product.listed)
        .order_by(Product.id)
    )
    scored = [(_likeness(sound, row.name, row.name_en), row) for row in rows]
    best = sorted((s for s in scored if s[0] >= LIKE_ENOUGH), key=lambda s: -s[0])
    return tuple(Near(row.slug, row.name, row.name_en) for _likeness_, row in best[:limit])


def _likeness(sound: str, name: str, name_en: str) -> float:
    """How much of what was typed sounds like part of a name, from 0 to 1."""
    best = 0.0
    for heard in (pinyin(normalised(name)), normalised(name_en).replace(" ", "")):
        piece = heard[: len(sound) + 1]
        for text in (piece, heard):
            best = max(best, SequenceMatcher(None, sound, text, autojunk=False).ratio())
    return best


def _offered(day: date, words: str, union_id: int | None) -> Subquery:
    """One row per product on offer, with the specification that speaks for it.

    In stock goes before sold out, then the cheaper. `said` tells whether the words find it.
    """
    stock, current = shelf.stock(day), prices_on(day)
    best = best_discounts(day, union_id)
    costs = paid(current, best)
    available = func.coalesce(stock.c.available, 0).label("available")
    place = (
        func.row_number()
        .over(
            partition_by=Product.id,
            order_by=(
                case((available > 0, 0), else_=1),
                costs,
                Specification.id,
            ),
        )
        .label("place")
    )
    many = func.count().over(partition_by=Product.id).label("specifications")
    ranked = (
        select(
            Product.id,
            Product.slug,
            Product.name,
            Product.name_en,
            Product.grade,
            Product.grade_en,
            Product.category,
            Product.geographical_indication.label("indicated"),
            Product.fresh,
            County.id.label("county_id"),
            County.code.label("county_code"),
            County.name.label("county"),
            County.name_en.label("county_en"),
            Specification.name.label("specification"),
            Specification.name_en.label("specification_en"),
            Specification.unit,
            Specification.unit_en,
            Specification.net_grams,
            current.c.price.label("list_price"),
            type_coerce(costs, db.MoneyColumn()).label("price"),
            available,
            stock.c.harvest_to,
            case((and_(true(), *_says(words)), 1), else_=0).label("said"),
            place,
            many,
        )
        .join(County, County.id == Product.county_id)
        .join(Specification, Specification.product_id == Product.id)
        .join(current, current.c.specification_id == Specification.id)
        .outerjoin(best, best.c.specification_id == Specification.id)
        .outerjoin(stock, stock.c.specification_id == Specification.id)
        .where(Product.listed)
        .subquery("ranked")
    )
    return select(ranked).where(ranked.c.place == 1).subquery("offered")


def _says(words: str) -> list[ColumnElement[bool]]:
    """Every word, wherever it stands: in the name, its pinyin, its initials, county or grade."""
    return [
        Product.search_text.contains(word, autoescape=True)
        for word in normalised(words).split()[:MOST_WORDS]
    ]


def _facets(tx: Session, offered: Subquery, wanted: Wanted) -> Facets:
    """The counts beside the filters: each as if its own filter were not set, the others were."""
    stocked = (offered.c.available > 0).label("stocked")
    keys = (
        offered.c.category,
        offered.c.county_id,
        offered.c.county_code,
        offered.c.county,
        offered.c.county_en,
        offered.c.indicated,
        offered.c.said,
        stocked,
    )
    rows = tx.execute(
        select(*keys, func.count().label("products")).group_by(*keys).order_by(offered.c.county_id)
    ).all()

    passes: dict[str, Callable[[Any], bool]] = {
        "category": lambda row: not wanted.categories or row.category in wanted.categories,
        "county_code": lambda row: not wanted.counties or row.county_code in wanted.counties,
        "stocked": lambda row: not wanted.in_stock or bool(row.stocked),
        "indicated": lambda row: not wanted.indicated or bool(row.indicated),
        "said": lambda row: bool(row.said),
    }

    def count(column: str, value: object) -> int:
        others = [test for name, test in passes.items() if name != column]
        return sum(
            row.products
            for row in rows
            if getattr(row, column) == value and all(test(row) for test in others)
        )

    places = dict.fromkeys((row.county_code, row.county, row.county_en) for row in rows)
    return Facets(
        categories=tuple(
            Choice(
                category.value,
                category.label,
                category.label,
                count("category", category),
                category in wanted.categories,
            )
            for category in Category
        ),
        counties=tuple(
            Choice(code, name, name_en, count("county_code", code), code in wanted.counties)
            for code, name, name_en in places
        ),
        in_stock=count("stocked", True),
        indicated=count("indicated", True),
        total=sum(row.products for row in rows if all(test(row) for test in passes.values())),
    )


def _cards(tx: Session, offered: Subquery, wanted: Wanted, page: int) -> tuple[Card, ...]:
    tests: list[ColumnElement[bool]] = [offered.c.said == 1]
    if wanted.categories:
        tests.append(offered.c.category.in_(wanted.categories))
    if wanted.counties:
        tests.append(offered.c.county_code.in_(wanted.counties))
    if wanted.in_stock:
        tests.append(offered.c.available > 0)
    if wanted.indicated:
        tests.append(offered.c.indicated)
    rows = tx.execute(
        select(offered)
        .where(*tests)
        .order_by(*_order(offered, wanted.sort), offered.c.id)
        .limit(PER_PAGE)
        .offset((page - 1) * PER_PAGE)
    )
    return tuple(_card(row) for row in rows)


def _order(offered: Subquery, sort: Sort) -> tuple[ColumnElement[Any], ...]:
    """Sold out always comes last; prices compare in thousandths of a fen per gram."""
    stocked = case((offered.c.available > 0, 0), else_=1)
    newest = offered.c.harvest_to.desc().nulls_last()
    if sort is Sort.PRICE:
        return stocked, type_coerce(offered.c.price, BigInteger) * 1000 // offered.c.net_grams
    if sort is Sort.HARVEST:
        return stocked, newest
    return stocked, offered.c.indicated.desc(), newest


def _card(row: Any) -> Card:
    return Card(
        slug=row.slug,
        name=row.name,
        name_en=row.name_en,
        category=row.category,
        grade=row.grade,
        grade_en=row.grade_en,
        county=row.county,
        county_en=row.county_en,
        specification=row.specification,
        specification_en=row.specification_en,
        unit=row.unit,
        unit_en=row.unit_en,
        net_grams=row.net_grams,
        list_price=row.list_price,
        price=row.price,
        per_100_grams=per_100_grams(row.price, row.net_grams),
        several=row.specifications > 1,
        available=row.available,
        harvest_to=row.harvest_to,
        indicated=bool(row.indicated),
        fresh=bool(row.fresh),
    )
