"""What people type about bank statements and their lines."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)

from orders.payments.formats.files import Stated
from orders.payments.states import BuyerWish
from shop.core.labels import N_
from shop.web.forms import MoneyField, ShopForm, SumForm, above_zero, required


class UploadForm(ShopForm):
    """A statement file, as the bank exported it, and which layout it is of."""

    file = FileField(
        lazy_gettext("银行流水文件"),
        validators=[FileRequired(lazy_gettext("请选择银行导出的流水文件。"))],
    )
    layout = SelectField(lazy_gettext("流水版式"), validate_choice=False)
    opening = MoneyField(lazy_gettext("期初余额"))
    closing = MoneyField(lazy_gettext("期末余额"))

    def offer(self, layouts: Sequence[tuple[str, str]]) -> None:
        """Offer these layouts (public id, name), and recognising one first."""
        self.layout.choices = [("", gettext("自动识别")), *layouts]

    def validate_closing(self, field: MoneyField) -> None:
        """Both balances or neither: one alone checks nothing."""
        if (self.opening.data is None) != (field.data is None):
            raise ValidationError(gettext("期初和期末余额要么都填，要么都不填。"))

    @property
    def stated(self) -> Stated | None:
        """The balances that were typed; None when neither was."""
        if self.opening.data is None or self.closing.data is None:
            return None
        return Stated(self.opening.data, self.closing.data)


class MatchForm(ShopForm):
    """For which purchase, and how much of the line."""

    purchase = StringField(
        lazy_gettext("采购单号或识别码"), validators=[required(lazy_gettext("请填采购单号。"))]
    )
    amount = MoneyField(
        lazy_gettext("认领金额"),
        validators=[required(lazy_gettext("请填认领金额。")), above_zero()],
    )
    reason = TextAreaField(lazy_gettext("理由"))
    rest_back = BooleanField(lazy_gettext("余下的退回付款账户"))


class PickForm(ShopForm):
    """Several purchases that one transfer pays together."""

    picked = SelectMultipleField(
        lazy_gettext("采购单"), [required(lazy_gettext("请选一样。"))], validate_choice=False
    )
    reason = TextAreaField(lazy_gettext("理由"))


class LineReasonForm(ShopForm):
    """Why a match is taken back, and which one."""

    journal = HiddenField()
    reason = TextAreaField(
        lazy_gettext("原因"), validators=[required(lazy_gettext("请写明原因。"))]
    )


class WishForm(ShopForm):
    """What a buyer wants done with money that is not the right amount."""

    wish = HiddenField(validators=[required()])

    @property
    def chosen(self) -> BuyerWish | None:
        """The wish that was sent, if it is one."""
        return next((wish for wish in BuyerWish if wish.value == self.wish.data), None)


class ExplainForm(ShopForm):
    """Which other paper says what a line is."""

    number = StringField(
        lazy_gettext("单号或识别码"), validators=[required(lazy_gettext("请填单号。"))]
    )
    reason = TextAreaField(
        lazy_gettext("说明"), validators=[required(lazy_gettext("请写明说明。"))]
    )


class SendBackForm(ShopForm):
    """How much of a line goes back to the account it came from, and why."""

    amount = MoneyField(
        lazy_gettext("退回金额"),
        description=lazy_gettext("可以只退一部分，剩下的留在待认领里。"),
        validators=[required(lazy_gettext("请填退回金额。")), above_zero()],
    )
    reason = TextAreaField(
        lazy_gettext("退回原因"), validators=[required(lazy_gettext("请写明原因，对方会看到。"))]
    )


class FeeForm(ShopForm):
    """Why a debit is the bank's fee."""

    reason = TextAreaField(
        lazy_gettext("说明"), validators=[required(lazy_gettext("请写明这是什么费用。"))]
    )


class UndoForm(SumForm):
    """Dangerous: the person types the sum of what comes back, not just a yes."""

    reason = TextAreaField(
        lazy_gettext("撤销原因"), validators=[required(lazy_gettext("请写明撤销原因。"))]
    )
    typed = MoneyField(
        lazy_gettext("这份流水的收入合计"),
        description=lazy_gettext("请照着上面的数字再填一遍，避免点错。"),
        validators=[required()],
    )
    differs = N_("和这份流水的收入合计不一样，请核对。")
