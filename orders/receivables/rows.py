"""What pages, files and papers show of receivables; frozen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from orders.receivables.accruing import Accrued, Movement
from orders.receivables.rules import Reminding, bucket_of, overdue_days
from orders.receivables.states import AnswerKind, Bucket, ReminderKind, SendingWay
from shop.core.money import ZERO, Money, total


@dataclass(frozen=True, slots=True)
class ReceivableRow:
    """What is open for one acceptance on `day`; `id` never leaves the server.

    `buyer_id` is the public id of a union, or of a person who bought for themselves. `interest`
    is what is demanded, less what was paid of it. `open` below zero: money came before the
    acceptance took effect.
    """

    id: int
    public_id: str
    number: str
    order_id: str
    order_number: str
    purchase_id: str
    purchase_number: str
    reference: str
    union_id: int | None
    buyer_id: str
    buyer: str
    buyer_en: str
    cooperative_key: int
    cooperative_id: str
    cooperative: str
    cooperative_en: str
    accepted_on: date
    days: int
    agreed: bool
    due_on: date
    reminding: Reminding
    value: Money
    open: Money
    interest: Money
    day: date
    answered: AnswerKind | None
    promised_on: date | None

    @property
    def bucket(self) -> Bucket:
        """Where it stands in the ageing."""
        return bucket_of(self.due_on, self.day)

    @property
    def overdue_days(self) -> int:
        """How many days it is overdue."""
        return overdue_days(self.due_on, self.day)


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """What one buyer owes, or is owed to one cooperative, by age; `interest` stands apart."""

    public_id: str
    name: str
    name_en: str
    amounts: tuple[tuple[Bucket, Money], ...]
    total: Money
    interest: Money


@dataclass(frozen=True, slots=True)
class Ageing:
    """The receivables of a day. `ledger` is the ledger's own sum, to be equal to `total`."""

    day: date
    rows: tuple[ReceivableRow, ...]
    by_buyer: tuple[AgeingRow, ...]
    by_cooperative: tuple[AgeingRow, ...]
    sums: AgeingRow
    ledger: Money

    @property
    def overdue(self) -> Money:
        """What of it is past its due day."""
        return self.sums.total - dict(self.sums.amounts)[Bucket.NOT_DUE]


@dataclass(frozen=True, slots=True)
class ReminderLineRow:
    """An acceptance in a letter, as it stood on the letter's day; `kind` is None if only listed."""

    acceptance_id: str
    acceptance_number: str
    purchase_number: str
    reference: str
    cooperative: str
    cooperative_en: str
    kind: ReminderKind | None
    accepted_on: date
    due_on: date
    overdue_days: int
    promised_on: date | None
    open: Money
    interest: Money


@dataclass(frozen=True, slots=True)
class SendingRow:
    """Who brought a letter to its union."""

    way: SendingWay
    on_day: date
    note: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ReminderRow:
    """A letter as it was written, and how it was brought to the union since."""

    public_id: str
    number: str
    union: str
    union_en: str
    kind: ReminderKind
    on_day: date
    open: Money
    interest: Money
    words: str
    at: datetime
    lines: tuple[ReminderLineRow, ...]
    sendings: tuple[SendingRow, ...]


@dataclass(frozen=True, slots=True)
class ReminderList:
    """A page of letters, of so many in all."""

    letters: tuple[ReminderRow, ...]
    found: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReminderPage:
    """One letter, with what this reader may do."""

    row: ReminderRow
    may_mark: bool
    of_platform: bool


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What a union said."""

    acceptance_id: str
    acceptance_number: str
    union: str
    kind: AnswerKind
    promised_on: date | None
    amount: Money | None
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class InterestRow:
    """Interest that came."""

    journal_id: str
    line_id: str
    amount: Money
    accrued: Money
    paid_before: Money
    upto: date
    at: datetime
    undone: bool


@dataclass(frozen=True, slots=True)
class ReceivablePage:
    """Everything about what is owed for one acceptance."""

    row: ReceivableRow
    movements: tuple[tuple[Movement, Money], ...]
    accrued: Accrued
    reminders: tuple[ReminderRow, ...]
    answers: tuple[AnswerRow, ...]
    interest_payments: tuple[InterestRow, ...]
    may_answer: bool
    of_platform: bool
    of_union: bool


def aged(
    rows: Sequence[ReceivableRow], who: Callable[[ReceivableRow], tuple[str, str, str]]
) -> tuple[AgeingRow, ...]:
    """Add receivables up by age and by whom, the largest first; `who`: public id and names."""
    of: dict[str, list[ReceivableRow]] = {}
    names: dict[str, tuple[str, str]] = {}
    for row in rows:
        public_id, name, name_en = who(row)
        names[public_id] = (name, name_en)
        of.setdefault(public_id, []).append(row)
    found = [_sum(public_id, *names[public_id], mine) for public_id, mine in of.items()]
    return tuple(sorted(found, key=lambda row: (-row.total.fen, row.public_id)))


def summed(rows: Sequence[ReceivableRow]) -> AgeingRow:
    """All receivables by age."""
    return _sum("", "", "", rows)


def _sum(public_id: str, name: str, name_en: str, rows: Sequence[ReceivableRow]) -> AgeingRow:
    by_age = dict.fromkeys(Bucket, ZERO)
    for row in rows:
        by_age[row.bucket] += row.open
    return AgeingRow(
        public_id,
        name,
        name_en,
        tuple(by_age.items()),
        total([row.open for row in rows]),
        total([row.interest for row in rows]),
    )
