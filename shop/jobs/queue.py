"""The queue of jobs: asking for one, and doing what waits, step by step.

The rows of `job` are the queue, so a job is asked for in the transaction that needs it and is
never lost with a worker; huey only wakes the worker. A step is one transaction: it does a chunk of
the work and moves `done` with it, under the job's row lock. A worker that dies in the middle
leaves a lease that runs out, and the next worker goes on where the last finished step ended.

Work that mostly reads or figures looks first, in a session for reading, and then writes what it
found: so nobody waits for it, not even on SQLite, where one transaction writes at a time.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from shop.core import db
from shop.core.actors import Actor
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.jobs.models import Job, JobState

log = logging.getLogger("shop.jobs")

#: A step takes seconds; a lease this old belongs to a worker that is gone.
LEASE = timedelta(minutes=2)
TRIES = 3
BROKE = N_("这项任务没有做成，已经做完的部分都在。请联系平台运营。")

Step = Callable[[Session, Job, datetime], None]
Look = Callable[[Session, Job], Step]
_looks: dict[str, Look] = {}


def step_of(kind: str) -> Callable[[Step], Step]:
    """Name the function that does one step of a kind of job.

    It is called in a transaction with the locked job; it does a chunk, moves `job.done`, and calls
    `job.finish(…)` in the last one. It must get on with every call.
    """

    def remember(step: Step) -> Step:
        _looks[kind] = lambda _tx, _job: step
        return step

    return remember


def look_of(kind: str) -> Callable[[Look], Look]:
    """Name the function that looks, before each step of a kind of job, what the step will write.

    It is called in a session for reading and returns the step. That is dropped if another worker
    got on with the job meanwhile.
    """

    def remember(look: Look) -> Look:
        _looks[kind] = look
        return look

    return remember


def ask(
    tx: Session,
    kind: str,
    *,
    total: int,
    organisation_id: int | None,
    actor: Actor,
    now: datetime,
    **arguments: Any,
) -> str:
    """Ask for a job, in the transaction of the command that needs it. Returns its public id.

    Args:
        total: how many things it will have done at the end, at least one.
        arguments: plain values for its steps.
    """
    assert kind in _looks, f"no step for {kind}"
    job = Job(
        kind=kind,
        organisation_id=organisation_id,
        user_id=actor.user_id,
        total=total,
        arguments=json.dumps(arguments, ensure_ascii=False),
        asked_at=now,
    )
    tx.add(job)
    tx.flush()
    return job.public_id


def tell(job: Job, part: float) -> None:
    """Tell how far a long step is, from 0 to 1, before its transaction ends.

    Pages of this process see it; others, and whoever looks after a crash, see the last step that
    ended. A step that books all or nothing has no other way to show that it gets on.
    """
    _under_way[job.id] = job.done + int((job.total - job.done) * part)


def told(job: Job) -> int:
    """How many things a job has done, with what its step under way has told."""
    return max(job.done, min(_under_way.get(job.id, 0), job.total))


_under_way: dict[int, int] = {}


def run_waiting(clock: Callable[[], datetime], limit: int = 1000) -> int:
    """Do every job that waits or whose worker is gone. Returns how many steps were done.

    Args:
        clock: asked before each step, since a job outlasts a moment.
    """
    steps = 0
    while steps < limit:
        job_id = _lease(clock())
        if job_id is None:
            return steps
        while steps < limit and _one_step(job_id, clock()):
            steps += 1
        steps += 1
    return steps


def _lease(now: datetime) -> int | None:
    """Take the oldest job nobody works at."""
    with db.database().writing() as tx:
        job = tx.execute(
            select(Job)
            .where(
                Job.state.in_((JobState.WAITING, JobState.RUNNING)),
                or_(Job.leased_until.is_(None), Job.leased_until <= now),
            )
            .order_by(Job.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).scalar_one_or_none()
        if job is None:
            return None
        job.state, job.leased_until = JobState.RUNNING, now + LEASE
        return job.id


def _one_step(job_id: int, now: datetime) -> bool:
    """Do one step; whether there is another."""
    try:
        with db.database().reading() as tx:
            job = tx.get_one(Job, job_id)
            if job.state is not JobState.RUNNING:
                return False
            before, step = job.done, _looks[job.kind](tx, job)
        with db.database().writing() as tx:
            job = tx.execute(select(Job).where(Job.id == job_id).with_for_update()).scalar_one()
            if job.state is not JobState.RUNNING:
                return False
            if job.done != before:
                return True
            step(tx, job, now)
            finished = job.done == job.total
            assert job.done > before, f"{job.kind} got nowhere"
            job.leased_until, job.tries = now + LEASE, 0
            if finished:
                job.state, job.ended_at = JobState.DONE, now
            return not finished
    except Refusal as refusal:
        _give_up(job_id, refusal.sentence % refusal.facts, now)
    except Exception:
        log.exception("job %s", job_id)
        return _again(job_id, now)
    finally:
        _under_way.pop(job_id, None)
    return False


def _again(job_id: int, now: datetime) -> bool:
    """Try a step that broke once more, but not for ever."""
    with db.database().writing() as tx:
        job = tx.execute(select(Job).where(Job.id == job_id).with_for_update()).scalar_one()
        job.tries += 1
        if job.tries < TRIES:
            return True
    _give_up(job_id, BROKE, now)
    return False


def _give_up(job_id: int, trouble: str, now: datetime) -> None:
    with db.database().writing() as tx:
        job = tx.execute(select(Job).where(Job.id == job_id).with_for_update()).scalar_one()
        job.state, job.trouble, job.ended_at = JobState.FAILED, trouble, now
