"""Pages that divide, lose and correct; the picture of the graph; who sees names."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from products.lots.flow import Spot, Stream, laid_out
from products.lots.models import Lot
from products.lots.states import LotKind
from shop.core import db
from shop.core.money import yuan
from tests.pages import faults
from tests.products.gate import Gate, at_the_gate
from tests.products.test_alarms import rule

LOTS = "/cooperative/lots/"


@pytest.fixture
def gate(world) -> Gate:
    return at_the_gate(world)


@pytest.fixture
def leaf(gate) -> str:
    return gate.leaf(gate.zhang, "30")


@pytest.fixture
def rough(gate, leaf) -> str:
    return gate.rough([(leaf, 30_000), (gate.leaf(gate.li, "15", "80"), 15_000)], 10_000)


def lots_of(kind: LotKind) -> list[Lot]:
    with db.database().reading() as tx:
        return list(tx.execute(select(Lot).where(Lot.kind == kind).order_by(Lot.id)).scalars())


# --- dividing -----------------------------------------------------------------------------------


def test_rows_that_are_filled_in_become_parts(client, gate, rough, world):
    client.as_(world.manager)
    page = client.get(f"{LOTS}{rough}/divide").text
    assert page.count("-grams") == 5
    assert faults(page, keys=False) == []

    done = client.post(
        f"{LOTS}{rough}/divide",
        data={
            "kind": "part",
            "parts-rows": "5",
            "parts-0-name": "上段",
            "parts-0-grade": "一级",
            "parts-0-grams": "4.5",
            "parts-3-name": "下段",
            "parts-3-grams": "3",
            "step": "record",
            "once": "k",
        },
    )

    assert done.status_code == 303
    assert [(lot.name, lot.grams) for lot in lots_of(LotKind.PART)] == [
        ("上段", 4_500),
        ("下段", 3_000),
    ]
    assert "FD-TH-2026-00001" in client.get(done.location).text


def test_more_rows_come_without_script_and_keep_what_was_typed(client, gate, rough, world):
    client.as_(world.manager)

    page = client.post(
        f"{LOTS}{rough}/divide",
        data={"parts-rows": "5", "parts-0-name": "上段", "step": "more", "kind": "byproduct"},
    )

    assert page.status_code == 200
    assert page.text.count("-grams") == 10
    assert 'value="上段"' in page.text
    most = client.post(f"{LOTS}{rough}/divide", data={"parts-rows": "99", "step": "more"}).text
    assert most.count("-grams") == 20
    assert "再加五行" not in most
    assert lots_of(LotKind.PART) == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"name": "上段", "grams": "很多"}, "请填公斤数"),
        ({"name": "", "grams": "1"}, "请填名称"),
        ({"name": "上段", "grams": "0"}, "要大于零"),
        ({"name": "上段", "grams": "99"}, "只剩 10 公斤"),
        ({}, "请填每一份的名称"),
    ],
)
def test_what_is_wrong_in_a_row_is_said_and_nothing_is_made(client, gate, rough, world, row, words):
    client.as_(world.manager)
    data = {f"parts-0-{name}": typed for name, typed in row.items()}

    page = client.post(
        f"{LOTS}{rough}/divide", data={**data, "parts-rows": "5", "kind": "part", "step": "record"}
    )

    assert page.status_code in (409, 422)
    assert words in page.text
    assert faults(page.text, keys=False) == []
    assert lots_of(LotKind.PART) == []


def test_a_loss_is_shown_with_its_reason(client, gate, rough, world):
    client.as_(world.manager)
    url = f"{LOTS}{rough}/lose"

    assert client.post(url, data={"grams": "0.5", "reason": ""}).status_code == 422
    assert client.post(url, data={"grams": "10.5", "reason": "受潮"}).status_code == 409
    page = client.get(client.post(url, data={"grams": "0.5", "reason": "受潮"}).location).text

    assert gate.lot(rough).lost_grams == 500
    for words in ("受潮", "另有损耗 0.5 公斤", "损耗"):
        assert words in page


# --- correcting ---------------------------------------------------------------------------------


@pytest.fixture
def sold(gate, rough, world) -> str:
    """Forty tins of which one was sold, paid and accepted: ¥142.80 for the households."""
    packed = gate.pack([(rough, 10_000)], 40)
    purchase = world.approved(1)
    world.paid(purchase)
    world.accepted(purchase)
    return packed


def correction(gate, **changes):
    return {
        "household_id": gate.zhang,
        "grams": "24",
        "fen_per_kg": "100",
        "payment": "paid",
        "reason": "秤没有去皮",
        "once": "k",
        **changes,
    }


def test_a_correction_is_looked_at_before_it_is_made(client, gate, leaf, sold, world):
    client.as_(world.manager)
    url = f"{LOTS}{leaf}/correct-shares"

    check = client.post(url, data={**correction(gate), "step": "check"})

    assert check.status_code == 200
    # 3,000 : 1,200 becomes 2,400 : 1,200 of 142.80.
    for words in ("¥102.00", "¥95.20", "¥6.80", "FZ-TH-2026-00001", "张桂兰", "李长根", "24 公斤"):
        assert words in check.text
    assert gate.lot(sold).share_version == 1

    back = client.post(url, data={**correction(gate), "step": "edit"})
    assert 'value="24"' in back.text
    done = client.post(url, data={**correction(gate), "step": "record"})
    assert done.status_code == 303
    page = client.get(f"{LOTS}{sold}").text
    for words in ("第 2 版", "秤没有去皮", "刘青山", "¥3,600.00"):
        assert words in page


def test_the_next_settlement_gives_what_the_preview_said(client, gate, leaf, sold, world):
    world.settle()
    before = world.payable("张桂兰")
    client.as_(world.manager)
    data = correction(gate, payment="consignment")

    check = client.post(f"{LOTS}{leaf}/correct-shares", data={**data, "step": "check"}).text
    client.post(f"{LOTS}{leaf}/correct-shares", data={**data, "step": "record"})
    world.settle()

    assert "¥95.20" in check
    assert (before, world.payable("张桂兰")) == (yuan("0.00"), yuan("95.20"))
    assert world.findings() == []


@pytest.mark.parametrize(
    ("changes", "words", "status"),
    [
        ({"grams": "30"}, "没有什么要更正", 422),
        ({"grams": "5000.001"}, "重量应大于 0", 422),
        ({"reason": ""}, "请写为什么更正", 422),
        ({"household_id": "hh_none"}, "", 422),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_shown(
    client, gate, leaf, sold, world, changes, words, status
):
    client.as_(world.manager)

    page = client.post(
        f"{LOTS}{leaf}/correct-shares", data={**correction(gate, **changes), "step": "check"}
    )

    assert page.status_code == status
    assert words in page.text
    assert gate.lot(leaf).share_version == 1


def test_without_anything_packed_no_money_moves(client, gate, leaf, rough, world):
    client.as_(world.manager)

    page = client.post(
        f"{LOTS}{leaf}/correct-shares", data={**correction(gate), "step": "check"}
    ).text

    assert "没有钱要动" in page


# --- who sees what ------------------------------------------------------------------------------


def test_names_are_shown_to_those_who_may_see_households(client, gate, rough, world):
    for someone, names in ((world.manager, True), (world.weigher, True), (world.operator, False)):
        page = client.as_(someone).get(LOTS + rough).text

        assert ("张桂兰" in page) is names
        assert ("张**" in page) is not names
    assert client.as_(world.auditor).get(LOTS + rough).status_code == 200
    for nobody in (world.other_manager, world.clerk, world.treasurer):
        assert client.as_(nobody).get(LOTS + rough).status_code in (403, 404)


def test_a_frozen_lot_tells_since_when_and_offers_only_the_loss(client, gate, world):
    rule(world)
    odd = gate.rough([(gate.leaf(gate.zhang, "20"), 20_000)], 10_000)
    client.as_(world.manager)

    page = client.get(LOTS + odd).text

    assert f"{odd}/divide" not in page
    assert f"{odd}/lose" in page
    for words in ("已冻结", "还冻着", "去复核"):
        assert words in page


# --- the picture --------------------------------------------------------------------------------


def test_the_picture_links_forebears_and_descendants(client, gate, leaf, rough, world):
    packed = gate.pack([(rough, 10_000)], 40)
    client.as_(world.manager)

    page = client.get(LOTS + rough).text

    picture = re.search(r'<svg class="flow".*?</svg>\s*</div>', page, re.S)
    assert picture
    assert f'href="{LOTS}{packed}"' in picture[0]
    assert f'href="{LOTS}{leaf}"' in picture[0]
    assert f'href="{LOTS}{rough}"' not in picture[0]
    assert "<title id=" in picture[0]
    assert "JG 2026-00001" in picture[0]
    assert faults(page, keys=False) == []


def test_many_alike_stand_as_one(client, gate, world):
    leaf = [(gate.leaf(gate.zhang, "5"), 5_000) for _ in range(6)]
    rough = gate.rough(leaf, 6_000)
    client.as_(world.manager)

    page = client.get(LOTS + rough).text

    assert "6 批" in page
    assert "投售 6 批，SG-TH-2026-00001 至 SG-TH-2026-00006，共 30 公斤" in page


def test_a_lot_without_kin_has_no_picture(client, gate, leaf, world):
    assert "来龙去脉" not in client.as_(world.manager).get(LOTS + leaf).text


def test_boxes_do_not_lie_upon_each_other_and_bands_are_as_wide_as_their_weight():
    spots = [Spot("a", 0, 300), Spot("b", 0, 100), Spot("c", 1, 400), Spot("d", 2, 50)]
    streams = [Stream("a", "c", 300), Stream("b", "c", 100), Stream("c", "d", 50)]

    chart = laid_out(spots, [*streams, Stream("d", "a", 5)])

    boxes = {box.key: box for box in chart.boxes}
    assert boxes["a"].x == boxes["b"].x < boxes["c"].x < boxes["d"].x
    assert boxes["a"].y + boxes["a"].height < boxes["b"].y
    assert [band.grams for band in chart.bands] == [300, 100, 50]
    assert max(box.y + box.height for box in chart.boxes) == chart.height
    assert "V" in chart.bands[0].path
