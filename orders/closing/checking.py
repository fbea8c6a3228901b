"""Checking all books (核账) by a job, and keeping what each check found.

A check reads everything and takes seconds once there is much, so no page waits for it: a job runs
some statements a step, without keeping anybody from writing, and the row of the check remembers
how far it is. Each statement sees one moment of the books, the whole check does not; closing a
month therefore checks once more while no journal can be written (`orders.closing.commands`).

Rule: docs/money.md, “Closing a month”.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.books.checks import CHECKS, Checked, check_each
from orders.closing.models import BooksCheck
from orders.closing.states import Cause
from orders.ledger.models import Journal
from shop.core import clock
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission
from shop.jobs import queue
from shop.jobs.models import Job, JobState

CHECK = "books_check"

#: A step runs statements until so much time has gone, and always at least one.
STEP_MS = 500

#: Findings kept with a check; how many there are is always counted.
KEPT = 1000


class CheckRuns(Refusal):
    """One check at a time: a second one would find the same."""

    code = "check_runs"
    sentence = N_("正在核账，请等它做完。")


@command
def ask_check(tx: Session, *, actor: Actor, now: datetime) -> str:
    """Ask for a check of all books; returns its job's public id.

    Raises:
        NotAllowed: `platform:read` is needed.
        CheckRuns: see there.
    """
    actor.require(Permission.PLATFORM_READ)
    if running(tx):
        raise CheckRuns()
    return _ask(tx, _begin(tx, cause=Cause.ASKED, actor=actor, now=now), actor, now)


@command
def check_nightly(tx: Session, *, actor: Actor, now: datetime) -> str | None:
    """Ask for the check of this Shanghai day, unless it was asked for; for the timetable."""
    night = clock.day_of(now)
    if tx.execute(select(BooksCheck.id).where(BooksCheck.night == night)).first():
        return None
    row = _begin(tx, cause=Cause.NIGHTLY, actor=actor, now=now, night=night)
    return _ask(tx, row, actor, now)


@queue.look_of(CHECK)
def check_some(tx: Session, job: Job) -> queue.Step:
    """Run the next statements of a check; the step keeps what they found."""
    key = job.facts["check"]
    seen = list(_for_a_while(tx, tx.get_one(BooksCheck, key).checks))

    def step(tx: Session, job: Job, now: datetime) -> None:
        row = tx.get_one(BooksCheck, key)
        _keep(row, seen)
        if row.checks >= len(CHECKS):
            row.ended_at = now
            job.finish(check=row.public_id)
        else:
            job.done = min(row.checks, job.total - 1)

    return step


def check_now(
    tx: Session,
    *,
    cause: Cause,
    actor: Actor,
    now: datetime,
    night: date | None = None,
    month: str | None = None,
) -> BooksCheck:
    """Check all books in this transaction, as a close does.

    Args:
        night: the Shanghai day of a nightly one.
        month: the month that is being closed.
    """
    row = _begin(tx, cause=cause, actor=actor, now=now, night=night, month=month)
    _keep(row, check_each(tx))
    row.ended_at = now
    tx.flush()
    return row


def running(tx: Session) -> Job | None:
    """The job of a check that waits or runs."""
    return tx.execute(
        select(Job)
        .where(Job.kind == CHECK, Job.state.in_((JobState.WAITING, JobState.RUNNING)))
        .order_by(Job.id)
        .limit(1)
    ).scalar_one_or_none()


def latest(tx: Session) -> BooksCheck | None:
    """The last check that came to its end."""
    return tx.execute(
        select(BooksCheck)
        .where(BooksCheck.ended_at.is_not(None))
        .order_by(BooksCheck.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def is_newer(tx: Session, row: BooksCheck, until: datetime) -> bool:
    """Whether a check is newer than the last entry that took effect before a moment."""
    later = select(Journal.id).where(Journal.id > row.journal_id, Journal.effective_at < until)
    return tx.execute(later.limit(1)).first() is None


def _begin(
    tx: Session,
    *,
    cause: Cause,
    actor: Actor,
    now: datetime,
    night: date | None = None,
    month: str | None = None,
) -> BooksCheck:
    """A check that has run nothing yet."""
    row = BooksCheck(
        cause=cause,
        night=night,
        month=month,
        asked_by_id=actor.user_id,
        journal_id=tx.execute(select(func.coalesce(func.max(Journal.id), 0))).scalar_one(),
        began_at=now,
    )
    tx.add(row)
    tx.flush()
    return row


def _for_a_while(tx: Session, ran: int) -> Iterator[Checked]:
    """Run statements behind those that ran, in their order, for about as long as a step takes."""
    spent = 0
    for checked in check_each(tx, but=frozenset(list(CHECKS)[:ran])):
        yield checked
        spent += checked.milliseconds
        if spent >= STEP_MS:
            return


def _keep(row: BooksCheck, seen: Iterable[Checked]) -> None:
    """Keep what the next statements of a check found."""
    found = json.loads(row.told)
    for checked in seen:
        row.checks += 1
        row.findings += len(checked.findings)
        row.milliseconds += checked.milliseconds
        found += [[one.check, one.thing, one.expected, one.found] for one in checked.findings]
    row.told = json.dumps(found[:KEPT], ensure_ascii=False)


def _ask(tx: Session, row: BooksCheck, actor: Actor, now: datetime) -> str:
    return queue.ask(
        tx, CHECK, total=len(CHECKS), organisation_id=None, actor=actor, now=now, check=row.id
    )
