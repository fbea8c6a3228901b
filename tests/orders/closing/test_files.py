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
from shop.printing import growing
from shop.printing.growing import GrowingWorkbook
from tests.orders.closing.stories import closed, read


def written(world, report, ending=Ending.CSV, month="2026-04"):
    """The content of a file, by whichever way it is written."""
    file, job = exporting.ask_file(
        month=month, report=report, ending=ending, actor=world.auditor, now=world.now
    )
    if job:
        assert not read(file_queries.file, file, world.auditor).ready
        queue.run_waiting(lambda: world.now)
    assert read(file_queries.file, file, world.auditor).ready
    return b"".join(file_queries.pieces(file))


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


def test_a_large_file_is_written_by_a_job_piece_by_piece_to_the_same_bytes(april, monkeypatch):
    at_once = {
        (report, ending): written(april, report, ending)
        for report in (Report.ACCOUNTS, Report.JOURNAL)
        for ending in Ending
    }
    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    monkeypatch.setattr(exporting, "CHUNK", 7)

    assert written(april, Report.ACCOUNTS) == at_once[Report.ACCOUNTS, Ending.CSV]
    assert read(lambda tx: tx.query(AccountFilePiece).count()) > len(at_once)
    assert read(lambda tx: tx.query(AccountFileLine).count()) == 0
    large = written(april, Report.JOURNAL, Ending.XLSX)
    sheets = [
        CalamineWorkbook.from_filelike(io.BytesIO(one)).get_sheet_by_index(0).to_python()
        for one in (large, at_once[Report.JOURNAL, Ending.XLSX])
    ]
    assert sheets[0] == sheets[1]
    assert [row[7] for row in sheets[0][1:]] == [
        float(str(amount))
        for amount in column(rows_of(at_once[Report.JOURNAL, Ending.CSV]), "借方金额")
    ]


def test_a_growing_workbook_is_a_whole_zip_and_goes_on_to_another_sheet(monkeypatch):
    monkeypatch.setattr(growing, "SHEET_ROWS", 5)
    book = GrowingWorkbook("账 & 表", ["名", "数", "额"], growing.sheets_for(12))
    pieces = [book.begin()]
    for first in (0, 3, 8):
        book = GrowingWorkbook.loaded(book.dumped())
        pieces.append(
            book.add(
                [f"<{n}>\x00 ", n, Money(-n)] for n in range(first, {0: 3, 3: 8, 8: 12}[first])
            )
        )
    pieces.append(book.end())

    content = io.BytesIO(b"".join(pieces))
    assert zipfile.ZipFile(content).testzip() is None
    content.seek(0)
    sheets = CalamineWorkbook.from_filelike(content)
    assert sheets.sheet_names == ["账 & 表 1", "账 & 表 2", "账 & 表 3"]
    found = [sheets.get_sheet_by_name(name).to_python() for name in sheets.sheet_names]
    assert [rows[0] for rows in found] == [["名", "数", "额"]] * 3
    assert [row for rows in found for row in rows[1:]] == [
        [f"<{n}> ", n, -n / 100] for n in range(12)
    ]


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
    taken = auditor.get(f"{asked.location}/content")
    assert taken.headers["Content-Disposition"] == 'attachment; filename="journal-2026-04.csv"'
    assert rows_of(taken.data)[0][0] == "月份"

    monkeypatch.setattr(exporting, "AT_ONCE", 0)
    job = auditor.post(month, data={"report": "accounts", "ending": "xlsx"}).location
    waiting = read(file_queries.files, "2026-04", april.auditor)[0]
    assert waiting.job in auditor.get(f"/platform/books/files/{waiting.public_id}").text
    assert auditor.get(f"/platform/books/files/{waiting.public_id}/content").status_code == 404
    queue.run_waiting(lambda: april.now)
    assert waiting.public_id in auditor.get(job).text
    assert auditor.get("/platform/books/files/no").status_code == 404
    clerk = client.as_(april.clerk)
    for address in (month, asked.location, f"{asked.location}/content"):
        assert clerk.get(address).status_code == 403
