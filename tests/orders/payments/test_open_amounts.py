"""What buyers still owe: one figure, the same from the tables and from the ledger."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from orders.ledger import posting
from orders.ledger.states import AccountKind as K
from orders.payments.open_amounts import OpenOrder, open_amount, spread
from orders.purchasing.commands import cancel_purchase
from orders.purchasing.models import Allocation, OrderLine
from orders.purchasing.states import PaymentTerms
from orders.shipments.models import Acceptance
from orders.shipments.returning import return_goods
from shop.core import db
from shop.core.money import ZERO, Money, total, yuan
from tests.orders.payments.test_importing import bring, reference, still_open
from tests.orders.payments.test_matching import lines_of, match


def by_the_ledger(world, purchase) -> Money:
    """Receivable on the acceptances + the price of units to come − what lies in escrow."""
    key = world.order_key(purchase)
    with db.database().reading() as tx:
        acceptances = tx.execute(select(Acceptance.id).where(Acceptance.order_id == key)).scalars()
        receivable = posting.balances(tx, K.BUYER_RECEIVABLE, list(acceptances))
        rows = tx.execute(
            select(Allocation, OrderLine.price)
            .join(OrderLine, OrderLine.id == Allocation.line_id)
            .where(OrderLine.order_id == key)
        )
        to_come = total(
            [
                price * (a.units - a.accepted_units - a.short_units - a.damaged_units)
                for a, price in rows
            ]
        )
        return total(list(receivable.values())) + to_come - posting.balance(tx, K.ESCROW, key)


def both(world, purchase) -> Money:
    figure = still_open(world, purchase)
    assert figure == by_the_ledger(world, purchase)
    return figure


def test_paid_before_then_accepted_with_two_short(world):
    world.tins(40)
    purchase = world.approved(10)
    assert both(world, purchase) == yuan("2380.00")

    world.paid(purchase)
    assert both(world, purchase) == ZERO
    world.accepted(purchase, short=1, damaged=1)

    assert both(world, purchase) == ZERO


def test_accepted_first_then_partly_returned_then_paid(world):
    world.tins(40)
    purchase = world.approved(10, terms=PaymentTerms.AFTER)
    acceptance = world.accepted(purchase, short=1)
    assert both(world, purchase) == yuan("2142.00")

    (line,) = world.accepted_lines(acceptance)
    return_goods(
        acceptance_id=acceptance,
        lines=((line, 3),),
        reason="受潮",
        actor=world.clerk,
        now=world.now,
    )
    assert both(world, purchase) == yuan("1428.00")
    (held,) = lines_of(bring(world, ("1000.00", "一")))
    match(world, held, purchase, "1000.00")
    assert both(world, purchase) == yuan("428.00")
    bring(world, ("428.00", reference(purchase)), serial="T")

    assert both(world, purchase) == ZERO


def test_partly_accepted_and_partly_paid(world):
    world.tins(40)
    purchase = world.approved(10, terms=PaymentTerms.AFTER)
    from orders.shipments.accepting import sign_second

    first = world.signed_once(world.shipped(purchase, 6), damaged=1)
    sign_second(acceptance_id=first, actor=world.receiver, now=world.now)
    (held,) = lines_of(bring(world, ("1500.00", "一")))

    match(world, held, purchase, "1500.00")

    assert both(world, purchase) == yuan("2142.00") - yuan("1500.00")
    world.accepted(purchase)
    assert both(world, purchase) == yuan("642.00")


def test_a_cancelled_order_owes_nothing(world):
    world.tins(40)
    purchase = world.approved(10)
    cancel_purchase(purchase_id=purchase, reason="不买了", actor=world.clerk, now=world.now)

    with db.database().reading() as tx:
        assert open_amount(tx, world.order_key(purchase)) == ZERO


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=24), st.data())
def test_a_payment_is_spread_exactly_and_gives_no_order_more_than_it_waits_for(opens, data):
    orders = [OpenOrder(n, f"order_{n:04d}", Money(fen)) for n, fen in enumerate(opens)]
    amount = data.draw(st.integers(0, sum(opens)))

    shares = spread(Money(amount), orders)

    assert sum(share.fen for _order, share in shares) == amount
    for order_id, share in shares:
        assert ZERO < share <= orders[order_id].open
