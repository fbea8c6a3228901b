"""Drafting a large batch by a job, since a page may not take seconds."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from orders.payouts.commands import draft_step
from orders.payouts.states import PayoutKind
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.permissions import Permission
from shop.jobs import queue
from shop.jobs.models import Job

DRAFT = "payout_draft"

#: Batches of more payments than this are drafted by a job.
AT_ONCE = 3_000


@command
def ask_for_draft(
    tx: Session, *, kinds: tuple[str, ...], count: int, actor: Actor, now: datetime
) -> str:
    """Ask for a large batch to be drafted by a job; returns the job's public id.

    Args:
        kinds: values of `PayoutKind`.
        count: how many payments it is expected to hold, for the job's page.

    Raises:
        NotAllowed: the actor may not draft.
    """
    actor.require(Permission.PAYOUT_DRAFT)
    return queue.ask(
        tx,
        DRAFT,
        total=count,
        organisation_id=None,
        actor=actor,
        now=now,
        kinds=list(kinds),
        name=actor.name,
        key=actor.key,
    )


@queue.step_of(DRAFT)
def draft_by_job(tx: Session, job: Job, now: datetime) -> None:
    """Draft what was asked for, as one batch: one step, since a batch is one moment's picture."""
    asked = job.facts
    actor = Actor(key=asked["key"], name=asked["name"], user_id=job.user_id)
    kinds = [kind for kind in PayoutKind if kind.value in asked["kinds"]]
    job.finish(batch=draft_step(tx, kinds, actor, now))
