"""Days, buckets and interest of what is owed; pure.

Rule: docs/money.md, “Payment terms and interest”.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from orders.receivables.states import Bucket, ReminderKind
from shop.core.money import ZERO, Money, half_up, total

DAY = timedelta(days=1)

#: Interest rates are ten-thousandths (万分之) of the open amount per day.
RATE_UNIT = 10_000


@dataclass(frozen=True, slots=True)
class Reminding:
    """When a buyer is reminded, and from how many days overdue on more firmly."""

    before_days: int
    every_days: int
    second_after_days: int
    last_after_days: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds from a day on: days to pay, the most that may be agreed, interest, reminders.

    `rate` is in ten-thousandths per day. `from_day` is None for what holds before any rule.
    """

    from_day: date | None
    days: int
    longest_days: int
    rate: int
    reminding: Reminding


#: Before any rule is in force: 《保障中小企业款项支付条例》, in force since 2025-06-01.
STATUTE = Terms(
    from_day=None,
    days=30,
    longest_days=60,
    rate=5,
    reminding=Reminding(before_days=7, every_days=15, second_after_days=30, last_after_days=60),
)


@dataclass(frozen=True, slots=True)
class Span:
    """Days, both included, on which the same amount was overdue at the same rate."""

    first: date
    last: date
    open: Money
    rate: int

    @property
    def days(self) -> int:
        """How many days it is."""
        return (self.last - self.first).days + 1

    @property
    def ten_thousandths(self) -> int:
        """Its interest in ten-thousandths of a fen, not rounded."""
        return self.open.fen * self.days * self.rate


@dataclass(frozen=True, slots=True)
class Milestone:
    """A day on which the buyer is reminded."""

    kind: ReminderKind
    day: date


def terms_on(day: date, known: Sequence[Terms]) -> Terms:
    """The terms that hold on a day; `known` are those in force, in order of their first day."""
    return [STATUTE, *(t for t in known if t.from_day is not None and t.from_day <= day)][-1]


def overdue_days(due_on: date, day: date) -> int:
    """How many days a receivable is overdue on a day; 0 on the due day itself and before."""
    return max(0, (day - due_on).days)


def bucket_of(due_on: date, day: date) -> Bucket:
    """Where a receivable stands in the ageing on a day."""
    late = overdue_days(due_on, day)
    if not late:
        return Bucket.NOT_DUE
    return (Bucket.TO_30, Bucket.TO_60, Bucket.TO_90, Bucket.OVER_90)[min((late - 1) // 30, 3)]


def spans(
    movements: Sequence[tuple[date, Money]],
    *,
    due_on: date,
    until: date,
    known: Sequence[Terms],
) -> list[Span]:
    """Split the days after the due day up to `until` wherever the open amount or the rate changes.

    A day bears interest on what was open when it began: the day money arrives still counts, the
    next does not.

    Args:
        movements: (day, change of the open amount), in any order.
        known: the rules in force, in order of their first day.
    """
    first = due_on + DAY
    if until < first:
        return []
    turns = {first}
    turns |= {day + DAY for day, _change in movements}
    turns |= {t.from_day for t in known if t.from_day is not None}
    starts = sorted(day for day in turns if first <= day <= until)
    ends = [day - DAY for day in starts[1:]] + [until]
    found: list[Span] = []
    for start, end in zip(starts, ends, strict=True):
        amount = total([change for day, change in movements if day < start])
        span = Span(start, end, amount, terms_on(start, known).rate)
        if amount <= ZERO:
            continue
        before = found[-1] if found else None
        if before and (before.last + DAY, before.open, before.rate) == (start, amount, span.rate):
            found[-1] = Span(before.first, end, amount, span.rate)
        else:
            found.append(span)
    return found


def interest(over: Sequence[Span]) -> Money:
    """Simple interest over the spans of one receivable, rounded half up once."""
    return Money(half_up(sum(span.ten_thousandths for span in over), RATE_UNIT))


def paused(promised_on: date | None, day: date) -> bool:
    """Whether a promise to pay keeps reminders back: up to the promised day, that day included."""
    return promised_on is not None and day <= promised_on


def milestone(
    due_on: date, day: date, reminding: Reminding, *, promised_on: date | None = None
) -> Milestone | None:
    """The last day of reminding that has come: before the due day, on it, then every so often.

    After the due day also the days on which reminders grow firmer, and the day after one the
    buyer had promised to pay by.
    """
    late = (day - due_on).days
    if late < -reminding.before_days:
        return None
    if late < 0:
        return Milestone(ReminderKind.BEFORE, due_on - timedelta(days=reminding.before_days))
    broken = 0 if promised_on is None else (promised_on - due_on).days + 1
    days = (
        late // reminding.every_days * reminding.every_days,
        reminding.second_after_days,
        reminding.last_after_days,
        broken,
    )
    after = max((one for one in days if 0 < one <= late), default=0)
    return Milestone(_kind_after(after, reminding), due_on + timedelta(days=after))


def _kind_after(days: int, reminding: Reminding) -> ReminderKind:
    if not days:
        return ReminderKind.ON_DAY
    if days < reminding.second_after_days:
        return ReminderKind.FIRST
    return ReminderKind.SECOND if days < reminding.last_after_days else ReminderKind.LAST
