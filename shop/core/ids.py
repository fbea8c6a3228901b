"""Names of things outside the server: a prefix and 80 random bits, not to be counted or guessed."""

from __future__ import annotations

import secrets

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_id(prefix: str) -> str:
    """A public id such as ``lot_7k2m…``: the prefix, an underscore, 16 characters."""
    return f"{prefix}_" + "".join(secrets.choice(_ALPHABET) for _ in range(16))


def new_key() -> str:
    """A once-key for a form or an API call."""
    return secrets.token_urlsafe(18)
