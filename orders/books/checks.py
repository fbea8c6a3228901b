"""`check-books`: every invariant as one statement that returns what breaks it.

A clean set of books returns nothing from any of them. Each check names what it compares; a
finding names the thing and both figures. Run before and after every batch and, in tests, after
every story. Read-only.

Rule: docs/money.md, “What must always hold”.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
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
    for name, statement in CHECKS.items():
        if name in but:
            continue
        began = perf_counter()
        rows = tx.execute(text(statement).execution_options(yield_per=MOST))
        findings = tuple(
            Finding(name, str(thing), int(expected or 0), int(found or 0))
            for thing, expected, found in islice(rows, MOST)
        )
        rows.close()
        yield Checked(name, findings, round((perf_counter() - began) * 1000))


def check_books(tx: Session, *, but: Collection[str] = ()) -> list[Finding]:
    """Everything that does not add up, checks in their order, things in theirs; empty is good."""
    return [finding for checked in check_each(tx, but=but) for finding in checked.findings]
