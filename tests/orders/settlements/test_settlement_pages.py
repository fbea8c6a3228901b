"""Settlement runs as the operator and the treasurer see them."""

from __future__ import annotations

import re

import pytest

from orders.settlements.commands import (
    FiguresChanged,
    NothingToSettle,
    approve_run,
    draft_run,
    withdraw_run,
)
from orders.settlements.models import SettlementRun
from orders.shipments.returning import return_goods
from shop.core import db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.core.money import ZERO, yuan


@pytest.fixture
def sold(world):
    """Ten tins sold, accepted and paid; returns the acceptance."""
    world.tins(10)
    purchase = world.approved(10)
    world.paid(purchase)
    return world.accepted(purchase)


def seen_hash(run_id):
    with db.database().reading() as tx:
        return tx.query(SettlementRun).filter_by(public_id=run_id).one().seen_hash


def draft(world, who=None):
    return draft_run(cooperative_id=None, actor=who or world.operator, now=world.now)


def test_a_run_is_drafted_by_one_and_approved_by_another(client, world, sold):
    page = client.as_(world.operator).post("/platform/settlements/", data={"cooperative": ""})
    assert page.status_code == 303
    address = page.location

    shown = client.as_(world.treasurer).get(address)
    seen = re.search(r'name="seen_hash"[^>]*value="(\w+)"', shown.text)[1]
    assert "¥1,428.00" in shown.text

    wrong = client.post(f"{address}/approve", data={"seen_hash": seen, "typed": "1.00"})
    assert wrong.status_code == 422
    assert world.payable("张桂兰") == ZERO

    good = client.post(f"{address}/approve", data={"seen_hash": seen, "typed": "1428.00"})
    assert good.status_code == 303
    assert world.findings() == []
    assert "已记账" in client.get(address).text


def test_whoever_drafted_may_not_approve(world, sold):
    run = draft(world)

    with pytest.raises(NotAllowed):
        approve_run(run_id=run, seen_hash=seen_hash(run), actor=world.operator, now=world.now)


def test_one_person_with_both_roles_may_not_do_both(world, sold):
    from dataclasses import replace

    both = replace(world.operator, grants=world.operator.grants + world.treasurer.grants)
    run = draft(world, both)

    with pytest.raises(SamePerson):
        approve_run(run_id=run, seen_hash=seen_hash(run), actor=both, now=world.now)


def test_figures_that_changed_since_the_draft_are_refused_and_nothing_is_posted(world, sold):
    run = draft(world)
    return_goods(
        acceptance_id=sold,
        lines=((world.accepted_lines(sold)[0], 1),),
        reason="破损",
        actor=world.clerk,
        now=world.now,
    )

    with pytest.raises(FiguresChanged):
        approve_run(run_id=run, seen_hash=seen_hash(run), actor=world.treasurer, now=world.now)
    assert world.findings() == []


def test_an_approval_of_something_else_is_refused(world, sold):
    run = draft(world)

    with pytest.raises(FiguresChanged):
        approve_run(run_id=run, seen_hash="0" * 64, actor=world.treasurer, now=world.now)


def test_nothing_accepted_is_nothing_to_settle(world):
    with pytest.raises(NothingToSettle):
        draft(world)


def test_a_run_posts_once(world, sold):
    run = draft(world)
    seen = seen_hash(run)
    approve_run(run_id=run, seen_hash=seen, actor=world.treasurer, now=world.now)

    with pytest.raises(WrongState):
        approve_run(run_id=run, seen_hash=seen, actor=world.treasurer, now=world.now)


def test_two_drafts_of_the_same_lots_post_once(world, sold):
    first, second = draft(world), draft(world)
    seen = seen_hash(first)
    approve_run(run_id=first, seen_hash=seen, actor=world.treasurer, now=world.now)

    with pytest.raises(FiguresChanged):
        approve_run(run_id=second, seen_hash=seen, actor=world.treasurer, now=world.now)
    assert world.findings() == []


def test_a_withdrawn_run_needs_a_reason_and_posts_nothing(world, sold):
    run = draft(world)
    with pytest.raises(ReasonMissing):
        withdraw_run(run_id=run, reason=" ", actor=world.operator, now=world.now)

    withdraw_run(run_id=run, reason="重新试算", actor=world.operator, now=world.now)

    with pytest.raises(WrongState):
        approve_run(run_id=run, seen_hash=seen_hash(run), actor=world.treasurer, now=world.now)
    assert world.payable("张桂兰") == ZERO


def test_strangers_see_no_runs(client, world, sold):
    run = draft(world)

    assert client.as_(world.clerk).get(f"/platform/settlements/{run}").status_code == 403
    with pytest.raises(NotAllowed):
        draft(world, world.manager)
    with pytest.raises(NotFound):
        draft_run(cooperative_id="org_none", actor=world.operator, now=world.now)
    with pytest.raises(NotFound):
        approve_run(run_id="settle_x", seen_hash="", actor=world.treasurer, now=world.now)


def test_unpaid_acceptances_do_not_earn_yet(world):
    from orders.purchasing.states import PaymentTerms

    world.tins(10)
    purchase = world.approved(10, terms=PaymentTerms.AFTER)
    world.accepted(purchase)
    with pytest.raises(NothingToSettle):
        draft(world)

    world.paid(purchase, "1000.00")
    with pytest.raises(NothingToSettle):
        draft(world)
    assert world.findings() == []


def test_second_payment_is_what_is_above_the_leaf_paid_at_the_gate(world):
    world.tins(12, leaf={"张桂兰": 3, "李长根": 1})
    purchase = world.approved(12)
    world.paid(purchase)
    world.accepted(purchase)

    world.settle()

    # 1,713.60 shared 3:1 is 1,285.20 and 428.40; ¥300 and ¥100 were paid at the gate.
    assert world.payable("张桂兰") == yuan("985.20")
    assert world.payable("李长根") == yuan("328.40")
