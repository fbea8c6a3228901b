"""Importing a large statement off the request, in a job."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from orders.payments.commands import import_whole
from orders.payments.uploads import uploaded
from shop.core import bulk
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.permissions import Permission
from shop.identity.models import User
from shop.jobs import queue
from shop.jobs.models import Job
from shop.organisations.queries import actor_of

#: The kind of job that imports a large file.
IMPORT = "bank_import"

#: From so many lines on an import takes over a second, and goes into a job.
LARGE = 3_000


@command
def ask_import(tx: Session, *, upload_id: str, actor: Actor, now: datetime) -> str:
    """Import a large uploaded file in a job; returns the job's public id.

    Raises:
        NotAllowed: the actor may not import.
        NotFound: there is no such upload.
    """
    actor.require(Permission.BANK_IMPORT)
    kept = uploaded(tx, upload_id, actor, now)
    return queue.ask(
        tx,
        IMPORT,
        total=kept.lines + 1,
        organisation_id=None,
        actor=actor,
        now=now,
        upload=upload_id,
    )


@queue.step_of(IMPORT)
def import_upload(tx: Session, job: Job, now: datetime) -> None:
    """The two steps of a large import: the file is opened and read, then booked whole.

    Booking is one transaction, since a statement is imported whole or not at all. The first step
    only shows that somebody works at it.
    """
    actor = actor_of(tx, tx.get_one(User, job.user_id))
    kept = uploaded(tx, job.facts["upload"], actor, job.asked_at)
    if not job.done:
        job.done = 1
        return
    with bulk.many_rows():
        statement = import_whole(tx, kept.file_name, kept.content, kept.layout_id, actor, now)
    job.finish(statement=statement)
