"""Undoing an import whose money has gone back to the buyer already."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from orders.ledger import many
from orders.ledger.models import Journal
from orders.ledger.posting import AlreadyPosted
from orders.ledger.states import AccountKind as K
from orders.payments.commands import MoneyMovedOn, undo_import
from orders.purchasing.commands import cancel_purchase
from orders.purchasing.states import PaymentTerms
from orders.shipments.returning import return_goods
from shop.core import db
from shop.core.money import ZERO, yuan
from tests.orders.payments.test_importing import bring, suspense


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


def test_journals_are_reversed_together_once(world):
    bring(world, ("5.00", "某人"), ("7.00", "某人"))
    with db.database().reading() as tx:
        keys = list(tx.execute(select(Journal.id).order_by(Journal.id)).scalars())

    with db.database().writing() as tx:
        many.reverse_many(tx, keys, actor=world.operator, now=world.now)
    with pytest.raises(AlreadyPosted), db.database().writing() as tx:
        many.reverse_many(tx, keys[:1], actor=world.operator, now=world.now)

    with db.database().reading() as tx:
        back = tx.execute(
            select(Journal.reverses_id).where(Journal.reverses_id.is_not(None))
        ).scalars()
        assert sorted(key for key in back if key) == keys
    assert world.balance(K.CUSTODY) == suspense() == ZERO
