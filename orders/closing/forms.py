"""What people type when they sign, close and set codes."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import Length

from orders.closing.states import Ending, Report
from orders.ledger.states import AccountKind
from shop.web.filters import label
from shop.web.forms import MoneyField, ShopForm, required


class SignForm(ShopForm):
    """Signing a day: the person types the balance read at the bank, bound to what was seen."""

    seen_hash = HiddenField()
    typed = MoneyField(
        lazy_gettext("银行余额"),
        description=lazy_gettext("请照着银行对账单或网银，填这一天终了的余额。"),
        validators=[required()],
    )


class FileForm(ShopForm):
    """Which file for the accountant, and how it is written."""

    report = SelectField(lazy_gettext("账表"))
    ending = SelectField(lazy_gettext("格式"))

    def offer(self) -> None:
        """Let every file be chosen."""
        self.report.choices = [(report.value, label(report)) for report in Report]
        self.ending.choices = [(ending.value, label(ending)) for ending in Ending]

    def chosen_report(self) -> Report:
        """Which file, once the form is good."""
        return next(report for report in Report if report.value == self.report.data)

    def chosen_ending(self) -> Ending:
        """How it is written, likewise."""
        return next(ending for ending in Ending if ending.value == self.ending.data)


class CodeForm(ShopForm):
    """The code and name of one kind of account."""

    kind = SelectField(lazy_gettext("账户类别"))
    code = StringField(lazy_gettext("科目编码"), [required(), Length(max=16)])
    name = StringField(lazy_gettext("科目名称"), [required(), Length(max=64)])

    def offer(self) -> None:
        """Let every kind be chosen."""
        self.kind.choices = [(kind.value, label(kind)) for kind in AccountKind]
