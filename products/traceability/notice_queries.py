"""Reading what was scanned, and what was complained of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from products.lots.models import Lot
from products.traceability.models import Code, CodeBatch, CodeNotice, Complaint
from products.traceability.states import COMPLAINT, CodeKind, ComplaintState, NoticeKind
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P

#: Lists show the newest so many.
SHOWN = 200

#: Stands for no organisation in particular: only who may do a thing everywhere passes there.
EVERYWHERE = 0


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A code that was confirmed for the first time or oddly often."""

    kind: NoticeKind
    lot_id: str
    lot: str
    name: str
    serial: int
    code_kind: CodeKind
    seen: int
    first_seen: datetime | None
    last_seen: datetime | None
    at: datetime


@dataclass(frozen=True, slots=True)
class ComplaintRow:
    """A complaint as the cooperative sees it. The telephone number stays sealed."""

    public_id: str
    lot_id: str
    lot: str
    name: str
    serial: int | None
    code_kind: CodeKind | None
    state: ComplaintState
    words: str
    has_phone: bool
    at: datetime
    answer: str
    answered_at: datetime | None

    @property
    def actions(self) -> list[str]:
        """What can be done with it."""
        return COMPLAINT.actions(self.state)


def notices(tx: Session, cooperative_key: int | None, actor: Actor) -> tuple[NoticeRow, ...]:
    """What was confirmed for the first time or oddly often, newest first.

    Args:
        cooperative_key: internal key; None for all, which only the platform's people may.
    """
    actor.require(P.LOT_READ, cooperative_key or EVERYWHERE)
    statement = (
        select(
            CodeNotice.kind,
            Lot.public_id,
            Lot.number,
            Lot.name,
            CodeNotice.serial,
            CodeBatch.kind,
            Code.seen,
            Code.first_seen_at,
            Code.last_seen_at,
            CodeNotice.at,
        )
        .join(Lot, Lot.id == CodeNotice.lot_id)
        .join(CodeBatch, CodeBatch.id == CodeNotice.batch_id)
        .join(Code, (Code.batch_id == CodeNotice.batch_id) & (Code.serial == CodeNotice.serial))
        .order_by(CodeNotice.at.desc(), CodeNotice.id.desc())
        .limit(SHOWN)
    )
    if cooperative_key is not None:
        statement = statement.where(CodeNotice.cooperative_id == cooperative_key)
    return tuple(NoticeRow(*tuple(row)) for row in tx.execute(statement))


def complaints(tx: Session, cooperative_key: int | None, actor: Actor) -> tuple[ComplaintRow, ...]:
    """Complaints, those that wait first, then the newest.

    Args:
        cooperative_key: internal key; None for all, which only the platform's people may.
    """
    actor.require(P.COMPLAINT_ANSWER, cooperative_key or EVERYWHERE)
    statement = (
        _complaints()
        .order_by(
            (Complaint.state != ComplaintState.OPEN), Complaint.at.desc(), Complaint.id.desc()
        )
        .limit(SHOWN)
    )
    if cooperative_key is not None:
        statement = statement.where(Complaint.cooperative_id == cooperative_key)
    return tuple(_complaint(row) for row in tx.execute(statement))


def complaint(tx: Session, complaint_id: str, actor: Actor) -> ComplaintRow:
    """One complaint.

    Raises:
        NotFound, NotAllowed: `complaint:answer` at the lot's cooperative is needed.
    """
    key = tx.execute(
        select(Complaint.cooperative_id).where(Complaint.public_id == complaint_id)
    ).scalar()
    if key is None:
        raise NotFound()
    actor.require(P.COMPLAINT_ANSWER, key)
    return own_complaint(tx, complaint_id)


def own_complaint(tx: Session, complaint_id: str) -> ComplaintRow:
    """A complaint as whoever has its private link sees it.

    Raises:
        NotFound: there is none.
    """
    row = tx.execute(_complaints().where(Complaint.public_id == complaint_id)).one_or_none()
    if row is None:
        raise NotFound()
    return _complaint(row)


def _complaints() -> Select[Complaint, str, str, str, CodeKind]:
    return (
        select(Complaint, Lot.public_id, Lot.number, Lot.name, CodeBatch.kind)
        .join(Lot, Lot.id == Complaint.lot_id)
        .outerjoin(CodeBatch, CodeBatch.id == Complaint.batch_id)
    )


def _complaint(row: Row[Complaint, str, str, str, CodeKind]) -> ComplaintRow:
    kept, lot_id, lot, name, kind = row
    return ComplaintRow(
        public_id=kept.public_id,
        lot_id=lot_id,
        lot=lot,
        name=name,
        serial=kept.serial,
        code_kind=kind,
        state=kept.state,
        words=kept.words,
        has_phone=kept.phone_sealed is not None,
        at=kept.at,
        answer=kept.answer,
        answered_at=kept.answered_at,
    )
