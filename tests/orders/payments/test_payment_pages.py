"""Pages of bank statements: who sees them, and what a form does with what was typed."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import select

from orders.payments.models import BankLine, BankStatement
from orders.payments.states import LineState, StatementState
from shop.core import db
from tests.orders.payments.test_importing import bring, count, reference, still_open
from tests.orders.payments.test_matching import lines_of, state_of


def upload(client, content, name="流水.csv"):
    return client.post(
        "/platform/bank/new",
        data={"file": (io.BytesIO(content), name), "once": "k1"},
        content_type="multipart/form-data",
    )


def once_of(page) -> str:
    found = re.search(r'name="once"[^>]*value="([^"]+)"', page.get_data(as_text=True))
    assert found
    return found[1]


@pytest.fixture
def statement(world):
    """One line matched, one waiting, one unexplained."""
    world.tins(40)
    purchase = world.approved(10)
    return bring(
        world, ("2380.00", reference(purchase)), ("100.00", "某人"), ("-5.00", "账户管理费")
    )


def test_who_works_on_the_platform_sees_the_pages(client, world, statement):
    held = lines_of(statement)[1]
    for actor in (world.operator, world.treasurer, world.auditor):
        browser = client.as_(actor)
        for path in ("/", f"/statements/{statement}", f"/lines/{held}"):
            assert browser.get(f"/platform/bank{path}").status_code == 200
    browser = client.as_(world.operator)
    for path in ("/new", "/suspense"):
        assert browser.get(f"/platform/bank{path}").status_code == 200


@pytest.mark.parametrize("who", ["clerk", "manager", "stranger", "finance"])
def test_nobody_else_does(client, world, statement, who):
    browser = client.as_(world.person(who))

    for path in ("/", "/new", "/suspense", f"/statements/{statement}"):
        assert browser.get(f"/platform/bank{path}").status_code in (403, 404)
    assert browser.post(f"/platform/bank/statements/{statement}/undo").status_code == 403


def test_a_visitor_is_sent_to_sign_in(client):
    assert client.get("/platform/bank/").status_code == 303


def test_empty_lists_say_so(client, world):
    browser = client.as_(world.operator)

    assert "还没有导入过流水" in browser.get("/platform/bank/").get_data(as_text=True)
    assert "没有待认领的钱" in browser.get("/platform/bank/suspense").get_data(as_text=True)


def test_a_file_is_previewed_then_imported_once(client, world):
    world.tins(40)
    purchase = world.approved(10)
    content = world.statement_file(("2380.00", reference(purchase)), ("1.00", "某人"))
    browser = client.as_(world.operator)

    sent = upload(browser, content)
    assert sent.status_code == 303
    assert count(BankStatement) == 0
    page = browser.get(sent.location)
    assert "与采购单应付款一致" in page.get_data(as_text=True)
    key = {"once": once_of(page)}
    done = browser.post(sent.location, data=key)
    again = browser.post(sent.location, data=key)

    assert done.status_code == again.status_code == 303
    assert done.location == again.location
    assert count(BankStatement) == 1
    assert still_open(world, purchase).fen == 0
    assert browser.get(done.location).status_code == 200


def test_a_faulty_file_is_shown_line_by_line_and_nothing_is_kept(client, world):
    content = world.statement_file(("100.00", "一"), ("200.00", "二"))
    broken = content.replace(b"1000300.00", b"1000300.01")

    answer = upload(client.as_(world.operator), broken)

    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "余额和上一行接不上" in text
    assert "1000300.01" in text
    assert count(BankStatement) == 0


def test_no_file_is_an_error_beside_the_field(client, world):
    answer = client.as_(world.operator).post("/platform/bank/new", data={"once": "k"})

    assert answer.status_code == 422
    assert "请选择银行导出的流水文件" in answer.get_data(as_text=True)


def test_an_unknown_upload_is_not_found(client, world):
    assert client.as_(world.operator).get("/platform/bank/uploads/none").status_code == 404


def test_a_line_is_matched_by_a_person(client, world, statement):
    purchase = world.approved(5)
    held = lines_of(statement)[1]
    browser = client.as_(world.operator)
    typed = {"purchase": reference(purchase), "amount": "60", "once": "m1"}

    first = browser.post(f"/platform/bank/lines/{held}/match", data=typed)
    second = browser.post(f"/platform/bank/lines/{held}/match", data=typed)

    assert (first.status_code, second.status_code) == (303, 303)
    assert still_open(world, purchase).fen == 119000 - 6000
    assert state_of(held) is LineState.SUSPENSE


@pytest.mark.parametrize(
    ("purchase", "amount", "sentence"),
    [
        ("CG-没有", "60", "没有这张采购单"),
        ("", "60", "请填采购单号"),
        ("right", "100.01", "只剩 100.00 元"),
        ("right", "1.234", "最多两位小数"),
        ("right", "0", "要大于零"),
    ],
)
def test_a_wrong_match_keeps_what_was_typed(client, world, statement, purchase, amount, sentence):
    right = world.approved(5)
    held = lines_of(statement)[1]
    typed = reference(right) if purchase == "right" else purchase

    answer = client.as_(world.operator).post(
        f"/platform/bank/lines/{held}/match",
        data={"purchase": typed, "amount": amount, "once": "m1"},
    )

    text = answer.get_data(as_text=True)
    assert answer.status_code in (404, 409, 422)
    assert sentence in text
    assert f'value="{amount}"' in text
    assert still_open(world, right).fen == 119000


def test_a_suggestion_fills_the_form_but_books_nothing(client, world):
    world.tins(40)
    purchase = world.approved(10)
    (held,) = lines_of(bring(world, ("2380.00", "端午慰问")))
    browser = client.as_(world.operator)

    page = browser.get(f"/platform/bank/lines/{held}?purchase=CG-X&amount=2380.00")

    assert 'value="CG-X"' in page.get_data(as_text=True)
    assert 'value="2380.00"' in page.get_data(as_text=True)
    assert still_open(world, purchase).fen == 238000


def test_a_fee_is_explained(client, world, statement):
    charge = lines_of(statement)[2]
    browser = client.as_(world.operator)

    empty = browser.post(f"/platform/bank/lines/{charge}/fee", data={"reason": "", "once": "f0"})
    done = browser.post(
        f"/platform/bank/lines/{charge}/fee", data={"reason": "季度管理费", "once": "f1"}
    )

    assert empty.status_code == 422
    assert done.status_code == 303
    assert state_of(charge) is LineState.FEE


def test_undoing_asks_for_the_sum(client, world, statement):
    browser = client.as_(world.operator)
    path = f"/platform/bank/statements/{statement}/undo"

    wrong = browser.post(path, data={"reason": "导错", "typed": "1.00", "once": "u1"})
    right = browser.post(path, data={"reason": "导错", "typed": "2480.00", "once": "u2"})

    assert wrong.status_code == 422
    assert "和这份流水的收入合计不一样" in wrong.get_data(as_text=True)
    assert right.status_code == 303
    with db.database().reading() as tx:
        assert tx.execute(select(BankStatement.state)).scalar_one() is StatementState.UNDONE
        assert all(tx.execute(select(BankLine.undone)).scalars())
