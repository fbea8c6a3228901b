"""Tables of payment terms, reminders, and what was paid of interest and by cooperatives."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from orders.receivables.states import AnswerKind, ReminderKind, RuleState
from shop.core import db
from shop.core.money import Money

_LIVE = "state <> 'withdrawn'"


class PaymentRule(db.Model):
    """What holds for purchases paid after acceptance, from a day on (账期规定).

    `rate` is interest in ten-thousandths of the open amount per day.
    """

    __tablename__ = "payment_rule"
    __table_args__ = (
        Index(
            "uq_payment_rule_day",
            "from_day",
            unique=True,
            sqlite_where=text(_LIVE),
            postgresql_where=text(_LIVE),
        ),
        CheckConstraint("days > 0 AND days <= longest_days", name="days_within"),
        CheckConstraint("rate >= 0 AND rate <= 100", name="rate_is_a_rate"),
        CheckConstraint("remind_before_days > 0 AND remind_every_days > 0", name="reminds"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("payrule")
    state: Mapped[RuleState] = mapped_column(db.labelled(RuleState, "state"))
    from_day: Mapped[date]
    days: Mapped[int]
    longest_days: Mapped[int]
    rate: Mapped[int]
    remind_before_days: Mapped[int]
    remind_every_days: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class AgreedDays(db.Model):
    """Days to pay that one purchase's contract agrees on instead of the rule's; append-only."""

    __tablename__ = "agreed_days"
    __table_args__ = (CheckConstraint("days > 0", name="some"),)

    id: Mapped[db.Id]
    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"), unique=True)
    days: Mapped[int]
    ground: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class ReceivableTerm(db.Model):
    """The clock of one acceptance that was not paid before (账期): frozen when it was signed.

    `overdue_from` is the moment the Shanghai day after `due_on` begins.
    """

    __tablename__ = "receivable_term"
    __table_args__ = (CheckConstraint("due_on > accepted_on AND days > 0", name="runs"),)

    id: Mapped[db.Id]
    acceptance_id: Mapped[int] = mapped_column(ForeignKey("acceptance.id"), unique=True)
    accepted_on: Mapped[date]
    days: Mapped[int]
    agreed: Mapped[bool]
    due_on: Mapped[date] = mapped_column(index=True)
    overdue_from: Mapped[datetime]
    remind_before_days: Mapped[int]
    remind_every_days: Mapped[int]


class PaymentReminder(db.Model):
    """One reminder (催款提醒) to a union, as it was worded on the day; append-only."""

    __tablename__ = "payment_reminder"
    __table_args__ = (UniqueConstraint("acceptance_id", "for_day"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("remind")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    acceptance_id: Mapped[int] = mapped_column(ForeignKey("acceptance.id"))
    union_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[ReminderKind] = mapped_column(db.labelled(ReminderKind, "kind"))
    for_day: Mapped[date]
    open: Mapped[Money] = mapped_column("open_fen")
    interest: Mapped[Money] = mapped_column("interest_fen")
    words: Mapped[str]
    at: Mapped[datetime]


class PaymentAnswer(db.Model):
    """What a union said to what it owes for an acceptance; append-only."""

    __tablename__ = "payment_answer"
    __table_args__ = (
        CheckConstraint("(kind = 'promise') = (promised_on IS NOT NULL)", name="promises_a_day"),
        CheckConstraint(
            "(kind = 'dispute') = (amount_fen IS NOT NULL)"
            " AND (amount_fen IS NULL OR amount_fen > 0)",
            name="disputes_an_amount",
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("answer")
    acceptance_id: Mapped[int] = mapped_column(ForeignKey("acceptance.id"), index=True)
    kind: Mapped[AnswerKind] = mapped_column(db.labelled(AnswerKind, "kind"))
    promised_on: Mapped[date | None]
    amount: Mapped[Money | None] = mapped_column("amount_fen")
    reason: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


class InterestPayment(db.Model):
    """Money of a bank line booked as interest on one acceptance (逾期利息); append-only.

    `accrued` is what had accrued by the end of `upto`, `paid_before` what of it was paid already.
    It counts as long as its line's statement is not undone.
    """

    __tablename__ = "interest_payment"
    __table_args__ = (
        CheckConstraint("amount_fen > 0 AND paid_before_fen >= 0", name="some"),
        CheckConstraint("paid_before_fen + amount_fen <= accrued_fen", name="within_accrued"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("intpay")
    bank_line_id: Mapped[int] = mapped_column(ForeignKey("bank_line.id"), index=True)
    acceptance_id: Mapped[int] = mapped_column(ForeignKey("acceptance.id"), index=True)
    journal_id: Mapped[int] = mapped_column(ForeignKey("ledger_journal.id"), unique=True)
    amount: Mapped[Money] = mapped_column("amount_fen")
    accrued: Mapped[Money] = mapped_column("accrued_fen")
    paid_before: Mapped[Money] = mapped_column("paid_before_fen")
    upto: Mapped[date]
    at: Mapped[datetime]


class DuePayment(db.Model):
    """Money of a bank line with which a cooperative paid what it owes; append-only.

    It counts as long as its line's statement is not undone.
    """

    __tablename__ = "due_payment"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="some"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("duepay")
    bank_line_id: Mapped[int] = mapped_column(ForeignKey("bank_line.id"), index=True)
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    journal_id: Mapped[int] = mapped_column(ForeignKey("ledger_journal.id"), unique=True)
    amount: Mapped[Money] = mapped_column("amount_fen")
    at: Mapped[datetime]
