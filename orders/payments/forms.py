"""What people type about bank statements."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import StringField, TextAreaField

from shop.core.labels import N_
from shop.web.forms import MoneyField, ShopForm, SumForm, above_zero, required


class UploadForm(ShopForm):
    """A statement file, as the bank exported it."""

    file = FileField(
        lazy_gettext("银行流水文件"),
        validators=[FileRequired(lazy_gettext("请选择银行导出的流水文件。"))],
    )


class MatchForm(ShopForm):
    """For which purchase, and how much of the line."""

    purchase = StringField(
        lazy_gettext("采购单号或识别码"), validators=[required(lazy_gettext("请填采购单号。"))]
    )
    amount = MoneyField(
        lazy_gettext("认领金额"),
        validators=[required(lazy_gettext("请填认领金额。")), above_zero()],
    )


class GiveBackForm(ShopForm):
    """How much of a line nobody can claim goes back where it came from, and why."""

    amount = MoneyField(
        lazy_gettext("退回金额"),
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
