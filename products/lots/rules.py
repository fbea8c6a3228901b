"""What is true of lots without looking anything up: values, shares, ratios, limits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from products.catalogue.states import Category
from products.households.rules import M2_PER_MU
from products.lots.states import LeafPayment, LotKind
from shop.core.money import ZERO, Money, half_up, ladder

#: One weigh-in is at most five tonnes at ¥10,000 a kilogram: what lies above is mistyped.
GRAMS_AT_MOST = 5_000_000
FEN_PER_KG_AT_MOST = 1_000_000

#: Kilograms of fresh goods for one of dry, in tenths: outside, something was weighed wrongly or
#: did not come from these households (domain facts, section 5).
RATIO_TENTHS = {Category.TEA: (38, 55)}

#: What a mu bears in a year at the most, in grams as weighed at the gate: who brings more may be
#: bringing somebody else's. An assumption for the demo region, to be replaced by what the county's
#: agronomists say. Oil, poultry, dried and cooked goods are not weighed as they grow.
MOST_GRAMS_PER_MU = {
    Category.TEA: 60_000,
    Category.FRUIT: 3_000_000,
    Category.GRAIN: 600_000,
}


#: The kinds of lots each step takes. A household's own dry tea comes as a delivery and may be
#: blended; oranges and oil are packed as they were delivered.
TAKES = {
    LotKind.ROUGH: frozenset({LotKind.DELIVERY}),
    LotKind.BLEND: frozenset({LotKind.DELIVERY, LotKind.ROUGH, LotKind.BLEND}),
    LotKind.PACKED: frozenset({LotKind.DELIVERY, LotKind.ROUGH, LotKind.BLEND}),
}
#: And of which categories.
CATEGORIES = {
    LotKind.ROUGH: frozenset({Category.TEA}),
    LotKind.BLEND: frozenset(Category),
    LotKind.PACKED: frozenset(Category),
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
    """Fresh to dry, in hundredths: 45 kg that make 10 kg are 450."""
    return 100 * taken_grams // made_grams


def ratio_is_odd(category: Category, taken_grams: int, made_grams: int) -> bool:
    """Whether the ratio of fresh to dry lies outside what this category can be."""
    window = RATIO_TENTHS.get(category)
    if window is None or not made_grams:
        return False
    low, high = window
    return not low * made_grams <= 10 * taken_grams <= high * made_grams


def grams_per_mu(grams: int, area_m2: int) -> int | None:
    """Grams a year on one mu, rounded down; None when no land is registered."""
    return grams * M2_PER_MU // area_m2 if area_m2 else None


def over_mass_balance(category: Category, grams: int, area_m2: int) -> bool:
    """Whether a household brought more in a year than its land can bear."""
    most = MOST_GRAMS_PER_MU.get(category, 0)
    return most > 0 and area_m2 > 0 and grams * M2_PER_MU > most * area_m2


def default_best_before(made_on: date, shelf_life_days: int) -> date:
    """The last day a packed lot is good, unless the packer names an earlier one."""
    return made_on + timedelta(days=shelf_life_days)
