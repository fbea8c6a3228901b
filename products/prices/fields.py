"""Fields that hold a small table as text: one row a line, every error with its row's number."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from wtforms import TextAreaField

from products.prices.rules import Zone
from shop.core.money import Money, yuan
from shop.core.weight import grams_from_kg, kg_text

_CELLS = re.compile(r"[|｜\t]")
_NAMES = re.compile(r"[、,，;；\s]+")


class RowsField(TextAreaField):
    """A table typed or pasted as text; subclasses read one row of cells, and print one."""

    data: Any
    widget_attributes = {"rows": "5", "spellcheck": "false"}  # noqa: RUF012 (as in ShopForm)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "\n".join(self.printed(row) for row in self.data or ())

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        """Read every line that says something; each bad one is an error of its own."""
        self.data, found = (), []
        text = valuelist[0] if valuelist else ""
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                try:
                    found.append(self.read([cell.strip() for cell in self.cells(line.strip())]))
                except ValueError as error:
                    self.process_errors.append(
                        _("第 %(row)s 行：%(problem)s", row=number, problem=str(error))
                    )
        self.data = tuple(found)

    def cells(self, line: str) -> list[str]:
        """The cells of a line."""
        return _CELLS.split(line)

    def read(self, cells: list[str]) -> Any:
        """One row of cells as a value; a ValueError says what is wrong with it."""
        raise NotImplementedError

    def printed(self, row: Any) -> str:
        """One value as a line of text."""
        raise NotImplementedError


class LadderField(RowsField):
    """A price ladder, “10 230.00” a line; `data` is ((from units, price of each), …)."""

    def cells(self, line: str) -> list[str]:
        """Units and price are apart by a space, a tab or a bar."""
        return re.split(r"[|｜\s]+", line)

    def read(self, cells: list[str]) -> tuple[int, Money]:
        """From so many units on, this price of each."""
        if len(cells) != 2:
            raise ValueError(_("要写“起始数量 单价”两样，例如 10 230.00。"))
        return _count(cells[0]), money_in(cells[1], _("单价"))

    def printed(self, row: tuple[int, Money]) -> str:
        """As it is typed."""
        return f"{row[0]} {row[1]}"


class ZonesField(RowsField):
    """Zones of a freight table, seven cells a line; `data` is (`Zone`, …)."""

    def read(self, cells: list[str]) -> Zone:
        """Provinces, first kg, yuan, further kg, yuan, free from yuan, free from kg."""
        if not 5 <= len(cells) <= 7:
            raise ValueError(
                _(
                    "要写五到七格，用竖线隔开：省份、首重公斤、元、续重公斤、元、满多少元免、满多少公斤免。"
                )
            )
        cells = [*cells, "", ""][:7]
        return Zone(
            provinces=tuple(name for name in _NAMES.split(cells[0]) if name),
            first_grams=_grams(cells[1], _("首重")),
            first=money_in(cells[2], _("首重运费")),
            step_grams=_grams(cells[3], _("续重")),
            step=money_in(cells[4], _("续重运费")),
            free_from=money_in(cells[5], _("满多少元免")) if cells[5] else None,
            free_from_grams=_grams(cells[6], _("满多少公斤免")) if cells[6] else None,
        )

    def printed(self, row: Zone) -> str:
        """As it is typed."""
        return " | ".join(
            (
                "、".join(row.provinces),
                kg_text(row.first_grams).replace(",", ""),
                str(row.first),
                kg_text(row.step_grams).replace(",", ""),
                str(row.step),
                str(row.free_from or ""),
                kg_text(row.free_from_grams).replace(",", "") if row.free_from_grams else "",
            )
        ).rstrip(" |")


def money_in(text: str, name: str) -> Money:
    """An amount of a cell: at most two decimals, no exponent, not below zero."""
    try:
        amount = yuan(text)
    except ValueError:
        amount = Money(-1)
    if amount.fen < 0:
        raise ValueError(
            _("%(name)s“%(text)s”要填金额，最多两位小数，不能小于零。", name=name, text=text[:20])
        )
    return amount


def _grams(text: str, name: str) -> int:
    try:
        return grams_from_kg(text)
    except ValueError:
        raise ValueError(
            _("%(name)s“%(text)s”要填公斤数，最多三位小数。", name=name, text=text[:20])
        ) from None


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 7:
        raise ValueError(_("起始数量“%(text)s”要填整数。", text=text[:20]))
    return int(text)
