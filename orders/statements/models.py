"""Tables of statements that were set to be printed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import db


class SlipPrint(db.Model):
    """The statements of a village's households for a period (村对账条), set as one PDF.

    Kept for a day, then thrown away; it can be set again at any time. `content` is there once
    its job has set it.
    """

    __tablename__ = "slip_print"
    __table_args__ = (CheckConstraint("households > 0", name="some"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("slips")
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    village_id: Mapped[int] = mapped_column(ForeignKey("village.id"), index=True)
    period: Mapped[str] = mapped_column(String(16))
    households: Mapped[int]
    door: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SlipPart(db.Model):
    """What one step of the job read and set for a print: slips as JSON in their order, and pages.

    `last_code` is the household the next step goes on after. `pages` is a PDF of whole pages,
    given up once the last step has joined all parts.
    """

    __tablename__ = "slip_part"
    __table_args__ = (
        UniqueConstraint("print_id", "first"),
        CheckConstraint("first >= 0", name="from_the_first"),
    )

    id: Mapped[db.Id]
    print_id: Mapped[int] = mapped_column(ForeignKey("slip_print.id"))
    first: Mapped[int]
    last_code: Mapped[str] = mapped_column(String(9))
    content: Mapped[str]
    pages: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
