"""Tables of risk reserves."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from orders.reserves.states import RateState
from shop.core import db

_STANDS = "state <> 'refused'"


class ReserveRate(db.Model):
    """How much of its part a cooperative sets aside from a day on (计提比例), in basis points."""

    __tablename__ = "reserve_rate"
    __table_args__ = (
        CheckConstraint("bp >= 0 AND bp <= 10000", name="within_the_whole"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        Index(
            "uq_reserve_rate_day",
            "cooperative_id",
            "from_day",
            unique=True,
            sqlite_where=text(_STANDS),
            postgresql_where=text(_STANDS),
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("reserve")
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    from_day: Mapped[date]
    bp: Mapped[int]
    state: Mapped[RateState] = mapped_column(db.labelled(RateState, "state"))
    reason: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
