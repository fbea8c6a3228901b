"""Disputes: who may open one, what stands still, how it is decided and put right."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from orders.statements.queries import actor_of
from products.disputes import queries
from products.disputes.commands import (
    AlreadyDisputed,
    ClaimantMissing,
    NotPutRight,
    WordsTooLong,
    decide_dispute,
    mend_dispute,
    open_dispute,
    record_dispute,
)
from products.disputes.models import Dispute
from products.disputes.states import ClaimKind, DisputeState, ReceivedBy
from products.households.models import Household
from products.lots.correcting import correct_shares
from products.lots.models import Lot, LotFreeze
from products.lots.states import LeafPayment
from products.lots.weighing import void_delivery
from shop.core import clock, db
from shop.core.audit import AuditEntry
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.core.events import pseudonym
from shop.core.money import yuan
from shop.core.numbering import NumberSeries

A, B, C = "张桂兰", "李长根", "黄水生"


@pytest.fixture
def thread(world):
    """Leaf of two households, rough tea of both, a packed lot, and one that is wholly shipped."""
    leaf_a, leaf_b = world.delivery(A, 10, "100"), world.delivery(B, 10, "100")
    rough = world.rough([(leaf_a, 10_000), (leaf_b, 10_000)], 6)
    gone = world.packed([(rough, 1_000)], 4)
    sold = world.approved(4)
    world.paid(sold)
    world.accepted(sold)
    here = world.packed([(rough, 1_000)], 4)
    return {"a": leaf_a, "b": leaf_b, "rough": rough, "gone": gone, "here": here}


def household(world, name):
    with db.database().reading() as tx:
        return actor_of(tx, world.household(name))


def opened(world, lot, name=A, claim=ClaimKind.NOT_MINE, words="不是我家的", **changes: Any):
    facts: dict[str, Any] = {"lot_id": lot, "claim": claim, "words": words,
                             "actor": household(world, name), "now": world.now}  # fmt: skip
    return open_dispute(**{**facts, **changes})


def recorded(world, lot, **changes: Any):
    facts: dict[str, Any] = {
        "lot": lot,
        "household": world.household(A),
        "village": "",
        "claim": ClaimKind.QUANTITY,
        "words": "",
        "received": ReceivedBy.PHONE,
        "actor": world.operator,
        "now": world.now,
    }
    return record_dispute(**{**facts, **changes})


def decided(world, dispute, *, upheld, reason="核过磅单", **changes: Any):
    facts: dict[str, Any] = {"dispute_id": dispute, "upheld": upheld, "reason": reason,
                             "actor": world.treasurer, "now": world.now}  # fmt: skip
    decide_dispute(**{**facts, **changes})


def mended(world, dispute, reason="份额已更正", **changes: Any):
    facts: dict[str, Any] = {"dispute_id": dispute, "reason": reason, "actor": world.operator,
                             "now": world.now}  # fmt: skip
    mend_dispute(**{**facts, **changes})


def corrected(world, lot, to):
    correct_shares(
        lot_id=lot,
        household_id=world.household(to),
        grams=10_000,
        fen_per_kg=yuan("100").fen,
        payment=LeafPayment.PAID,
        reason="记错户",
        actor=world.manager,
        now=world.now,
    )


def frozen(thread):
    with db.database().reading() as tx:
        still = set(tx.execute(select(Lot.public_id).where(Lot.freezes > 0)).scalars())
    return {key for key, lot in thread.items() if lot in still}


def state(dispute):
    with db.database().reading() as tx:
        return tx.execute(select(Dispute.state).where(Dispute.public_id == dispute)).scalar_one()


def everything():
    with db.database().reading() as tx:
        counts = [
            tx.execute(select(func.count()).select_from(model)).scalar_one()
            for model in (Dispute, LotFreeze, AuditEntry)
        ]
        states = tx.execute(select(Dispute.state, Dispute.decision).order_by(Dispute.id)).all()
        freezes = tx.execute(select(Lot.freezes).order_by(Lot.id)).scalars().all()
        numbers = tx.execute(select(NumberSeries.series, NumberSeries.last)).all()
        return (*counts, states, freezes, sorted(numbers))


# --- opening ----------------------------------------------------------------------------------


def test_a_household_disputes_its_delivery_and_all_made_of_it_that_is_here_stands_still(
    world, thread
):
    dispute = opened(world, thread["a"])

    assert frozen(thread) == {"a", "rough", "here"}, "what is wholly shipped is left alone"
    assert state(dispute) is DisputeState.OPEN
    with db.database().reading() as tx:
        row = queries.of_household(tx, world.household_key(A))[0]
    assert (row.number, row.received, row.lot_id) == (
        "ZY-2026-00001", ReceivedBy.STATEMENT, thread["a"],
    )  # fmt: skip
    assert world.findings() == []


def test_a_household_may_dispute_a_packed_lot_with_its_goods(world, thread):
    opened(world, thread["here"], B)

    assert frozen(thread) == {"here"}


@pytest.mark.parametrize(
    ("lot", "who", "changes", "refusal"),
    [
        ("b", A, {}, NotFound),
        ("here", C, {}, NotFound),
        ("a", A, {"lot_id": "lot_none"}, NotFound),
        ("a", A, {"words": "长" * 501}, WordsTooLong),
    ],
)
def test_what_is_not_its_own_it_does_not_dispute(world, thread, lot, who, changes, refusal):
    before = everything()

    with pytest.raises(refusal):
        opened(world, thread[lot], who, **changes)

    assert everything() == before


def test_nobody_but_a_household_comes_by_the_statement(world, thread):
    with pytest.raises(NotFound):
        opened(world, thread["a"], actor=world.manager)


def test_one_dispute_of_a_lot_at_a_time_and_another_once_it_is_decided(world, thread):
    first = opened(world, thread["a"])
    before = everything()
    with pytest.raises(AlreadyDisputed):
        opened(world, thread["a"])
    with pytest.raises(AlreadyDisputed):
        recorded(world, thread["a"])
    assert everything() == before
    decided(world, first, upheld=False)

    assert opened(world, thread["a"]) != first


def test_the_operator_records_one_for_a_household_by_its_code_or_for_a_village(world, thread):
    with db.database().reading() as tx:
        code = tx.execute(select(Household.code).where(Household.name == A)).scalar_one()
        number = tx.execute(select(Lot.number).where(Lot.public_id == thread["here"])).scalar_one()

    recorded(world, thread["a"], household=f"{code[:3]}-{code[3:]}".lower())
    recorded(world, number, household="", village=world.village, claim=ClaimKind.VILLAGE)

    with db.database().reading() as tx:
        found = queries.disputes(tx, world.operator)
        near = queries.disputes(tx, world.manager, world.organisation_key("TH"))
    assert [row.who for row in found] == ["南屏村", pseudonym(world.household(A))]
    assert [row.who for row in near] == ["南屏村", A]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"household": ""}, ClaimantMissing),
        ({"village": "both"}, ClaimantMissing),
        ({"household": "ZZZ"}, ClaimantMissing),
        ({"household": "", "village": "village_none"}, ClaimantMissing),
        ({"lot": "ZZ-1"}, NotFound),
    ],
)
def test_a_record_names_a_lot_and_one_who_disputes_it(world, thread, changes, refusal):
    before = everything()
    if changes.get("village") == "both":
        changes = {"village": world.village}

    with pytest.raises(refusal):
        recorded(world, **{"lot": thread["a"], **changes})

    assert everything() == before


@pytest.mark.parametrize("who", ["manager", "auditor", "clerk"])
def test_only_the_platform_records_for_others(world, thread, who):
    with pytest.raises(NotAllowed):
        recorded(world, thread["a"], actor=world.person(who))


# --- deciding ---------------------------------------------------------------------------------


def test_dismissed_the_lots_move_again_and_the_household_reads_why(world, thread):
    dispute = opened(world, thread["a"])

    decided(world, dispute, upheld=False, reason="磅单上是您签的字")

    assert frozen(thread) == set()
    with db.database().reading() as tx:
        row = queries.of_household(tx, world.household_key(A))[0]
    assert (row.state, row.decision) == (DisputeState.DISMISSED, "磅单上是您签的字")
    assert world.findings() == []


def test_upheld_the_lots_stand_still_until_the_shares_are_corrected(world, thread):
    dispute = opened(world, thread["a"])
    decided(world, dispute, upheld=True)
    assert frozen(thread) == {"a", "rough", "here"}
    before = everything()
    with pytest.raises(NotPutRight):
        mended(world, dispute)
    assert everything() == before

    corrected(world, thread["a"], C)
    mended(world, dispute)

    assert frozen(thread) == set()
    assert state(dispute) is DisputeState.MENDED
    assert world.findings() == []


def test_a_delivery_nobody_used_is_put_right_by_voiding_it(world):
    leaf = world.delivery(A, 5, "100")
    dispute = opened(world, leaf)
    decided(world, dispute, upheld=True)

    void_delivery(lot_id=leaf, reason="不是她家的", actor=world.weigher, now=world.now)
    mended(world, dispute)

    assert state(dispute) is DisputeState.MENDED


def test_a_villages_name_is_put_right_in_words(world, thread):
    dispute = recorded(
        world, thread["here"], household="", village=world.village, claim=ClaimKind.VILLAGE
    )
    decided(world, dispute, upheld=True)

    mended(world, dispute, "商品页已改成产地乡镇")

    assert frozen(thread) == set()


def test_whoever_recorded_it_does_not_decide_it(world, thread):
    dispute = recorded(world, thread["a"])
    before = everything()

    for changes, refusal in (
        ({"actor": world.operator}, SamePerson),
        ({"actor": world.manager}, NotAllowed),
        ({"reason": " "}, ReasonMissing),
        ({"dispute_id": "dispute_none"}, NotFound),
    ):
        with pytest.raises(refusal):
            decided(world, dispute, upheld=False, **changes)

    assert everything() == before


def test_what_is_decided_is_not_decided_again_and_only_upheld_ones_are_mended(world, thread):
    dispute = opened(world, thread["a"])
    with pytest.raises(WrongState):
        mended(world, dispute)
    decided(world, dispute, upheld=False)

    with pytest.raises(WrongState):
        decided(world, dispute, upheld=True)
    with pytest.raises(WrongState):
        mended(world, dispute)
    with pytest.raises(ReasonMissing):
        mended(world, dispute, " ")


def test_only_the_cooperative_and_the_platform_read_a_dispute(world, thread):
    dispute = opened(world, thread["a"])
    with db.database().reading() as tx:
        assert queries.dispute(tx, dispute, world.manager).row.who == A
        assert queries.dispute(tx, dispute, world.operator).row.who.startswith("hh-")
        assert queries.dispute(tx, dispute, world.operator).actions == ("uphold", "dismiss")
        assert queries.dispute(tx, dispute, world.manager).actions == ()
        for who, refusal in (("other_manager", NotFound), ("clerk", NotFound)):
            with pytest.raises(refusal):
                queries.dispute(tx, dispute, world.person(who))


# --- pages ------------------------------------------------------------------------------------


def at_the_statement(client, world, name):
    with client.session_transaction() as session:
        session.clear()
        until = clock.now() + timedelta(minutes=10)
        session["statement"] = [world.household(name), until.isoformat()]
    return client


def test_a_household_disputes_from_its_statement_and_reads_what_became_of_it(client, world, thread):
    browser = at_the_statement(client, world, A)
    assert (
        f"/my-statement/mine/lots/{thread['a']}/dispute" in browser.get("/my-statement/mine").text
    )

    sent = browser.post(
        f"/my-statement/mine/lots/{thread['a']}/dispute",
        data={"claim": "not_mine", "words": "那天没去"},
    )
    page = browser.get("/my-statement/mine").text

    assert sent.status_code == 303
    assert "正在核实。这批货先停住。" in page
    with db.database().reading() as tx:
        dispute = tx.execute(select(Dispute.public_id)).scalar_one()
    decided(world, dispute, upheld=True, reason="您说得对，记错户了")
    assert "您说得对，记错户了" in browser.get("/my-statement/mine").text


def test_another_households_lot_is_not_there(client, world, thread):
    browser = at_the_statement(client, world, A)

    assert browser.get(f"/my-statement/mine/lots/{thread['b']}/dispute").status_code == 404


def test_the_platform_records_decides_and_the_cooperative_corrects(client, world, thread):
    operator = client.as_(world.operator)
    sent = operator.post(
        "/platform/disputes/new",
        data={"lot": thread["a"], "household": world.household(A), "village": "",
              "claim": "not_mine", "received": "phone", "words": ""},
    )  # fmt: skip
    assert sent.status_code == 303
    where = sent.headers["Location"]
    assert (
        operator.post(f"{where}/decision", data={"upheld": "yes", "reason": "x"}).status_code == 403
    )
    client.as_(world.treasurer)
    assert (
        client.post(f"{where}/decision", data={"upheld": "yes", "reason": "核过"}).status_code
        == 303
    )
    client.as_(world.manager)
    assert "更正份额" in client.get(where).text
    corrected = client.post(
        f"{where}/correction",
        data={"household_id": world.household(C), "grams": "10", "fen_per_kg": "100",
              "payment": "paid", "reason": "记错户"},
    )  # fmt: skip
    assert corrected.status_code == 303
    client.as_(world.operator)
    assert client.post(f"{where}/end", data={"reason": "已更正"}).status_code == 303
    assert frozen(thread) == set()


def test_a_packed_lot_is_put_right_by_the_household_s_delivery_behind_it(client, world, thread):
    dispute = opened(world, thread["here"], B, ClaimKind.QUANTITY)
    decided(world, dispute, upheld=True)
    client.as_(world.manager)
    way = f"/disputes/{dispute}/correction"
    facts = {"household_id": world.household(B), "grams": "9", "fen_per_kg": "100",
             "payment": "paid", "reason": "多记一公斤"}  # fmt: skip

    assert client.post(f"{way}?lot={thread['a']}", data=facts).status_code == 404
    assert client.post(f"{way}?lot={thread['b']}", data=facts).status_code == 303
    mended(world, dispute)

    assert frozen(thread) == set()
    assert world.findings() == []
