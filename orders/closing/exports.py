"""Journal (序时账) and accounts (明细账) of a month, line by line, for an accountant's program.

Rows come from the database as they are written; nothing is gathered, however many there are.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from flask_babel import gettext as _
from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from orders.closing import rules
from orders.closing.bank_side import as_moment
from orders.closing.chart import codes
from orders.closing.queries import OWNERS, SIDES
from orders.closing.states import KINDS
from orders.ledger.states import JournalKind
from orders.payouts.layouts import defused
from shop.core import clock, db
from shop.core.money import ZERO, Money

#: Rows fetched at once.
CHUNK = 2000
#: Bytes of a file handed on at once.
PIECE = 1 << 16
#: A worksheet holds 1,048,576 rows; then the next one begins.
SHEET_ROWS = 1_000_000

_JOURNAL = f"""
  SELECT v.number, j.id AS journal_id, j.kind AS event, j.about, j.effective_at AS at,
    j.corrects_month, a.kind, w.owner, s.debit, s.credit
  FROM ({SIDES}) s
  JOIN ledger_journal j ON j.id = s.journal_id
  JOIN ledger_account a ON a.id = s.account_id
  JOIN ({OWNERS}) w ON w.id = a.id
  LEFT JOIN ledger_voucher v ON v.journal_id = j.id
  WHERE j.effective_at >= :since AND j.effective_at < :until
  ORDER BY v.number IS NULL, v.number, j.effective_at, j.id, s.position, s.credit
"""  # noqa: S608 (our own words)

_ACCOUNTS = f"""
  SELECT a.kind, w.owner, e.* FROM (
    SELECT s.account_id, 0 AS rank, NULL AS number, NULL AS event, NULL AS about,
      NULL AS at, sum(s.debit) AS debit, sum(s.credit) AS credit, 0 AS journal_id, 0 AS position
    FROM ({SIDES}) s JOIN ledger_journal j ON j.id = s.journal_id AND j.effective_at < :since
    GROUP BY s.account_id
    UNION ALL
    SELECT s.account_id, 1, v.number, j.kind, j.about, j.effective_at, s.debit, s.credit,
      j.id, s.position
    FROM ({SIDES}) s
    JOIN ledger_journal j ON j.id = s.journal_id
     AND j.effective_at >= :since AND j.effective_at < :until
    LEFT JOIN ledger_voucher v ON v.journal_id = j.id) e
  JOIN ledger_account a ON a.id = e.account_id
  JOIN ({OWNERS}) w ON w.id = a.id
  ORDER BY a.kind, a.id, e.rank, e.at, e.journal_id, e.position
"""  # noqa: S608

Row = list[str | int | Money]


def journal_rows(tx: Session, month: str) -> Iterator[Row]:
    """The head, then one line per debit and per credit; vouchers count from one without a gap.

    In an open month the numbers are those the vouchers would get now.
    """
    yield [
        _("月份"),
        _("凭证字"),
        _("凭证号"),
        _("日期"),
        _("摘要"),
        _("科目编码"),
        _("科目名称"),
        _("借方金额"),
        _("贷方金额"),
        _("辅助核算"),
        _("更正月份"),
    ]
    chart, words = codes(tx), _events()
    number, journal_id = 0, None
    for row in _stream(tx, _JOURNAL, month):
        if row.journal_id != journal_id:
            number, journal_id = row.number or number + 1, row.journal_id
        code, name = chart[KINDS[row.kind]]
        yield [
            month,
            _("记"),
            number,
            _day(row.at),
            f"{words[row.event]} {row.about}",
            code,
            name,
            Money(int(row.debit)),
            Money(int(row.credit)),
            row.owner,
            row.corrects_month or "",
        ]


def account_rows(tx: Session, month: str) -> Iterator[Row]:
    """The head, then per account its opening balance and every movement with the balance after."""
    yield [
        _("科目编码"),
        _("科目名称"),
        _("辅助核算"),
        _("日期"),
        _("凭证号"),
        _("摘要"),
        _("借方金额"),
        _("贷方金额"),
        _("方向"),
        _("余额"),
    ]
    chart, words, opening = codes(tx), _events(), _("期初余额")
    debit_word, credit_word, even = _("借"), _("贷"), _("平")
    account, balance = None, ZERO
    for row in _stream(tx, _ACCOUNTS, month):
        if row.account_id != account:
            account, balance = row.account_id, ZERO
        debit, credit = Money(int(row.debit)), Money(int(row.credit))
        balance += debit - credit
        first = row.rank == 0
        yield [
            *chart[KINDS[row.kind]],
            row.owner,
            f"{month}-01" if first else _day(row.at),
            "" if first else (row.number or ""),
            opening if first else f"{words[row.event]} {row.about}",
            ZERO if first else debit,
            ZERO if first else credit,
            even if balance == ZERO else debit_word if balance > ZERO else credit_word,
            balance if balance >= ZERO else -balance,
        ]


#: The exports by the word in their address.
EXPORTS = {"journal": journal_rows, "accounts": account_rows}


def as_csv(rows: Iterable[Row]) -> Iterator[bytes]:
    """Rows as CSV in UTF-8 with a mark, in pieces; cells a spreadsheet would run are defused."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    out.write("\ufeff")
    for number, row in enumerate(rows, start=1):
        writer.writerow([_plain(cell) for cell in row])
        if number % CHUNK == 0:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def as_xlsx(rows: Iterable[Row], title: str) -> Iterator[bytes]:
    """Rows as a workbook, in pieces; it lies in a file of its own until the last one is read."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "sheet.xlsx"
        write_xlsx(rows, target, title)
        with target.open("rb") as opened:
            while piece := opened.read(PIECE):
                yield piece


def write_xlsx(rows: Iterable[Row], target: Path, title: str) -> int:
    """Write rows as a workbook without holding them; returns how many lines it has."""
    book = xlsxwriter.Workbook(
        str(target),
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False},
    )
    money = book.add_format({"num_format": "#,##0.00"})
    page: Any = None
    head: Row = []
    count = 0
    for number, row in enumerate(rows):
        if number == 0:
            head = row
            continue
        at = (number - 1) % SHEET_ROWS
        if at == 0:
            page = _sheet(book, f"{title} {(number - 1) // SHEET_ROWS + 1}", head)
        for column, cell in enumerate(row):
            if isinstance(cell, Money):
                page.write_number(at + 1, column, Decimal(cell.fen) / 100, money)
            elif isinstance(cell, int):
                page.write_number(at + 1, column, cell)
            else:
                page.write_string(at + 1, column, defused(cell))
        count = number
    if page is None:
        _sheet(book, title, head)
    book.close()
    return count


def _sheet(book: Any, title: str, head: Row) -> Any:
    page = book.add_worksheet(title[:31])
    page.write_row(0, 0, [str(cell) for cell in head], book.add_format({"bold": True}))
    page.freeze_panes(1, 0)
    return page


def _stream(tx: Session, statement: str, month: str) -> Iterator[Any]:
    since, until = rules.span(month)
    asked = text(statement).bindparams(
        bindparam("since", since, type_=db.Moment()), bindparam("until", until, type_=db.Moment())
    )
    return iter(tx.execute(asked.execution_options(yield_per=CHUNK)))


def _events() -> dict[str, str]:
    return {kind.value: str(_(kind.label)) for kind in JournalKind}


def _day(value: datetime | str) -> str:
    moment = as_moment(value)
    assert moment is not None, "a journal has its time"
    return clock.day_of(moment).isoformat()


def _plain(cell: str | int | Money) -> str:
    if isinstance(cell, Money):
        return str(cell)
    return defused(cell) if isinstance(cell, str) else str(cell)
