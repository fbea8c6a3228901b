"""What stands in each file for the accountant (账表), line by line.

The lines of a file are put up in one statement, in their order: transfers are never changed, so
what is then written in pieces is the books of one moment. Heads and words are Chinese whoever
asks, since programs know the columns by them.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from orders.closing import rules
from orders.closing.bank_side import as_moment, bound, run
from orders.closing.chart import codes
from orders.closing.models import AccountFile, Voucher
from orders.closing.queries import OWNER, OWNER_JOINS, SIDES
from orders.closing.states import KINDS, Report
from orders.ledger.models import Journal, LedgerMonth
from orders.ledger.states import AccountKind, JournalKind
from orders.payouts.layouts import defused
from shop.core import clock
from shop.core.money import ZERO, Money
from shop.printing.rows import Cell

Chart = dict[AccountKind, tuple[str, str]]

_VOUCHERS = (
    *("月份", "凭证字", "凭证号", "日期", "摘要", "科目编码", "科目名称"),
    *("借方金额", "贷方金额", "辅助核算", "更正月份"),
)
_SIX = ("期初借方", "期初贷方", "本期借方", "本期贷方", "期末借方", "期末贷方")

#: The columns of each file.
HEADS = {
    Report.TRIAL: ("科目编码", "科目名称", *_SIX),
    Report.BALANCES: ("科目编码", "科目名称", "辅助核算", *_SIX),
    Report.JOURNAL: _VOUCHERS,
    Report.VOUCHERS: _VOUCHERS,
    Report.ACCOUNTS: (
        *("科目编码", "科目名称", "辅助核算", "日期", "凭证号", "摘要"),
        *("借方金额", "贷方金额", "方向", "余额"),
    ),
}

#: The journals of the month, each with its number, or with the one it would get now.
_NUMBERED = """
  SELECT j.id, j.effective_at, CASE WHEN v.number IS NULL
      THEN :last + row_number() OVER (
        PARTITION BY (v.number IS NULL) ORDER BY j.effective_at, j.id)
      ELSE v.number END AS number
  FROM ledger_journal j LEFT JOIN ledger_voucher v ON v.journal_id = j.id
  WHERE j.effective_at >= :since AND j.effective_at < :until
"""

#: Both sides of what moved in the month. Joined to `SIDES`, SQLite would go through all of that
#: for each journal; so each transfer is found by its journal, and taken twice.
_MOVED = f"""
  SELECT j.number, j.effective_at AS at, t.id AS transfer_id, t.position,
    CASE side.n WHEN 0 THEN t.debit_id ELSE t.credit_id END AS account_id,
    CASE side.n WHEN 0 THEN t.amount_fen ELSE 0 END AS debit,
    CASE side.n WHEN 1 THEN t.amount_fen ELSE 0 END AS credit
  FROM ({_NUMBERED}) j JOIN ledger_transfer t ON t.journal_id = j.id
  CROSS JOIN (SELECT 0 AS n UNION ALL SELECT 1) side
"""  # noqa: S608

_JOURNAL_LINES = f"""
  SELECT row_number() OVER (ORDER BY number, position, credit) AS n,
    account_id, transfer_id, number, 0 AS before, debit, credit
  FROM ({_MOVED}) m
"""  # noqa: S608 (our own words)

#: Per account its opening balance, if it has one, then every movement with the balance before it.
_ACCOUNT_LINES = f"""
  SELECT row_number() OVER w AS n, e.account_id, e.transfer_id, e.number,
    sum(e.debit - e.credit) OVER (
      PARTITION BY e.account_id ORDER BY e.rank, e.at, e.number, e.position, e.transfer_id
      ROWS UNBOUNDED PRECEDING) - e.rank * (e.debit - e.credit) AS before,
    e.rank * e.debit AS debit, e.rank * e.credit AS credit
  FROM (
    SELECT s.account_id, CAST(NULL AS bigint) AS transfer_id, 0 AS rank, NULL AS at,
      0 AS number, 0 AS position, sum(s.debit) AS debit, sum(s.credit) AS credit
    FROM ({SIDES}) s JOIN ledger_journal j ON j.id = s.journal_id AND j.effective_at < :since
    GROUP BY s.account_id HAVING sum(s.debit) <> sum(s.credit)
    UNION ALL
    SELECT account_id, transfer_id, 1, at, number, position, debit, credit
    FROM ({_MOVED}) m) e
  JOIN ledger_account a ON a.id = e.account_id
  WINDOW w AS (
    ORDER BY {{by_code}}, a.id, e.rank, e.at, e.number, e.position, e.transfer_id)
"""  # noqa: S608

#: Accounts or whole kinds of them: balance before the month, and what moved in it.
_BALANCE_LINES = f"""
  SELECT row_number() OVER (ORDER BY {{by_code}}, min(a.owner_id)) AS n, min(a.id) AS account_id,
    CAST(NULL AS bigint) AS transfer_id, CAST(NULL AS bigint) AS number,
    sum(CASE WHEN j.effective_at < :since THEN s.debit - s.credit ELSE 0 END) AS before,
    sum(CASE WHEN j.effective_at >= :since THEN s.debit ELSE 0 END) AS debit,
    sum(CASE WHEN j.effective_at >= :since THEN s.credit ELSE 0 END) AS credit
  FROM ({SIDES}) s
  JOIN ledger_journal j ON j.id = s.journal_id AND j.effective_at < :until
  JOIN ledger_account a ON a.id = s.account_id
  GROUP BY {{group}}
  HAVING max(j.effective_at) >= :since OR sum(s.debit) <> sum(s.credit)
"""  # noqa: S608

_LINES = {
    Report.TRIAL: _BALANCE_LINES,
    Report.BALANCES: _BALANCE_LINES,
    Report.JOURNAL: _JOURNAL_LINES,
    Report.VOUCHERS: _JOURNAL_LINES,
    Report.ACCOUNTS: _ACCOUNT_LINES,
}

_PUT_UP = """
  INSERT INTO account_file_line
    (file_id, n, account_id, transfer_id, number, before_fen, debit_fen, credit_fen)
  SELECT :file, n, account_id, transfer_id, number, before, debit, credit FROM ({lines}) e
"""

_READ = f"""
  SELECT l.n, l.transfer_id, l.number, l.before_fen, l.debit_fen, l.credit_fen, a.kind,
    {OWNER} AS owner, j.kind AS event, j.about, j.effective_at AS at, j.corrects_month
  FROM account_file_line l
  JOIN ledger_account a ON a.id = l.account_id
  {OWNER_JOINS}
  LEFT JOIN ledger_transfer t ON t.id = l.transfer_id
  LEFT JOIN ledger_journal j ON j.id = t.journal_id
  WHERE l.file_id = :file AND l.n > :after AND l.n <= :upto
  ORDER BY l.n
"""  # noqa: S608

_SUMS = """
  SELECT count(*) AS lines,
    coalesce(sum(CASE WHEN before_fen > 0 THEN before_fen ELSE 0 END), 0) AS opening_debit,
    coalesce(sum(CASE WHEN before_fen < 0 THEN -before_fen ELSE 0 END), 0) AS opening_credit,
    coalesce(sum(debit_fen), 0) AS debit, coalesce(sum(credit_fen), 0) AS credit,
    coalesce(sum(CASE WHEN before_fen + debit_fen > credit_fen
      THEN before_fen + debit_fen - credit_fen ELSE 0 END), 0) AS closing_debit,
    coalesce(sum(CASE WHEN before_fen + debit_fen < credit_fen
      THEN credit_fen - before_fen - debit_fen ELSE 0 END), 0) AS closing_credit
  FROM account_file_line WHERE file_id = :file
"""

_SUMMED = ("opening_debit", "opening_credit", "debit", "credit", "closing_debit", "closing_credit")

_WORDS = {kind.value: kind.label for kind in JournalKind}
_TOTAL = "合计"


def work(tx: Session, report: Report, month: str) -> int:
    """About how many transfers are read for a file."""
    since, until = rules.span(month)
    reach = [Journal.effective_at < until]
    if report in (Report.JOURNAL, Report.VOUCHERS):
        reach.append(Journal.effective_at >= since)
    return int(
        tx.execute(
            select(func.coalesce(func.sum(Journal.transfer_count), 0)).where(*reach)
        ).scalar_one()
    )


def put_up(tx: Session, file: AccountFile) -> None:
    """Put up the lines of a file, in one statement, and count and sum them."""
    since, until = rules.span(file.month)
    codes_in_order = sorted(codes(tx).items(), key=lambda one: one[1])
    by_code = " ".join(
        f"WHEN '{kind.value}' THEN {n}" for n, (kind, _code) in enumerate(codes_in_order)
    )
    lines = _LINES[file.report].format(
        by_code=f"CASE a.kind {by_code} END",
        group="a.kind" if file.report is Report.TRIAL else "a.kind, a.id",
    )
    values: dict[str, Any] = {"since": since, "until": until, "file": file.id}
    if ":last" in lines:
        values["last"] = _last_number(tx, file.month)
    tx.execute(bound(_PUT_UP.format(lines=lines), **values))
    (found,) = run(tx, _SUMS, file=file.id)
    file.lines = found.lines
    file.sums = json.dumps([int(getattr(found, name)) for name in _SUMMED])


def rows(tx: Session, file: AccountFile, after: int, upto: int) -> Iterator[list[Cell]]:
    """The lines of a file behind one number up to another, as its columns want them."""
    chart = codes(tx)
    of = {
        Report.JOURNAL: _voucher_row,
        Report.VOUCHERS: _voucher_row,
        Report.ACCOUNTS: _account_row,
    }.get(file.report, _balance_row)
    for line in run(tx, _READ, file=file.id, after=after, upto=upto):
        yield of(file, chart, line)


def sums_row(file: AccountFile) -> list[Cell] | None:
    """The sums that stand last; none where a program reads the file in, which would take them."""
    sums: list[int] = json.loads(file.sums)
    opened, lent, debit, credit, ended, owed = (Money(fen) for fen in sums)
    match file.report:
        case Report.VOUCHERS:
            return None
        case Report.JOURNAL:
            return [_TOTAL, *[""] * 6, debit, credit, "", ""]
        case Report.ACCOUNTS:
            return [_TOTAL, *[""] * 5, debit, credit, "", ""]
        case Report.BALANCES:
            return [_TOTAL, "", "", opened, lent, debit, credit, ended, owed]
        case _:
            return [_TOTAL, "", opened, lent, debit, credit, ended, owed]


def as_csv(rows: Iterable[list[Cell]]) -> bytes:
    """Rows as CSV in UTF-8; cells a spreadsheet would run are defused."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerows(
        [defused(cell) if isinstance(cell, str) else str(cell) for cell in row] for row in rows
    )
    return out.getvalue().encode()


def _voucher_row(file: AccountFile, chart: Chart, line: Row[Any]) -> list[Cell]:
    return [
        file.month,
        "记",
        line.number,
        _day(line.at),
        f"{_WORDS[line.event]} {line.about}",
        *chart[KINDS[line.kind]],
        Money(line.debit_fen),
        Money(line.credit_fen),
        line.owner,
        line.corrects_month or "",
    ]


def _account_row(file: AccountFile, chart: Chart, line: Row[Any]) -> list[Cell]:
    balance = Money(line.before_fen + line.debit_fen - line.credit_fen)
    first = line.transfer_id is None
    return [
        *chart[KINDS[line.kind]],
        line.owner,
        f"{file.month}-01" if first else _day(line.at),
        "" if first else line.number,
        "期初余额" if first else f"{_WORDS[line.event]} {line.about}",
        Money(line.debit_fen),
        Money(line.credit_fen),
        "平" if balance == ZERO else "借" if balance > ZERO else "贷",
        max(balance, -balance),
    ]


def _balance_row(file: AccountFile, chart: Chart, line: Row[Any]) -> list[Cell]:
    opening, ending = line.before_fen, line.before_fen + line.debit_fen - line.credit_fen
    owner = [line.owner] if file.report is Report.BALANCES else []
    return [
        *chart[KINDS[line.kind]],
        *owner,
        *_sided(opening),
        Money(line.debit_fen),
        Money(line.credit_fen),
        *_sided(ending),
    ]


def _sided(fen: int) -> tuple[Money, Money]:
    """A balance, debit less credit, in its column."""
    return Money(max(fen, 0)), Money(max(-fen, 0))


def _last_number(tx: Session, month: str) -> int:
    return tx.execute(
        select(func.coalesce(func.max(Voucher.number), 0))
        .join(LedgerMonth, LedgerMonth.id == Voucher.month_id)
        .where(LedgerMonth.month == month)
    ).scalar_one()


def _day(value: datetime | str) -> str:
    moment = as_moment(value)
    assert moment is not None, "a journal has its time"
    return clock.day_of(moment).isoformat()
