"""Statements as workbooks: read like any other, and opened without trusting them."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import datetime

import pytest
import xlsxwriter

from orders.payments.formats.sheets import FileRefused, Problem
from shop.core.money import yuan
from tests.orders.payments.test_statement_files import HEADING, read_statement

COLUMNS = tuple(HEADING.split(","))

ROW = ("2026-04-05 10:20:30", "收入", 100.1, 1100.1, "县直机关工会", "3605018101", "货款", "S1")


def workbook(*rows: tuple[object, ...], heading: tuple[object, ...] = COLUMNS) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    day = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for number, row in enumerate([heading, *rows]):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write_datetime(number, column, cell, day)
            else:
                sheet.write(number, column, cell)
    book.close()
    return out.getvalue()


def repacked(content: bytes, change: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, change.pop(name, None) or old.read(name))
        for name, body in change.items():
            new.writestr(name, body)
    return out.getvalue()


def problem_of(content: bytes) -> Problem:
    with pytest.raises(FileRefused) as refused:
        read_statement(content)
    return refused.value.faults[0].problem


def test_a_workbook_is_read_to_the_fen():
    second = (datetime(2026, 4, 5, 11), "支出", 0.1, 1100, "", "", "手续费", "S2")  # noqa: DTZ001

    file = read_statement(workbook(ROW, second))

    assert [line.amount for line in file.lines] == [yuan("100.10"), yuan("-0.10")]
    assert file.closing == yuan("1100.00")
    assert [line.line for line in file.lines] == [2, 3]


def test_a_binary_fraction_that_is_whole_fen_is_taken_and_a_finer_one_refused():
    near = (*ROW[:2], 0.1 + 0.2, 0.3, *ROW[4:])
    finer = (*ROW[:2], 0.305, 0.305, *ROW[4:])

    assert read_statement(workbook(near)).lines[0].amount == yuan("0.30")
    assert problem_of(workbook(finer)) is Problem.AMOUNT


@pytest.mark.parametrize("amount", [168.1, 0.29, 1.15, 9999999999.99, 168])
def test_a_cell_of_whole_fen_is_taken_exactly(amount):
    (line,) = read_statement(workbook((*ROW[:2], amount, amount, *ROW[4:]))).lines

    assert line.amount == line.balance == yuan(f"{amount:.2f}")


@pytest.mark.parametrize(
    "amount", [168.123, 168.1000001, 1e-7, -168.1, 0, "168.123", "1.5e2", "1.681E+2", True, "—"]
)
def test_a_cell_that_is_no_amount_is_refused_with_its_row_and_column(amount):
    with pytest.raises(FileRefused) as refused:
        read_statement(workbook(ROW, (*ROW[:2], amount, 1268.2, *ROW[4:7], "S2")))

    (fault,) = refused.value.faults
    assert (fault.line, fault.column, fault.problem) == (3, "金额", Problem.AMOUNT)


def test_an_account_number_stored_as_a_number_is_refused_when_digits_are_lost():
    with pytest.raises(FileRefused) as refused:
        read_statement(workbook(ROW, (*ROW[:5], 6222021502000012345, *ROW[6:])))

    (fault,) = refused.value.faults
    assert (fault.line, fault.column, fault.problem) == (3, "F", Problem.LOST_DIGITS)


def test_wrong_columns_of_a_workbook_are_refused():
    assert problem_of(workbook(ROW, heading=COLUMNS[:-1])) is Problem.COLUMN_MISSING


def test_a_bomb_is_refused_before_it_unfolds():
    bomb = repacked(workbook(ROW), {"xl/media/zeros.bin": b"\0" * (60 * 1024 * 1024)})
    assert len(bomb) < 100_000

    tracemalloc.start()
    found = problem_of(bomb)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found is Problem.TOO_BIG
    assert peak < 10 * 1024 * 1024


def test_a_directory_that_lies_about_sizes_is_refused():
    honest = repacked(workbook(ROW), {"xl/extra.xml": b"<a>" + b" " * 400_000 + b"</a>"})
    lying = bytearray(honest)
    with zipfile.ZipFile(io.BytesIO(honest)) as archive:
        size = archive.getinfo("xl/extra.xml").file_size
    true, false = size.to_bytes(4, "little"), (10).to_bytes(4, "little")
    assert lying.count(true) >= 1
    lying = lying.replace(true, false)

    assert problem_of(bytes(lying)) is Problem.WORKBOOK


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({f"xl/many{n}.xml": b"<a/>" for n in range(200)}, Problem.TOO_BIG),
        ({"../../evil.xml": b"<a/>"}, Problem.WORKBOOK),
        ({"xl/entity.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"}, Problem.WORKBOOK),
        ({"xl/workbook.xml": b"<broken"}, Problem.WORKBOOK),
    ],
)
def test_a_strange_archive_is_refused(change, problem):
    assert problem_of(repacked(workbook(ROW), change)) is problem


@pytest.mark.parametrize("place", ["XFD1048576", "A1048576", "ZZ1"])
def test_a_cell_far_out_is_refused(place):
    book = workbook(ROW)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    far = sheet.replace(
        b"</sheetData>", f'<row r="9"><c r="{place}"><v>1</v></c></row></sheetData>'.encode()
    )

    assert problem_of(repacked(book, {"xl/worksheets/sheet1.xml": far})) is Problem.TOO_BIG


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0locked or old"])
def test_what_is_no_workbook_is_refused(content):
    assert problem_of(content) is Problem.WORKBOOK
