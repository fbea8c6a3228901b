"""What people type about receivables."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from orders.receivables.states import SendingWay
from shop.web.forms import (
    CountField,
    DayField,
    MoneyField,
    ShopForm,
    above_zero,
    required,
)


class PromiseForm(ShopForm):
    """By when the union will pay."""

    promised_on = DayField(
        lazy_gettext("哪天以前付"), validators=[required(lazy_gettext("请填一个日子。"))]
    )
    note = TextAreaField(lazy_gettext("附言（可不填）"), validators=[Length(max=500)])


class DisputeForm(ShopForm):
    """What the union says it does not owe."""

    amount = MoneyField(
        lazy_gettext("有异议的金额"), validators=[required(lazy_gettext("请填金额。"))]
    )
    reason = TextAreaField(
        lazy_gettext("原因"),
        validators=[required(lazy_gettext("请写明原因，平台会看到。")), Length(max=500)],
    )


class BroughtForm(ShopForm):
    """How and when somebody brought a reminder to its union."""

    way = RadioField(
        lazy_gettext("怎么送的"),
        choices=[SelectChoice(one.value, lazy_gettext(one.label)) for one in SendingWay],
        coerce=SendingWay,
        default=SendingWay.LETTER,
    )
    on_day = DayField(
        lazy_gettext("哪天送的"), validators=[required(lazy_gettext("请填一个日子。"))]
    )
    note = StringField(
        lazy_gettext("备注（可不填）"),
        description=lazy_gettext("例如交给了谁、快递单号。"),
        validators=[Length(max=200)],
    )


class RuleForm(ShopForm):
    """What holds from a day on."""

    from_day = DayField(
        lazy_gettext("哪天起用"), validators=[required(lazy_gettext("请填一个日子。"))]
    )
    days = CountField(lazy_gettext("付款天数"), validators=[required()])
    longest_days = CountField(lazy_gettext("最长可约定天数"), validators=[required()])
    rate = CountField(
        lazy_gettext("逾期日利率（万分之）"),
        description=lazy_gettext("万分之五写 5。"),
        validators=[required()],
    )
    remind_before_days = CountField(lazy_gettext("到期前几天提醒"), validators=[required()])
    remind_every_days = CountField(lazy_gettext("逾期后每几天提醒"), validators=[required()])
    second_after_days = CountField(lazy_gettext("逾期几天起再次催款"), validators=[required()])
    last_after_days = CountField(lazy_gettext("逾期几天起最后催告"), validators=[required()])
    source = StringField(
        lazy_gettext("依据"),
        description=lazy_gettext("写明文件名称和起用日期。"),
        validators=[required(lazy_gettext("请写明依据。")), Length(max=200)],
    )


class AgreeForm(ShopForm):
    """The days one purchase's contract agrees on."""

    purchase = StringField(
        lazy_gettext("采购单号"), validators=[required(lazy_gettext("请填采购单号。"))]
    )
    days = CountField(lazy_gettext("约定的付款天数"), validators=[required()])
    ground = StringField(
        lazy_gettext("依据"),
        description=lazy_gettext("例如合同第几条。"),
        validators=[required(lazy_gettext("请写明依据。")), Length(max=200)],
    )


class InterestForm(ShopForm):
    """How much of a line is interest, and for which acceptance."""

    acceptance = SelectField(lazy_gettext("哪张验收单的利息"))
    amount = MoneyField(
        lazy_gettext("入账金额"),
        validators=[required(lazy_gettext("请填入账金额。")), above_zero()],
    )

    def offer(self, choices: list[tuple[str, Any]]) -> None:
        """The acceptances that owe interest."""
        self.acceptance.choices = choices


class DueForm(ShopForm):
    """How much of a line a cooperative pays of what it owes."""

    cooperative = SelectField(lazy_gettext("哪家合作社交来的"))
    amount = MoneyField(
        lazy_gettext("入账金额"),
        validators=[required(lazy_gettext("请填入账金额。")), above_zero()],
    )

    def offer(self, choices: list[tuple[str, Any]]) -> None:
        """The cooperatives that owe something."""
        self.cooperative.choices = choices
