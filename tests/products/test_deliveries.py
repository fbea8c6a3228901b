"""Weigh-ins: value, share, number, and putting a wrong one right while nothing is used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from products.households import commands as households
from products.lots import commands as lots
from products.lots import delivery_queries as reading
from products.lots.models import Delivery, Lot
from products.lots.rules import FEN_PER_KG_AT_MOST
from products.lots.states import LeafPayment, LotDeed, LotState
from products.lots.weighing import (
    LotInUse,
    PlotNotTheirs,
    PriceUnlikely,
    WeightUnlikely,
)
from shop.core import db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, WrongState
from shop.core.money import ZERO, yuan
from tests.products.gate import NOON, TODAY, Gate, at_the_gate
from tests.products.test_lots import refused
from tests.world import World


@pytest.fixture
def gate(world: World) -> Gate:
    return at_the_gate(world)


def key(gate: Gate) -> int:
    return gate.cooperative_key


def correct(gate: Gate, lot_id: str, **changes):
    facts = {
        "lot_id": lot_id,
        "grams": 12_000,
        "grade": "单芽",
        "fen_per_kg": 13_000,
        "payment": LeafPayment.CONSIGNMENT,
        "certificate": "HGZ-2",
        "reason": "看错秤",
        "actor": gate.weigher,
        "now": NOON + timedelta(days=1),
    }
    return lots.correct_delivery(**{**facts, **changes})


def void(gate: Gate, lot_id: str, **changes):
    facts = {"lot_id": lot_id, "reason": "重复登记", "actor": gate.weigher, "now": NOON}
    lots.void_delivery(**{**facts, **changes})


def test_a_weigh_in_is_a_lot_with_one_share(gate):
    leaf = gate.leaf(gate.zhang, "20.5", "118.5", certificate="HGZ-1")

    lot = gate.lot(leaf)
    assert (lot.number, lot.grams, lot.used_grams) == ("SG-TH-2026-00001", 20_500, 0)
    assert (lot.harvest_from, lot.harvest_to, lot.made_at) == (TODAY, TODAY, NOON)
    assert gate.shares(leaf) == {gate.zhang: (20_500_000, 242_925, 242_925)}


def test_leaf_on_consignment_has_value_but_nothing_paid(gate):
    leaf = gate.leaf(gate.li, "10", "97", payment=LeafPayment.CONSIGNMENT)

    assert gate.shares(leaf) == {gate.li: (10_000_000, 97_000, 0)}


def test_the_same_form_sent_twice_weighs_once(gate):
    first = gate.leaf(gate.zhang, "1")
    facts = {
        "household_id": gate.zhang,
        "plot_id": None,
        "category": gate.lot(first).category,
        "name": "鲜叶",
        "grade": "",
        "grams": 1_000,
        "fen_per_kg": 100,
        "payment": LeafPayment.PAID,
        "certificate": "HGZ-3",
        "actor": gate.weigher,
    }

    one = lots.weigh_in.once("key")(**facts, now=NOON)
    two = lots.weigh_in.once("key")(**facts, now=NOON + timedelta(seconds=3))

    assert one == two
    with db.database().reading() as tx:
        assert len(tx.execute(select(Lot.id)).all()) == 2


def test_a_plot_is_noted_only_when_it_is_theirs(gate):
    plot = households.add_plot(
        household_id=gate.zhang, name="屋后", crop="茶", area_m2=6670, actor=gate.manager, now=NOON
    )

    leaf = gate.leaf(gate.zhang, "1", plot_id=plot)

    with db.database().reading() as tx:
        assert reading.slip(tx, leaf, gate.weigher).plot == "屋后"
    refused(gate, PlotNotTheirs, gate.leaf, gate.li, "1", plot_id=plot)


@pytest.mark.parametrize("grams", [0, -1, 5_000_001])
def test_a_weight_that_cannot_be_is_refused(gate, grams):
    refused(gate, WeightUnlikely, gate.leaf, gate.zhang, "1", grams=grams)


@pytest.mark.parametrize("fen", [0, -1, FEN_PER_KG_AT_MOST + 1])
def test_a_price_that_cannot_be_is_refused(gate, fen):
    refused(gate, PriceUnlikely, gate.leaf, gate.zhang, "1", fen_per_kg=fen)


def test_leaf_worth_less_than_half_a_fen_is_refused(gate):
    refused(gate, PriceUnlikely, gate.leaf, gate.zhang, "0.001", "0.01")


def test_only_people_of_the_gate_weigh(gate):
    refused(gate, NotFound, gate.leaf, gate.zhang, "1", actor=gate.stranger)
    refused(gate, NotFound, gate.leaf, gate.zhang, "1", actor=gate.clerk)
    refused(gate, NotFound, gate.leaf, "hh_nobody", "1")


def test_a_correction_voids_the_old_and_writes_another_for_the_same_day(gate):
    old = gate.leaf(gate.zhang, "10", "120")

    new = correct(gate, old)

    assert gate.lot(old).state is LotState.VOIDED
    lot = gate.lot(new)
    assert (lot.grams, lot.grade, lot.name, lot.certificate) == (12_000, "单芽", "鲜叶", "HGZ-2")
    assert (lot.made_at, lot.harvest_from) == (NOON, TODAY)
    assert gate.shares(new) == {gate.zhang: (12_000_000, 156_000, 0)}
    with db.database().reading() as tx:
        was = reading.slip(tx, old, gate.weigher)
        assert (was.replaced_by, was.can_change) == (new, False)
        now = reading.slip(tx, new, gate.weigher)
        assert (now.delivery.replaces, now.can_change) == (gate.lot(old).number, True)


def test_history_tells_who_voided_and_why(gate):
    from products.lots import lot_queries

    leaf = gate.leaf(gate.zhang, "10")
    void(gate, leaf)

    with db.database().reading() as tx:
        page = lot_queries.lot(tx, leaf, gate.manager)
    assert [(s.deed, s.who, s.reason) for s in page.history] == [
        (LotDeed.WEIGH_IN, "罗秀", ""),
        (LotDeed.VOID, "罗秀", "重复登记"),
    ]
    assert not page.lot.stands


def test_used_leaf_is_neither_corrected_nor_voided(gate):
    leaf = gate.leaf(gate.zhang, "10")
    gate.rough([(leaf, 1)], 1)

    assert refused(gate, LotInUse, correct, gate, leaf).facts["used"] == "0.001"
    refused(gate, LotInUse, void, gate, leaf)


def test_a_voided_weigh_in_stays_voided(gate):
    leaf = gate.leaf(gate.zhang, "10")
    void(gate, leaf)

    refused(gate, WrongState, void, gate, leaf)
    refused(gate, WrongState, correct, gate, leaf)


def test_correcting_and_voiding_ask_for_a_reason(gate):
    leaf = gate.leaf(gate.zhang, "10")

    refused(gate, ReasonMissing, correct, gate, leaf, reason="  ")
    refused(gate, ReasonMissing, void, gate, leaf, reason="")


def test_a_correction_is_weighed_with_the_same_care(gate):
    leaf = gate.leaf(gate.zhang, "10")

    refused(gate, WeightUnlikely, correct, gate, leaf, grams=0)
    refused(gate, PriceUnlikely, correct, gate, leaf, fen_per_kg=0)


def test_others_correct_and_void_nothing(gate):
    leaf = gate.leaf(gate.zhang, "10")
    rough = gate.rough([(leaf, 1_000)], 200)

    for actor in (gate.stranger, gate.clerk):
        refused(gate, NotFound, correct, gate, leaf, actor=actor)
        refused(gate, NotFound, void, gate, leaf, actor=actor)
    refused(gate, NotFound, void, gate, rough)
    refused(gate, NotFound, void, gate, "lot_nothing")


def test_the_day_ledger_counts_what_stands_apart_by_payment(gate):
    gate.leaf(gate.zhang, "20", "120")
    gate.leaf(gate.li, "10", "97", payment=LeafPayment.CONSIGNMENT)
    wrong = gate.leaf(gate.li, "99")
    void(gate, wrong)
    gate.leaf(gate.li, "5", now=NOON + timedelta(hours=14))

    with db.database().reading() as tx:
        day = reading.day_ledger(tx, key(gate), gate.weigher, TODAY)
        assert len(day.rows) == 3
        assert (day.voided, day.both.count, day.both.grams) == (1, 2, 30_000)
        assert (day.paid.value, day.consignment.value) == (yuan("2400"), yuan("970"))
        assert day.both.value == yuan("3370")
        after = reading.day_ledger(tx, key(gate), gate.weigher, day.after)
        assert [row.household for row in after.rows] == ["李长根"]
        assert reading.day_ledger(tx, key(gate), gate.weigher, day.before).both.value == ZERO


def test_only_people_of_the_gate_read_the_ledger_and_slips(gate):
    leaf = gate.leaf(gate.zhang, "1")

    with db.database().reading() as tx:
        for actor in (gate.stranger, gate.clerk):
            with pytest.raises(NotFound):
                reading.day_ledger(tx, key(gate), actor, TODAY)
            with pytest.raises(NotFound):
                reading.slip(tx, leaf, actor)
            with pytest.raises(NotFound):
                reading.scale(tx, gate.zhang, key(gate), actor)
        with pytest.raises(NotFound):
            reading.scale(tx, "hh_nobody", key(gate), gate.weigher)


def test_the_weigher_finds_recent_households_and_goods_first(gate):
    gate.leaf(gate.zhang, "1", "100")
    gate.leaf(gate.li, "1", "110", grade="单芽")
    gate.leaf(gate.li, "2", "110", grade="单芽")

    with db.database().reading() as tx:
        recent = reading.recent_households(tx, key(gate), gate.weigher)
        assert [chip.name for chip in recent] == ["李长根", "张桂兰"]
        found = reading.find_households(tx, key(gate), gate.weigher, "桂")
        assert [chip.name for chip in found] == ["张桂兰"]
        assert len(reading.find_households(tx, key(gate), gate.weigher, "南屏")) == 3
        assert reading.find_households(tx, key(gate), gate.weigher, "%") == ()
        goods = reading.scale(tx, gate.zhang, key(gate), gate.weigher).goods
        assert [(g.grade, g.fen_per_kg) for g in goods] == [("单芽", 11_000), ("一芽一叶", 10_000)]


def test_a_delivery_keeps_who_weighed(gate):
    leaf = gate.leaf(gate.zhang, "1")

    with db.database().reading() as tx:
        row = tx.execute(select(Delivery).join(Lot).where(Lot.public_id == leaf)).scalar_one()
        assert row.weigher_id == gate.weigher.user_id


def test_readers_of_lots_may_not_weigh(gate):
    with pytest.raises(NotAllowed):
        gate.rough([(gate.leaf(gate.zhang, "1"), 1_000)], 200, actor=gate.weigher)
