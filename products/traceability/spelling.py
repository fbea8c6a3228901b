"""How a code on a box is built and read: ten random characters and two check characters.

The alphabet has no I, O, 0 or 1. Both check characters depend on a key of ours. The first is a
keyed hash of the ten. The last makes the weighted sum of all twelve zero in the field of 32
elements, with twelve different weights, none of them zero: changing one character, or swapping
two neighbours, always changes that sum, so every such slip is found. Which weights they are is
known to us alone. Nobody without the key makes codes that pass, but by guessing one in 1024.
"""

from __future__ import annotations

import functools
import hashlib
import hmac
import itertools
import unicodedata

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#: Characters of a code: random ones, and with the two that check them.
BODY, LENGTH = 10, 12
#: What somebody may have read who typed a character that no code has.
_LOOKS_LIKE = {"0": "DQ", "O": "DQ", "1": "LJ7", "I": "LJT"}
#: More such characters than this are not guessed at.
_GUESSED_AT_MOST = 2
_PLACE = {character: place for place, character in enumerate(ALPHABET)}


def _powers() -> list[int]:
    """The 31 elements that are not zero, as powers of x modulo x⁵ + x² + 1."""
    found, value = [], 1
    for _ in range(31):
        found.append(value)
        value <<= 1
        if value & 32:
            value ^= 0b100101
    return found


_EXP = _powers()
_LOG = {value: power for power, value in enumerate(_EXP)}


def _product(left: int, right: int) -> int:
    return _EXP[(_LOG[left] + _LOG[right]) % 31] if left and right else 0


class Speller:
    """Writes and checks codes with one key (32 bytes, ours alone)."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        elements = range(1, 32)
        weights = sorted(elements, key=lambda one: self._hash(bytes([one])))[:LENGTH]
        self._weighed = [[_product(weight, c) for c in range(32)] for weight in weights]
        self._last = {value: c for c, value in enumerate(self._weighed[-1])}

    def code_of(self, number: int) -> str:
        """The code of 50 random bits."""
        body = "".join(ALPHABET[(number >> 5 * place) & 31] for place in range(BODY))
        return self.completed(body)

    def completed(self, body: str) -> str:
        """Ten characters with their two check characters."""
        most = body + ALPHABET[self._hash(body.encode())[0] & 31]
        weighed, total = self._weighed, 0
        for place, character in enumerate(most):
            total ^= weighed[place][_PLACE[character]]
        return most + ALPHABET[self._last[total]]

    def passes(self, code: str) -> bool:
        """Whether twelve characters of the alphabet are as we would have written them."""
        return self.completed(code[:BODY]) == code

    def read(self, typed: str) -> str | None:
        """The code as we wrote it, from what was typed, or None when its checks do not agree.

        Case, spaces, hyphens and full-width characters do not matter. A character that no code
        has is taken for one it looks like, where only one choice passes.
        """
        plain = plain_of(typed)
        if len(plain) != LENGTH:
            return None
        choices = [_LOOKS_LIKE.get(one, one) for one in plain]
        if any(one not in _PLACE for choice in choices for one in choice):
            return None
        if sum(len(choice) > 1 for choice in choices) > _GUESSED_AT_MOST:
            return None
        found = [c for c in map("".join, itertools.product(*choices)) if self.passes(c)]
        return found[0] if len(found) == 1 else None

    def _hash(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, hashlib.sha256)


@functools.lru_cache(maxsize=4)
def speller(key: bytes) -> Speller:
    """The speller of a key; its tables are made once."""
    return Speller(key)


def plain_of(typed: str) -> str:
    """What was typed without spaces, hyphens, dashes and case; full-width letters made plain."""
    flat = unicodedata.normalize("NFKC", typed[:100]).upper()
    return "".join(one for one in flat if not one.isspace() and unicodedata.category(one) != "Pd")
