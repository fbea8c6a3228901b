"""Counting that somebody holds a box."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from products.traceability.models import TraceScan
from products.traceability.queries import lot_of_code
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound


@command
def count_scan(tx: Session, *, code: str, actor: Actor, now: datetime) -> str:
    """Note that somebody pressed “I hold this box” on the page of a code (首次扫码时间).

    The page itself counts nothing: previews by chat programs would burn the first scan.

    Returns:
        The code, as stored.

    Raises:
        NotFound: no packed lot carries this code.
    """
    del actor  # anybody may; who it was is nobody's business
    lot_id = lot_of_code(tx, code)
    if lot_id is None:
        raise NotFound()
    tx.add(TraceScan(lot_id=lot_id, at=now))
    return code
