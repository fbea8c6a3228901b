"""Names of things outside the server: a prefix and 80 random bits, not to be counted or guessed."""

from __future__ import annotations

import base64
import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_OURS = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", _ALPHABET.encode())


def new_id(prefix: str) -> str:
    """A public id such as ``lot_7k2m…``: the prefix, an underscore, 16 characters."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(16))


def new_ids(prefix: str, count: int) -> list[str]:
    """Many public ids at once, as fast as a table wants them."""
    drawn = base64.b32encode(secrets.token_bytes(10 * count)).translate(_OURS).decode()
    return [f"{prefix}_{drawn[start : start + 16]}" for start in range(0, 16 * count, 16)]


def new_key() -> str:
    """A once-key for a form or an API call."""
    return secrets.token_urlsafe(18)
