"""What people type about payouts."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length

from orders.payouts.layouts import layouts
from orders.payouts.states import PayoutKind
from shop.core.labels import N_
from shop.web.forms import MoneyField, ReasonForm, ShopForm, SumForm, required


class DraftForm(ShopForm):
    """Which kinds a batch is drafted of."""

    kinds = SelectMultipleField(
        lazy_gettext("打给谁"),
        validators=[required(lazy_gettext("请至少选一类。"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds.choices = [(kind.value, gettext(kind.label)) for kind in PayoutKind]

    @property
    def chosen(self) -> tuple[PayoutKind, ...]:
        """The kinds that were ticked, in their own order."""
        return tuple(kind for kind in PayoutKind if kind.value in (self.kinds.data or ()))


class ApproveForm(SumForm):
    """Dangerous: the person types the sum that leaves, bound to what was seen."""

    seen_hash = HiddenField()
    typed = MoneyField(
        lazy_gettext("打款合计"),
        description=lazy_gettext("请照着上面的合计再填一遍，表示您核对过。"),
        validators=[required()],
    )
    differs = N_("和这批的合计不一样，请核对。")


class ExportForm(ShopForm):
    """As which bank's files a batch is exported."""

    layout = SelectField(lazy_gettext("银行格式"), validate_choice=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.layout.choices = [(one.code, one.name) for one in layouts().values()]


class ResultForm(ShopForm):
    """The bank's answer, as the bank gave it."""

    file = FileField(
        lazy_gettext("银行回盘文件"),
        validators=[FileRequired(lazy_gettext("请选择银行的回盘文件。"))],
    )


class ReturnForm(ReasonForm):
    """Which payout came back, and how one knows."""

    reference = StringField(
        lazy_gettext("业务参考号"),
        [required(), Length(max=24)],
        description=lazy_gettext("银行文件里那一笔的业务参考号，共 9 位。"),
        render_kw={"autocomplete": "off"},
    )
