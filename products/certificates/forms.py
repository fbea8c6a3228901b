"""The form by which the platform says of which goods certificates are asked for."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectChoice, SelectField

from products.catalogue.states import Category
from shop.web.forms import DayField, ShopForm, required

_CATEGORIES = [SelectChoice(member.value, lazy_gettext(member.label)) for member in Category]


class CertificateRuleForm(ShopForm):
    """One rule. Names are those of `set_certificate_rule`."""

    category = SelectField(lazy_gettext("品类"), choices=_CATEGORIES, coerce=Category)
    from_day = DayField(lazy_gettext("从哪天起"), [required()])
    demanded = RadioField(
        lazy_gettext("收购时"),
        choices=[
            SelectChoice("yes", lazy_gettext("要问合格证")),
            SelectChoice("no", lazy_gettext("不问合格证")),
        ],
        default="yes",
    )
