"""Tables of the log. All but the cosigners' are only ever added to."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from shop.core import db


class SealedEvent(db.Model):
    """An event in its place (封存): `seq` counts from 0 without a gap.

    `chain` is SHA-256 over the chain of the event before it and the digest of this one.
    """

    __tablename__ = "sealed_event"
    __table_args__ = (CheckConstraint("seq >= 0", name="seq_counts_from_zero"),)

    seq: Mapped[int] = mapped_column(db.BIG, primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"), unique=True)
    chain: Mapped[bytes] = mapped_column(LargeBinary(32))


class LogTile(db.Model):
    """A full tile of the tree; the partial ones follow from what is below them.

    `hashes` are 256 of 32 bytes, `top` is the hash over them.
    """

    __tablename__ = "log_tile"

    level: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hashes: Mapped[bytes] = mapped_column(LargeBinary(8192))
    top: Mapped[bytes] = mapped_column(LargeBinary(32))


class CheckpointRecord(db.Model):
    """A checkpoint (检查点) as it was published: `note` with our own signature, no one else's."""

    __tablename__ = "checkpoint"
    __table_args__ = (CheckConstraint("size > 0", name="size_is_positive"),)

    id: Mapped[db.Id]
    size: Mapped[int] = mapped_column(unique=True)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    note: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)


class Cosigner(db.Model):
    """Another party that signs our checkpoints with a key of its own (联署人)."""

    __tablename__ = "cosigner"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("cosigner")
    name: Mapped[str] = mapped_column(String(64))
    vkey: Mapped[str] = mapped_column(String(256), unique=True)
    since: Mapped[datetime]
    until: Mapped[datetime | None]


class Cosignature(db.Model):
    """A cosigner's line under one checkpoint. `seen_at` is what it says, `at` when it came."""

    __tablename__ = "cosignature"
    __table_args__ = (UniqueConstraint("checkpoint_id", "cosigner_id"),)

    id: Mapped[db.Id]
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id"))
    cosigner_id: Mapped[int] = mapped_column(ForeignKey("cosigner.id"), index=True)
    line: Mapped[str]
    seen_at: Mapped[datetime | None]
    at: Mapped[datetime]
