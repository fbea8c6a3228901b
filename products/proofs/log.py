"""The log's signing key in this process, and the two rules by which events are bound."""

from __future__ import annotations

import hashlib

from products.proofs.notes import LOG, SecretKey

#: What the first event is chained to.
BEGINNING = bytes(32)

_signer: SecretKey | None = None


def configure(origin: str, key: str) -> None:
    """Install the signing key of this process; called once when the package is registered.

    Args:
        origin: the log's name, such as `shop.example/log`; it never changes once published.
        key: 32 bytes in hex.
    """
    global _signer
    _signer = SecretKey(origin, LOG, bytes.fromhex(key))


def signer() -> SecretKey:
    """The key that signs checkpoints."""
    assert _signer is not None, "the log is configured at registration"
    return _signer


def chained(before: bytes, digest: bytes) -> bytes:
    """What the chain is after one more event: SHA-256 over what it was and the event's digest."""
    return hashlib.sha256(before + digest).digest()
