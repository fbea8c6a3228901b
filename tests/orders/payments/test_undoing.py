"""Undoing an import whose money has gone back to the buyer already."""

from __future__ import annotations

import pytest

from orders.ledger.states import AccountKind as K
from orders.payments.commands import MoneyMovedOn, undo_import
from orders.purchasing.commands import cancel_purchase
from orders.purchasing.states import PaymentTerms
from orders.shipments.returning import return_goods
from shop.core.money import ZERO, yuan


def undo(world, statement):
    undo_import(statement_id=statement, reason="导错了", actor=world.operator, now=world.now)


def test_a_payment_refunded_after_a_return_cannot_be_undone(world):
    world.tins(40)
    purchase = world.approved(12, terms=PaymentTerms.AFTER)
    acceptance = world.accepted(purchase)
    statement = world.paid(purchase)
    return_goods(
        acceptance_id=acceptance,
        lines=((world.accepted_lines(acceptance)[0], 3),),
        reason="受潮",
        actor=world.clerk,
        now=world.now,
    )

    with pytest.raises(MoneyMovedOn):
        undo(world, statement)

    assert world.balance(K.REFUND_IN_TRANSIT, world.order_key(purchase)) == yuan("714.00")
    assert world.findings() == []


def test_a_payment_refunded_by_cancelling_cannot_be_undone(world):
    world.tins(40)
    purchase = world.approved(5)
    statement = world.paid(purchase)
    cancel_purchase(purchase_id=purchase, reason="取消", actor=world.clerk, now=world.now)

    with pytest.raises(MoneyMovedOn):
        undo(world, statement)
    assert world.findings() == []


def test_a_payment_nobody_used_yet_is_undone_to_the_fen(world):
    world.tins(40)
    purchase = world.approved(5)
    statement = world.paid(purchase)

    undo(world, statement)

    assert world.balance(K.CUSTODY) == ZERO
    assert world.balance(K.ESCROW, world.order_key(purchase)) == ZERO
    assert world.findings() == []
