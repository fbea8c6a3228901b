"""Terms that are frozen, answers, and their refusals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError

from orders.purchasing.models import Purchase
from orders.purchasing.states import PaymentTerms
from orders.receivables import commands
from orders.receivables.models import (
    AgreedDays,
    PaymentAnswer,
    PaymentRule,
    ReceivableTerm,
)
from orders.receivables.rules import Reminding
from orders.receivables.states import AnswerKind, RuleState
from shop.core import db
from shop.core.clock import day_of
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.core.money import yuan
from tests.orders.receivables.stories import DUE, on, owed, page
from tests.world import DAY

RULE = {
    "from_day": DAY + timedelta(days=1),
    "days": 20,
    "longest_days": 45,
    "rate": 4,
    "reminding": Reminding(5, 10, 20, 40),
    "source": "示范规定第三条",
}


def propose(world, who=None, **other) -> str:
    return commands.propose_rule(**{**RULE, **other}, actor=who or world.operator, now=world.now)


def number_of(world, purchase: str) -> str:
    return world._one(select(Purchase.number).where(Purchase.public_id == purchase))


def test_a_rule_is_proposed_by_one_person_and_approved_by_another_before_it_begins(world):
    for refusal, other in (
        (commands.DaysOutOfRange, {"days": 0}),
        (commands.DaysOutOfRange, {"days": 46}),
        (commands.NumbersOutOfRange, {"rate": 101}),
        (commands.NumbersOutOfRange, {"reminding": Reminding(5, 0, 20, 40)}),
        (commands.NumbersOutOfRange, {"reminding": Reminding(5, 10, 40, 40)}),
        (commands.DayHasBegun, {"from_day": DAY}),
        (ReasonMissing, {"source": " "}),
        (NotAllowed, {"who": world.treasurer}),
        (NotAllowed, {"who": world.manager}),
    ):
        with pytest.raises(refusal):
            propose(world, **other)
    assert world._all(select(PaymentRule.id)) == []

    first = propose(world)
    with pytest.raises(commands.RuleDayTaken):
        propose(world)
    with pytest.raises(NotAllowed):
        commands.approve_rule(rule_id=first, actor=world.operator, now=world.now)
    with pytest.raises(NotFound):
        commands.approve_rule(rule_id="payrule_none", actor=world.treasurer, now=world.now)
    with pytest.raises(ReasonMissing):
        commands.withdraw_rule(rule_id=first, reason=" ", actor=world.operator, now=world.now)
    commands.withdraw_rule(rule_id=first, reason="写错了", actor=world.operator, now=world.now)
    with pytest.raises(WrongState):
        commands.approve_rule(rule_id=first, actor=world.treasurer, now=world.now)
    second = propose(world)
    on(world, DAY + timedelta(days=1))
    with pytest.raises(commands.DayHasBegun):
        commands.approve_rule(rule_id=second, actor=world.treasurer, now=world.now)
    assert world._all(select(PaymentRule.state).order_by(PaymentRule.id)) == [
        RuleState.WITHDRAWN,
        RuleState.PROPOSED,
    ]


def test_whoever_proposed_a_rule_may_not_approve_it(world):
    from dataclasses import replace

    both = replace(world.operator, grants=world.operator.grants + world.treasurer.grants)
    rule = propose(world, both)

    with pytest.raises(SamePerson):
        commands.approve_rule(rule_id=rule, actor=both, now=world.now)

    assert world._one(select(PaymentRule.state)) is RuleState.PROPOSED


def test_terms_are_frozen_when_made_and_a_later_rule_changes_nothing(world):
    world.tins(12)
    waiting = world.approved(3, terms=PaymentTerms.AFTER)
    _purchase, first = owed(world, 3, stock=False)
    commands.approve_rule(rule_id=propose(world), actor=world.treasurer, now=world.now)
    on(world, DAY + timedelta(days=2))
    second = world.accepted(waiting)  # submitted under the statute
    _later, third = owed(world, 3, stock=False)

    clocks = world._all(select(ReceivableTerm.due_on).order_by(ReceivableTerm.id))
    assert clocks == [DUE, date(2026, 5, 22), date(2026, 5, 12)]
    assert [page(world, one).row.days for one in (first, second, third)] == [30, 30, 20]
    # The rate is of the day: 4 ten-thousandths since the rule began.
    on(world, DUE + timedelta(days=10))
    assert page(world, first).accrued.whole == yuan("2.86")  # 714.00 × 10 × 4/10,000 = 2.856
    for change in (
        update(ReceivableTerm).values(days=90),
        delete(ReceivableTerm),
    ):
        with pytest.raises(DBAPIError), db.database().writing() as tx:
            tx.execute(change)


def test_days_are_agreed_once_before_the_first_acceptance_and_within_the_longest(world):
    world.tins(9)
    agreed = world.approved(3, terms=PaymentTerms.AFTER)
    before = world.approved(3)

    def agree(purchase, days=60, ground="合同第五条", who=None, number=None):
        commands.agree_days(
            number=number or number_of(world, purchase),
            days=days,
            ground=ground,
            actor=who or world.operator,
            now=world.now,
        )

    for refusal, given in (
        (commands.DaysOutOfRange, {"days": 61}),
        (commands.DaysOutOfRange, {"days": 0}),
        (ReasonMissing, {"ground": ""}),
        (NotAllowed, {"who": world.clerk}),
        (NotFound, {"number": "CG-NONE"}),
    ):
        with pytest.raises(refusal):
            agree(agreed, **given)
    with pytest.raises(commands.NotOnTerms):
        agree(before)
    gone = world.submitted(1, terms=PaymentTerms.AFTER)
    from orders.purchasing.commands import cancel_purchase

    cancel_purchase(purchase_id=gone, reason="不买了", actor=world.clerk, now=world.now)
    with pytest.raises(WrongState):
        agree(gone)
    assert world._all(select(AgreedDays.id)) == []

    agree(agreed)
    with pytest.raises(commands.ClockRuns):
        agree(agreed)
    acceptance = world.accepted(agreed)
    row = page(world, acceptance).row
    # The sixtieth day begins a holiday of three.
    assert (row.days, row.agreed, row.due_on) == (60, True, date(2026, 6, 22))
    running, _acceptance = owed(world, 1, stock=False)
    with pytest.raises(commands.ClockRuns):
        agree(running)


def test_a_union_promises_a_day_or_disputes_an_amount_and_others_see_it(world):
    purchase, acceptance = owed(world, 10)

    def promise(day=DUE, who=None):
        commands.promise_day(
            acceptance_id=acceptance,
            promised_on=day,
            note="等拨款",
            actor=who or world.finance,
            now=world.now,
        )

    def dispute(amount="238.00", reason="少了一罐", who=None):
        commands.dispute_amount(
            acceptance_id=acceptance,
            amount=yuan(amount),
            reason=reason,
            actor=who or world.clerk,
            now=world.now,
        )

    for refusal, act in (
        (commands.PromiseInThePast, lambda: promise(day_of(world.now) - timedelta(days=1))),
        (commands.PromiseInThePast, lambda: promise(DAY + timedelta(days=400))),
        (NotAllowed, lambda: promise(who=world.approver)),
        (NotFound, lambda: promise(who=world.stranger)),
        (NotFound, lambda: promise(who=world.manager)),
        (commands.DisputesMoreThanOpen, lambda: dispute("2380.01")),
        (commands.DisputesMoreThanOpen, lambda: dispute("0.00")),
        (ReasonMissing, lambda: dispute(reason=" ")),
        (NotFound, lambda: dispute(who=world.stranger)),
    ):
        with pytest.raises(refusal):
            act()
    assert world._all(select(PaymentAnswer.id)) == []

    promise()
    dispute()

    found = page(world, acceptance)
    assert [(one.kind, one.by) for one in found.answers] == [
        (AnswerKind.DISPUTE, "王梅"),
        (AnswerKind.PROMISE, "赵敏"),
    ]
    assert found.row.answered is AnswerKind.DISPUTE
    assert found.row.open == yuan("2380.00")
    world.paid(purchase)
    with pytest.raises(commands.NothingOwed):
        promise()
    assert world.findings() == []
