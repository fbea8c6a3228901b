"""What a bank's statement file may look like, and what is wrong with one that is refused."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orders.payments.formats import reading
from orders.payments.formats.sheets import FileRefused, Problem
from orders.payments.layouts.shipped import LAYOUTS
from orders.payments.rules import Claim, Finding, Outgoing, decide
from shop.core.clock import SHANGHAI
from shop.core.money import ZERO, Money, total, yuan
from shop.core.reference import new_reference

HEADING = "交易时间,收支方向,金额,余额,对方户名,对方账号,附言,流水号"
FIRST = "2026-04-05 10:20:30,收入,100.00,1100.00,县直机关工会,3605018101,货款,S1"
SECOND = "2026-04-05 10:20:31,支出,40.00,1060.00,张桂兰,62220215,打款,S2"


def file_of(*rows: str, encoding: str = "utf-8", heading: str = HEADING) -> bytes:
    return ("\r\n".join([heading, *rows]) + "\r\n").encode(encoding)


def read_statement(content: bytes):
    return reading.read_statement(content, LAYOUTS)


def faults_of(content: bytes) -> list[tuple[int, str, Problem]]:
    with pytest.raises(FileRefused) as refused:
        read_statement(content)
    return [(fault.line, fault.column, fault.problem) for fault in refused.value.faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_statement_is_read_in_each_encoding(encoding):
    rare = FIRST.replace("县直机关工会", "䶮县㙍工会")

    file = read_statement(file_of(rare, SECOND, encoding=encoding))

    assert file.lines[0].counterparty == "䶮县㙍工会"
    assert [line.amount for line in file.lines] == [yuan("100.00"), yuan("-40.00")]
    assert (file.opening, file.credits, file.debits, file.closing) == (
        yuan("1000.00"),
        yuan("100.00"),
        yuan("40.00"),
        yuan("1060.00"),
    )
    assert file.lines[0].at == datetime(2026, 4, 5, 10, 20, 30, tzinfo=SHANGHAI)
    assert [line.line for line in file.lines] == [2, 3]


def test_columns_may_stand_in_any_order_and_directions_in_the_banks_words():
    heading = "流水号,附言,对方账号,对方户名,余额,金额,收支方向,交易时间"
    rows = [
        'S1,货款,36050,工会,100.00,"1,00.00",贷,2026/04/05 10:20',
        "S2,手续费,,,99.00,1,借,20260405 10:21:00",
    ]

    file = read_statement(file_of(*rows, heading=heading))

    assert [line.amount for line in file.lines] == [yuan("100"), yuan("-1")]


@pytest.mark.parametrize(
    ("heading", "fault"),
    [
        (HEADING.replace("余额", "可用余额"), (1, "余额", Problem.COLUMN_MISSING)),
        (HEADING + ",摘要", (1, "摘要", Problem.COLUMN_UNKNOWN)),
        (HEADING + ",附言", (1, "附言", Problem.COLUMN_TWICE)),
    ],
)
def test_wrong_columns_are_named(heading, fault):
    assert fault in faults_of(file_of(FIRST, heading=heading))


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        (FIRST.replace("2026-04-05", "2026-13-05"), "交易时间", Problem.TIME),
        (FIRST.replace("收入", "进账"), "收支方向", Problem.DIRECTION),
        (FIRST.replace(",100.00", ",100.005"), "金额", Problem.AMOUNT),
        (FIRST.replace(",100.00", ",-100.00"), "金额", Problem.AMOUNT),
        (FIRST.replace(",100.00", ",0"), "金额", Problem.AMOUNT),
        (FIRST.replace(",100.00", ",1e2"), "金额", Problem.AMOUNT),
        (FIRST.replace(",100.00", ",100.0000000001"), "金额", Problem.AMOUNT),
        (FIRST.replace(",100.00", ",--100.00"), "金额", Problem.AMOUNT),
        (FIRST.replace(",100.00", ",NaN"), "金额", Problem.AMOUNT),
        (FIRST.replace("1100.00", "很多"), "余额", Problem.BALANCE),
        (FIRST.replace("货款", "货" * 256), "附言", Problem.TOO_LONG),
    ],
)
def test_a_wrong_cell_is_told_with_its_line_and_column(row, column, problem):
    assert faults_of(file_of(SECOND, row)) == [(3, column, problem)]


def test_a_row_of_another_width_is_told_with_its_line():
    assert faults_of(file_of(FIRST, "2026-04-05,收入")) == [(3, "", Problem.CELLS)]


def test_every_fault_is_told_at_once():
    assert len(faults_of(file_of("昨天,进账,一,二,工会,1,货款,S1", SECOND))) == 4


def test_a_balance_that_does_not_follow_is_refused():
    wrong = SECOND.replace("1060.00", "1060.01")

    assert faults_of(file_of(FIRST, wrong)) == [(3, "余额", Problem.RUNNING)]


def test_times_out_of_order_are_refused():
    early = SECOND.replace("10:20:31", "10:20:29")

    assert faults_of(file_of(FIRST, early)) == [(3, "交易时间", Problem.ORDER)]


def test_a_serial_twice_is_refused():
    again = SECOND.replace(",S2", ",S1")

    assert faults_of(file_of(FIRST, again)) == [(3, "流水号", Problem.SERIAL_TWICE)]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", Problem.EMPTY),
        (HEADING.encode(), Problem.EMPTY),
        (file_of(FIRST, encoding="utf-16"), Problem.ENCODING),
        (file_of(FIRST).replace(b"S1", b"\xff\xff"), Problem.ENCODING),
        (file_of(FIRST.replace("S1", '"S1')), Problem.QUOTING),
    ],
)
def test_what_is_no_statement_is_refused(content, problem):
    assert [found for _line, _column, found in faults_of(content)] == [problem]


def test_two_equal_lines_without_serial_are_two_lines():
    rows = [
        "2026-04-05,收入,5.00,5.00,周杰,1,货款,",
        "2026-04-05,支出,5.00,0.00,周杰,1,退,",
        "2026-04-05,收入,5.00,5.00,周杰,1,货款,",
    ]

    keys = [line.key for line in read_statement(file_of(*rows)).lines]

    assert len(set(keys)) == 3
    assert keys[0].removesuffix(":1") == keys[2].removesuffix(":2")


def test_an_equal_transfer_keeps_its_name_in_a_file_that_begins_later():
    rows = [f"2026-04-05,收入,5.00,{5 * n}.00,周杰,1,货款," for n in (1, 2, 3)]

    whole = read_statement(file_of(*rows)).lines
    later = read_statement(file_of(*rows[1:])).lines

    assert [line.key for line in later] == [line.key for line in whole[1:]]


AMOUNTS = st.lists(
    st.tuples(st.integers(1, 10**9), st.booleans(), st.booleans()), min_size=1, max_size=30
)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**12), AMOUNTS, st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]))
def test_whatever_holds_together_is_read_back_exactly(opening, amounts, encoding):
    balance = Money(opening)
    rows, moved = [], []
    for number, (fen, comes_in, with_serial) in enumerate(amounts):
        amount = Money(fen if comes_in else -fen)
        balance += amount
        moved.append(amount)
        at = datetime(2026, 4, 5) + timedelta(seconds=number)  # noqa: DTZ001 (as the file has it)
        rows.append(
            f"{at:%Y-%m-%d %H:%M:%S},{'收入' if comes_in else '支出'},{Money(fen)},{balance},"
            f"工会,1,货款,{f'S{number}' if with_serial else ''}"
        )

    file = read_statement(file_of(*rows, encoding=encoding))

    assert [line.amount for line in file.lines] == moved
    assert file.opening + file.credits - file.debits == file.closing == balance
    assert file.opening == Money(opening)
    assert len({line.key for line in file.lines}) == len(rows)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(content):
    for body in (content, HEADING.encode() + b"\r\n" + content, b"PK\x03\x04" + content):
        with contextlib.suppress(FileRefused):
            assert read_statement(body).lines


def claim(open_: str, *, key: int = 1, payable: bool = True) -> Claim:
    return Claim(purchase_id=key, number=f"CG-{key}", open=yuan(open_), payable=payable)


@pytest.mark.parametrize(
    ("amount", "found"),
    [("100", Finding.MATCHED), ("99.99", Finding.PARTIAL), ("100.01", Finding.OVER)],
)
def test_only_the_exact_open_amount_is_matched(amount, found):
    code = new_reference()

    (decision,) = decide([(yuan(amount), f"货款{code}")], {code: claim("100")}, {})

    assert decision.finding is found


def test_a_purchase_is_paid_once_in_a_file():
    code = new_reference()

    decisions = decide([(yuan("100"), code), (yuan("100"), code)], {code: claim("100")}, {})

    assert [decision.finding for decision in decisions] == [Finding.MATCHED, Finding.OVER]


def test_a_purchase_that_lapsed_takes_nothing():
    code = new_reference()

    (decision,) = decide([(yuan("100"), code)], {code: claim("100", payable=False)}, {})

    assert decision.finding is Finding.NOT_PAYABLE


def test_two_codes_are_for_a_person_to_decide():
    first, second = new_reference(), new_reference()
    claims = {first: claim("100", key=1), second: claim("100", key=2)}

    (decision,) = decide([(yuan("100"), f"{first} {second}")], claims, {})

    assert decision.finding is Finding.SEVERAL


def test_a_code_is_found_in_small_letters_with_spaces():
    code = new_reference()
    memo = f"端午 {code[:4].lower()} {code[4:].lower()}"

    (decision,) = decide([(yuan("100"), memo)], {code: claim("100")}, {})

    assert decision.finding is Finding.MATCHED


def test_a_debit_shows_an_item_of_the_same_amount_leaving_once():
    code = new_reference()
    item = Outgoing(item_id=7, number="DK-1", amount=yuan("40"))

    decisions = decide(
        [(yuan("-40.01"), code), (yuan("-40"), code), (yuan("-40"), code)], {}, {code: item}
    )

    assert [d.finding for d in decisions] == [Finding.OUTGOING, Finding.PAYOUT, Finding.OUTGOING]


def test_a_debit_of_one_item_does_not_show_another_leaving():
    first, second = new_reference(), new_reference()
    items = {first: Outgoing(1, "DK-1", yuan("40")), second: Outgoing(2, "DK-2", yuan("50"))}

    decisions = decide([(yuan("-50"), f"{first} {second}"), (yuan("-40"), first)], {}, items)

    assert [d.outgoing and d.outgoing.number for d in decisions] == ["DK-2", "DK-1"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=12), st.integers(1, 5))
def test_no_order_of_lines_pays_a_purchase_twice(amounts, open_yuan):
    code = new_reference()
    lines = [(yuan(str(amount)), code) for amount in amounts]

    decisions = decide(lines, {code: claim(str(open_yuan))}, {})

    paid = [
        amount
        for (amount, _memo), d in zip(lines, decisions, strict=True)
        if d.finding is Finding.MATCHED
    ]
    assert total(paid) in (ZERO, yuan(str(open_yuan)))
