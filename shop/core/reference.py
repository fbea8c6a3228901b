"""Reference codes (识别码) that buyers write on bank transfers and people type from labels.

Eight Crockford characters and one ISO 7064 hybrid check character, which finds every single
mistyped character and every swap of neighbours.
"""

from __future__ import annotations

import secrets

from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")


def new_reference() -> str:
    """A fresh code of nine characters."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return body + mod_37_36.calc_check_digit(body, ALPHABET)


def read_reference(text: str) -> str | None:
    """The code as stored, from what was typed (case, spaces, hyphens, O for 0 do not matter).

    Returns None when it is not a code at all or its check character is wrong.
    """
    typed = "".join(text.split()).replace("-", "").upper().translate(_MISREAD)
    if len(typed) != 9 or any(character not in ALPHABET for character in typed):
        return None
    return typed if mod_37_36.checksum(typed, ALPHABET) == 1 else None


def find_references(text: str) -> list[str]:
    """Every valid code inside a free text such as a bank's 附言, in order, without repeats."""
    joined = "".join(text.split()).replace("-", "").upper().translate(_MISREAD)
    found: list[str] = []
    for start in range(len(joined) - 8):
        code = read_reference(joined[start : start + 9])
        if code and code not in found:
            found.append(code)
    return found
