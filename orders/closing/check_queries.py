"""Reading checks of the books, and whether one is under way."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.books.checks import Finding
from orders.closing import checking
from orders.closing.check_words import named
from orders.closing.models import BooksCheck
from orders.closing.states import Cause
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.identity.models import User

#: Checks shown in the list.
SHOWN = 60


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check: when, for whom (None: the clock), how long, how much it found."""

    public_id: str
    cause: Cause
    month: str | None
    night: date | None
    asked_by: str | None
    began_at: datetime
    ended_at: datetime | None
    checks: int
    milliseconds: int
    findings: int


@dataclass(frozen=True, slots=True)
class Running:
    """A check under way: `job` leads to its page for whoever asked for it."""

    job: str | None
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class CheckPage:
    """One check with what it found; `told` has the first findings, checks by their Chinese name."""

    row: CheckRow
    told: tuple[Finding, ...]

    @property
    def more(self) -> int:
        """Findings that were counted and not kept."""
        return self.row.findings - len(self.told)


def checks(tx: Session, actor: Actor) -> tuple[CheckRow, ...]:
    """The last checks, the latest first."""
    actor.require(Permission.PLATFORM_READ)
    rows = tx.execute(
        select(BooksCheck, User.name)
        .outerjoin(User, User.id == BooksCheck.asked_by_id)
        .order_by(BooksCheck.id.desc())
        .limit(SHOWN)
    )
    return tuple(_row(row, name) for row, name in rows)


def check(tx: Session, check_id: str, actor: Actor) -> CheckPage:
    """One check.

    Raises:
        NotFound: there is none.
    """
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(
        select(BooksCheck, User.name)
        .outerjoin(User, User.id == BooksCheck.asked_by_id)
        .where(BooksCheck.public_id == check_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    row, name = found
    told = tuple(
        Finding(named(of), thing, expected, is_)
        for of, thing, expected, is_ in json.loads(row.told)
    )
    return CheckPage(_row(row, name), told)


def last_check(tx: Session, closing: str | None = None) -> CheckRow | None:
    """The last check that ended.

    Args:
        closing: the month at whose closing it was made; None: whichever is the last.
    """
    row = (
        checking.latest(tx)
        if closing is None
        else tx.execute(
            select(BooksCheck)
            .where(BooksCheck.month == closing)
            .order_by(BooksCheck.id.desc())
            .limit(1)
        ).scalar_one_or_none()
    )
    if row is None:
        return None
    asked_by = tx.get(User, row.asked_by_id) if row.asked_by_id else None
    return _row(row, asked_by.name if asked_by else None)


def running(tx: Session, actor: Actor) -> Running | None:
    """The check that is under way, if one is."""
    job = checking.running(tx)
    if job is None:
        return None
    mine = job.user_id is not None and job.user_id == actor.user_id
    return Running(job.public_id if mine else None, job.done, job.total)


def _row(row: BooksCheck, asked_by: str | None) -> CheckRow:
    return CheckRow(
        row.public_id,
        row.cause,
        row.month,
        row.night,
        asked_by,
        row.began_at,
        row.ended_at,
        row.checks,
        row.milliseconds,
        row.findings,
    )
