"""How fast a year of sales is settled, on both databases.

    python bench/bench_settlement.py [order lines] [sqlite|postgres …]

Builds accepted and paid order lines through every constraint, then drafts, approves and posts one
run over all of them with the shop's own commands, checks the books as `flask check-books` does
(as many checks at a time as there are processors), and asks who got the money of
orders drawn at random, one line of each. Each figure is printed with its goal; the goals hold at a
million lines, twenty thousand lots and a hundred thousand households. Without arguments a small
size is built.
"""

from __future__ import annotations

import itertools
import os
import platform
import random
import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bench import databases, moneydata
from bench.bench_trace import figure, times
from orders.books.checks import check_side_by_side
from orders.documents.attribution import who_got
from orders.settlements import commands
from orders.settlements.models import SettlementRun
from orders.settlements.states import RunState
from shop.core import clock, db
from shop.core.actors import CLOCK
from shop.factory import create_app  # noqa: F401 (every table is known once it is imported)
from shop.jobs import queue

SMALL, WHOLE = 5_000, 1_000_000
GOAL = {"sqlite": 4, "postgres": 8}
MEMORY_MB = 500
#: Orders asked about, and how long one answer may take, sharing included.
ASKED, ANSWER_MS = 200, 5


def main(arguments: Sequence[str]) -> None:
    lines = next((int(word) for word in arguments if word.isdigit()), SMALL)
    kinds = [word for word in arguments if not word.isdigit()] or ["sqlite", "postgres"]
    print(f"{platform.platform()}, {os.cpu_count()} cores, {lines:,} order lines")
    for kind in kinds:
        with databases.opened(kind) as database:
            print(f"== {kind}")
            measure(database, kind, lines)


def measure(database: db.Database, kind: str, lines: int) -> None:
    """Build, settle, check, ask."""
    sizes = moneydata.build(database, lines)
    goal = GOAL[kind]
    settled = settle(database)
    began = time.perf_counter()
    assert not any(checked.findings for checked in check_side_by_side(database))
    checked = time.perf_counter() - began
    for name, seconds in (
        ("settled and posted", settled),
        ("and every invariant checked", checked),
    ):
        figure(name, f"{seconds:.2f} s", seconds / goal / (lines / WHOLE), f"{goal} s for both")
    both = settled + checked
    figure("in all", f"{both:.2f} s", both / goal / (lines / WHOLE), f"{goal} s for 1,000,000")
    ask(database, sizes)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figure("peak memory of the process", f"{memory:.0f} MB", memory / MEMORY_MB, f"{MEMORY_MB} MB")


def settle(database: db.Database) -> float:
    """One run over everything, from its draft to its last posting; the seconds it took."""
    drafter, approver = replace(CLOCK, user_id=1), replace(CLOCK, user_id=None)
    now, marks = clock.now(), [time.perf_counter()]
    run_id = commands.draft_run(cooperative_id=None, actor=drafter, now=now)
    marks.append(time.perf_counter())
    with database.reading() as tx:
        seen = tx.execute(select(SettlementRun.seen_hash)).scalar_one()
    commands.approve_run(run_id=run_id, seen_hash=seen, actor=approver, now=now)
    marks.append(time.perf_counter())
    queue.run_waiting(clock.now)
    marks.append(time.perf_counter())
    with database.reading() as tx:
        assert tx.execute(select(SettlementRun.state)).scalar_one() is RunState.POSTED
        items = tx.execute(text("SELECT count(*) FROM settlement_item")).scalar_one()
    parts = [after - before for before, after in itertools.pairwise(marks)]
    print(
        f"   {items:,} shares: drafted {parts[0]:.2f} s, approved {parts[1]:.2f} s,"
        f" posted {parts[2]:.2f} s"
    )
    return marks[-1] - marks[0]


def ask(database: db.Database, sizes: moneydata.Sizes) -> None:
    """Whose the money of one line is, of so many orders in turn."""
    rng, each = random.Random(168), moneydata.LINES_EACH
    orders = rng.sample(range(sizes.orders), min(ASKED, sizes.orders))
    lines = [order * each + 1 + rng.randrange(each) for order in orders]
    with database.reading() as tx:
        times(
            "who got the money of one order, p95", lambda line: getters(tx, line), lines, ANSWER_MS
        )


def getters(tx: Session, line: int) -> int:
    """How many households something of a line went to."""
    return sum(bool(one.share) for lot in who_got(tx, line) for one in lot.households)


if __name__ == "__main__":
    main(sys.argv[1:])
