"""What people type about returns."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import FieldList, Form, FormField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import Length

from orders.returns.rows import LineRow
from orders.returns.states import Answer
from shop.web.forms import CountField, ShopForm, required


class AnswerForm(ShopForm):
    """How a cooperative answers a request."""

    answer = RadioField(_l("怎么答复"), [required()])
    note = TextAreaField(
        _l("给对方的话"),
        [Length(max=200)],
        description=_l("不同意要写明原因；同意可以写寄到哪里。"),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.answer.choices = [(one.value, _l(one.label)) for one in Answer]

    @property
    def chosen(self) -> Answer:
        """The answer."""
        return next(one for one in Answer if one.value == self.answer.data)


class SendForm(ShopForm):
    """The goods are on their way back."""

    waybill = StringField(_l("运单号"), [Length(max=64)], description=_l("自己送回可以空着。"))


class CheckedLine(Form):
    """What inspection made of one line's units."""

    line_id = HiddenField()
    good = CountField(_l("重新上架"), [required(_l("没有就填 0。"))])
    bad = CountField(_l("报损"), [required(_l("没有就填 0。"))])


class InspectForm(ShopForm):
    """The count of what came back."""

    lines = FieldList(FormField(CheckedLine))
    note = TextAreaField(_l("验收意见"), [Length(max=200)])

    def start(self, lines: tuple[LineRow, ...]) -> None:
        """One line for everything nobody has inspected; called for a fresh form."""
        for line in lines:
            if line.open:
                self.lines.append_entry({"line_id": line.line_id, "good": line.open, "bad": 0})

    def counts(self) -> tuple[tuple[str, int, int], ...]:
        """Acceptance line, back on sale and written off."""
        return tuple(
            (entry.form.line_id.data, entry.form.good.data, entry.form.bad.data)
            for entry in self.lines
        )
