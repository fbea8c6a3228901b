"""Which days banks work on. Pure functions.

Rule: docs/money.md, “Banking days”.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from orders.calendar.states import DayKind

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """The State Council's notice (放假通知) for one year: what is off, and which weekends work."""

    year: int
    title: str
    published: date
    holidays: tuple[tuple[str, date, date], ...]
    working: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days that a confirmed change makes holidays or working days."""

    first: date
    last: date
    kind: DayKind


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days that differ from their weekdays, and the years of which a notice is known."""

    holidays: frozenset[date]
    working: frozenset[date]
    years: frozenset[int]

    def is_banking_day(self, day: date) -> bool:
        """Whether banks work on a day; without a notice, from Monday to Friday."""
        return day in self.working or (day.weekday() < 5 and day not in self.holidays)

    def from_day(self, day: date) -> date:
        """The day itself if banks work on it, else the next on which they do."""
        while not self.is_banking_day(day):
            day += DAY
        return day

    def after(self, day: date) -> date:
        """The next banking day after a day."""
        return self.from_day(day + DAY)

    def knows(self, first: date, last: date) -> bool:
        """Whether the notices of all years from one day to another are known."""
        return self.years.issuperset(range(first.year, last.year + 1))


def days_of(first: date, last: date) -> list[date]:
    """Every day from one to another, both with them."""
    return [first + DAY * place for place in range((last - first).days + 1)]


def calendar_of(notices: Iterable[Notice], changes: Iterable[Stretch]) -> Calendar:
    """The calendar that notices give, with changes put over it in their order."""
    known = list(notices)
    days: dict[date, DayKind] = {}
    for notice in known:
        for _name, first, last in notice.holidays:
            days |= dict.fromkeys(days_of(first, last), DayKind.HOLIDAY)
        days |= dict.fromkeys(notice.working, DayKind.WORKING)
    for change in changes:
        days |= dict.fromkeys(days_of(change.first, change.last), change.kind)
    return Calendar(
        frozenset(day for day, kind in days.items() if kind is DayKind.HOLIDAY),
        frozenset(day for day, kind in days.items() if kind is DayKind.WORKING),
        frozenset(notice.year for notice in known),
    )
