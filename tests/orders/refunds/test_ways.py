"""Money goes back the way it came: the newest payment first, none more than it brought."""

from __future__ import annotations

import pytest
from flask import url_for
from sqlalchemy import select

from orders.ledger.states import AccountKind as K
from orders.payments.commands import MoneyMovedOn, undo_import
from orders.payments.matching import (
    MoreThanTheLine,
    NothingToMatch,
    match_line,
    send_back,
)
from orders.payments.models import BankLine, Payment
from orders.payouts.models import PayoutItem
from orders.payouts.states import PayoutKind
from orders.purchasing.states import PaymentTerms
from orders.refunds.models import Refund
from orders.shipments.returning import return_goods
from shop.core import db
from shop.core.errors import NotAllowed, ReasonMissing, WrongState
from shop.core.money import ZERO, yuan
from tests.orders.payments.test_importing import bring
from tests.orders.payments.test_matching import lines_of


def refunds(column=Refund.amount):
    with db.database().reading() as tx:
        return list(tx.execute(select(column).order_by(Refund.id)).scalars())


def test_a_return_gives_back_the_newest_payment_first_and_each_to_its_own_account(world):
    world.tins(10)
    purchase = world.approved(10, terms=PaymentTerms.AFTER)
    acceptance = world.accepted(purchase)
    held = [
        lines_of(bring(world, (amount, "无码"), serial=amount)) for amount in ("380.00", "2000.00")
    ]
    for (line,), amount in zip(held, ("380.00", "2000.00"), strict=True):
        match_line(
            line_id=line,
            purchase_id=purchase,
            amount=yuan(amount),
            actor=world.operator,
            now=world.now,
        )
    (line,) = world.accepted_lines(acceptance)
    for units in (8, 2):
        return_goods(
            acceptance_id=acceptance,
            lines=((line, units),),
            reason="受潮",
            actor=world.clerk,
            now=world.now,
        )

    with db.database().reading() as tx:
        payments = list(tx.execute(select(Payment.id).order_by(Payment.id)).scalars())
        given = list(tx.execute(select(Payment.refunded).order_by(Payment.id)).scalars())
    assert refunds() == [yuan("1904.00"), yuan("96.00"), yuan("380.00")]
    assert refunds(Refund.payment_id) == [payments[1], payments[1], payments[0]]
    assert given == [yuan("380.00"), yuan("2000.00")]
    assert world.findings() == []
    world.bank_answers(world.pay_out(PayoutKind.REFUND))
    with db.database().reading() as tx:
        lines = set(tx.execute(select(PayoutItem.paid_from_id)).scalars())
        assert lines == set(tx.execute(select(BankLine.id)).scalars())
    assert world.balance(K.CUSTODY) == ZERO
    assert world.findings() == []


def test_unclaimed_money_goes_back_to_its_account_without_an_order(world):
    statement = bring(world, ("500.00", "多付"))
    (line,) = lines_of(statement)

    def back(amount, reason="多付了", actor=world.operator):
        return send_back(
            line_id=line, amount=yuan(amount), reason=reason, actor=actor, now=world.now
        )

    for refusal, call in (
        (NotAllowed, lambda: back("1.00", actor=world.treasurer)),
        (NotAllowed, lambda: back("1.00", actor=world.clerk)),
        (ReasonMissing, lambda: back("1.00", reason=" ")),
        (NothingToMatch, lambda: back("0.00")),
        (MoreThanTheLine, lambda: back("500.01")),
    ):
        with pytest.raises(refusal):
            call()
    assert refunds() == []
    back("100.00")
    back("400.00")
    with pytest.raises(WrongState):
        back("1.00")
    assert world.balance(K.SUSPENSE, world._one(select(BankLine.id))) == ZERO
    assert world.balance(K.REFUND_IN_TRANSIT, 0) == yuan("500.00")
    assert world.findings() == []
    with pytest.raises(MoneyMovedOn):
        undo_import(statement_id=statement, reason="错", actor=world.operator, now=world.now)

    world.bank_answers(world.pay_out(PayoutKind.REFUND))

    with db.database().reading() as tx:
        items = tx.execute(select(PayoutItem.holder, PayoutItem.payee_id)).all()
    assert items == [("县直机关工会", 0)] * 2
    assert world.balance(K.REFUND_IN_TRANSIT, 0) == world.balance(K.CUSTODY) == ZERO
    assert world.findings() == []


def test_the_page_gives_unclaimed_money_back(world, client):
    (line,) = lines_of(bring(world, ("500.00", "多付")))
    address = _address(client, line)

    assert client.as_(world.clerk).post(address).status_code == 403
    page = client.as_(world.operator).get(f"/platform/bank/lines/{line}").get_data(as_text=True)
    assert "退回付款账户" in page
    assert 'value="500.00"' in page
    bad = client.post(address, data={"once": "a", "amount": "501", "reason": "多付"})
    assert bad.status_code == 422
    good = client.post(address, data={"once": "b", "amount": "500", "reason": "多付"})
    assert good.status_code == 303
    assert client.get(good.location).status_code == 200
    assert refunds() == [yuan("500.00")]


def _address(client, line):
    with client.application.test_request_context():
        return url_for("bank_lines.send_back", line_id=line)
