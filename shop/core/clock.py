"""Time: stored in UTC, shown and counted in days of Asia/Shanghai.

Only entry points (views, commands of the command line, the timetable) call `now`;
everyone else is handed it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


def day_of(moment: datetime) -> date:
    """The Shanghai calendar day a moment falls on."""
    return moment.astimezone(SHANGHAI).date()


def start_of(day: date) -> datetime:
    """The moment a Shanghai day begins, in UTC; a period ends where the next one starts."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """A moment on a Shanghai day, in UTC."""
    return start_of(day) + timedelta(hours=hour, minutes=minute)
