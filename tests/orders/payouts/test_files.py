"""The bank's file: the same bytes for the same rows, every name intact, no formula alive."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.payouts.rules import FILE_COLUMNS, BankRow, bank_file, defused, is_large
from shop.core.money import Money, yuan


def row(position: int = 1, **changes: object) -> BankRow:
    facts = {
        "number": "6222021502000012345",
        "holder": "张桂兰",
        "bank": "示范银行",
        "cnaps": "104428000011",
        "amount": yuan("1234.50"),
        "purpose": "农户二次返利",
        "reference": "7K2M9QXYZ",
    }
    return BankRow(position=position, **(facts | changes))  # type: ignore[arg-type]


def read(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("gb18030"), newline="")))


def test_rare_names_survive():
    names = ["㙍家", "𬴊儿", "䶮", "阿·依"]

    found = read(bank_file([row(n, holder=name) for n, name in enumerate(names, start=1)]))

    assert [cells[2] for cells in found[1:]] == names


def test_the_bytes_depend_on_the_rows_alone():
    rows = [row(1), row(2, holder="李长根")]

    assert bank_file(rows) == bank_file(list(rows))
    assert bank_file(rows) != bank_file(rows[::-1])


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=20))
def test_amounts_have_two_decimals_and_sum_exactly(amounts):
    found = read(bank_file([row(n, amount=Money(fen)) for n, fen in enumerate(amounts, start=1)]))

    assert found[0] == list(FILE_COLUMNS)
    assert [int(cells[5].replace(".", "")) for cells in found[1:]] == amounts
    assert all(cells[5][-3] == "." for cells in found[1:])


@pytest.mark.parametrize(
    "evil", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1", "  =cmd|x"]
)
def test_no_cell_runs_as_a_formula(evil):
    (cells,) = read(bank_file([row(holder=evil, bank=evil, purpose=evil)]))[1:]

    for cell in (cells[2], cells[3], cells[6]):
        assert cell.startswith("'")
    assert len(cells) == len(FILE_COLUMNS)


@given(st.text(max_size=40))
def test_whatever_is_typed_stays_in_its_cell(words):
    content = bank_file([row(holder=words.encode("utf-8", "ignore").decode())])

    (cells,) = read(content)[1:]

    assert len(cells) == len(FILE_COLUMNS)
    assert cells[7] == "7K2M9QXYZ"
    assert cells[2][:1] not in ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def test_plain_words_stay_as_they_are():
    assert defused("张桂兰") == "张桂兰"
    assert defused("6222021502000012345") == "6222021502000012345"


def test_large_is_over_three_times_the_median():
    others = [yuan("100"), yuan("100"), yuan("300")]

    assert not is_large(yuan("300"), others)
    assert is_large(yuan("300.01"), [*others[:2], yuan("300.01")])
    assert not is_large(yuan("5"), [yuan("5")])


def test_a_payment_under_fifty_yuan_is_never_large():
    others = [yuan("0.20"), yuan("0.20")]

    assert not is_large(yuan("49.99"), [*others, yuan("49.99")])
    assert is_large(yuan("50.00"), [*others, yuan("50.00")])
