"""Printing labels of a range of codes, and listing the codes for a printer that sets its own.

Both open the seed of the batch, so both are written into the audit log.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from products.lots.models import Lot
from products.traceability.label_sheets import Sticker, from_facts, parts, sheets
from products.traceability.minting import opened_seed, reminted
from products.traceability.models import (
    Box,
    Code,
    CodeAllocation,
    CodeBatch,
    LabelFile,
    LabelPrint,
)
from products.traceability.papers import paper_of
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.jobs import queue
from shop.jobs.models import Job

LABELS = "labels"

#: Files are thrown away after a day; labels can be set again at any time.
KEPT = timedelta(days=1)


class NotGivenYet(Refusal):
    """Labels are printed when all codes of the range are given to the lot."""

    code = "codes_not_given_yet"
    sentence = N_("这段码还没有赋完，请等任务做完再打印。")


class OutsideAllocation(Refusal):
    """Labels are printed of codes the lot has."""

    code = "outside_allocation"
    sentence = N_("这一批的码是 %(first)s 到 %(last)s 号，请改起始号或张数。")
    status = 422
    field = "first_serial"


class SheetIsFull(Refusal):
    """The first label stands somewhere on the first sheet."""

    code = "sheet_is_full"
    sentence = N_("这种纸每页 %(labels)s 张，起始位置在 1 到 %(labels)s 之间。")
    status = 422
    field = "start"


@command
def print_labels(
    tx: Session,
    *,
    allocation_id: str,
    paper: str,
    first_serial: int,
    count: int,
    start: int,
    content: dict[str, Any],
    actor: Actor,
    now: datetime,
) -> tuple[str, str]:
    """Ask for labels of a range of codes. Returns the public ids of the print and of its job.

    Args:
        paper: key of a paper for this kind of codes.
        start: the place of the first label on the first sheet, from 1.
        content: what stands on every label, see `label_sheets.as_facts`.

    Raises:
        NotFound, NotAllowed: `code:make` at the lot's cooperative is needed.
        NotGivenYet, OutsideAllocation, SheetIsFull: see the classes.
    """
    allocation, batch, lot = _allocation(tx, allocation_id, actor)
    last = first_serial + count - 1
    if count < 1 or first_serial < allocation.first_serial or last > allocation.last_serial:
        raise OutsideAllocation(first=allocation.first_serial, last=allocation.last_serial)
    size = paper_of(paper)
    if size.kind is not batch.kind:
        raise NotFound(field="paper")
    if not 1 <= start <= size.per_page:
        raise SheetIsFull(labels=size.per_page)
    row = LabelPrint(
        allocation_id=allocation.id,
        paper=size.key,
        first_serial=first_serial,
        count=count,
        skip=start - 1,
        content=json.dumps(content, ensure_ascii=False),
        asked_at=now,
        expires_at=now + KEPT,
    )
    tx.add(row)
    tx.flush()
    _opened(tx, "print_labels", batch, lot, first_serial, count, actor, now)
    job = queue.ask(
        tx,
        LABELS,
        total=count,
        organisation_id=lot.cooperative_id,
        actor=actor,
        now=now,
        label_print=row.id,
    )
    return row.public_id, job


@queue.step_of(LABELS)
def set_some(tx: Session, job: Job, now: datetime) -> None:
    """Set the next file of a print."""
    del now
    row = tx.get_one(LabelPrint, job.facts["label_print"])
    files = list(parts(paper_of(row.paper), row.first_serial, row.count, row.skip))
    done = 0
    for part, (serials, skip) in enumerate(files, start=1):
        if done < job.done:
            done += len(serials)
            continue
        stickers = _stickers(tx, row.allocation_id, serials)
        content = from_facts(json.loads(row.content))
        if stickers:
            tx.add(
                LabelFile(
                    print_id=row.id,
                    part=part,
                    first_serial=serials.start,
                    count=len(stickers),
                    content=sheets(content, paper_of(row.paper), stickers, skip),
                )
            )
        job.done = done + len(serials)
        break
    if job.done == job.total:
        job.finish(print=row.public_id)


@command
def list_codes(
    tx: Session, *, allocation_id: str, actor: Actor, now: datetime
) -> list[tuple[int, str]]:
    """Serial and code of every code of an allocation in use, for a printer that sets its own.

    Raises:
        NotFound, NotAllowed: `code:make` at the lot's cooperative is needed.
        NotGivenYet: see the class.
    """
    allocation, batch, lot = _allocation(tx, allocation_id, actor)
    first, count = allocation.first_serial, allocation.count
    _opened(tx, "list_codes", batch, lot, first, count, actor, now)
    serials = range(first, first + count)
    return [(one.serial, one.code) for one in _stickers(tx, allocation.id, serials)]


@command
def throw_away_old_labels(tx: Session, *, now: datetime) -> int:
    """Delete the files of prints that are a day old; for the timetable. Returns how many prints."""
    old = list(tx.execute(select(LabelPrint.id).where(LabelPrint.expires_at <= now)).scalars())
    tx.execute(delete(LabelFile).where(LabelFile.print_id.in_(old)))
    tx.execute(delete(LabelPrint).where(LabelPrint.id.in_(old)))
    return len(old)


def _allocation(
    tx: Session, allocation_id: str, actor: Actor
) -> tuple[CodeAllocation, CodeBatch, Lot]:
    row = tx.execute(
        select(CodeAllocation, CodeBatch, Lot)
        .join(CodeBatch, CodeBatch.id == CodeAllocation.batch_id)
        .join(Lot, Lot.id == CodeAllocation.lot_id)
        .where(CodeAllocation.public_id == allocation_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    allocation, batch, lot = row
    actor.require(P.CODE_MAKE, lot.cooperative_id)
    if allocation.done < allocation.count:
        raise NotGivenYet()
    return allocation, batch, lot


def _stickers(tx: Session, allocation_key: int, serials: range) -> Sequence[Sticker]:
    """The codes in use of these serials, as they follow from the seed."""
    batch = tx.execute(
        select(CodeBatch)
        .join(CodeAllocation, CodeAllocation.batch_id == CodeBatch.id)
        .where(CodeAllocation.id == allocation_key)
    ).scalar_one()
    seed = opened_seed(batch)
    rows = tx.execute(
        select(Code.serial, Code.digest, Box.units)
        .outerjoin(Box, (Box.batch_id == Code.batch_id) & (Box.serial == Code.serial))
        .where(
            Code.batch_id == batch.id,
            Code.serial.between(serials.start, serials.stop - 1),
            Code.allocation_id == allocation_key,
            Code.withdrawn_at.is_(None),
        )
        .order_by(Code.serial)
    )
    return [
        Sticker(serial, reminted(seed, serial, digest), units or 0)
        for serial, digest, units in rows
    ]


def _opened(
    tx: Session,
    action: str,
    batch: CodeBatch,
    lot: Lot,
    first_serial: int,
    count: int,
    actor: Actor,
    now: datetime,
) -> None:
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="code_batch",
        thing=batch.public_id,
        action=action,
        organisation_id=lot.cooperative_id,
        lot=lot.number,
        first_serial=first_serial,
        count=count,
    )
