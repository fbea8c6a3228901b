"""The table of disputes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from products.disputes.states import ClaimKind, DisputeState, ReceivedBy
from shop.core import db


class Dispute(db.Model):
    """A dispute (争议): a household or a village says that a lot is not what it claims to be.

    Its lots are frozen (`LotFreeze.about` is its public id) until it is decided. `decision` is
    what the household reads; nothing of a dispute but that there is one is ever public.
    """

    __tablename__ = "dispute"
    __table_args__ = (
        CheckConstraint(
            "(household_id IS NULL) <> (village_id IS NULL)", name="one_household_or_village"
        ),
        Index(
            "uq_dispute_standing",
            "lot_id",
            "household_id",
            unique=True,
            sqlite_where=text("state IN ('open', 'upheld')"),
            postgresql_where=text("state IN ('open', 'upheld')"),
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("dispute")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[DisputeState] = mapped_column(db.labelled(DisputeState, "state"), index=True)
    claim: Mapped[ClaimKind] = mapped_column(db.labelled(ClaimKind, "claim"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("household.id"), index=True)
    village_id: Mapped[int | None] = mapped_column(ForeignKey("village.id"), index=True)
    words: Mapped[str] = mapped_column(default="")
    received: Mapped[ReceivedBy] = mapped_column(db.labelled(ReceivedBy, "received"))
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]
