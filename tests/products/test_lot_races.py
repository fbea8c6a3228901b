"""Eight people at the same leaf: never more is taken than there is."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select, update

from products.lots import commands as lots
from products.lots.models import Lot, LotInput
from products.lots.states import LotState
from products.lots.taking import OverConsumed
from shop.core import db
from tests.products.gate import NOON, Gate, at_the_gate
from tests.world import World


@pytest.fixture
def gate(world: World) -> Gate:
    return at_the_gate(world)


THREADS = 8
GRAMS_EACH = 1_000
GRAMS_THERE = 5_000


def at_once(act) -> list[BaseException | None]:
    """Let eight threads act together; what each ended with."""
    ends: list[BaseException | None] = [None] * THREADS
    barrier = threading.Barrier(THREADS)

    def run(place: int) -> None:
        barrier.wait()
        try:
            act()
        except BaseException as error:
            ends[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.mark.race
def test_eight_at_once_never_take_more_than_there_is(gate):
    leaf = gate.leaf(gate.zhang, "5")

    ends = at_once(lambda: gate.rough([(leaf, GRAMS_EACH)], 200))

    assert [type(end) for end in ends if end] == [OverConsumed] * 3
    assert gate.lot(leaf).used_grams == GRAMS_THERE
    with db.database().reading() as tx:
        taken = tx.execute(
            select(LotInput.before_grams)
            .join(Lot, Lot.id == LotInput.parent_id)
            .where(Lot.public_id == leaf)
        ).scalars()
        assert sorted(taken) == [0, 1_000, 2_000, 3_000, 4_000]


@pytest.mark.race
def test_the_control_that_reads_and_writes_apart_takes_too_much(gate):
    """Shows that the race above can be lost: reading in one transaction, writing in the next."""
    leaf = gate.leaf(gate.zhang, "5")
    have_read = threading.Barrier(THREADS)

    def careless() -> None:
        with db.database().reading() as tx:
            used = tx.execute(select(Lot.used_grams).where(Lot.public_id == leaf)).scalar_one()
        have_read.wait()
        assert used + GRAMS_EACH <= GRAMS_THERE
        with db.database().writing() as tx:
            tx.execute(
                update(Lot).where(Lot.public_id == leaf).values(used_grams=used + GRAMS_EACH)
            )

    ends = at_once(careless)

    believed = sum(GRAMS_EACH for end in ends if end is None)
    assert believed > GRAMS_THERE
    assert gate.lot(leaf).used_grams < believed


@pytest.mark.race
def test_correcting_and_using_at_once_ends_with_one_of_the_two(gate):
    leaf = gate.leaf(gate.zhang, "8")
    turn = iter(range(THREADS))

    def act() -> None:
        if next(turn) % 2:
            gate.rough([(leaf, 8_000)], 2_000)
        else:
            lots.void_delivery(lot_id=leaf, reason="称错", actor=gate.weigher, now=NOON)

    ends = at_once(act)

    lot = gate.lot(leaf)
    assert sum(end is None for end in ends) == 1
    assert (lot.state is LotState.VOIDED) == (lot.used_grams == 0)
