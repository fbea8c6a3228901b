"""Submitting, approving, returning, cancelling and lapsing: results, refusals, nothing changed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from orders.budgets.models import Budget
from orders.budgets.moves import OverBudget
from orders.ledger.states import AccountKind as K
from orders.purchasing.commands import (
    AlreadyShipped,
    approve_purchase,
    cancel_purchase,
    lapse_due,
    place_retail,
    return_purchase,
    submit_purchase,
)
from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.placing import NothingToBuy, NotOnSale
from orders.purchasing.states import OrderState, PaymentTerms, PurchaseState
from products.lots.models import Lot
from products.lots.stock import SoldOut
from shop.core import db
from shop.core.actors import CLOCK, VISITOR
from shop.core.errors import NotAllowed, NotFound, Refusal, SamePerson, WrongState
from shop.core.money import ZERO, yuan


def one(statement):
    with db.database().reading() as tx:
        return tx.execute(statement).scalar_one()


def reserved(lot):
    return one(select(Lot.reserved_units).where(Lot.public_id == lot))


def state(purchase):
    return one(select(Purchase.state).where(Purchase.public_id == purchase))


def budget_of(budget):
    with db.database().reading() as tx:
        row = tx.execute(select(Budget).where(Budget.public_id == budget)).scalar_one()
        return str(row.reserved), str(row.committed), str(row.spent)


def submit(world, **changes):
    facts = {
        "union_id": world.organisation("GH"),
        "budget_id": None,
        "terms": PaymentTerms.BEFORE,
        "recipient": "孙浩",
        "phone": "0796-1234567",
        "address": "遂川县泉江镇",
        "note": "",
        "lines": ((world.tin, 5),),
        "actor": world.clerk,
        "now": world.now,
    }
    return submit_purchase(**(facts | changes))


def test_a_submitted_purchase_reserves_stock_and_budget_at_frozen_prices(world):
    lot, budget = world.tins(40), world.budget("10000")

    purchase = submit(world, budget_id=budget)

    assert state(purchase) is PurchaseState.SUBMITTED
    assert reserved(lot) == 5
    assert budget_of(budget) == ("1190.00", "0.00", "0.00")
    line = one(select(OrderLine))
    assert (line.price, line.households, line.units) == (yuan("238"), yuan("142.80"), 5)
    assert world.findings() == []


def test_approval_commits_the_budget_and_acceptance_spends_it(world):
    world.tins(40)
    budget = world.budget("10000")

    purchase = world.approved(10, budget_id=budget)
    assert budget_of(budget) == ("0.00", "2380.00", "0.00")

    world.paid(purchase)
    world.accepted(purchase, short=1, damaged=1)
    assert budget_of(budget) == ("0.00", "0.00", "1904.00")
    assert world.findings() == []


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"lines": ()}, NothingToBuy),
        ({"lines": (("spec_unknown", 1),)}, NotOnSale),
        ({"lines": "too many"}, SoldOut),
        ({"budget_id": "budget_unknown"}, NotFound),
        ({"union_id": "org_unknown"}, NotFound),
    ],
)
def test_a_refused_submission_changes_nothing(world, changes, refusal):
    lot = world.tins(4)
    if changes.get("lines") == "too many":
        changes = {"lines": ((world.tin, 3), (world.tin, 2))}

    with pytest.raises(refusal):
        submit(world, **changes)

    assert reserved(lot) == 0
    assert one(select(func.count(Purchase.id))) == 0


def test_an_empty_line_is_refused(world):
    world.tins(4)

    with pytest.raises(NothingToBuy):
        submit(world, lines=((world.tin, 0),))


def test_more_than_the_budget_is_refused_with_what_is_left(world):
    lot, budget = world.tins(40), world.budget("1000")

    with pytest.raises(OverBudget) as refused:
        submit(world, budget_id=budget)

    assert refused.value.facts == {"left": "1000.00", "needed": "1190.00"}
    assert reserved(lot) == 0
    assert budget_of(budget) == ("0.00", "0.00", "0.00")


def test_only_the_unions_clerk_submits(world):
    world.tins(4)

    with pytest.raises(NotAllowed):
        submit(world, actor=world.approver)
    with pytest.raises(NotFound):
        submit(world, actor=world.stranger)


def test_submitting_twice_with_one_key_makes_one_purchase(world):
    lot = world.tins(40)
    facts = {
        "union_id": world.organisation("GH"),
        "budget_id": None,
        "terms": PaymentTerms.BEFORE,
        "recipient": "孙浩",
        "phone": "1",
        "address": "遂川",
        "note": "",
        "lines": ((world.tin, 5),),
        "actor": world.clerk,
        "now": world.now,
    }

    first = submit_purchase.once("k1")(**facts)
    second = submit_purchase.once("k1")(**facts)

    assert first == second
    assert reserved(lot) == 5


def test_whoever_submitted_may_not_approve(world):
    from dataclasses import replace

    world.tins(4)
    both = replace(world.clerk, grants=world.clerk.grants + world.approver.grants)
    purchase = submit(world, lines=((world.tin, 1),), actor=both)

    with pytest.raises(SamePerson):
        approve_purchase(purchase_id=purchase, actor=both, now=world.now)
    assert state(purchase) is PurchaseState.SUBMITTED


def test_a_purchase_is_approved_once_and_by_its_own_union(world):
    world.tins(4)
    purchase = world.submitted(1)

    with pytest.raises(NotFound):
        approve_purchase(purchase_id=purchase, actor=world.stranger_approver, now=world.now)
    with pytest.raises(NotAllowed):
        approve_purchase(purchase_id=purchase, actor=world.finance, now=world.now)
    approve_purchase(purchase_id=purchase, actor=world.approver, now=world.now)
    with pytest.raises(WrongState):
        approve_purchase(purchase_id=purchase, actor=world.approver, now=world.now)


def test_returning_needs_a_reason_and_gives_stock_and_budget_back(world):
    lot, budget = world.tins(40), world.budget("10000")
    purchase = submit(world, budget_id=budget)
    with pytest.raises(Refusal, match="reason_missing"):
        return_purchase(purchase_id=purchase, reason=" ", actor=world.approver, now=world.now)

    return_purchase(purchase_id=purchase, reason="数量偏多", actor=world.approver, now=world.now)

    assert state(purchase) is PurchaseState.RETURNED
    assert reserved(lot) == 0
    assert budget_of(budget) == ("0.00", "0.00", "0.00")
    assert one(select(Order.state)) is OrderState.CANCELLED
    assert world.findings() == []


def test_cancelling_a_paid_purchase_refunds_all_of_it(world):
    lot, budget = world.tins(40), world.budget("10000")
    purchase = world.approved(5, budget_id=budget)
    world.paid(purchase)

    cancel_purchase(purchase_id=purchase, reason="活动取消", actor=world.clerk, now=world.now)

    order = world.order_key(purchase)
    assert world.balance(K.ESCROW, order) == ZERO
    assert world.balance(K.REFUND_IN_TRANSIT, order) == yuan("1190.00")
    assert reserved(lot) == 0
    assert budget_of(budget) == ("0.00", "0.00", "0.00")
    assert world.findings() == []


def test_what_is_on_its_way_cannot_be_cancelled(world):
    world.tins(40)
    purchase = world.approved(5, terms=PaymentTerms.AFTER)
    world.shipped(purchase, 2)

    with pytest.raises(AlreadyShipped):
        cancel_purchase(purchase_id=purchase, reason="不要了", actor=world.clerk, now=world.now)
    assert state(purchase) is PurchaseState.APPROVED


def test_a_person_cancels_only_their_own_purchase(world):
    world.tins(40)
    purchase = world.retail(1)

    with pytest.raises(NotFound):
        cancel_purchase(purchase_id=purchase, reason="x", actor=world.clerk, now=world.now)
    cancel_purchase(purchase_id=purchase, reason="买错了", actor=world.member, now=world.now)
    assert state(purchase) is PurchaseState.CANCELLED


def test_a_visitor_signs_in_before_buying(world):
    world.tins(4)

    with pytest.raises(NotFound):
        place_retail(
            lines=((world.tin, 1),),
            recipient="x",
            phone="1",
            address="x",
            note="",
            actor=VISITOR,
            now=world.now,
        )


@pytest.mark.parametrize(("approved", "days"), [(False, 7), (True, 10)])
def test_unapproved_purchases_lapse_after_7_days_and_unpaid_ones_after_10(world, approved, days):
    lot, budget = world.tins(40), world.budget("10000")
    make = world.approved if approved else world.submitted
    purchase = make(5, budget_id=budget)
    almost = world.now + timedelta(days=days) - timedelta(seconds=1)
    assert lapse_due(actor=CLOCK, now=almost) == 0

    assert lapse_due(actor=CLOCK, now=world.now + timedelta(days=days)) == 1

    assert state(purchase) is PurchaseState.LAPSED
    assert reserved(lot) == 0
    assert budget_of(budget) == ("0.00", "0.00", "0.00")
    assert lapse_due(actor=CLOCK, now=world.now + timedelta(days=99)) == 0
    assert world.findings() == []


def test_paid_shipped_and_later_payable_purchases_do_not_lapse(world):
    world.tins(40)
    world.paid(world.approved(5))
    world.approved(5, terms=PaymentTerms.AFTER)

    assert lapse_due(actor=CLOCK, now=world.now + timedelta(days=99)) == 0


def test_first_expiring_lots_are_sold_first_and_a_line_may_span_lots(world):
    late = world.tins(4)
    world.now += timedelta(days=-30)
    soon = world.tins(4)
    world.now += timedelta(days=30)

    world.submitted(6)

    assert (reserved(soon), reserved(late)) == (4, 2)
    assert one(select(func.count(Allocation.id))) == 2
