"""Pages, papers and sheets of recalls as people use them."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from sqlalchemy import select

from orders.recalls.models import Destruction, Recall, RecallNotice
from orders.recalls.report import report
from shop.core import db
from shop.core.events import pseudonym
from tests.orders.recalls.stories import everything, lot, notice_of, recalled

A = "张桂兰"


@pytest.fixture
def story(world):
    tins = world.tins(10)
    bought = world.approved(4)
    world.paid(bought)
    world.accepted(bought)
    return {"tins": tins, "bought": bought}


def one(column):
    with db.database().reading() as tx:
        return tx.execute(select(column)).scalar_one()


def sent(story, **changes):
    facts = {"kind": "lot", "what": lot(story["tins"]).number, "reason_kind": "safety",
             "reason": "封口不严", "advice": "停止食用", "drill": "no"}  # fmt: skip
    return {**facts, **changes}


def test_looking_first_and_opening_then(client, world, story):
    browser = client.as_(world.operator)
    before = everything()
    seen = browser.get("/platform/recalls/new", query_string={"kind": "lot", "what": story["tins"]})
    assert seen.status_code == 200
    assert "什么都没有写下" in seen.text
    assert everything() == before

    opened = browser.post("/platform/recalls/new", data=sent(story))

    assert opened.status_code == 303
    page = browser.get(opened.headers["Location"]).text
    assert "0796-1234567" in page
    assert lot(story["tins"]).freezes == 1


def test_a_drill_from_the_page_freezes_nothing_and_says_how_long_it_took(client, world, story):
    browser = client.as_(world.operator)

    opened = browser.post("/platform/recalls/new", data=sent(story, drill="yes"))

    page = browser.get(opened.headers["Location"]).text
    assert "这是演练" in page
    assert re.search(r"演练完成：从查到名单和报告出齐，用时 \d+\.\d 秒。", page)
    assert lot(story["tins"]).freezes == 0
    assert client.as_(world.clerk).get("/recalls/mine").text.count("/for/") == 0
    assert "没有召回" in client.get("/recalls/").text


def test_the_public_list_names_goods_and_no_person(client, world, story):
    recalled(world, story["tins"])

    page = client.get("/recalls/").text

    for word in (lot(story["tins"]).number, "狗牯脑绿茶 特级 250 克罐装", "停止食用", "封口不严"):
        assert word in page
    for word in ("孙浩", "0796-1234567", A, "李长根", "南屏村", "县直机关工会"):
        assert word not in page


def test_the_buyer_sees_it_on_the_purchase_and_answers(client, world, story):
    recall = recalled(world, story["tins"])
    browser = client.as_(world.clerk)
    way = f"/recalls/{recall}/for/{story['bought']}"
    assert way in browser.get(f"/purchases/{story['bought']}").text
    assert way in browser.get("/recalls/mine").text

    answered = browser.post(way, data={"holds": "3", "words": "在库房"})

    assert answered.status_code == 303
    assert "说手里还有 3 件" in client.as_(world.operator).get(f"/platform/recalls/{recall}").text
    assert client.as_(world.stranger).get(way).status_code == 404
    assert client.as_(world.operator).post(way, data={"holds": "1"}).status_code == 403


def test_the_cooperative_sets_apart_follows_up_and_destroys_with_another(client, world, story):
    recall = recalled(world, story["tins"])
    notice = notice_of(recall, story["bought"])
    browser = client.as_(world.manager)
    work = f"/cooperative/recalls/{recall}"
    assert f"/notices/{notice}" in browser.get(work).text
    with db.database().reading() as tx:
        own = tx.execute(
            select(RecallNotice.public_id).where(RecallNotice.order_id.is_(None))
        ).scalar_one()

    assert browser.post(f"/cooperative/recalls/notices/{own}/read").status_code == 303
    line = {"fate": "kept", "units": "4", "channel": "phone", "words": ""}
    assert browser.post(f"/cooperative/recalls/notices/{notice}", data=line).status_code == 303
    mending = {**line, "units": "1", "correction": "y", "words": "记多了"}
    assert browser.post(f"/cooperative/recalls/notices/{notice}", data=mending).status_code == 303
    assert browser.post(f"/cooperative/recalls/notices/{notice}", data=line).status_code == 422
    proposal = browser.post(
        f"{work}/lots/{story['tins']}/destruction", data={"units": "6", "words": "深埋"}
    )
    assert proposal.status_code == 303
    row = one(Destruction.public_id)
    assert "我在场，已销毁" not in browser.get(work).text
    client.as_(world.operator)
    assert "我在场，已销毁" in client.get(f"/platform/recalls/{recall}").text
    assert client.post(f"{work}/destructions/{row}/done").status_code == 303
    assert lot(story["tins"]).written_off_units == 6


def test_the_treasurer_lifts_one_lot_and_ends_it_and_the_operator_is_told_to_ask(
    client, world, story
):
    recall = recalled(world, story["tins"])
    desk = f"/platform/recalls/{recall}"
    operator = client.as_(world.operator)
    assert "另一位同事" in operator.get(desk).text
    assert operator.post(f"{desk}/end", data={"reason": "好了"}).status_code == 403
    client.as_(world.treasurer)
    refused = client.post(f"{desk}/end", data={"reason": "好了"})
    assert refused.status_code == 409
    assert "还有 1 个冻结的批次" in refused.text
    spared = client.post(f"{desk}/lots/{story['tins']}/harmless", data={"reason": "复检合格"})
    assert spared.status_code == 303
    assert "复检合格" in client.get(desk).text
    assert client.post(f"{desk}/cancellation", data={"reason": "无害"}).status_code == 303
    assert "召回已撤销" in client.get("/recalls/").text


def test_going_back_from_an_order_on_the_page(client, world, story):
    browser = client.as_(world.operator)

    page = browser.get("/platform/recalls/back", query_string={"what": "孙浩"}).text

    assert lot(story["tins"]).number in page
    assert pseudonym(world.household(A)) in page
    assert A not in page
    assert (
        "没有找到符合的批次"
        in browser.get("/platform/recalls/back", query_string={"what": "无此人"}).text
    )


def test_the_report_holds_every_sheet_and_households_under_pseudonyms(client, world, story):
    recall = recalled(world, story["tins"])

    answer = client.as_(world.operator).get(f"/platform/recalls/{recall}/report.xlsx")

    with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        words = book.read("xl/sharedStrings.xml").decode()
    assert names == ["概要", "批次", "投料", "投售与农户", "订单与收货", "库存", "跟进", "事件"]
    assert pseudonym(world.household(A)) in words
    assert A not in words
    for word in (lot(story["tins"]).number, "0796-1234567", "CN-0001", "杀青", "汤湖"):
        assert word in words


def test_the_report_names_every_step_event_and_weight(world, story):
    recall = recalled(world, story["tins"])
    with db.database().reading() as tx:
        sheets = {sheet.title: sheet for sheet in report(tx, recall, world.operator)[1]}

    assert [row[4] for row in sheets["批次"].rows].count("上游") == 3
    assert len(sheets["投料"].rows) == 3
    assert len(sheets["投售与农户"].rows) == 2
    assert sheets["订单与收货"].rows[0][11] == 4
    kinds = [row[1] for row in sheets["事件"].rows]
    assert {"delivery", "processed", "packed", "freeze", "recall"} <= set(kinds)
    assert ("性质", "召回") in sheets["概要"].notes


def test_letters_and_the_telephone_list_are_for_the_operator(client, world, story):
    recall = recalled(world, story["tins"])
    desk = f"/platform/recalls/{recall}"
    browser = client.as_(world.operator)

    letters = browser.get(f"{desk}/letters.pdf")
    phones = browser.get(f"{desk}/phones.xlsx")

    assert letters.data.startswith(b"%PDF")
    assert phones.data[:2] == b"PK"
    for who in (world.treasurer, world.auditor):
        client.as_(who)
        assert client.get(f"{desk}/letters.pdf").status_code == 403
        assert client.get(f"{desk}/phones.xlsx").status_code == 403
        assert "0796-1234567" not in client.get(desk).text


def test_the_command_prints_the_figures_of_a_drill(app, world, story):
    runner = app.test_cli_runner()

    said = runner.invoke(args=["recall-drill", lot(story["tins"]).number])
    lost = runner.invoke(args=["recall-drill", "ZZ-1"])

    assert said.exit_code == 0
    for line in ("lots: 1", "orders: 1", "households: 2", "units with buyers: 4",
                 "units free in store: 6"):  # fmt: skip
        assert line in said.output
    assert re.search(r"elapsed: \d+\.\d{3} s", said.output)
    assert one(Recall.drill) is True
    assert lost.exit_code == 1
    assert "nothing_there" in lost.output


def test_what_waits_is_counted_on_every_desk(client, world, story):
    recalled(world, story["tins"])

    assert "等回复的召回通知" in client.as_(world.clerk).get("/start").text
    assert "召回要跟进的" in client.as_(world.manager).get("/start").text
    assert "没有结束的召回" in client.as_(world.treasurer).get("/start").text
