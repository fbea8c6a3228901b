"""Processes (工艺): the steps by which a category of goods is made, as the region sets them up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.catalogue.states import Category
from products.lots.models import Process, ProcessStep
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation, OrganisationKind

#: More steps than this are not a process but a diary.
STEPS_AT_MOST = 20

#: Characters in the name of a step; the English one may have twice as many.
STEP_AT_MOST = 32


class StepsMissing(Refusal):
    """A process has at least one step, each named, and not too many; names have their length."""

    code = "steps_missing"
    sentence = N_("请写工序，每行一道，最多 20 道，每道最多 32 个字。")
    status = 422
    field = "steps"


class NameMissing(Refusal):
    """A process and what it makes have names."""

    code = "name_missing"
    sentence = N_("请填名称。")
    status = 422
    field = "name"


@command
def add_process(
    tx: Session,
    *,
    cooperative_id: str | None,
    category: Category,
    name: str,
    name_en: str,
    makes: str,
    makes_en: str,
    steps: Sequence[tuple[str, str]],
    actor: Actor,
    now: datetime,
    replaces_id: str | None = None,
) -> str:
    """Write a process down. Returns its public id.

    Lots keep naming the process they were made by, so an edit is a new process that retires the
    one it `replaces`.

    Args:
        cooperative_id: public id of the cooperative whose own process it is; None offers it to
            all, which only the platform may.
        steps: name and English name of each, in their order.

    Raises:
        NotFound, NotAllowed: `process:edit` is needed, there or everywhere.
        NameMissing, StepsMissing: see the classes.
    """
    owner = _owner(tx, cooperative_id, actor)
    if not name.strip() or not makes.strip():
        raise NameMissing()
    if not 0 < len(steps) <= STEPS_AT_MOST or not all(
        0 < len(step.strip()) <= STEP_AT_MOST and len(english) <= 2 * STEP_AT_MOST
        for step, english in steps
    ):
        raise StepsMissing()
    if replaces_id:
        _retire(tx, replaces_id, owner, actor, now)
    process = Process(
        cooperative_id=owner,
        category=category,
        name=name.strip(),
        name_en=name_en.strip(),
        makes=makes.strip(),
        makes_en=makes_en.strip(),
    )
    tx.add(process)
    tx.flush()
    tx.add_all(
        ProcessStep(
            process_id=process.id, position=position, name=step.strip(), name_en=english.strip()
        )
        for position, (step, english) in enumerate(steps, start=1)
    )
    _record(tx, process, "add", actor, now)
    return process.public_id


@command
def retire_process(tx: Session, *, process_id: str, actor: Actor, now: datetime) -> None:
    """Offer a process no more; lots made by it keep it.

    Raises:
        NotFound, NotAllowed: `process:edit` is needed where it belongs.
    """
    process = _standing(tx, process_id)
    actor.require(P.PROCESS_EDIT, process.cooperative_id)
    _must_be_everywhere(process.cooperative_id, actor)
    process.retired_at = now
    _record(tx, process, "retire", actor, now)


def _owner(tx: Session, cooperative_id: str | None, actor: Actor) -> int | None:
    if cooperative_id is None:
        actor.require(P.PROCESS_EDIT)
        _must_be_everywhere(None, actor)
        return None
    key = tx.execute(
        select(Organisation.id).where(
            Organisation.public_id == cooperative_id,
            Organisation.kind == OrganisationKind.COOPERATIVE,
        )
    ).scalar_one_or_none()
    if key is None:
        raise NotFound()
    actor.require(P.PROCESS_EDIT, key)
    return key


def _must_be_everywhere(owner: int | None, actor: Actor) -> None:
    """What all cooperatives are offered is the platform's to change."""
    if owner is None:
        actor.require(P.MASS_RULE_EDIT)


def _standing(tx: Session, process_id: str) -> Process:
    process = tx.execute(
        select(Process)
        .where(Process.public_id == process_id, Process.retired_at.is_(None))
        .with_for_update()
    ).scalar_one_or_none()
    if process is None:
        raise NotFound()
    return process


def _retire(tx: Session, process_id: str, owner: int | None, actor: Actor, now: datetime) -> None:
    process = _standing(tx, process_id)
    if process.cooperative_id != owner:
        raise NotFound()
    process.retired_at = now
    _record(tx, process, "retire", actor, now)


def _record(tx: Session, process: Process, action: str, actor: Actor, now: datetime) -> None:
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="process",
        thing=process.public_id,
        action=action,
        organisation_id=process.cooperative_id,
        name=process.name,
    )
