"""How long the slips of a village take, and the answer to “who got my ¥168”, on both databases.

    python bench/bench_slips.py [households] [sqlite|postgres …]

Builds a region through every constraint (`bench/tracedata.py`), puts so many households into one
village, accepts what was ordered, settles it, and lets the job read and set their slips as one
PDF: 1,000 slips in at most 20 s on two cores. Then the order lines of the region are asked, each in
its own reading, whose their money is: at most 5 ms in the database at a million lines. Without
arguments a small village shows that all still runs; a database made for this is thrown away.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import event, select, text, update

from bench import databases, tracedata
from orders.documents.attribution import who_got
from orders.ledger import posting
from orders.ledger.states import AccountKind, JournalKind
from orders.purchasing.models import OrderLine
from orders.statements import slip_commands, slip_queries
from products.households.models import Household, Village
from products.lots.models import Lot, StandingShare
from products.lots.states import LotKind
from shop import factory as _factory  # noqa: F401 (every table)
from shop.core import db
from shop.core.actors import CLOCK
from shop.core.money import Money
from shop.jobs import queue
from shop.organisations.models import Organisation

SMALL, GOAL_S, GOAL_MS, ASKED = 60, 20.0, 5.0, 300
NOW = tracedata.START + timedelta(days=90)


def main(arguments: Sequence[str]) -> None:
    households = next((int(word) for word in arguments if word.isdigit()), SMALL)
    kinds = [word for word in arguments if not word.isdigit()] or ["sqlite", "postgres"]
    print(f"{platform.platform()}, {os.cpu_count()} cores, {households:,} households")
    for kind in kinds:
        with databases.opened(kind) as database:
            print(f"== {kind}")
            measure(database, households)


def measure(database: db.Database, households: int) -> None:
    """Build, print and ask; one line for each figure."""
    built = tracedata.build(database, max(10 * households, 600))
    village, cooperative = _one_village(database, households)
    _accept_all(database)
    settled = _settle(database)
    began, busy = time.perf_counter(), time.process_time()
    print_id, _job = slip_commands.print_slips(
        cooperative_id=cooperative,
        village_id=village,
        period="all",
        door="https://shanhuo.example/my-statement/",
        actor=CLOCK,
        now=NOW,
    )
    queue.run_waiting(lambda: NOW)
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    with database.reading() as tx:
        pdf = slip_queries.slip_file(tx, print_id, CLOCK)
    print(
        f"{households:,} slips of {built.shares:,} shares, {settled:,} settled, as one PDF"
        f" ({len(pdf) / 1e6:.1f} MB): {seconds:.1f} s, {busy:.1f} s of CPU"
        f" (goal {GOAL_S:.0f} s for 1,000)"
    )
    _ask(database)


def _one_village(database: db.Database, households: int) -> tuple[str, str]:
    """The first households, moved into one village of one cooperative; its public ids."""
    with database.writing() as tx:
        village = tx.execute(select(Village).order_by(Village.id).limit(1)).scalar_one()
        cooperative = tx.execute(
            select(Organisation).order_by(Organisation.id).limit(1)
        ).scalar_one()
        inside = Household.id <= households
        tx.execute(
            update(Household)
            .where(~inside, Household.village_id == village.id)
            .values(village_id=village.id + 1)
        )
        tx.execute(
            update(Household)
            .where(inside)
            .values(village_id=village.id, cooperative_id=cooperative.id)
        )
        return village.public_id, cooperative.public_id


def _accept_all(database: db.Database) -> None:
    """Every order shipped and accepted whole, paid before."""
    stamp = tracedata.Writer(database).stamp(tracedata.START + timedelta(days=70))
    with database.writing() as tx:
        for statement in (
            """INSERT INTO shipment (id, public_id, number, order_id, carrier_id, waybill, parcels,
                 state, shipped_at)
               SELECT id, 'ship_' || id, 'S' || id, id, 1, '', 1, 'accepted', :at
               FROM purchase_order""",
            """INSERT INTO acceptance (id, public_id, number, shipment_id, order_id, state,
                 first_signed_at, signed_at, note, value_fen, receivable_fen)
               SELECT id, 'accept_' || id, 'A' || id, id, id, 'signed', :at, :at, '', total_fen, 0
               FROM purchase_order""",
            """INSERT INTO acceptance_line (id, public_id, acceptance_id, allocation_id,
                 lot_id, households_fen, accepted_units, short_units, damaged_units,
                 returned_units, asked_units, note)
               SELECT allocation.id, 'accline_' || allocation.id, order_line.order_id,
                 allocation.id, allocation.lot_id, order_line.households_fen, allocation.units,
                 0, 0, 0, 0, ''
               FROM allocation JOIN order_line ON order_line.id = allocation.line_id""",
        ):
            tx.execute(text(statement), {"at": stamp})
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _settle(database: db.Database) -> int:
    """A run with an item for each share of the packed lots, and a journal of what it owes."""
    stamp = tracedata.Writer(database).stamp(NOW - timedelta(days=5))
    with database.writing() as tx:
        tx.execute(
            text(
                """INSERT INTO settlement_run (id, public_id, number, state, seen_hash, drafted_at,
                     posted_at, lots, households, total_fen)
                   VALUES (1, 'settle_1', 'J1', 'posted', '', :at, :at, 0, 0, 0)"""
            ),
            {"at": stamp},
        )
        tx.execute(
            text(
                """INSERT INTO settlement_item (run_id, lot_id, household_id, share_version,
                     share_fen, change_fen, set_off_fen, second_payment_fen, recovered_fen,
                     covered_fen)
                   SELECT 1, lot_share.lot_id, household_id, 1, value_fen, value_fen, 0, value_fen,
                     0, 0
                   FROM lot_share JOIN lot ON lot.id = lot_share.lot_id
                   WHERE lot.kind = 'packed' AND value_fen > 0"""
            )
        )
        rows = tx.execute(
            select(StandingShare.household_id, StandingShare.value)
            .join(Lot, Lot.id == StandingShare.lot_id)
            .where(Lot.kind == LotKind.PACKED)
        ).all()
        owed: dict[int, int] = {}
        for household, value in rows:
            owed[household] = owed.get(household, 0) + value.fen
        with posting.journal(
            tx,
            JournalKind.SETTLEMENT,
            event_key="settlement:bench",
            about="settle_1",
            actor=CLOCK,
            now=NOW - timedelta(days=5),
        ) as journal:
            for household, fen in owed.items():
                journal.move(
                    (AccountKind.LOT_POOL, 1),
                    (AccountKind.HOUSEHOLD_PAYABLE, household),
                    Money(fen),
                )
    return len(rows)


def _ask(database: db.Database) -> None:
    with database.reading() as tx:
        keys = list(tx.execute(select(OrderLine.id)).scalars())
    asked = random.Random(168).sample(keys, min(ASKED, len(keys)))
    inside: list[float] = []
    with _timed(database, inside):
        in_database, in_all = [], []
        for key in asked:
            with database.reading() as tx:
                tx.connection()
                inside.clear()
                began = time.perf_counter()
                assert who_got(tx, key)
                in_all.append(1_000 * (time.perf_counter() - began))
                in_database.append(1_000 * sum(inside))
    for where, took in (("in the database", in_database), ("with sharing, in Python", in_all)):
        took.sort()
        print(
            f"who got the money of one of {len(keys):,} lines, {where}:"
            f" median {statistics.median(took):.2f} ms, p95 {took[len(took) * 95 // 100]:.2f} ms"
            f" (goal {GOAL_MS:.0f} ms in the database at 1,000,000)"
        )


@contextmanager
def _timed(database: db.Database, found: list[float]) -> Iterator[None]:
    """Note how long each statement took until its rows could be fetched."""
    began = [0.0]

    def before(*_all: object) -> None:
        began[0] = time.perf_counter()

    def after(*_all: object) -> None:
        found.append(time.perf_counter() - began[0])

    event.listen(database.engine, "before_cursor_execute", before)
    event.listen(database.engine, "after_cursor_execute", after)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", before)
        event.remove(database.engine, "after_cursor_execute", after)


if __name__ == "__main__":
    main(sys.argv[1:])
