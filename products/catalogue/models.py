"""Tables of what is sold."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from products.catalogue.states import Category, PriceState, TaxClass
from shop.core import db
from shop.core.money import Money


class Product(db.Model):
    """A product (产品) of one cooperative; sold in one or more specifications.

    `slug` names its picture and its page. `search_text` holds pinyin and initials beside the name.
    """

    __tablename__ = "product"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("product")
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    county_id: Mapped[int] = mapped_column(ForeignKey("county.id"), index=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    name_en: Mapped[str] = mapped_column(String(96))
    category: Mapped[Category] = mapped_column(db.labelled(Category, "category"), index=True)
    grade: Mapped[str] = mapped_column(String(32), default="")
    grade_en: Mapped[str] = mapped_column(String(32), default="")
    season: Mapped[str] = mapped_column(String(64), default="")
    season_en: Mapped[str] = mapped_column(String(64), default="")
    story: Mapped[str] = mapped_column(default="")
    story_en: Mapped[str] = mapped_column(default="")
    geographical_indication: Mapped[bool] = mapped_column(default=False)
    fresh: Mapped[bool] = mapped_column(default=False)
    shelf_life_days: Mapped[int]
    search_text: Mapped[str] = mapped_column(default="")
    listed: Mapped[bool] = mapped_column(default=True)


class Specification(db.Model):
    """A specification (规格): how a product is packed. Its price and tax class are dated.

    `gtin` is its GTIN-13 as 14 digits, given when the first lot of it is packed.
    """

    __tablename__ = "specification"
    __table_args__ = (
        CheckConstraint("net_grams > 0", name="has_weight"),
        UniqueConstraint("product_id", "name"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("spec")
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    name: Mapped[str] = mapped_column(String(64))
    name_en: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(8))
    unit_en: Mapped[str] = mapped_column(String(16))
    net_grams: Mapped[int]
    gtin: Mapped[str | None] = mapped_column(String(14), unique=True)


def approved_by_two() -> tuple[CheckConstraint, ...]:
    """What the database refuses of everything that is approved: one pair of eyes, or no date."""
    return (
        CheckConstraint(
            "decided_by_id IS NULL OR drafted_by_id IS NULL OR decided_by_id <> drafted_by_id",
            name="two_people",
        ),
        CheckConstraint(
            "state NOT IN ('approved', 'returned') OR decided_at IS NOT NULL", name="decided"
        ),
    )


def one_for_a_day(name: str, *columns: str, where: str = "") -> Index:
    """No two of the same that wait or count begin on one day."""
    standing = sql(f"state IN ('waiting', 'approved'){where}")
    return Index(
        f"uq_{name}_day",
        *columns,
        "from_day",
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )


class Approved:
    """Who drafted and who decided something that counts from a day on; a mixin."""

    from_day: Mapped[date]
    state: Mapped[PriceState] = mapped_column(db.labelled(PriceState, "state"), index=True)
    drafted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    drafted_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    decided_at: Mapped[datetime | None]


class PriceComposition(Approved, db.Model):
    """What one unit pays for (价格构成), from a day on; its parts sum to the price.

    The tax class and the ladder are dated with it. A new price is a new row; orders carry a copy.
    """

    __tablename__ = "price_composition"
    __table_args__: Any = (
        CheckConstraint(
            "price_fen = households_fen + processing_fen + packing_fen + freight_fen"
            " + cooperative_fen + platform_fen + tax_fen",
            name="sums_to_the_price",
        ),
        CheckConstraint(
            "price_fen > 0 AND households_fen >= 0 AND processing_fen >= 0 AND packing_fen >= 0"
            " AND freight_fen >= 0 AND cooperative_fen >= 0 AND platform_fen >= 0"
            " AND tax_fen >= 0",
            name="no_part_below_zero",
        ),
        *approved_by_two(),
        one_for_a_day("price_composition", "specification_id"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("price")
    specification_id: Mapped[int] = mapped_column(ForeignKey("specification.id"), index=True)
    tax_class: Mapped[TaxClass] = mapped_column(db.labelled(TaxClass, "tax_class"))
    price: Mapped[Money] = mapped_column("price_fen")
    households: Mapped[Money] = mapped_column("households_fen")
    processing: Mapped[Money] = mapped_column("processing_fen")
    packing: Mapped[Money] = mapped_column("packing_fen")
    freight: Mapped[Money] = mapped_column("freight_fen")
    cooperative: Mapped[Money] = mapped_column("cooperative_fen")
    platform: Mapped[Money] = mapped_column("platform_fen")
    tax: Mapped[Money] = mapped_column("tax_fen")


class PriceStep(db.Model):
    """One rung of a price's ladder (阶梯价): from so many units on, this price for each.

    It belongs to its composition, so an old ladder never meets a new price.
    """

    __tablename__ = "price_step"
    __table_args__ = (
        UniqueConstraint("composition_id", "from_units"),
        CheckConstraint("from_units > 1", name="above_one"),
        CheckConstraint("price_fen > 0", name="costs_something"),
    )

    id: Mapped[db.Id]
    composition_id: Mapped[int] = mapped_column(ForeignKey("price_composition.id"))
    from_units: Mapped[int]
    price: Mapped[Money] = mapped_column("price_fen")


class Discount(Approved, db.Model):
    """A discount (优惠) on a specification from a day until another, for one union or for all.

    Either a lower price of a unit, or so many per cent off.
    """

    __tablename__ = "discount"
    __table_args__: Any = (
        CheckConstraint("(price_fen IS NULL) <> (percent IS NULL)", name="one_way"),
        CheckConstraint("price_fen > 0", name="costs_something"),
        CheckConstraint("percent BETWEEN 1 AND 90", name="leaves_something"),
        CheckConstraint("until_day >= from_day", name="ends_after_it_begins"),
        *approved_by_two(),
        one_for_a_day("discount", "specification_id", where=" AND union_id IS NULL"),
        one_for_a_day(
            "discount_of_union",
            "specification_id",
            "union_id",
            where=" AND union_id IS NOT NULL",
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("discount")
    specification_id: Mapped[int] = mapped_column(ForeignKey("specification.id"), index=True)
    union_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    until_day: Mapped[date]
    price: Mapped[Money | None] = mapped_column("price_fen")
    percent: Mapped[int | None]
