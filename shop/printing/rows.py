"""Rows to spreadsheets that state what they hold: filter, row count, total and hash."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter

from shop.core.money import Money

Cell = str | int | Money

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an export holds: `notes` (pairs of words) stand above the columns."""

    title: str
    notes: Sequence[tuple[str, str]]
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]

    @property
    def digest(self) -> str:
        """SHA-256 over columns and rows as text, by which two exports are compared."""
        content = [list(self.columns), *[[str(cell) for cell in row] for row in self.rows]]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def as_csv(sheet: Sheet) -> bytes:
    """The sheet as CSV in UTF-8 with a mark, so that spreadsheets read the Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([sheet.title])
    writer.writerows([list(note) for note in sheet.notes])
    writer.writerow(["SHA-256", sheet.digest])
    writer.writerow([])
    writer.writerow(sheet.columns)
    writer.writerows([[_text(cell) for cell in row] for row in sheet.rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def plain_csv(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """Columns and rows alone as CSV in UTF-8 with a mark, for other machines to read."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[_text(cell) for cell in row] for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(sheet: Sheet) -> bytes:
    """The sheet as a workbook; amounts are numbers with two decimals, the rest is text."""
    return as_workbook([sheet])


def as_workbook(sheets: Sequence[Sheet]) -> bytes:
    """Several sheets as one workbook, in their order."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    money = book.add_format({"num_format": "#,##0.00"})
    bold = book.add_format({"bold": True})
    for sheet in sheets:
        _write(book.add_worksheet(sheet.title[:31]), sheet, money, bold)
    book.close()
    return out.getvalue()


def _write(page: Any, sheet: Sheet, money: Any, bold: Any) -> None:
    lines: list[Sequence[Cell]] = [[sheet.title], *sheet.notes, ["SHA-256", sheet.digest], []]
    for number, line in enumerate(lines):
        for column, cell in enumerate(line):
            page.write_string(number, column, str(cell))
    head = len(lines)
    page.write_row(head, 0, sheet.columns, bold)
    page.freeze_panes(head + 1, 0)
    for number, row in enumerate(sheet.rows, start=head + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, Money):
                page.write_number(number, column, Decimal(cell.fen).scaleb(-2), money)
            elif isinstance(cell, int):
                page.write_number(number, column, cell)
            else:
                page.write_string(number, column, cell)
    page.set_column(0, len(sheet.columns) - 1, 18)


def _text(cell: Cell) -> str:
    """A cell as text that no spreadsheet takes for a formula."""
    text = str(cell)
    harmless = isinstance(cell, int | Money) or not text.startswith(("=", "+", "-", "@", "\t"))
    return text if harmless else f"'{text}"
