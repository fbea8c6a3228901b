"""Prices: what a unit pays for, what it costs by the ladder, and how prices compare."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from products.catalogue.states import TaxClass
from shop.core.money import Money, half_up, total

#: A ladder (阶梯价): from so many units on, this price for each; ascending.
Steps = Sequence[tuple[int, Money]]


@dataclass(frozen=True, slots=True)
class Composition:
    """What one unit pays for (价格构成): parts of zero or more that sum to the price exactly.

    Raises (when made):
        ValueError: the price is not above zero, a part is below zero, or they do not sum.
    """

    price: Money
    households: Money
    processing: Money
    packing: Money
    freight: Money
    cooperative: Money
    platform: Money
    tax: Money

    def __post_init__(self) -> None:
        if self.price.fen <= 0 or any(part.fen < 0 for part in self.parts):
            raise ValueError("a price is above zero and no part of it below")
        if total(self.parts) != self.price:
            raise ValueError(f"the parts sum to {total(self.parts)}, not to {self.price}")

    @property
    def parts(self) -> tuple[Money, ...]:
        """The seven parts, in the order in which pages and papers name them."""
        return (
            self.households,
            self.processing,
            self.packing,
            self.freight,
            self.cooperative,
            self.platform,
            self.tax,
        )


def tax_inside(price: Money, tax_class: TaxClass) -> Money:
    """The tax a price contains: price × rate / (1 + rate), half up; zero when exempt.

    Rule: docs/money.md, “Price composition”.
    """
    return Money(half_up(price.fen * tax_class.rate_bp, 10_000 + tax_class.rate_bp))


def at_price(base: Composition, price: Money, tax_class: TaxClass) -> Composition:
    """The composition of a unit sold at another price, by the ladder or at a discount.

    Every part is carried down in proportion, to the whole fen below; the tax is computed from
    its rate; what is left over falls to the cooperative, who sells. At the base price nothing
    changes.

    Args:
        base: the composition at the listed price; its tax fits `tax_class`.
        price: what one unit costs now; above zero, at most the base price.

    Raises:
        ValueError: the price is above the base price, or not above zero.

    Rule: docs/money.md, “Price composition”.
    """
    if not 0 < price.fen <= base.price.fen:
        raise ValueError(f"{price} is no price by a ladder from {base.price}")
    if price == base.price:
        return base

    def carried(part: Money) -> Money:
        return Money(part.fen * price.fen // base.price.fen)

    others = {
        name: carried(getattr(base, name))
        for name in ("households", "processing", "packing", "freight", "platform")
    }
    others["tax"] = tax_inside(price, tax_class)
    return Composition(price=price, cooperative=price - total(list(others.values())), **others)


def with_surcharge(base: Composition, surcharge: Money, tax_class: TaxClass) -> Composition:
    """The composition of a unit that also bears a freight surcharge (加收运费).

    The price rises by the surcharge; the tax is computed from its rate; freight takes the rest
    of the surcharge, which is all of it for exempt goods. No other part changes, and without a
    surcharge nothing does.

    Rule: docs/money.md, “Freight surcharge”.
    """
    if not surcharge:
        return base
    price = base.price + surcharge
    tax = tax_inside(price, tax_class)
    freight = base.freight + surcharge - (tax - base.tax)
    return replace(base, price=price, freight=freight, tax=tax)


@dataclass(frozen=True, slots=True)
class Reduction:
    """A discount (优惠) on a unit: a lower price, or so many per cent off; one of the two."""

    price: Money | None = None
    percent: int | None = None

    def of(self, price: Money) -> Money:
        """What a unit costs with it: the lower of both prices, or the per cent off, half up."""
        if self.price is not None:
            return min(price, self.price)
        return Money(half_up(price.fen * (100 - (self.percent or 0)), 100))


def reduced(base: Composition, price: Money, reductions: Sequence[Reduction]) -> Money:
    """A listed or ladder price after the one discount that is best for the buyer.

    Discounts never add up. None goes below what the households are promised at the listed
    price, as long as the ladder itself did not.

    Rule: docs/money.md, “Discounts”.
    """
    floor = max(min(base.households, price), Money(1))
    return max(floor, min([price, *(one.of(price) for one in reductions)]))


def unit_price(base: Money, steps: Steps, units: int) -> Money:
    """What each of so many units costs: the lowest price the ladder has for them.

    A step that is not below it is passed over, so buying more never costs more apiece.
    """
    return min([base, *(price for from_units, price in steps if units >= from_units)])


@dataclass(frozen=True, slots=True)
class NextStep:
    """The next rung of the ladder: how many more units reach it, and what each then saves."""

    more_units: int
    saves: Money


def next_step(base: Money, steps: Steps, units: int) -> NextStep | None:
    """The nearest rung that makes each unit cheaper than it is at `units`; None at the top."""
    now = unit_price(base, steps, units)
    for from_units, price in sorted(steps):
        if from_units > units and price < now:
            return NextStep(from_units - units, now - price)
    return None


def ladder_fits(base: Money, steps: Steps) -> bool:
    """Whether a ladder climbs in units, from two up, and falls in price, from below the base."""
    units = [1, *(from_units for from_units, _price in steps)]
    prices = [base.fen, *(price.fen for _from_units, price in steps)]
    return (
        all(a < b for a, b in itertools.pairwise(units))
        and all(a > b for a, b in itertools.pairwise(prices))
        and prices[-1] > 0
    )


def per_100_grams(price: Money, net_grams: int) -> Money:
    """What 100 g of the contents cost, half up; for comparing, never for charging."""
    return Money(half_up(price.fen * 100, net_grams))
