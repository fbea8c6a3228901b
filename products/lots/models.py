"""Tables of lots: what went into them, who stands behind them, what is left."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from products.catalogue.states import Category
from products.certificates.states import CertificateSource
from products.lots.states import (
    AlarmKind,
    AlarmState,
    FreezeCause,
    LeafPayment,
    LotKind,
    LotState,
)
from shop.core import db
from shop.core.money import Money


class Lot(db.Model):
    """A lot (批次): a delivery, what was made of it, a blend, or packed units of a specification.

    `grams` is what it weighed when recorded, `used_grams` what later lots took from it and
    `lost_grams` what was lost. A packed lot counts units besides: reserved for orders, shipped,
    written off; the rest is on sale; `coded_units` have a code of their own. While `freezes` is
    above zero nothing of it moves. `share_version` says which of its shares stand.
    """

    __tablename__ = "lot"
    __table_args__ = (
        CheckConstraint("grams > 0", name="has_weight"),
        CheckConstraint(
            "used_grams >= 0 AND lost_grams >= 0 AND used_grams + lost_grams <= grams",
            name="not_over_used",
        ),
        CheckConstraint("freezes >= 0", name="freezes_not_negative"),
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
        CheckConstraint("coded_units >= 0 AND coded_units <= units", name="not_over_coded"),
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
    lost_grams: Mapped[int] = mapped_column(default=0)
    freezes: Mapped[int] = mapped_column(default=0)
    share_version: Mapped[int] = mapped_column(default=1)
    process_id: Mapped[int | None] = mapped_column(ForeignKey("process.id"), index=True)
    specification_id: Mapped[int | None] = mapped_column(ForeignKey("specification.id"), index=True)
    units: Mapped[int] = mapped_column(default=0)
    reserved_units: Mapped[int] = mapped_column(default=0)
    shipped_units: Mapped[int] = mapped_column(default=0)
    written_off_units: Mapped[int] = mapped_column(default=0)
    coded_units: Mapped[int] = mapped_column(default=0)
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
    in every later sharing. A correction before anything was made of it is a new delivery that
    `replaces` the voided one; afterwards these columns say how it stands now, and the lot keeps
    the grams by which it was used (see `ShareCorrection`).
    """

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("net_grams > 0", name="has_weight"),
        CheckConstraint("fen_per_kg >= 0", name="price_not_below_zero"),
        CheckConstraint("value_fen >= 0", name="value_not_below_zero"),
    )

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), unique=True)
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    plot_id: Mapped[int | None] = mapped_column(ForeignKey("plot.id"))
    weighed_at: Mapped[datetime] = mapped_column(index=True)
    weigher_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    net_grams: Mapped[int]
    fen_per_kg: Mapped[int]
    value: Mapped[Money] = mapped_column("value_fen")
    payment: Mapped[LeafPayment] = mapped_column(db.labelled(LeafPayment, "payment"))
    certificate_source: Mapped[CertificateSource] = mapped_column(
        db.labelled(CertificateSource, "certificate_source")
    )
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
    child_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    parent_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    grams: Mapped[int]
    before_grams: Mapped[int]


class LotLoss(db.Model):
    """What was lost of a lot (损耗): it takes its part of the shares with it, like a withdrawal.

    `before_grams` is what later lots and losses had taken by then.
    """

    __tablename__ = "lot_loss"
    __table_args__ = (
        UniqueConstraint("lot_id", "before_grams"),
        CheckConstraint("grams > 0 AND before_grams >= 0", name="loses_something"),
    )

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    grams: Mapped[int]
    before_grams: Mapped[int]
    at: Mapped[datetime]
    reason: Mapped[str]


class UnitLoss(db.Model):
    """Units of a packed lot that were destroyed in the store (销毁); they count as written off."""

    __tablename__ = "unit_loss"
    __table_args__ = (CheckConstraint("units > 0", name="some"),)

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    units: Mapped[int]
    at: Mapped[datetime]
    reason: Mapped[str]


class LotShare(db.Model):
    """What stands behind a lot of one household's goods; frozen when the lot is recorded.

    `milligrams` of delivered goods, their agreed `value` (the weight in sharing) and what of it
    was `paid` at the gate, each carried by the ladder through every withdrawal. A correction
    writes the next `version`; only that of the lot's `share_version` stands.

    That lot and household exist is checked by a trigger, a statement's rows at a time: foreign
    keys, checked row by row, halve the rate at which PostgreSQL takes these rows. There is no
    index by household either: a household's lots are found onward from its deliveries
    (`lineage.of_households`). Source: docs/adr, record 9.
    """

    __tablename__ = "lot_share"
    __table_args__ = (
        CheckConstraint(
            "milligrams >= 0 AND value_fen >= 0 AND paid_fen >= 0", name="not_negative"
        ),
        {"sqlite_with_rowid": False},
    )

    lot_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    household_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    milligrams: Mapped[int]
    value: Mapped[Money] = mapped_column("value_fen")
    paid: Mapped[Money] = mapped_column("paid_fen")


#: The shares that stand: of each lot those of its present version. What reads shares reads these.
StandingShare = aliased(
    LotShare,
    select(LotShare)
    .join(Lot, (Lot.id == LotShare.lot_id) & (Lot.share_version == LotShare.version))
    .subquery("standing_share"),
)


class ShareCorrection(db.Model):
    """Why the shares of a lot have a later version: a delivery behind it was put right.

    `by` is the name of who did it, as in the audit log.
    """

    __tablename__ = "share_correction"
    __table_args__ = (
        UniqueConstraint("lot_id", "version"),
        CheckConstraint("version > 1", name="first_is_no_correction"),
    )

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    version: Mapped[int]
    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str]


class LotFreeze(db.Model):
    """One reason why a lot stands still, until it is lifted; a lot may have several at a time.

    `about` is the public id of the alarm, dispute or recall behind it.
    """

    __tablename__ = "lot_freeze"
    __table_args__ = (
        Index(
            "uq_lot_freeze_standing",
            "lot_id",
            "about",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    cause: Mapped[FreezeCause] = mapped_column(db.labelled(FreezeCause, "cause"))
    about: Mapped[str] = mapped_column(String(32), index=True)
    reason: Mapped[str]
    since: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(default="")


class Process(db.Model):
    """A process (工艺) of one category: its steps in order, and what it makes of what goes in.

    Without a cooperative it is offered to all. It is never changed once lots name it: an edit
    retires it and writes another.
    """

    __tablename__ = "process"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("process")
    cooperative_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    category: Mapped[Category] = mapped_column(db.labelled(Category, "category"))
    name: Mapped[str] = mapped_column(String(32))
    name_en: Mapped[str] = mapped_column(String(64), default="")
    makes: Mapped[str] = mapped_column(String(32))
    makes_en: Mapped[str] = mapped_column(String(64), default="")
    retired_at: Mapped[datetime | None]


class ProcessStep(db.Model):
    """One step (工序) of a process."""

    __tablename__ = "process_step"
    __table_args__ = (UniqueConstraint("process_id", "position"),)

    id: Mapped[db.Id]
    process_id: Mapped[int] = mapped_column(ForeignKey("process.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(32))
    name_en: Mapped[str] = mapped_column(String(64), default="")


class LotStep(db.Model):
    """A step that was done to a lot, with what the maker noted of it; names are copied."""

    __tablename__ = "lot_step"
    __table_args__ = (UniqueConstraint("lot_id", "position"),)

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(32))
    name_en: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(String(200), default="")


class MassRule(db.Model):
    """What is plausible of goods of a category, from a day on (平衡标准).

    Empty `goods` or `grade` stands for any; the closest rule counts. Ratios are what goes in for
    one of what comes out, in hundredths; `most_grams_per_mu` is what a mu bears in a season.
    """

    __tablename__ = "mass_rule"
    __table_args__ = (
        UniqueConstraint("category", "goods", "grade", "from_day"),
        CheckConstraint(
            "(ratio_low IS NULL) = (ratio_high IS NULL)"
            " AND (ratio_low IS NULL OR (ratio_low > 0 AND ratio_low <= ratio_high))",
            name="window_is_one",
        ),
        CheckConstraint(
            "most_grams_per_mu IS NULL OR most_grams_per_mu > 0", name="cap_above_zero"
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("rule")
    category: Mapped[Category] = mapped_column(db.labelled(Category, "category"))
    goods: Mapped[str] = mapped_column(String(64), default="")
    grade: Mapped[str] = mapped_column(String(32), default="")
    from_day: Mapped[date]
    ratio_low: Mapped[int | None]
    ratio_high: Mapped[int | None]
    most_grams_per_mu: Mapped[int | None]


class MassAlarm(db.Model):
    """Something does not add up (物料平衡报警): its lot stands still until a second person signs.

    `low`, `high` and `found` are hundredths for a ratio; for a yield m² of land, registered and
    needed.
    """

    __tablename__ = "mass_alarm"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("alarm")
    kind: Mapped[AlarmKind] = mapped_column(db.labelled(AlarmKind, "kind"))
    state: Mapped[AlarmState] = mapped_column(db.labelled(AlarmState, "state"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    low: Mapped[int | None]
    high: Mapped[int]
    found: Mapped[int]
    raised_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
