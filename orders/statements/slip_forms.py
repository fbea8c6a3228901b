"""Choosing the period of a statement, and the village whose slips are printed."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import SelectChoice, SelectField, StringField
from wtforms.validators import Length

from orders.statements.periods import ALL, Period, PeriodKind, period_of, periods_until
from orders.statements.slip_queries import VillageRow
from shop.web.filters import month
from shop.web.forms import ShopForm, required


class PeriodForm(ShopForm):
    """Which period; sent by GET."""

    class Meta:
        csrf = False

    period = SelectField(lazy_gettext("期间"), default=ALL.key)

    def __init__(self, today: date, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.period.choices = choices(today)

    @property
    def chosen(self) -> Period:
        """The period of the address; all there is where it names none."""
        return period_of(self.period.data or "") or ALL


class NumbersForm(ShopForm):
    """Why the households' telephone numbers are opened; it goes into the log."""

    reason = StringField(
        lazy_gettext("为什么要用电话号码"),
        validators=[required(lazy_gettext("请写明原因，会记入日志。")), Length(max=200)],
    )


class SlipsForm(ShopForm):
    """Which village, for which period."""

    village = SelectField(lazy_gettext("村"))
    period = SelectField(lazy_gettext("期间"))

    def offer(self, villages: list[VillageRow], today: date) -> None:
        """Set what can be chosen."""
        self.village.choices = [
            SelectChoice(
                one.public_id,
                gettext("%(village)s，%(count)s 户", village=one.name, count=one.households),
            )
            for one in villages
        ]
        self.period.choices = choices(today)


def choices(today: date) -> list[SelectChoice]:
    """The periods on offer, by name."""
    return [SelectChoice(one.key, period_words(one)) for one in periods_until(today)]


def period_words(period: Period) -> str:
    """A period in the reader's language."""
    if period.since is None:
        return gettext("全部")
    year = period.since.year
    if period.kind is PeriodKind.MONTH:
        return month(period.since)
    if period.kind is PeriodKind.QUARTER:
        return gettext(
            "%(year)s 年第 %(quarter)s 季度", year=year, quarter=(period.since.month + 2) // 3
        )
    if period.season:
        season = gettext(period.season.label)
        return gettext("%(year)s 年%(season)s", year=year, season=season)
    return gettext("%(year)s 年", year=year)
