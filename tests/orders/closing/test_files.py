"""Files for the accountant: what stands in them, at once and by a job, and how long."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from orders.closing import exporting, file_queries, queries
from orders.closing.models import AccountFile, AccountFileLine, AccountFilePiece
from orders.closing.states import Ending, Report
from orders.ledger.models import Transfer
from shop.core.errors import NotAllowed, NotFound
from shop.core.money import Money, total, yuan
from shop.jobs import queue
from shop.printing.rows import plain_workbook
from tests.orders.closing.stories import closed, read


def parts(world, report, ending=Ending.CSV, month="2026-04"):
    """The contents of the parts of a file, by whichever way it is written."""
    file, job = exporting.ask_file(
        month=month, report=report, ending=ending, actor=world.auditor, now=world.now
    )
    if job:
        assert not read(file_queries.file, file, world.auditor).ready
        queue.run_waiting(lambda: world.now)
    row = read(file_queries.file, file, world.auditor)
    assert row.ready
    return [b"".join(file_queries.pieces(file, n)) for n, _name in enumerate(row.names, start=1)]


def written(*args, **kwargs):
    """The content of a file of one part."""
    (content,) = parts(*args, **kwargs)
    return content


def sheet_of(content):
    """The rows of a workbook of one sheet."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    (name,) = book.sheet_names
    return book.get_sheet_by_name(name).to_python()


def as_sheet(rows):
    """Rows of a CSV as a workbook has them: what is a number there is one."""
    numbers = {
        n for n, name in enumerate(rows[0]) if name.endswith(("方金额", "余额", "借方", "贷方"))
    }
    numbers |= {n for n, name in enumerate(rows[0]) if name == "凭证号"}
    return [rows[0]] + [
        [float(cell) if n in numbers and cell else cell for n, cell in enumerate(row)]
        for row in rows[1:]
    ]


def rows_of(content):
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def column(rows, name):
    """A column of amounts, without the head."""
    return [yuan(row[rows[0].index(name)]) for row in rows[1:]]


def test_the_files_of_a_month_agree_with_each_other_and_with_the_trial_balance(april):
    closed(april)
    page = read(queries.trial, "2026-04", april.auditor)
    transfers = read(lambda tx: list(tx.execute(select(Transfer.amount)).scalars()))

    vouchers, journal, accounts, balances, trial = (
        rows_of(written(april, report))
        for report in (
            Report.VOUCHERS,
            Report.JOURNAL,
            Report.ACCOUNTS,
            Report.BALANCES,
            Report.TRIAL,
        )
    )

    assert journal[:-1] == vouchers
    assert len(vouchers) == len(accounts) - 1 == 2 * len(transfers) + 1
    for rows in (journal, accounts):
        *debits, debit = column(rows, "借方金额")
        *credits, credit = column(rows, "贷方金额")
        assert debit == credit == total(debits) == total(credits) == total(transfers)
    numbers = {int(row[2]) for row in vouchers[1:]}
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    for rows in (trial, balances):
        sums = [column(rows, name) for name in rows[0][-6:]]
        assert [one[-1] for one in sums] == [total(one[:-1]) for one in sums]
        assert [one[-1] for one in sums] == [amount for pair in page.sums() for amount in pair]
    ends = {(row[0], row[2]): row[9] for row in accounts[1:-1]}
    assert ends == {(row[0], row[2]): max(row[-2:], key=yuan) for row in balances[1:-1]}
    assert [row[0] for row in trial[1:-1]] == sorted(row[0] for row in trial[1:-1])


def test_a_month_begins_with_the_balances_of_the_one_before_open_or_closed(april):
    end = rows_of(written(april, Report.TRIAL))
    begin = rows_of(written(april, Report.ACCOUNTS, month="2026-05"))

    standing = [row for row in end[1:-1] if row[-2:] != ["0.00", "0.00"]]
    assert {row[0] for row in begin[1:-1]} == {row[0] for row in standing}
    assert {row[5] for row in begin[1:-1]} == {"期初余额"}
    custody = next(row for row in begin if row[0] == "101201")
    assert (custody[3], custody[8], custody[9]) == ("2026-05-01", "借", end[1][-2])


def test_a_large_csv_is_written_by_a_job_piece_by_piece_to_the_same_bytes(april, monkeypatch):
    at_once = written(april, Report.ACCOUNTS)
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    monkeypatch.setitem(exporting.LINES, Ending.CSV, 7)

    assert written(april, Report.ACCOUNTS) == at_once

    assert read(lambda tx: tx.query(AccountFilePiece).count()) > 2
    assert read(lambda tx: tx.query(AccountFileLine).count()) == 0


def test_what_is_too_long_for_a_workbook_comes_as_two_that_hold_the_ledger(april, monkeypatch):
    closed(april)
    ledger = [one for pair in read(queries.trial, "2026-05", april.auditor).sums() for one in pair]
    head, *rows, sums = as_sheet(rows_of(written(april, Report.BALANCES, month="2026-05")))
    assert sheet_of(written(april, Report.BALANCES, Ending.XLSX, "2026-05")) == [head, *rows, sums]
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    monkeypatch.setitem(exporting.LINES, Ending.XLSX, len(rows) - 1)

    first, second = map(sheet_of, parts(april, Report.BALANCES, Ending.XLSX, "2026-05"))

    assert (first, second) == ([head, *rows[:-1]], [head, rows[-1], sums])
    assert [round(amount * 100) for amount in sums[3:]] == [amount.fen for amount in ledger]
    for column, amount in enumerate(ledger, start=3):
        lines = [*first[1:], *second[1:-1]]
        assert sum(round(line[column] * 100) for line in lines) == amount.fen
    assert ledger[0].fen > 0


def test_a_workbook_that_is_just_full_is_the_only_one_and_others_are_cut_evenly(april, monkeypatch):
    head, *rows = as_sheet(rows_of(written(april, Report.JOURNAL)))
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    monkeypatch.setitem(exporting.LINES, Ending.XLSX, len(rows) - 1)
    assert sheet_of(written(april, Report.JOURNAL, Ending.XLSX)) == [head, *rows]

    monkeypatch.setitem(exporting.LINES, Ending.XLSX, 5)
    many = [sheet_of(one) for one in parts(april, Report.JOURNAL, Ending.XLSX)]

    assert {len(one) for one in many[:-1]} == {6}
    assert [one[0] for one in many] == [head] * len(many)
    assert [row for one in many for row in one[1:]] == rows


def test_a_workbook_has_its_head_frozen_and_bold_and_runs_nothing():
    words = ["=1+1", "http://a.example", " <名>&", ""]

    content = plain_workbook("账 & 表", [*"一二三四五六七"], [[*words, "<r>&</r>", 3, Money(-5)]])

    assert sheet_of(content)[1] == [*words, "<r>&</r> ", 3, -0.05]
    book = zipfile.ZipFile(io.BytesIO(content))
    page, styles = (
        book.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "styles")
    )
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in page
    assert "<f>" not in page
    assert "hyperlink" not in page
    assert "<b/>" in styles
    assert 'formatCode="#,##0.00"' in styles


def test_files_are_kept_for_a_week(april):
    written(april, Report.TRIAL)
    (row,) = read(file_queries.files, "2026-04", april.auditor)

    assert exporting.throw_away_old_files(now=april.now + timedelta(days=6)) == 0
    assert exporting.throw_away_old_files(now=row.expires_at) == 1
    assert read(lambda tx: tx.query(AccountFilePiece).count()) == 0


def test_a_file_is_asked_for_and_taken_on_its_pages(april, client, monkeypatch):
    for month, who, no in (
        ("2026-13", april.auditor, NotFound),
        ("2026-04", april.clerk, NotAllowed),
    ):
        with pytest.raises(no):
            exporting.ask_file(
                month=month, report=Report.TRIAL, ending=Ending.CSV, actor=who, now=april.now
            )
    assert read(lambda tx: tx.query(AccountFile).count()) == 0

    month = "/platform/books/months/2026-04/files"
    auditor = client.as_(april.auditor)
    assert auditor.post(month, data={"report": "no", "ending": "csv"}).status_code == 422
    asked = auditor.post(month, data={"report": "journal", "ending": "csv"})
    page = auditor.get(asked.location)
    assert "journal-2026-04.csv" in page.text
    taken = auditor.get(f"{asked.location}/1")
    assert taken.headers["Content-Disposition"] == 'attachment; filename="journal-2026-04.csv"'
    assert rows_of(taken.data)[0][0] == "月份"
    for no in ("0", "2", "content"):
        assert auditor.get(f"{asked.location}/{no}").status_code == 404

    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    monkeypatch.setitem(exporting.LINES, Ending.XLSX, 20)
    job = auditor.post(month, data={"report": "accounts", "ending": "xlsx"}).location
    waiting = read(file_queries.files, "2026-04", april.auditor)[0]
    assert waiting.job in auditor.get(f"/platform/books/files/{waiting.public_id}").text
    assert auditor.get(f"/platform/books/files/{waiting.public_id}/1").status_code == 404
    queue.run_waiting(lambda: april.now)
    assert waiting.public_id in auditor.get(job).text
    page = auditor.get(f"/platform/books/files/{waiting.public_id}").text
    several = read(file_queries.file, waiting.public_id, april.auditor)
    assert f"最多写 20 行，再长就打开得慢，所以分成 {several.parts} 个" in page
    assert "accounts-2026-04-2.xlsx" in page
    taken = auditor.get(f"/platform/books/files/{waiting.public_id}/{several.parts}")
    assert f'"accounts-2026-04-{several.parts}.xlsx"' in taken.headers["Content-Disposition"]
    assert sheet_of(taken.data)[-1][0] == "合计"
    assert auditor.get("/platform/books/files/no").status_code == 404
    clerk = client.as_(april.clerk)
    for address in (month, asked.location, f"{asked.location}/1"):
        assert clerk.get(address).status_code == 403
