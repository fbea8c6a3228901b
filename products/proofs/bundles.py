"""Offline bundles (离线凭证): what proves a box without any network.

A bundle is JSON: a checkpoint with its signatures, one that others cosigned where there is one;
the log's public key; and for each event its text, its salt and its path to the root. Only its own
events are told: of all the others nothing can be learned from it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.lots.models import Lot
from products.proofs import log, merkle, tree
from products.proofs.models import SealedEvent
from products.proofs.queries import published_size, vouching
from shop.core.errors import NotFound, Refusal
from shop.core.events import Event
from shop.core.labels import N_

FORMAT = "shanhuo-bundle-1"


class NotSealedYet(Refusal):
    """The event is written down, but no checkpoint covers it before tonight."""

    code = "not_sealed_yet"
    sentence = N_("这一批的记录还没有被检查点盖住，请明天再来下载。")


@dataclass(frozen=True, slots=True)
class CodeProof:
    """That a code is one of those printed together.

    `digest` is the code's as kept; `position` counts from 0 among the codes of the printing;
    `path` proves leaf ``merkle.leaf_hash(digest)`` in the tree over all `count` of them, whose
    root stands in the `labelled` event as `codes_root`.
    """

    digest: bytes
    position: int
    count: int
    path: tuple[bytes, ...]


def lot_of(tx: Session, public_id: str) -> int:
    """The internal key of a lot.

    Raises:
        NotFound: there is none.
    """
    found = tx.execute(select(Lot.id).where(Lot.public_id == public_id)).scalar()
    if found is None:
        raise NotFound()
    return found


def lot_bundle(tx: Session, lot_id: int) -> dict[str, Any]:
    """What proves a packed lot (批次凭证): its `packed` event under the best checkpoint over it.

    Args:
        lot_id: internal key of a packed lot.

    Returns:
        Plain values; `text_of` makes the file of them.

    Raises:
        NotFound: no packing of this lot was ever written down.
        NotSealedYet: it is, but no checkpoint covers it.
    """
    return _bundle(tx, lot=_written(tx, lot_id, "packed"))


def box_bundle(tx: Session, lot_id: int, code: CodeProof) -> dict[str, Any]:
    """What proves one box (单盒凭证): its lot's bundle, and that its code was printed for the lot.

    The `labelled` event is found by the root that the code's own path leads to, so whoever keeps
    codes need not know events.

    Args:
        lot_id: internal key of the packed lot.
        code: the code's digest and its path among the codes printed with it.

    Raises:
        NotFound: no such printing of this lot was ever written down.
        NotSealedYet: it is, but no checkpoint covers it.
    """
    leaf = merkle.leaf_hash(code.digest)
    root = merkle.root_by_path(leaf, code.position, code.count, code.path)
    if root is None:
        raise NotFound()
    labelled = _written(tx, lot_id, "labelled", within=f'"codes_root":"{root.hex()}"')
    if json.loads(labelled.facts)["facts"]["count"] != code.count:
        raise NotFound()
    bundle = _bundle(tx, lot=_written(tx, lot_id, "packed"), box=labelled)
    bundle["box"] |= {
        "code": code.digest.hex(),
        "position": code.position,
        "code_path": [step.hex() for step in code.path],
    }
    return bundle


def text_of(bundle: dict[str, Any]) -> str:
    """A bundle as the file people keep."""
    return json.dumps(bundle, ensure_ascii=False, indent=1)


@dataclass(frozen=True, slots=True)
class _Written:
    """An event about a lot with its place in the log."""

    seq: int
    facts: str
    salt: bytes


def _written(tx: Session, lot_id: int, kind: str, *, within: str = "") -> _Written:
    """The newest sealed event of that kind about a lot whose text holds some words."""
    found = tx.execute(
        select(SealedEvent.seq, Event.facts, Event.salt)
        .select_from(Event)
        .join(Lot, Lot.public_id == Event.thing)
        .outerjoin(SealedEvent, SealedEvent.event_id == Event.id)
        .where(Lot.id == lot_id, Event.kind == kind, Event.facts.contains(within, autoescape=True))
        .order_by(Event.id)
    ).all()
    if not found:
        raise NotFound()
    published = published_size(tx)
    covered = [row for row in found if row[0] is not None and row[0] < published]
    if not covered:
        raise NotSealedYet()
    return _Written(*covered[-1])


def _bundle(tx: Session, **parts: _Written) -> dict[str, Any]:
    """Events with their paths to one checkpoint over all of them."""
    checkpoint = vouching(tx, max(part.seq for part in parts.values()))
    assert checkpoint is not None, "every part is covered"
    nodes = tree.nodes(tx, checkpoint.size)
    return {
        "format": FORMAT,
        "vkey": log.signer().key.vkey,
        "note": checkpoint.note,
        **{
            name: {
                "seq": part.seq,
                "event": part.facts,
                "salt": part.salt.hex(),
                "path": [
                    step.hex() for step in merkle.inclusion_path(part.seq, checkpoint.size, nodes)
                ],
            }
            for name, part in parts.items()
        },
    }
