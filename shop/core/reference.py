"""Reference codes (识别码) that buyers write on bank transfers and people type from labels.

Eight Crockford characters and one ISO 7064 hybrid check character, which finds every single
mistyped character and nearly every swap of neighbours. The few codes that a swap would turn into
another valid one (one in thirty) are never given out and never read, so every swap is found.
"""

from __future__ import annotations

import re
import secrets
from itertools import pairwise

from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")

#: Where a code may stand in a text: statements bring 100,000 memos, most of them words.
_RUN = re.compile(f"[{ALPHABET}]{{9,}}")

#: A step of `stdnum.iso7064.mod_37_36.checksum` as a table: sum so far, character → sum.
_STEPS = [
    {
        character: ((check or len(ALPHABET)) * 2 % (len(ALPHABET) + 1) + value) % len(ALPHABET)
        for value, character in enumerate(ALPHABET)
    }
    for check in range(len(ALPHABET))
]


def new_reference() -> str:
    """A fresh code of nine characters."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(8))
        code: str = body + mod_37_36.calc_check_digit(body, ALPHABET)
        if not _mistakable(code):
            return code


def read_reference(text: str) -> str | None:
    """The code as stored, from what was typed (case, spaces, hyphens, O for 0 do not matter).

    Returns None when it is not a code at all or its check character is wrong.
    """
    typed = "".join(text.split()).replace("-", "").upper().translate(_MISREAD)
    if len(typed) != 9 or any(character not in ALPHABET for character in typed):
        return None
    return typed if _adds_up(typed) and not _mistakable(typed) else None


def find_references(text: str) -> list[str]:
    """Every valid code inside a free text such as a bank's 附言, in order, without repeats."""
    joined = "".join(text.split()).replace("-", "").upper().translate(_MISREAD)
    found: list[str] = []
    for run in _RUN.findall(joined):
        for start in range(len(run) - 8):
            code = run[start : start + 9]
            if code not in found and _adds_up(code) and not _mistakable(code):
                found.append(code)
    return found


def _adds_up(code: str) -> bool:
    check = len(ALPHABET) // 2
    for character in code:
        check = _STEPS[check][character]
    return check == 1


def _mistakable(code: str) -> bool:
    """Whether swapping two different neighbours makes another code that adds up."""
    return any(
        left != right and _adds_up(code[:i] + right + left + code[i + 2 :])
        for i, (left, right) in enumerate(pairwise(code))
    )
