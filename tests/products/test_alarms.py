"""Alarms of mass balance: raised while recording, frozen at once, signed by a second person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from products.catalogue.states import Category
from products.lots import mass_balance
from products.lots.alarms import (
    RuleInThePast,
    RuleSaysNothing,
    RuleStands,
    WindowBackwards,
    decide_alarm,
    set_mass_rule,
)
from products.lots.freezing import LotFrozen
from products.lots.models import LotFreeze, MassAlarm
from products.lots.states import AlarmKind, AlarmState, FreezeCause, LotState
from products.lots.weighing import correct_delivery, void_delivery
from shop.core import db
from shop.core.audit import history
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from tests.products.gate import NOON, TODAY, Gate, at_the_gate
from tests.products.test_mass_balance import a_mu_bears, one_mu

MAKES = "狗牯脑毛茶"


@pytest.fixture
def gate(world) -> Gate:
    return at_the_gate(world)


def rule(world, **changes) -> str:
    facts = {
        "category": Category.TEA,
        "goods": MAKES,
        "grade": "",
        "from_day": TODAY,
        "ratio_low": 380,
        "ratio_high": 550,
        "most_grams_per_mu": None,
        "actor": world.operator,
        "now": NOON,
    }
    return set_mass_rule(**{**facts, **changes})


def alarms() -> list[MassAlarm]:
    with db.database().reading() as tx:
        return list(tx.execute(select(MassAlarm).order_by(MassAlarm.id)).scalars())


def decide(
    alarm: str, actor, *, well: bool = True, reason: str = "称过，确实如此", now=NOON
) -> None:
    decide_alarm(alarm_id=alarm, all_is_well=well, reason=reason, actor=actor, now=now)


@pytest.fixture
def odd(gate, world) -> str:
    """10 kg of rough tea made of 20 kg of leaf by the manager: an alarm."""
    rule(world)
    return gate.rough([(gate.leaf(gate.zhang, "20"), 20_000)], 10_000)


# --- raising and freezing -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "raised"), [(5_263, False), (5_264, True), (3_637, False), (3_636, True)]
)
def test_a_ratio_outside_its_window_is_recorded_and_frozen(gate, world, made, raised):
    rule(world)

    lot = gate.rough([(gate.leaf(gate.zhang, "20"), 20_000)], made)

    assert bool(alarms()) is raised
    assert gate.lot(lot).freezes == int(raised)
    assert world.findings() == []


def test_the_alarm_keeps_the_window_and_what_was_found(odd, gate):
    (alarm,) = alarms()

    assert (alarm.kind, alarm.state) == (AlarmKind.RATIO, AlarmState.OPEN)
    assert (alarm.low, alarm.high, alarm.found) == (380, 550, 200)
    with db.database().reading() as tx:
        freeze = tx.execute(select(LotFreeze)).scalar_one()
        acts = {act.action: act for act in history(tx, odd)}
    assert (freeze.cause, freeze.about) == (FreezeCause.ALARM, alarm.public_id)
    assert acts["freeze"].reason == AlarmKind.RATIO.label


def test_nothing_is_made_of_what_is_frozen(odd, gate):
    before = gate.everything()

    for make in (
        lambda: gate.blend([(odd, 1_000)], 1_000),
        lambda: gate.pack([(odd, 250)], 1),
        lambda: gate.parts(odd, 100),
        lambda: gate.rough([(odd, 100)], 50),
    ):
        with pytest.raises(LotFrozen) as refused:
            make()
        assert refused.value.facts["lot"] == "JG-TH-2026-00001"
    assert gate.everything() == before


def test_more_than_the_land_bears_freezes_the_basket_that_is_too_much(gate, world):
    one_mu(world, gate.zhang)
    a_mu_bears(world, 60_000)

    fits, too_much = gate.leaf(gate.zhang, "60"), gate.leaf(gate.zhang, "0.1")

    (alarm,) = alarms()
    assert (alarm.kind, alarm.low, alarm.high, alarm.found) == (AlarmKind.YIELD, None, 667, 669)
    assert (gate.lot(fits).freezes, gate.lot(too_much).freezes) == (0, 1)


def test_the_cap_counts_a_year_back_and_each_household_by_itself(gate, world):
    one_mu(world, gate.zhang)
    one_mu(world, gate.li)
    a_mu_bears(world, 60_000)
    gate.leaf(gate.zhang, "60")

    gate.leaf(gate.li, "60")
    gate.leaf(gate.zhang, "60", now=NOON + timedelta(days=366))
    assert alarms() == []
    gate.leaf(gate.zhang, "1", now=NOON + timedelta(days=367))
    assert len(alarms()) == 1


def test_voided_weigh_ins_leave_room_again(gate, world):
    one_mu(world, gate.zhang)
    a_mu_bears(world, 60_000)
    lot = gate.leaf(gate.zhang, "60")
    void_delivery(lot_id=lot, reason="记错了户", actor=gate.weigher, now=NOON)

    gate.leaf(gate.zhang, "60")

    assert alarms() == []


def test_without_registered_land_or_a_rule_nothing_can_be_too_much(gate, world):
    one_mu(world, gate.li)
    a_mu_bears(world, 60_000, category=Category.FRUIT)
    gate.leaf(gate.li, "4000")
    a_mu_bears(world, 1_000)
    gate.leaf(gate.zhang, "4000")

    assert alarms() == []


# --- the second signature -----------------------------------------------------------------------


def test_whoever_recorded_it_may_not_sign(odd, gate, world):
    (alarm,) = alarms()
    before = gate.everything()

    with pytest.raises(SamePerson):
        decide(alarm.public_id, world.manager)
    assert gate.everything() == before


def test_explained_by_another_the_lot_moves_again(odd, gate, world):
    (alarm,) = alarms()

    decide(alarm.public_id, world.operator, reason=" 掺了去年的毛茶 ")

    (alarm,) = alarms()
    assert (alarm.state, alarm.reason) == (AlarmState.CLEARED, "掺了去年的毛茶")
    assert gate.lot(odd).freezes == 0
    gate.blend([(odd, 1_000)], 1_000)
    assert world.findings() == []


def test_what_the_weigher_brought_in_the_manager_signs(gate, world):
    one_mu(world, gate.zhang)
    a_mu_bears(world, 60_000)
    lot = gate.leaf(gate.zhang, "61")

    decide(alarms()[0].public_id, world.manager)

    assert gate.lot(lot).freezes == 0


def test_what_the_manager_weighs_the_manager_does_not_sign(gate, world):
    one_mu(world, gate.zhang)
    a_mu_bears(world, 60_000)
    gate.leaf(gate.zhang, "61", actor=world.manager)

    with pytest.raises(SamePerson):
        decide(alarms()[0].public_id, world.manager)


def test_confirmed_it_stays_frozen_and_is_signed_once(odd, gate, world):
    (alarm,) = alarms()

    decide(alarm.public_id, world.operator, well=False, reason="称重单对不上")

    assert alarms()[0].state is AlarmState.CONFIRMED
    assert gate.lot(odd).freezes == 1
    with pytest.raises(WrongState):
        decide(alarm.public_id, world.operator)
    gate.lose(odd, 10_000, "确认有问题，销毁")
    assert gate.lot(odd).lost_grams == 10_000
    assert world.findings() == []


def test_a_confirmed_delivery_is_voided_or_weighed_anew(gate, world):
    one_mu(world, gate.zhang)
    a_mu_bears(world, 60_000)
    first, second = gate.leaf(gate.zhang, "600"), gate.leaf(gate.zhang, "1")
    for alarm in alarms():
        decide(alarm.public_id, world.operator, well=False, reason="小数点错了")

    void_delivery(lot_id=second, reason="重复", actor=gate.weigher, now=NOON)
    anew = correct_delivery(
        lot_id=first,
        grams=6_000,
        grade="一级",
        fen_per_kg=10_000,
        payment=gate.consignment,
        certificate="CN-0009",
        reason="小数点错了一位",
        actor=gate.weigher,
        now=NOON,
    )

    assert gate.lot(first).state is gate.lot(second).state is LotState.VOIDED
    assert gate.lot(anew).freezes == 0
    gate.rough([(anew, 6_000)], 1_200)
    assert world.findings() == []


def test_a_signature_needs_a_reason_and_the_right(odd, gate, world):
    (alarm,) = alarms()
    before = gate.everything()

    with pytest.raises(ReasonMissing):
        decide(alarm.public_id, world.operator, reason=" ")
    with pytest.raises(NotAllowed):
        decide(alarm.public_id, world.weigher)
    with pytest.raises(NotFound):
        decide(alarm.public_id, world.other_manager)
    with pytest.raises(NotFound):
        decide("alarm_none", world.operator)
    assert gate.everything() == before


def test_two_alarms_of_one_lot_are_signed_apart(gate, world):
    """A lot moves again when the last of its freezes is lifted."""
    from products.lots.freezing import freeze, lift

    rule(world)
    odd = gate.rough([(gate.leaf(gate.zhang, "20"), 20_000)], 10_000)
    about = {"about": "dispute_x", "reason": "来源有争议", "actor": world.manager, "now": NOON}
    with db.database().writing() as tx:
        key = gate.lot(odd).id
        assert freeze(tx, [key], cause=FreezeCause.DISPUTE, **about) == [key]
        assert freeze(tx, [key], cause=FreezeCause.DISPUTE, **about) == []

    decide(alarms()[0].public_id, world.operator)
    assert gate.lot(odd).freezes == 1
    with db.database().writing() as tx:
        lift(tx, **about)
    assert gate.lot(odd).freezes == 0
    assert world.findings() == []


# --- which rule counts --------------------------------------------------------------------------


def window(goods: str, grade: str, day=TODAY):
    with db.database().reading() as tx:
        return mass_balance.ratio_window(tx, Category.TEA, goods, grade, day)


def test_the_closest_rule_counts(world):
    for number, (goods, grade) in enumerate(
        (("", ""), ("", "特级"), ("毛茶", ""), ("毛茶", "特级"))
    ):
        rule(world, goods=goods, grade=grade, ratio_low=100 + number, ratio_high=900)

    assert window("毛茶", "特级") == (103, 900)
    assert window("毛茶", "一级") == (102, 900)
    assert window("红茶", "特级") == (101, 900)
    assert window("红茶", "一级") == (100, 900)


def test_of_equally_close_ones_the_latest_that_has_begun(world):
    rule(world, ratio_low=100)
    rule(world, ratio_low=200, from_day=TODAY + timedelta(days=10))

    assert window(MAKES, "", TODAY - timedelta(days=1)) is None
    assert window(MAKES, "", TODAY + timedelta(days=9)) == (100, 550)
    assert window(MAKES, "", TODAY + timedelta(days=10)) == (200, 550)


def test_a_closer_rule_counts_whole_so_that_a_limit_can_be_lifted(world):
    rule(world, goods="")
    rule(world, ratio_low=None, ratio_high=None, most_grams_per_mu=60_000)

    assert window(MAKES, "") is None


def test_the_cap_is_chosen_like_the_window(gate, world):
    one_mu(world, gate.zhang)
    a_mu_bears(world, 1)
    a_mu_bears(world, 60_000, goods="鲜叶")

    gate.leaf(gate.zhang, "60")

    assert alarms() == []


def test_what_is_on_record_keeps_the_rule_of_its_day(gate, world, client):
    rule(world)
    lot = gate.rough([(gate.leaf(gate.zhang, "20"), 20_000)], 5_000)
    rule(world, ratio_low=100, ratio_high=110, from_day=TODAY + timedelta(days=1))

    assert alarms() == []
    client.as_(world.manager)
    page = client.get(f"/cooperative/lots/{lot}").text
    assert "正常在 3.8 到 5.5 之间" in page
    assert "不寻常" not in page


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"ratio_low": None}, WindowBackwards),
        ({"ratio_low": 551}, WindowBackwards),
        ({"ratio_low": 0}, WindowBackwards),
        ({"ratio_low": None, "ratio_high": None}, RuleSaysNothing),
        ({"most_grams_per_mu": 0}, RuleSaysNothing),
        ({"from_day": TODAY - timedelta(days=1)}, RuleInThePast),
    ],
)
def test_a_rule_that_cannot_be_is_refused(gate, world, changes, refusal):
    before = gate.everything()

    with pytest.raises(refusal):
        rule(world, **changes)
    assert gate.everything() == before


def test_for_one_day_there_is_one_rule_and_only_the_platform_sets_it(gate, world):
    rule(world)
    before = gate.everything()

    with pytest.raises(RuleStands):
        rule(world, ratio_low=100)
    with pytest.raises(NotAllowed):
        rule(world, goods="别的", actor=world.manager)
    assert gate.everything() == before
