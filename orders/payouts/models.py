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

from orders.payouts.states import BatchState, ItemState, Outcome, PayoutKind
from shop.core import db
from shop.core.money import Money

_IN_FLIGHT = "state IN ('draft', 'in_transit', 'unknown') AND kind <> 'refund'"
_LIVE_REFUND = "kind = 'refund' AND state NOT IN ('failed', 'returned', 'withdrawn')"
_UNDECIDED = "state IN ('in_transit', 'unknown')"
_CAME_BACK = "state IN ('failed', 'returned')"


def _only(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the few rows that fulfil a condition."""
    condition = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=condition, postgresql_where=condition)


class PayoutBatch(db.Model):
    """A payout batch (打款批次), approved by a second person as it was seen.

    `layout` is the bank whose files it was exported as; `phrase_sealed` the pass phrase under
    which they are handed out.
    """

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
    layout: Mapped[str | None] = mapped_column(String(32))
    phrase_sealed: Mapped[str | None]


class PayoutFile(db.Model):
    """One file of an exported batch (银行文件), frozen by the hash over its plain bytes."""

    __tablename__ = "payout_file"
    __table_args__ = (
        UniqueConstraint("batch_id", "part"),
        CheckConstraint("part > 0 AND items > 0 AND first_position > 0", name="some"),
    )

    id: Mapped[db.Id]
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"))
    part: Mapped[int]
    file_name: Mapped[str] = mapped_column(String(128))
    first_position: Mapped[int]
    items: Mapped[int]
    total: Mapped[Money] = mapped_column("total_fen")
    file_hash: Mapped[str] = mapped_column(String(64))


class PayoutItem(db.Model):
    """One payment in a batch; a failed one is paid again by a new item that `retries` it.

    `payee_id` is the key of a household, of an organisation, or, for a refund, of its order.
    A refund goes back to the account of the bank line the buyer paid by (`paid_from_id`); any
    other item to an account of the payee (`account_id`). Neither row's number ever changes, so
    the item keeps none: `number_digest` is the keyed digest of the one meant. `flags` are what
    stood out when it was drafted. `bank_line_id` is the statement's line that showed the money
    leaving, `returned_line_id` the one by which it came back. `left_at` is when the
    ledger's custody account lost it.
    """

    __tablename__ = "payout_item"
    __table_args__ = (
        UniqueConstraint("batch_id", "position"),
        CheckConstraint("amount_fen > 0", name="some"),
        CheckConstraint("(kind = 'refund') = (refund_id IS NOT NULL)", name="refund_named"),
        CheckConstraint("(account_id IS NULL) <> (paid_from_id IS NULL)", name="one_account"),
        CheckConstraint(
            "(state = 'returned') = (returned_line_id IS NOT NULL)", name="returned_by_a_line"
        ),
        _only("uq_payout_item_in_flight", "kind", "payee_id", where=_IN_FLIGHT, unique=True),
        _only("uq_payout_item_refund", "refund_id", where=_LIVE_REFUND, unique=True),
        _only("ix_payout_item_refund", "refund_id", where="refund_id IS NOT NULL"),
        _only("ix_payout_item_undecided", "batch_id", where=_UNDECIDED),
        _only("ix_payout_item_came_back", "kind", "payee_id", where=_CAME_BACK),
        _only("uq_payout_item_retries", "retries_id", where="retries_id IS NOT NULL", unique=True),
        _only("uq_payout_item_line", "bank_line_id", where="bank_line_id IS NOT NULL", unique=True),
        _only(
            "uq_payout_item_returned",
            "returned_line_id",
            where="returned_line_id IS NOT NULL",
            unique=True,
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("pay")
    reference: Mapped[str] = mapped_column(String(9), unique=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"))
    position: Mapped[int]
    kind: Mapped[PayoutKind] = mapped_column(db.labelled(PayoutKind, "kind"))
    state: Mapped[ItemState] = mapped_column(db.labelled(ItemState, "state"))
    payee_id: Mapped[int] = mapped_column(index=True)
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refund.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("payee_account.id"))
    paid_from_id: Mapped[int | None] = mapped_column(ForeignKey("bank_line.id"))
    bank_line_id: Mapped[int | None] = mapped_column(ForeignKey("bank_line.id"))
    returned_line_id: Mapped[int | None] = mapped_column(ForeignKey("bank_line.id"))
    holder: Mapped[str] = mapped_column(String(64))
    number_last4: Mapped[str] = mapped_column(String(4))
    number_digest: Mapped[str] = mapped_column(String(64))
    bank: Mapped[str] = mapped_column(String(64))
    cnaps: Mapped[str] = mapped_column(String(12))
    amount: Mapped[Money] = mapped_column("amount_fen")
    purpose: Mapped[str] = mapped_column(String(64))
    flags: Mapped[str] = mapped_column(String(64), default="")
    reason: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    retries_id: Mapped[int | None] = mapped_column(ForeignKey("payout_item.id"))


class ResultFile(db.Model):
    """A bank's answer to a batch (回盘文件), read once; the file itself is kept."""

    __tablename__ = "result_file"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("result")
    batch_id: Mapped[int] = mapped_column(ForeignKey("payout_batch.id"))
    file_name: Mapped[str] = mapped_column(String(128))
    file_hash: Mapped[str] = mapped_column(String(64), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    imported_at: Mapped[datetime]
    confirmed: Mapped[int]
    failed: Mapped[int]
    unknown: Mapped[int]


class ResultLine(db.Model):
    """What one line of a result file said of one item."""

    __tablename__ = "result_line"
    __table_args__ = (UniqueConstraint("result_id", "item_id"),)

    id: Mapped[db.Id]
    result_id: Mapped[int] = mapped_column(ForeignKey("result_file.id"))
    item_id: Mapped[int] = mapped_column(ForeignKey("payout_item.id"), index=True)
    outcome: Mapped[Outcome] = mapped_column(db.labelled(Outcome, "outcome"))
    reason: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime | None]
