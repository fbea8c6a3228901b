"""Two hundred partial returns of one paid acceptance at once: no fen more goes back (R8).

The control refunds as shops that over-refund do: it reads what was refunded in one transaction
and writes in another. It must refund too much, or this test proves nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from orders.ledger.states import AccountKind as K
from orders.payments.models import Payment
from orders.refunds.models import Refund
from orders.shipments.models import AcceptanceLine, Return
from orders.shipments.returning import MoreThanAccepted, return_goods
from shop.core import db
from shop.core.errors import KeyReused
from shop.core.money import Money, yuan

TRIES, TINS, AT_ONCE = 200, 60, 16

pytestmark = pytest.mark.race


def rush(tries: int, work: Callable[[int], bool]) -> int:
    """Let everybody try as nearly at once as threads allow; how many succeeded."""
    start = threading.Barrier(AT_ONCE)
    waited = threading.local()

    def one(number: int) -> bool:
        if not hasattr(waited, "done"):
            waited.done = True
            start.wait(timeout=30)
        return work(number)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(one, range(tries)))


@pytest.fixture
def acceptance(world):
    """Sixty tins paid and accepted."""
    world.tins(TINS)
    purchase = world.approved(TINS)
    world.paid(purchase, "14280.00")
    return world.accepted(purchase)


def refunded():
    with db.database().reading() as tx:
        fen = tx.execute(select(db.total(Refund.__table__.c.amount_fen))).scalar_one()
        brought = tx.execute(select(db.total(Payment.__table__.c.amount_fen))).scalar_one()
        return Money(int(fen)), Money(int(brought))


def test_two_hundred_returns_at_once_refund_what_was_paid_and_no_more(world, acceptance):
    (line,) = world.accepted_lines(acceptance)
    clerk, now = world.clerk, world.now

    def work(number: int) -> bool:
        # One to three tins each: the last ones do not fit any more, or only in part.
        try:
            return_goods(
                acceptance_id=acceptance,
                lines=((line, 1 + number % 3),),
                reason="包装破损",
                actor=clerk,
                now=now,
            )
        except MoreThanAccepted:
            return False
        return True

    done = rush(TRIES, work)

    with db.database().reading() as tx:
        returns = tx.execute(select(func.count(Return.id))).scalar_one()
        units = tx.execute(select(AcceptanceLine.returned_units)).scalar_one()
        given = tx.execute(select(Payment.refunded)).scalar_one()
    sent, brought = refunded()
    assert (returns, units) == (done, TINS)
    assert sent == given == brought == yuan("14280.00")
    assert world.balance(K.REFUND_IN_TRANSIT, world._one(select(Payment.order_id))) == brought
    assert world.findings() == []


def test_the_control_without_lock_and_guard_refunds_too_much(world, acceptance):
    del acceptance
    price = yuan("238.00")
    key, order = world._one(select(Payment.id)), world._one(select(Payment.order_id))

    def work(number: int) -> bool:
        with db.database().reading() as tx:
            brought, given = tx.execute(select(Payment.amount, Payment.refunded)).one()
        if given + price > brought:
            return False
        with db.database().writing() as tx:
            tx.execute(update(Payment).values(refunded=given + price))
            tx.add(
                Refund(
                    number=f"TK-{number}",
                    order_id=order,
                    payment_id=key,
                    amount=price,
                    reason="",
                    about="",
                    at=world.now,
                )
            )
        return True

    rush(TRIES, work)

    sent, brought = refunded()
    assert sent > brought
    assert "payments give back what their refunds say" in {one.check for one in world.findings()}


def test_one_key_from_sixteen_at_once_returns_once(world, acceptance):
    (line,) = world.accepted_lines(acceptance)
    clerk, now = world.clerk, world.now
    answers = []

    def work(number: int) -> bool:
        asked = {"acceptance_id": acceptance, "lines": ((line, 2),), "reason": "错发"}
        if number % 4 == 3:
            asked["lines"] = ((line, 3),)
        try:
            answers.append(return_goods.once("k")(**asked, actor=clerk, now=now))
        except KeyReused:
            return False
        return True

    done = rush(AT_ONCE, work)

    assert done in (4, 12)
    assert len(set(answers)) == 1
    with db.database().reading() as tx:
        assert tx.execute(select(func.count(Return.id))).scalar_one() == 1
    assert world.findings() == []
