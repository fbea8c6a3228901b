"""Tables of what is sold."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from products.catalogue.states import Category, TaxClass
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
    """A specification (规格): how a product is packed, and how it is taxed.

    `gtin` is its GTIN-13 as 14 digits, given when the first lot of it is packed.
    """

    __tablename__ = "specification"
    __table_args__ = (
        CheckConstraint("net_grams > 0", name="has_weight"),
        UniqueConstraint("product_id", "name"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("spec")
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    name_en: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(8))
    unit_en: Mapped[str] = mapped_column(String(16))
    net_grams: Mapped[int]
    tax_class: Mapped[TaxClass] = mapped_column(db.labelled(TaxClass, "tax_class"))
    gtin: Mapped[str | None] = mapped_column(String(14), unique=True)


class PriceComposition(db.Model):
    """What one unit pays for (价格构成), from a day on; its parts sum to the price.

    A new price is a new row; orders carry a copy of theirs.
    """

    __tablename__ = "price_composition"
    __table_args__ = (
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
        UniqueConstraint("specification_id", "from_day"),
    )

    id: Mapped[db.Id]
    specification_id: Mapped[int] = mapped_column(ForeignKey("specification.id"), index=True)
    from_day: Mapped[date]
    price: Mapped[Money] = mapped_column("price_fen")
    households: Mapped[Money] = mapped_column("households_fen")
    processing: Mapped[Money] = mapped_column("processing_fen")
    packing: Mapped[Money] = mapped_column("packing_fen")
    freight: Mapped[Money] = mapped_column("freight_fen")
    cooperative: Mapped[Money] = mapped_column("cooperative_fen")
    platform: Mapped[Money] = mapped_column("platform_fen")
    tax: Mapped[Money] = mapped_column("tax_fen")


class PriceStep(db.Model):
    """One rung of the price ladder (阶梯价): from so many units on, this price for each."""

    __tablename__ = "price_step"
    __table_args__ = (
        UniqueConstraint("specification_id", "from_units"),
        CheckConstraint("from_units > 1", name="above_one"),
        CheckConstraint("price_fen > 0", name="costs_something"),
    )

    id: Mapped[db.Id]
    specification_id: Mapped[int] = mapped_column(ForeignKey("specification.id"), index=True)
    from_units: Mapped[int]
    price: Mapped[Money] = mapped_column("price_fen")
