"""Parts, by-products and losses: each takes its part of every household's goods with it."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from products.lots.dividing import LossMissing, PartsMissing, divide, lose
from products.lots.freezing import LotFrozen, freeze
from products.lots.models import LotLoss
from products.lots.states import FreezeCause, LotKind
from products.lots.taking import OverConsumed, WrongKind
from shop.core import db
from shop.core.audit import history
from shop.core.errors import NotAllowed, NotFound, ReasonMissing
from shop.core.events import Event
from tests.products.gate import NOON, Gate, at_the_gate


@pytest.fixture
def gate(world) -> Gate:
    return at_the_gate(world)


@pytest.fixture
def rough(gate) -> str:
    """10 kg of rough tea: 30 kg of 张桂兰's leaf and 15 kg of 李长根's."""
    leaf = [(gate.leaf(gate.zhang, "30"), 30_000), (gate.leaf(gate.li, "15", "80"), 15_000)]
    return gate.rough(leaf, 10_000)


def frozen(gate, lot: str) -> None:
    with db.database().writing() as tx:
        key = gate.lot(lot).id
        about = {"cause": FreezeCause.DISPUTE, "about": "dispute_x", "reason": "来源有争议"}
        freeze(tx, [key], **about, actor=gate.manager, now=NOON)


def test_parts_weigh_what_was_taken_and_carry_their_shares(gate, rough, world):
    first, second = gate.parts(rough, 2_500, 7_500)

    assert gate.lot(rough).used_grams == 10_000
    assert [gate.lot(part).grams for part in (first, second)] == [2_500, 7_500]
    assert gate.lot(first).number == "FD-TH-2026-00001"
    assert gate.shares(first) == {
        gate.zhang: (7_500_000, 75_000, 75_000),
        gate.li: (3_750_000, 30_000, 30_000),
    }
    assert gate.shares(second)[gate.zhang] == (22_500_000, 225_000, 225_000)
    assert world.findings() == []


def test_a_by_product_is_a_lot_of_its_own_with_its_part_of_the_value(gate, rough, world):
    stems = gate.stems(rough, 500)

    lot = gate.lot(stems)
    assert (lot.kind, lot.name, lot.grams) == (LotKind.BYPRODUCT, "茶梗", 500)
    assert lot.number == "FC-TH-2026-00001"
    assert gate.shares(stems)[gate.zhang] == (1_500_000, 15_000, 15_000)
    assert world.findings() == []


def test_what_is_lost_takes_its_part_of_the_shares_along(gate, rough, world):
    gate.lose(rough, 1_000)
    rest = gate.blend([(rough, 9_000)], 9_000)

    assert gate.lot(rough).lost_grams == 1_000
    assert gate.shares(rest)[gate.zhang] == (27_000_000, 270_000, 270_000)
    assert world.findings() == []
    with db.database().reading() as tx:
        loss = tx.execute(select(LotLoss)).scalar_one()
        acts = [act for act in history(tx, rough) if act.action == "lose"]
        facts = tx.execute(select(Event.facts).where(Event.kind == "loss")).scalar_one()
    assert (loss.grams, loss.before_grams, loss.reason) == (1_000, 0, "受潮")
    assert [(act.actor, act.reason) for act in acts] == [("刘青山", "受潮")]
    assert json.loads(facts)["facts"] == {
        "lot": "JG-TH-2026-00001",
        "cooperative": "TH",
        "grams": 1_000,
    }


def test_a_part_may_be_processed_blended_divided_and_packed(gate, rough, world):
    part, other = gate.parts(rough, 5_000, 5_000)
    again = gate.rough([(part, 2_000)], 1_000)
    smaller = gate.parts(part, 1_000)[0]
    stems = gate.stems(other, 500)
    blended = gate.blend([(again, 1_000), (smaller, 1_000), (stems, 500)], 2_500)

    gate.pack([(blended, 2_500)], 10)

    assert world.findings() == []


def test_the_same_form_sent_twice_divides_once(gate, rough):
    facts = {
        "lot_id": rough,
        "kind": LotKind.PART,
        "parts": (("甲", "", 1_000),),
        "note": "",
        "actor": gate.manager,
        "now": NOON,
    }

    assert divide.once("k")(**facts) == divide.once("k")(**facts)
    assert gate.lot(rough).used_grams == 1_000


@pytest.mark.parametrize(
    "parts", [(), (("", "", 5),), (("甲", "", 0),), tuple(("甲", "", 1) for _ in range(21))]
)
def test_parts_have_names_and_weights_and_are_not_too_many(gate, rough, parts):
    before = gate.everything()

    with pytest.raises(PartsMissing):
        gate.parts(rough, parts=parts)
    assert gate.everything() == before


def test_when_the_last_part_is_too_much_none_is_made(gate, rough):
    before = gate.everything()

    with pytest.raises(OverConsumed) as refused:
        gate.parts(rough, 6_000, 4_001)
    assert refused.value.facts == {"lot": "JG-TH-2026-00001", "left": "4"}
    assert gate.everything() == before


def test_a_loss_weighs_something_and_is_explained(gate, rough):
    before = gate.everything()

    with pytest.raises(LossMissing):
        gate.lose(rough, 0)
    with pytest.raises(ReasonMissing):
        gate.lose(rough, 5, " ")
    with pytest.raises(OverConsumed) as refused:
        gate.lose(rough, 10_001)
    assert refused.value.at_field == "grams"
    assert gate.everything() == before


def test_packed_units_are_neither_divided_nor_lost_by_weight(gate, rough):
    packed = gate.pack([(rough, 10_000)], 40)
    before = gate.everything()

    with pytest.raises(WrongKind):
        gate.parts(packed, 250)
    with pytest.raises(WrongKind):
        gate.lose(packed, 250)
    assert gate.everything() == before


def test_a_frozen_lot_is_not_divided_but_may_be_lost(gate, rough, world):
    frozen(gate, rough)
    before = gate.everything()

    with pytest.raises(LotFrozen):
        gate.parts(rough, 100)
    assert gate.everything() == before
    gate.lose(rough, 10_000, "确认有问题，全部销毁")
    assert gate.lot(rough).lost_grams == 10_000
    assert world.findings() == []


def test_others_divide_and_lose_nothing(gate, rough):
    before = gate.everything()

    for act in (
        lambda **who: gate.parts(rough, 5, **who),
        lambda **who: gate.lose(rough, 5, **who),
    ):
        with pytest.raises(NotFound):
            act(actor=gate.stranger)
        with pytest.raises(NotAllowed):
            act(actor=gate.weigher)
    with pytest.raises(NotFound):
        lose(lot_id="lot_none", grams=1, reason="无", actor=gate.manager, now=NOON)
    assert gate.everything() == before


def test_so_little_that_nobody_has_a_share_is_a_lot_with_nobody_behind(gate, world):
    """A gram taken of a delivery that was a thousandth of what it was used by."""
    leaf = gate.leaf(gate.zhang, "5000", "0.01")
    gate.parts(leaf, 1_000_000)
    gate.correct(leaf, 1_000, "1")

    crumb = gate.parts(leaf, 1)[0]

    assert gate.shares(crumb) == {}
    assert world.findings() == []


def test_a_circle_cannot_be_written_down(gate, rough):
    """By command it cannot even be said: what is made is always new. By hand the table refuses."""
    part = gate.parts(rough, 100)[0]
    child, parent = gate.lot(rough).id, gate.lot(part).id

    for older, younger in ((child, parent), (child, child)):
        with pytest.raises(IntegrityError, match="child_is_younger"), db.database().writing() as tx:
            tx.execute(
                text(
                    "INSERT INTO lot_input (id, child_id, parent_id, grams, before_grams)"
                    f" VALUES (9999, {older}, {younger}, 1, 0)"
                )
            )
