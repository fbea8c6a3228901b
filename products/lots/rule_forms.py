"""Forms of alarms, mass rules and processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import (
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length, Optional

from products.catalogue.states import Category
from shop.core.money import yuan
from shop.web.forms import DayField, KilogramField, MoneyField, ShopForm, above_zero, required

_CATEGORIES = [SelectChoice(member.value, lazy_gettext(member.label)) for member in Category]


class RatioField(StringField):
    """What goes in for one of what comes out, at most two decimals; `data` is hundredths."""

    widget_attributes = MoneyField.widget_attributes

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed; anything but a number is an error of this field."""
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = yuan(valuelist[0]).fen
            except ValueError:
                raise ValidationError(gettext("请填数字，例如 3.8，最多两位小数。")) from None


class StepsText(TextAreaField):
    """Steps one per line, Chinese and English apart by “|”; `data` is ((中文, English), …)."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(" | ".join(part for part in step if part) for step in self.data or ())

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """One step for each line that says something."""
        lines = [line.strip() for line in (valuelist[0] if valuelist else "").splitlines()]
        self.data = tuple(
            (chinese.strip(), english.strip())
            for chinese, _bar, english in (line.replace("｜", "|").partition("|") for line in lines)
            if chinese.strip() or english.strip()
        )


class DecideForm(ShopForm):
    """The second signature."""

    verdict = RadioField(
        lazy_gettext("看过以后"),
        [required(lazy_gettext("请选一项。"))],
        choices=[
            SelectChoice("clear", lazy_gettext("说得清：写明原因，批次解冻")),
            SelectChoice("confirm", lazy_gettext("确实有问题：批次继续冻结")),
        ],
    )
    reason = TextAreaField(
        lazy_gettext("说明"), [required(lazy_gettext("请写明原因。")), Length(max=200)]
    )


class MassRuleForm(ShopForm):
    """What is plausible of some goods, from a day on. Names are those of `set_mass_rule`."""

    category = SelectField(lazy_gettext("品类"), choices=_CATEGORIES, coerce=Category)
    goods = StringField(
        lazy_gettext("品名"), [Length(max=64)], description=lazy_gettext("空着就是这一类的全部。")
    )
    grade = StringField(
        lazy_gettext("等级"), [Length(max=32)], description=lazy_gettext("空着就是不分等级。")
    )
    from_day = DayField(lazy_gettext("从哪天起用"), [required(lazy_gettext("请选日期。"))])
    ratio_low = RatioField(
        lazy_gettext("投料比下限"),
        [Optional()],
        description=lazy_gettext("做一份成品最少要投几份，例如 3.8；不限制就上下限都空着。"),
    )
    ratio_high = RatioField(lazy_gettext("投料比上限"), [Optional()])
    most_grams_per_mu = KilogramField(
        lazy_gettext("一亩一年最多能产"),
        [Optional(), above_zero()],
        description=lazy_gettext("不限制就空着。"),
    )


class ProcessEditForm(ShopForm):
    """A process. Names are those of `add_process`."""

    category = SelectField(lazy_gettext("用在哪类货"), choices=_CATEGORIES, coerce=Category)
    name = StringField(
        lazy_gettext("工艺名称"), [required(lazy_gettext("请填名称。")), Length(max=32)]
    )
    name_en = StringField(lazy_gettext("英文名称"), [Length(max=64)])
    makes = StringField(
        lazy_gettext("做成什么"), [required(lazy_gettext("请填做成什么。")), Length(max=32)]
    )
    makes_en = StringField(lazy_gettext("做成什么（英文）"), [Length(max=64)])
    steps = StepsText(
        lazy_gettext("工序"),
        [required(lazy_gettext("请写工序，每行一道。"))],
        description=lazy_gettext("每行一道，中文在前，英文用竖线隔开：杀青 | Fixing"),
    )


class BareForm(ShopForm):
    """A button and nothing else."""
