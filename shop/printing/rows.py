"""Rows to spreadsheets that state what they hold: filter, row count, total and hash."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
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
    with _book(out, "in_memory") as book:
        for sheet in sheets:
            lines = [(sheet.title,), *sheet.notes, ("SHA-256", sheet.digest), ()]
            _write(book, sheet.title, lines, sheet.columns, sheet.rows)
    return out.getvalue()


def plain_workbook(title: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Columns and rows alone as a workbook; of many rows only one at a time is in memory."""
    out = io.BytesIO()
    with _book(out, "constant_memory") as book:
        _write(book, title, [], columns, rows)
    return out.getvalue()


def _book(out: io.BytesIO, memory: str) -> Any:
    """A workbook no cell of which is run or followed; `memory` is the option of XlsxWriter's."""
    options = {memory: True, "strings_to_formulas": False, "strings_to_urls": False}
    return xlsxwriter.Workbook(out, options)


def _write(
    book: Any,
    title: str,
    lines: Sequence[Sequence[str]],
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
) -> None:
    """A sheet: `lines` of words, then columns and rows. Written downwards, each row once."""
    money, bold = book.add_format({"num_format": "#,##0.00"}), book.add_format({"bold": True})
    page = book.add_worksheet(title[:31])
    head = len(lines)
    page.set_column(0, len(columns) - 1, 18)
    page.freeze_panes(head + 1, 0)
    for number, line in enumerate(lines):
        for column, word in enumerate(line):
            page.write_string(number, column, _word(word))
    page.write_row(head, 0, columns, bold)
    for number, row in enumerate(rows, start=head + 1):
        for column, cell in enumerate(row):
            if isinstance(cell, Money):
                page.write_number(number, column, Decimal(cell.fen).scaleb(-2), money)
            elif isinstance(cell, int):
                page.write_number(number, column, cell)
            elif cell:
                page.write_string(number, column, _word(cell))


def _word(word: str) -> str:
    """A word as XlsxWriter writes it; one between these marks it would take for its own XML."""
    return f"{word} " if word.startswith("<r>") and word.endswith("</r>") else word


def _text(cell: Cell) -> str:
    """A cell as text that no spreadsheet takes for a formula."""
    text = str(cell)
    harmless = isinstance(cell, int | Money) or not text.startswith(("=", "+", "-", "@", "\t"))
    return text if harmless else f"'{text}"
