"""The mass balance of a cooperative: every gram from the harvest to what is left."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from products.catalogue.states import Category
from products.lots import balance_queries, rules
from products.lots.states import LotKind, Season
from products.lots.weighing import void_delivery
from shop.core import db
from shop.core.errors import NotAllowed, NotFound
from tests.pages import counted as statements
from tests.pages import faults
from tests.products.gate import NOON, TODAY, Gate, at_the_gate
from tests.products.test_alarms import rule
from tests.products.test_mass_balance import a_mu_bears, one_mu

PAGE = "/cooperative/mass-balance/"


@pytest.fixture
def gate(world) -> Gate:
    return at_the_gate(world)


def balance(gate, actor=None, *, season=Season.YEAR, year=2026, today=TODAY):
    with db.database().reading() as tx:
        return balance_queries.balance(
            tx, gate.cooperative_key, actor or gate.manager, year=year, season=season, today=today
        )


@pytest.fixture
def told(gate, world):
    """45 kg of leaf, 10 kg of tea; stems, a loss, a part, a blend, 20 tins of which 3 are sold."""
    leaf = [(gate.leaf(gate.zhang, "30"), 30_000), (gate.leaf(gate.li, "16", "80"), 15_000)]
    rough = gate.rough(leaf, 10_000)
    gate.stems(rough, 400)
    gate.lose(rough, 100)
    part = gate.parts(rough, 3_000)[0]
    blended = gate.blend([(rough, 4_000), (part, 1_500)], 5_400)
    gate.pack([(blended, 5_000)], 20)
    purchase = world.approved(3)
    world.paid(purchase)
    world.accepted(purchase, damaged=1)
    gate.leaf(gate.zhang, "2", category=Category.FRUIT, name="脐橙", grade="")
    return rough


def test_every_line_adds_up_to_the_gram(gate, told):
    found = balance(gate)

    assert {one.difference for one in found.made} == {0}
    lines = {(one.kind, one.goods): one for one in found.made if one.category is Category.TEA}
    leaf = lines[LotKind.DELIVERY, "鲜叶"]
    assert (leaf.lots, leaf.grams, leaf.out, leaf.left) == (2, 46_000, 45_000, 1_000)
    rough = lines[LotKind.PROCESSED, "狗牯脑毛茶"]
    assert (rough.taken, rough.grams, rough.ratio, rough.shrunk) == (45_000, 10_000, "4.50", 35_000)
    assert (rough.out, rough.gone, rough.left) == (7_400, 100, 2_500)
    blended = lines[LotKind.BLEND, "精制茶"]
    assert (blended.taken, blended.grams, blended.shrunk, blended.left) == (5_500, 5_400, 100, 400)
    packed = lines[LotKind.PACKED, "狗牯脑绿茶 特级"]
    assert (packed.grams, packed.sold, packed.written_off, packed.left) == (5_000, 500, 250, 4_250)


def test_what_was_harvested_is_what_is_left_sold_lost_or_shrunk(gate, told):
    made = [one for one in balance(gate).made if one.category is Category.TEA]

    harvested = sum(one.grams for one in made if one.kind is LotKind.DELIVERY)
    ended = sum(one.left + one.sold + one.lost + one.written_off + one.shrunk for one in made)
    assert harvested == ended == 46_000


def test_the_stages_of_each_category(gate, told):
    fruit, tea = balance(gate).stages

    assert (fruit.category, fruit.sums.harvested, fruit.sums.left) == (Category.FRUIT, 2_000, 2_000)
    assert tea.sums == (46_000, 10_000, 5_000, 500, 1_000 + 2_500 + 400 + 1_500 + 400 + 4_250)
    assert {box.key for box in tea.chart.boxes} == {
        "delivery", "processed", "part", "byproduct", "blend", "packed",
        "sold", "left", "lost", "shrunk",
    }  # fmt: skip
    assert tea.weights["lost"] == 350


def test_it_asks_in_a_handful_of_statements_however_much_there_is(gate, told, client, world):
    client.as_(world.manager)
    asked = []
    for _ in range(2):
        with statements(db.database().engine) as found:
            assert client.get(PAGE + "?year=2026").status_code == 200
        asked.append(len(found))
        for _more in range(5):
            gate.rough([(gate.leaf(gate.zhang, "5"), 5_000)], 1_000)

    assert asked[0] == asked[1] <= 30


def test_voided_weigh_ins_and_other_seasons_do_not_count(gate, told):
    lot = gate.leaf(gate.zhang, "77")
    before = balance(gate).stages[1].sums.harvested
    void_delivery(lot_id=lot, reason="重复", actor=gate.weigher, now=NOON)

    assert before - balance(gate).stages[1].sums.harvested == 77_000
    assert balance(gate, season=Season.SPRING).made == balance(gate).made
    assert balance(gate, season=Season.AUTUMN).made == ()
    assert balance(gate, year=2025).made == ()


@pytest.mark.parametrize(
    ("season", "first", "after"),
    [
        (Season.YEAR, date(2026, 1, 1), date(2027, 1, 1)),
        (Season.SPRING, date(2026, 3, 1), date(2026, 6, 1)),
        (Season.AUTUMN, date(2026, 9, 1), date(2026, 12, 1)),
        (Season.WINTER, date(2026, 12, 1), date(2027, 3, 1)),
    ],
)
def test_a_season_is_three_months(season, first, after):
    assert rules.days_of(2026, season) == (first, after)


def test_what_does_not_fit_is_named(gate, told, world):
    rule(world)
    one_mu(world, gate.zhang)
    a_mu_bears(world, 40_000)
    odd = gate.rough([(gate.leaf(gate.li, "20"), 20_000)], 10_000)
    gate.leaf(gate.zhang, "20")

    found = balance(gate)

    assert not found.adds_up
    assert [(one.lot_id, one.ratio, one.window) for one in found.odd] == [(odd, "2.00", (380, 550))]
    assert [(one.name, one.grams, one.area_m2) for one in found.over] == [("张桂兰", 50_000, 667)]
    assert found.open_alarms == 2
    assert found.wrong == ()


def test_a_year_that_is_over_is_held_against_its_own_last_year_of_leaf(gate, world):
    one_mu(world, gate.zhang)
    a_mu_bears(world, 40_000)
    gate.leaf(gate.zhang, "50")

    assert len(balance(gate).over) == 1
    assert balance(gate, year=2027, today=TODAY + timedelta(days=500)).over == ()
    assert len(balance(gate, today=TODAY + timedelta(days=200)).over) == 1


def test_a_count_that_is_off_by_a_gram_is_found(gate, told):
    """Planted by hand: no command can make it."""
    with db.database().writing() as tx:
        tx.execute(text("UPDATE lot SET used_grams = used_grams - 1 WHERE kind = 'blend'"))

    (wrong,) = balance(gate).wrong

    assert (wrong.number, wrong.counted, wrong.written) == ("PP-TH-2026-00001", 4_999, 5_000)


def test_who_may_see_it(gate, told, world):
    assert balance(gate, world.weigher).names
    assert not balance(gate, world.operator).names
    assert not balance(gate, world.auditor).names
    with pytest.raises(NotFound):
        balance(gate, world.other_manager)
    with pytest.raises(NotAllowed):
        balance(gate, world.treasurer)


# --- pages --------------------------------------------------------------------------------------


def test_the_page_shows_the_sums_and_leads_down_to_lots_and_households(client, gate, told, world):
    one_mu(world, gate.zhang)
    a_mu_bears(world, 20_000)
    client.as_(world.manager)

    page = client.get(PAGE + "?year=2026").text

    for words in (
        "46 公斤",
        "4.50",
        "0 克",
        "每一批都对得上",
        gate.zhang,
        "交来的多过地里能产的农户",
    ):
        assert words in page
    assert faults(page, keys=False) == []
    lots = client.get(
        PAGE + "lots?year=2026&kind=processed&category=tea&goods=狗牯脑毛茶&grade=一级"
    ).text
    assert told in lots


def test_the_platforms_people_choose_a_cooperative_and_see_no_names(client, gate, told, world):
    one_mu(world, gate.zhang)
    a_mu_bears(world, 20_000)
    for someone in (world.operator, world.auditor):
        client.as_(someone)

        page = client.get(f"{PAGE}?year=2026&cooperative={gate.cooperative}").text
        other = client.get(f"{PAGE}?year=2026&cooperative={gate.other_cooperative}").text

        assert "张**" in page
        assert "张桂兰" not in page
        assert "这段时间没有批次" in other
        assert client.get(PAGE + "?cooperative=nobody").status_code == 404


def test_nonsense_in_the_address_is_taken_as_this_year(client, gate, told, world):
    client.as_(world.manager)

    for asked in ("?year=x", "?year=1", "?season=x", "lots?kind=x&category=y"):
        assert client.get(PAGE + asked).status_code == 200


def test_the_files_say_what_they_hold_in_grams(client, gate, told, world):
    client.as_(world.manager)

    rows = list(
        csv.reader(io.StringIO(client.get(PAGE + "file.csv?year=2026").data.decode("utf-8-sig")))
    )
    head = next(n for n, row in enumerate(rows) if row[:2] == ["品类", "步骤"])
    lines = [dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :]]
    rough = next(line for line in lines if line["步骤"] == "初加工")
    assert (rough["投料（克）"], rough["重量（克）"], rough["相差（克）"]) == (
        "45000",
        "10000",
        "0",
    )
    assert client.get(PAGE + "file.xlsx?year=2026").data[:2] == b"PK"
    assert client.get(PAGE + "file.pdf").status_code == 404
