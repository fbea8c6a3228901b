"""What may be wrong with a log, and finding the first event where it is. Pure, no database."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from products.proofs import log, merkle
from products.proofs.notes import Checkpoint, Key, Note, Unreadable
from products.proofs.tiles import HASH, WIDTH, Tiler
from shop.core.labels import N_

#: `(level, number, width)` → the hashes of a tile as published, None where none is kept.
Published = Callable[[int, int, int], bytes | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was sealed; `seq` names the first bad event where there is one.

    `sentence` is Chinese with places for the facts, as of a refusal.
    """

    sentence: str
    seq: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


class Bad(Exception):
    """The walk stops here: nothing behind the first bad event can be relied on."""

    def __init__(self, sentence: str, seq: int | None = None, **facts: Any) -> None:
        super().__init__(sentence, seq, facts)
        self.finding = Finding(sentence, seq, {"seq": seq, **facts})


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the published log."""

    seq: int
    digest: bytes
    chain: bytes


def walk(entries: Iterable[Entry], tiles: Published, roots: Mapping[int, bytes]) -> int:
    """Go through a log from its beginning and compare it with its tiles and its checkpoints.

    Args:
        entries: every event, in order.
        tiles: what is published of the tree.
        roots: size → root of every checkpoint that is believed.

    Returns:
        How many events there are.

    Raises:
        Bad: the first event at which the log is not what it was.
    """
    chain, tree, tiler = log.BEGINNING, merkle.Growing(), Tiler(0, [])
    good = 0
    leaves: bytes | None = None
    for entry in entries:
        place = tree.size
        if entry.seq != place:
            raise Bad(N_("第 %(seq)s 条不见了，或次序被改动。"), place)
        chain = log.chained(chain, entry.digest)
        if chain != entry.chain:
            raise Bad(N_("第 %(seq)s 条和它前面的链对不上：摘要或链值被改动。"), place)
        leaf = merkle.leaf_hash(entry.digest)
        if place % WIDTH == 0:
            leaves = tiles(0, place // WIDTH, WIDTH)
        at = place % WIDTH * HASH
        if leaves is not None and leaves[at : at + HASH] != leaf:
            raise Bad(N_("第 %(seq)s 条和已公布的散列树对不上。"), place)
        tree.append(leaf)
        for level, number, hashes, _top in tiler.append(leaf):
            _same(hashes, tiles(level, number, WIDTH), level, number)
        if tree.size in roots:
            if tree.root() != roots[tree.size]:
                raise Bad(
                    N_("从第 %(seq)s 条到第 %(last)s 条之间有改动：和检查点的根对不上。"),
                    good,
                    last=tree.size - 1,
                )
            good = tree.size
    for level, number, hashes in tiler.rest():
        _same(hashes, tiles(level, number, len(hashes) // HASH), level, number)
    if roots and max(roots) > tree.size:
        raise Bad(
            N_("从第 %(seq)s 条起缺失：检查点证明至少有过 %(size)s 条。"),
            tree.size,
            size=max(roots),
        )
    return tree.size


def _same(ours: bytes, published: bytes | None, level: int, number: int) -> None:
    if published is None or published == ours:
        return
    pairs = range(0, len(ours), HASH)
    at = next((i for i in pairs if published[i : i + HASH] != ours[i : i + HASH]), len(ours))
    first = (number * WIDTH + at // HASH) * WIDTH**level
    raise Bad(
        N_("从第 %(seq)s 条起，已公布的散列树（第 %(level)s 层）被改动。"), first, level=level
    )


@dataclass(frozen=True, slots=True)
class Vouched:
    """A checkpoint whose signatures hold: who cosigned it, and when they saw it."""

    checkpoint: Checkpoint
    cosigned: tuple[tuple[str, datetime | None], ...]


def vouched(text: str, key: Key, cosigners: Iterable[Key], *, strict: bool = True) -> Vouched:
    """Read a checkpoint and check every signature under it.

    Args:
        strict: a line by nobody we know is a fault, too.

    Raises:
        Bad: it is no checkpoint of this log, or a signature does not hold.
    """
    try:
        note = Note.read(text)
        checkpoint = Checkpoint.read(note.text)
    except Unreadable:
        raise Bad(N_("检查点的写法被改动，读不出来。")) from None
    size = checkpoint.size
    if checkpoint.origin != key.name:
        raise Bad(N_("检查点（%(size)s 条）不是这本日志的。"), size=size)
    if key.signed(note) is None:
        raise Bad(N_("检查点（%(size)s 条）的签名不对：内容被改动，或不是平台签的。"), size=size)
    known = {(each.name, each.key_id): each for each in (key, *cosigners)}
    cosigned = []
    for line in note.signatures:
        signer = known.get((line.name, line.key_id))
        if signer is None and strict:
            raise Bad(N_("检查点（%(size)s 条）上有一行签名，签的人没有登记过。"), size=size)
        if signer is None or signer == key:
            continue
        seen = signer.signed(note)
        if seen is None:
            raise Bad(
                N_("检查点（%(size)s 条）上 %(name)s 的联署不对。"), size=size, name=signer.name
            )
        cosigned.append((signer.name, seen.at))
    return Vouched(checkpoint, tuple(cosigned))


def event_digest(event: str, salt: str) -> bytes:
    """The digest of an event's text with its salt in hex.

    Raises:
        ValueError: the salt is not hex.
    """
    return hashlib.sha256(bytes.fromhex(salt) + event.encode()).digest()


def check_bundle(text: str, key: Key, cosigners: Iterable[Key], roots: Mapping[int, bytes]) -> str:
    """Check an offline bundle (离线凭证), step by step as the verifier page does.

    Args:
        roots: size → root of checkpoints one believes already; may be empty.

    Returns:
        The text of the event it proves.

    Raises:
        Bad: the first step that does not hold.
    """
    try:
        bundle = json.loads(text)
        note, lot, box = bundle["note"], bundle["lot"], bundle.get("box")
        found = vouched(note, key, cosigners, strict=False).checkpoint
        if found.size in roots and roots[found.size] != found.root:
            raise Bad(N_("凭证里的检查点（%(size)s 条）和公布的不是同一个。"), size=found.size)
        _placed(lot, found, N_("凭证里批次的记录，不在检查点所证的日志里。"))
        if box is not None:
            _placed(box, found, N_("凭证里标签的记录，不在检查点所证的日志里。"))
            _labelled(box, json.loads(lot["event"])["facts"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Bad(N_("凭证残缺或被改动，读不出来。")) from None
    event: str = lot["event"]
    return event


def _placed(part: dict[str, Any], checkpoint: Checkpoint, sentence: str) -> None:
    """An event's text leads by its path to the root of the checkpoint."""
    leaf = merkle.leaf_hash(event_digest(part["event"], part["salt"]))
    path = [bytes.fromhex(step) for step in part["path"]]
    root = merkle.root_by_path(leaf, part["seq"], checkpoint.size, path)
    if root is None or not hmac.compare_digest(root, checkpoint.root):
        raise Bad(sentence, part["seq"])


def _labelled(box: dict[str, Any], packed: dict[str, Any]) -> None:
    """A code is one of those printed for the lot."""
    facts = json.loads(box["event"])["facts"]
    if facts["lot"] != packed["lot"]:
        raise Bad(N_("标签的记录说的是另一批。"))
    path = [bytes.fromhex(step) for step in box["code_path"]]
    leaf = merkle.leaf_hash(bytes.fromhex(box["code"]))
    root = merkle.root_by_path(leaf, box["position"], facts["count"], path)
    if root is None or root.hex() != facts["codes_root"]:
        raise Bad(N_("这个码不在这一批印的码里。"))
