"""Reference codes (识别码) that buyers write on bank transfers and people type from labels.

Eight Crockford characters and one ISO 7064 hybrid check character, which finds every single
mistyped character and nearly every swap of neighbours. The few codes that a swap would turn into
another valid one (one in thirty) are never given out and never read, so every swap is found.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
_PLACES = {character: place for place, character in enumerate(ALPHABET)}
_SIZE = len(ALPHABET)

#: ISO 7064 in steps: what the running figure becomes when this character follows.
_STEP = tuple(
    tuple(((figure + place) % _SIZE or _SIZE) * 2 % (_SIZE + 1) for place in range(_SIZE))
    for figure in range(_SIZE + 1)
)
#: For each figure the neighbours that lead to the same one when they change places.
_ALIKE = tuple(
    frozenset(
        (left, right)
        for left in range(_SIZE)
        for right in range(_SIZE)
        if left != right and _STEP[_STEP[before][left]][right] == _STEP[_STEP[before][right]][left]
    )
    for before in range(_SIZE + 1)
)

#: Where a code may stand in a text: statements bring 100,000 memos, most of them words.
_RUN = re.compile(f"[{ALPHABET}]{{9,}}")


def new_reference() -> str:
    """A fresh code of nine characters."""
    return new_references(1)[0]


def new_references(count: int) -> list[str]:
    """Many fresh codes, no two alike."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = secrets.token_bytes(8 * (count - len(found)))
        for start in range(0, len(drawn), 8):
            places = [byte % _SIZE for byte in drawn[start : start + 8]]
            figure = _SIZE
            for place in places:
                figure = _STEP[figure][place]
            places.append((1 - figure) % _SIZE)
            if not _mistakable(places):
                found["".join([ALPHABET[place] for place in places])] = None
    return list(found)


def read_reference(text: str) -> str | None:
    """The code as stored, from what was typed (case, spaces, hyphens, O for 0 do not matter).

    Returns None when it is not a code at all or its check character is wrong.
    """
    typed = "".join(text.split()).replace("-", "").upper().translate(_MISREAD)
    if len(typed) != 9 or any(character not in ALPHABET for character in typed):
        return None
    places = [_PLACES[character] for character in typed]
    return typed if _adds_up(places) and not _mistakable(places) else None


def find_references(text: str) -> list[str]:
    """Every valid code inside a free text such as a bank's 附言, in order, without repeats."""
    joined = "".join(text.split()).replace("-", "").upper().translate(_MISREAD)
    found: list[str] = []
    for run in _RUN.findall(joined):
        places = [_PLACES[character] for character in run]
        for start in range(len(run) - 8):
            code, its = run[start : start + 9], places[start : start + 9]
            if code not in found and _adds_up(its) and not _mistakable(its):
                found.append(code)
    return found


def _adds_up(places: Sequence[int]) -> bool:
    figure = _SIZE
    for place in places[:-1]:
        figure = _STEP[figure][place]
    return (figure + places[-1]) % _SIZE == 1


def _mistakable(places: Sequence[int]) -> bool:
    """Whether swapping two different neighbours makes another code that adds up."""
    figure = _SIZE
    for position in range(len(places) - 2):
        if (places[position], places[position + 1]) in _ALIKE[figure]:
            return True
        figure = _STEP[figure][places[position]]
    last = [*places[:-2], places[-1], places[-2]]
    return places[-2] != places[-1] and _adds_up(last)
