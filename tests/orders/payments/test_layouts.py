"""Bank layouts: other banks' tables read as data, registered, tried out, changed and retired."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
import xlsxwriter
from sqlalchemy import func, select

from orders.payments.commands import import_statement, keep_upload
from orders.payments.formats.reading import read_statement
from orders.payments.formats.sheets import FileRefused, Problem
from orders.payments.formats.tables import Field, LayoutFlaw
from orders.payments.layouts.commands import (
    LayoutFlawed,
    LayoutKnown,
    add_layout,
    retire_layout,
)
from orders.payments.layouts.shipped import LAYOUTS
from orders.payments.models import BankLayout, BankStatement
from orders.payments.states import AmountWay, Encoding, LayoutState
from shop.core import db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, WrongState
from shop.core.money import yuan
from tests.orders.payments.test_payment_pages import once_of

HILLS, RIDGE, FIELD = LAYOUTS[1:]
SIDES = [
    "青山银行 对公账户明细,,,,,,,,,",
    "账号 3605,,,,,,,,,",
    "交易日期,交易时刻,借方发生额,贷方发生额,账户余额,对方单位,对方账号,摘要,用途,交易流水号",
    "20260420,11:00:00,40.00,0.00,60.00,汤湖茶叶合作社,3605,打款,六月,B2",
    "20260420,10:00:00,,100.00,100.00,县直机关工会,3605,货款,端午,B1",
]
SIGNED = [
    "记账时间\t发生额\t本次余额\t对方名称\t对方账户\t备注\t明细编号\t网点",
    "2026-04-20 10:00:00\t+100.00\t100.00\t县直机关工会\t3605\t货款\tC1\t0001",
    "2026-04-20 11:00:00\t-40.00\t60.00\t汤湖茶叶合作社\t3605\t打款\tC2\t0001",
]
WORDS = [
    "稻田银行账户明细,,,,,,,,",
    "交易日,交易时间,借贷标志,交易金额,余额,对手名称,对手账号,交易附言,传票号",
    "2026/04/20,10:00:00,贷方,100.00,100.00,县直机关工会,3605,货款,D1",
    "2026/04/20,11:00:00,借方,40.00,60.00,汤湖茶叶合作社,3605,打款,D2",
    "合计,,,140.00,,,,,",
]


def table(rows: list[str], encoding: str = "utf-8") -> bytes:
    return ("\r\n".join(rows) + "\r\n").encode(encoding)


def faults(content: bytes, layouts=LAYOUTS, chosen=None) -> list[tuple[int, str, Problem]]:
    with pytest.raises(FileRefused) as refused:
        read_statement(content, layouts, chosen)
    return [(fault.line, fault.column, fault.problem) for fault in refused.value.faults]


def added(world, layout, replaces=None, actor=None) -> str:
    return add_layout(
        layout=layout, replaces=replaces, actor=actor or world.operator, now=world.now
    )


def rows(state: LayoutState | None = None) -> int:
    with db.database().reading() as tx:
        query = select(func.count()).select_from(BankLayout)
        return tx.execute(query.where(BankLayout.state == state) if state else query).scalar_one()


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        (table(SIDES, "gb18030"), HILLS),
        (table(SIGNED), RIDGE),
        (table(WORDS, "gb18030"), FIELD),
        (table(WORDS, "utf-8-sig"), FIELD),
    ],
)
def test_every_bank_is_recognised_by_its_heading_and_read_alike(content, layout):
    file = read_statement(content, [replace(one, public_id=one.name) for one in LAYOUTS])

    assert file.layout == layout.name
    assert [line.amount for line in file.lines] == [yuan("100"), yuan("-40")]
    assert (file.opening, file.closing) == (yuan("0"), yuan("60"))
    assert [line.at.hour for line in file.lines] == [10, 11]
    assert file.lines[0].counterparty == "县直机关工会"
    assert file.lines[0].memo.startswith("货款")


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (table([*SIDES[:3], SIDES[3].replace("40.00,0.00", "40.00,1.00"), SIDES[4]], "gb18030"),
         (4, "贷方发生额", Problem.BOTH_SIDES)),
        (table([*SIDES[:3], SIDES[3].replace("40.00,0.00", "-40.00,"), SIDES[4]], "gb18030"),
         (4, "借方发生额", Problem.AMOUNT)),
        (table([*SIDES[:3], SIDES[3].replace("40.00,0.00", "40.001,"), SIDES[4]], "gb18030"),
         (4, "借方发生额", Problem.AMOUNT)),
        (table([*SIDES[:3], *SIDES[:2:-1]], "gb18030"), (4, "交易日期", Problem.ORDER)),
        (table([SIGNED[0], SIGNED[1].replace("+100.00", "1e2"), SIGNED[2]]),
         (2, "发生额", Problem.SIGNED)),
        (table([SIGNED[0], SIGNED[1].replace("+100.00", "0.00"), SIGNED[2]]),
         (2, "发生额", Problem.SIGNED)),
        (table([*WORDS[:2], WORDS[2].replace("贷方", "进"), *WORDS[3:]]),
         (3, "借贷标志", Problem.DIRECTION)),
        (table([WORDS[0], WORDS[1].replace("余额", "可用"), *WORDS[2:]]),
         (2, "余额", Problem.COLUMN_MISSING)),
        (table(["甲,乙,丙", "1,2,3"]), (1, "", Problem.NO_LAYOUT)),
    ],
)  # fmt: skip
def test_what_a_layout_cannot_read_is_told_by_line_and_column(content, fault):
    assert fault in faults(content)


def test_money_in_a_workbook_is_read_from_floats_to_the_fen_or_refused_with_its_row():
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    cells = [line.split(",") for line in WORDS[:3]]
    for number, row in enumerate(cells):
        sheet.write_row(number, 0, row)
    for number, (amount, balance) in enumerate([(100.1, 100.1), (0.2, 100.3)], start=2):
        sheet.write_row(number, 0, cells[2])
        sheet.write_number(number, 3, amount)
        sheet.write_number(number, 4, balance)
        sheet.write_string(number, 8, f"D{number}")
    sheet.write(4, 0, "合计")
    book.close()
    content = out.getvalue()

    assert [line.amount for line in read_statement(content, LAYOUTS).lines] == [
        yuan("100.10"),
        yuan("0.20"),
    ]
    finer = io.BytesIO()
    book = xlsxwriter.Workbook(finer, {"in_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(cells):
        sheet.write_row(number, 0, row)
    sheet.write_number(2, 3, 100.0051)
    sheet.write(3, 0, "合计")
    book.close()
    assert (3, "交易金额", Problem.AMOUNT) in faults(finer.getvalue())


def test_two_layouts_that_fit_alike_are_for_a_person_to_choose():
    twin = replace(RIDGE, name="孪生")
    both = [RIDGE, twin]

    assert faults(table(SIGNED), both) == [(1, "", Problem.SEVERAL_LAYOUTS)]
    assert read_statement(table(SIGNED), both, twin).lines
    assert faults(table(SIGNED, "gb18030"), [RIDGE]) == [(1, "", Problem.ENCODING)]


def test_the_layouts_a_shop_begins_with_are_the_shipped_ones(world):
    import_statement(file_name="a.csv", content=table(SIGNED), actor=world.operator, now=world.now)

    with db.database().reading() as tx:
        names = list(tx.execute(select(BankLayout.name).order_by(BankLayout.id)).scalars())
        used = tx.execute(
            select(BankLayout.name).join(BankStatement, BankStatement.layout_id == BankLayout.id)
        ).scalar_one()
    assert names == [layout.name for layout in LAYOUTS]
    assert used == RIDGE.name
    assert world.findings() == []


def test_a_layout_is_registered_changed_and_retired(world):
    own = replace(RIDGE, name="新银行", encoding=Encoding.AUTO, columns=RIDGE.columns
                  | {Field.TIME: "时刻"})  # fmt: skip
    content = table([SIGNED[0].replace("记账时间", "时刻"), *SIGNED[1:]])
    first = added(world, own)
    with pytest.raises(LayoutKnown):
        added(world, own)
    second = added(world, replace(own, name="不算", skip=1), replaces=first)
    with pytest.raises(WrongState):
        added(world, own, replaces=first)
    with pytest.raises(FileRefused):
        keep_upload(file_name="a", content=content, actor=world.operator, now=world.now)
    keep_upload(file_name="a", content=b"title\r\n" + content, actor=world.operator, now=world.now)

    with pytest.raises(ReasonMissing):
        retire_layout(layout_id=second, reason=" ", actor=world.operator, now=world.now)
    retire_layout(layout_id=second, reason="换了", actor=world.operator, now=world.now)
    third = added(world, own)

    with db.database().reading() as tx:
        versions = tx.execute(
            select(BankLayout.public_id, BankLayout.version, BankLayout.state)
            .where(BankLayout.name == "新银行")
            .order_by(BankLayout.version)
        ).all()
    assert [tuple(row) for row in versions] == [
        (first, 1, LayoutState.RETIRED),
        (second, 2, LayoutState.RETIRED),
        (third, 3, LayoutState.ACTIVE),
    ]
    with pytest.raises(NotFound):
        keep_upload(
            file_name="a", content=content, layout_id=second, actor=world.operator, now=world.now
        )


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({Field.TIME: ""}, LayoutFlaw.NO_TIME),
        ({Field.AMOUNT: ""}, LayoutFlaw.NO_AMOUNT),
        ({Field.DEBIT: "借"}, LayoutFlaw.NO_AMOUNT),
        ({Field.MEMO: "本次余额"}, LayoutFlaw.COLUMN_TWICE),
    ],
)
def test_a_layout_that_could_read_nothing_is_not_registered(world, change, flaw):
    columns = {k: v for k, v in (dict(RIDGE.columns) | change).items() if v}
    layout = replace(RIDGE, name="坏的", columns=columns)

    with pytest.raises(LayoutFlawed) as refused:
        added(world, layout)

    assert refused.value.facts["flaw"] == flaw.label
    assert replace(RIDGE, way=AmountWay.DIRECTION).flaw() is LayoutFlaw.NO_AMOUNT
    assert replace(RIDGE, skip=31).flaw() is LayoutFlaw.SKIP
    assert replace(RIDGE, delimiter="x").flaw() is LayoutFlaw.DELIMITER
    assert replace(LAYOUTS[0], words_out=("贷",)).flaw() is LayoutFlaw.NO_WORDS
    assert rows() == len(LAYOUTS)


def test_only_an_operator_changes_layouts(world):
    for who in ("treasurer", "auditor", "clerk", "manager"):
        with pytest.raises(NotAllowed):
            added(world, replace(RIDGE, name="新"), actor=world.person(who))
        with pytest.raises(NotAllowed):
            retire_layout(layout_id="x", reason="r", actor=world.person(who), now=world.now)
    assert rows(LayoutState.ACTIVE) == len(LAYOUTS)


def test_a_layout_is_tried_on_a_sample_before_it_is_registered(client, world):
    browser = client.as_(world.operator)
    typed = {
        "name": "试行银行", "bank": "试行银行", "format": "", "encoding": "auto",
        "delimiter": "\t", "skip": "0", "skip_after": "0", "way": "signed", "others": "y",
        "column_time": "记账时间", "column_amount": "发生额", "column_balance": "本次余额",
        "column_memo": "备注",
    }  # fmt: skip
    page = browser.get("/platform/bank-layouts/new")

    def sent(step: str, content: bytes | None, **changes: str):
        data = typed | changes | {"once": once_of(page), "step": step}
        if content is not None:
            data["sample"] = (io.BytesIO(content), "样张.csv")
        return browser.post(
            "/platform/bank-layouts/new", data=data, content_type="multipart/form-data"
        )

    good = sent("try", table(SIGNED)).get_data(as_text=True)
    assert "读得通" in good
    assert "货款" in good
    bad = sent("try", table([SIGNED[0], SIGNED[1].replace("+100", "一百")]))
    assert "发生额应带正负号" in bad.get_data(as_text=True)
    assert "请选择一份样张" in sent("try", None).get_data(as_text=True)
    assert "要有“交易时间”一列" in sent("add", None, column_time="").get_data(as_text=True)
    assert rows() == len(LAYOUTS)

    done = sent("add", None)
    assert done.status_code == 303
    shown = browser.get(done.location)
    assert "试行银行" in shown.get_data(as_text=True)
    tried = browser.post(
        f"{done.location}/try",
        data={"sample": (io.BytesIO(table(SIGNED)), "a.csv"), "once": "t"},
        content_type="multipart/form-data",
    )
    assert "读得通" in tried.get_data(as_text=True)
    assert browser.get(f"{done.location}/change").status_code == 200
    gone = browser.post(f"{done.location}/retire", data={"reason": "不用了", "once": "r"})
    assert gone.status_code == 303
    assert "已停用" in browser.get("/platform/bank-layouts/").get_data(as_text=True)
    with db.database().reading() as tx:
        assert tx.execute(select(func.count()).select_from(BankStatement)).scalar_one() == 0
