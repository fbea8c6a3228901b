"""The table of changes to the bank calendar."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from orders.calendar.states import CalendarState, DayKind
from shop.core import db


class CalendarChange(db.Model):
    """Days on which banks work or do not (日历更正), with the notice that says so.

    Of two that were confirmed for a day, the later one counts.
    """

    __tablename__ = "calendar_change"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="in_order"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("calendar")
    first_day: Mapped[date]
    last_day: Mapped[date]
    kind: Mapped[DayKind] = mapped_column(db.labelled(DayKind, "kind"))
    state: Mapped[CalendarState] = mapped_column(db.labelled(CalendarState, "state"))
    reason: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
