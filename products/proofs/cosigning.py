"""Cosigners: other parties that sign our checkpoints with keys of their own (联署)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from products.proofs import log
from products.proofs.models import CheckpointRecord, Cosignature, Cosigner
from products.proofs.notes import COSIGNER, Checkpoint, Key, Note, Unreadable
from shop.core import db
from shop.core.actors import Actor
from shop.core.audit import record
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission


class NotAKey(Refusal):
    """What was typed is no public key of a cosigner."""

    code = "not_a_key"
    sentence = N_("这不是一把联署公钥。请把对方给的那一行原样贴进来。")
    status = 422
    field = "vkey"


class KeyKnown(Refusal):
    """The key is registered already."""

    code = "key_known"
    sentence = N_("这把公钥已经登记过了。")
    field = "vkey"


class NotACheckpoint(Refusal):
    """The file is no signed checkpoint."""

    code = "not_a_checkpoint"
    sentence = N_("这个文件不是检查点，或写法被改动。")
    status = 422
    field = "note"


class OtherCheckpoint(Refusal):
    """The checkpoint is of another log, or of a size or root we never published."""

    code = "other_checkpoint"
    sentence = N_("我们没有签发过这个检查点：条数或根和公布的不一样。")
    field = "note"


class UnknownCosigner(Refusal):
    """No line is by somebody whose cosignatures we take."""

    code = "unknown_cosigner"
    sentence = N_("上面没有已登记联署人的签名。")
    status = 403
    field = "note"


class WrongSignature(Refusal):
    """A line by a cosigner does not hold."""

    code = "wrong_signature"
    sentence = N_("%(name)s 的签名对不上：内容被改动，或用错了钥匙。")
    status = 422
    field = "note"


@command
def register_cosigner(tx: Session, *, name: str, vkey: str, actor: Actor, now: datetime) -> str:
    """Take somebody's cosignatures from now on (登记联署人).

    Args:
        name: who it is, as the public page says.
        vkey: their public key, the line that `flask cosigner-key` printed.

    Returns:
        Public id of the cosigner.

    Raises:
        NotAllowed: no role of the actor signs for the log.
        NotAKey, KeyKnown: it is none, or known; also when it is the log's own.
    """
    actor.require(Permission.LOG_SIGN)
    try:
        key = Key.read(vkey)
    except Unreadable:
        raise NotAKey() from None
    if key.kind != COSIGNER:
        raise NotAKey()
    rows = {"name": name, "vkey": key.vkey, "since": now, "until": None}
    if not db.insert_if_new(tx, Cosigner, rows):
        raise KeyKnown()
    public_id: str = tx.execute(
        select(Cosigner.public_id).where(Cosigner.vkey == key.vkey)
    ).scalar_one()
    record(tx, actor=actor, now=now, kind="log", thing=public_id, action="register", key=key.vkey)
    return public_id


@command
def end_cosigner(tx: Session, *, cosigner_id: str, actor: Actor, now: datetime) -> None:
    """Take no more cosignatures of somebody (停用联署人); those given stay.

    Raises:
        NotAllowed: no role of the actor signs for the log.
        NotFound: there is none, or it has ended.
    """
    actor.require(Permission.LOG_SIGN)
    found = tx.execute(
        select(Cosigner).where(Cosigner.public_id == cosigner_id, Cosigner.until.is_(None))
    ).scalar()
    if found is None:
        raise NotFound()
    found.until = now
    record(tx, actor=actor, now=now, kind="log", thing=cosigner_id, action="end")


@command
def cosign(tx: Session, *, note: str, actor: Actor, now: datetime) -> list[str]:
    """Keep the cosignatures under a checkpoint that somebody brings back (收下联署).

    Anybody may bring it: only registered keys count, and only under what we published.

    Args:
        note: the checkpoint with the new lines, as `flask cosign-checkpoint` wrote it.

    Returns:
        The names of those whose lines are kept now; lines that were kept before count, too.

    Raises:
        NotACheckpoint: it cannot be read.
        OtherCheckpoint: we published no checkpoint of this size with this root.
        UnknownCosigner: no line is by anybody registered at present.
        WrongSignature: a line of theirs does not hold.
    """
    try:
        signed = Note.read(note)
        checkpoint = Checkpoint.read(signed.text)
    except Unreadable:
        raise NotACheckpoint() from None
    published = tx.execute(
        select(CheckpointRecord).where(CheckpointRecord.size == checkpoint.size)
    ).scalar()
    if (
        published is None
        or published.root != checkpoint.root
        or checkpoint.origin != log.signer().name
    ):
        raise OtherCheckpoint()
    cosigners = tx.execute(
        select(Cosigner)
        .where(Cosigner.since <= now, or_(Cosigner.until.is_(None), Cosigner.until > now))
        .order_by(Cosigner.id)
    ).scalars()
    kept = {each.name: _kept(tx, published, each, signed, now) for each in cosigners}
    names = [name for name, new in kept.items() if new is not None]
    if not names:
        raise UnknownCosigner()
    if any(kept.values()):  # whoever brings the same again leaves no trace
        size = checkpoint.size
        record(tx, actor=actor, now=now, kind="log", thing="log", action="cosign", size=size)
    return names


def _kept(
    tx: Session, published: CheckpointRecord, cosigner: Cosigner, note: Note, now: datetime
) -> bool | None:
    """Keep one cosigner's line; whether it is new, None where there is none."""
    key = Key.read(cosigner.vkey)
    line = next((s for s in note.signatures if (s.name, s.key_id) == (key.name, key.key_id)), None)
    if line is None:
        return None
    seen = key.signed(note)
    if seen is None:
        raise WrongSignature(name=cosigner.name)
    return db.insert_if_new(
        tx,
        Cosignature,
        {
            "checkpoint_id": published.id,
            "cosigner_id": cosigner.id,
            "line": line.line,
            "seen_at": seen.at,
            "at": now,
        },
    )
