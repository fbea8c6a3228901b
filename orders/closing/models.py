"""Tables of closing: signed reconciliations, voucher numbers, account codes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from orders.closing.states import ReconciliationState
from orders.ledger.states import AccountKind
from shop.core import db
from shop.core.money import Money

_LIVE = "state <> 'withdrawn'"


class Reconciliation(db.Model):
    """A signed balance adjustment sheet (银行存款余额调节表) as of the end of a day.

    `sheet` holds the items as they were seen, as JSON; `seen_hash` is over all of it. Nothing is
    signed while something of the difference has no explanation.
    """

    __tablename__ = "reconciliation"
    __table_args__ = (
        Index(
            "uq_reconciliation_day",
            "day",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        CheckConstraint("ledger_fen - bank_fen = explained_fen", name="rest_is_zero"),
        CheckConstraint("signed_by_id <> confirmed_by_id", name="two_people"),
        CheckConstraint(
            "state <> 'confirmed' OR confirmed_by_id IS NOT NULL", name="confirmed_by_somebody"
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("recon")
    day: Mapped[date]
    state: Mapped[ReconciliationState] = mapped_column(db.labelled(ReconciliationState, "state"))
    ledger: Mapped[Money] = mapped_column("ledger_fen")
    bank: Mapped[Money] = mapped_column("bank_fen")
    explained: Mapped[Money] = mapped_column("explained_fen")
    sheet: Mapped[str]
    seen_hash: Mapped[str] = mapped_column(String(64))
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"))
    signed_at: Mapped[datetime]
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    confirmed_at: Mapped[datetime | None]


class Voucher(db.Model):
    """The number a journal has among the vouchers of its month (凭证号); given once, for good."""

    __tablename__ = "ledger_voucher"
    __table_args__ = (
        UniqueConstraint("month_id", "number"),
        CheckConstraint("number > 0", name="counts_from_one"),
    )

    id: Mapped[db.Id]
    journal_id: Mapped[int] = mapped_column(ForeignKey("ledger_journal.id"), unique=True)
    month_id: Mapped[int] = mapped_column(ForeignKey("ledger_month.id"))
    number: Mapped[int]


class ChartEntry(db.Model):
    """The code and name (科目) an accountant gave to a kind of account; else a default."""

    __tablename__ = "chart_entry"

    id: Mapped[db.Id]
    kind: Mapped[AccountKind] = mapped_column(db.labelled(AccountKind, "kind"), unique=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(64))
