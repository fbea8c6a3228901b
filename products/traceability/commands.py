"""Counting that somebody holds a box; noticing first and odd confirmations of a code."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.lots.models import Lot
from products.traceability.finding import Found, find
from products.traceability.models import Code, CodeNotice, TraceScan
from products.traceability.rules import is_odd
from products.traceability.states import NoticeKind
from shop.core import db
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound


@command
def count_scan(tx: Session, *, code: str, actor: Actor, now: datetime) -> str:
    """Note that somebody pressed “I hold this box” on the page of a code (首次扫码时间).

    The page itself counts nothing: previews by chat programs would burn the first scan. The first
    confirmation and the one that makes a code odd are each noted once for the cooperative.

    Returns:
        The code, as we write it.

    Raises:
        NotFound: no lot carries this code.
    """
    del actor  # anybody may; who it was is nobody's business
    found = find(tx, code)
    if found.lot_key is None:
        raise NotFound()
    if found.kind is None:
        tx.add(TraceScan(lot_id=found.lot_key, at=now))
        return found.code
    row = tx.execute(
        select(Code)
        .where(Code.batch_id == found.batch_key, Code.serial == found.serial)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).scalar_one()
    row.seen += 1
    row.first_seen_at = row.first_seen_at or now
    row.last_seen_at = now
    if row.seen == 1:
        _notice(tx, found, NoticeKind.FIRST, now)
    if is_odd(row.seen, row.first_seen_at, row.last_seen_at):
        _notice(tx, found, NoticeKind.ODD, now)
    return found.code


def _notice(tx: Session, found: Found, kind: NoticeKind, now: datetime) -> None:
    row = {
        "cooperative_id": tx.execute(
            select(Lot.cooperative_id).where(Lot.id == found.lot_key)
        ).scalar_one(),
        "lot_id": found.lot_key,
        "batch_id": found.batch_key,
        "serial": found.serial,
        "kind": kind,
        "at": now,
    }
    db.insert_if_new(tx, CodeNotice, row)
