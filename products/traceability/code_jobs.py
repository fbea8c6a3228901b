"""The long part of making codes and of giving them to lots: steps of a job, set by set.

Each step writes its codes and moves `made` or `done` in one transaction, under the lock of the
job's row: a worker that dies loses and repeats nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from products.lots.models import Lot
from products.traceability.code_proofs import digests, root_over
from products.traceability.minting import mint_again, minted, opened_seed
from products.traceability.models import Code, CodeAllocation, CodeBatch
from shop.core import db, events
from shop.jobs import queue
from shop.jobs.models import Job
from shop.organisations.models import Organisation

MAKE, ALLOCATE = "codes", "allocate_codes"

#: Codes in one step: well under a second of work, and a few hundred kilobytes.
CHUNK = 5_000


@queue.step_of(MAKE)
def make_some(tx: Session, job: Job, now: datetime) -> None:
    """Make the next codes of a batch; those of a lot are given to it with the same stroke."""
    batch = tx.get_one(CodeBatch, job.facts["batch"], with_for_update=True)
    last = min(batch.made + CHUNK, batch.count)
    serials = range(batch.made + 1, last + 1)
    allocation_id: int | None = job.facts["allocation"]
    rows = _rows(tx, batch, serials, allocation_id)
    tx.execute(insert(Code), rows)
    batch.made = job.done = last
    if allocation_id is not None:
        _go_on(tx, tx.get_one(CodeAllocation, allocation_id), last, now)
    if last == batch.count:
        job.finish(batch=batch.public_id, lot=_lot_of(tx, allocation_id))


@queue.step_of(ALLOCATE)
def allocate_some(tx: Session, job: Job, now: datetime) -> None:
    """Give the next codes of a reserved range to its lot."""
    allocation = tx.get_one(CodeAllocation, job.facts["allocation"], with_for_update=True)
    first = allocation.first_serial + allocation.done
    last = min(first + CHUNK - 1, allocation.last_serial)
    changed = db.rows_changed(
        tx,
        update(Code)
        .where(
            Code.batch_id == allocation.batch_id,
            Code.serial.between(first, last),
            Code.allocation_id.is_(None),
        )
        .values(allocation_id=allocation.id),
    )
    assert changed == last - first + 1, "a reserved code is somebody else's"
    job.done = last - allocation.first_serial + 1
    _go_on(tx, allocation, job.done, now)
    if job.done == job.total:
        job.finish(lot=_lot_of(tx, allocation.id))


def _rows(
    tx: Session, batch: CodeBatch, serials: range, allocation_id: int | None
) -> list[dict[str, Any]]:
    """Rows of fresh codes. A code that there is already, once in a blue moon, is made anew."""
    seed = opened_seed(batch)
    digests = dict(zip(serials, (digest for _code, digest in minted(seed, serials)), strict=True))
    there = set(tx.execute(select(Code.digest).where(Code.digest.in_(digests.values()))).scalars())
    taken: set[bytes] = set(there)
    for serial, digest in digests.items():
        attempt = 0
        while digest in taken:
            attempt += 1
            digest = mint_again(seed, serial, attempt)[1]
            known = select(Code.serial).where(Code.digest == digest)
            if tx.execute(known).first():
                taken.add(digest)
        taken.add(digest)
        digests[serial] = digest
    return [
        {
            "batch_id": batch.id,
            "serial": serial,
            "digest": digest,
            "allocation_id": allocation_id,
            "seen": 0,
        }
        for serial, digest in digests.items()
    ]


def _go_on(tx: Session, allocation: CodeAllocation, done: int, now: datetime) -> None:
    """Count what is given; when it is all, seal it by its root and say so as a fact."""
    allocation.done = done
    if done < allocation.count:
        return
    tx.flush()
    allocation.codes_root = root_over(digests(tx, allocation))
    lot, batch, cooperative = tx.execute(
        select(Lot, CodeBatch, Organisation)
        .join(CodeAllocation, CodeAllocation.lot_id == Lot.id)
        .join(CodeBatch, CodeBatch.id == CodeAllocation.batch_id)
        .join(Organisation, Organisation.id == Lot.cooperative_id)
        .where(CodeAllocation.id == allocation.id)
    ).one()
    events.emit(
        tx,
        kind="labelled",
        thing=lot.public_id,
        at=now,
        now=now,
        organisation_id=lot.cooperative_id,
        lot=lot.number,
        cooperative=cooperative.code,
        allocation=allocation.public_id,
        batch=batch.public_id,
        also={"kind": batch.kind.value},
        count=allocation.count,
        codes_root=allocation.codes_root.hex(),
    )


def _lot_of(tx: Session, allocation_id: int | None) -> str:
    """The public id of an allocation's lot, or nothing."""
    if allocation_id is None:
        return ""
    return tx.execute(
        select(Lot.public_id)
        .join(CodeAllocation, CodeAllocation.lot_id == Lot.id)
        .where(CodeAllocation.id == allocation_id)
    ).scalar_one()
