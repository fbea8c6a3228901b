"""What can be said about a household's papers without looking anything up."""

from __future__ import annotations

M2_PER_MU = 667

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"


def identity_check_digit(first: str) -> str:
    """The eighteenth character of an identity number (公民身份号码) from its first seventeen.

    Rule: GB 11643-1999, ISO 7064 MOD 11-2.
    """
    return _CHECK[sum(int(d) * w for d, w in zip(first, _WEIGHTS, strict=True)) % 11]


def clean_identity(text: str) -> str | None:
    """The identity number as stored, or None when it is not one or mistyped."""
    typed = "".join(text.split()).upper()
    if len(typed) != 18 or not (typed[:17].isascii() and typed[:17].isdigit()):
        return None
    return typed if identity_check_digit(typed[:17]) == typed[17] else None


def clean_phone(text: str) -> str | None:
    """The telephone number as stored (a mobile, or a landline with its area code), or None."""
    digits = "".join(text.split()).replace("-", "")
    if not (digits.isascii() and digits.isdigit()):
        return None
    landline = 10 <= len(digits) <= 12 and digits.startswith("0")
    return digits if is_mobile(digits) or landline else None


def is_mobile(number: str) -> bool:
    """Whether a telephone number as stored takes text messages."""
    return len(number) == 11 and number.startswith("1")


def area_from_mu(text: str) -> int:
    """Mu with at most one decimal (``3.5``) as whole square metres, 1 mu = 667 m².

    Raises:
        ValueError: not a number of mu, or none at all.
    """
    whole, dot, tenths = text.strip().partition(".")
    figures = whole + tenths
    if not (figures.isascii() and figures.isdigit() and 0 < len(whole) <= 4):
        raise ValueError(f"not an area in mu: {text!r}")
    if len(tenths) != len(dot):
        raise ValueError(f"finer than a tenth of a mu: {text!r}")
    area = (int(whole) * 10 + int(tenths or 0)) * M2_PER_MU // 10
    if area == 0:
        raise ValueError("no area")
    return area
