"""Pages of households, as their manager, their weigher and strangers see them."""

from __future__ import annotations

import re

import pytest

from products.households import commands as households
from tests.world import DAY, NOW

LIST = "/cooperative/households/"


@pytest.fixture
def zhang(world):
    return world.household("张桂兰")


PAGES = ["", "plots/new", "standing", "consent/give", "consent/withdraw", "card", "look", "pin"]


@pytest.mark.parametrize("page", PAGES)
def test_each_page_answers_its_manager_and_nobody_else(client, world, zhang, page):
    url = f"{LIST}{zhang}/{page}".rstrip("/")

    shown = client.as_(world.manager).get(url)
    assert shown.status_code == 200
    assert "张桂兰" in shown.text
    assert client.as_(world.other_manager).get(url).status_code == 404
    assert client.as_(world.clerk).get(url).status_code == 403
    assert client.as_(world.weigher).get(url).status_code == (200 if page == "" else 403)


def test_a_visitor_is_sent_to_sign_in(client):
    assert client.get(LIST).status_code == 303


def test_the_list_searches_and_says_when_nothing_is_found(client, world):
    client.as_(world.manager)

    assert "张桂兰" in client.get(LIST).text
    found = client.get(LIST + "?q=长根").text
    assert "李长根" in found
    assert "张桂兰" not in found
    assert "没有找到“某某”" in client.get(LIST + "?q=某某").text
    assert "还没有登记农户" in client.as_(world.other_manager).get(LIST).text


def test_a_household_is_registered_through_the_form(client, world):
    client.as_(world.manager)
    facts = {
        "once": "k",
        "name": "王秀英",
        "village_id": world.village,
        "identity": "123",
        "phone": "",
        "standing": "lifted",
        "since": DAY.isoformat(),
    }

    bad = client.post(LIST + "new", data=facts)
    assert bad.status_code == 422
    assert "身份证号不对" in bad.text
    assert 'value="王秀英"' in bad.text
    good = client.post(LIST + "new", data={**facts, "identity": ""})
    assert good.status_code == 303
    assert "王秀英" in client.get(good.location).text


def test_a_card_shows_its_last_four_only(client, world, zhang):
    client.as_(world.manager)
    card = {"holder": "张桂兰", "number": "6222000011112222", "bank": "示范银行", "cnaps": ""}
    card["reason"] = "旧卡丢了"

    bad = client.post(f"{LIST}{zhang}/card", data={**card, "number": "12"})
    assert bad.status_code == 422
    assert "卡号应为" in bad.text
    assert client.post(f"{LIST}{zhang}/card", data=card).status_code == 303
    assert "**** **** 2222" not in client.get(f"{LIST}{zhang}").text
    waiting = client.as_(world.treasurer).get("/account-changes/").text
    change = re.search(r"change_[0-9a-z]{16}", waiting)
    assert change
    sent = client.post(f"/account-changes/{change[0]}/confirm", data={"last4": "2222"})
    assert sent.status_code == 303
    page = client.as_(world.manager).get(f"{LIST}{zhang}").text
    assert "**** **** 2222" in page
    assert "6222000011112222" not in page


def test_a_look_asks_for_a_reason_and_is_shown_once(client, world, zhang):
    client.as_(world.manager)

    bad = client.post(f"{LIST}{zhang}/look", data={"what": "card", "reason": ""})
    assert bad.status_code == 422
    number = re.compile("62220215020")
    assert not number.search(bad.text)
    seen = client.post(f"{LIST}{zhang}/look", data={"what": "card", "reason": "银行退回"})
    assert number.search(seen.text)


def test_the_pin_is_shown_once_on_a_slip_with_code_and_picture(client, world, zhang):
    client.as_(world.manager)

    slip = client.post(f"{LIST}{zhang}/pin", data={"once": "k"}).text
    code = re.search(r'<span class="code">([0-9A-Z]{9})</span>', slip)
    pin = re.search(r'<span class="code">(\d{6})</span>', slip)
    assert code is not None
    assert pin is not None
    assert "data:image/svg+xml" in slip
    assert households.open_statement(code=code[1], pin=pin[1], now=NOW) == zhang
    assert pin[1] not in client.get(f"{LIST}{zhang}").text


def test_consent_plots_and_standing_go_through_their_forms(client, world, zhang):
    client.as_(world.manager)
    base = f"{LIST}{zhang}/"

    assert client.post(base + "consent/withdraw", data={"on": "2026-04-20"}).status_code == 409
    assert client.post(base + "consent/give", data={"on": "2026-04-20"}).status_code == 303
    assert (
        client.post(
            base + "plots/new", data={"name": "屋后", "crop": "茶", "area_m2": "x"}
        ).status_code
        == 422
    )
    plot = {"name": "屋后", "crop": "茶", "area_m2": "10"}
    assert client.post(base + "plots/new", data=plot).status_code == 303
    change = {"standing": "exited", "since": "2026-04-01"}
    assert client.post(base + "standing", data=change).status_code == 303
    page = client.get(base.rstrip("/")).text
    for words in ("屋后", "10.0 亩", "已退出监测", "已同意"):
        assert words in page


def test_a_report_is_answered_from_the_list(client, world, zhang):
    report = households.report_wrong(
        household_id=zhang, words="少记一次", actor=world.manager, now=NOW
    )
    client.as_(world.manager)

    assert "1 条“不对”等您回话" in client.get(LIST).text
    assert "少记一次" in client.get(LIST + "reports").text
    url = f"{LIST}reports/{report}"
    assert client.as_(world.other_manager).get(url).status_code == 404
    client.as_(world.manager)
    assert client.get(url).status_code == 200
    assert client.post(url, data={"answer": ""}).status_code == 422
    assert client.post(url, data={"answer": "已补记"}).status_code == 303
    assert "已补记" in client.get(f"{LIST}{zhang}").text
    assert "都回话了" in client.get(LIST + "reports").text
