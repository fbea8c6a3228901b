"""Two hundred buyers for twenty tins: exactly twenty are sold (R1), on both databases.

The control buys as shops that oversell do: it reads the stock in one transaction and writes it in
another, against a schema whose CHECK is gone. It must oversell, or this test proves nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, func, select, text, update

from orders.purchasing.commands import place_retail
from orders.purchasing.models import Purchase
from products.lots.models import Lot
from products.lots.stock import SoldOut, units_left
from shop.core import db
from shop.core.actors import Actor
from shop.identity.commands import add_user

BUYERS, TINS, AT_ONCE = 200, 20, 16

pytestmark = pytest.mark.race


@pytest.fixture
def buyers(world):
    """Two hundred people without any role."""
    del world
    with db.database().writing() as tx:
        people = [
            add_user(tx, name=f"买家{n}", email=f"buyer{n}@test.example", password=None)
            for n in range(BUYERS)
        ]
        return [Actor(key=p.public_id, name=p.name, user_id=p.id) for p in people]


def rush(buyers: list[Actor], buy: Callable[[Actor], bool]) -> int:
    """Let everybody buy one tin as nearly at once as threads allow; how many got one."""
    start = threading.Barrier(AT_ONCE)
    waited = threading.local()

    def one(buyer: Actor) -> bool:
        if not hasattr(waited, "done"):
            waited.done = True
            start.wait(timeout=30)
        return buy(buyer)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return sum(pool.map(one, buyers))


def test_exactly_as_many_tins_are_sold_as_there_are(world, buyers):
    lot = world.tins(TINS)

    def buy(buyer: Actor) -> bool:
        try:
            place_retail(
                lines=((world.tin, 1),),
                recipient=buyer.name,
                phone="13800000000",
                address="遂川县",
                note="",
                actor=buyer,
                now=world.now,
            )
        except SoldOut:
            return False
        return True

    sold = rush(buyers, buy)

    with db.database().reading() as tx:
        reserved = tx.execute(select(Lot.reserved_units).where(Lot.public_id == lot)).scalar_one()
        purchases = tx.execute(select(func.count(Purchase.id))).scalar_one()
    assert (sold, reserved, purchases) == (TINS, TINS, TINS)
    assert world.findings() == []


def test_the_control_without_guard_and_check_oversells(world, buyers):
    lot = world.lot_key(world.tins(TINS))
    _drop_the_check()

    def buy(_buyer: Actor) -> bool:
        with db.database().reading() as tx:
            left = tx.execute(select(units_left()).where(Lot.id == lot)).scalar_one()
        if left < 1:
            return False
        with db.database().writing() as tx:
            tx.execute(update(Lot).where(Lot.id == lot).values(reserved_units=TINS - left + 1))
        return True

    assert rush(buyers, buy) > TINS


def _drop_the_check() -> None:
    database = db.connect(db.database().url)  # an engine of its own: this one is spoilt
    if database.is_sqlite:

        @event.listens_for(database.engine, "connect")
        def _unchecked(connection, _record):
            connection.execute("PRAGMA ignore_check_constraints=ON")

        return
    with database.writing() as tx:
        tx.execute(text("ALTER TABLE lot DROP CONSTRAINT ck_lot_not_over_sold"))
