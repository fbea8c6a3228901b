"""Tables of tests."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from products.certificates.models import Filed
from products.quality.states import LotTestState
from shop.core import db


class LotTest(Filed, db.Model):
    """A test (检验): what an agency found when it looked at goods of a lot, with its report.

    Everybody may know the result; the report's file is public only where it is marked `public`.
    """

    __tablename__ = "lot_test"
    __table_args__ = (
        CheckConstraint(
            "valid_until IS NULL OR valid_until >= tested_on", name="valid_for_a_while"
        ),
        UniqueConstraint("lot_id", "agency", "report"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("test")
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[LotTestState] = mapped_column(db.labelled(LotTestState, "state"))
    subject: Mapped[str] = mapped_column(String(64))
    agency: Mapped[str] = mapped_column(String(64))
    report: Mapped[str] = mapped_column(String(48))
    tested_on: Mapped[date]
    valid_until: Mapped[date | None] = mapped_column(index=True)
    public: Mapped[bool]
    recorded_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
