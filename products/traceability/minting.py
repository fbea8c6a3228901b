"""Codes from a batch's seed, and the digests by which they are found again."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator

from products.traceability.models import CodeBatch
from products.traceability.spelling import BODY, Speller, speller
from shop.core.vault import vault

_BITS = (1 << 5 * BODY) - 1


def our_speller() -> Speller:
    """The speller with the shop's own key."""
    return speller(vault().key_for("check characters of codes"))


def digest_key() -> bytes:
    """The key under which digests are made."""
    return vault().key_for("digests of codes")


def digest_of(code: str, key: bytes | None = None) -> bytes:
    """What is kept of a code: 16 bytes of a keyed hash, so that a stolen table tells no codes."""
    return hmac.digest(key or digest_key(), code.encode(), hashlib.sha256)[:16]


def new_seed(batch_public_id: str) -> str:
    """A fresh seed for a batch, sealed."""
    return vault().seal(secrets.token_hex(32), place=_place(batch_public_id))


def opened_seed(batch: CodeBatch) -> bytes:
    """The seed of a batch in the clear; only acts that are audited call this."""
    return bytes.fromhex(vault().open(batch.seed_sealed, place=_place(batch.public_id)))


def minted(seed: bytes, serials: range) -> Iterator[tuple[str, bytes]]:
    """Code and digest of each serial, as they come at the first try."""
    spell, key = our_speller(), digest_key()
    for serial in serials:
        code = spell.code_of(_number(seed, serial, 0))
        yield code, digest_of(code, key)


def mint_again(seed: bytes, serial: int, attempt: int) -> tuple[str, bytes]:
    """Code and digest of a serial at a later try, where an earlier one met a code there is."""
    code = our_speller().code_of(_number(seed, serial, attempt))
    return code, digest_of(code)


def reminted(seed: bytes, serial: int, digest: bytes) -> str:
    """The code of a serial whose digest is known: the first try, but for once in a blue moon."""
    for attempt in range(100):
        code, found = mint_again(seed, serial, attempt)
        if found == digest:
            return code
    raise AssertionError("the seed does not belong to this digest")


def _number(seed: bytes, serial: int, attempt: int) -> int:
    content = serial.to_bytes(8) + attempt.to_bytes(2)
    return int.from_bytes(hmac.digest(seed, content, hashlib.sha256)[:8]) & _BITS


def _place(public_id: str) -> str:
    return f"code_batch.seed:{public_id}"
