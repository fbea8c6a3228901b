"""Many at the same codes and the same units: the guards, and races lost without them."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select, update

from products.lots.models import Lot
from products.traceability import code_commands
from products.traceability.code_commands import CodesTaken, MoreCodesThanUnits
from products.traceability.models import CodeAllocation, CodeBatch
from shop.core import db
from tests.products.coded import UNIT, make_codes, make_stock, rows, run_jobs
from tests.world import World

THREADS = 8


def at_once(*acts) -> list[BaseException | None]:
    """Let all act together; what each ended with."""
    ends: list[BaseException | None] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(place: int) -> None:
        barrier.wait()
        try:
            acts[place]()
        except BaseException as error:
            ends[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def given() -> list[tuple[int, int]]:
    """First and last serial of every range that was given to a lot."""
    with db.database().reading() as tx:
        found = tx.execute(select(CodeAllocation).order_by(CodeAllocation.first_serial))
        return [(one.first_serial, one.last_serial) for one in found.scalars()]


@pytest.mark.race
def test_of_eight_at_the_same_range_one_gets_it(world: World):
    lots = [world.tins(4) for _ in range(THREADS)]
    batch = make_stock(world, 6)

    def act(place: int):
        # Each range meets every other at serial 3; no two begin at the same one twice over.
        return lambda: code_commands.allocate(
            batch_id=batch,
            lot_id=lots[place],
            first_serial=1 + place % 3,
            count=4,
            actor=world.manager,
            now=world.now,
        )

    ends = at_once(*[act(place) for place in range(THREADS)])
    run_jobs(world)

    assert [type(end) for end in ends if end] == [CodesTaken] * (THREADS - 1)
    assert len(given()) == 1
    assert sum(row.allocation_id is not None for row in rows()) == 4


@pytest.mark.race
def test_the_control_that_looks_first_and_writes_later_gives_codes_twice(world: World):
    """Shows that the race above can be lost: looking in one transaction, writing in the next."""
    lots = [world.tins(4) for _ in range(3)]
    batch = make_stock(world, 6)
    have_looked = threading.Barrier(3)

    def careless(place: int):
        def act() -> None:
            first = 1 + place
            with db.database().reading() as tx:
                kept = tx.execute(
                    select(CodeBatch).where(CodeBatch.public_id == batch)
                ).scalar_one()
                code_commands.refuse_taken(tx, kept, first, 4)
            have_looked.wait()
            with db.database().writing() as tx:
                tx.add(
                    CodeAllocation(
                        batch_id=kept.id,
                        lot_id=world.lot_key(lots[place]),
                        first_serial=first,
                        count=4,
                        asked_at=world.now,
                    )
                )

        return act

    ends = at_once(*[careless(place) for place in range(3)])

    assert ends == [None, None, None]
    assert given() == [(1, 4), (2, 5), (3, 6)]


@pytest.mark.race
def test_eight_at_once_never_code_more_units_than_there_are(world: World):
    lot = world.tins(20)

    def act() -> None:
        code_commands.make_codes_for_lot(
            lot_id=lot, kind=UNIT, count=6, actor=world.manager, now=world.now
        )

    ends = at_once(*[act] * THREADS)

    assert [type(end) for end in ends if end] == [MoreCodesThanUnits] * 5
    with db.database().reading() as tx:
        coded = tx.execute(select(Lot.coded_units).where(Lot.public_id == lot)).scalar_one()
        asked = tx.execute(select(func.sum(CodeAllocation.count))).scalar_one()
    assert coded == asked == 18


@pytest.mark.race
def test_the_control_that_reads_and_writes_apart_codes_too_many(world: World):
    lot = world.tins(20)
    have_read = threading.Barrier(THREADS)

    def careless() -> None:
        with db.database().reading() as tx:
            coded = tx.execute(select(Lot.coded_units).where(Lot.public_id == lot)).scalar_one()
        have_read.wait()
        assert coded + 6 <= 20
        with db.database().writing() as tx:
            tx.execute(update(Lot).where(Lot.public_id == lot).values(coded_units=coded + 6))

    ends = at_once(*[careless] * THREADS)

    assert 6 * sum(end is None for end in ends) > 20


@pytest.mark.race
def test_eight_people_who_confirm_at_once_are_eight(world: World):
    from products.traceability.commands import count_scan
    from products.traceability.models import CodeNotice
    from shop.core.actors import VISITOR

    (code,) = make_codes(world, world.tins(4), 1)

    def act() -> None:
        count_scan(code=code, actor=VISITOR, now=world.now)

    ends = at_once(*[act] * THREADS)

    assert ends == [None] * THREADS
    assert rows()[0].seen == THREADS
    with db.database().reading() as tx:
        kinds = tx.execute(select(CodeNotice.kind).order_by(CodeNotice.id)).scalars()
        assert [kind.value for kind in kinds] == ["first", "odd"]
