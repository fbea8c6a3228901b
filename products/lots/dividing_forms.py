"""Forms that take a lot apart or put a delivery right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import Field, RadioField, SelectChoice, SelectField, StringField, ValidationError
from wtforms.validators import Length

from products.lots.dividing import PARTS_AT_MOST
from products.lots.states import LeafPayment, LotKind
from shop.core.weight import grams_from_kg
from shop.web.forms import KilogramField, MoneyField, ShopForm, above_zero, required

#: Rows that are shown at first, and added by each press of “more”.
ROWS = 5


@dataclass(frozen=True, slots=True)
class PartLine:
    """One row as the person left it, with what is wrong in it."""

    number: int
    name: str
    grade: str
    grams: str
    error: str


class PartsField(Field):
    """Rows of name, grade and kilograms; `data` is ((name, grade, grams), …) of those filled in."""

    data: tuple[tuple[str, str, int], ...]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = ROWS
        self.typed: dict[tuple[str, int], str] = {}
        self.bad: dict[int, str] = {}

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Keep what was typed in every row."""
        if formdata:
            asked = formdata.get(f"{self.name}-rows", "")
            self.rows = min(PARTS_AT_MOST, int(asked) if asked.isdecimal() else ROWS)
            self.typed = {
                (column, row): formdata.get(f"{self.name}-{row}-{column}", "").strip()[:64]
                for row in range(self.rows)
                for column in ("name", "grade", "grams")
            }
        super().process(formdata, *args, **kwargs)
        if formdata:
            self.data = tuple(self._read())

    def process_data(self, value: Any) -> None:
        """No part at first."""
        self.data = ()

    def _read(self) -> Sequence[tuple[str, str, int]]:
        found = []
        for row in range(self.rows):
            name, grade, typed = (self.typed[c, row] for c in ("name", "grade", "grams"))
            if not (name or grade or typed):
                continue
            try:
                grams = grams_from_kg(typed)
            except ValueError:
                self.bad[row] = gettext("请填公斤数，例如 20 或 20.5，最多三位小数。")
                continue
            if not name:
                self.bad[row] = gettext("请填名称。")
            elif len(grade) > 32:
                self.bad[row] = gettext("等级最多 32 个字。")
            elif not grams:
                self.bad[row] = gettext("要大于零。")
            found.append((name, grade, grams))
        return found

    def pre_validate(self, form: Any) -> None:
        """Every row that was begun is whole; that there is one at all the command decides."""
        if self.bad:
            raise ValidationError(gettext("有的行没有填对，请看每一行的提示。"))

    def add_rows(self) -> None:
        """Show more rows."""
        self.rows = min(PARTS_AT_MOST, self.rows + ROWS)
        self.bad = {}

    @property
    def may_grow(self) -> bool:
        """Whether more rows may be asked for."""
        return self.rows < PARTS_AT_MOST

    def lines(self) -> list[PartLine]:
        """What the page shows."""
        return [
            PartLine(
                row,
                self.typed.get(("name", row), ""),
                self.typed.get(("grade", row), ""),
                self.typed.get(("grams", row), ""),
                self.bad.get(row, ""),
            )
            for row in range(self.rows)
        ]


class DivideForm(ShopForm):
    """What is taken out of a lot. Names are those of `divide`."""

    kind = RadioField(
        lazy_gettext("分出来的是什么"),
        choices=[
            SelectChoice(LotKind.PART.value, lazy_gettext("分堆：还是同样的货，分成几堆")),
            SelectChoice(LotKind.BYPRODUCT.value, lazy_gettext("副产品：挑出来的梗、末、次果")),
        ],
        coerce=LotKind,
        default=LotKind.PART,
    )
    parts = PartsField(lazy_gettext("分出来的每一份"))
    note = StringField(lazy_gettext("备注"), [Length(max=200)])


class LossForm(ShopForm):
    """What is gone, and why."""

    grams = KilogramField(
        lazy_gettext("损耗了多少"), [required(lazy_gettext("请填损耗了多少公斤。")), above_zero()]
    )
    reason = StringField(
        lazy_gettext("怎么少的"),
        [required(lazy_gettext("请写怎么少的。")), Length(max=200)],
        description=lazy_gettext("例如：受潮拣出倒掉、撒漏、销毁。"),
        render_kw={"autocomplete": "off"},
    )


class CorrectSharesForm(ShopForm):
    """What a used delivery really was, and why it was not. Names are those of `correct_shares`."""

    household_id = SelectField(lazy_gettext("其实是哪一户的"), choices=[])
    grams = KilogramField(
        lazy_gettext("其实多重"), [required(lazy_gettext("请填净重。")), above_zero()]
    )
    fen_per_kg = MoneyField(
        lazy_gettext("每公斤单价"), [required(lazy_gettext("请填每公斤单价。")), above_zero()]
    )
    payment = RadioField(
        lazy_gettext("怎么付"),
        choices=[
            SelectChoice(LeafPayment.PAID.value, lazy_gettext("现场付款：钱已经当面付清")),
            SelectChoice(LeafPayment.CONSIGNMENT.value, lazy_gettext("寄售：卖出去以后再结算")),
        ],
        coerce=LeafPayment,
    )
    reason = StringField(
        lazy_gettext("为什么更正"),
        [required(lazy_gettext("请写为什么更正。")), Length(max=200)],
        render_kw={"autocomplete": "off"},
    )
