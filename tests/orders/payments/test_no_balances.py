"""Tables without a balance column: what a person types stands in, and what it cannot check."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from sqlalchemy import select

from orders.payments.commands import import_statement
from orders.payments.formats.files import Stated
from orders.payments.formats.reading import read_statement
from orders.payments.formats.sheets import FileRefused, Problem
from orders.payments.formats.tables import Field
from orders.payments.gaps import gaps
from orders.payments.layouts.commands import add_layout
from orders.payments.layouts.shipped import LAYOUTS
from orders.payments.models import BankLine, BankStatement, BankUpload
from shop.core import db
from shop.core.money import Money, yuan
from tests.orders.payments.test_importing import count
from tests.orders.payments.test_payment_pages import once_of

BARE = replace(
    LAYOUTS[2],
    name="无余额银行",
    columns={f: c for f, c in LAYOUTS[2].columns.items() if f is not Field.BALANCE},
    others=False,
)
HEADING = "\t".join(BARE.columns.values())
ROWS = [
    "2026-04-20 10:00:00\t100.00\t县直机关工会\t3605\t货款\tC1",
    "2026-04-20 11:00:00\t-40.00\t汤湖茶叶合作社\t3605\t打款\tC2",
    "2026-04-20 12:00:00\t7.00\t某人\t3605\t货款\tC3",
]


def table(*rows: str) -> bytes:
    return ("\r\n".join([HEADING, *rows]) + "\r\n").encode()


def stated(opening: str, closing: str) -> Stated:
    return Stated(yuan(opening), yuan(closing))


def problem(content: bytes, given: Stated | None, layouts=(BARE,)) -> tuple[int, Problem]:
    with pytest.raises(FileRefused) as refused:
        read_statement(content, layouts, None, given)
    return refused.value.faults[0].line, refused.value.faults[0].problem


def bring(world, given: Stated, *rows: str) -> str:
    return import_statement(
        file_name="a.csv", content=table(*rows), stated=given, actor=world.operator, now=world.now
    )


@pytest.fixture
def bare(world):
    return add_layout(layout=BARE, replaces=None, actor=world.operator, now=world.now)


def test_balances_are_reckoned_from_what_was_typed():
    file = read_statement(table(*ROWS), [BARE], None, stated("500", "567"))

    assert file.reckoned
    assert [line.balance for line in file.lines] == [yuan("600"), yuan("560"), yuan("567")]
    assert (file.opening, file.closing) == (yuan("500"), yuan("567"))


def test_what_was_typed_has_to_agree_with_the_lines():
    assert problem(table(*ROWS), None) == (1, Problem.NOT_STATED)
    assert problem(table(*ROWS), stated("500", "567.01")) == (4, Problem.CLOSING)
    whole = ["\t".join(LAYOUTS[2].columns.values())]
    whole.append("2026-04-20 10:00:00\t1.00\t10.00\t某人\t3605\t货款\tC1")
    content = "\r\n".join(whole).encode()
    for given, told in (
        (stated("9.01", "10"), Problem.OPENING_STATED),
        (stated("9", "10.01"), Problem.CLOSING_STATED),
    ):
        assert problem(content, given, LAYOUTS) == (2, told)
    assert not read_statement(content, LAYOUTS, None, stated("9", "10")).reckoned


def test_a_reckoned_line_keeps_its_name_whatever_was_typed():
    nameless = [row.rpartition("\t")[0] + "\t" for row in ROWS]
    names = [
        [line.key for line in read_statement(table(*nameless), [BARE], None, given).lines]
        for given in (stated("500", "567"), stated("0", "67"))
    ]

    assert names[0] == names[1]
    assert len(set(names[0])) == 3


@pytest.mark.parametrize("serials", [True, False])
def test_an_overlap_is_passed_over_and_a_gap_is_told(world, bare, serials):
    rows = ROWS if serials else [row.rpartition("\t")[0] + "\t" for row in ROWS]
    bring(world, stated("500", "560"), *rows[:2])
    with pytest.raises(FileRefused):
        bring(world, stated("1", "61"), *rows[:2], "")
    bring(world, stated("600", "567"), *rows[1:])

    with db.database().reading() as tx:
        shown = tx.execute(
            select(BankStatement.repeats, BankStatement.reckoned, BankStatement.opening)
        ).all()
        assert [tuple(row) for row in shown] == [(0, True, yuan("500")), (1, True, yuan("560"))]
        assert gaps(tx) == []
    assert count(BankLine) == 3
    later = "2026-04-21 12:00:00\t1.00\t某人\t3605\t货款\tC9"
    bring(world, stated("570", "571"), later)
    with db.database().reading() as tx:
        assert [gap.amount for gap in gaps(tx)] == [Money(300)]
    assert world.findings() == []


def test_the_form_asks_for_both_and_the_preview_says_what_was_not_checked(client, world, bare):
    browser = client.as_(world.operator)

    def sent(**typed: str):
        data = typed | {"file": (io.BytesIO(table(*ROWS)), "a.csv"), "once": "k"}
        return browser.post("/platform/bank/new", data=data, content_type="multipart/form-data")

    missing = sent()
    assert missing.status_code == 422
    assert "没有余额列" in missing.get_data(as_text=True)
    assert "要么都填" in sent(opening="500").get_data(as_text=True)
    assert "最多两位小数" in sent(opening="500.001", closing="567").get_data(as_text=True)
    assert count(BankUpload) == 0

    page = browser.get(sent(opening="500", closing="567").location)

    text = page.get_data(as_text=True)
    assert "没有核对：每一笔之后的余额" in text
    assert "逐笔接得上" not in text
    done = browser.post(page.request.path, data={"once": once_of(page)})
    assert "推算" in browser.get(done.location).get_data(as_text=True)
    assert count(BankStatement) == 1
