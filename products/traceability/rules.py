"""What may be said in public about the households behind a lot, and how a typed code is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from products.traceability.spelling import plain_of
from shop.core.labels import N_

#: Fewer hidden households than this are named by number only: no share, not even in words.
SMALLEST_GROUP = 3

_TENTHS = (
    N_("不到一成"),
    N_("约一成"),
    N_("约两成"),
    N_("约三成"),
    N_("约四成"),
    N_("约五成"),
    N_("约六成"),
    N_("约七成"),
    N_("约八成"),
    N_("约九成"),
    N_("几乎全部"),
)

ALL_OF_IT = N_("全部")


@dataclass(frozen=True, slots=True)
class Standing:
    """One household's place behind a lot: its value in fen, and what consent lets us say of it.

    `name` and `village` are empty without consent.
    """

    value_fen: int
    name: str = ""
    village: str = ""


@dataclass(frozen=True, slots=True)
class Behind:
    """One line of “who stands behind this box”: a consenting household, or the others together.

    `words` is the share in words, empty where it may not be told; `bar` the same in whole percent,
    rounded to five, for the chart (0: no bar). `households` counts those merged into the line.
    """

    name: str
    village: str
    households: int
    words: str
    bar: int


def in_tenths(part: int, whole: int) -> tuple[str, int]:
    """A share of a whole in words (to the nearest tenth) and in percent (to the nearest five)."""
    if part == whole:
        return ALL_OF_IT, 100
    tenths = (20 * part + whole) // (2 * whole)
    twentieths = (40 * part + whole) // (2 * whole)
    return _TENTHS[tenths], max(5, min(95, 5 * twentieths))


def households_behind(standings: Sequence[Standing]) -> list[Behind]:
    """What the page shows: consenting households by share, then the others as one line.

    Shares are told in tenths, never in figures, so that nobody can take those shown from the
    whole and learn the share of a hidden one; fewer than three hidden ones get no share at all.

    Source of the rule: trace.md section 2 and the privacy of those who gave no consent (PIPL 25).
    """
    whole = sum(one.value_fen for one in standings)
    shown = sorted((one for one in standings if one.name), key=lambda one: -one.value_fen)
    hidden = [one.value_fen for one in standings if not one.name]
    lines = []
    for one in shown:
        words, bar = in_tenths(one.value_fen, whole) if whole else ("", 0)
        lines.append(Behind(one.name, one.village, 1, words, bar))
    if hidden:
        tellable = len(hidden) >= SMALLEST_GROUP and whole > 0
        words, bar = in_tenths(sum(hidden), whole) if tellable else ("", 0)
        lines.append(Behind("", "", len(hidden), words, bar))
    return lines


def spelled(code: str) -> str:
    """A code as printed: that of a lot in groups of three, that of a box in groups of four."""
    size = 3 if len(code) == 9 else 4
    return "-".join(code[start : start + size] for start in range(0, len(code), size))


def what_is_wrong(typed: str) -> str:
    """A hint for a code whose checks do not agree.

    Returns a Chinese source sentence with a ``%(count)s`` place where it tells a number.
    """
    plain = plain_of(typed)
    if any(not (one.isascii() and one.isalnum()) for one in plain):
        return N_("码里只有数字和大写字母。请照标签再输一遍。")
    if len(plain) not in (9, 12):
        return N_(
            "盒子上的码是 12 位，货架牌上的是 9 位，您输入了 %(count)s 位。请照标签一组一组核对。"
        )
    return N_("校验对不上，多半是抄错了一位，或相邻两位写反了。请照标签一组一组核对。")


#: A job makes at most so many codes at once.
CODES_AT_MOST = 200_000

#: A code is odd when more people than this confirmed it, or over more days.
ODD_ABOVE_SCANS = 5
ODD_ABOVE_DAYS = 60


def is_odd(seen: int, first: datetime | None, last: datetime | None) -> bool:
    """Whether a code was confirmed so often, or over so long, that it may have been copied.

    One box is confirmed by whoever gets it, and perhaps by the family; hardly by six people, and
    hardly again after two months.
    """
    if first is None or last is None:
        return False
    return seen > ODD_ABOVE_SCANS or (last - first).days > ODD_ABOVE_DAYS
