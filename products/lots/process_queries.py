"""Reading processes: what is on offer to a cooperative, and its steps."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from products.lots.models import Process, ProcessStep
from products.lots.rows import ProcessRow, StepRow
from shop.core.actors import Actor
from shop.core.permissions import Permission as P


def offered(tx: Session, cooperative_id: int, actor: Actor) -> tuple[ProcessRow, ...]:
    """The processes a cooperative may use: its own first, then those offered to all.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.LOT_READ, cooperative_id)
    return process_rows(
        tx,
        Process.retired_at.is_(None),
        or_(Process.cooperative_id.is_(None), Process.cooperative_id == cooperative_id),
    )


def offered_to_all(tx: Session, actor: Actor) -> tuple[ProcessRow, ...]:
    """The processes every cooperative may use.

    Raises:
        NotAllowed: `process:edit` is needed.
    """
    actor.require(P.PROCESS_EDIT)
    return process_rows(tx, Process.retired_at.is_(None), Process.cooperative_id.is_(None))


def process_rows(tx: Session, *conditions: ColumnElement[bool]) -> tuple[ProcessRow, ...]:
    """Processes with their steps, in two statements; by category, own ones first."""
    found = tx.execute(
        select(Process)
        .where(*conditions)
        .order_by(Process.category, Process.cooperative_id.is_(None), Process.name, Process.id)
    ).scalars()
    processes = list(found)
    steps: dict[int, list[StepRow]] = defaultdict(list)
    for step in tx.execute(
        select(ProcessStep)
        .where(ProcessStep.process_id.in_([process.id for process in processes]))
        .order_by(ProcessStep.process_id, ProcessStep.position)
    ).scalars():
        steps[step.process_id].append(StepRow(step.position, step.name, step.name_en))
    return tuple(
        ProcessRow(
            process.public_id,
            process.category,
            process.name,
            process.name_en,
            process.makes,
            process.makes_en,
            process.cooperative_id is not None,
            tuple(steps[process.id]),
        )
        for process in processes
    )
