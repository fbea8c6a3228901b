"""Giving up units before they are shipped: stock, budget, money, who may, and what refuses it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import url_for
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from orders.ledger.models import Journal
from orders.ledger.states import AccountKind as K
from orders.payments.matching import match_line
from orders.payments.open_amounts import open_amount
from orders.purchasing.cancelling import (
    MoreThanUnshipped,
    NothingToCancel,
    RefundDiffers,
    cancel_units,
)
from orders.purchasing.commands import cancel_purchase, lapse_due
from orders.purchasing.models import Allocation, Cancellation, CancellationLine, Order
from orders.purchasing.rules import give_up
from orders.purchasing.states import OrderState, PaymentTerms, PurchaseState, Side
from orders.refunds.models import Refund
from orders.shipments.accepting import sign_second
from orders.shipments.commands import NotPaid
from orders.tracking.queries import track
from shop.core import db
from shop.core.actors import CLOCK
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, WrongState
from shop.core.money import ZERO, yuan
from tests.orders.payments.test_importing import bring
from tests.orders.payments.test_matching import lines_of
from tests.orders.purchasing.test_purchases import budget_of, one, reserved, state


def cancel(world, purchase, units, **changes):
    facts = {
        "order_id": world.orders(purchase)[0],
        "lines": ((world.tin, units),),
        "reason": "人数少了",
        "seen_refund": None,
        "actor": world.clerk,
        "now": world.now,
    }
    return cancel_units(**(facts | changes))


def still_open(world, purchase):
    with db.database().reading() as tx:
        return open_amount(tx, world.order_key(purchase))


def test_what_would_be_sold_last_is_given_up_first():
    assert give_up(7, [5, 0, 4]) == [3, 0, 4]
    assert give_up(2, [5, 4]) == [0, 2]
    assert give_up(9, [5, 4]) == [5, 4]


def test_units_given_up_before_payment_lower_what_is_to_pay_and_free_stock_and_budget(world):
    lot, budget = world.tins(40), world.budget("10000")
    purchase = world.approved(10, budget_id=budget)

    cancel(world, purchase, 3)
    cancel(world, purchase, 2)

    assert reserved(lot) == 5
    assert budget_of(budget) == ("0.00", "1190.00", "0.00")
    assert still_open(world, purchase) == yuan("1190")
    assert one(select(Order.total)) == yuan("2380")
    assert one(select(func.count(Refund.id))) == 0
    with db.database().reading() as tx:
        seen = track(tx, purchase, world.clerk)
    assert (seen.progress.to_pay, seen.orders[0].kept) == (yuan("1190"), yuan("1190"))
    world.paid(purchase, "1190.00")
    world.accepted(purchase)
    assert one(select(Order.state)) is OrderState.ACCEPTED
    assert budget_of(budget) == ("0.00", "0.00", "1190.00")
    assert world.balance(K.ESCROW, world.order_key(purchase)) == ZERO
    assert world.findings() == []


def test_what_was_paid_beyond_what_is_still_open_goes_back_the_way_it_came(world):
    world.tins(40)
    purchase = world.approved(10)
    world.paid(purchase)
    shipment = world.shipped(purchase, 4)

    given = cancel(world, purchase, 5, seen_refund=yuan("1190"))

    order = world.order_key(purchase)
    assert world.balance(K.REFUND_IN_TRANSIT, order) == yuan("1190")
    assert world.balance(K.ESCROW, order) == yuan("1190")
    assert one(select(Refund.about)) == given
    assert one(select(Order.state)) is OrderState.SHIPPING
    cancel(world, purchase, 1)
    assert one(select(Order.state)) is OrderState.SHIPPED
    acceptance = world.signed_once(shipment, short=1)
    sign_second(acceptance_id=acceptance, actor=world.approver, now=world.now)
    assert one(select(Order.state)) is OrderState.ACCEPTED
    assert world.balance(K.REFUND_IN_TRANSIT, order) == yuan("1666")
    assert still_open(world, purchase) == ZERO
    world.settle()
    assert world.findings() == []


def test_a_part_payment_is_given_back_only_as_far_as_it_is_too_much(world):
    world.tins(40)
    purchase = world.approved(10)
    world.paid(purchase, "2380.00")

    cancel(world, purchase, 1)
    order = world.order_key(purchase)
    assert world.balance(K.ESCROW, order) == yuan("2142")

    later = world.approved(10)
    (line,) = lines_of(bring(world, ("500.00", "无码"), serial="X"))
    match_line(
        line_id=line, purchase_id=later, amount=yuan("500"), actor=world.operator, now=world.now
    )
    cancel(world, later, 8)
    assert one(select(func.count(Refund.id))) == 2
    assert world.balance(K.ESCROW, world.order_key(later)) == yuan("476")
    assert world.balance(K.REFUND_IN_TRANSIT, world.order_key(later)) == yuan("24")
    assert still_open(world, later) == ZERO
    assert world.findings() == []


def test_the_last_unit_given_up_ends_an_accepted_order_and_an_untouched_purchase(world):
    lot, budget = world.tins(40), world.budget("10000")
    half = world.approved(6, terms=PaymentTerms.AFTER, budget_id=budget)
    signed = world.signed_once(world.shipped(half, 4))
    sign_second(acceptance_id=signed, actor=world.approver, now=world.now)
    whole = world.approved(5, budget_id=budget)

    cancel(world, half, 2)
    cancel(world, whole, 5, actor=world.manager)

    assert (state(half), state(whole)) == (PurchaseState.APPROVED, PurchaseState.CANCELLED)
    with db.database().reading() as tx:
        states = dict(tx.execute(select(Order.purchase_id, Order.state)).all())
        sides = list(tx.execute(select(Cancellation.side).order_by(Cancellation.id)).scalars())
        seen = track(tx, half, world.clerk)
    assert sorted(states.values(), key=str) == [OrderState.ACCEPTED, OrderState.CANCELLED]
    assert sides == [Side.BUYER, Side.COOPERATIVE]
    assert seen.progress.to_pay == yuan("952")
    assert budget_of(budget) == ("0.00", "0.00", "952.00")
    assert reserved(lot) == 0
    with pytest.raises(WrongState):
        cancel(world, whole, 1)
    assert world.findings() == []


def test_a_purchase_cut_before_is_cancelled_or_lapses_by_what_is_left_of_it(world):
    lot, budget = world.tins(40), world.budget("10000")
    one_, other = (world.approved(5, budget_id=budget) for _ in range(2))
    cancel(world, one_, 2)
    cancel(world, other, 3)

    cancel_purchase(purchase_id=one_, reason="不办了", actor=world.clerk, now=world.now)
    assert lapse_due(actor=CLOCK, now=world.now + timedelta(days=11)) == 1

    assert (state(one_), state(other)) == (PurchaseState.CANCELLED, PurchaseState.LAPSED)
    assert (reserved(lot), budget_of(budget)) == (0, ("0.00", "0.00", "0.00"))
    assert world.findings() == []


def test_of_one_line_over_two_lots_the_one_that_expires_later_is_freed(world):
    first, second = world.tins(4), world.tins(4)
    purchase = world.approved(6)

    cancel(world, purchase, 3)

    assert sorted((reserved(first), reserved(second))) == [0, 3]
    with db.database().reading() as tx:
        rows = tx.execute(
            select(Allocation.units, Allocation.cancelled_units).order_by(Allocation.id)
        ).all()
        assert [tuple(row) for row in rows] == [(4, 1), (2, 2)]
        parts = list(tx.execute(select(CancellationLine.units)).scalars())
    assert sorted(parts) == [1, 2]
    assert world.findings() == []


def test_each_refusal_changes_nothing(world):
    lot, budget = world.tins(40), world.budget("10000")
    purchase = world.approved(5, budget_id=budget)
    waiting = world.submitted(2)
    world.paid(purchase)
    world.shipped(purchase, 2)
    with db.database().reading() as tx:
        journals = tx.execute(select(func.count(Journal.id))).scalar_one()

    for wrong, changes in (
        (ReasonMissing, {"reason": "  "}),
        (NothingToCancel, {"lines": ()}),
        (NothingToCancel, {"lines": ((world.tin, 0),)}),
        (MoreThanUnshipped, {"lines": ((world.tin, 4),)}),
        (NotFound, {"lines": (("spec_none", 1),)}),
        (NotFound, {"order_id": "order_none"}),
        (RefundDiffers, {"seen_refund": yuan("1")}),
        (WrongState, {"order_id": world.orders(waiting)[0]}),
        (NotAllowed, {"actor": world.approver}),
        (NotAllowed, {"actor": world.weigher}),
        (NotAllowed, {"actor": world.treasurer}),
        (NotAllowed, {"actor": world.member}),
        (NotFound, {"actor": world.stranger}),
        (NotFound, {"actor": world.other_manager}),
    ):
        with pytest.raises(wrong):
            cancel(world, purchase, 1, **changes)

    with db.database().reading() as tx:
        assert tx.execute(select(func.count(Journal.id))).scalar_one() == journals
        assert tx.execute(select(func.count(Cancellation.id))).scalar_one() == 0
    assert (reserved(lot), budget_of(budget)) == (5, ("0.00", "1190.00", "0.00"))
    with pytest.raises(IntegrityError, match="adds_up"), db.database().writing() as tx:
        tx.execute(update(Allocation).values(cancelled_units=5))
    assert world.findings() == []


def test_asking_twice_with_one_key_gives_up_once_and_a_retail_buyer_only_their_own(world):
    world.tins(40)
    mine = world.retail(3)
    order = world.orders(mine)[0]
    asked = {
        "order_id": order,
        "lines": ((world.tin, 1),),
        "reason": "多了",
        "seen_refund": None,
        "now": world.now,
    }

    first = cancel_units.once("k")(**asked, actor=world.member)
    assert cancel_units.once("k")(**asked, actor=world.member) == first

    assert one(select(func.sum(Allocation.cancelled_units))) == 1
    cancel_units(**asked, actor=world.operator)
    assert one(select(Cancellation.side).order_by(Cancellation.id.desc()).limit(1)) is Side.PLATFORM
    with pytest.raises(NotPaid):
        world.shipped(mine)
    assert world.findings() == []


def test_buyer_cooperative_and_platform_see_what_it_does_before_they_do_it(world, client):
    world.tins(40)
    purchase = world.approved(10)
    world.paid(purchase)
    order = world.orders(purchase)[0]
    with client.application.test_request_context():
        address = url_for("cancellations.cancel", order_id=order)

    for actor, status in (
        (world.clerk, 200),
        (world.manager, 200),
        (world.operator, 200),
        (world.approver, 403),
        (world.weigher, 403),
        (world.auditor, 403),
        (world.stranger, 404),
        (world.other_manager, 404),
    ):
        assert client.as_(actor).get(address).status_code == status
    buyer = client.as_(world.clerk)
    asked = {"lines-0-specification_id": world.tin, "lines-0-units": "4", "reason": "人数少了"}
    seen = buyer.post(address, data={**asked, "step": "look"})
    text = seen.get_data(as_text=True)
    assert (seen.status_code, one(select(func.count(Cancellation.id)))) == (200, 0)
    assert "952.00" in text
    assert "1,428.00" in text
    wrong = buyer.post(address, data={**asked, "step": "cancel", "seen": "1", "once": "a"})
    assert (wrong.status_code, one(select(func.count(Cancellation.id)))) == (409, 0)
    more = buyer.post(address, data={**asked, "lines-0-units": "11", "step": "look"})
    assert "最多取消这么多" in more.get_data(as_text=True)
    done = buyer.post(address, data={**asked, "step": "cancel", "seen": "95200", "once": "b"})
    assert (done.status_code, one(select(func.count(Cancellation.id)))) == (303, 1)
    for actor, place in ((world.clerk, done.location), (world.manager, None)):
        page = client.as_(actor).get(place or f"/cooperative/orders/{order}")
        said = page.get_data(as_text=True)
        assert page.status_code == 200
        assert "人数少了" in said
        assert "952.00" in said
