"""Forms of sending, checking, returning and invoicing."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileRequired
from wtforms import FieldList, Form, FormField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Regexp

from orders.purchasing.rows import OrderRow
from orders.shipments.queries import AcceptanceRow, ShipmentRow
from shop.core.files import JPEG, OFD, PDF, PNG
from shop.web.forms import CountField, DayField, MoneyField, ShopForm, above_zero, required
from shop.web.uploads import PaperField


class PackLine(Form):
    """How many units of one lot go into this shipment."""

    allocation_id = HiddenField()
    units = CountField(_l("本次发出"))


class ShipForm(ShopForm):
    """One shipment: carrier, waybill, parcels, and units by lot."""

    carrier_id = SelectField(_l("承运商"), [required(_l("请选择承运商。"))])
    waybill = StringField(_l("运单号"), [Length(max=64)], description=_l("没有运单号可以先空着。"))
    parcels = CountField(_l("件数"), [required(), above_zero()])
    lines = FieldList(FormField(PackLine))

    def start(self, order: OrderRow) -> None:
        """Offer everything still in the store; called for a fresh form."""
        for line in order.lines:
            for lot in line.lots:
                if lot.to_ship:
                    self.lines.append_entry({"allocation_id": lot.public_id, "units": lot.to_ship})

    def packed(self) -> tuple[tuple[str, int], ...]:
        """The units to send by allocation, lines with none left out."""
        return tuple(
            (entry.form.allocation_id.data, entry.form.units.data)
            for entry in self.lines
            if entry.form.units.data
        )


class CountLine(Form):
    """What was found of one lot's units."""

    allocation_id = HiddenField()
    accepted = CountField(_l("验收合格"), [required(_l("没有就填 0。"))])
    short = CountField(_l("短少"), [required(_l("没有就填 0。"))])
    damaged = CountField(_l("破损"), [required(_l("没有就填 0。"))])
    note = StringField(_l("说明"), [Length(max=200)])


class CountForm(ShopForm):
    """The first signer's count of one shipment."""

    note = TextAreaField(_l("验收意见"), [Length(max=200)])
    counts = FieldList(FormField(CountLine))

    def start(self, shipment: ShipmentRow) -> None:
        """Propose that everything arrived whole; called for a fresh form."""
        for line in shipment.lines:
            self.counts.append_entry(
                {
                    "allocation_id": line.allocation_id,
                    "accepted": line.units,
                    "short": 0,
                    "damaged": 0,
                }
            )

    def counted(self) -> tuple[tuple[str, int, int, int, str], ...]:
        """Allocation, accepted, short, damaged and note of every line."""
        return tuple(
            (
                entry.form.allocation_id.data,
                entry.form.accepted.data,
                entry.form.short.data,
                entry.form.damaged.data,
                entry.form.note.data or "",
            )
            for entry in self.counts
        )


class SignForm(ShopForm):
    """Sign as the second person; nothing to type."""


class ArriveForm(ShopForm):
    """Record that a shipment arrived; nothing to type."""


class BackLine(Form):
    """How many accepted units of one lot go back."""

    line_id = HiddenField()
    units = CountField(_l("退货数量"))


class ReturnForm(ShopForm):
    """Goods sent back after acceptance, with the reason."""

    reason = TextAreaField(_l("退货原因"), [required(), Length(max=200)])
    lines = FieldList(FormField(BackLine))

    def start(self, acceptance: AcceptanceRow) -> None:
        """One line for everything that can still go back; called for a fresh form."""
        for line in acceptance.lines:
            if line.returnable:
                self.lines.append_entry({"line_id": line.public_id, "units": None})

    def sent_back(self) -> tuple[tuple[str, int], ...]:
        """The units by acceptance line, lines with none left out."""
        return tuple(
            (entry.form.line_id.data, entry.form.units.data)
            for entry in self.lines
            if entry.form.units.data
        )


class InvoiceForm(ShopForm):
    """An invoice issued elsewhere, with its file."""

    number = StringField(
        _l("发票号码"),
        [required(), Regexp(r"^\s*\d{20}\s*$", message=_l("数电发票号码是 20 位数字。"))],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    issued_on = DayField(_l("开票日期"), [required()])
    amount = MoneyField(_l("价税合计"), [required(), above_zero()])
    file = PaperField(
        _l("发票文件"),
        [FileRequired(_l("请选择发票文件。"))],
        takes=(PDF, OFD, PNG, JPEG),
    )
