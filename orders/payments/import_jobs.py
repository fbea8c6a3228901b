"""Reading and importing a large statement off the request, in jobs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from orders.payments import looking, previews, uploads
from orders.payments.commands import import_whole
from orders.payments.formats.files import Stated
from orders.payments.formats.sheets import FileRefused
from orders.payments.importing import Given
from shop.core import bulk
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.identity.models import User
from shop.jobs import queue
from shop.jobs.models import Job
from shop.organisations.queries import actor_of

#: The kinds of jobs that read a large file for its preview, and that import it.
PREVIEW, IMPORT = "bank_preview", "bank_import"

#: What a preview counts to; how many lines there are is known only when they have been read.
PERCENT = 100


@command
def ask_preview(
    tx: Session,
    *,
    file_name: str,
    content: bytes,
    actor: Actor,
    now: datetime,
    layout_id: str | None = None,
    stated: Stated | None = None,
) -> str:
    """Keep a large statement file and let a job read it; returns the job's public id.

    Args:
        layout_id, stated: see `commands.keep_upload`.

    Raises:
        NotAllowed: the actor may not import.
        NotFound: the layout is not in use.
    """
    actor.require(Permission.BANK_IMPORT)
    kept = uploads.keep(tx, Given(file_name, content, layout_id, stated), now, large=True)
    return queue.ask(
        tx,
        PREVIEW,
        total=PERCENT,
        organisation_id=None,
        actor=actor,
        now=now,
        upload=kept.public_id,
    )


@queue.step_of(PREVIEW)
def preview_upload(tx: Session, job: Job, now: datetime) -> None:
    """Read a large file and keep what its preview shows, or what is wrong with it."""
    actor = actor_of(tx, tx.get_one(User, job.user_id))
    upload_id = job.facts["upload"]
    kept = uploads.uploaded(tx, upload_id, actor, job.asked_at)
    with bulk.many_rows():
        try:
            found: looking.Preview | FileRefused = looking.looked_at(
                tx, uploads.opened(tx, kept), now, lambda part: queue.tell(job, part)
            )
        except FileRefused as refusal:
            found = refusal
    previews.keep(kept, found, now)
    job.finish(upload=upload_id)


@command
def ask_import(tx: Session, *, upload_id: str, actor: Actor, now: datetime) -> str:
    """Import a large uploaded file in a job; returns the job's public id.

    Raises:
        NotAllowed: the actor may not import.
        NotFound: there is no such upload, or nobody has seen a preview of it.
    """
    actor.require(Permission.BANK_IMPORT)
    seen = previews.seen(uploads.uploaded(tx, upload_id, actor, now))
    if not isinstance(seen, looking.Preview):
        raise NotFound()
    return queue.ask(
        tx,
        IMPORT,
        total=seen.count,
        organisation_id=None,
        actor=actor,
        now=now,
        upload=upload_id,
    )


@queue.step_of(IMPORT)
def import_upload(tx: Session, job: Job, now: datetime) -> None:
    """A large import: one step, since a statement is imported whole or not at all.

    How far it is, is told while it is under way.
    """
    actor = actor_of(tx, tx.get_one(User, job.user_id))
    kept = uploads.uploaded(tx, job.facts["upload"], actor, job.asked_at)
    given = uploads.opened(tx, kept)
    with bulk.many_rows():
        statement = import_whole(tx, given, actor, now, lambda part: queue.tell(job, part))
    job.finish(statement=statement)
