"""What may be said in public about the households behind a lot, and how a typed code is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shop.core.labels import N_
from shop.core.reference import ALPHABET, read_reference

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
    """A code as it is printed under its picture: three, three and three."""
    return "-".join(code[start : start + 3] for start in range(0, len(code), 3))


def what_is_wrong(typed: str) -> str | None:
    """A hint for a code that is none, or None when its check character is right.

    Returns a Chinese source sentence with a ``%(count)s`` place where it tells a number.
    """
    if read_reference(typed) is not None:
        return None
    plain = "".join(typed.split()).replace("-", "").upper().translate(str.maketrans("OIL", "011"))
    if any(character not in ALPHABET for character in plain):
        return N_("溯源码只有数字和大写字母，没有字母 U 和标点。请照标签再输一遍。")
    if len(plain) != 9:
        return N_("溯源码是 9 位，您输入了 %(count)s 位。请照标签三位一组核对。")
    return N_("最后一位校验对不上，多半是抄错了一位，或相邻两位写反了。请照标签三位一组核对。")


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of label paper: sizes in millimetres, labels in columns and rows on each page."""

    key: str
    label: str
    width_mm: int
    height_mm: int
    columns: int
    rows: int
    page_width_mm: int
    page_height_mm: int


#: A4 sheets of 3 × 8 labels of 70 × 37 mm, and single thermal labels of 60 × 40 mm (ux.md 5).
PAPERS = (
    Paper("a4", N_("A4 不干胶，70×37 毫米，每页 24 张"), 70, 37, 3, 8, 210, 297),
    Paper("thermal", N_("热敏标签机，60×40 毫米，每张一页"), 60, 40, 1, 1, 60, 40),
)


def paper_of(key: str) -> Paper:
    """The paper of that key; the first one for an unknown key."""
    return next((paper for paper in PAPERS if paper.key == key), PAPERS[0])
