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
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import databases, tracedata
from products.proofs.commands import seal_due
from shop.core import clock, db
from shop.core.actors import CLOCK

SMALL = 2_000


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
    seal(database, lots)


def seal(database: db.Database, events: int) -> None:
    """Write events, then order, chain and tile them."""
    tracedata.write_events(database, events)
    began = time.perf_counter()
    sealed = seal_due(actor=CLOCK, now=clock.now())
    seconds = time.perf_counter() - began
    assert sealed == events
    figure(f"sealing {events:,} events", f"{seconds:.1f} s", seconds / 20, "20 s for 1,000,000")


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
