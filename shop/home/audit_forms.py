"""Filters of the auditor's pages; they only read, so they are sent by GET."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import SelectChoice, SelectField, StringField, ValidationError
from wtforms.validators import Length, NumberRange, Optional

from orders.ledger.states import JournalKind
from shop.home.audit_queries import ActFilter
from shop.home.journal_queries import JournalFilter
from shop.web.forms import CountField, DayField, ShopForm


class DaysForm(ShopForm):
    """From a day to a day, both included."""

    class Meta:
        csrf = False

    since = DayField(lazy_gettext("从"), [Optional()])
    until = DayField(lazy_gettext("到"), [Optional()])

    def validate_until(self, field: DayField) -> None:
        """The last day may not come before the first."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(gettext("“到”不能早于“从”。"))


class ActFilterForm(DaysForm):
    """Which acts of the log."""

    kind = SelectField(lazy_gettext("事项"), [Optional()], default="")
    # Not `organisation`: by that name the navigation says for whom the auditor acts.
    organisation = SelectField(lazy_gettext("单位"), [Optional()], default="", name="unit")
    person = StringField(lazy_gettext("经手人"), [Optional(), Length(max=64)])

    def offer(self, kinds: list[tuple[str, str]], organisations: list[tuple[str, str]]) -> None:
        """Set what can be chosen."""
        everything = SelectChoice("", gettext("全部"))
        self.kind.choices = [
            everything,
            *[SelectChoice(key, gettext(word)) for key, word in kinds],
        ]
        self.organisation.choices = [
            everything,
            *[SelectChoice(key, name) for key, name in organisations],
        ]

    @property
    def wanted(self) -> ActFilter:
        """The filter, once the form was found good."""
        return ActFilter(
            since=self.since.data,
            until=self.until.data,
            kind=self.kind.data or "",
            organisation=self.organisation.data or "",
            person=(self.person.data or "").strip(),
        )


class SampleForm(ActFilterForm):
    """How many acts to draw, and from which seed."""

    seed = StringField(lazy_gettext("种子"), [Optional(), Length(max=64)])
    size = CountField(
        lazy_gettext("抽几条"),
        [Optional(), NumberRange(1, 200, lazy_gettext("一次抽 1 到 200 条。"))],
        default=25,
    )


class JournalFilterForm(DaysForm):
    """Which journals."""

    kind = SelectField(lazy_gettext("事项"), [Optional()], default="")
    about = StringField(lazy_gettext("事项编号"), [Optional(), Length(max=64)])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind.choices = [
            SelectChoice("", gettext("全部")),
            *[SelectChoice(kind.value, gettext(kind.label)) for kind in JournalKind],
        ]

    @property
    def wanted(self) -> JournalFilter:
        """The filter, once the form was found good."""
        return JournalFilter(
            since=self.since.data,
            until=self.until.data,
            kind=next((kind for kind in JournalKind if kind.value == self.kind.data), None),
            about=(self.about.data or "").strip(),
        )
