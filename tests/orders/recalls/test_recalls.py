"""Recalls: where they begin, what they reach and freeze, who may end them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from orders.purchasing.commands import cancel_purchase
from orders.purchasing.models import Purchase
from orders.recalls import backward, drills, queries, reach, scope
from orders.recalls.commands import (
    AdviceMissing,
    StockLeft,
    UnitsOpen,
    cancel_recall,
    open_recall,
    record_elapsed,
    spare_lot,
)
from orders.recalls.models import Recall
from orders.recalls.scope import NothingThere, PeriodMissing, Scope, TooWide, VillageUnclear
from orders.recalls.states import Fate, RecallReason, RecallState, ScopeKind
from products.catalogue.states import Category
from products.households.commands import add_village, register_household
from products.households.models import Household
from products.households.states import HouseholdStanding
from products.lots.freezing import LotFrozen
from products.lots.stock import SoldOut
from products.quality.commands import record_test
from shop.core import db
from shop.core.actors import CLOCK
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.core.events import Event, pseudonym
from tests.orders.recalls.stories import (
    closed,
    destroyed,
    everything,
    followed,
    frozen,
    lot,
    notice_of,
    recalled,
)
from tests.products.coded import make_codes
from tests.world import DAY

A, B = "张桂兰", "李长根"


@pytest.fixture
def thread(world):
    """Two deliveries, rough tea of both, and two packed lots; units of the first are sold."""
    leaf_a, leaf_b = world.delivery(A, 20, "100"), world.delivery(B, 20, "100")
    rough = world.rough([(leaf_a, 20_000), (leaf_b, 10_000)], 8)
    first, second = world.packed([(rough, 2_500)], 10), world.packed([(rough, 2_500)], 10)
    apart = world.packed([(world.rough([(leaf_b, 10_000)], 3), 2_500)], 10)
    return {"a": leaf_a, "b": leaf_b, "rough": rough, "first": first, "second": second,
            "apart": apart}  # fmt: skip


def neighbour(world, *, township, village, name):
    """A delivery of 20 kg by somebody of another village."""
    registered = {"actor": CLOCK, "now": world.now}
    register_household(
        cooperative_id=world.organisation("TH"),
        village_id=add_village(
            county="suichuan", township=township, name=village, name_en="", altitude_m=None,
            **registered,
        ),
        name=name, identity="", phone="", standing=HouseholdStanding.ORDINARY, since=DAY,
        **registered,
    )  # fmt: skip
    return world.delivery(name, 20, "100")


def preview(world, kind=ScopeKind.LOT, **facts):
    with db.database().reading() as tx:
        return reach.preview(tx, Scope(kind, **facts), world.operator)[0]


def reached(world, kind=ScopeKind.LOT, **facts):
    return {one.public_id for one in preview(world, kind, **facts).lots}


def recall_row(recall):
    with db.database().reading() as tx:
        return tx.execute(select(Recall).where(Recall.public_id == recall)).scalar_one()


# --- where it begins --------------------------------------------------------------------------


def test_a_delivery_reaches_all_that_was_made_of_it_and_nothing_else(world, thread):
    found = reached(world, ScopeKind.DELIVERY, what=thread["a"])

    assert found == {thread[key] for key in ("a", "rough", "first", "second")}


def test_a_lot_is_found_by_its_number_or_its_id(world, thread):
    by_number = reached(world, what=lot(thread["first"]).number.lower())

    assert by_number == reached(world, what=thread["first"]) == {thread["first"]}


def test_codes_typed_from_boxes_begin_with_their_lots(world, thread):
    codes = [lot(thread[key]).trace_code for key in ("first", "apart")]

    assert reached(world, ScopeKind.CODES, what=f"{codes[0][:3]}-{codes[0][3:]}\n{codes[1]}") == {
        thread["first"], thread["apart"],
    }  # fmt: skip


def test_codes_of_single_units_begin_with_their_lots_too(world, thread):
    units = make_codes(world, thread["first"], 3)
    spelled = "-".join((units[1][:4], units[1][4:8], units[1][8:]))

    found = reached(world, ScopeKind.CODES, what=f"{spelled}，{lot(thread['apart']).trace_code}")

    assert found == {thread["first"], thread["apart"]}


def test_a_test_report_begins_with_the_lot_it_is_about(world, thread):
    record_test(
        lot_id=thread["rough"],
        subject="农药残留",
        agency="县质检所",
        report="NC-2026-17",
        passed=False,
        tested_on=DAY,
        valid_until=None,
        scan=None,
        public=False,
        actor=world.manager,
        now=world.now,
    )

    found = reached(world, ScopeKind.TEST, what="NC-2026-17")

    assert found == {thread[key] for key in ("rough", "first", "second")}


@pytest.mark.parametrize("name", ["code", "public_id", "pseudonym"])
def test_a_household_is_named_by_code_id_or_pseudonym(world, thread, name):
    with db.database().reading() as tx:
        household = tx.execute(select(Household).where(Household.name == A)).scalar_one()
    what = pseudonym(household.public_id) if name == "pseudonym" else getattr(household, name)

    found = reached(world, ScopeKind.HOUSEHOLD, what=what, since=DAY, until=DAY)

    assert found == {thread[key] for key in ("a", "rough", "first", "second")}


def test_a_village_begins_with_what_its_households_brought_in_those_days(world, thread):
    by_id = reached(world, ScopeKind.VILLAGE, what=world.village, since=DAY, until=DAY)
    elsewhere = neighbour(world, township="汤湖镇", village="高坑村", name="罗秋生")
    other = world.packed([(world.rough([(elsewhere, 10_000)], 3), 2_500)], 10)
    facts = {"since": DAY, "until": DAY}
    day_after = DAY + timedelta(days=1)

    here = reached(world, ScopeKind.VILLAGE, what="南屏村", **facts)

    assert here == by_id
    assert here == set(thread.values()) | reached(world, ScopeKind.DELIVERY, what=thread["b"])
    assert other in reached(world, ScopeKind.VILLAGE, what="高坑村", **facts)
    with pytest.raises(NothingThere):
        reached(world, ScopeKind.VILLAGE, what="南屏村", since=day_after, until=day_after)


def test_a_village_is_narrowed_to_one_cooperative(world, thread):
    facts = {"what": "南屏村", "since": DAY, "until": DAY}

    mine = reached(world, ScopeKind.VILLAGE, cooperative=world.organisation("TH"), **facts)

    assert mine >= set(thread.values())
    with pytest.raises(NothingThere):
        reached(world, ScopeKind.VILLAGE, cooperative=world.organisation("YD"), **facts)


def test_villages_of_one_name_are_told_apart_by_township(world, thread):
    elsewhere = neighbour(world, township="高坪镇", village="南屏村", name="罗秋生")
    facts = {"since": DAY, "until": DAY}

    with pytest.raises(VillageUnclear) as refusal:
        reached(world, ScopeKind.VILLAGE, what="南屏村", **facts)

    assert "汤湖镇南屏村、高坪镇南屏村" in str(refusal.value)
    assert reached(world, ScopeKind.VILLAGE, what="高坪镇 南屏村", **facts) == {elsewhere}
    assert thread["a"] in reached(world, ScopeKind.VILLAGE, what="汤湖镇南屏村", **facts)


def test_a_period_begins_with_what_was_brought_or_packed_in_it(world, thread):
    facts = {"since": DAY, "until": DAY, "cooperative": world.organisation("TH")}

    assert reached(world, ScopeKind.HARVEST, **facts) == set(thread.values()) | {
        one for one in reached(world, ScopeKind.DELIVERY, what=thread["b"])
    }
    assert reached(world, ScopeKind.PACKED, category=Category.TEA, **facts) == {
        thread[key] for key in ("first", "second", "apart")
    }


@pytest.mark.parametrize(
    ("kind", "facts", "refusal"),
    [
        (ScopeKind.LOT, {"what": "ZZ-2026-00001"}, NothingThere),
        (ScopeKind.CODES, {"what": "123"}, NothingThere),
        (ScopeKind.HOUSEHOLD, {"what": "hh-0", "since": DAY, "until": DAY}, NothingThere),
        (ScopeKind.VILLAGE, {"what": "南屏村"}, PeriodMissing),
        (ScopeKind.VILLAGE, {"what": "没有村", "since": DAY, "until": DAY}, NothingThere),
        (ScopeKind.HARVEST, {"since": DAY, "until": DAY}, PeriodMissing),
        (ScopeKind.PACKED, {"cooperative": "TH"}, PeriodMissing),
        (ScopeKind.PACKED, {"cooperative": "TH", "since": DAY,
                            "until": DAY - timedelta(days=1)}, PeriodMissing),
        (ScopeKind.PACKED, {"cooperative": "TH", "category": Category.OIL, "since": DAY,
                            "until": DAY}, NothingThere),
    ],
)  # fmt: skip
def test_what_names_nothing_is_refused_and_writes_nothing(world, thread, kind, facts, refusal):
    del thread
    if facts.get("cooperative"):
        facts = {**facts, "cooperative": world.organisation("TH")}
    before = everything()

    with pytest.raises(refusal):
        recalled(world, "", scope=Scope(kind, **facts))

    assert everything() == before


def test_a_recall_of_more_lots_than_can_be_followed_is_refused(world, thread, monkeypatch):
    monkeypatch.setattr(scope, "LOTS_AT_MOST", 3)

    with pytest.raises(TooWide):
        preview(world, ScopeKind.DELIVERY, what=thread["a"])


def test_looking_changes_nothing_and_counts_everything(world, thread):
    sold = world.approved(4)
    world.paid(sold)
    world.accepted(sold)
    world.approved(3)
    before = everything()

    found = preview(world, ScopeKind.DELIVERY, what=thread["b"])

    assert everything() == before
    assert (found.held_units, found.waiting_units, found.free_units) == (4, 3, 23)
    assert (len(found.orders), found.people, found.households) == (2, 1, 2)
    assert [order.recipient for order in found.waiting] == ["孙浩"]


# --- opening ----------------------------------------------------------------------------------


def test_opening_freezes_the_whole_reach_and_writes_every_notice(world, thread):
    sold = world.approved(4)
    world.paid(sold)
    world.accepted(sold)

    recall = recalled(world, thread["rough"])

    row = recall_row(recall)
    assert (row.state, row.number) == (RecallState.OPEN, "ZH-2026-00001")
    assert frozen(*(thread[key] for key in ("rough", "first", "second"))) == [True] * 3
    assert frozen(*(thread[key] for key in ("a", "b", "apart"))) == [False] * 3
    with db.database().reading() as tx:
        page = queries.recall(tx, recall, world.operator)
        event = tx.execute(select(Event.facts).where(Event.kind == "recall")).scalar_one()
    reached = sum(lot(thread[key]).shipped_units for key in ("first", "second"))
    assert sum(one.units for one in page.to_buyers) == reached
    assert [one.cooperative for one in page.to_cooperatives] == ["汤湖茶叶合作社"]
    told = json.loads(event)["facts"]
    assert told["reason_kind"] == "safety"
    assert {one["thing"] for one in told["lots"]} == {
        thread[key] for key in ("rough", "first", "second")
    }
    assert world.findings() == []


def test_what_is_recalled_is_neither_sold_nor_shipped_nor_used(world):
    tins = world.tins(10)
    waiting = world.approved(4)
    world.paid(waiting)
    recalled(world, tins)

    with pytest.raises(SoldOut):
        world.submitted(1)
    with pytest.raises(LotFrozen):
        world.shipped(waiting)
    with db.database().reading() as tx:
        assert (
            tx.execute(select(Purchase.state).where(Purchase.public_id == waiting))
            .scalar_one()
            .value
            == "approved"
        ), "nothing is cancelled by itself"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [({"reason": " "}, ReasonMissing), ({"advice": ""}, AdviceMissing)],
)
def test_a_recall_says_why_and_what_to_do(world, thread, changes, refusal):
    before = everything()

    with pytest.raises(refusal):
        recalled(world, thread["first"], **changes)

    assert everything() == before


@pytest.mark.parametrize("who", ["treasurer", "manager", "clerk", "auditor"])
def test_only_the_operator_opens_one(world, thread, who):
    before = everything()

    with pytest.raises(NotAllowed):
        recalled(world, thread["first"], actor=world.person(who))

    assert everything() == before


def test_opening_twice_by_one_form_opens_one(world, thread):
    facts = {"scope": Scope(ScopeKind.LOT, what=thread["first"]), "drill": False,
             "reason_kind": RecallReason.OTHER, "reason": "x", "advice": "y",
             "actor": world.operator, "now": world.now}  # fmt: skip

    assert open_recall.once("k")(**facts) == open_recall.once("k")(**facts)
    assert lot(thread["first"]).freezes == 1


# --- a drill ----------------------------------------------------------------------------------


def test_a_drill_does_everything_but_freeze_and_is_timed(world, thread):
    bought = world.approved(4)
    ticks = iter([world.now, world.now + timedelta(milliseconds=1250)])

    drilled = drills.run(
        Scope(ScopeKind.DELIVERY, what=thread["b"]),
        reason="演练",
        advice="不用处理",
        actor=world.operator,
        clock=lambda: next(ticks),
    )

    row = drilled.page.row
    assert (row.drill, row.number, row.elapsed_ms) == (True, "YL-2026-00001", 1250)
    assert frozen(*thread.values()) == [False] * 6
    assert [one.order.purchase_id for one in drilled.page.to_buyers] == [bought]
    assert drilled.workbook[:2] == b"PK"
    with db.database().reading() as tx:
        assert tx.execute(select(Event.id).where(Event.kind == "recall")).first() is None
    closed(world, row.public_id)
    assert recall_row(row.public_id).state is RecallState.CLOSED


def test_only_a_drill_is_timed_and_only_once(world, thread):
    real = recalled(world, thread["first"])
    drill = recalled(world, thread["first"], drill=True)
    facts = {"actor": world.operator, "now": world.now}

    with pytest.raises(NotFound):
        record_elapsed(recall_id=real, milliseconds=5, **facts)
    record_elapsed(recall_id=drill, milliseconds=5, **facts)
    record_elapsed(recall_id=drill, milliseconds=9, **facts)

    assert recall_row(drill).elapsed_ms == 5


# --- letting go -------------------------------------------------------------------------------


def test_one_lot_found_harmless_moves_again_and_the_others_do_not(world, thread):
    recall = recalled(world, thread["rough"])

    spare_lot(
        recall_id=recall, lot_id=thread["second"], reason="复检合格", actor=world.treasurer,
        now=world.now,
    )  # fmt: skip

    assert frozen(thread["first"], thread["second"]) == [True, False]
    before = everything()
    for facts, refusal in (
        ({"lot_id": thread["second"]}, NotFound),
        ({"lot_id": thread["apart"]}, NotFound),
        ({"reason": ""}, ReasonMissing),
        ({"actor": world.operator}, SamePerson),
        ({"actor": world.manager}, NotAllowed),
    ):
        with pytest.raises(refusal):
            spare_lot(**{"recall_id": recall, "lot_id": thread["first"], "reason": "x",
                         "actor": world.treasurer, "now": world.now, **facts})  # fmt: skip
    assert everything() == before


def test_a_lot_frozen_for_another_reason_stays_frozen(world, thread):
    one, other = recalled(world, thread["first"]), recalled(world, thread["first"])

    cancel_recall(recall_id=one, reason="批号抄错", actor=world.treasurer, now=world.now)

    assert lot(thread["first"]).freezes == 1
    assert recall_row(other).state is RecallState.OPEN
    assert world.findings() == []


def test_it_ends_only_when_nothing_is_left_and_every_unit_is_accounted_for(world):
    tins = world.tins(10)
    kept, waits = world.approved(4), world.approved(6)
    world.paid(kept)
    world.accepted(kept)
    recall = recalled(world, tins)

    with pytest.raises(StockLeft):
        closed(world, recall)
    cancel_purchase(purchase_id=waits, reason="召回", actor=world.clerk, now=world.now)
    with pytest.raises(StockLeft):
        closed(world, recall)
    destroyed(world, recall, tins, units=6)
    before = everything()
    with pytest.raises(UnitsOpen):
        closed(world, recall)
    assert everything() == before
    followed(world, notice_of(recall, kept), Fate.KEPT, 4)

    closed(world, recall, "都找到了")

    assert recall_row(recall).state is RecallState.CLOSED
    assert frozen(tins) == [False]
    assert world.findings() == []


@pytest.mark.parametrize("end", [closed, None], ids=["close", "cancel"])
def test_whoever_opened_it_does_not_end_it(world, thread, end):
    recall = recalled(world, thread["first"])
    act = end or (lambda world, recall, reason, **facts: cancel_recall(
        **{"recall_id": recall, "reason": reason, "actor": world.treasurer, "now": world.now,
           **facts}))  # fmt: skip
    before = everything()

    for facts, refusal in (
        ({"actor": world.operator}, SamePerson),
        ({"actor": world.manager}, NotAllowed),
        ({"reason": " "}, ReasonMissing),
    ):
        with pytest.raises(refusal):
            act(world, recall, **{"reason": "好了", **facts})

    assert everything() == before


def test_what_has_ended_is_not_ended_again(world, thread):
    recall = recalled(world, thread["first"])
    cancel_recall(recall_id=recall, reason="抄错", actor=world.treasurer, now=world.now)

    with pytest.raises(WrongState):
        closed(world, recall)
    with pytest.raises(WrongState):
        spare_lot(recall_id=recall, lot_id=thread["first"], reason="x", actor=world.treasurer,
                  now=world.now)  # fmt: skip


# --- and back ---------------------------------------------------------------------------------


def back(world, typed, who="operator"):
    with db.database().reading() as tx:
        return backward.back(tx, typed, world.person(who))


@pytest.mark.parametrize("what", ["order", "purchase", "reference", "recipient", "lot", "code"])
def test_from_what_is_in_hand_back_to_lots_households_and_everybody_else(world, what):
    tins = world.tins(10)
    mine, others = world.approved(4), world.approved(3, union="WG")
    with db.database().reading() as tx:
        purchase = tx.execute(select(Purchase).where(Purchase.public_id == mine)).scalar_one()
    typed = {
        "order": world.orders(mine)[0],
        "purchase": purchase.number,
        "reference": purchase.reference,
        "recipient": "孙浩",
        "lot": lot(tins).number,
        "code": lot(tins).trace_code,
    }[what]

    found = back(world, typed)

    assert [one.public_id for one in found.lots] == [tins]
    assert {order.purchase_id for order in found.orders} == {mine, others}
    assert (len(found.deliveries), found.households, len(found.between)) == (2, 2, 1)
    assert all(one.household.startswith("hh-") and not one.named for one in found.deliveries)


def test_names_of_households_only_for_those_who_see_households(world, thread):
    key = world.lot_key(thread["a"])
    with db.database().reading() as tx:
        assert backward.deliveries(tx, [key], world.manager)[0].household == A
        assert backward.deliveries(tx, [key], world.other_manager)[0].household.startswith("hh-")


def test_nothing_in_hand_leads_nowhere_and_strangers_do_not_ask(world, thread):
    del thread

    with pytest.raises(NothingThere):
        back(world, "没有这个人")
    with pytest.raises(NotAllowed):
        back(world, "孙浩", "manager")


def test_telephones_are_for_those_who_call(world, thread):
    world.approved(2)
    keys = [world.lot_key(thread[one]) for one in ("first", "second", "apart")]
    with db.database().reading() as tx:
        seen = {
            who: reach.orders_of(tx, keys, world.person(who))[0].phone
            for who in ("operator", "manager", "treasurer", "auditor")
        }

    assert seen["operator"] == seen["manager"] == "0796-1234567"
    assert seen["treasurer"] == seen["auditor"] == "*******4567"


def test_a_cooperative_sees_its_own_part_and_another_none(world, thread):
    recall = recalled(world, thread["first"])
    with db.database().reading() as tx:
        mine = queries.recall_at(tx, recall, world.organisation_key("TH"), world.manager)
        assert [one.lot.public_id for one in mine.lots] == [thread["first"]]
        assert mine.actions == ()
        with pytest.raises(NotFound):
            queries.recall_at(tx, recall, world.organisation_key("YL"), world.other_manager)
        with pytest.raises(NotFound):
            queries.recall_at(tx, recall, world.organisation_key("TH"), world.other_manager)
