"""The sealed tree as it lies in the database: its size, its tiles, its nodes."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.proofs import merkle, tiles
from products.proofs.merkle import leaf_hash
from products.proofs.models import LogTile, SealedEvent
from products.proofs.tiles import HASH, WIDTH
from shop.core.events import Event


def last_sealed(tx: Session) -> SealedEvent | None:
    """The event sealed last, or None before the first."""
    return tx.execute(select(SealedEvent).order_by(SealedEvent.seq.desc()).limit(1)).scalar()


def tile(tx: Session, level: int, number: int, width: int) -> bytes:
    """The first `width` hashes of a tile: from its row when it is full, else from below.

    At most 256 rows are read, whatever the size of the tree.
    """
    kept = tx.execute(
        select(LogTile.hashes).where(LogTile.level == level, LogTile.number == number)
    ).scalar()
    if kept is not None:
        return kept[: width * HASH]
    first = number * WIDTH
    if level == 0:
        rows = tx.execute(
            select(Event.digest)
            .join(SealedEvent, SealedEvent.event_id == Event.id)
            .where(SealedEvent.seq >= first, SealedEvent.seq < first + width)
            .order_by(SealedEvent.seq)
        ).scalars()
        return b"".join(leaf_hash(digest) for digest in rows)
    below = tx.execute(
        select(LogTile.top)
        .where(LogTile.level == level - 1, LogTile.number >= first, LogTile.number < first + width)
        .order_by(LogTile.number)
    ).scalars()
    return b"".join(below)


def nodes(tx: Session, size: int) -> merkle.Nodes:
    """The nodes of the tree over the first `size` events."""
    return tiles.reader(size, lambda level, number, width: tile(tx, level, number, width))


def open_tiles(tx: Session, size: int) -> list[bytes]:
    """Per level, the hashes of the tile that is not full yet; where sealing goes on."""
    found, count, level = [], size, 0
    while count:
        number, width = divmod(count, WIDTH)
        found.append(tile(tx, level, number, width) if width else b"")
        count, level = number, level + 1
    return found
