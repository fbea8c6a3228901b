"""Forms of households."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext, lazy_gettext
from wtforms import (
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length

from products.households.rules import area_from_mu
from products.households.states import ConsentPurpose, HouseholdSecret, HouseholdStanding
from shop.web.forms import DayField, ShopForm, required

_STANDINGS = [
    SelectChoice(member.value, lazy_gettext(member.label)) for member in HouseholdStanding
]
_PURPOSES = [SelectChoice(member.value, lazy_gettext(member.label)) for member in ConsentPurpose]
_SECRETS = [SelectChoice(member.value, lazy_gettext(member.label)) for member in HouseholdSecret]


class MuField(StringField):
    """An area typed in mu with at most one decimal; `data` is whole square metres."""

    unit = lazy_gettext("亩")
    widget_attributes = {"inputmode": "decimal", "autocomplete": "off"}

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = area_from_mu(valuelist[0])
            except ValueError:
                raise ValidationError(gettext("请填亩数，例如 3 或 3.5，最多一位小数。")) from None


class RegisterForm(ShopForm):
    """A household as it is registered."""

    name = StringField(lazy_gettext("户主姓名"), [required(), Length(max=32)])
    village_id = SelectField(lazy_gettext("村"), [required()], choices=[])
    identity = StringField(
        lazy_gettext("身份证号"),
        [Length(max=24)],
        description=lazy_gettext("加密保存，页面上不显示。可以先空着。"),
        render_kw={"autocomplete": "off"},
    )
    phone = StringField(
        lazy_gettext("电话"),
        [Length(max=24)],
        description=lazy_gettext("加密保存。可以先空着。"),
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )
    standing = SelectField(lazy_gettext("身份"), choices=_STANDINGS, coerce=HouseholdStanding)
    since = DayField(lazy_gettext("从哪天起"), [required()])


class PlotForm(ShopForm):
    """One more plot."""

    name = StringField(
        lazy_gettext("地块"),
        [required(), Length(max=32)],
        description=lazy_gettext("大家怎么叫它，例如：屋后坡。"),
    )
    crop = StringField(lazy_gettext("种什么"), [required(), Length(max=32)])
    area_m2 = MuField(lazy_gettext("面积"), [required()])


class StandingForm(ShopForm):
    """Another standing from a day on."""

    standing = SelectField(lazy_gettext("新的身份"), choices=_STANDINGS, coerce=HouseholdStanding)
    since = DayField(lazy_gettext("从哪天起"), [required()])


class ConsentForm(ShopForm):
    """A day on which consent was given or taken back, and to what."""

    purpose = RadioField(
        lazy_gettext("公开什么"),
        choices=_PURPOSES,
        coerce=ConsentPurpose,
        default=ConsentPurpose.NAME,
        description=lazy_gettext("每一项单独同意，单独撤回。"),
    )
    on = DayField(lazy_gettext("纸上写的日期"), [required()])


class CardForm(ShopForm):
    """The card a household is paid on."""

    holder = StringField(lazy_gettext("户名"), [required(), Length(max=64)])
    number = StringField(
        lazy_gettext("卡号"),
        [required(), Length(max=48)],
        description=lazy_gettext("加密保存，以后只显示后四位。"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    bank = StringField(lazy_gettext("开户行"), [required(), Length(max=64)])
    cnaps = StringField(
        lazy_gettext("联行号"),
        [Length(max=16)],
        description=lazy_gettext("12 位；不知道可以先空着。"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


class NewCardForm(CardForm):
    """Another card, and why; a second person confirms it."""

    reason = TextAreaField(lazy_gettext("为什么换"), [required(), Length(max=200)])


class LookForm(ShopForm):
    """Which number, and why it has to be seen."""

    what = RadioField(
        lazy_gettext("看哪一项"),
        choices=_SECRETS,
        coerce=HouseholdSecret,
        default=HouseholdSecret.CARD,
    )
    reason = StringField(
        lazy_gettext("原因"),
        [required(), Length(max=200)],
        description=lazy_gettext("和您的姓名、时间一起记入审计日志。"),
    )


class AnswerForm(ShopForm):
    """An answer to “this is wrong”."""

    answer = TextAreaField(
        lazy_gettext("怎么回话"),
        [required(), Length(max=500)],
        description=lazy_gettext("农户在自己的对账单上能看到。"),
        render_kw={"rows": 4},
    )
