"""GS1 Digital Link: the address in the code of a box, and how it is read again.

Source: GS1 Digital Link standard, URI syntax: ``/01/{gtin14}`` and then key qualifiers
(22 variant, 10 lot, 21 serial), each with its value. They are written in that order; whoever
reads is told to accept others too. GTINs of 8, 12 and 13 digits are filled up with zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from stdnum import ean

#: Key qualifiers of a GTIN that we know.
_KNOWN = {"10": "lot", "21": "serial", "22": "variant"}


@dataclass(frozen=True, slots=True)
class Link:
    """What a link names. Fields are empty where it does not say."""

    gtin: str
    lot: str = ""
    serial: str = ""
    variant: str = ""


def path_of(gtin: str, lot: str, serial: str) -> str:
    """The path for one box of a lot, beginning with a slash."""
    return f"/01/{gtin}/10/{quote(lot, safe='')}/21/{quote(serial, safe='')}"


def read(gtin: str, qualifiers: str) -> Link | None:
    """What a path says behind ``/01/``, or None where it is no GTIN or no pairs.

    Qualifiers we do not know are passed over.
    """
    digits = gtin.zfill(14)
    if len(gtin) not in (8, 12, 13, 14) or not (digits.isascii() and ean.is_valid(digits)):
        return None
    parts = [unquote(part) for part in qualifiers.strip("/").split("/")] if qualifiers else []
    if len(parts) % 2:
        return None
    pairs = dict(zip(parts[::2], parts[1::2], strict=True))
    if not all(key.isdigit() for key in pairs):
        return None
    return Link(digits, **{_KNOWN[key]: value for key, value in pairs.items() if key in _KNOWN})
