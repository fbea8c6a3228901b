"""Reading the codes of a cooperative and of a lot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from products.lots.models import Lot
from products.lots.states import LotKind, LotState
from products.traceability.models import (
    Box,
    Code,
    CodeAllocation,
    CodeBatch,
    ExternalCode,
)
from products.traceability.states import CodeKind
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P

#: Lists show the newest so many.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A run of codes: how many are made and given to lots, and where the next range begins."""

    public_id: str
    kind: CodeKind
    count: int
    made: int
    given: int
    next_serial: int
    asked_at: datetime

    @property
    def left(self) -> int:
        """Codes behind the last range that was given."""
        return self.count - self.next_serial + 1


@dataclass(frozen=True, slots=True)
class AllocationRow:
    """A range of codes on a lot; `done` counts those given by now."""

    public_id: str
    batch: str
    kind: CodeKind
    first_serial: int
    last_serial: int
    count: int
    done: int
    withdrawn: int
    seen: int
    root: str
    asked_at: datetime

    @property
    def ready(self) -> bool:
        """Whether all its codes are given, so that labels can be printed."""
        return self.done == self.count


@dataclass(frozen=True, slots=True)
class ExternalRow:
    """A code of another scheme, and the lot it names."""

    scheme: str
    value: str
    lot_id: str
    lot: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LotCodes:
    """All codes of one packed lot. `boxed` counts units in boxes."""

    lot_id: str
    number: str
    name: str
    units: int
    coded_units: int
    trace_code: str
    allocations: tuple[AllocationRow, ...]
    stock: tuple[BatchRow, ...]
    external: tuple[ExternalRow, ...]
    boxes: int
    boxed: int

    @property
    def uncoded(self) -> int:
        """Units without a code of their own."""
        return self.units - self.coded_units


def batches(tx: Session, cooperative_key: int, actor: Actor) -> tuple[BatchRow, ...]:
    """The runs of codes of a cooperative, newest first."""
    actor.require(P.LOT_READ, cooperative_key)
    return _batches(tx, CodeBatch.cooperative_id == cooperative_key)


def external_codes(
    tx: Session, cooperative_key: int, actor: Actor, search: str
) -> tuple[ExternalRow, ...]:
    """External codes of a cooperative's lots, those that contain the words sought."""
    actor.require(P.LOT_READ, cooperative_key)
    statement = _external().where(ExternalCode.cooperative_id == cooperative_key)
    if search.strip():
        words = search.strip()
        statement = statement.where(
            or_(
                ExternalCode.value.contains(words, autoescape=True),
                ExternalCode.scheme.contains(words, autoescape=True),
            )
        )
    return tuple(ExternalRow(*row) for row in tx.execute(statement.limit(SHOWN)))


def lot_codes(tx: Session, lot_id: str, actor: Actor) -> LotCodes:
    """The codes of a packed lot.

    Raises:
        NotFound, NotAllowed: `lot:read` at its cooperative is needed.
    """
    lot = tx.execute(
        select(Lot).where(
            Lot.public_id == lot_id, Lot.kind == LotKind.PACKED, Lot.state == LotState.RECORDED
        )
    ).scalar_one_or_none()
    if lot is None:
        raise NotFound()
    actor.require(P.LOT_READ, lot.cooperative_id)
    stock = _batches(tx, CodeBatch.cooperative_id == lot.cooperative_id)
    boxes, boxed = tx.execute(
        select(func.count(Box.id), func.coalesce(func.sum(Box.units), 0)).where(
            Box.lot_id == lot.id, Box.parent_id.is_(None)
        )
    ).one()
    return LotCodes(
        lot_id=lot.public_id,
        number=lot.number,
        name=lot.name,
        units=lot.units,
        coded_units=lot.coded_units,
        trace_code=lot.trace_code or "",
        allocations=_allocations(tx, lot.id),
        stock=tuple(one for one in stock if one.made == one.count and one.left > 0),
        external=tuple(
            ExternalRow(*row)
            for row in tx.execute(_external().where(ExternalCode.lot_id == lot.id))
        ),
        boxes=int(boxes),
        boxed=int(boxed),
    )


def _batches(tx: Session, where: ColumnElement[bool]) -> tuple[BatchRow, ...]:
    given = (
        select(
            CodeAllocation.batch_id,
            func.sum(CodeAllocation.count).label("given"),
            func.max(CodeAllocation.first_serial + CodeAllocation.count).label("next"),
        )
        .group_by(CodeAllocation.batch_id)
        .subquery()
    )
    rows = tx.execute(
        select(CodeBatch, given.c.given, given.c.next)
        .outerjoin(given, given.c.batch_id == CodeBatch.id)
        .where(where)
        .order_by(CodeBatch.id.desc())
        .limit(SHOWN)
    )
    return tuple(
        BatchRow(
            batch.public_id,
            batch.kind,
            batch.count,
            batch.made,
            int(taken or 0),
            int(following or 1),
            batch.asked_at,
        )
        for batch, taken, following in rows
    )


def _allocations(tx: Session, lot_key: int) -> tuple[AllocationRow, ...]:
    counted = (
        select(
            Code.allocation_id,
            func.count(Code.withdrawn_at).label("withdrawn"),
            func.count(Code.first_seen_at).label("seen"),
        )
        .join(CodeAllocation, CodeAllocation.id == Code.allocation_id)
        .where(
            CodeAllocation.lot_id == lot_key,
            Code.batch_id == CodeAllocation.batch_id,
            Code.serial >= CodeAllocation.first_serial,
            Code.serial < CodeAllocation.first_serial + CodeAllocation.count,
        )
        .group_by(Code.allocation_id)
        .subquery()
    )
    rows = tx.execute(
        select(CodeAllocation, CodeBatch, counted.c.withdrawn, counted.c.seen)
        .join(CodeBatch, CodeBatch.id == CodeAllocation.batch_id)
        .outerjoin(counted, counted.c.allocation_id == CodeAllocation.id)
        .where(CodeAllocation.lot_id == lot_key)
        .order_by(CodeAllocation.id)
    )
    return tuple(
        AllocationRow(
            one.public_id,
            batch.public_id,
            batch.kind,
            one.first_serial,
            one.last_serial,
            one.count,
            one.done,
            int(withdrawn or 0),
            int(seen or 0),
            one.codes_root.hex() if one.codes_root else "",
            one.asked_at,
        )
        for one, batch, withdrawn, seen in rows
    )


def _external() -> Select[str, str, str, str, datetime]:
    return (
        select(ExternalCode.scheme, ExternalCode.value, Lot.public_id, Lot.number, ExternalCode.at)
        .join(Lot, Lot.id == ExternalCode.lot_id)
        .order_by(ExternalCode.id.desc())
    )
