"""What people type to give up units of an order."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField, HiddenField, TextAreaField
from wtforms.validators import Length

from orders.purchasing.cancel_queries import CancelDesk, Effect
from shop.core.money import Money
from shop.web.forms import CountField, ShopForm, required


class GivenUpLine(Form):
    """How many units of one line are given up."""

    specification_id = HiddenField()
    units = CountField(_l("取消数量"))


class CancelUnitsForm(ShopForm):
    """Units to give up, with the reason; `seen` is the refund that was shown, in fen."""

    lines = FieldList(FormField(GivenUpLine))
    reason = TextAreaField(
        _l("取消原因"), [required(_l("请写明原因，对方会看到。")), Length(max=200)]
    )
    seen = HiddenField()

    def start(self, desk: CancelDesk) -> None:
        """One line for everything that can be given up; called for a fresh form."""
        for line in desk.order.lines:
            if line.to_ship:
                self.lines.append_entry({"specification_id": line.specification_id, "units": None})

    def given_up(self) -> tuple[tuple[str, int], ...]:
        """The units by specification, lines with none left out."""
        return tuple(
            (entry.form.specification_id.data, entry.form.units.data)
            for entry in self.lines
            if entry.form.units.data
        )

    def show(self, effect: Effect) -> None:
        """Remember the refund that is shown now."""
        self.seen.data = str(effect.refund.fen)

    @property
    def seen_refund(self) -> Money | None:
        """The refund that was shown; None where it was not."""
        seen = self.seen.data or ""
        return Money(int(seen)) if seen.isascii() and seen.isdigit() else None
