"""Tables of households."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from products.households.states import ConsentPurpose, HouseholdStanding, ReportState
from shop.core import db


class Village(db.Model):
    """A village (村) in a township of a county."""

    __tablename__ = "village"
    __table_args__ = (UniqueConstraint("county_id", "township", "name"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("village")
    county_id: Mapped[int] = mapped_column(ForeignKey("county.id"))
    township: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(32))
    name_en: Mapped[str] = mapped_column(String(64), default="")
    altitude_m: Mapped[int | None]


class Household(db.Model):
    """A household (农户) that delivers to one cooperative.

    `code` is printed on its card and, with the PIN, opens its statement; the PIN is kept as an
    Argon2id hash only, empty until one has been given out. Identity number and telephone are
    encrypted; the fingerprint finds the same person registered twice.
    """

    __tablename__ = "household"
    __table_args__ = (UniqueConstraint("cooperative_id", "identity_fingerprint"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("hh")
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"), index=True)
    name: Mapped[str] = mapped_column(String(32))
    identity_sealed: Mapped[str | None]
    identity_fingerprint: Mapped[str | None] = mapped_column(String(64))
    phone_sealed: Mapped[str | None]
    code: Mapped[str] = mapped_column(String(9), unique=True)
    pin_hash: Mapped[str] = mapped_column(String(255))
    pin_version: Mapped[int] = mapped_column(default=1)
    registered_at: Mapped[datetime]


class HouseholdStatus(db.Model):
    """What a household was registered as, from a day until a day; never shown in public.

    Old orders keep the standing of their day.
    """

    __tablename__ = "household_status"
    __table_args__ = (CheckConstraint("until IS NULL OR until > since", name="in_order"),)

    id: Mapped[db.Id]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    standing: Mapped[HouseholdStanding] = mapped_column(db.labelled(HouseholdStanding, "standing"))
    since: Mapped[date]
    until: Mapped[date | None]


class Plot(db.Model):
    """A plot (地块): where it lies and how many square metres (1 mu = 667 m²) it has."""

    __tablename__ = "plot"
    __table_args__ = (CheckConstraint("area_m2 > 0", name="has_area"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("plot")
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    name: Mapped[str] = mapped_column(String(32))
    crop: Mapped[str] = mapped_column(String(32))
    area_m2: Mapped[int]


class Consent(db.Model):
    """Consent to be shown in public for one purpose, from a day until it is withdrawn."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_standing",
            "household_id",
            "purpose",
            unique=True,
            sqlite_where=text("withdrawn_on IS NULL"),
            postgresql_where=text("withdrawn_on IS NULL"),
        ),
        CheckConstraint("withdrawn_on IS NULL OR withdrawn_on >= given_on", name="in_order"),
    )

    id: Mapped[db.Id]
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    purpose: Mapped[ConsentPurpose] = mapped_column(
        db.labelled(ConsentPurpose, "purpose"), default=ConsentPurpose.NAME
    )
    given_on: Mapped[date]
    withdrawn_on: Mapped[date | None]


class HouseholdReport(db.Model):
    """“This is wrong” (不对): what a household says against its statement, until answered."""

    __tablename__ = "household_report"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("report")
    household_id: Mapped[int] = mapped_column(ForeignKey("household.id"), index=True)
    words: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    state: Mapped[ReportState] = mapped_column(db.labelled(ReportState, "state"))
    answer: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
