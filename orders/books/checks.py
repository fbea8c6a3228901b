"""`check-books`: every invariant as one statement that returns what breaks it.

A clean set of books returns nothing from any of them. Each check names what it compares; a
finding names the thing and both figures. Run before and after every batch and, in tests, after
every story. Read-only.

Rule: docs/money.md, “What must always hold”.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from queue import SimpleQueue
from time import perf_counter

from sqlalchemy import text
from sqlalchemy.orm import Session

from orders.books import closing, statements
from shop.core import db

CHECKS: dict[str, str] = statements.CHECKS | closing.CHECKS

#: So many findings of one check are told; more would only fill memory and screens.
MOST = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up. `expected` and `found` are fen, grams or counts."""

    check: str
    thing: str
    expected: int
    found: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check found, and how long its statement took."""

    check: str
    findings: tuple[Finding, ...]
    milliseconds: int


def check_each(tx: Session, *, but: Collection[str] = ()) -> Iterator[Checked]:
    """Run the checks one by one; of each at most `MOST` findings are kept.

    Args:
        but: names of checks that are left out.
    """
    db.join_whole_tables(tx)
    for name in CHECKS:
        if name not in but:
            yield _check(tx, name)


def check_side_by_side(database: db.Database) -> Iterator[Checked]:
    """Run all checks, as many at a time as there are processors, on one state of the database."""
    with database.reading_alike(os.cpu_count() or 1) as readers:
        free: SimpleQueue[Session] = SimpleQueue()
        for reader in readers:
            db.join_whole_tables(reader)
            free.put(reader)

        def check(name: str) -> Checked:
            reader = free.get()
            try:
                return _check(reader, name)
            finally:
                free.put(reader)

        with ThreadPoolExecutor(len(readers)) as threads:
            yield from threads.map(check, CHECKS)


def check_books(tx: Session, *, but: Collection[str] = ()) -> list[Finding]:
    """Everything that does not add up, checks in their order, things in theirs; empty is good."""
    return [finding for checked in check_each(tx, but=but) for finding in checked.findings]


def _check(tx: Session, name: str) -> Checked:
    began = perf_counter()
    rows = tx.execute(text(CHECKS[name]).execution_options(yield_per=MOST))
    findings = tuple(
        Finding(name, str(thing), int(expected or 0), int(found or 0))
        for thing, expected, found in islice(rows, MOST)
    )
    rows.close()
    return Checked(name, findings, round((perf_counter() - began) * 1000))
