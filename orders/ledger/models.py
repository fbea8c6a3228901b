"""Tables of the ledger.

A journal's transfers are written first and its header last: the header seals it. Triggers on
both databases check its count and total, refuse transfers to a sealed journal, and refuse every
UPDATE and DELETE (`shop.core.triggers`). On PostgreSQL the `transaction_mark` ties header and
transfers to one database transaction, so that nothing slips in from another.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from orders.ledger.states import AccountKind, JournalKind, MonthState
from shop.core import db
from shop.core.money import Money


class Account(db.Model):
    """One account (账户): a kind and the thing it belongs to. Balances are summed, not stored."""

    __tablename__ = "ledger_account"
    __table_args__ = (UniqueConstraint("kind", "owner_id"),)

    id: Mapped[db.Id]
    kind: Mapped[AccountKind] = mapped_column(db.labelled(AccountKind, "kind"))
    owner_id: Mapped[int] = mapped_column(default=0)


class Journal(db.Model):
    """The header of one event's transfers (凭证); written last, it seals them.

    `event_key` is unique: the same event posted twice is refused, with other content an error.
    `about` is the public id of the thing the event happened to. `corrects_month` names the closed
    month (``2026-04``) that a later entry belongs to by its content.
    """

    __tablename__ = "ledger_journal"
    __table_args__ = (
        UniqueConstraint("id", "transaction_mark"),
        CheckConstraint("transfer_count > 0 AND total_fen > 0", name="not_empty"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("journal")
    transaction_mark: Mapped[int] = mapped_column(
        BigInteger, server_default=text("0"), server_onupdate=FetchedValue()
    )
    kind: Mapped[JournalKind] = mapped_column(db.labelled(JournalKind, "kind"))
    event_key: Mapped[str] = mapped_column(String(128), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    about: Mapped[str] = mapped_column(String(64), index=True)
    effective_at: Mapped[datetime] = mapped_column(index=True)
    posted_at: Mapped[datetime]
    posted_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_journal.id"), unique=True)
    corrects_month: Mapped[str | None] = mapped_column(String(7))
    transfer_count: Mapped[int]
    total: Mapped[Money] = mapped_column("total_fen")


class Transfer(db.Model):
    """One movement of money (一笔划转) from one ledger account to another.

    Debit and credit share one row and one positive amount, so a transfer that does not balance
    cannot be written down. A mistake is put right by a transfer the other way (冲正).

    That both accounts exist is checked by a trigger (`shop.core.triggers.OWNERS`).
    """

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        ForeignKeyConstraint(
            ["journal_id", "transaction_mark"],
            ["ledger_journal.id", "ledger_journal.transaction_mark"],
            name="fk_ledger_transfer_journal",
            deferrable=True,
            initially="DEFERRED",
        ),
        UniqueConstraint("journal_id", "position"),
        # With the amount, so that a balance is summed from the index alone.
        Index("ix_ledger_transfer_debit_id", "debit_id", "amount_fen"),
        Index("ix_ledger_transfer_credit_id", "credit_id", "amount_fen"),
        CheckConstraint("amount_fen > 0", name="amount_is_positive"),
        CheckConstraint("debit_id <> credit_id", name="accounts_differ"),
    )

    id: Mapped[db.Id]
    journal_id: Mapped[int]
    transaction_mark: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    position: Mapped[int]
    debit_id: Mapped[int]
    credit_id: Mapped[int]
    amount: Mapped[Money] = mapped_column("amount_fen")


class LedgerMonth(db.Model):
    """A month of the books (会计月份) that somebody has begun to close; a missing one is open.

    While it is closed, a trigger refuses every journal with an effective time before `ends_at`.
    `job` is the public id of the job that closes it where checking its books takes long.
    """

    __tablename__ = "ledger_month"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="has_days"),
        CheckConstraint(
            "state NOT IN ('closed', 'reopening') OR (closed_by_id IS NOT NULL"
            " AND confirmed_by_id IS NOT NULL AND closed_by_id <> confirmed_by_id)",
            name="two_people",
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("month")
    month: Mapped[str] = mapped_column(String(7), unique=True)
    state: Mapped[MonthState] = mapped_column(db.labelled(MonthState, "state"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    closed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    confirmed_at: Mapped[datetime | None]
    reopen_asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    job: Mapped[str | None] = mapped_column(String(32))
