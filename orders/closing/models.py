"""Tables of closing: signed sheets, checks of the books, voucher numbers, account codes."""

from __future__ import annotations

from datetime import date, datetime

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

from orders.closing.states import Cause, Ending, ReconciliationState, Report
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


class BooksCheck(db.Model):
    """One check of all books (核账): when, for whom, how long it took and what it found.

    `checks` statements have run so far, in `milliseconds`; `ended_at` is there once all have.
    `journal_id` is the key of the last journal there was when it began, 0 before the first.
    `findings` counts them, `told` keeps the first as JSON: check, thing, expected, found.
    `night` is the Shanghai day of the one the clock asks for, `month` the month that was closed.
    """

    __tablename__ = "books_check"
    __table_args__ = (
        CheckConstraint("(night IS NOT NULL) = (cause = 'nightly')", name="nightly_has_its_day"),
        CheckConstraint("(month IS NOT NULL) = (cause = 'closing')", name="closing_has_its_month"),
        CheckConstraint("checks >= 0 AND findings >= 0", name="counted"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("check")
    cause: Mapped[Cause] = mapped_column(db.labelled(Cause, "cause"))
    night: Mapped[date | None] = mapped_column(unique=True)
    month: Mapped[str | None] = mapped_column(String(7))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    journal_id: Mapped[int]
    checks: Mapped[int] = mapped_column(default=0)
    milliseconds: Mapped[int] = mapped_column(default=0)
    findings: Mapped[int] = mapped_column(default=0)
    told: Mapped[str] = mapped_column(default="[]")
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class PublicFigure(db.Model):
    """The public figure (公开数字) at the end of a month, figured as it was closed."""

    __tablename__ = "public_figure"

    id: Mapped[db.Id]
    month: Mapped[str] = mapped_column(String(7), unique=True)
    content: Mapped[str]


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


class AccountFile(db.Model):
    """A file for the accountant (账表): what of which month, as it was when `lines` were put up.

    `sums` are the sums of its lines as JSON. It is `ready` once all pieces are there, and is thrown
    away when it expires.
    """

    __tablename__ = "account_file"
    __table_args__ = (CheckConstraint("lines >= 0 AND pieces >= 0", name="counted"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("file")
    month: Mapped[str] = mapped_column(String(7), index=True)
    report: Mapped[Report] = mapped_column(db.labelled(Report, "report"))
    ending: Mapped[Ending] = mapped_column(db.labelled(Ending, "ending"))
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    lines: Mapped[int] = mapped_column(default=0)
    pieces: Mapped[int] = mapped_column(default=0)
    sums: Mapped[str] = mapped_column(default="[]")
    ready: Mapped[bool] = mapped_column(default=False)
    job: Mapped[str | None] = mapped_column(String(32))


class AccountFileLine(db.Model):
    """One line of a file, put up in one statement so that the file is of one moment.

    Gone as soon as it is written. `before` is the account's balance before it, debit less credit;
    a line without a transfer is a balance.
    """

    __tablename__ = "account_file_line"

    file_id: Mapped[int] = mapped_column(ForeignKey("account_file.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int]
    transfer_id: Mapped[int | None]
    number: Mapped[int | None]
    before: Mapped[Money] = mapped_column("before_fen")
    debit: Mapped[Money] = mapped_column("debit_fen")
    credit: Mapped[Money] = mapped_column("credit_fen")


class AccountFilePiece(db.Model):
    """What one step wrote of a file: the next bytes of a CSV, or a workbook that stands alone."""

    __tablename__ = "account_file_piece"

    file_id: Mapped[int] = mapped_column(ForeignKey("account_file.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ChartEntry(db.Model):
    """The code and name (科目) an accountant gave to a kind of account; else a default."""

    __tablename__ = "chart_entry"

    id: Mapped[db.Id]
    kind: Mapped[AccountKind] = mapped_column(db.labelled(AccountKind, "kind"), unique=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(64))
