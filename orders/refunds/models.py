"""Tables of refunds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import db
from shop.core.money import Money


class Refund(db.Model):
    """Money owed back to a buyer (退款); leaves with a payout batch.

    It is already out of escrow or the pool, and lies in transit, when this row is written.
    The payout sends it back to the account the buyer paid from.
    """

    __tablename__ = "refund"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="some"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("refund")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    amount: Mapped[Money] = mapped_column("amount_fen")
    reason: Mapped[str]
    about: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
