"""Money and recalls: leaf money is never touched, frozen lots wait, and every fen comes back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from orders.ledger.states import AccountKind
from orders.payouts.states import PayoutKind
from orders.recalls.commands import cancel_recall
from orders.recalls.states import Fate
from orders.settlements.commands import FiguresChanged, NothingToSettle, approve_run, draft_run
from orders.settlements.models import SettlementItem, SettlementRun
from orders.shipments.returning import return_goods
from orders.statements.queries import actor_of, statement
from shop.core import db
from shop.core.money import ZERO, yuan
from tests.orders.recalls.stories import closed, destroyed, followed, notice_of, recalled

A, B = "张桂兰", "李长根"


def leaf_paid(world, household):
    with db.database().reading() as tx:
        who = actor_of(tx, world.household(household))
        return statement(tx, household_id=who.key, actor=who, now=world.now).leaf_paid


def bought(world, units):
    """A purchase of tins, paid and accepted; the purchase and its acceptance."""
    purchase = world.approved(units)
    world.paid(purchase)
    return purchase, world.accepted(purchase)


def send_back(world, acceptance, units):
    return_goods(
        acceptance_id=acceptance,
        lines=((world.accepted_lines(acceptance)[0], units),),
        reason="召回",
        actor=world.clerk,
        now=world.now,
    )


def items():
    with db.database().reading() as tx:
        return len(tx.execute(select(SettlementItem.id)).all())


def test_everything_goes_back_after_the_payout_and_no_household_gives_anything_back(world):
    tins = world.tins(12, {A: 4, B: 4})
    purchase, acceptance = bought(world, 12)
    world.settle()
    second = {who: world.payable(who) for who in (A, B)}
    assert all(amount > ZERO for amount in second.values()), "leaf is paid, the rest is owed"
    world.bank_answers(world.pay_out(PayoutKind.HOUSEHOLD))
    before = {who: leaf_paid(world, who) for who in (A, B)}
    recall = recalled(world, tins)

    send_back(world, acceptance, 12)
    followed(world, notice_of(recall, purchase), Fate.RETURNED, 12)
    assert [world.payable(who) for who in (A, B)] == [ZERO, ZERO]
    with pytest.raises(NothingToSettle):
        draft_run(cooperative_id=None, actor=world.operator, now=world.now)
    closed(world, recall)
    world.settle()

    assert {who: leaf_paid(world, who) for who in (A, B)} == before == {
        A: yuan("400.00"), B: yuan("400.00"),
    }  # fmt: skip
    assert [world.payable(who) for who in (A, B)] == [ZERO, ZERO], "nobody is below zero"
    assert world.balance(AccountKind.LOT_POOL, world.lot_key(tins)) == ZERO
    owed = world.balance(AccountKind.DUE_FROM_COOPERATIVE, world.organisation_key("TH"))
    assert owed > ZERO, "the cooperative bears what households were paid"
    assert world.findings() == []


def test_a_frozen_lot_waits_and_comes_back_to_the_fen_when_it_is_lifted(world):
    tins = world.tins(12, {A: 4, B: 4})
    bought(world, 7)
    recall = recalled(world, tins)

    with pytest.raises(NothingToSettle):
        draft_run(cooperative_id=None, actor=world.operator, now=world.now)
    cancel_recall(recall_id=recall, reason="复检合格", actor=world.treasurer, now=world.now)
    world.settle()

    # 7 × ¥142.80 = ¥999.60, half each: ¥499.80, of which ¥400.00 was paid at the gate.
    assert [world.payable(who) for who in (A, B)] == [yuan("99.80"), yuan("99.80")]
    assert world.findings() == []


def test_only_the_kept_units_are_settled_once_it_is_closed(world):
    tins = world.tins(12, {A: 4, B: 4})
    purchase, acceptance = bought(world, 8)
    recall = recalled(world, tins)
    send_back(world, acceptance, 1)
    followed(world, notice_of(recall, purchase), Fate.RETURNED, 1)
    followed(world, notice_of(recall, purchase), Fate.KEPT, 7)
    destroyed(world, recall, tins, units=4)

    closed(world, recall)
    world.settle()

    assert [world.payable(who) for who in (A, B)] == [yuan("99.80"), yuan("99.80")]
    assert world.findings() == []


def test_a_lot_frozen_between_preview_and_approval_is_not_settled_and_nothing_is_posted(world):
    tins = world.tins(12, {A: 4, B: 4})
    bought(world, 7)
    run = draft_run(cooperative_id=None, actor=world.operator, now=world.now)
    with db.database().reading() as tx:
        seen = tx.execute(
            select(SettlementRun.seen_hash).where(SettlementRun.public_id == run)
        ).scalar_one()
    recalled(world, tins)

    with pytest.raises(FiguresChanged):
        approve_run(run_id=run, seen_hash=seen, actor=world.treasurer, now=world.now)

    assert items() == 0
    assert world.payable(A) == ZERO
    assert world.findings() == []


def test_another_lot_is_settled_while_one_stands_still(world):
    tins = world.tins(12, {A: 4, B: 4})
    bought(world, 12)
    recalled(world, tins)
    world.tins(12, {A: 4})
    bought(world, 12)

    world.settle()

    assert world.payable(A) == yuan("1313.60"), "12 × ¥142.80 less ¥400.00"
    assert world.payable(B) == ZERO
    assert world.findings() == []
