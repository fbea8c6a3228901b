"""Passwords and PINs: Argon2id, at OWASP's floor, the same time spent on unknown names."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _HASHER.hash("nobody signs in with this")


def hashed(secret: str) -> str:
    """The hash to keep of a password or PIN."""
    return _HASHER.hash(secret)


def matches(kept: str | None, secret: str) -> bool:
    """Whether the secret is the one kept; takes as long when there is nothing kept."""
    try:
        return _HASHER.verify(kept or _NOBODY, secret) and kept is not None
    except (VerificationError, InvalidHashError):
        return False
