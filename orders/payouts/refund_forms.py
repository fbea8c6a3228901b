"""What people type about the account of a refund."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileRequired
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length

from orders.payouts.refund_queries import RefundPage
from shop.web.forms import ShopForm, required
from shop.web.uploads import PaperField


class RefundAccountForm(ShopForm):
    """Another account of the same buyer, and what proves it."""

    holder = SelectField(
        _l("户名"), [required()], description=_l("只能是采购方或原付款人。"), choices=[]
    )
    number = StringField(
        _l("账号"),
        [required(), Length(max=48)],
        description=_l("加密保存，以后只显示后四位。"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    bank = StringField(_l("开户行"), [required(), Length(max=64)])
    cnaps = StringField(
        _l("联行号"),
        [Length(max=12)],
        description=_l("12 位；不知道可以先空着。"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    reason = TextAreaField(_l("为什么不能退回原账户"), [required(), Length(max=200)])
    file = PaperField(
        _l("证明：开户证明、销户回单或银行退回凭证"), [FileRequired(_l("请附上证明。"))]
    )

    def offer(self, page: RefundPage) -> None:
        """Offer the names the refund may go to."""
        self.holder.choices = [(name, name) for name in page.names]


class ConfirmRefundAccountForm(ShopForm):
    """What somebody reads from the proof."""

    last4 = StringField(
        _l("新账号的后四位"),
        [required(), Length(max=8)],
        description=_l("请对着证明填，不要照着页面填。"),
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )


class ProofForm(ShopForm):
    """Why somebody opens a proof."""

    reason = StringField(_l("为什么看"), [required(), Length(max=200)])
