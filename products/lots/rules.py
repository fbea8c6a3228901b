"""What is true of lots without looking anything up: values, shares, ratios, limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from products.households.rules import M2_PER_MU
from products.lots.states import LeafPayment, LotKind, Season
from shop.core.money import ZERO, Money, half_up, ladder

#: One weigh-in is at most five tonnes at ¥10,000 a kilogram: what lies above is mistyped.
GRAMS_AT_MOST = 5_000_000
FEN_PER_KG_AT_MOST = 1_000_000

#: What every step but the packing makes may go on into another.
_GOODS = frozenset(LotKind) - {LotKind.PACKED}

#: The kinds of lots each step takes. A household's own dry tea comes as a delivery and may be
#: blended; oranges and oil are packed as they were delivered.
TAKES = {
    LotKind.PROCESSED: frozenset({LotKind.DELIVERY, LotKind.PROCESSED, LotKind.PART}),
    LotKind.BLEND: _GOODS,
    LotKind.PART: _GOODS,
    LotKind.BYPRODUCT: _GOODS,
    LotKind.PACKED: _GOODS,
}

#: What lots of each kind are numbered by.
SERIES = {
    LotKind.DELIVERY: "SG",
    LotKind.PROCESSED: "JG",
    LotKind.BLEND: "PP",
    LotKind.PART: "FD",
    LotKind.BYPRODUCT: "FC",
    LotKind.PACKED: "FZ",
}


@dataclass(frozen=True, slots=True)
class Share:
    """What stands behind a lot of one household's goods. `household_id` is the internal key.

    `milligrams` of delivered goods, their agreed `value`, and what of it was `paid` at the gate.
    """

    household_id: int
    milligrams: int
    value: Money
    paid: Money


def leaf_value(grams: int, fen_per_kg: int) -> Money:
    """The agreed value of a delivery (鲜叶款), rounded half up once, here and nowhere else.

    Rule: docs/money.md, “The value of a delivery”.
    """
    return Money(half_up(grams * fen_per_kg, 1000))


def first_share(household_id: int, grams: int, fen_per_kg: int, payment: LeafPayment) -> Share:
    """The one share of a delivery: all of it is the household's, paid or still to be earned."""
    value = leaf_value(grams, fen_per_kg)
    return Share(household_id, grams * 1000, value, value if payment is LeafPayment.PAID else ZERO)


def withdrawn(shares: Iterable[Share], before: int, grams: int, whole: int) -> list[Share]:
    """What leaves a lot of each household's share when `grams` are taken from it.

    Args:
        shares: the lot's own shares.
        before: grams taken by earlier lots.
        grams: grams taken now.
        whole: what the lot weighed when recorded.

    Returns:
        Shares in the same order. Those of all withdrawals of a used-up lot sum to its shares.

    Rule: docs/money.md, “Carrying weights through blends”.
    """
    after = before + grams

    def part(figure: int) -> int:
        return ladder(figure, before, after, whole)

    return [
        Share(
            share.household_id,
            part(share.milligrams),
            Money(part(share.value.fen)),
            Money(part(share.paid.fen)),
        )
        for share in shares
    ]


def merged(shares: Iterable[Share]) -> list[Share]:
    """Shares of several parents as one for each household, by household key, without nothings."""
    found: dict[int, Share] = {}
    for share in shares:
        had = found.get(share.household_id, Share(share.household_id, 0, ZERO, ZERO))
        found[share.household_id] = Share(
            share.household_id,
            had.milligrams + share.milligrams,
            had.value + share.value,
            had.paid + share.paid,
        )
    return [
        share
        for _key, share in sorted(found.items())
        if share.milligrams or share.value or share.paid
    ]


def ratio_hundredths(taken_grams: int, made_grams: int) -> int:
    """What went in for one of what came out, in hundredths: 45 kg that make 10 kg are 450."""
    return 100 * taken_grams // made_grams


def ratio_is_odd(window: tuple[int, int] | None, taken_grams: int, made_grams: int) -> bool:
    """Whether a ratio lies outside its window (hundredths, both ends included)."""
    if window is None or not made_grams:
        return False
    low, high = window
    return not low * made_grams <= 100 * taken_grams <= high * made_grams


#: The month each season begins in; it lasts three.
_BEGINS = {Season.SPRING: 3, Season.SUMMER: 6, Season.AUTUMN: 9, Season.WINTER: 12}


def days_of(year: int, season: Season) -> tuple[date, date]:
    """The first day of a season, and the first day after it."""
    if season is Season.YEAR:
        return date(year, 1, 1), date(year + 1, 1, 1)
    month = _BEGINS[season]
    after = month + 3
    return date(year, month, 1), date(year + (after > 12), after - 12 * (after > 12), 1)


def land_needed_m2(grams: int, most_grams_per_mu: int) -> int:
    """The land that bears so many grams in a season at the most, in m², rounded up."""
    return -(-grams * M2_PER_MU // most_grams_per_mu)


def grams_per_mu(grams: int, area_m2: int) -> int | None:
    """Grams a year on one mu, rounded down; None when no land is registered."""
    return grams * M2_PER_MU // area_m2 if area_m2 else None


def default_best_before(made_on: date, shelf_life_days: int) -> date:
    """The last day a packed lot is good, unless the packer names an earlier one."""
    return made_on + timedelta(days=shelf_life_days)
