"""Tables of freight: what is asked on top of a price for far provinces or heavy orders."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from products.catalogue.models import Approved, approved_by_two, one_for_a_day
from shop.core import db
from shop.core.money import Money


class FreightTable(Approved, db.Model):
    """A cooperative's freight table (运费表), from a day on; it replaces the one before whole.

    A province it does not name bears no surcharge: the freight in the price is enough there.
    """

    __tablename__ = "freight_table"
    __table_args__: Any = (*approved_by_two(), one_for_a_day("freight_table", "cooperative_id"))

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("freight")
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)


class FreightZone(db.Model):
    """Provinces of a freight table that bear the same surcharge.

    The first grams cost `first`, every further step begun costs `step` more. From an order's
    goods of `free_from` or its weight of `free_from_grams` on, nothing is asked.
    """

    __tablename__ = "freight_zone"
    __table_args__ = (
        UniqueConstraint("table_id", "position"),
        CheckConstraint("first_grams > 0 AND step_grams > 0", name="weighs_something"),
        CheckConstraint("first_fen >= 0 AND step_fen >= 0", name="not_below_zero"),
        CheckConstraint("free_from_fen > 0 AND free_from_grams > 0", name="free_from_something"),
    )

    id: Mapped[db.Id]
    table_id: Mapped[int] = mapped_column(ForeignKey("freight_table.id"))
    position: Mapped[int]
    first_grams: Mapped[int]
    first: Mapped[Money] = mapped_column("first_fen")
    step_grams: Mapped[int]
    step: Mapped[Money] = mapped_column("step_fen")
    free_from: Mapped[Money | None] = mapped_column("free_from_fen")
    free_from_grams: Mapped[int | None]


class FreightProvince(db.Model):
    """A province of a freight zone; a table names it once."""

    __tablename__ = "freight_province"
    __table_args__ = (UniqueConstraint("table_id", "province"),)

    id: Mapped[db.Id]
    table_id: Mapped[int] = mapped_column(ForeignKey("freight_table.id"))
    zone_id: Mapped[int] = mapped_column(ForeignKey("freight_zone.id"), index=True)
    province: Mapped[str] = mapped_column(String(8))
