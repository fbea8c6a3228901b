"""Reading what labels can be printed, and the files of those that were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.lots.models import Lot
from products.traceability.models import CodeAllocation, CodeBatch, LabelFile, LabelPrint
from products.traceability.states import CodeKind
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P


@dataclass(frozen=True, slots=True)
class Range:
    """A range of codes on a lot, whose labels can be printed."""

    public_id: str
    kind: CodeKind
    lot_id: str
    lot: str
    first_serial: int
    count: int


@dataclass(frozen=True, slots=True)
class FileRow:
    """One PDF of a print."""

    part: int
    first_serial: int
    count: int


@dataclass(frozen=True, slots=True)
class PrintRow:
    """A print and its files; they are gone after `expires_at`."""

    public_id: str
    allocation_id: str
    lot_id: str
    lot: str
    count: int
    expires_at: datetime
    files: tuple[FileRow, ...]


def allocation(tx: Session, allocation_id: str, actor: Actor) -> Range:
    """A range of codes on a lot.

    Raises:
        NotFound, NotAllowed: `code:make` at the lot's cooperative is needed.
    """
    row = tx.execute(
        select(CodeAllocation, CodeBatch.kind, Lot)
        .join(CodeBatch, CodeBatch.id == CodeAllocation.batch_id)
        .join(Lot, Lot.id == CodeAllocation.lot_id)
        .where(CodeAllocation.public_id == allocation_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    found, kind, lot = row
    actor.require(P.CODE_MAKE, lot.cooperative_id)
    return Range(found.public_id, kind, lot.public_id, lot.number, found.first_serial, found.count)


def label_print(tx: Session, print_id: str, actor: Actor) -> PrintRow:
    """A print with its files, without their contents.

    Raises:
        NotFound, NotAllowed: `code:make` at the lot's cooperative is needed.
    """
    row, allocated, lot = _print(tx, print_id, actor)
    files = tx.execute(
        select(LabelFile.part, LabelFile.first_serial, LabelFile.count)
        .where(LabelFile.print_id == row.id)
        .order_by(LabelFile.part)
    )
    return PrintRow(
        row.public_id,
        allocated.public_id,
        lot.public_id,
        lot.number,
        row.count,
        row.expires_at,
        tuple(FileRow(*file) for file in files),
    )


def label_file(tx: Session, print_id: str, part: int, actor: Actor) -> tuple[bytes, str]:
    """One file of a print, and a name for it.

    Raises:
        NotFound, NotAllowed: `code:make` at the lot's cooperative is needed; or it is gone.
    """
    row, _allocated, lot = _print(tx, print_id, actor)
    content = tx.execute(
        select(LabelFile.content).where(LabelFile.print_id == row.id, LabelFile.part == part)
    ).scalar()
    if content is None:
        raise NotFound()
    return content, f"labels-{lot.number}-{part}"


def _print(tx: Session, print_id: str, actor: Actor) -> tuple[LabelPrint, CodeAllocation, Lot]:
    row = tx.execute(
        select(LabelPrint, CodeAllocation, Lot)
        .join(CodeAllocation, CodeAllocation.id == LabelPrint.allocation_id)
        .join(Lot, Lot.id == CodeAllocation.lot_id)
        .where(LabelPrint.public_id == print_id)
    ).one_or_none()
    if row is None:
        raise NotFound()
    actor.require(P.CODE_MAKE, row[2].cooperative_id)
    return row[0], row[1], row[2]
