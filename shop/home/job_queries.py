"""Reading how far a job is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.jobs import queue
from shop.jobs.models import Job, JobState


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as its page shows it; `result` is what its last step said came of it."""

    public_id: str
    kind: str
    state: JobState
    done: int
    total: int
    arguments: dict[str, Any]
    result: dict[str, Any]
    trouble: str
    asked_at: datetime
    ended_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in (JobState.DONE, JobState.FAILED)


def job(tx: Session, job_id: str, actor: Actor) -> JobRow:
    """One job of the actor's own or of an organisation the actor belongs to.

    Raises:
        NotFound: there is none, or it is not the actor's to see.
    """
    found = tx.execute(select(Job).where(Job.public_id == job_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    own = found.user_id is not None and found.user_id == actor.user_id
    theirs = found.organisation_id is not None and actor.belongs_to(found.organisation_id)
    if not own and not theirs:
        raise NotFound()
    return JobRow(
        found.public_id,
        found.kind,
        found.state,
        queue.told(found),
        found.total,
        found.facts,
        json.loads(found.result),
        found.trouble,
        found.asked_at,
        found.ended_at,
    )
