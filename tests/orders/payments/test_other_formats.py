"""MT940 and CAMT.053: read to the fen, and refused where they do not hold together."""

from __future__ import annotations

import pytest

from orders.payments.commands import import_statement
from orders.payments.formats.sheets import FileRefused, Problem
from orders.payments.states import FileFormat, LineState
from orders.purchasing.states import PaymentTerms
from shop.core.money import yuan
from tests.orders.payments.statement_samples import camt, entry, mt940, stretch
from tests.orders.payments.test_importing import reference, states
from tests.orders.payments.test_statement_files import read_statement

FIRST = ":61:2604200420C2380,00NTRFNONREF//B0001\r\n:86:货款 县直机关工会"
DOCTYPE = '<!DOCTYPE Document [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = (
    '<!DOCTYPE Document [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)


def problems(text: str, encoding: str = "utf-8") -> list[tuple[int, Problem]]:
    with pytest.raises(FileRefused) as refused:
        read_statement(text.encode(encoding))
    return [(fault.line, fault.problem) for fault in refused.value.faults]


def test_mt940_with_several_statements_and_a_reversal_is_read_to_the_fen():
    file = read_statement(
        mt940(
            ("260420", "CNY1002339,50", [FIRST, ":61:2604200420D40,5NCHGNONREF//B0002"]),
            (
                "260421",
                "CNY1002299,00",
                [":61:2604210421RC40,50NTRFNONREF", ":86:?20退回 ?32汤湖茶叶合作社"],
            ),
        ).encode("gb18030")
    )

    assert file.format is FileFormat.MT940
    assert [line.amount for line in file.lines] == [yuan("2380"), yuan("-40.50"), yuan("-40.50")]
    assert (file.opening, file.closing) == (yuan("1000000"), yuan("1002299"))
    assert [line.serial for line in file.lines] == ["B0001", "B0002", ""]
    assert [line.line for line in file.lines] == [5, 7, 14]
    assert "县直机关工会" in file.lines[0].memo


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (mt940(("260420", "CNY1002380,01", [FIRST])), (7, Problem.CLOSING)),
        (mt940(("260420", "USD1002380,00", [FIRST])), (7, Problem.CURRENCY)),
        (mt940(("260420", "CNY1002380,00", [FIRST.replace("2380,00", "2380,001")])),
         (5, Problem.AMOUNT)),
        (mt940(("260420", "CNY1000000,00", [":61:nonsense"])), (4, Problem.MT940)),
        (":20:SHANHUO\r\n", (1, Problem.MT940)),
    ],
)  # fmt: skip
def test_mt940_that_does_not_hold_is_refused_with_its_line(text, fault):
    assert fault in problems(text)


def test_mt940_statements_that_do_not_follow_or_are_of_two_accounts_are_refused():
    first = mt940(("260420", "CNY1002380,00", [FIRST]))
    second = mt940(
        ("260421", "CNY1,00", [":61:2604210421C1,00NTRFNONREF//B9"]),
        opening="CNY0,00",
    )

    assert (12, Problem.OPENING) in problems(first + second)
    assert (12, Problem.TWO_ACCOUNTS) in problems(first + second.replace("1234", "9999"))


def test_camt_takes_what_is_booked_and_counts_what_is_not():
    file = read_statement(
        camt(
            stretch("1000.00", "1060.00",
                    entry("100.00", reference="A1"),
                    entry("9.99", status="<Sts><Cd>PDNG</Cd></Sts>", reference="A2"),
                    entry("40.00", side="DBIT", reference="A3", name="张桂兰", memo="打款")),
            stretch("1060.00", "1060.50", entry("0.50", reference="A4", day="2026-04-21",
                    status="<Sts>BOOK</Sts>"), day="2026-04-21"),
        ).encode()
    )  # fmt: skip

    assert file.format is FileFormat.CAMT
    assert file.pending == 1
    assert [line.amount for line in file.lines] == [yuan("100"), yuan("-40"), yuan("0.50")]
    assert [line.counterparty for line in file.lines[:2]] == ["县直机关工会", "张桂兰"]
    assert (file.lines[0].serial, file.lines[0].memo) == ("A1", "货款")
    assert (file.opening, file.closing) == (yuan("1000"), yuan("1060.50"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (camt(stretch("0.00", "1.00", entry("1.00", memo="&x;")), before=DOCTYPE),
         Problem.XML_UNSAFE),
        (camt(stretch("0.00", "1.00", entry("1.00", memo="&c;")), before=LAUGHS),
         Problem.XML_UNSAFE),
        (camt(stretch("0.00", "1.00", entry("1.00")),
              before='<!DOCTYPE Document SYSTEM "http://127.0.0.1:9/x.dtd">'), Problem.XML_UNSAFE),
        (camt(stretch("0.00", "1.00", entry("1.00", memo="&nbsp;"))), Problem.XML),
        (camt(stretch("0.00", "1.00", entry("1.00", currency="USD"))), Problem.CURRENCY),
        (camt(stretch("0.00", "1.00", entry("1.001"))), Problem.AMOUNT),
        (camt(stretch("0.00", "1.00", entry("-1.00"))), Problem.AMOUNT),
        (camt(stretch("0.00", "1.00", entry("1e2"))), Problem.AMOUNT),
        (camt(stretch("0.00", "2.00", entry("1.00"))), Problem.CLOSING),
        (camt(stretch("0.00", "1.00", entry("1.00")), stretch("5.00", "6.00", entry("1.00"))),
         Problem.OPENING),
        (camt(stretch("0.00", "1.00", entry("1.00")),
              stretch("1.00", "2.00", entry("1.00", reference="A2"), account="9")),
         Problem.TWO_ACCOUNTS),
        (camt(stretch("0.00", "1.00", entry("1.00", status="<Sts>HELD</Sts>"))), Problem.CAMT),
        (camt(stretch("0.00", "0.00")), Problem.EMPTY),
        (camt(), Problem.CAMT),
        ("<Document/>", Problem.CAMT),
        ("<Document", Problem.XML),
    ],
)  # fmt: skip
def test_camt_that_is_unsafe_or_does_not_hold_is_refused(text, problem):
    assert problem in {found for _line, found in problems(text)}


def test_a_purchase_is_paid_from_either_format_and_neither_is_booked_twice(world):
    world.tins(40)
    first, second = world.approved(10), world.approved(5, terms=PaymentTerms.AFTER)
    swift = mt940(
        ("260420", "CNY1002380,00", [FIRST.replace("县直机关工会", reference(first))])
    ).encode()
    iso = camt(
        stretch("1002380.00", "1003570.00", entry("1190.00", memo=reference(second)))
    ).encode()

    for content in (swift, iso):
        import_statement(file_name="a", content=content, actor=world.operator, now=world.now)
    for content in (swift, iso, swift + b"\r\n"):
        with pytest.raises(FileRefused):
            import_statement(file_name="a", content=content, actor=world.operator, now=world.now)

    assert states(world) == [LineState.MATCHED, LineState.MATCHED]
    assert world.findings() == []
