"""Tables of payment terms, reminders, and what was paid of interest and by cooperatives."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from orders.receivables.rules import Reminding, Terms
from orders.receivables.states import AnswerKind, ReminderKind, RuleState, SendingWay
from shop.core import db
from shop.core.money import Money

_LIVE = "state <> 'withdrawn'"


class Reminded:
    """Columns of when a buyer is reminded, and from how many days overdue on more firmly."""

    remind_before_days: Mapped[int]
    remind_every_days: Mapped[int]
    second_after_days: Mapped[int]
    last_after_days: Mapped[int]

    @property
    def reminding(self) -> Reminding:
        """The four of them as the rules take them."""
        return Reminding(
            self.remind_before_days,
            self.remind_every_days,
            self.second_after_days,
            self.last_after_days,
        )


#: Of `Reminded`; each table names it as its own constraint.
_REMINDS = (
    "remind_before_days > 0 AND remind_every_days > 0"
    " AND second_after_days > 0 AND second_after_days < last_after_days"
)


class PaymentRule(Reminded, db.Model):
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
        CheckConstraint(_REMINDS, name="reminds"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("payrule")
    state: Mapped[RuleState] = mapped_column(db.labelled(RuleState, "state"))
    from_day: Mapped[date]
    days: Mapped[int]
    longest_days: Mapped[int]
    rate: Mapped[int]
    source: Mapped[str] = mapped_column(String(200))
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))

    @property
    def terms(self) -> Terms:
        """What it says, as the rules take it."""
        return Terms(self.from_day, self.days, self.longest_days, self.rate, self.reminding)


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


class ReceivableTerm(Reminded, db.Model):
    """The clock of one acceptance that was not paid before (账期): frozen when it was signed.

    `overdue_from` is the moment the Shanghai day after `due_on` begins.
    """

    __tablename__ = "receivable_term"
    __table_args__ = (
        CheckConstraint("due_on > accepted_on AND days > 0", name="runs"),
        CheckConstraint(_REMINDS, name="reminds"),
    )

    id: Mapped[db.Id]
    acceptance_id: Mapped[int] = mapped_column(ForeignKey("acceptance.id"), unique=True)
    accepted_on: Mapped[date]
    days: Mapped[int]
    agreed: Mapped[bool]
    due_on: Mapped[date] = mapped_column(index=True)
    overdue_from: Mapped[datetime]


class PaymentReminder(db.Model):
    """One letter (催款函) to a union, as it was worded on its day; append-only.

    `open` and `interest` are the sums of its lines, `kind` is that of the firmest.
    """

    __tablename__ = "payment_reminder"
    __table_args__ = (
        UniqueConstraint("union_id", "on_day"),
        CheckConstraint("open_fen > 0 AND interest_fen >= 0", name="asks_for_something"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("remind")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    union_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[ReminderKind] = mapped_column(db.labelled(ReminderKind, "kind"))
    on_day: Mapped[date] = mapped_column(index=True)
    open: Mapped[Money] = mapped_column("open_fen")
    interest: Mapped[Money] = mapped_column("interest_fen")
    words: Mapped[str]
    at: Mapped[datetime]


class PaymentReminderLine(db.Model):
    """An open acceptance in a letter; append-only.

    `kind` and `for_day` say for which day of reminding it stands there; both are empty where it
    is listed only because the union owes it too. Each day of an acceptance is reminded of once.
    """

    __tablename__ = "payment_reminder_line"
    __table_args__ = (
        UniqueConstraint("acceptance_id", "for_day"),
        UniqueConstraint("reminder_id", "acceptance_id"),
        CheckConstraint("(kind IS NULL) = (for_day IS NULL)", name="for_a_day"),
        CheckConstraint("open_fen > 0 AND interest_fen >= 0", name="asks_for_something"),
    )

    id: Mapped[db.Id]
    reminder_id: Mapped[int] = mapped_column(ForeignKey("payment_reminder.id"))
    acceptance_id: Mapped[int] = mapped_column(ForeignKey("acceptance.id"))
    kind: Mapped[ReminderKind | None] = mapped_column(db.labelled(ReminderKind, "kind"))
    for_day: Mapped[date | None]
    due_on: Mapped[date]
    promised_on: Mapped[date | None]
    open: Mapped[Money] = mapped_column("open_fen")
    interest: Mapped[Money] = mapped_column("interest_fen")


class PaymentReminderSending(db.Model):
    """Who brought a letter to its union, how and when; append-only."""

    __tablename__ = "payment_reminder_sending"
    __table_args__ = (UniqueConstraint("reminder_id", "way", "on_day"),)

    id: Mapped[db.Id]
    reminder_id: Mapped[int] = mapped_column(ForeignKey("payment_reminder.id"))
    way: Mapped[SendingWay] = mapped_column(db.labelled(SendingWay, "way"))
    on_day: Mapped[date]
    note: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))


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
