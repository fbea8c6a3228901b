"""Finding what a typed or scanned code stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from products.lots.models import Lot
from products.lots.states import LotKind, LotState
from products.traceability.minting import digest_of, our_speller
from products.traceability.models import Box, Code, CodeAllocation, CodeBatch
from products.traceability.rules import is_odd, spelled
from products.traceability.spelling import LENGTH, plain_of
from products.traceability.states import CodeKind, Verdict
from shop.core.reference import find_references, read_reference

#: Characters of the code of a whole lot, as it stands on posters and shelf cards.
LOT_LENGTH = 9


@dataclass(frozen=True, slots=True)
class Found:
    """What a code stands for.

    `verdict` is GENUINE or ODD where there is a lot, else why there is none. `kind` is None for
    the code of a whole lot; `code` is as we write it, without hyphens. `lot_key`, `batch_key` are
    internal.
    """

    verdict: Verdict
    code: str
    kind: CodeKind | None = None
    lot_key: int | None = None
    batch_key: int | None = None
    serial: int = 0
    seen: int = 0
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    boxed_units: int = 0

    @property
    def spelled(self) -> str:
        """The code in groups, as it is printed."""
        return spelled(self.code)


def normal(typed: str) -> str | None:
    """A code as we write it, from what was typed, or None where it cannot be one.

    Nine characters are the code of a lot, twelve that of one unit or box.
    """
    if len(plain_of(typed)) == LENGTH:
        return our_speller().read(typed)
    return read_reference(typed)


def find(tx: Session, typed: str) -> Found:
    """What stands behind a code. Asks the database one thing."""
    code = normal(typed)
    if code is None:
        return Found(Verdict.MISTYPED, plain_of(typed))
    return _of_lot(tx, code) if len(code) == LOT_LENGTH else _of_box(tx, code)


def _of_lot(tx: Session, code: str) -> Found:
    key = tx.execute(
        select(Lot.id).where(
            Lot.trace_code == code, Lot.kind == LotKind.PACKED, Lot.state == LotState.RECORDED
        )
    ).scalar()
    if key is None:
        return Found(Verdict.UNKNOWN, code)
    return Found(Verdict.GENUINE, code, lot_key=key)


def _of_box(tx: Session, code: str) -> Found:
    row = tx.execute(
        select(Code, CodeBatch.kind, CodeAllocation.lot_id, Box.units)
        .join(CodeBatch, CodeBatch.id == Code.batch_id)
        .outerjoin(CodeAllocation, CodeAllocation.id == Code.allocation_id)
        .outerjoin(Box, (Box.batch_id == Code.batch_id) & (Box.serial == Code.serial))
        .where(Code.digest == digest_of(code))
    ).one_or_none()
    if row is None:
        return Found(Verdict.UNKNOWN, code)
    found, kind, boxed = row[0], row[1], row[3]
    lot_key: int | None = row[2]
    if found.withdrawn_at is not None:
        return Found(Verdict.WITHDRAWN, code, kind)
    if lot_key is None:
        return Found(Verdict.NOT_YET, code, kind)
    odd = is_odd(found.seen, found.first_seen_at, found.last_seen_at)
    return Found(
        Verdict.ODD if odd else Verdict.GENUINE,
        code,
        kind,
        lot_key,
        found.batch_id,
        found.serial,
        found.seen,
        found.first_seen_at,
        found.last_seen_at,
        boxed or 0,
    )


def lots_of_codes(text: str) -> Select[int]:
    """The lots (internal keys) of every code written in a text, of lots, units and boxes alike.

    Codes stand apart by spaces, commas or lines.
    """
    words = [word for word in re.split(r"[\s,，;；、]+", text) if word]
    digests = [
        digest_of(code)
        for word in words
        if (code := normal(word)) is not None and len(code) == LENGTH
    ]
    of_units = (
        select(CodeAllocation.lot_id)
        .join(Code, Code.allocation_id == CodeAllocation.id)
        .where(Code.digest.in_(digests))
    )
    of_lots = select(Lot.id).where(Lot.trace_code.in_(find_references(text)))
    return select(Lot.id).where(or_(Lot.id.in_(of_units), Lot.id.in_(of_lots)))
