"""Tables of money coming in by bank transfer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from orders.payments.states import (
    AmountWay,
    BuyerWish,
    Encoding,
    FileFormat,
    LayoutState,
    LineState,
    StatementState,
)
from shop.core import db
from shop.core.money import ZERO, Money

_LIVE = "NOT undone"


class BankLayout(db.Model):
    """How one bank's tables are read (流水版式), as data; a change is the next version.

    `columns` is JSON: the bank's column names by our fields (`layouts.Field`). The words are
    separated by spaces.
    """

    __tablename__ = "bank_layout"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        Index(
            "uq_bank_layout_active_name",
            "name",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
        CheckConstraint("skip >= 0 AND skip_after >= 0 AND version > 0", name="counts"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("layout")
    state: Mapped[LayoutState] = mapped_column(db.labelled(LayoutState, "state"))
    name: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    bank: Mapped[str] = mapped_column(String(64))
    way: Mapped[AmountWay] = mapped_column(db.labelled(AmountWay, "way"))
    columns: Mapped[str]
    format: Mapped[FileFormat | None] = mapped_column(db.labelled(FileFormat, "format"))
    encoding: Mapped[Encoding] = mapped_column(db.labelled(Encoding, "encoding"))
    delimiter: Mapped[str] = mapped_column(String(1))
    skip: Mapped[int]
    skip_after: Mapped[int]
    words_in: Mapped[str] = mapped_column(String(64))
    words_out: Mapped[str] = mapped_column(String(64))
    newest_first: Mapped[bool]
    others: Mapped[bool]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class BankStatement(db.Model):
    """One statement file (银行流水), imported once; undoing it reverses what it posted.

    Of a file that overlaps earlier ones only the new lines are here: `repeats` counts the others,
    `pending` the entries the bank had not booked yet. `reckoned`: the bank's table has no balances,
    they follow from those a person read there.
    """

    __tablename__ = "bank_statement"
    __table_args__ = (
        Index(
            "uq_bank_statement_file",
            "file_hash",
            unique=True,
            sqlite_where=text("state = 'imported'"),
            postgresql_where=text("state = 'imported'"),
        ),
        CheckConstraint(
            "opening_fen + credits_fen - debits_fen = closing_fen", name="balances_close"
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("statement")
    state: Mapped[StatementState] = mapped_column(db.labelled(StatementState, "state"))
    file_name: Mapped[str] = mapped_column(String(128))
    file_hash: Mapped[str] = mapped_column(String(64))
    format: Mapped[FileFormat] = mapped_column(db.labelled(FileFormat, "format"))
    layout_id: Mapped[int | None] = mapped_column(ForeignKey("bank_layout.id"))
    repeats: Mapped[int] = mapped_column(default=0)
    pending: Mapped[int] = mapped_column(default=0)
    reckoned: Mapped[bool] = mapped_column(default=False)
    lines: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    opening: Mapped[Money] = mapped_column("opening_fen")
    credits: Mapped[Money] = mapped_column("credits_fen")
    debits: Mapped[Money] = mapped_column("debits_fen")
    closing: Mapped[Money] = mapped_column("closing_fen")
    imported_at: Mapped[datetime]
    imported_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class BankUpload(db.Model):
    """A statement file between its preview and its import; sealed, and gone after a day.

    `opening` and `closing` are what a person read at the bank. Of a large file `looked_at` says
    when a job wrote down the preview, or what is wrong with the file.
    """

    __tablename__ = "bank_upload"
    __table_args__ = (
        CheckConstraint("(opening_fen IS NULL) = (closing_fen IS NULL)", name="both_balances"),
        CheckConstraint(
            "(looked_at IS NULL) = (preview_sealed IS NULL)", name="previewed_at_a_time"
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("upload")
    file_name: Mapped[str] = mapped_column(String(128))
    layout_id: Mapped[int | None] = mapped_column(ForeignKey("bank_layout.id"))
    opening: Mapped[Money | None] = mapped_column("opening_fen")
    closing: Mapped[Money | None] = mapped_column("closing_fen")
    large: Mapped[bool]
    content_sealed: Mapped[str] = mapped_column(deferred=True)
    preview_sealed: Mapped[str | None] = mapped_column(deferred=True)
    looked_at: Mapped[datetime | None]
    uploaded_at: Mapped[datetime] = mapped_column(index=True)


class BankLine(db.Model):
    """One line of a statement: `amount` above zero came in, below zero went out.

    `line_key` is the bank's serial, or content and ordinal where there is none; a line is
    booked once as long as its statement is not undone. `purchase_id` is the one purchase its memo
    names, `wish` what that buyer wants done while it waits. `explained_as` and `explained_number`
    are another part's words for it (`hooks.Explainer`).
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("statement_id", "position"),
        Index(
            "uq_bank_line_key",
            "line_key",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        CheckConstraint("amount_fen <> 0", name="moves_money"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("bankline")
    statement_id: Mapped[int] = mapped_column(ForeignKey("bank_statement.id"))
    position: Mapped[int]
    line_key: Mapped[str] = mapped_column(String(128))
    undone: Mapped[bool] = mapped_column(default=False)
    state: Mapped[LineState] = mapped_column(db.labelled(LineState, "state"), index=True)
    at: Mapped[datetime]
    amount: Mapped[Money] = mapped_column("amount_fen")
    balance: Mapped[Money] = mapped_column("balance_fen")
    counterparty: Mapped[str] = mapped_column(String(128))
    account_sealed: Mapped[str]
    account_last4: Mapped[str] = mapped_column(String(4))
    memo: Mapped[str] = mapped_column(String(255))
    serial: Mapped[str] = mapped_column(String(64))
    purchase_id: Mapped[int | None] = mapped_column(ForeignKey("purchase.id"), index=True)
    wish: Mapped[BuyerWish | None] = mapped_column(db.labelled(BuyerWish, "wish"))
    explained_as: Mapped[str | None] = mapped_column(String(32))
    explained_number: Mapped[str | None] = mapped_column(String(64))


class Payment(db.Model):
    """Money of one bank line put to one order (收款); undone only by reversing its journal.

    `refunded` is what of it has been given back, or is on its way.
    """

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="some"),
        CheckConstraint("refunded_fen >= 0 AND refunded_fen <= amount_fen", name="refunded_within"),
        CheckConstraint("NOT undone OR refunded_fen = 0", name="undone_unrefunded"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("payment")
    bank_line_id: Mapped[int] = mapped_column(ForeignKey("bank_line.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    journal_id: Mapped[int] = mapped_column(ForeignKey("ledger_journal.id"), index=True)
    amount: Mapped[Money] = mapped_column("amount_fen")
    at: Mapped[datetime]
    undone: Mapped[bool] = mapped_column(default=False)
    refunded: Mapped[Money] = mapped_column("refunded_fen", default=ZERO, server_default="0")
