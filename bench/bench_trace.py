"""How fast lots, shares, codes and the log are, at up to a million lots, on both databases.

    python bench/bench_trace.py [lots] [sqlite|postgres …]

Builds the data through every constraint, then asks the shop's own queries. Each figure is printed
with its goal and with how often the goal fits into it; a goal holds at a million lots, twenty
million shares, ten million codes and a million events. Without arguments a small size is built,
which shows that everything still runs and finds what it should.
"""

from __future__ import annotations

import os
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bench import databases, tracedata
from orders.purchasing.models import Allocation, OrderLine
from orders.recalls.reach import orders_of
from products.households.models import Household
from products.lots import lineage
from products.lots.models import Lot
from products.proofs.commands import seal_due
from products.traceability.queries import standings_of
from shop.core import clock, db
from shop.core.actors import CLOCK

SMALL, ASKED = 2_000, 1_000


def main(arguments: Sequence[str]) -> None:
    lots = next((int(word) for word in arguments if word.isdigit()), SMALL)
    kinds = [word for word in arguments if not word.isdigit()] or ["sqlite", "postgres"]
    print(f"{platform.platform()}, {os.cpu_count()} cores, {lots:,} lots")
    for kind in kinds:
        with databases.opened(kind) as database:
            print(f"== {kind}")
            measure(database, lots)


def measure(database: db.Database, lots: int) -> None:
    """Build and ask; prints one line for each figure."""
    built = tracedata.build(database, lots)
    for name, seconds in built.seconds.items():
        print(f"   built {name}: {seconds:.1f} s")
    shares = built.shares / built.seconds["shares"]
    figure("building shares", f"{shares:,.0f} rows/s", 300_000 / shares, "300,000 rows/s")
    ask(database, built)
    seal(database, lots)


def ask(database: db.Database, built: tracedata.Built) -> None:
    """The questions of trace and recall, each of many things in turn."""
    rng = random.Random(7)
    first, packed = built.first_packed, built.sizes.packed
    boxes = [rng.randrange(first, first + packed) for _ in range(ASKED)]
    leaf = [rng.randrange(1, built.sizes.deliveries + 1) for _ in range(ASKED // 10)]
    with database.reading() as tx:
        times("a box to its households, p95", lambda lot: households(tx, lot), boxes, 5)
        times("a packed lot to its orders, p95", lambda lot: recalled(tx, lot), boxes, 100)
        times("a delivery to all its orders, p95", lambda lot: recalled(tx, lot), leaf, 100)
        began = time.perf_counter()
        lots, orders, units = village(tx, built)
        seconds = time.perf_counter() - began
        figure(
            f"a village of {built.village} households to {lots:,} lots, {orders:,} orders,"
            f" {units:,} units",
            f"{seconds:.2f} s",
            seconds / 3,
            "3 s for 500 households",
        )


def households(tx: Session, lot: int) -> int:
    """Who stands behind a packed lot, as the page behind a code reads it."""
    standings, _milligrams = standings_of(tx, lot, tracedata.START.date())
    return len(standings)


def recalled(tx: Session, lot: int) -> int:
    """Every order that took units of a lot or of anything made of it, with recipients."""
    lots = lineage.keys(tx, lineage.onward(select(Lot.id.label("lot_id")).where(Lot.id == lot)))
    return len(orders_of(tx, lots, CLOCK))


def village(tx: Session, built: tracedata.Built) -> tuple[int, int, int]:
    """Packed lots, orders and units with goods of all households of a village."""
    mine = list(tx.execute(select(Household.id).where(Household.village_id == 1)).scalars())
    built.village = len(mine)
    made = lineage.of_households(mine)
    found = tx.execute(
        select(
            func.count(Allocation.lot_id.distinct()),
            func.count(OrderLine.order_id.distinct()),
            func.sum(Allocation.units),
        )
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(Allocation.lot_id.in_(select(made.c.lot_id)))
    ).one()
    return int(found[0]), int(found[1]), int(found[2] or 0)


def times(
    name: str,
    ask_one: Callable[[int], int],
    things: Sequence[int],
    goal_ms: float,
) -> None:
    """Ask about each thing once; every answer has to hold something."""
    found = 0

    def asked(thing: int) -> None:
        nonlocal found
        found += ask_one(thing) > 0

    median, p95 = percentiles(asked, things)
    assert found > len(things) // 2, f"{name}: next to nothing was found"
    figure(name, f"{p95:.2f} ms (median {median:.2f})", p95 / goal_ms, f"{goal_ms:g} ms")


def seal(database: db.Database, events: int) -> None:
    """Write events, then order, chain and tile them."""
    tracedata.write_events(database, events)
    began = time.perf_counter()
    sealed = seal_due(actor=CLOCK, now=clock.now())
    seconds = time.perf_counter() - began
    assert sealed == events
    of_goal = seconds / events * 1_000_000 / 20
    figure(f"sealing {events:,} events", f"{seconds:.1f} s", of_goal, "20 s for 1,000,000")


def percentiles(ask: Callable[[Any], object], things: Sequence[Any]) -> tuple[float, float]:
    """Median and 95th percentile in milliseconds of asking about each thing once."""
    times = []
    for thing in things:
        began = time.perf_counter()
        ask(thing)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=20)[-1]


def figure(name: str, reached: str, share_of_goal: float, goal: str) -> None:
    """One line: what was reached, and what part of the goal it takes up (below 1 is good)."""
    print(f"{name}: {reached}; {share_of_goal:.2f} of the goal ({goal})")


if __name__ == "__main__":
    main(sys.argv[1:])
