"""Pages of the weigh-in and of lots: who sees them, what they say, what they refuse."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from products.catalogue.states import Category
from products.lots.alarms import set_mass_rule
from products.lots.models import Delivery, Lot
from products.lots.states import LotState
from shop.core import db
from tests.products.gate import Gate, at_the_gate
from tests.world import DAY

WEIGH = "/cooperative/deliveries/"
LOTS = "/cooperative/lots/"


@pytest.fixture
def gate(world) -> Gate:
    return at_the_gate(world)


def count() -> int:
    with db.database().reading() as tx:
        return tx.execute(select(func.count()).select_from(Delivery)).scalar_one()


def the_lot(**facts: object) -> Lot:
    with db.database().reading() as tx:
        return tx.execute(select(Lot).filter_by(**facts).order_by(Lot.id.desc())).scalars().first()


LEAF = {
    "once": "one",
    "category": "tea",
    "name": "鲜叶",
    "grade": "单芽",
    "plot_id": "",
    "grams": "20.5",
    "fen_per_kg": "118.50",
    "payment": "paid",
    "certificate": "HGZ-7",
}


@pytest.mark.parametrize(
    "page", ["new", "new/{zhang}", "day", "{leaf}", "{leaf}/correct", "{leaf}/void"]
)
def test_weighing_pages_answer_the_gate_and_nobody_else(client, gate, world, page):
    leaf = gate.leaf(gate.zhang, "10")
    url = WEIGH + page.format(zhang=gate.zhang, leaf=leaf)

    for actor in (world.weigher, world.manager):
        assert client.as_(actor).get(url).status_code == 200
    assert client.as_(world.clerk).get(url).status_code == 403
    stranger = 200 if page in ("new", "day") else 404
    shown = client.as_(world.other_manager).get(url)
    assert shown.status_code == stranger
    assert "张桂兰" not in shown.text


@pytest.mark.parametrize(
    "page", ["", "stock", "processing/{process}/new", "blend/new", "pack/new", "{rough}", "{leaf}"]
)
def test_lot_pages_answer_their_cooperative_and_nobody_else(client, gate, world, page):
    leaf = gate.leaf(gate.zhang, "10")
    rough = gate.rough([(leaf, 4_500)], 1_000)
    url = LOTS + page.format(rough=rough, leaf=leaf, process=gate.tea_process)

    assert client.as_(world.manager).get(url).status_code == 200
    assert client.as_(world.weigher).get(url).status_code == (403 if "new" in page else 200)
    assert client.as_(world.clerk).get(url).status_code == 403
    shown = client.as_(world.other_manager).get(url)
    assert shown.status_code == (200 if "new" in page or "{" not in page else 404)
    assert "SG-TH" not in shown.text


def test_a_weigh_in_is_checked_then_recorded_once_then_printed(client, gate, world):
    client.as_(world.weigher)
    url = WEIGH + "new/" + gate.zhang

    check = client.post(url, data={**LEAF, "step": "check"})
    assert check.status_code == 200
    assert "入账，当面付 ¥2,429.25" in check.text
    assert count() == 0
    first = client.post(url, data={**LEAF, "step": "record"})
    again = client.post(url, data={**LEAF, "step": "record"})
    assert first.status_code == 303
    assert first.location == again.location
    assert count() == 1
    slip = client.get(first.location).text
    for words in (
        "SG-TH-2026-00001",
        "张桂兰",
        "20.5 公斤",
        "¥2,429.25",
        "贰仟肆佰贰拾玖元贰角伍分",
    ):
        assert words in slip


def test_going_back_keeps_what_was_typed_and_records_nothing(client, gate, world):
    client.as_(world.weigher)

    page = client.post(WEIGH + "new/" + gate.zhang, data={**LEAF, "step": "edit"})

    assert page.status_code == 200
    assert 'value="20.5"' in page.text
    assert count() == 0


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("grams", "", "请填净重。"),
        ("grams", "二十", "请填公斤数"),
        ("grams", "0", "要大于零。"),
        ("grams", "5000.001", "重量应大于 0"),
        ("fen_per_kg", "1e3", "请填金额"),
        ("fen_per_kg", "10000.01", "每公斤单价应大于 0"),
        ("name", "", "请填品名。"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(client, gate, world, field, typed, words):
    client.as_(world.weigher)

    page = client.post(WEIGH + "new/" + gate.zhang, data={**LEAF, field: typed, "step": "record"})

    assert page.status_code == 422
    assert words in page.text
    assert 'value="单芽"' in page.text
    assert count() == 0


def test_recent_goods_fill_the_form_by_one_tap(client, gate, world):
    gate.leaf(gate.li, "1", "97", grade="特等")
    client.as_(world.weigher)

    page = client.get(WEIGH + "new/" + gate.zhang).text
    assert 'value="97.00"' in page
    assert 'value="特等"' in page
    other = client.get(WEIGH + f"new/{gate.zhang}?category=fruit&name=脐橙&grade=&fen=650").text
    assert 'value="6.50"' in other
    assert 'value="脐橙"' in other
    assert client.get(WEIGH + f"new/{gate.zhang}?category=nonsense&name=x&fen=x").status_code == 200


def test_households_are_found_by_search(client, gate, world):
    client.as_(world.weigher)

    assert "李长根" in client.get(WEIGH + "new?q=长根").text
    assert "没有找到“某某”" in client.get(WEIGH + "new?q=某某").text


def test_a_correction_leads_from_the_old_slip_to_the_new(client, gate, world):
    leaf = gate.leaf(gate.zhang, "10")
    client.as_(world.weigher)
    facts = {k: LEAF[k] for k in ("grams", "grade", "fen_per_kg", "payment", "certificate")}
    url = f"{WEIGH}{leaf}/correct"

    assert client.post(url, data={**facts, "reason": ""}).status_code == 422
    done = client.post(url, data={**facts, "reason": "看错秤"})
    assert done.status_code == 303
    old = client.get(WEIGH + leaf).text
    assert "这张单子已作废" in old
    assert "SG-TH-2026-00002" in old
    assert "SG-TH-2026-00001" in client.get(done.location).text


def test_used_leaf_cannot_be_voided_from_its_page(client, gate, world):
    leaf = gate.leaf(gate.zhang, "10")
    gate.rough([(leaf, 1_000)], 200)
    client.as_(world.weigher)

    page = client.post(f"{WEIGH}{leaf}/void", data={"reason": "重复"})

    assert page.status_code == 409
    assert "已经用了 1 公斤" in page.text
    assert gate.lot(leaf).state is LotState.RECORDED
    assert "/void" not in client.get(WEIGH + leaf).text


def test_a_voided_slip_says_so(client, gate, world):
    leaf = gate.leaf(gate.zhang, "10")
    client.as_(world.weigher)

    done = client.post(f"{WEIGH}{leaf}/void", data={"reason": "重复登记"})

    assert "这张单子已作废" in client.get(done.location).text
    assert "重复登记" in client.get(LOTS + leaf).text


def test_the_day_ledger_adds_up_on_the_page_and_in_its_files(client, gate, world):
    gate.leaf(gate.zhang, "20", "120")
    gate.leaf(gate.li, "10.5", "97", payment=gate.consignment, name="=1+1")
    client.as_(world.weigher)

    page = client.get(WEIGH + "day?day=2026-04-20").text
    for words in ("¥2,400.00", "¥1,018.50", "¥3,418.50", "30.5 公斤"):
        assert words in page
    assert "这一天没有收购" in client.get(WEIGH + "day?day=2026-04-19").text
    assert client.get(WEIGH + "day?day=nonsense").status_code == 200
    assert client.get(WEIGH + "day?day=0001-01-01").status_code == 200
    text = client.get(WEIGH + "day.csv?day=2026-04-20").data.decode("utf-8-sig")
    assert "3418.50" in text
    assert ",'=1+1," in text
    book = client.get(WEIGH + "day.xlsx?day=2026-04-20").data
    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert rows[2][5] == "=1+1"
    assert rows[1][9] == "2400.00"
    assert rows[-1][9] == "3418.50"


def test_processing_warns_before_and_freezes_after_and_never_refuses(client, gate, world):
    leaf = gate.leaf(gate.zhang, "10")
    client.as_(world.manager)
    set_mass_rule(
        category=Category.TEA,
        goods="狗牯脑毛茶",
        grade="",
        from_day=DAY,
        ratio_low=380,
        ratio_high=550,
        most_grams_per_mu=None,
        actor=world.operator,
        now=world.now,
    )
    url = f"{LOTS}processing/{gate.tea_process}/new"
    form = {
        "once": "k",
        "inputs": leaf,
        f"inputs-{leaf}": "10",
        "steps": ["1", "2"],
        "steps-2": "锅温 280 度",
        "note": "雨后",
    }

    odd = client.post(url, data={**form, "grams": "5", "step": "check"})
    assert "投料与出料之比不寻常" in odd.text
    assert "2.00 : 1" in odd.text
    fine = client.post(url, data={**form, "grams": "2.2", "step": "check"})
    assert "不寻常" not in fine.text
    done = client.post(url, data={**form, "grams": "5", "step": "record"})
    assert done.status_code == 303
    page = client.get(done.location).text
    for words in (
        "投料与出料之比不寻常",
        "张桂兰",
        "¥1,000.00",
        "雨后",
        "SG-TH-2026-00001",
        "锅温 280 度",
        "已冻结",
    ):
        assert words in page
    again = client.post(url, data={**form, "grams": "5", "step": "record"})
    assert again.location == done.location


def test_too_much_and_nothing_are_said_beside_the_inputs(client, gate, world):
    leaf = gate.leaf(gate.zhang, "10")
    client.as_(world.manager)
    url = f"{LOTS}processing/{gate.tea_process}/new"
    form = {"steps": ["1"], "grams": "1", "step": "record"}

    over = client.post(url, data={**form, "inputs": leaf, f"inputs-{leaf}": "10.001"})
    assert over.status_code == 409
    assert "只剩 10 公斤" in over.text
    assert 'value="10.001"' in over.text
    nothing = client.post(url, data=form)
    assert nothing.status_code == 422
    assert "请选投料的批次" in nothing.text
    mistyped = client.post(url, data={**form, "inputs": leaf, f"inputs-{leaf}": "很多"})
    assert mistyped.status_code == 422
    assert "有投料的公斤数没有填对" in mistyped.text
    assert 'value="很多"' in mistyped.text
    assert gate.lot(leaf).used_grams == 0


def test_packing_shows_the_sums_and_seals(client, gate, world):
    leaf = gate.leaf(gate.zhang, "50")
    rough = gate.rough([(leaf, 50_000)], 10_000)
    client.as_(world.manager)
    form = {
        "inputs": rough,
        f"inputs-{rough}": "10",
        "specification_id": gate.tin,
        "units": "39",
        "certificate": "",
        "best_before": "",
        "once": "k",
    }

    short = client.post(LOTS + "pack/new", data={**form, "step": "check"})
    assert "这样不能记录" in short.text
    refused = client.post(LOTS + "pack/new", data={**form, "step": "record"})
    assert refused.status_code == 422
    assert "两边要一样" in refused.text
    done = client.post(LOTS + "pack/new", data={**form, "units": "40", "step": "record"})
    assert done.status_code == 303
    packed = the_lot(units=40)
    page = client.get(done.location).text
    for words in ("40 罐", packed.trace_code, "JG-TH-2026-00001", "SG-TH-2026-00001", "50 公斤"):
        assert words in page
    stock = client.get(LOTS + "stock").text
    assert packed.number in stock
    assert "SG-TH-2026-00001" not in stock
    assert "FZ-TH-2026-00001" in client.get(LOTS).text


def test_blending_through_the_form(client, gate, world):
    one = gate.rough([(gate.leaf(gate.zhang, "10"), 10_000)], 2_000)
    two = gate.rough([(gate.leaf(gate.li, "10"), 10_000)], 2_000)
    client.as_(world.manager)
    fresh = client.get(f"{LOTS}blend/new?lot={one}").text
    assert fresh.count(" checked>") == 1
    form = {
        "inputs": [one, two],
        f"inputs-{one}": "2",
        f"inputs-{two}": "0.5",
        "grams": "2.49",
        "name": "精制茶",
        "step": "record",
    }

    page = client.get(client.post(LOTS + "blend/new", data=form).location).text

    for words in ("80.0%", "20.0%", "12.5 公斤", "¥1,250.00"):
        assert words in page


def test_empty_pages_say_what_to_do(client, world):
    client.as_(world.other_manager)

    assert "库存是空的" in client.get(LOTS + "stock").text
    assert "还没有加工过" in client.get(LOTS).text
    assert "没有可以用的批次" in client.get(LOTS + "pack/new").text
    assert "还没有登记农户" in client.get(WEIGH + "new").text
