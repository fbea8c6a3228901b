"""Work that takes longer than a page may: asked for in a command, done in steps by the worker."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import db
from shop.core.labels import N_, Labelled


class JobState(Labelled):
    """Where a job (任务) stands."""

    WAITING = "waiting", N_("排队中")
    RUNNING = "running", N_("进行中")
    DONE = "done", N_("已完成")
    FAILED = "failed", N_("没有做成")


class Job(db.Model):
    """One job. `done` of `total` counts what its steps have finished; each step is a transaction
    of its own that moves `done` with its effect, so a worker that dies loses and repeats nothing.

    `arguments` and `result` are JSON; `trouble` is a Chinese sentence when it failed.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("done >= 0 AND done <= total", name="done_within_total"),
        Index("ix_job_state_leased_until", "state", "leased_until"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("job")
    kind: Mapped[str] = mapped_column(String(32))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    state: Mapped[JobState] = mapped_column(
        db.labelled(JobState, "state"), default=JobState.WAITING
    )
    arguments: Mapped[str] = mapped_column(default="{}")
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int]
    result: Mapped[str] = mapped_column(default="{}")
    trouble: Mapped[str] = mapped_column(default="")
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @property
    def facts(self) -> dict[str, Any]:
        """The arguments it was asked for with."""
        facts: dict[str, Any] = json.loads(self.arguments)
        return facts

    def finish(self, **result: Any) -> None:
        """Say in the last step that all is done, with what came of it."""
        self.done = self.total
        self.result = json.dumps(result, ensure_ascii=False)
