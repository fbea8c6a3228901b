"""What people type about settlement runs."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from wtforms import HiddenField, SelectField, TextAreaField, ValidationError

from shop.core.money import Money
from shop.organisations.queries import OrganisationRow
from shop.web.forms import MoneyField, ShopForm, required


class DraftForm(ShopForm):
    """Of which cooperative a run is tried out."""

    cooperative = SelectField(lazy_gettext("结算范围"))

    def offer(self, cooperatives: list[OrganisationRow]) -> None:
        """Let all cooperatives be chosen, or one."""
        self.cooperative.choices = [
            ("", gettext("全部合作社")),
            *((row.public_id, row.name) for row in cooperatives),
        ]


class ApproveForm(ShopForm):
    """Dangerous: the person types the sum that is posted, bound to what was seen."""

    seen_hash = HiddenField()
    typed = MoneyField(
        lazy_gettext("结算合计"),
        description=lazy_gettext("请照着上面的合计再填一遍，表示您核对过。"),
        validators=[required()],
    )
    expected: Money | None = None

    def validate_typed(self, field: MoneyField) -> None:
        """The sum is the run's."""
        if field.data is not None and field.data != self.expected:
            raise ValidationError(gettext("和这次的合计不一样，请核对。"))


class WithdrawForm(ShopForm):
    """Why a run is taken back."""

    reason = TextAreaField(
        lazy_gettext("撤回原因"), validators=[required(lazy_gettext("请写明撤回的原因。"))]
    )
