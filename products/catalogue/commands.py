"""Listing what is sold: products, their specifications, prices and ladders."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from products.catalogue.models import PriceComposition, PriceStep, Product, Specification
from products.catalogue.rules import Composition, Steps, ladder_fits, tax_inside
from products.catalogue.states import Category, TaxClass
from products.catalogue.words import findable
from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission
from shop.organisations.models import County, Organisation, OrganisationKind


class SlugTaken(Refusal):
    """Two products cannot share one page address."""

    code = "slug_taken"
    sentence = N_("这个网页地址已有别的产品在用，请换一个。")
    field = "slug"


class SpecificationNameTaken(Refusal):
    """Two specifications of one product need two names."""

    code = "specification_name_taken"
    sentence = N_("这个产品已有同名的规格，请换一个名称。")
    field = "name"


class NoWeight(Refusal):
    """A specification has contents that weigh something."""

    code = "no_weight"
    sentence = N_("净含量要大于零克。")
    status = 422
    field = "net_grams"


class TaxDoesNotFit(Refusal):
    """The tax inside a price follows from its rate; it is not a matter of choice."""

    code = "tax_does_not_fit"
    sentence = N_("按税类计算，这个价格内含税 %(tax)s 元，请照此填写价格构成。")
    status = 422
    field = "tax"


class PriceStands(Refusal):
    """A price that began on a day is not rewritten; a new one begins on another day."""

    code = "price_stands"
    sentence = N_("这个规格从这一天起已有定价，请换一个生效日期。")
    field = "from_day"


class NoPriceYet(Refusal):
    """A ladder starts from a price."""

    code = "no_price_yet"
    sentence = N_("这个规格还没有定价，请先定价，再设阶梯价。")


class LadderDoesNotFall(Refusal):
    """A ladder climbs in units and falls in price, from below the base price."""

    code = "ladder_does_not_fall"
    sentence = N_("阶梯价要一级比一级数量多、单价低，并且低于单件价 %(price)s 元。")
    status = 422
    field = "steps"


@command
def add_product(
    tx: Session,
    *,
    cooperative_id: str,
    county: str,
    slug: str,
    name: str,
    name_en: str,
    category: Category,
    shelf_life_days: int,
    actor: Actor,
    now: datetime,
    grade: str = "",
    grade_en: str = "",
    season: str = "",
    season_en: str = "",
    story: str = "",
    story_en: str = "",
    geographical_indication: bool = False,
    fresh: bool = False,
) -> str:
    """Put a product on the shop front (上架). Without a specification and a price it stays unseen.

    Args:
        cooperative_id: public id of the cooperative that sells it.
        county: code of the county it comes from.
        slug: names its page and its picture, ``gougunao-tejia``.
        fresh: it spoils, so it is accepted sooner and cannot be returned at will.

    Returns:
        The product's public id.

    Raises:
        NotFound, NotAllowed: see `Actor.require`, for `catalogue:edit` at the cooperative.
        SlugTaken: another product has this slug.
    """
    cooperative = _cooperative(tx, cooperative_id, actor)
    place = _county(tx, county)
    if tx.execute(select(Product.id).where(Product.slug == slug)).first():
        raise SlugTaken()
    product = Product(
        cooperative_id=cooperative,
        county_id=place.id,
        slug=slug,
        name=name,
        name_en=name_en,
        category=category,
        grade=grade,
        grade_en=grade_en,
        season=season,
        season_en=season_en,
        story=story,
        story_en=story_en,
        geographical_indication=geographical_indication,
        fresh=fresh,
        shelf_life_days=shelf_life_days,
        search_text=findable(name, category.label, grade, place.name, name_en, place.name_en),
    )
    return _add(tx, product, cooperative, actor, now)


@command
def add_specification(
    tx: Session,
    *,
    product_id: str,
    name: str,
    name_en: str,
    unit: str,
    unit_en: str,
    net_grams: int,
    tax_class: TaxClass,
    actor: Actor,
    now: datetime,
) -> str:
    """Add a way a product is packed (规格), such as the 250 g tin.

    Args:
        unit: the counting word, 罐 or 盒.
        net_grams: what one unit contains, in grams.

    Returns:
        The specification's public id.

    Raises:
        NotFound, NotAllowed: see `Actor.require`, for `catalogue:edit` at the cooperative.
        SpecificationNameTaken: the product has one of this name.
        NoWeight: `net_grams` is not above zero.
    """
    product = tx.execute(
        select(Product).where(Product.public_id == product_id)
    ).scalar_one_or_none()
    if product is None:
        raise NotFound()
    actor.require(Permission.CATALOGUE_EDIT, product.cooperative_id)
    if net_grams <= 0:
        raise NoWeight()
    if tx.execute(
        select(Specification.id).where(
            Specification.product_id == product.id, Specification.name == name
        )
    ).first():
        raise SpecificationNameTaken()
    specification = Specification(
        product_id=product.id,
        name=name,
        name_en=name_en,
        unit=unit,
        unit_en=unit_en,
        net_grams=net_grams,
        tax_class=tax_class,
    )
    return _add(tx, specification, product.cooperative_id, actor, now)


@command
def set_price(
    tx: Session,
    *,
    specification_id: str,
    from_day: date,
    composition: Composition,
    actor: Actor,
    now: datetime,
) -> None:
    """Set what one unit costs, and what of it goes to whom, from a day on (定价).

    Orders keep the copy they were placed with; a ladder stays, and where it has become dearer
    than the new price it is passed over.

    Args:
        from_day: the first Shanghai day of the price.

    Raises:
        NotFound, NotAllowed: see `Actor.require`, for `catalogue:edit` at the cooperative.
        TaxDoesNotFit: the tax part is not what the tax class computes from the price.
        PriceStands: a price already begins on that day.

    Rule: docs/money.md, “Price composition”.
    """
    specification, cooperative = _locked(tx, specification_id, actor)
    tax = tax_inside(composition.price, specification.tax_class)
    if composition.tax != tax:
        raise TaxDoesNotFit(tax=str(tax))
    if tx.execute(
        select(PriceComposition.id).where(
            PriceComposition.specification_id == specification.id,
            PriceComposition.from_day == from_day,
        )
    ).first():
        raise PriceStands()
    tx.add(
        PriceComposition(
            specification_id=specification.id,
            from_day=from_day,
            price=composition.price,
            households=composition.households,
            processing=composition.processing,
            packing=composition.packing,
            freight=composition.freight,
            cooperative=composition.cooperative,
            platform=composition.platform,
            tax=composition.tax,
        )
    )
    _note(
        tx,
        specification,
        "set_price",
        cooperative,
        actor,
        now,
        from_day=from_day.isoformat(),
        price_fen=composition.price.fen,
    )


@command
def set_ladder(
    tx: Session, *, specification_id: str, steps: Steps, actor: Actor, now: datetime
) -> None:
    """Replace the price ladder (阶梯价) of a specification; no steps take it away.

    Args:
        steps: (from units, price of each), ascending; every step sells for less than the last.

    Raises:
        NotFound, NotAllowed: see `Actor.require`, for `catalogue:edit` at the cooperative.
        NoPriceYet: no price holds today and none is to come.
        LadderDoesNotFall: the steps do not climb in units and fall in price.
    """
    specification, cooperative = _locked(tx, specification_id, actor)
    price = _price_for_ladder(tx, specification.id, day_of(now))
    if price is None:
        raise NoPriceYet()
    if not ladder_fits(price.price, steps):
        raise LadderDoesNotFall(price=str(price.price))
    tx.execute(delete(PriceStep).where(PriceStep.specification_id == specification.id))
    tx.add_all(
        PriceStep(specification_id=specification.id, from_units=from_units, price=step)
        for from_units, step in steps
    )
    _note(
        tx,
        specification,
        "set_ladder",
        cooperative,
        actor,
        now,
        steps=[[from_units, step.fen] for from_units, step in steps],
    )


def _add(
    tx: Session, thing: Product | Specification, cooperative: int, actor: Actor, now: datetime
) -> str:
    """Write a new product or specification down and into the log; returns its public id."""
    tx.add(thing)
    tx.flush()
    _note(tx, thing, "add", cooperative, actor, now)
    return thing.public_id


def _note(
    tx: Session,
    thing: Product | Specification,
    action: str,
    cooperative: int,
    actor: Actor,
    now: datetime,
    **facts: Any,
) -> None:
    """Write an act upon a product or a specification into the log."""
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=thing.__tablename__,
        thing=thing.public_id,
        action=action,
        organisation_id=cooperative,
        **facts,
    )


def _county(tx: Session, code: str) -> County:
    found = tx.execute(select(County).where(County.code == code)).scalar_one_or_none()
    if found is None:
        raise NotFound(field="county")
    return found


def _cooperative(tx: Session, cooperative_id: str, actor: Actor) -> int:
    """The internal key of a cooperative whose catalogue the actor may edit."""
    found = tx.execute(
        select(Organisation.id).where(
            Organisation.public_id == cooperative_id,
            Organisation.kind == OrganisationKind.COOPERATIVE,
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFound()
    actor.require(Permission.CATALOGUE_EDIT, found)
    return found


def _locked(tx: Session, specification_id: str, actor: Actor) -> tuple[Specification, int]:
    """A specification for writing, and the internal key of the cooperative that sells it."""
    found = tx.execute(
        select(Specification, Product.cooperative_id)
        .join(Product, Product.id == Specification.product_id)
        .where(Specification.public_id == specification_id)
        .with_for_update(of=Specification)
    ).one_or_none()
    if found is None:
        raise NotFound()
    specification, cooperative = found
    actor.require(Permission.CATALOGUE_EDIT, cooperative)
    return specification, cooperative


def _price_for_ladder(tx: Session, specification: int, day: date) -> PriceComposition | None:
    """The price that holds on a day, or the first to come when none does yet."""
    prices = (
        tx.execute(
            select(PriceComposition)
            .where(PriceComposition.specification_id == specification)
            .order_by(PriceComposition.from_day)
        )
        .scalars()
        .all()
    )
    begun = [price for price in prices if price.from_day <= day]
    return begun[-1] if begun else next(iter(prices), None)
