"""Forms of the weigh-in and of making lots."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import BooleanField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, Optional

from products.catalogue.states import Category
from products.certificates.states import CertificateSource
from products.lots.fields import InputsField, StepsField
from products.lots.states import LeafPayment
from shop.web.forms import (
    CountField,
    DayField,
    KilogramField,
    MoneyField,
    ShopForm,
    above_zero,
    required,
)

_CATEGORIES = [SelectChoice(member.value, lazy_gettext(member.label)) for member in Category]
_SOURCES = [SelectChoice(member.value, lazy_gettext(member.label)) for member in CertificateSource]
_PAYMENTS = [
    SelectChoice(LeafPayment.PAID.value, lazy_gettext("现场付款：钱已经当面付清")),
    SelectChoice(LeafPayment.CONSIGNMENT.value, lazy_gettext("寄售：卖出去以后再结算")),
]


def _certificate_source() -> RadioField:
    return RadioField(
        lazy_gettext("承诺达标合格证"),
        choices=_SOURCES,
        coerce=CertificateSource,
        default=CertificateSource.COLLECTED,
        description=lazy_gettext(
            "收购要查验、收存合格证。农户开不开凭自愿：没有开也照收，如实记下就行。"
        ),
    )


def _certificate_number() -> StringField:
    return StringField(
        lazy_gettext("农户带来的合格证编号"),
        [Length(max=32)],
        description=lazy_gettext("代写的由系统编号，没有开的空着。"),
        render_kw={"autocomplete": "off"},
    )


class WeighForm(ShopForm):
    """What one household has on the scale. Names are those of `weigh_in`."""

    category = SelectField(
        lazy_gettext("品类"), choices=_CATEGORIES, coerce=Category, default=Category.TEA
    )
    name = StringField(lazy_gettext("品名"), [required(lazy_gettext("请填品名。")), Length(max=64)])
    grade = StringField(lazy_gettext("等级"), [Length(max=32)])
    plot_id = SelectField(lazy_gettext("哪块地"), choices=[])
    grams = KilogramField(
        lazy_gettext("净重"), [required(lazy_gettext("请填净重。")), above_zero()]
    )
    fen_per_kg = MoneyField(
        lazy_gettext("每公斤单价"),
        [required(lazy_gettext("请填每公斤单价。")), above_zero()],
        description=lazy_gettext("寄售也要填约定的单价，以后按它分钱。"),
    )
    payment = RadioField(
        lazy_gettext("怎么付"), choices=_PAYMENTS, coerce=LeafPayment, default=LeafPayment.PAID
    )
    certificate_source = _certificate_source()
    certificate = _certificate_number()


class CorrectForm(ShopForm):
    """What a weigh-in should have been, and why it was not."""

    grams = KilogramField(
        lazy_gettext("净重"), [required(lazy_gettext("请填净重。")), above_zero()]
    )
    grade = StringField(lazy_gettext("等级"), [Length(max=32)])
    fen_per_kg = MoneyField(
        lazy_gettext("每公斤单价"), [required(lazy_gettext("请填每公斤单价。")), above_zero()]
    )
    payment = RadioField(lazy_gettext("怎么付"), choices=_PAYMENTS, coerce=LeafPayment)
    certificate_source = _certificate_source()
    certificate = _certificate_number()
    reason = StringField(
        lazy_gettext("为什么更正"),
        [required(lazy_gettext("请写为什么更正。")), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )


class VoidForm(ShopForm):
    """Why a weigh-in is voided."""

    reason = StringField(
        lazy_gettext("为什么作废"),
        [required(lazy_gettext("请写为什么作废。")), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )


class ProcessForm(ShopForm):
    """Lots through the steps of a process. Names are those of `commands.process`."""

    inputs = InputsField(lazy_gettext("投料"))
    steps = StepsField(lazy_gettext("做了哪几道工序"))
    grams = KilogramField(
        lazy_gettext("出了多少"), [required(lazy_gettext("请填出了多少。")), above_zero()]
    )
    grade = StringField(lazy_gettext("等级"), [Length(max=32)])
    note = StringField(lazy_gettext("备注"), [Length(max=200)])


class BlendForm(ShopForm):
    """Lots into a blend."""

    inputs = InputsField(lazy_gettext("投料"))
    grams = KilogramField(
        lazy_gettext("拼出来多少"), [required(lazy_gettext("请填拼出来多少。")), above_zero()]
    )
    name = StringField(lazy_gettext("品名"), [required(lazy_gettext("请填品名。")), Length(max=64)])
    grade = StringField(lazy_gettext("等级"), [Length(max=32)])
    certificate = StringField(
        lazy_gettext("承诺达标合格证编号"),
        [Length(max=32)],
        description=lazy_gettext("空着就随批次开一份新的；已经在别处开好的，填它的编号。"),
    )
    new_certificate = BooleanField(
        lazy_gettext("只有一户的货，也另开新证"),
        description=lazy_gettext("不勾选，只有一户的货沿用农户自己的证。"),
    )
    note = StringField(lazy_gettext("备注"), [Length(max=200)])


class PackForm(ShopForm):
    """Lots into units of one specification."""

    inputs = InputsField(lazy_gettext("投料"))
    specification_id = SelectField(
        lazy_gettext("装成什么规格"), [required(lazy_gettext("请选规格。"))], choices=[]
    )
    units = CountField(
        lazy_gettext("装了多少件"), [required(lazy_gettext("请填装了多少件。")), above_zero()]
    )
    certificate = StringField(
        lazy_gettext("承诺达标合格证编号"),
        [Length(max=32)],
        description=lazy_gettext("空着就随批次开一份新的；已经在别处开好的，填它的编号。"),
    )
    new_certificate = BooleanField(
        lazy_gettext("只有一户的货，也另开新证"),
        description=lazy_gettext("不勾选，只有一户的货沿用农户自己的证。"),
    )
    best_before = DayField(
        lazy_gettext("保质期到"),
        [Optional()],
        description=lazy_gettext("空着就按产品的保质天数算。"),
    )
    note = StringField(lazy_gettext("备注"), [Length(max=200)])
