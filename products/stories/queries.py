"""Reading villages and their stories for everybody; consents are asked anew each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, select
from sqlalchemy.orm import Session

from products.catalogue import shelf
from products.catalogue.models import Product, Specification
from products.households.consents import consents
from products.households.models import Household, Village
from products.households.states import ConsentPurpose
from products.lots.models import Delivery, Lot, StandingShare
from products.lots.states import LotState
from products.stories.models import HouseholdStory, VillageStory
from products.stories.rows import (
    CountyTile,
    GoodsOfVillage,
    Tale,
    VillageCard,
    VillageLink,
    VillagePage,
)
from products.stories.rules import may_name_village
from products.stories.states import StoryState
from shop.core.errors import NotFound
from shop.organisations.models import County

#: How far back a village's season is read.
A_YEAR = timedelta(days=365)


def villages(tx: Session, *, day: date) -> tuple[VillageCard, ...]:
    """The villages that tell a story, from north to south."""
    rows = tx.execute(
        _cards(day)
        .where(VillageStory.state == StoryState.PUBLISHED)
        .order_by(County.grid_row, County.grid_column, Village.township, Village.name)
    )
    return tuple(VillageCard(*row) for row in rows)


def tiles(
    tx: Session, cards: Sequence[VillageCard], here: VillageCard | None
) -> tuple[CountyTile, ...]:
    """Every county of the region, with how many of these villages lie in it."""
    told = Counter(card.county for card in cards)
    counties = tx.execute(select(County).order_by(County.grid_row, County.grid_column)).scalars()
    return tuple(
        CountyTile(
            county.name,
            county.name_en,
            county.grid_column,
            county.grid_row,
            told[county.name],
            here is not None and here.county == county.name,
        )
        for county in counties
    )


def village(tx: Session, village_id: str, *, day: date) -> VillagePage:
    """One village: its story, the households that let themselves be seen, its goods on sale.

    Raises:
        NotFound: there is no such village.
    """
    row = tx.execute(
        _cards(day)
        .where(Village.public_id == village_id)
        .add_columns(VillageStory.words, VillageStory.words_en, VillageStory.state, Village.id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    *facts, words, words_en, state, key = row
    told = state is StoryState.PUBLISHED
    if not told:
        facts[9:13] = ["", "", "", ""]
    card = VillageCard(*facts)
    season = tx.execute(
        select(func.min(Lot.harvest_from), func.max(Lot.harvest_to))
        .join(Delivery, Delivery.lot_id == Lot.id)
        .join(Household, Household.id == Delivery.household_id)
        .where(
            Household.village_id == key,
            Lot.state == LotState.RECORDED,
            Lot.harvest_from >= day - A_YEAR,
        )
    ).one()
    return VillagePage(
        card=card,
        words=words if told else "",
        words_en=words_en if told else "",
        told=told,
        names=_names(tx, key, day),
        tales=_tales(tx, key, day),
        goods=_goods(tx, key, day),
        season=(season[0], season[1]) if season[0] else None,
        tiles=tiles(tx, (), card),
    )


def _tales(tx: Session, village_key: int, day: date) -> tuple[Tale, ...]:
    """What households of a village say who consent to their story being told, newest first."""
    named = consents(ConsentPurpose.NAME, day)
    rows = tx.execute(
        select(
            case((named, Household.name), else_=""),
            Village.name,
            Village.name_en,
            HouseholdStory.words,
            HouseholdStory.words_en,
            HouseholdStory.drawing,
        )
        .join(Household, Household.id == HouseholdStory.household_id)
        .join(Village, Village.id == Household.village_id)
        .where(
            Household.village_id == village_key,
            HouseholdStory.state == StoryState.PUBLISHED,
            consents(ConsentPurpose.STORY, day),
        )
        .order_by(HouseholdStory.told_at.desc(), HouseholdStory.id.desc())
    )
    return tuple(Tale(*row) for row in rows)


def villages_behind(tx: Session, lot_id: str, *, day: date) -> tuple[VillageLink, ...]:
    """The villages behind a lot (public id) of which a household there consents to be named."""
    rows = tx.execute(
        select(Village.public_id, Village.name, Village.name_en)
        .join(Household, Household.village_id == Village.id)
        .join(StandingShare, StandingShare.household_id == Household.id)
        .join(Lot, Lot.id == StandingShare.lot_id)
        .where(Lot.public_id == lot_id, consents(ConsentPurpose.NAME, day))
        .group_by(Village.id, Village.public_id, Village.name, Village.name_en)
        .order_by(Village.id)
    )
    return tuple(VillageLink(*row) for row in rows)


def _cards(day: date) -> Select[*tuple[Any, ...]]:
    of_village = select(func.count()).where(Household.village_id == Village.id)
    return (
        select(
            Village.public_id,
            Village.name,
            Village.name_en,
            Village.township,
            County.name,
            County.name_en,
            County.grid_column,
            County.grid_row,
            Village.altitude_m,
            VillageStory.title,
            VillageStory.title_en,
            VillageStory.grows,
            VillageStory.grows_en,
            of_village.scalar_subquery(),
            of_village.where(consents(ConsentPurpose.NAME, day)).scalar_subquery(),
        )
        .join(County, County.id == Village.county_id)
        .outerjoin(VillageStory, VillageStory.village_id == Village.id)
    )


def _names(tx: Session, village_key: int, day: date) -> tuple[str, ...]:
    rows = tx.execute(
        select(Household.name)
        .where(Household.village_id == village_key, consents(ConsentPurpose.NAME, day))
        .order_by(Household.public_id)
    )
    return tuple(rows.scalars())


def _counts(day: date) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """Of the households joined: how many there are, and how many consent to be named."""
    consenting = case((consents(ConsentPurpose.NAME, day), Household.id))
    return func.count(Household.id.distinct()), func.count(consenting.distinct())


def _goods(tx: Session, village_key: int, day: date) -> tuple[GoodsOfVillage, ...]:
    lot, share = shelf.lot, shelf.lot_share
    households, consenting = _counts(day)
    rows = tx.execute(
        select(
            Product.slug,
            Product.name,
            Product.name_en,
            func.count(lot.c.id.distinct()).cast(BigInteger),
            func.max(lot.c.harvest_to),
            households,
            consenting,
        )
        .join(Specification, Specification.product_id == Product.id)
        .join(lot, lot.c.specification_id == Specification.id)
        .join(share, and_(share.c.lot_id == lot.c.id, share.c.version == lot.c.share_version))
        .join(Household, Household.id == share.c.household_id)
        .where(Household.village_id == village_key, Product.listed, shelf.on_sale(day))
        .group_by(Product.id, Product.slug, Product.name, Product.name_en)
        .order_by(func.max(lot.c.harvest_to).desc(), Product.slug)
    )
    return tuple(
        GoodsOfVillage(slug, name, name_en, lots, harvest_to)
        for slug, name, name_en, lots, harvest_to, all_of_them, shown in rows
        if may_name_village(all_of_them, shown)
    )
