"""A small shop front for tests: products of two counties, priced, some with lots on sale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from products.catalogue import commands
from products.catalogue.models import Specification
from products.catalogue.rules import Composition, tax_inside
from products.catalogue.states import Category, TaxClass
from products.households.models import Consent, Household, Village
from products.lots.models import Lot, LotShare
from products.lots.states import LotKind
from shop.core import clock, db
from shop.core.actors import CLOCK
from shop.core.money import ZERO, Money, yuan
from shop.organisations.models import County, Organisation, OrganisationKind
from tests.prices import priced

DAY = date(2026, 4, 20)
NOW = clock.at(DAY, 10)


def split(price: Money, tax_class: TaxClass = TaxClass.EXEMPT) -> Composition:
    """A composition of a price: six tenths to the households, the tax, the rest elsewhere."""
    tax = tax_inside(price, tax_class)
    households = Money(price.fen * 6 // 10)
    freight = Money(price.fen // 20)
    return Composition(
        price, households, ZERO, ZERO, freight, price - households - freight - tax, ZERO, tax
    )


@dataclass
class Shelves:
    """Products by slug: the public ids of their specifications."""

    cooperative: str
    specifications: dict[str, str]

    def __getitem__(self, slug: str) -> str:
        return self.specifications[slug]


def list_product(
    cooperative_id: str,
    slug: str,
    name: str,
    price: str,
    *,
    county: str = "suichuan",
    category: Category = Category.TEA,
    grade: str = "",
    net_grams: int = 250,
    tax_class: TaxClass = TaxClass.EXEMPT,
    ladder: tuple[tuple[int, Money], ...] = (),
    gi: bool = False,
    fresh: bool = False,
    since: date = DAY - timedelta(30),
) -> str:
    """A product with one specification at a price; returns the specification's public id."""
    product = commands.add_product(
        cooperative_id=cooperative_id,
        county=county,
        slug=slug,
        name=name,
        name_en=slug.replace("-", " "),
        category=category,
        grade=grade,
        shelf_life_days=540,
        geographical_indication=gi,
        fresh=fresh,
        actor=CLOCK,
        now=NOW,
    )
    specification = commands.add_specification(
        product_id=product,
        name=f"{net_grams} 克装",
        name_en=f"{net_grams} g",
        unit="罐",
        unit_en="tin",
        net_grams=net_grams,
        actor=CLOCK,
        now=NOW,
    )
    priced(specification, since, split(yuan(price), tax_class), tax_class=tax_class, steps=ladder)
    return specification


def stock(
    specification_id: str,
    units: int,
    *,
    number: str,
    harvest: date = DAY - timedelta(15),
    best_before: date = DAY + timedelta(500),
    households: tuple[int, ...] = (),
) -> int:
    """A packed lot on the shelf, written straight into the table; returns its key."""
    with db.database().writing() as tx:
        specification = tx.execute(
            select(Specification).where(Specification.public_id == specification_id)
        ).scalar_one()
        lot = Lot(
            number=number,
            kind=LotKind.PACKED,
            cooperative_id=tx.execute(
                select(Organisation.id).where(Organisation.kind == OrganisationKind.COOPERATIVE)
            )
            .scalars()
            .first(),
            category=Category.TEA,
            name="成品",
            grams=units * specification.net_grams,
            specification_id=specification.id,
            units=units,
            harvest_from=harvest,
            harvest_to=harvest,
            made_at=NOW,
            best_before=best_before,
            trace_code=number[-9:].rjust(9, "0"),
        )
        tx.add(lot)
        tx.flush()
        tx.add_all(
            LotShare(lot_id=lot.id, household_id=h, milligrams=1, value=Money(100), paid=ZERO)
            for h in households
        )
        return lot.id


def households(*people: tuple[str, str, bool]) -> tuple[int, ...]:
    """Households as (name, village, consents); returns their keys."""
    keys = []
    with db.database().writing() as tx:
        county = tx.execute(select(County.id)).scalars().first()
        coop = (
            tx.execute(
                select(Organisation.id).where(Organisation.kind == OrganisationKind.COOPERATIVE)
            )
            .scalars()
            .first()
        )
        villages: dict[str, Village] = {}
        for number, (name, village, consents) in enumerate(people):
            if village not in villages:
                villages[village] = Village(county_id=county, township="大汾镇", name=village)
                tx.add(villages[village])
                tx.flush()
            household = Household(
                cooperative_id=coop,
                village_id=villages[village].id,
                name=name,
                identity_sealed=None,
                phone_sealed=None,
                code=f"X{number:08d}",
                pin_hash="-",
                registered_at=NOW - timedelta(400),
            )
            tx.add(household)
            tx.flush()
            if consents:
                tx.add(Consent(household_id=household.id, given_on=DAY - timedelta(100)))
            keys.append(household.id)
    return tuple(keys)


def at(days: int) -> datetime:
    """Ten in the morning, so many days from the day these tests take place."""
    return clock.at(DAY + timedelta(days), 10)
