"""Tables of refunds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import db
from shop.core.money import Money

#: Owner of the account in transit of refunds that have no order: unclaimed money given back.
NO_ORDER = 0


class Refund(db.Model):
    """Money owed back (退款); leaves with a payout batch.

    It is already out of escrow, the pools or suspense, and lies in transit, when this row is
    written. It goes the way it came: `payment_id` is the payment of its order that it gives
    back, `bank_line_id` the line in suspense nobody could claim, which has no order.
    """

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="some"),
        CheckConstraint("(order_id IS NULL) = (payment_id IS NULL)", name="gives_back_a_payment"),
        CheckConstraint("(order_id IS NULL) <> (bank_line_id IS NULL)", name="one_origin"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("refund")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"), index=True)
    bank_line_id: Mapped[int | None] = mapped_column(ForeignKey("bank_line.id"), index=True)
    amount: Mapped[Money] = mapped_column("amount_fen")
    reason: Mapped[str]
    about: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
