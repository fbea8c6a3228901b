"""Buyer and cooperative give up the last tins while they ship: each tin does one of the two.

The control reads what is left in one transaction and writes in another, against a schema whose
CHECK is gone. It must give up tins that shipped, or this test proves nothing.
"""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event, func, select, text, update

from orders.ledger.states import AccountKind as K
from orders.purchasing.cancelling import MoreThanUnshipped, cancel_units
from orders.purchasing.models import Allocation, Cancellation, Order
from orders.purchasing.states import OrderState
from orders.shipments.commands import TooManyUnits, ship
from orders.shipments.models import Shipment
from shop.core import db
from shop.core.errors import WrongState
from shop.core.money import ZERO, Money
from tests.races.test_refunds import AT_ONCE, rush

TINS, TRIES = 20, 60

pytestmark = pytest.mark.race


@pytest.fixture
def order(world):
    """Twenty paid tins that wait in the store."""
    world.tins(TINS)
    purchase = world.approved(TINS)
    world.paid(purchase)
    return world.orders(purchase)[0]


def test_each_of_the_last_tins_is_given_up_or_shipped_and_its_money_goes_with_it(world, order):
    ((allocation, _left),) = world.allocations(order)
    carrier, tin, now = world.organisation("YD"), world.tin, world.now
    clerk, manager = world.clerk, world.manager

    def work(number: int) -> bool:
        try:
            if number % 3 == 0:
                ship(
                    order_id=order,
                    carrier_id=carrier,
                    waybill="",
                    parcels=1,
                    lines=((allocation, 1),),
                    actor=manager,
                    now=now,
                )
            else:
                cancel_units(
                    order_id=order,
                    lines=((tin, 1),),
                    reason="不要了",
                    seen_refund=None,
                    actor=clerk if number % 3 == 1 else manager,
                    now=now,
                )
        except (TooManyUnits, MoreThanUnshipped, WrongState):
            return False
        return True

    done = rush(TRIES, work)

    with db.database().reading() as tx:
        row = tx.execute(select(Allocation)).scalar_one()
        sent = tx.execute(select(func.count(Shipment.id))).scalar_one()
        given = tx.execute(select(func.count(Cancellation.id))).scalar_one()
        key, state = tx.execute(select(Order.id, Order.state)).one()
    assert (row.shipped_units, row.cancelled_units) == (sent, given)
    assert sent + given == done == TINS
    assert state is (OrderState.SHIPPED if sent else OrderState.CANCELLED)
    price = 23800
    assert world.balance(K.ESCROW, key) == Money(price * sent)
    assert world.balance(K.REFUND_IN_TRANSIT, key) == Money(price * given) > ZERO
    assert world.findings() == []


def test_the_control_without_lock_and_check_gives_up_what_was_shipped(world, order):
    del world, order
    _drop_the_check()
    looked = threading.Barrier(AT_ONCE)

    def work(number: int) -> bool:
        with db.database().reading() as tx:
            row = tx.execute(select(Allocation)).scalar_one()
            left = row.units - row.shipped_units - row.cancelled_units
        if number < AT_ONCE:
            looked.wait(timeout=30)
        if left < 1:
            return False
        step = "shipped_units" if number % 2 else "cancelled_units"
        with db.database().writing() as tx:
            tx.execute(update(Allocation).values({step: getattr(Allocation, step) + 1}))
        return True

    assert rush(TINS + AT_ONCE, work) > TINS


def _drop_the_check() -> None:
    database = db.connect(db.database().url)  # an engine of its own: this one is spoilt
    if database.is_sqlite:

        @event.listens_for(database.engine, "connect")
        def _unchecked(connection, _record):
            connection.execute("PRAGMA ignore_check_constraints=ON")

        return
    with database.writing() as tx:
        tx.execute(text("ALTER TABLE allocation DROP CONSTRAINT ck_allocation_adds_up"))
