"""Buyers after the same tins while they are recalled: once frozen, none is sold any more (R1).

The control looks whether the lot is frozen in one transaction and sells in the next, as shops
that sell recalled goods do. It must sell after the freeze, or this test proves nothing.
"""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, update

from orders.purchasing.commands import place_retail
from orders.recalls.models import RecallLot
from products.lots.models import Lot
from products.lots.stock import SoldOut
from shop.core import db
from shop.core.actors import Actor
from shop.identity.commands import add_user
from tests.orders.recalls.stories import recalled

BUYERS, EACH, TINS = 6, 12, 200

pytestmark = pytest.mark.race


@pytest.fixture
def buyers(world):
    del world
    with db.database().writing() as tx:
        people = [
            add_user(tx, name=f"买家{n}", email=f"buyer{n}@test.example", password=None)
            for n in range(BUYERS)
        ]
        return [Actor(key=p.public_id, name=p.name, user_id=p.id) for p in people]


def rush(buyers, buy, freeze) -> None:
    """Everybody buys one after the other while somebody freezes in the middle of it."""
    start = threading.Barrier(len(buyers) + 1)
    ends: list[BaseException] = []

    def run(act) -> None:
        start.wait(timeout=30)
        try:
            act()
        except BaseException as error:
            ends.append(error)

    acts = [lambda buyer=buyer: [buy(buyer) for _ in range(EACH)] for buyer in buyers]
    threads = [threading.Thread(target=run, args=(act,)) for act in [*acts, freeze]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ends == []


def reserved(lot: str) -> int:
    with db.database().reading() as tx:
        return tx.execute(select(Lot.reserved_units).where(Lot.public_id == lot)).scalar_one()


def test_once_a_lot_is_frozen_not_one_tin_of_it_is_sold(world, buyers):
    tins = world.tins(TINS)
    sold_some = threading.Event()

    def buy(buyer: Actor) -> None:
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
            return
        sold_some.set()

    def freeze() -> None:
        assert sold_some.wait(timeout=30)
        recalled(world, tins)

    rush(buyers, buy, freeze)

    with db.database().reading() as tx:
        frozen_at = tx.execute(select(RecallLot.reserved_units)).scalar_one()
    assert 0 < frozen_at == reserved(tins)
    assert world.findings() == []


def test_the_control_that_looks_first_and_sells_later_sells_what_is_frozen(world, buyers):
    tins = world.tins(TINS)
    have_looked = threading.Barrier(len(buyers) + 1)
    is_frozen = threading.Event()

    def careless(_buyer: Actor) -> None:
        with db.database().reading() as tx:
            frozen = tx.execute(select(Lot.freezes).where(Lot.public_id == tins)).scalar_one()
        if not is_frozen.is_set():
            have_looked.wait(timeout=30)
            is_frozen.wait(timeout=30)
        if not frozen:
            with db.database().writing() as tx:
                tx.execute(
                    update(Lot)
                    .where(Lot.public_id == tins)
                    .values(reserved_units=Lot.reserved_units + 1)
                )

    def freeze() -> None:
        have_looked.wait(timeout=30)
        recalled(world, tins)
        is_frozen.set()

    rush(buyers, careless, freeze)

    with db.database().reading() as tx:
        frozen_at = tx.execute(select(RecallLot.reserved_units)).scalar_one()
    assert reserved(tins) > frozen_at
