"""Tables of money going out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from orders.payouts.states import BatchState, ItemState, PayoutKind
from shop.core import db
from shop.core.money import Money

_IN_FLIGHT = "state IN ('draft', 'in_transit', 'unknown') AND kind <> 'refund'"
_LIVE_REFUND = "kind = 'refund' AND state NOT IN ('failed', 'withdrawn')"


class PayoutBatch(db.Model):
    """A payout batch (打款批次): one bank file, approved by a second person, frozen by hash."""

    __tablename__ = "payout_batch"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("payout")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    state: Mapped[BatchState] = mapped_column(db.labelled(BatchState, "state"))
    drafted_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    exported_at: Mapped[datetime | None]
    items: Mapped[int]
    total: Mapped[Money] = mapped_column("total_fen")
    seen_hash: Mapped[str] = mapped_column(String(64))
    file_hash: Mapped[str | None] = mapped_column(String(64))


class PayoutItem(db.Model):
    """One payment in a batch; a failed one is paid again by a new item that `retries` it.

    `payee_id` is the key of a household, of an organisation, or, for a refund, of its order.
    A refund goes back to the account of the bank line the buyer paid by (`paid_from_id`); any
    other item to an account of the payee (`account_id`). `bank_line_id` is the statement's line
    that showed the money leaving, once it did.
    """

    __tablename__ = "payout_item"
    __table_args__ = (
        UniqueConstraint("batch_id", "position"),
        CheckConstraint("amount_fen > 0", name="some"),
        CheckConstraint("(kind = 'refund') = (refund_id IS NOT NULL)", name="refund_named"),
        Index(
            "uq_payout_item_in_flight",
            "kind",
            "payee_id",
            unique=True,
            sqlite_where=text(_IN_FLIGHT),
            postgresql_where=text(_IN_FLIGHT),
        ),
        Index(
            "uq_payout_item_refund",
            "refund_id",
            unique=True,
            sqlite_where=text(_LIVE_REFUND),
            postgresql_where=text(_LIVE_REFUND),
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("pay")
    reference: Mapped[str] = mapped_column(String(9), unique=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"), index=True)
    position: Mapped[int]
    kind: Mapped[PayoutKind] = mapped_column(db.labelled(PayoutKind, "kind"))
    state: Mapped[ItemState] = mapped_column(db.labelled(ItemState, "state"), index=True)
    payee_id: Mapped[int] = mapped_column(index=True)
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refund.id"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("payee_account.id"))
    paid_from_id: Mapped[int | None] = mapped_column(ForeignKey("bank_line.id"))
    bank_line_id: Mapped[int | None] = mapped_column(ForeignKey("bank_line.id"), unique=True)
    holder: Mapped[str] = mapped_column(String(64))
    number_sealed: Mapped[str]
    number_last4: Mapped[str] = mapped_column(String(4))
    bank: Mapped[str] = mapped_column(String(64))
    cnaps: Mapped[str] = mapped_column(String(12))
    amount: Mapped[Money] = mapped_column("amount_fen")
    purpose: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    retries_id: Mapped[int | None] = mapped_column(ForeignKey("payout_item.id"), unique=True)


class ResultFile(db.Model):
    """A bank's answer to a batch (回盘文件), read once; the file itself is kept."""

    __tablename__ = "result_file"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("result")
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"), index=True)
    file_name: Mapped[str] = mapped_column(String(128))
    file_hash: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    imported_at: Mapped[datetime]
    confirmed: Mapped[int]
    failed: Mapped[int]
    unknown: Mapped[int]
