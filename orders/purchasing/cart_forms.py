"""What people type into the cart and at checkout."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    HiddenField,
    RadioField,
    StringField,
    SubmitField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length

from orders.purchasing.cart_queries import BudgetShown, Cart
from orders.purchasing.placing import Line, ProvinceUnknown
from orders.purchasing.states import PaymentTerms
from products.catalogue.forms import AddForm
from products.prices.rules import province_of
from shop.web.filters import yuan_text
from shop.web.forms import CountField, ShopForm, required

_PHONE = re.compile(r"(1\d{10}|0\d{9,11})")
_LINES = re.compile(r"(spec_[0-9a-z]+:[1-9]\d{0,6})(,spec_[0-9a-z]+:[1-9]\d{0,6}){0,199}")


class PutInForm(AddForm):
    """Units of a specification, and into which cart: one's own or the union's list."""

    to = HiddenField()


class LineForm(ShopForm):
    """How many units a line of the cart holds; none takes it out.

    The buttons beside the box send `step`: one more, one less, or none at all.
    """

    units = CountField(_l("数量"), [required(_l("请填数量；不要了就填 0。"))])
    step = HiddenField()

    @property
    def units_wanted(self) -> int:
        """What the box and the button that was pressed ask for together."""
        units = int(self.units.data or 0)
        return {"more": units + 1, "less": max(0, units - 1), "none": 0}.get(
            self.step.data or "", units
        )


class ReceiverForm(ShopForm):
    """Where the goods go, and exactly what is ordered for which sum."""

    recipient = StringField(
        _l("收货人"),
        [required(_l("请填收货人的姓名。")), Length(max=32, message=_l("姓名最多 32 个字。"))],
        render_kw={"autocomplete": "name"},
    )
    phone = StringField(
        _l("手机或座机"),
        [required(_l("请填联系电话，送货前会打。"))],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    address = StringField(
        _l("收货地址"),
        [
            required(_l("请填收货地址。")),
            Length(min=6, max=200, message=_l("请填省、市、区县、街道和门牌，6 到 200 个字。")),
        ],
        render_kw={"autocomplete": "street-address"},
    )
    note = TextAreaField(
        _l("备注（选填）"),
        [Length(max=200, message=_l("备注最多 200 个字。"))],
        render_kw={"rows": "2"},
    )
    lines = HiddenField()
    seen_total = HiddenField()
    edit = SubmitField(_l("返回修改"))

    def validate_phone(self, field: StringField) -> None:
        """A mobile number of 11 digits, or a landline with its area code."""
        digits = re.sub(r"[\s\-()（）]", "", field.data or "")
        if not _PHONE.fullmatch(digits):
            raise ValidationError(_("请填 11 位手机号，或带区号的座机号。"))
        field.data = digits

    @property
    def province(self) -> str:
        """The province the address begins with, or nothing."""
        return province_of(self.address.data or "")

    def says_where(self, cart: Cart) -> bool:
        """Whether the freight is known; where it depends on the province, the address names it."""
        if self.province or not cart.far:
            return True
        self.refuse(ProvinceUnknown())
        return False

    @property
    def order_lines(self) -> tuple[Line, ...]:
        """What the page that was checked asked for; nothing when it was tampered with."""
        if not _LINES.fullmatch(self.lines.data or ""):
            return ()
        pairs = [pair.partition(":") for pair in self.lines.data.split(",")]
        return tuple((specification, int(units)) for specification, _colon, units in pairs)

    def carry(self, cart: Cart) -> None:
        """Remember on the page what is ordered, and the sum the button names."""
        pairs = (f"{specification}:{units}" for specification, units in cart.order_lines)
        self.lines.data = ",".join(pairs)
        self.seen_total.data = str(cart.total.fen)

    def agrees_with(self, cart: Cart) -> bool:
        """Whether the sum the buyer saw is still the sum; if not, the form says so.

        Where goods are missing instead, the command says which.
        """
        if self.seen_total.data == str(cart.total.fen) or cart.order_lines != self.order_lines:
            return True
        total = yuan_text(cart.total)
        self.refusals = (
            *self.refusals,
            _("价格刚有变动，现在合计 %(total)s，还没有提交。请核对后再提交。", total=total),
        )
        self.status = 409
        return False


class RetailForm(ReceiverForm):
    """A person's own purchase."""


class BulkForm(ReceiverForm):
    """A union's purchase: besides, out of which budget and when it is paid."""

    budget = RadioField(_l("从哪笔经费出"), [required(_l("请选一笔经费，或选“不占用经费”。"))])
    terms = RadioField(
        _l("什么时候付款"),
        [required(_l("请选付款方式。"))],
        choices=[SelectChoice(terms.value, _l(terms.label)) for terms in PaymentTerms],
        default=PaymentTerms.BEFORE.value,
    )

    #: Stands for “no budget” among the choices.
    NONE = "none"

    def offer(self, budgets: tuple[BudgetShown, ...]) -> None:
        """Fill the choices with the union's budgets."""
        self.budget.choices = [
            *(SelectChoice(budget.public_id, budget.purpose) for budget in budgets),
            SelectChoice(self.NONE, _("不占用经费")),
        ]

    @property
    def budget_id(self) -> str | None:
        """The chosen budget's public id, or None."""
        chosen: Any = self.budget.data
        return None if chosen == self.NONE else str(chosen)

    @property
    def payment_terms(self) -> PaymentTerms:
        """The chosen terms."""
        return next(terms for terms in PaymentTerms if terms.value == self.terms.data)
