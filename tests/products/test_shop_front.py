"""The pages of the shop front: front page, catalogue, product."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import event

from shop.core import clock, db
from tests.conftest import Browser
from tests.world import NOW, World


@pytest.fixture
def stocked(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Thirty tins on sale, on the cast's own day."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    world.tins(30)
    return world


def words(client: Browser, address: str) -> str:
    page = client.get(address)
    assert page.status_code == 200, address
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.get_data(as_text=True))).split())


def test_the_front_page_has_doors_months_and_one_sentence(client, stocked):
    page = words(client, "/")
    assert all(door in page for door in ("单位采购", "我要买", "查溯源"))
    assert "2026年4月" in page.replace(" ", "")
    assert "狗牯脑绿茶 特级" in page
    assert "第一批山货刚刚上架" in page


def test_the_front_pages_figures_come_from_what_was_accepted(client, stocked):
    purchase = stocked.approved(12)
    stocked.paid(purchase)
    stocked.accepted(purchase, short=2)
    assert "已经验收 10 件山货，背后是 2 户农户" in words(client, "/")


@pytest.mark.parametrize("query", ["狗牯脑", "gougunao", "ggn"])
def test_search_finds_the_tea(client, stocked, query):
    assert "狗牯脑绿茶 特级" in words(client, f"/shop/search?q={query}")


def test_a_search_without_result_helps(client, stocked):
    page = words(client, "/shop/search?q=狗骨脑&county=suichuan")
    assert "没有找到“狗骨脑”" in page
    assert "您是不是要找" in page
    assert "去掉“搜索：狗骨脑”再看" in page


@pytest.mark.parametrize(
    "query",
    [
        "?page=99",
        "?page=x",
        "?category=nonsense",
        "?county=nowhere",
        "?sort=odd",
        "?q=%25",
        "?gi=1",
    ],
)
def test_nonsense_in_the_address_is_never_an_error(client, stocked, query):
    words(client, f"/shop/{query}")


def test_every_filter_can_be_taken_away_again(client, stocked):
    page = client.get("/shop/?category=tea&county=suichuan&stock=1&q=ggn").get_data(as_text=True)
    removing = re.findall(r'class="chip" href="([^"]+)"', page)
    assert [unescape(href) for href in removing] == [
        "/shop/?category=tea&county=suichuan&stock=1",
        "/shop/?q=ggn&county=suichuan&stock=1",
        "/shop/?q=ggn&category=tea&stock=1",
        "/shop/?q=ggn&category=tea&county=suichuan",
    ]


def test_the_product_page_tells_price_parts_lot_and_households(client, stocked):
    page = words(client, "/shop/gougunao-teji")
    for expected in (
        "¥238.00", "¥95.20/100g", "农户份额", "¥142.80", "加入购物车", "TH-2026", "背后的 2 户农户",
        "包装完好可以退货",
    ):  # fmt: skip
        assert expected in page, expected
    assert "张桂兰" not in page
    assert "加入采购清单" not in page


def test_a_clerk_is_offered_the_unions_list_first(client, stocked):
    page = words(client.as_(stocked.clerk), "/shop/gougunao-teji")
    assert page.index("加入采购清单") < page.index("加入购物车")
    assert "加入采购清单" not in words(client.as_(stocked.member), "/shop/gougunao-teji")


def test_what_is_sold_out_cannot_be_put_in(client, stocked):
    stocked.submitted(30)
    page = words(client, "/shop/gougunao-teji")
    assert "这一批卖完了" in page
    assert "加入购物车" not in page


@pytest.mark.parametrize("address", ["/", "/shop/?category=tea"])
def test_a_page_that_has_not_changed_is_not_sent_again(client, stocked, address):
    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    stocked.submitted(25)
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_an_unknown_product_is_not_found(client, stocked):
    assert client.get("/shop/no-such-thing").status_code == 404


def test_the_pages_speak_english_too(client, stocked):
    with client.session_transaction() as session:
        session["language"] = "en"
    assert "Gougunao green tea, superior" in words(client, "/shop/gougunao-teji")
    assert "Gougunao green tea, superior" in words(client, "/shop/")


@pytest.mark.parametrize(
    ("address", "most"),
    # The product's page reads ladders, discounts, freight, and certificates and tests down to
    # the leaf.
    [("/", 3), ("/shop/", 3), ("/shop/search?q=ggn", 3), ("/shop/gougunao-teji", 7)],
)
def test_a_page_of_the_front_takes_few_statements(client, stocked, address, most):
    client.get(address)
    ran: list[str] = []
    event.listen(db.database().engine, "before_cursor_execute", lambda *a: ran.append(a[2]))
    page = client.get(address)
    ran = [statement for statement in ran if not statement.startswith("BEGIN")]
    assert len(ran) <= most, ran
    assert page.status_code == 200
