"""Tables of lots: what went into them, who stands behind them, what is left."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from products.catalogue.states import Category
from products.lots.states import LeafPayment, LotKind, LotState
from shop.core import db
from shop.core.money import Money


class Lot(db.Model):
    """A lot (批次): a delivery, rough tea, a blend, or packed units of one specification.

    `grams` is what it weighed when recorded, `used_grams` what later lots took from it. A packed
    lot counts units besides: reserved for orders, shipped, written off; the rest is on sale.
    """

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint("grams > 0", name="has_weight"),
        CheckConstraint("used_grams >= 0 AND used_grams <= grams", name="not_over_used"),
        CheckConstraint(
            "(kind = 'packed') = (specification_id IS NOT NULL)"
            " AND (kind = 'packed') = (units > 0)",
            name="only_packed_lots_have_units",
        ),
        CheckConstraint(
            "reserved_units >= 0 AND shipped_units >= 0 AND written_off_units >= 0"
            " AND reserved_units + shipped_units + written_off_units <= units",
            name="not_over_sold",
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("lot")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[LotKind] = mapped_column(db.labelled(LotKind, "kind"))
    state: Mapped[LotState] = mapped_column(
        db.labelled(LotState, "state"), default=LotState.RECORDED
    )
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    category: Mapped[Category] = mapped_column(db.labelled(Category, "category"))
    name: Mapped[str] = mapped_column(String(64))
    grade: Mapped[str] = mapped_column(String(32), default="")
    grams: Mapped[int]
    used_grams: Mapped[int] = mapped_column(default=0)
    specification_id: Mapped[int | None] = mapped_column(ForeignKey("specification.id"), index=True)
    units: Mapped[int] = mapped_column(default=0)
    reserved_units: Mapped[int] = mapped_column(default=0)
    shipped_units: Mapped[int] = mapped_column(default=0)
    written_off_units: Mapped[int] = mapped_column(default=0)
    harvest_from: Mapped[date]
    harvest_to: Mapped[date]
    made_at: Mapped[datetime]
    best_before: Mapped[date | None]
    certificate: Mapped[str] = mapped_column(String(32), default="")
    trace_code: Mapped[str | None] = mapped_column(String(9), unique=True)
    note: Mapped[str] = mapped_column(default="")


class Delivery(db.Model):
    """A delivery (投售): what one household brought to the scale, and what was agreed for it.

    `value` is grams × fen per kg / 1000, half up, rounded once here; it is the household's weight
    in every later sharing. A correction is a new delivery that `replaces` the voided one.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("fen_per_kg >= 0", name="price_not_below_zero"),
        CheckConstraint("value_fen >= 0", name="value_not_below_zero"),
    )

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), unique=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    plot_id: Mapped[int | None] = mapped_column(ForeignKey("plot.id"))
    weighed_at: Mapped[datetime] = mapped_column(index=True)
    weigher_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    fen_per_kg: Mapped[int]
    value: Mapped[Money] = mapped_column("value_fen")
    payment: Mapped[LeafPayment] = mapped_column(db.labelled(LeafPayment, "payment"))
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"), unique=True)


class LotInput(db.Model):
    """What a lot took from a parent; `before_grams` is what earlier lots had taken by then."""

    __tablename__ = "lot_input"
    __table_args__ = (
        UniqueConstraint("child_id", "parent_id"),
        UniqueConstraint("parent_id", "before_grams"),
        CheckConstraint("grams > 0 AND before_grams >= 0", name="takes_something"),
        CheckConstraint("child_id > parent_id", name="child_is_younger"),
    )

    id: Mapped[db.Id]
    child_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    grams: Mapped[int]
    before_grams: Mapped[int]


class LotShare(db.Model):
    """What stands behind a lot of one household's goods; frozen when the lot is recorded.

    `milligrams` of delivered goods, their agreed `value` (the weight in sharing) and what of it
    was `paid` at the gate, each carried by the ladder through every withdrawal.
    """

    __tablename__ = "lot_share"
    __table_args__ = (
        UniqueConstraint("lot_id", "household_id"),
        CheckConstraint(
            "milligrams >= 0 AND value_fen >= 0 AND paid_fen >= 0", name="not_negative"
        ),
    )

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    milligrams: Mapped[int]
    value: Mapped[Money] = mapped_column("value_fen")
    paid: Mapped[Money] = mapped_column("paid_fen")
