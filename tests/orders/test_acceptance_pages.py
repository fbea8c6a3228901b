"""A buyer's pages: counting, the second signature, withdrawing, confirming, returning."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from orders.purchasing.models import Allocation
from orders.returns.models import ReturnRequest
from orders.shipments.models import Acceptance, AcceptanceLine, Shipment
from orders.shipments.states import AcceptanceState, ShipmentState
from shop.core import db
from tests.conftest import Browser
from tests.world import World


def sent(world: World, units: int = 10) -> tuple[str, str]:
    """A paid purchase and the shipment of all of it."""
    world.tins(30)
    purchase_id = world.approved(units)
    world.paid(purchase_id)
    return purchase_id, world.shipped(purchase_id)


def count(accepted: int, short: int = 0, damaged: int = 0, **changes: str) -> dict[str, str]:
    with db.database().reading() as tx:
        allocation = tx.execute(select(Allocation.public_id)).scalars().first()
    return {
        "once": "a",
        "counts-0-allocation_id": allocation or "",
        "counts-0-accepted": str(accepted),
        "counts-0-short": str(short),
        "counts-0-damaged": str(damaged),
        "counts-0-note": "盒角压坏",
        "note": "外观完好",
        **changes,
    }


def acceptance() -> Acceptance:
    with db.database().reading() as tx:
        return tx.execute(select(Acceptance)).scalar_one()


def test_two_people_count_and_sign(world: World, client: Browser) -> None:
    purchase_id, shipment = sent(world)
    browser = client.as_(world.receiver)
    assert shipment in browser.get("/acceptances/").text
    assert 'value="10"' in browser.get(f"/acceptances/of/{shipment}").text

    answer = browser.post(f"/acceptances/of/{shipment}", data=count(8, 1, 1))
    assert answer.status_code == 303
    first = acceptance()
    assert first.state is AcceptanceState.FIRST_SIGNED
    page = browser.get(f"/acceptances/{first.public_id}").text
    assert "/signature" not in page
    assert "盒角压坏" in page
    assert (
        browser.post(f"/acceptances/{first.public_id}/signature", data={"once": "x"}).status_code
        == 403
    )

    browser = client.as_(world.clerk)
    assert "/signature" in browser.get(f"/acceptances/{first.public_id}").text
    for _ in range(2):
        answer = browser.post(f"/acceptances/{first.public_id}/signature", data={"once": "s"})
        assert answer.status_code == 303
    assert acceptance().state is AcceptanceState.SIGNED
    assert "¥1,904.00" in browser.get(f"/acceptances/{first.public_id}").text
    assert "¥476.00" in browser.get(f"/purchases/{purchase_id}").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"counts-0-accepted": "9"}, "有一行对不上"),
        ({"counts-0-short": "x"}, "请填整数"),
        ({"counts-0-accepted": ""}, "没有就填 0"),
    ],
)
def test_a_bad_count_is_explained_and_nothing_is_signed(
    world: World, client: Browser, changes: dict[str, str], words: str
) -> None:
    _purchase, shipment = sent(world)

    answer = client.as_(world.receiver).post(
        f"/acceptances/of/{shipment}", data=count(10, **changes)
    )

    assert answer.status_code == 422
    assert words in answer.text
    assert "盒角压坏" in answer.text
    with db.database().reading() as tx:
        assert not tx.execute(select(Acceptance.id)).all()


def test_a_count_is_withdrawn_with_a_reason_and_taken_again(world: World, client: Browser) -> None:
    _purchase, shipment = sent(world)
    first = world.signed_once(shipment)
    browser = client.as_(world.receiver)

    answer = browser.post(f"/acceptances/{first}/withdrawal", data={"once": "a", "reason": ""})
    assert answer.status_code == 422
    assert "请写明原因" in answer.text
    answer = browser.post(
        f"/acceptances/{first}/withdrawal", data={"once": "b", "reason": "数错了"}
    )
    assert answer.status_code == 303
    assert acceptance().state is AcceptanceState.WITHDRAWN
    assert shipment in browser.get("/acceptances/").text
    assert browser.post(f"/acceptances/of/{shipment}", data=count(10)).status_code == 303


def test_acceptances_are_closed_to_others(world: World, client: Browser) -> None:
    _purchase, shipment = sent(world)
    first = world.signed_once(shipment)

    for who, status in (("stranger", 404), ("finance", 403), ("manager", 403)):
        browser = client.as_(world.person(who))
        assert browser.get(f"/acceptances/of/{shipment}").status_code == status
        assert (
            browser.post(f"/acceptances/{first}/signature", data={"once": who}).status_code
            == status
        )
    assert client.as_(world.stranger).get(f"/acceptances/{first}").status_code == 404
    assert client.as_(world.finance).get(f"/acceptances/{first}").status_code == 200
    assert shipment not in client.as_(world.stranger).get("/acceptances/").text


def test_a_retail_buyer_confirms_receipt(world: World, client: Browser) -> None:
    world.tins(30)
    purchase_id = world.retail(2)
    world.paid(purchase_id)
    shipment = world.shipped(purchase_id)
    address = f"/acceptances/confirmations/{shipment}"
    assert client.as_(world.clerk).get(address).status_code == 404
    assert client.as_(world.receiver).post(address, data={"once": "a"}).status_code == 404

    browser = client.as_(world.member)
    assert "货收到了" in browser.get(address).text
    for _ in range(2):
        assert browser.post(address, data={"once": "a"}).status_code == 303

    with db.database().reading() as tx:
        assert tx.execute(select(Shipment.state)).scalar_one() is ShipmentState.ACCEPTED
    assert browser.post(address, data={"once": "b"}).status_code == 409


def test_goods_go_back_after_acceptance(world: World, client: Browser) -> None:
    world.tins(30)
    purchase_id = world.approved(10)
    world.paid(purchase_id)
    accepted = world.accepted(purchase_id)
    (line,) = world.accepted_lines(accepted)
    browser = client.as_(world.clerk)
    data = {"once": "a", "lines-0-line_id": line, "lines-0-units": "3", "reason": "受潮"}
    address = f"/returns/of/{accepted}/new"
    assert "退货数量" in browser.get(address).text

    for _ in range(2):
        assert browser.post(address, data=data).status_code == 303

    with db.database().reading() as tx:
        assert tx.execute(select(AcceptanceLine.asked_units)).scalar_one() == 3
        assert len(tx.execute(select(ReturnRequest.id)).all()) == 1
    assert "等合作社答复" in browser.get(f"/acceptances/{accepted}").text


@pytest.mark.parametrize(
    ("changes", "words", "status"),
    [
        ({"lines-0-units": "11"}, "最多还能退", 409),
        ({"lines-0-units": ""}, "至少填一行", 422),
        ({"reason": ""}, "请填写这一项", 422),
        ({"lines-0-units": "-1"}, "请填整数", 422),
    ],
)
def test_a_bad_return_is_explained_and_nothing_goes_back(
    world: World, client: Browser, changes: dict[str, str], words: str, status: int
) -> None:
    world.tins(30)
    purchase_id = world.approved(10)
    world.paid(purchase_id)
    accepted = world.accepted(purchase_id)
    (line,) = world.accepted_lines(accepted)
    data = {"once": "a", "lines-0-line_id": line, "lines-0-units": "3", "reason": "受潮"}

    answer = client.as_(world.clerk).post(f"/returns/of/{accepted}/new", data={**data, **changes})

    assert answer.status_code == status
    assert words in answer.text
    with db.database().reading() as tx:
        assert not tx.execute(select(ReturnRequest.id)).all()


def test_only_those_who_may_register_returns(world: World, client: Browser) -> None:
    world.tins(30)
    purchase_id = world.approved(10)
    world.paid(purchase_id)
    accepted = world.accepted(purchase_id)
    (line,) = world.accepted_lines(accepted)
    data = {"once": "a", "lines-0-line_id": line, "lines-0-units": "3", "reason": "受潮"}

    for who, status in (("receiver", 403), ("stranger", 404)):
        browser = client.as_(world.person(who))
        assert browser.post(f"/returns/of/{accepted}/new", data=data).status_code == status
        assert "/returns/of/" not in browser.get(f"/acceptances/{accepted}").text


def test_an_empty_desk_says_so(world: World, client: Browser) -> None:
    page = client.as_(world.receiver).get("/acceptances/").text

    for words in ("没有等清点的货", "没有等签字的验收", "还没有验收过"):
        assert words in page
