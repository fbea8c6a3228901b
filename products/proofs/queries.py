"""Reading the log for pages, papers and auditors; what a checkpoint covers is published."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from products.proofs import log, tiles, tree
from products.proofs.files import Report, entries_path, entry_line, tile_widths
from products.proofs.models import (
    CheckpointRecord,
    Cosignature,
    Cosigner,
    LogTile,
    SealedEvent,
)
from products.proofs.notes import Key
from products.proofs.rules import Bad, Entry, Finding, Vouched, vouched, walk
from products.proofs.tiles import WIDTH
from shop.core.actors import Actor
from shop.core.errors import NotFound, Refusal
from shop.core.events import Event, digest_of
from shop.core.labels import N_
from shop.core.permissions import Permission

#: The archive holds logs up to this many events; larger ones are fetched file by file.
ARCHIVED = 2_000_000
#: Events read in one statement when all are gone through.
READ_AT_ONCE = 2_048
#: At most so many checkpoints stand on the page, the newest first.
LISTED = 60


class LogTooLong(Refusal):
    """The archive has a limit; what is beyond it is fetched file by file."""

    code = "log_too_long"
    sentence = N_("日志已超过 %(limit)s 条，请用 entries/ 和 tile/ 下的单个文件核对。")


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A published checkpoint; `note` carries every signature, ours first."""

    size: int
    root: bytes
    at: datetime
    note: str
    cosigned: tuple[tuple[str, datetime | None], ...]


@dataclass(frozen=True, slots=True)
class CosignerRow:
    """Somebody whose cosignatures are taken."""

    public_id: str
    name: str
    vkey: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """What the public page says of the log."""

    sealed: int
    count: int
    latest: CheckpointRow | None
    checkpoints: tuple[CheckpointRow, ...]
    cosigners: tuple[CosignerRow, ...]
    vkey: str


def page(tx: Session) -> LogPage:
    """The log as its public page shows it."""
    last = tree.last_sealed(tx)
    rows = checkpoints(tx, limit=LISTED)
    return LogPage(
        sealed=last.seq + 1 if last else 0,
        count=tx.execute(select(func.count()).select_from(CheckpointRecord)).scalar_one(),
        latest=rows[0] if rows else None,
        checkpoints=rows,
        cosigners=cosigners(tx),
        vkey=log.signer().key.vkey,
    )


def desk(tx: Session, actor: Actor) -> LogPage:
    """The same for the operator's desk.

    Raises:
        NotAllowed: no role of the actor signs for the log.
    """
    actor.require(Permission.LOG_SIGN)
    return page(tx)


def latest(tx: Session) -> CheckpointRow | None:
    """The newest checkpoint, or None before the first."""
    return next(iter(checkpoints(tx, limit=1)), None)


def covering(tx: Session, at: datetime) -> CheckpointRow | None:
    """The checkpoint a paper prints: the first signed after its moment, else the newest of all.

    So a paper that is printed again says the same; None before the first checkpoint.
    """
    size = tx.execute(
        select(func.min(CheckpointRecord.size)).where(CheckpointRecord.at >= at)
    ).scalar()
    return next(iter(checkpoints(tx, limit=1, size=size)), None)


def vouching(tx: Session, seq: int) -> CheckpointRow | None:
    """The best checkpoint over an event: the newest that others cosigned, else the newest.

    None while no checkpoint covers it.
    """
    cosigned = tx.execute(
        select(func.max(CheckpointRecord.size))
        .join(Cosignature, Cosignature.checkpoint_id == CheckpointRecord.id)
        .where(CheckpointRecord.size > seq)
    ).scalar()
    found = next(iter(checkpoints(tx, limit=1, size=cosigned)), None)
    return found if found and found.size > seq else None


def checkpoints(
    tx: Session, *, limit: int | None = None, size: int | None = None
) -> tuple[CheckpointRow, ...]:
    """Published checkpoints, the newest first; all of them, or the one of a size."""
    found = select(CheckpointRecord).order_by(CheckpointRecord.size.desc()).limit(limit)
    if size is not None:
        found = found.where(CheckpointRecord.size == size)
    records = tx.execute(found).scalars().all()
    lines: dict[int, list[tuple[str, datetime | None, str]]] = defaultdict(list)
    for key, name, seen_at, line in tx.execute(
        select(Cosignature.checkpoint_id, Cosigner.name, Cosignature.seen_at, Cosignature.line)
        .join(Cosigner, Cosigner.id == Cosignature.cosigner_id)
        .where(Cosignature.checkpoint_id.in_([record.id for record in records]))
        .order_by(Cosignature.id)
    ):
        lines[key].append((name, seen_at, line))
    return tuple(
        CheckpointRow(
            record.size,
            record.root,
            record.at,
            record.note + "".join(line for _name, _seen, line in lines[record.id]),
            tuple((name, seen) for name, seen, _line in lines[record.id]),
        )
        for record in records
    )


def note(tx: Session, size: int | None = None) -> str:
    """A checkpoint as published: the newest, or the one of that size.

    Raises:
        NotFound: there is none.
    """
    found = checkpoints(tx, limit=1, size=size)
    if not found:
        raise NotFound()
    return found[0].note


def cosigners(tx: Session) -> tuple[CosignerRow, ...]:
    """Everybody whose cosignatures were ever taken, in the order of registration."""
    rows = tx.execute(
        select(
            Cosigner.public_id, Cosigner.name, Cosigner.vkey, Cosigner.since, Cosigner.until
        ).order_by(Cosigner.id)
    )
    return tuple(CosignerRow(*row) for row in rows)


def keys(tx: Session) -> str:
    """The cosigners' public keys, one a line."""
    return "".join(f"{row.vkey}\n" for row in cosigners(tx))


def published_size(tx: Session) -> int:
    """How many events the newest checkpoint covers."""
    return tx.execute(select(func.coalesce(func.max(CheckpointRecord.size), 0))).scalar_one()


def tile(tx: Session, level: int, number: int, width: int) -> bytes:
    """A tile of the published tree, whole or its first `width` hashes.

    Raises:
        NotFound: no checkpoint covers so much.
    """
    if level > 7 or (published_size(tx) >> 8 * level) < number * WIDTH + width:
        raise NotFound()
    return tree.tile(tx, level, number, width)


def entries(tx: Session, number: int, width: int) -> str:
    """A file of published events: place, digest and chain, one event a line.

    Raises:
        NotFound: no checkpoint covers so many.
    """
    first = number * WIDTH
    if published_size(tx) < first + width:
        raise NotFound()
    return "".join(map(entry_line, _entries(tx, first, first + width)))


def public_files(tx: Session) -> Iterator[tuple[str, bytes]]:
    """Every public file, name and content, as far as the newest checkpoint covers.

    Raises:
        NotFound: there is no checkpoint yet.
        LogTooLong: there are more than `ARCHIVED` events.
    """
    size = published_size(tx)
    if size == 0:
        raise NotFound()
    if size > ARCHIVED:
        raise LogTooLong(limit=f"{ARCHIVED:,}")
    return _files(tx, size)


def _files(tx: Session, size: int) -> Iterator[tuple[str, bytes]]:
    yield "vkey", f"{log.signer().key.vkey}\n".encode()
    yield "cosigners", keys(tx).encode()
    rows = [row for row in checkpoints(tx) if row.size <= size]
    yield "checkpoint", rows[0].note.encode()
    for row in rows:
        yield f"checkpoints/{row.size}", row.note.encode()
    for level, number, width in tiles.widths(size):
        hashes = tree.tile(tx, level, number, width)
        tx.rollback()
        yield f"tile/{tiles.tile_path(level, number, width)}", hashes
    for number, width in tile_widths(size):
        first = number * WIDTH
        lines = "".join(map(entry_line, _entries(tx, first, first + width)))
        tx.rollback()  # a slow reader keeps no transaction open; what is published stays as it is
        yield entries_path(number, width), lines.encode()


def _entries(tx: Session, first: int, end: int) -> Iterator[Entry]:
    rows = tx.execute(
        select(SealedEvent.seq, Event.digest, SealedEvent.chain)
        .join(Event, Event.id == SealedEvent.event_id)
        .where(SealedEvent.seq >= first, SealedEvent.seq < end)
        .order_by(SealedEvent.seq)
    )
    return (Entry(*row) for row in rows)


def verify(tx: Session, kept: tuple[str, ...] = ()) -> Report:
    """Compare the events in the database with what was sealed and published of them (核对存证).

    Every event's digest is computed anew from its text.

    Args:
        kept: checkpoints somebody kept outside; the log must still hold them.
    """
    key = log.signer().key
    known = tuple(Key.read(row.vkey) for row in cosigners(tx))
    notes = [(row.note, True) for row in checkpoints(tx)] + [(text, False) for text in kept]
    findings: list[Finding] = []
    found: list[Vouched] = []
    for text, strict in notes:
        try:
            found.append(vouched(text, key, known, strict=strict))
        except Bad as bad:
            findings.append(bad.finding)
    roots = {each.checkpoint.size: each.checkpoint.root for each in found}
    size = 0
    try:
        size = walk(recomputed(_sealed(tx)), lambda *at: _full_tile(tx, *at), roots)
    except Bad as bad:
        findings.append(bad.finding)
    if passed := _passed_over(tx):
        sentence = N_("有 %(count)s 条事件，写在已封存的前面，自己却没有封存。")
        findings.append(Finding(sentence, None, {"count": passed}))
    return Report(size, tuple(found), tuple(findings))


def _passed_over(tx: Session) -> int:
    """Events older than the last sealed one that have no place themselves."""
    last = tree.last_sealed(tx)
    return tx.execute(
        select(func.count())
        .select_from(Event)
        .outerjoin(SealedEvent, SealedEvent.event_id == Event.id)
        .where(Event.id <= (last.event_id if last else 0), SealedEvent.seq.is_(None))
    ).scalar_one()


#: An event with its place: seq, chain, salt, text, digest as kept.
Sealed = tuple[int, bytes, bytes, str, bytes]


def recomputed(rows: Iterator[Sealed]) -> Iterator[Entry]:
    """Entries with digests computed anew from the events' texts.

    Raises:
        Bad: a text or its digest was changed.
    """
    for seq, chain, salt, facts, digest in rows:
        if digest_of(salt, facts) != digest:
            raise Bad(N_("第 %(seq)s 条的内容被改动：和它的摘要对不上。"), seq)
        yield Entry(seq, digest, chain)


def _sealed(tx: Session) -> Iterator[Sealed]:
    last = tree.last_sealed(tx)
    for first in range(0, last.seq + 1 if last else 0, READ_AT_ONCE):
        yield from (
            (seq, chain, salt, facts, digest)
            for seq, chain, salt, facts, digest in tx.execute(
                select(SealedEvent.seq, SealedEvent.chain, Event.salt, Event.facts, Event.digest)
                .join(Event, Event.id == SealedEvent.event_id)
                .where(SealedEvent.seq >= first, SealedEvent.seq < first + READ_AT_ONCE)
                .order_by(SealedEvent.seq)
            )
        )


def _full_tile(tx: Session, level: int, number: int, _width: int) -> bytes | None:
    return tx.execute(
        select(LogTile.hashes).where(LogTile.level == level, LogTile.number == number)
    ).scalar()
