"""Making codes, giving them to lots, and taking single ones back.

What takes long is done by a job (`code_jobs`); here it is asked for, and what may be had is
reserved in the same transaction.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from products.lots.models import Lot
from products.lots.states import LotKind, LotState
from products.traceability import code_jobs
from products.traceability.minting import digest_of, new_seed, our_speller
from products.traceability.models import Code, CodeAllocation, CodeBatch, ExternalCode
from products.traceability.rules import CODES_AT_MOST
from products.traceability.states import CodeKind
from shop.core import audit, db
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.ids import new_id
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.jobs import queue
from shop.organisations.models import Organisation, OrganisationKind


class TooManyCodes(Refusal):
    """A run of codes has at least one and at most as many as a job does in a minute or two."""

    code = "too_many_codes"
    sentence = N_("一次制码 1 到 %(most)s 个，请分几次。")
    status = 422
    field = "count"


class MoreCodesThanUnits(Refusal):
    """A lot has no more unit codes than units, and no more boxes."""

    code = "more_codes_than_units"
    sentence = N_("批次 %(lot)s 共 %(units)s 件，已有码 %(coded)s 个，不能再给 %(count)s 个。")
    field = "count"


class NotMadeYet(Refusal):
    """Codes are given to lots when all of their batch are made."""

    code = "codes_not_made_yet"
    sentence = N_("这段码还没有制完，请等任务做完再用。")
    field = "batch_id"


class OutsideBatch(Refusal):
    """A range lies within its batch."""

    code = "outside_batch"
    sentence = N_("这段码只有 1 到 %(last)s 号，请改起始号或数量。")
    status = 422
    field = "first_serial"


class CodesTaken(Refusal):
    """A code stands in one lot only (一码一批)."""

    code = "codes_taken"
    sentence = N_("其中 %(first)s 到 %(last)s 号已经给了别的批次，请改起始号或数量。")
    field = "first_serial"


class NotOurCode(Refusal):
    """What was typed is no code on goods of this cooperative."""

    code = "not_our_code"
    sentence = N_("%(code)s 不是这一批货上的码，请照标签核对。")
    status = 422
    field = "code"


class ExternalCodeTaken(Refusal):
    """A code of another scheme names one lot."""

    code = "external_code_taken"
    sentence = N_("这个外部码已经登记过了。")
    field = "value"


@command
def make_codes(
    tx: Session,
    *,
    cooperative_id: str,
    kind: CodeKind,
    count: int,
    actor: Actor,
    now: datetime,
) -> str:
    """Ask for a run of codes for stock, to be given to lots later. Returns the job's public id.

    Raises:
        NotFound, NotAllowed: `code:make` at the cooperative is needed.
        TooManyCodes: see the class.
    """
    cooperative = tx.execute(
        select(Organisation.id).where(
            Organisation.public_id == cooperative_id,
            Organisation.kind == OrganisationKind.COOPERATIVE,
        )
    ).scalar_one_or_none()
    if cooperative is None:
        raise NotFound()
    actor.require(P.CODE_MAKE, cooperative)
    batch = _new_batch(tx, cooperative, kind, count, actor, now)
    return _ask(tx, code_jobs.MAKE, batch, None, count, actor, now)


@command
def make_codes_for_lot(
    tx: Session, *, lot_id: str, kind: CodeKind, count: int, actor: Actor, now: datetime
) -> str:
    """Ask for codes that are given to a packed lot at once. Returns the job's public id.

    Raises:
        NotFound, NotAllowed: `code:make` at the lot's cooperative is needed.
        TooManyCodes, MoreCodesThanUnits: see the classes.
    """
    lot = packed_lot(tx, lot_id, actor)
    batch = _new_batch(tx, lot.cooperative_id, kind, count, actor, now)
    allocation = _reserve(tx, batch, lot, 1, count, actor, now)
    return _ask(tx, code_jobs.MAKE, batch, allocation, count, actor, now)


@command
def allocate(
    tx: Session,
    *,
    batch_id: str,
    lot_id: str,
    first_serial: int,
    count: int,
    actor: Actor,
    now: datetime,
) -> str:
    """Give a range of a batch to a packed lot (赋码). Returns the job's public id.

    The range is reserved here, under the batch's lock: whoever comes second is refused.

    Args:
        first_serial: the number printed beside the first code of the range.

    Raises:
        NotFound, NotAllowed: `code:make` at the cooperative of both is needed.
        NotMadeYet, OutsideBatch, CodesTaken, MoreCodesThanUnits: see the classes.
    """
    lot = packed_lot(tx, lot_id, actor)
    batch = tx.execute(
        select(CodeBatch)
        .where(CodeBatch.public_id == batch_id, CodeBatch.cooperative_id == lot.cooperative_id)
        .with_for_update()
    ).scalar_one_or_none()
    if batch is None:
        raise NotFound(field="batch_id")
    if batch.made < batch.count:
        raise NotMadeYet()
    if not (first_serial >= 1 and count >= 1 and first_serial + count - 1 <= batch.count):
        raise OutsideBatch(last=batch.count)
    refuse_taken(tx, batch, first_serial, count)
    allocation = _reserve(tx, batch, lot, first_serial, count, actor, now)
    return _ask(tx, code_jobs.ALLOCATE, batch, allocation, count, actor, now)


def refuse_taken(tx: Session, batch: CodeBatch, first_serial: int, count: int) -> None:
    """Refuse a range of which some are given already; the batch is locked.

    Raises:
        CodesTaken: names the first range in the way.
    """
    taken = tx.execute(
        select(CodeAllocation)
        .where(
            CodeAllocation.batch_id == batch.id,
            CodeAllocation.first_serial < first_serial + count,
            CodeAllocation.first_serial + CodeAllocation.count > first_serial,
        )
        .order_by(CodeAllocation.first_serial)
        .limit(1)
    ).scalar_one_or_none()
    if taken is not None:
        raise CodesTaken(
            first=max(taken.first_serial, first_serial),
            last=min(taken.last_serial, first_serial + count - 1),
        )


@command
def withdraw_code(
    tx: Session, *, lot_id: str, code: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Take one code of a lot out of use: its label was spoiled or lost. Another may replace it.

    Raises:
        NotFound, NotAllowed: `code:make` at the lot's cooperative is needed.
        ReasonMissing: it is kept with the code.
        NotOurCode: no code of this lot in use.
    """
    lot = packed_lot(tx, lot_id, actor)
    if not reason.strip():
        raise ReasonMissing()
    stored = our_speller().read(code)
    found = tx.execute(
        select(Code, CodeBatch)
        .join(CodeBatch, CodeBatch.id == Code.batch_id)
        .join(CodeAllocation, CodeAllocation.id == Code.allocation_id)
        .where(
            Code.digest == digest_of(stored or ""),
            Code.withdrawn_at.is_(None),
            CodeAllocation.lot_id == lot.id,
        )
        .with_for_update(of=Code)
    ).one_or_none()
    if found is None:
        raise NotOurCode(code=code.strip()[:40])
    row, batch = found
    row.withdrawn_at = now
    if batch.kind is CodeKind.UNIT:
        tx.execute(update(Lot).where(Lot.id == lot.id).values(coded_units=Lot.coded_units - 1))
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="lot",
        thing=lot.public_id,
        action="withdraw_code",
        organisation_id=lot.cooperative_id,
        reason=reason.strip(),
        batch=batch.public_id,
        serial=row.serial,
    )


@command
def add_external_code(
    tx: Session, *, lot_id: str, scheme: str, value: str, actor: Actor, now: datetime
) -> None:
    """Note the code another scheme gave to a lot (外部码).

    Raises:
        NotFound, NotAllowed: `code:make` at the lot's cooperative is needed.
        ExternalCodeTaken: it names a lot already.
    """
    lot = packed_lot(tx, lot_id, actor)
    row = {
        "lot_id": lot.id,
        "cooperative_id": lot.cooperative_id,
        "scheme": scheme.strip(),
        "value": value.strip(),
        "at": now,
    }
    if not db.insert_if_new(tx, ExternalCode, row):
        raise ExternalCodeTaken()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="lot",
        thing=lot.public_id,
        action="add_external_code",
        organisation_id=lot.cooperative_id,
        scheme=row["scheme"],
        value=row["value"],
    )


def packed_lot(tx: Session, lot_id: str, actor: Actor) -> Lot:
    """A packed lot whose codes the actor may make.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    lot = tx.execute(
        select(Lot).where(
            Lot.public_id == lot_id, Lot.kind == LotKind.PACKED, Lot.state == LotState.RECORDED
        )
    ).scalar_one_or_none()
    if lot is None:
        raise NotFound()
    actor.require(P.CODE_MAKE, lot.cooperative_id)
    return lot


def _new_batch(
    tx: Session, cooperative: int, kind: CodeKind, count: int, actor: Actor, now: datetime
) -> CodeBatch:
    if not 1 <= count <= CODES_AT_MOST:
        raise TooManyCodes(most=CODES_AT_MOST)
    public_id = new_id("batch")
    batch = CodeBatch(
        public_id=public_id,
        cooperative_id=cooperative,
        kind=kind,
        count=count,
        seed_sealed=new_seed(public_id),
        asked_at=now,
    )
    tx.add(batch)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="code_batch",
        thing=public_id,
        action="make",
        organisation_id=cooperative,
        codes=kind.value,
        count=count,
    )
    return batch


def _reserve(
    tx: Session,
    batch: CodeBatch,
    lot: Lot,
    first_serial: int,
    count: int,
    actor: Actor,
    now: datetime,
) -> CodeAllocation:
    """Write down which codes the lot gets, where it has units for them."""
    if batch.kind is CodeKind.UNIT:
        changed = db.rows_changed(
            tx,
            update(Lot)
            .where(Lot.id == lot.id, Lot.coded_units + count <= Lot.units)
            .values(coded_units=Lot.coded_units + count),
        )
        fits, coded = changed == 1, lot.coded_units
    else:
        tx.execute(select(Lot.id).where(Lot.id == lot.id).with_for_update())
        coded = tx.execute(
            select(func.coalesce(func.sum(CodeAllocation.count), 0))
            .join(CodeBatch, CodeBatch.id == CodeAllocation.batch_id)
            .where(CodeAllocation.lot_id == lot.id, CodeBatch.kind == CodeKind.BOX)
        ).scalar_one()
        fits = coded + count <= lot.units
    if not fits:
        raise MoreCodesThanUnits(lot=lot.number, units=lot.units, coded=coded, count=count)
    allocation = CodeAllocation(
        batch_id=batch.id, lot_id=lot.id, first_serial=first_serial, count=count, asked_at=now
    )
    tx.add(allocation)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="lot",
        thing=lot.public_id,
        action="allocate_codes",
        organisation_id=lot.cooperative_id,
        batch=batch.public_id,
        allocation=allocation.public_id,
        first_serial=first_serial,
        count=count,
    )
    return allocation


def _ask(
    tx: Session,
    kind: str,
    batch: CodeBatch,
    allocation: CodeAllocation | None,
    count: int,
    actor: Actor,
    now: datetime,
) -> str:
    return queue.ask(
        tx,
        kind,
        total=count,
        organisation_id=batch.cooperative_id,
        actor=actor,
        now=now,
        batch=batch.id,
        allocation=allocation.id if allocation else None,
    )
