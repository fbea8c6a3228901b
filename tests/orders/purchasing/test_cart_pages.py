"""The pages of cart and checkout, as visitors, members and clerks meet them."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import func, select

from orders.purchasing import cart
from orders.purchasing.models import CartLine, Purchase
from orders.purchasing.states import PaymentTerms, PurchaseState
from products.catalogue.rules import Composition
from shop.core import clock, db
from shop.core.money import ZERO, yuan
from tests.conftest import Browser
from tests.prices import priced
from tests.world import DAY, NOW, PASSWORD, World

RECEIVER = {
    "recipient": "周杰",
    "phone": "138 0000 0000",
    "address": "江西省吉安市遂川县泉江镇示范路 2 号",
    "note": "放门卫",
}


@pytest.fixture
def stocked(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Thirty tins on sale, and a budget for the union; it is the cast's own day."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    world.tins(30)
    world.budget("5000.00")
    return world


def text_of(response) -> str:
    """The words of a page, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.get_data(as_text=True))).split())


def hidden(response) -> dict[str, str]:
    """What the page carries on in hidden fields, and what its boxes hold."""
    found = re.findall(
        r'<input[^>]*type="hidden"[^>]*>', response.get_data(as_text=True), flags=re.DOTALL
    )
    named = [
        (re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in found
    ]
    return {name[1]: unescape(value[1]) if value else "" for name, value in named if name}


def put_in(client: Browser, world: World, units: int, to: str = "own"):
    return client.post(
        "/cart/add/gougunao-teji",
        data={"specification_id": world.tin, "units": str(units), "to": to},
    )


def purchases() -> list[Purchase]:
    with db.database().reading() as tx:
        return list(tx.execute(select(Purchase).order_by(Purchase.id)).scalars())


def cart_lines() -> list[tuple[int | None, int | None, int]]:
    with db.database().reading() as tx:
        return [
            (row.user_id, row.union_id, row.units)
            for row in tx.execute(select(CartLine).order_by(CartLine.id)).scalars()
        ]


def test_an_empty_cart_says_what_to_do(client, world):
    page = client.get("/cart/")
    assert page.status_code == 200
    assert "还没有选东西" in text_of(page)
    assert "清单里还没有商品" in text_of(client.as_(world.clerk).get("/cart/union"))


def test_a_visitors_cart_comes_along_at_sign_in(client, stocked):
    assert put_in(client, stocked, 4).status_code == 303
    assert "¥952.00" in text_of(client.get("/cart/"))
    client.post("/sign-in", data={"email": "clerk@test.example", "password": PASSWORD})
    page = text_of(client.get("/cart/"))
    assert "¥952.00" in page
    assert "已并入购物车" in page
    assert cart_lines() == [(stocked.clerk.user_id, None, 4)]


def test_more_than_there_is_stays_typed_and_is_explained_at_the_box(client, stocked):
    page = put_in(client, stocked, 31)
    assert page.status_code == 409
    assert "只剩 30" in text_of(page)
    assert 'value="31"' in page.get_data(as_text=True)
    assert cart_lines() == []


@pytest.mark.parametrize("units", ["", "0", "-1", "三", "1.5", "99999999"])
def test_nonsense_in_the_box_is_refused(client, stocked, units):
    page = client.post(
        "/cart/add/gougunao-teji",
        data={"specification_id": stocked.tin, "units": units, "to": "own"},
    )
    assert page.status_code == 422
    assert cart_lines() == []


def test_a_second_click_puts_nothing_more_in(client, stocked):
    data = {"specification_id": stocked.tin, "units": "4", "to": "own", "once": "same"}
    for _click in range(2):
        assert client.post("/cart/add/gougunao-teji", data=data).status_code == 303
    assert [line[2] for line in cart_lines()] == [4]


def test_a_line_changes_by_box_and_buttons(client, stocked):
    put_in(client, stocked, 4)
    where = f"/cart/lines/{stocked.tin}"
    for data, units in (
        ({"units": "6"}, [6]),
        ({"units": "6", "step": "more"}, [7]),
        ({"units": "7", "step": "less"}, [6]),
        ({"units": "6", "step": "none"}, []),
    ):
        assert client.post(where, data=data).status_code == 303
        assert [line[2] for line in cart_lines()] == units


def test_a_refused_line_keeps_what_was_typed(client, stocked):
    put_in(client, stocked, 4)
    page = client.post(f"/cart/lines/{stocked.tin}", data={"units": "55"})
    assert page.status_code == 409
    assert 'value="55"' in page.get_data(as_text=True)
    assert "只剩 30" in text_of(page)
    assert [line[2] for line in cart_lines()] == [4]


def test_checking_out_needs_a_name_and_the_union_list_a_clerk(client, stocked):
    assert "/sign-in" in client.get("/cart/checkout").location
    assert "/sign-in" in client.get("/cart/union").location
    for who in (stocked.member, stocked.manager, stocked.approver):
        assert client.as_(who).get("/cart/union").status_code == 403
        assert client.as_(who).get("/cart/union/checkout").status_code == 403
        assert client.as_(who).post("/cart/union/submit").status_code == 403


def test_an_empty_cart_cannot_be_checked_out(client, stocked):
    client.as_(stocked.member)
    assert client.get("/cart/checkout").location.endswith("/cart/")
    client.as_(stocked.clerk)
    assert client.get("/cart/union/checkout").location.endswith("/cart/union")


def test_a_member_buys_and_a_second_click_buys_nothing_more(client, stocked):
    client.as_(stocked.member)
    put_in(client, stocked, 3)
    assert client.get("/cart/checkout").status_code == 200
    check = client.post("/cart/checkout", data=RECEIVER | {"once": "k1"})
    assert "提交订单 ¥714.00" in text_of(check)
    assert purchases() == []

    carried = hidden(check)
    first = client.post("/cart/place", data=carried)
    second = client.post("/cart/place", data=carried)

    (purchase,) = purchases()
    assert first.location == second.location
    assert first.location.endswith(purchase.public_id)
    assert (purchase.total, purchase.phone, purchase.note) == (
        yuan("714"),
        "13800000000",
        "放门卫",
    )
    assert cart_lines() == []


def test_checkout_keeps_what_was_typed(client, stocked):
    client.as_(stocked.member)
    put_in(client, stocked, 3)
    page = client.post("/cart/checkout", data=RECEIVER | {"phone": "12", "once": "k"})
    assert page.status_code == 422
    assert "请填 11 位手机号" in text_of(page)
    assert "泉江镇示范路 2 号" in page.get_data(as_text=True)
    assert 'value="12"' in page.get_data(as_text=True)

    check = client.post("/cart/checkout", data=RECEIVER | {"once": "k"})
    back = client.post("/cart/checkout", data=hidden(check) | {"edit": "1"})
    assert "泉江镇示范路 2 号" in back.get_data(as_text=True)
    assert "收货信息" in text_of(back)
    assert purchases() == []


def test_a_price_that_changed_meanwhile_is_shown_before_anything_is_bought(client, stocked):
    client.as_(stocked.member)
    put_in(client, stocked, 3)
    carried = hidden(client.post("/cart/checkout", data=RECEIVER | {"once": "k"}))
    priced(
        stocked.tin,
        DAY,
        Composition(yuan("240"), yuan("150"), ZERO, ZERO, yuan("20"), yuan("70"), ZERO, ZERO),
    )
    page = client.post("/cart/place", data=carried)
    assert page.status_code == 409
    assert "价格刚有变动" in text_of(page)
    assert "提交订单 ¥720.00" in text_of(page)
    assert purchases() == []
    assert client.post("/cart/place", data=hidden(page)).status_code == 303


def test_sold_out_at_submit_names_the_line_and_buys_nothing(client, stocked):
    client.as_(stocked.member)
    put_in(client, stocked, 3)
    carried = hidden(client.post("/cart/checkout", data=RECEIVER | {"once": "k"}))
    stocked.submitted(28)
    page = client.post("/cart/place", data=carried)
    assert page.status_code == 409
    assert "现在还剩 2 罐" in text_of(page)
    assert "泉江镇示范路 2 号" in text_of(page)
    assert len(purchases()) == 1
    assert [line[2] for line in cart_lines()] == [3]


def test_a_check_page_tampered_with_buys_nothing(client, stocked):
    client.as_(stocked.member)
    put_in(client, stocked, 3)
    carried = hidden(client.post("/cart/checkout", data=RECEIVER | {"once": "k"}))
    for lines in ("", "x", f"{stocked.tin}:0", f"{stocked.tin}:-3", "spec_none:1"):
        page = client.post("/cart/place", data=carried | {"lines": lines})
        assert page.status_code in (409, 422), lines
    assert purchases() == []


def test_a_clerk_submits_for_approval_out_of_a_budget(client, stocked):
    client.as_(stocked.clerk)
    assert put_in(client, stocked, 12, to="union").location.endswith("/cart/union")
    form = client.get("/cart/union/checkout")
    assert "现在可用 ¥5,000.00，提交后可用 ¥2,144.00" in text_of(form)
    budget = re.search(r'value="(budget_[0-9a-z]+)"', form.get_data(as_text=True))
    assert budget is not None

    without = client.post("/cart/union/checkout", data=RECEIVER | {"terms": "after", "once": "b"})
    assert without.status_code == 422
    assert "请选一笔经费" in text_of(without)

    answers = RECEIVER | {"terms": "after", "budget": budget[1], "once": "b"}
    check = client.post("/cart/union/checkout", data=answers)
    assert "提交审批 ¥2,856.00" in text_of(check)
    done = client.post("/cart/union/submit", data=hidden(check))
    again = client.post("/cart/union/submit", data=hidden(check))

    (purchase,) = purchases()
    assert done.location == again.location
    assert (purchase.state, purchase.terms) == (PurchaseState.SUBMITTED, PaymentTerms.AFTER)
    assert purchase.budget_id is not None
    assert cart_lines() == []


def test_over_budget_is_refused_beside_the_budget_and_changes_nothing(client, stocked):
    client.as_(stocked.clerk)
    put_in(client, stocked, 30, to="union")
    form = client.get("/cart/union/checkout")
    assert "不够这一单" in text_of(form)
    budget = re.search(r'value="(budget_[0-9a-z]+)"', form.get_data(as_text=True))
    answers = RECEIVER | {"terms": "before", "budget": budget[1], "once": "b"}
    check = client.post("/cart/union/checkout", data=answers)
    page = client.post("/cart/union/submit", data=hidden(check))
    assert page.status_code == 409
    assert "只剩 5000.00 元可用" in text_of(page)
    assert purchases() == []
    assert [line[2] for line in cart_lines()] == [30]


def test_a_budget_of_another_union_is_no_choice(client, stocked):
    client.as_(stocked.clerk)
    put_in(client, stocked, 1, to="union")
    answers = RECEIVER | {"terms": "before", "budget": "budget_0000000000000000", "once": "b"}
    assert client.post("/cart/union/checkout", data=answers).status_code == 422


def test_the_lists_of_two_unions_stay_apart(client, stocked):
    cart.add_units(
        specification_id=stocked.tin,
        units=2,
        union_id=stocked.organisation("WG"),
        actor=stocked.stranger,
        now=NOW,
    )
    client.as_(stocked.clerk)
    assert "清单里还没有商品" in text_of(client.get("/cart/union"))
    with db.database().reading() as tx:
        assert tx.execute(select(func.count(CartLine.id))).scalar_one() == 1
