"""Forms: text from people into typed values, with every error beside its field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, ParamSpec, TypeVar

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, StringField, TextAreaField, ValidationError
from wtforms.form import BaseForm
from wtforms.validators import InputRequired, Length

from shop.core.commands import Command
from shop.core.errors import Refusal
from shop.core.ids import new_key
from shop.core.labels import N_
from shop.core.money import Money, yuan
from shop.core.weight import grams_from_kg, kg_text
from shop.web.form_words import FormWords

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Done(Generic[R]):
    """What a command answered that a form was sent for."""

    answer: R


class ShopForm(FlaskForm):
    """Base of all forms: a CSRF token, a once-key, and refusals beside their fields.

    A view hands its command to `carried_out`, or calls `refuse` with what it refused, and shows
    the page again with `status`; what was typed stays.
    """

    class Meta(FlaskForm.Meta):
        """WTForms' own complaints in the shop's words."""

        def get_translations(self, _form: BaseForm) -> FormWords:
            """Asked by every field for the sentences it brings along."""
            return FormWords()

    once = HiddenField(default=new_key)

    status = 200
    refusals: tuple[str, ...] = ()

    def refuse(self, refusal: Refusal) -> None:
        """Show a refusal beside the field it names, or above the form."""
        sentence = sentence_of(refusal)
        field = self._fields.get(refusal.at_field or "")
        if field is None:
            self.refusals = (*self.refusals, sentence)
        else:
            field.errors = [*field.errors, sentence]
        self.status = refusal.status

    def done(self, act: Callable[[], R]) -> Done[R] | None:
        """Act if the form was sent and is good; None, with what is wrong in it, if it is not done.

        Args:
            act: calls a command through the once-key; a refusal is shown in the form.
        """
        if not self.validate_on_submit():
            return None
        try:
            return Done(act())
        except Refusal as refusal:
            self.refuse(refusal)
            return None

    def carried_out(self, act: Command[P, Any], *args: P.args, **given: P.kwargs) -> bool:
        """Whether the form was sent well and the command took it, once; a refusal is shown.

        For commands whose answer nobody asks for; see `done`.
        """
        return self.done(lambda: act.once(self.once.data)(*args, **given)) is not None

    def apart(self, name: str) -> None:
        """Give its fields ids of their own, so that several forms may share a page."""
        for field in self:
            field.id = field.label.field_id = f"{name}-{field.id}"

    def validate_on_submit(self, *args: Any, **kwargs: Any) -> bool:
        """Whether the form was sent and every field is good; else `status` becomes 422."""
        good = bool(super().validate_on_submit(*args, **kwargs))
        if self.is_submitted() and not good:
            self.status = 422
        return good


class ReasonForm(ShopForm):
    """Why something is sent back, cancelled or stopped; the other side reads it."""

    reason = TextAreaField(
        lazy_gettext("原因"),
        [InputRequired(lazy_gettext("请写明原因，对方会看到。")), Length(max=200)],
    )


class WithdrawForm(ShopForm):
    """Why something that waits for a second person is taken back."""

    reason = TextAreaField(
        lazy_gettext("撤回原因"),
        [InputRequired(lazy_gettext("请写明原因，对方会看到。")), Length(max=200)],
    )


def sentence_of(refusal: Refusal) -> str:
    """A refusal as a sentence in the reader's language."""
    facts = {
        name: gettext(value) if isinstance(value, str) and value else value
        for name, value in refusal.facts.items()
    }
    return str(gettext(refusal.sentence) % facts) if facts else gettext(refusal.sentence)


def sent_again() -> list[tuple[str, str]]:
    """What was sent, to be sent again unchanged from a page that asks once more."""
    return [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in ("csrf_token", "step")
    ]


class MoneyField(StringField):
    """An amount in yuan, typed with at most two decimals; `data` is `Money`."""

    unit = N_("元")
    widget_attributes = {"inputmode": "decimal", "autocomplete": "off"}

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return str(self.data) if isinstance(self.data, Money) else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed; a bad amount is an error of this field."""
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = yuan(valuelist[0])
            except ValueError:
                raise ValidationError(
                    gettext("请填金额，例如 238 或 238.50，最多两位小数。")
                ) from None


class KilogramField(StringField):
    """A weight typed in kilograms with at most three decimals; `data` is whole grams."""

    unit = N_("公斤")
    widget_attributes = {"inputmode": "decimal", "autocomplete": "off"}

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return kg_text(self.data).replace(",", "") if isinstance(self.data, int) else ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed; a bad weight is an error of this field."""
        self.data = None
        if valuelist and valuelist[0].strip():
            try:
                self.data = grams_from_kg(valuelist[0])
            except ValueError:
                raise ValidationError(
                    gettext("请填公斤数，例如 20 或 20.5，最多三位小数。")
                ) from None


class CountField(StringField):
    """A whole number of units from zero up; `data` is an int."""

    widget_attributes = {"inputmode": "numeric", "autocomplete": "off"}

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read what was typed; anything but digits is an error of this field."""
        self.data = None
        if valuelist and valuelist[0].strip():
            typed = valuelist[0].strip()
            if not (typed.isascii() and typed.isdigit()) or len(typed) > 7:
                raise ValidationError(gettext("请填整数，例如 30。"))
            self.data = int(typed)


class SumForm(ShopForm):
    """Dangerous: the person types the sum `expected` again, not just a yes.

    Subclasses name the sum, in `typed`, and what is said of another one, in `differs`.
    """

    typed = MoneyField(lazy_gettext("合计"), [InputRequired(lazy_gettext("请填写这一项。"))])
    expected: Money | None = None
    differs = N_("和上面的合计不一样，请核对。")

    def validate_typed(self, field: MoneyField) -> None:
        """The sum that was typed is the sum that was shown."""
        if field.data is not None and field.data != self.expected:
            raise ValidationError(gettext(self.differs))


class DayField(DateField):
    """A calendar day; `data` is a date."""

    data: date | None


def required(message: str | None = None) -> InputRequired:
    """The field may not stay empty."""
    return InputRequired(message or lazy_gettext("请填写这一项。"))


def above_zero(message: str | None = None) -> Callable[[Any, Any], None]:
    """The number, weight or amount has to be more than nothing."""

    def check(_form: Any, field: Any) -> None:
        value = field.data.fen if isinstance(field.data, Money) else field.data
        if value is not None and value <= 0:
            raise ValidationError(message or gettext("要大于零。"))

    return check
