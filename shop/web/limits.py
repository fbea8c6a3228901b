"""Limits per visitor: how many wrong guesses, how many forms of those anybody may send.

Counted per address. Whoever is right is never limited.
"""

from __future__ import annotations

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse

limiter = Limiter(get_remote_address)

#: Wrong codes one address may try in a minute.
WRONG_CODES = parse("60/minute")


def one_more_wrong_code() -> bool:
    """Count a wrong code of this visitor; whether that was one too many."""
    return not limiter.limiter.hit(WRONG_CODES, "wrong code", get_remote_address())
