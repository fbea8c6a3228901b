"""`check-books`: every invariant as one statement that returns what breaks it.

A clean set of books returns nothing from any of them. Each check names what it compares; a
finding names the thing and both figures. Run before and after every batch and, in tests, after
every story. Read-only.

Rule: docs/money.md, “What must always hold”.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from orders.books.statements import CHECKS


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that does not add up. `expected` and `found` are fen, grams or counts."""

    check: str
    thing: str
    expected: int
    found: int


def check_books(tx: Session, *, but: Collection[str] = ()) -> list[Finding]:
    """Everything that does not add up, checks in their order, things in theirs; empty is good.

    Args:
        but: names of checks that are left out.
    """
    return [
        Finding(name, str(thing), int(expected or 0), int(found or 0))
        for name, statement in CHECKS.items()
        if name not in but
        for thing, expected, found in tx.execute(text(statement))
    ]
