"""Sealing events and signing checkpoints."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from products.proofs import log, merkle, tree
from products.proofs.models import CheckpointRecord, LogTile, SealedEvent
from products.proofs.notes import Checkpoint
from products.proofs.tiles import Tiler
from shop.core import bulk, db
from shop.core.actors import Actor
from shop.core.audit import record
from shop.core.clock import day_of, start_of
from shop.core.commands import command
from shop.core.errors import Refusal
from shop.core.events import Event
from shop.core.labels import N_
from shop.core.permissions import Permission

#: Events sealed in one transaction.
CHUNK = 20_000
#: How long sealing waits for those who are writing events, and they for it.
PATIENCE_MS = 2_000


class NothingNew(Refusal):
    """Nothing was sealed since the last checkpoint; it still stands."""

    code = "nothing_new"
    sentence = N_("上一个检查点之后还没有新的记录，不用再签。")


def seal_due(*, actor: Actor, now: datetime) -> int:
    """Seal every committed event (封存), chunk by chunk; for the timetable.

    Returns:
        How many were sealed. None are while somebody keeps writing events for longer than we
        wait; the next minute tries again.
    """
    try:
        highest = safe_highest(actor=actor, now=now)
    except DBAPIError as error:
        if db.is_locked(error):
            return 0
        raise
    sealed = 0
    while count := seal(up_to=highest, actor=actor, now=now):
        sealed += count
    return sealed


@command
def safe_highest(tx: Session, *, actor: Actor, now: datetime) -> int:
    """The highest event that has no unfinished one below it.

    On PostgreSQL keys are given out before transactions commit, so a lower one may still be on
    its way when a higher one is there already. Whoever inserts an event holds a lock that ours
    conflicts with, and takes it before the key: once we have ours, no lower key is unfinished.
    It is let go at once, when this transaction ends. Nobody may reserve an event's key ahead.
    """
    del actor, now
    db.lock_table(tx, Event, "SHARE", wait_ms=PATIENCE_MS)
    return tx.execute(select(func.coalesce(func.max(Event.id), 0))).scalar_one()


@command
def seal(tx: Session, *, up_to: int, actor: Actor, now: datetime) -> int:
    """Give the next events their places, chain them and put them into the tree (封存).

    Args:
        up_to: key of the last event that may be sealed, from `safe_highest`.

    Returns:
        How many were sealed: at most `CHUNK`, 0 when all are.
    """
    del actor, now
    db.lock_table(tx, SealedEvent, "SHARE ROW EXCLUSIVE", wait_ms=PATIENCE_MS)
    last = tree.last_sealed(tx)
    seq, chain, after = (last.seq + 1, last.chain, last.event_id) if last else (0, log.BEGINNING, 0)
    rows = tx.execute(
        select(Event.id, Event.digest)
        .where(Event.id > after, Event.id <= up_to)
        .order_by(Event.id)
        .limit(CHUNK)
    ).all()
    if not rows:
        return 0
    tiler = Tiler(seq, tree.open_tiles(tx, seq))
    places: list[tuple[int, int, bytes]] = []
    full: list[tuple[int, int, bytes, bytes]] = []
    for place, (event_id, digest) in enumerate(rows, seq):
        chain = log.chained(chain, digest)
        places.append((place, event_id, chain))
        full.extend(tiler.append(merkle.leaf_hash(digest)))
    bulk.insert_many(tx, SealedEvent, ("seq", "event_id", "chain"), places)
    if full:
        bulk.insert_many(tx, LogTile, ("level", "number", "hashes", "top"), full)
    return len(rows)


@command
def sign_checkpoint(tx: Session, *, actor: Actor, now: datetime) -> int:
    """Sign what is sealed by now (签发检查点) and publish it.

    Returns:
        The size of the checkpoint: how many events it vouches for.

    Raises:
        NotAllowed: no role of the actor signs for the log.
        NothingNew: nothing was sealed since the last one.
    """
    actor.require(Permission.LOG_SIGN)
    return _sign(tx, actor, now)


@command
def sign_if_due(tx: Session, *, actor: Actor, now: datetime) -> int | None:
    """Sign the day's checkpoint, once a day with something new; for the timetable.

    Returns:
        The size of the checkpoint, or None when none was due.
    """
    today = tx.execute(
        select(CheckpointRecord.id).where(CheckpointRecord.at >= start_of(day_of(now))).limit(1)
    ).first()
    if today:
        return None
    try:
        return _sign(tx, actor, now)
    except NothingNew:
        return None


def _sign(tx: Session, actor: Actor, now: datetime) -> int:
    db.lock_table(tx, CheckpointRecord, "SHARE ROW EXCLUSIVE", wait_ms=PATIENCE_MS)
    last = tree.last_sealed(tx)
    size = last.seq + 1 if last else 0
    signed = tx.execute(select(func.coalesce(func.max(CheckpointRecord.size), 0))).scalar_one()
    if size <= signed:
        raise NothingNew()
    signer = log.signer()
    checkpoint = Checkpoint(signer.name, size, merkle.root(size, tree.nodes(tx, size)))
    note = f"{checkpoint.text}\n{signer.sign(checkpoint.text)}"
    tx.add(CheckpointRecord(size=size, root=checkpoint.root, note=note, at=now))
    record(tx, actor=actor, now=now, kind="log", thing="log", action="sign", size=size)
    return size
