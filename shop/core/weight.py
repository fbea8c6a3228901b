"""Weight: whole grams in the books, kilograms on the scale and on pages."""

from __future__ import annotations

import re

_KILOGRAMS = re.compile(r"(\d{1,7})(?:\.(\d{1,3}))?")


def grams_from_kg(text: str) -> int:
    """Read kilograms with at most three decimals (``20``, ``0.5``) as whole grams.

    Raises:
        ValueError: not a number, or finer than a gram.
    """
    match = _KILOGRAMS.fullmatch(text.strip().replace(",", ""))
    if match is None:
        raise ValueError(f"not a weight in kilograms: {text!r}")
    return int(match[1]) * 1000 + int((match[2] or "").ljust(3, "0"))


def kg_text(grams: int) -> str:
    """Grams as kilograms without needless zeros: 20500 is ``20.5``."""
    whole, rest = divmod(abs(grams), 1000)
    sign = "-" if grams < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:03d}".rstrip("0") if rest else "")
