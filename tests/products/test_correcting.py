"""Putting a used delivery right: the shares of everything made of it have a new version."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import func, select

from products.households import commands as households
from products.lots.correcting import NobodyBehind, NothingChanges
from products.lots.models import Delivery, LotShare, MassAlarm, ShareCorrection
from products.lots.states import AlarmKind, LotState
from products.lots.weighing import LotInUse, LotNotUsed, PriceUnlikely, WeightUnlikely
from shop.core import db
from shop.core.audit import history
from shop.core.errors import NotAllowed, NotFound, ReasonMissing
from shop.core.events import Event
from shop.core.money import yuan
from tests.products.gate import NOON, Gate, at_the_gate
from tests.products.test_mass_balance import a_mu_bears, one_mu


@pytest.fixture
def gate(world) -> Gate:
    return at_the_gate(world)


@pytest.fixture
def leaf(gate) -> str:
    return gate.leaf(gate.zhang, "30")


@pytest.fixture
def packed(gate, leaf) -> str:
    """40 tins: 30 kg of 张桂兰's leaf and 15 kg of 李长根's, by way of rough tea and a blend."""
    rough = gate.rough([(leaf, 30_000), (gate.leaf(gate.li, "15", "80"), 15_000)], 10_000)
    blended = gate.blend([(rough, 10_000)], 10_000)
    return gate.pack([(blended, 10_000)], 40)


def delivery_of(lot: str, gate) -> Delivery:
    with db.database().reading() as tx:
        return tx.execute(select(Delivery).where(Delivery.lot_id == gate.lot(lot).id)).scalar_one()


def test_everything_made_of_the_delivery_has_a_new_version(gate, leaf, packed, world):
    changed = gate.correct(leaf, 27_000)

    assert changed == 4
    assert gate.lot(leaf).grams == 30_000
    assert gate.shares(leaf) == {gate.zhang: (27_000_000, 270_000, 270_000)}
    assert gate.shares(packed) == {
        gate.zhang: (27_000_000, 270_000, 270_000),
        gate.li: (15_000_000, 120_000, 120_000),
    }
    assert gate.lot(packed).share_version == 2
    assert world.findings() == []


def test_the_earlier_version_stays_and_who_why_and_when_is_kept(gate, leaf, packed):
    gate.correct(leaf, 27_000)

    with db.database().reading() as tx:
        versions = tx.execute(
            select(LotShare.version, func.sum(LotShare.milligrams))
            .where(LotShare.lot_id == gate.lot(packed).id)
            .group_by(LotShare.version)
            .order_by(LotShare.version)
        ).all()
        why = tx.execute(
            select(ShareCorrection).where(ShareCorrection.lot_id == gate.lot(packed).id)
        ).scalar_one()
        act = next(act for act in history(tx, leaf) if act.action == "correct_shares")
        told = tx.execute(select(Event).where(Event.kind == "correct_shares")).scalars().all()
    assert [tuple(version) for version in versions] == [(1, 45_000_000), (2, 42_000_000)]
    assert (why.version, why.by, why.reason, why.at) == (2, "刘青山", "秤没有去皮", NOON)
    assert act.facts["was"] == {"grams": 30_000, "value_fen": 300_000}
    assert len(told) == 4
    assert json.loads(told[0].facts)["facts"].keys() == {"lot", "cooperative", "version"}


def test_goods_may_turn_out_to_be_another_households_and_unpaid(gate, leaf, packed, world):
    huang = world.household("黄水生")

    gate.correct(leaf, 30_000, household_id=huang, payment=gate.consignment)

    assert gate.shares(packed) == {
        huang: (30_000_000, 300_000, 0),
        gate.li: (15_000_000, 120_000, 120_000),
    }
    assert delivery_of(leaf, gate).household_id == world.household_key("黄水生")
    assert world.findings() == []


def test_another_households_goods_did_not_grow_on_this_ones_plot(gate, world):
    plot = households.add_plot(
        household_id=gate.zhang, name="坡", crop="茶", area_m2=667, actor=gate.manager, now=NOON
    )
    leaf = gate.leaf(gate.zhang, "10", plot_id=plot)
    gate.rough([(leaf, 10_000)], 2_000)

    gate.correct(leaf, 9_000)
    assert delivery_of(leaf, gate).plot_id is not None
    gate.correct(leaf, 9_000, household_id=gate.li)
    assert delivery_of(leaf, gate).plot_id is None


def test_what_is_taken_later_follows_the_corrected_shares(gate, leaf, world):
    gate.parts(leaf, 10_000)
    gate.correct(leaf, 20_001, "99.99")

    rest = gate.parts(leaf, 20_000)[0]

    assert gate.shares(rest)[gate.zhang][0] == 20_001_000 - 20_001_000 * 10 // 30
    assert world.findings() == []


def test_a_delivery_of_which_only_something_was_lost_can_be_put_right_too(gate, leaf, world):
    gate.lose(leaf, 10)

    assert gate.correct(leaf, 29_000) == 1
    assert world.findings() == []


def test_a_correction_is_put_right_by_another(gate, leaf, packed, world):
    before = gate.shares(packed)

    gate.correct(leaf, 27_000)
    gate.correct(leaf, 30_000)

    assert gate.shares(packed) == before
    assert gate.lot(packed).share_version == 3
    assert delivery_of(leaf, gate).net_grams == 30_000
    assert world.findings() == []


def test_more_than_the_land_bears_raises_an_alarm_as_at_the_scale(gate, leaf, packed, world):
    one_mu(world, gate.zhang)
    a_mu_bears(world, 60_000)

    gate.correct(leaf, 60_001)

    with db.database().reading() as tx:
        alarm = tx.execute(select(MassAlarm)).scalar_one()
    assert (alarm.kind, alarm.high, alarm.found) == (AlarmKind.YIELD, 667, 668)
    assert gate.lot(leaf).freezes == 1


def test_an_unused_delivery_is_corrected_at_the_scale_instead(gate, leaf):
    before = gate.everything()

    with pytest.raises(LotNotUsed):
        gate.correct(leaf, 27_000)
    assert gate.everything() == before


def test_a_used_delivery_is_not_corrected_at_the_scale(gate, leaf, packed):
    from products.lots.weighing import void_delivery

    with pytest.raises(LotInUse):
        void_delivery(lot_id=leaf, reason="错", actor=gate.weigher, now=NOON)
    assert gate.lot(leaf).state is LotState.RECORDED


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"grams": 0}, WeightUnlikely),
        ({"grams": 5_000_001}, WeightUnlikely),
        ({"fen_per_kg": 0}, PriceUnlikely),
        ({"fen_per_kg": yuan("10000.01").fen}, PriceUnlikely),
        ({"grams": 1, "fen_per_kg": 1}, PriceUnlikely),
        ({"reason": " "}, ReasonMissing),
        ({"household_id": "hh_none"}, NotFound),
        ({"grams": 30_000}, NothingChanges),
        ({"lot_id": "lot_none"}, NotFound),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(gate, leaf, packed, changes, refusal):
    before = gate.everything()

    with pytest.raises(refusal):
        gate.correct(**{"lot_id": leaf, "grams": 27_000, **changes})
    assert gate.everything() == before
    assert delivery_of(leaf, gate).net_grams == 30_000


def test_only_deliveries_are_corrected(gate, leaf, packed):
    with pytest.raises(NotFound):
        gate.correct(packed, 27_000)


def test_nobody_else_corrects(gate, leaf, packed):
    before = gate.everything()

    with pytest.raises(NotFound):
        gate.correct(leaf, 27_000, actor=gate.stranger)
    with pytest.raises(NotAllowed):
        gate.correct(leaf, 27_000, actor=gate.weigher)
    assert gate.everything() == before


def test_packed_units_never_lose_everybody_who_could_be_paid(gate):
    leaf = gate.leaf(gate.zhang, "30")
    gate.pack([(gate.rough([(leaf, 15_000)], 5_000), 5_000)], 20)
    before = gate.everything()

    with pytest.raises(NobodyBehind) as refused:
        gate.correct(leaf, 1_000, "0.01")
    assert refused.value.facts == {"lot": "FZ-TH-2026-00001"}
    assert gate.everything() == before
