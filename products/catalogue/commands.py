"""Listing what is sold: products and their specifications. Prices are `products.prices`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.catalogue.models import Product, Specification
from products.catalogue.states import Category
from products.catalogue.words import findable
from shop.core import audit
from shop.core.actors import Actor
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
    )
    return _add(tx, specification, product.cooperative_id, actor, now)


def _add(
    tx: Session, thing: Product | Specification, cooperative: int, actor: Actor, now: datetime
) -> str:
    """Write a new product or specification down and into the log; returns its public id."""
    tx.add(thing)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=thing.__tablename__,
        thing=thing.public_id,
        action="add",
        organisation_id=cooperative,
    )
    return thing.public_id


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
