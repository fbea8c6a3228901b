"""The day ledger as files for the accountant: CSV and XLSX, every cell text, exact figures."""

from __future__ import annotations

import csv
import io

import xlsxwriter
from flask_babel import gettext as _

from products.lots.delivery_queries import DayLedger, Sums
from shop.core.clock import SHANGHAI
from shop.core.money import Money
from shop.core.weight import kg_text

Row = list[str]


def as_csv(ledger: DayLedger) -> bytes:
    """The ledger as CSV in UTF-8 with a mark, so that office programs read Chinese rightly."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([defused(cell) for cell in row] for row in rows_of(ledger))
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(ledger: DayLedger) -> bytes:
    """The ledger as a workbook of one sheet; text cells, so nothing is read as a formula."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(ledger.day.isoformat())
        bold = book.add_format({"bold": True})
        for number, row in enumerate(rows_of(ledger)):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell, bold if number == 0 else None)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 14, 14)
    return out.getvalue()


def rows_of(ledger: DayLedger) -> list[Row]:
    """Head, one row for each weigh-in, and the totals of what stands."""
    head = [
        _("单号"),
        _("时间"),
        _("户主"),
        _("村"),
        _("品类"),
        _("品名"),
        _("等级"),
        _("净重（公斤）"),
        _("单价（元/公斤）"),
        _("金额（元）"),
        _("付款"),
        _("合格证"),
        _("收购员"),
        _("状态"),
    ]
    rows = [
        [
            row.number,
            f"{row.weighed_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            row.household,
            row.village,
            _(row.category.label),
            row.name,
            row.grade,
            _kg(row.grams),
            str(Money(row.fen_per_kg)),
            str(row.value),
            _(row.payment.label),
            row.certificate,
            row.weigher or "",
            _(row.state.label),
        ]
        for row in ledger.rows
    ]
    totals = [
        _total(_("现场付款合计"), ledger.paid),
        _total(_("寄售合计"), ledger.consignment),
        _total(_("全天合计（不含作废）"), ledger.both),
    ]
    return [head, *rows, *totals]


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


def _total(words: str, sums: Sums) -> Row:
    count = _("%(count)s 笔", count=sums.count)
    return [words, count, *[""] * 5, _kg(sums.grams), "", str(sums.value), *[""] * 4]


def _kg(grams: int) -> str:
    return kg_text(grams).replace(",", "")
