"""Tables of certificates: the papers, which lot goes by which, and where one is asked for."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from products.catalogue.states import Category
from products.certificates.states import CertificateKind, CertificateState, PromiseBasis
from shop.core import db


class Filed:
    """A scan of a paper, where one was kept; a mixin. All three are empty or none is."""

    file_name: Mapped[str] = mapped_column(String(128), default="")
    media_type: Mapped[str] = mapped_column(String(64), default="")
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class Certificate(Filed, db.Model):
    """A certificate (承诺达标合格证): its issuer promises that goods of a lot meet the norm.

    A household promises on a paper it brought (its number is its own) or on one the cooperative
    wrote for it; else the cooperative does. `grams` is empty where only the paper says it.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("grams IS NULL OR grams > 0", name="weighs_something"),
        CheckConstraint(
            "(kind = 'issued') = (household_id IS NULL)", name="issued_by_one_or_the_other"
        ),
        CheckConstraint("keep_until > issued_on", name="kept_for_a_while"),
        Index(
            "uq_certificate_of_cooperative",
            "cooperative_id",
            "number",
            unique=True,
            sqlite_where=sql("kind <> 'collected'"),
            postgresql_where=sql("kind <> 'collected'"),
        ),
        Index(
            "uq_certificate_of_household",
            "household_id",
            "number",
            unique=True,
            sqlite_where=sql("kind = 'collected'"),
            postgresql_where=sql("kind = 'collected'"),
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("cert")
    number: Mapped[str] = mapped_column(String(32), index=True)
    kind: Mapped[CertificateKind] = mapped_column(db.labelled(CertificateKind, "kind"))
    state: Mapped[CertificateState] = mapped_column(
        db.labelled(CertificateState, "state"), default=CertificateState.VALID
    )
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"))
    goods: Mapped[str] = mapped_column(String(64))
    grams: Mapped[int | None]
    basis: Mapped[PromiseBasis] = mapped_column(db.labelled(PromiseBasis, "basis"))
    issued_on: Mapped[date]
    keep_until: Mapped[date] = mapped_column(index=True)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("certificate.id"), unique=True)
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")


class LotCertificate(db.Model):
    """That a lot goes by a certificate, from a moment until it goes by another or by none.

    One paper may cover several lots: a household's leaf of one day, the parts of a lot.
    """

    __tablename__ = "lot_certificate"
    __table_args__ = (
        Index(
            "uq_lot_certificate_current",
            "lot_id",
            unique=True,
            sqlite_where=sql("until IS NULL"),
            postgresql_where=sql("until IS NULL"),
        ),
    )

    id: Mapped[db.Id]
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    certificate_id: Mapped[int] = mapped_column(ForeignKey("certificate.id"), index=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class CertificateRule(db.Model):
    """Whether the weigh-in asks for a certificate of goods of a category, from a day on."""

    __tablename__ = "certificate_rule"
    __table_args__ = (UniqueConstraint("category", "from_day"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("rule")
    category: Mapped[Category] = mapped_column(db.labelled(Category, "category"))
    from_day: Mapped[date]
    demanded: Mapped[bool]
