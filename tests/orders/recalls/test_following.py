"""Following a recall up: what buyers answer, what became of every unit, what is destroyed."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from orders.recalls import queries, telling
from orders.recalls.commands import cancel_recall
from orders.recalls.destroying import (
    AmountMissing,
    DrillDestroysNothing,
    NotSoManyLeft,
    destroy,
    withdraw_destruction,
)
from orders.recalls.following import (
    DoesNotAddUp,
    MoreThanHeld,
    WordsMissing,
    answer_notice,
    take_note,
)
from orders.recalls.rules import FATES, adds_up, tally
from orders.recalls.states import Fate, NoticeState
from products.lots.taking import OverConsumed
from shop.core import db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.core.events import Event
from tests.orders.recalls.stories import (
    destroyed,
    everything,
    followed,
    lot,
    notice_of,
    proposed,
    recalled,
)


@pytest.fixture
def story(world):
    """Ten tins, four of them with the union, two waiting; all are recalled."""
    tins = world.tins(10)
    bought = world.approved(4)
    world.paid(bought)
    world.accepted(bought)
    world.approved(2)
    recall = recalled(world, tins)
    return {"tins": tins, "bought": bought, "recall": recall, "notice": notice_of(recall, bought)}


def notice(world, notice_id):
    with db.database().reading() as tx:
        return queries.notice(tx, notice_id, world.operator)[1]


def answered(world, story, **changes):
    facts = {"recall_id": story["recall"], "purchase_id": story["bought"], "holds": 3,
             "words": "在工会库房", "actor": world.clerk, "now": world.now}  # fmt: skip
    answer_notice(**{**facts, **changes})


# --- rules ------------------------------------------------------------------------------------


def test_a_tally_counts_units_and_no_contacts():
    found = tally([(Fate.CONTACTED, 0), (Fate.KEPT, 3), (Fate.KEPT, -1), (Fate.RETURNED, 2)])

    assert found == {Fate.RETURNED: 2, Fate.DESTROYED: 0, Fate.KEPT: 2, Fate.UNREACHED: 0}


@pytest.mark.parametrize(
    ("fate", "units", "good"),
    [
        (Fate.RETURNED, 3, True),
        (Fate.RETURNED, 4, False),
        (Fate.KEPT, -2, True),
        (Fate.KEPT, -3, False),
        (Fate.KEPT, 0, False),
        (Fate.CONTACTED, 0, True),
        (Fate.CONTACTED, 1, False),
    ],
)
def test_entries_never_say_more_than_was_received_nor_less_than_nothing(fate, units, good):
    so_far = {**dict.fromkeys(FATES, 0), Fate.KEPT: 2}

    assert adds_up(so_far, fate, units, 5) is good


# --- what a buyer answers ---------------------------------------------------------------------


def test_a_buyer_says_what_is_left_and_may_say_so_again(world, story):
    answered(world, story)
    answered(world, story, holds=1, words="又退了两罐", actor=world.approver)

    found = notice(world, story["notice"])
    assert (found.state, found.holds, found.words) == (NoticeState.ANSWERED, 1, "又退了两罐")
    assert found.open_units == 4, "what a buyer says accounts for nothing yet"


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"holds": 5}, MoreThanHeld),
        ({"holds": -1}, MoreThanHeld),
        ({"words": "长" * 301}, WordsMissing),
        ({"purchase_id": "purchase_none"}, NotFound),
    ],
)
def test_an_answer_that_cannot_be_is_refused(world, story, changes, refusal):
    before = everything()

    with pytest.raises(refusal):
        answered(world, story, **changes)

    assert everything() == before


@pytest.mark.parametrize(
    ("who", "refusal"), [("stranger", NotFound), ("manager", NotFound), ("member", NotAllowed)]
)
def test_only_the_buyers_people_answer(world, story, who, refusal):
    before = everything()

    with pytest.raises(refusal):
        answered(world, story, actor=world.person(who))

    assert everything() == before


def test_a_person_answers_for_their_own_purchase_alone(world):
    tins = world.tins(5)
    own = world.retail(1)
    recall = recalled(world, tins)

    facts = {"recall_id": recall, "purchase_id": own, "holds": 0, "words": "", "now": world.now}
    with pytest.raises(NotFound):
        answer_notice(**facts, actor=world.clerk)
    answer_notice(**facts, actor=world.member)

    assert notice(world, notice_of(recall, own)).state is NoticeState.DONE, "none had reached them"


def test_a_drill_and_an_ended_recall_ask_nobody(world, story):
    drill = recalled(world, story["tins"], drill=True)
    with pytest.raises(NotFound):
        answered(world, story, recall_id=drill)
    cancel_recall(recall_id=story["recall"], reason="抄错", actor=world.treasurer, now=world.now)
    with pytest.raises(WrongState):
        answered(world, story)
    with db.database().reading() as tx:
        told = telling.told_of_purchase(tx, story["bought"])
        public = telling.public_recalls(tx)
    assert [one.recall_id for one in told] == [story["recall"]]
    assert [one.public_id for one in public] == [story["recall"]]


# --- lines ------------------------------------------------------------------------------------


def test_a_notice_is_done_when_every_unit_is_known_and_opens_again_when_not(world, story):
    followed(world, story["notice"], Fate.CONTACTED, 0)
    followed(world, story["notice"], Fate.RETURNED, 3)
    assert notice(world, story["notice"]).state is NoticeState.TOLD
    followed(world, story["notice"], Fate.UNREACHED, 1, actor=world.operator)
    assert notice(world, story["notice"]).state is NoticeState.DONE

    followed(world, story["notice"], Fate.UNREACHED, -1, "接到电话了")
    assert notice(world, story["notice"]).state is NoticeState.ANSWERED
    followed(world, story["notice"], Fate.KEPT, 1)

    found = notice(world, story["notice"])
    assert found.state is NoticeState.DONE
    assert found.fates == ((Fate.RETURNED, 3), (Fate.KEPT, 1))
    assert [(line.fate, line.units, line.by) for line in found.entries] == [
        (Fate.CONTACTED, 0, "刘青山"),
        (Fate.RETURNED, 3, "刘青山"),
        (Fate.UNREACHED, 1, "吴越"),
        (Fate.UNREACHED, -1, "刘青山"),
        (Fate.KEPT, 1, "刘青山"),
    ]


@pytest.mark.parametrize(
    ("fate", "units", "words", "refusal"),
    [
        (Fate.RETURNED, 5, "", DoesNotAddUp),
        (Fate.RETURNED, -1, "记错", DoesNotAddUp),
        (Fate.RETURNED, 0, "", DoesNotAddUp),
        (Fate.CONTACTED, 1, "", DoesNotAddUp),
        (Fate.RETURNED, -1, " ", WordsMissing),
        (Fate.RETURNED, 1, "长" * 301, WordsMissing),
    ],
)
def test_a_line_that_does_not_add_up_is_refused(world, story, fate, units, words, refusal):
    before = everything()

    with pytest.raises(refusal):
        followed(world, story["notice"], fate, units, words)

    assert everything() == before


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("other_manager", NotFound), ("weigher", NotAllowed), ("clerk", NotFound),
     ("treasurer", NotAllowed)],
)  # fmt: skip
def test_only_those_who_follow_write_lines(world, story, who, refusal):
    before = everything()

    with pytest.raises(refusal):
        followed(world, story["notice"], Fate.KEPT, 1, actor=world.person(who))

    assert everything() == before


def test_a_cooperative_takes_note_once(world, story):
    with db.database().reading() as tx:
        page = queries.recall(tx, story["recall"], world.operator)
    own = page.to_cooperatives[0].public_id

    with pytest.raises(NotFound):
        take_note(notice_id=own, actor=world.other_manager, now=world.now)
    with pytest.raises(NotFound):
        take_note(notice_id=story["notice"], actor=world.manager, now=world.now)
    take_note(notice_id=own, actor=world.manager, now=world.now)
    with pytest.raises(WrongState):
        take_note(notice_id=own, actor=world.manager, now=world.now)


# --- destroying -------------------------------------------------------------------------------


def test_two_people_destroy_units_which_leave_the_stock_and_the_fact_is_told(world, story):
    row = proposed(world, story["recall"], story["tins"], units=4)
    assert lot(story["tins"]).written_off_units == 0, "nothing is gone yet"

    destroy(destruction_id=row, actor=world.manager, now=world.now)

    assert lot(story["tins"]).written_off_units == 4
    with db.database().reading() as tx:
        told = tx.execute(select(Event.facts).where(Event.kind == "destroying")).scalar_one()
    assert json.loads(told)["facts"]["lots"] == [
        {"lot": lot(story["tins"]).number, "thing": story["tins"], "grams": 0, "units": 4}
    ]
    assert world.findings() == []


def test_goods_are_destroyed_by_weight_as_a_loss(world):
    rough = world.rough([(world.delivery("张桂兰", 10, "100"), 10_000)], 3)
    recall = recalled(world, rough)

    destroyed(world, recall, rough, grams=3_000)

    assert lot(rough).lost_grams == 3_000
    assert world.findings() == []


@pytest.mark.parametrize(
    ("amount", "words", "refusal"),
    [
        ({"units": 0}, "埋", AmountMissing),
        ({"grams": 5}, "埋", AmountMissing),
        ({"grams": 5, "units": 5}, "埋", AmountMissing),
        ({"units": -1}, "埋", AmountMissing),
        ({"units": 1}, " ", ReasonMissing),
    ],
)
def test_a_proposal_says_how_much_and_how(world, story, amount, words, refusal):
    before = everything()

    with pytest.raises(refusal):
        proposed(world, story["recall"], story["tins"], words=words, **amount)

    assert everything() == before


def test_what_orders_wait_for_is_not_destroyed(world, story):
    row = proposed(world, story["recall"], story["tins"], units=5)
    before = everything()

    with pytest.raises(NotSoManyLeft):
        destroy(destruction_id=row, actor=world.manager, now=world.now)

    assert everything() == before


def test_no_more_goods_are_destroyed_than_there_are(world):
    rough = world.rough([(world.delivery("张桂兰", 10, "100"), 10_000)], 3)
    row = proposed(world, recalled(world, rough), rough, grams=3_001)
    before = everything()

    with pytest.raises(OverConsumed):
        destroy(destruction_id=row, actor=world.manager, now=world.now)

    assert everything() == before


def test_whoever_proposed_it_does_not_see_it_done_and_strangers_do_not_know_of_it(world, story):
    row = proposed(world, story["recall"], story["tins"], units=1)
    before = everything()

    for who, refusal in (
        ("operator", SamePerson), ("other_manager", NotFound), ("weigher", NotAllowed)
    ):  # fmt: skip
        with pytest.raises(refusal):
            destroy(destruction_id=row, actor=world.person(who), now=world.now)
    with pytest.raises(NotFound):
        proposed(world, story["recall"], story["tins"], units=1, actor=world.other_manager)

    assert everything() == before


def test_a_drill_destroys_nothing(world, story):
    drill = recalled(world, story["tins"], drill=True)

    with pytest.raises(DrillDestroysNothing):
        proposed(world, drill, story["tins"], units=1)


def test_a_proposal_is_taken_back_with_a_reason_or_lapses_with_its_recall(world, story):
    one, two = (proposed(world, story["recall"], story["tins"], units=1) for _ in range(2))
    with pytest.raises(ReasonMissing):
        withdraw_destruction(destruction_id=one, reason="", actor=world.manager, now=world.now)
    withdraw_destruction(destruction_id=one, reason="先复检", actor=world.manager, now=world.now)
    cancel_recall(recall_id=story["recall"], reason="抄错", actor=world.treasurer, now=world.now)

    for row in (one, two):
        with pytest.raises(WrongState):
            destroy(destruction_id=row, actor=world.manager, now=world.now)
    assert lot(story["tins"]).written_off_units == 0
