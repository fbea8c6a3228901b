"""Tables of refunds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import db
from shop.core.money import Money
from shop.organisations.states import ChangeState

#: Owner of the account in transit of refunds that have no order: unclaimed money given back.
NO_ORDER = 0


class Refund(db.Model):
    """Money owed back (退款); leaves with a payout batch.

    It is already out of escrow, the pools or suspense, and lies in transit, when this row is
    written. It goes the way it came: `payment_id` is the payment of its order that it gives
    back, `bank_line_id` the line in suspense nobody could claim, which has no order. Where that
    account takes it no longer, a `RefundAccount` says where it goes instead.
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


class RefundAccount(db.Model):
    """Another account of the same buyer for one refund, with its proof, until a second decides.

    Its number is sealed while it waits and gone afterwards: `account_id`, the account made of it,
    has it then. The proof shows the number too and stays sealed.
    """

    __tablename__ = "refund_account"
    __table_args__ = (
        CheckConstraint("length(number_last4) = 4", name="last_four"),
        CheckConstraint("(state = 'confirmed') = (account_id IS NOT NULL)", name="confirmed"),
        CheckConstraint("(state = 'proposed') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'proposed') = (number_sealed <> '')", name="sealed_while_open"),
        Index(
            "uq_refund_account_waiting",
            "refund_id",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("refacc")
    refund_id: Mapped[int] = mapped_column(ForeignKey("refund.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("payee_account.id"))
    state: Mapped[ChangeState] = mapped_column(db.labelled(ChangeState, "state"))
    holder: Mapped[str] = mapped_column(String(64))
    number_sealed: Mapped[str]
    number_last4: Mapped[str] = mapped_column(String(4))
    bank: Mapped[str] = mapped_column(String(64))
    cnaps: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str]
    file_name: Mapped[str] = mapped_column(String(128))
    media_type: Mapped[str] = mapped_column(String(64))
    proof_sealed: Mapped[str] = mapped_column(deferred=True)
    proposed_by: Mapped[str] = mapped_column(String(64))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str | None] = mapped_column(String(64))
    decided_at: Mapped[datetime | None]
