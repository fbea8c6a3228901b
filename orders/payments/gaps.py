"""Where a stretch is missing between statements: one begins elsewhere than the last one ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payments.models import BankStatement
from orders.payments.states import StatementState
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time and the balances of one statement."""

    first_at: datetime
    last_at: datetime
    opening: Money
    closing: Money


@dataclass(frozen=True, slots=True)
class Gap:
    """What is missing between two statements. `amount`: by how much the balance moved unseen."""

    since: datetime
    until: datetime
    closing: Money
    opening: Money

    @property
    def amount(self) -> Money:
        """By how much the balance moved where we have no lines."""
        return self.opening - self.closing


def gaps(tx: Session) -> list[Gap]:
    """Every gap that is open, oldest first; a later file that fills one clears it."""
    return between(_stretches(tx))


def gaps_with(tx: Session, new: Stretch) -> tuple[list[Gap], list[Gap]]:
    """The gaps a new statement would leave beside itself, and the ones it would close."""
    known = _stretches(tx)
    before, after = between(known), between([*known, new])
    touching = [gap for gap in after if gap not in before]
    return touching, [gap for gap in before if gap not in after]


def between(stretches: Sequence[Stretch]) -> list[Gap]:
    """The gaps between statements, put in the order in which the account went through them.

    Statements of the same moment are tried in the order in which balances follow each other.
    """
    rest = sorted(stretches, key=lambda s: (s.first_at, s.last_at))
    found: list[Stretch] = []
    while rest:
        first = rest[0]
        alike = [s for s in rest if (s.first_at, s.last_at) == (first.first_at, first.last_at)]
        follows = [s for s in alike if found and s.opening == found[-1].closing]
        following = follows[0] if follows else first
        rest.remove(following)
        found.append(following)
    return [
        Gap(earlier.last_at, later.first_at, earlier.closing, later.opening)
        for earlier, later in pairwise(found)
        if earlier.closing != later.opening
    ]


def _stretches(tx: Session) -> list[Stretch]:
    rows = tx.execute(
        select(
            BankStatement.first_at,
            BankStatement.last_at,
            BankStatement.opening,
            BankStatement.closing,
        )
        .where(BankStatement.state == StatementState.IMPORTED)
        .order_by(BankStatement.first_at, BankStatement.last_at, BankStatement.id)
    )
    return [Stretch(*row) for row in rows]
