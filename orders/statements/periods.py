"""The period a statement is for: a month, a quarter, a season, a year, or all there is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from shop.core.clock import start_of
from shop.core.labels import N_, Labelled


class PeriodKind(Labelled):
    """How long a period is."""

    MONTH = "month", N_("月")
    QUARTER = "quarter", N_("季度")
    SEASON = "season", N_("季")
    YEAR = "year", N_("年")
    ALL = "all", N_("全部")


class Season(Labelled):
    """A season of the hills, by the month it begins in: winter ends in the next year."""

    SPRING = "spring", N_("春季（3–5 月）")
    SUMMER = "summer", N_("夏季（6–8 月）")
    AUTUMN = "autumn", N_("秋季（9–11 月）")
    WINTER = "winter", N_("冬季（12–2 月）")


_FIRST_MONTH = {Season.SPRING: 3, Season.SUMMER: 6, Season.AUTUMN: 9, Season.WINTER: 12}
_KEY = re.compile(
    r"(?P<year>2\d{3})(-(?P<month>0[1-9]|1[0-2])|-q(?P<quarter>[1-4])"
    r"|-(?P<season>spring|summer|autumn|winter))?"
)


@dataclass(frozen=True, slots=True)
class Period:
    """From a Shanghai day until before another; None is open. `key` names it in addresses."""

    key: str
    kind: PeriodKind
    since: date | None = None
    until: date | None = None
    season: Season | None = None

    @property
    def begins(self) -> datetime | None:
        """The first moment of it."""
        return start_of(self.since) if self.since else None

    @property
    def ends(self) -> datetime | None:
        """The first moment after it."""
        return start_of(self.until) if self.until else None

    @property
    def words(self) -> str:
        """As papers and text messages name it, in Chinese."""
        if self.since is None:
            return "开户以来"
        year = f"{self.since.year}年"
        if self.kind is PeriodKind.MONTH:
            return f"{year}{self.since.month}月"
        if self.kind is PeriodKind.QUARTER:
            return f"{year}第{(self.since.month + 2) // 3}季度"
        if self.season:
            return f"{year}{self.season.label[:2]}"
        return year


ALL = Period("all", PeriodKind.ALL)


def period_of(key: str) -> Period | None:
    """Read a period: ``2026``, ``2026-04``, ``2026-q2``, ``2026-spring``, ``all``; None if none."""
    if key == ALL.key:
        return ALL
    found = _KEY.fullmatch(key)
    if found is None:
        return None
    year = int(found["year"])
    if found["month"]:
        return _from(key, PeriodKind.MONTH, year, int(found["month"]), 1)
    if found["quarter"]:
        return _from(key, PeriodKind.QUARTER, year, 3 * int(found["quarter"]) - 2, 3)
    if found["season"]:
        season = next(one for one in Season if one.value == found["season"])
        return _from(key, PeriodKind.SEASON, year, _FIRST_MONTH[season], 3, season)
    return _from(key, PeriodKind.YEAR, year, 1, 12)


def periods_until(today: date, years: int = 2) -> list[Period]:
    """What is offered: all, then of these years the year, seasons, quarters and months so far."""
    keys = [ALL.key]
    for year in range(today.year, today.year - years, -1):
        keys.append(f"{year}")
        keys += [f"{year}-{season.value}" for season in Season]
        keys += [f"{year}-q{quarter}" for quarter in range(4, 0, -1)]
        keys += [f"{year}-{month:02d}" for month in range(12, 0, -1)]
    found = [period for key in keys if (period := period_of(key))]
    return [period for period in found if period.since is None or period.since <= today]


def _from(
    key: str, kind: PeriodKind, year: int, month: int, months: int, season: Season | None = None
) -> Period:
    after = year * 12 + month - 1 + months
    return Period(key, kind, date(year, month, 1), date(after // 12, after % 12 + 1, 1), season)
