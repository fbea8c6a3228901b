"""Looking at what was typed: whether a price is one, and a freight table clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from products.catalogue.rules import Composition, Steps, ladder_fits, tax_inside
from products.catalogue.states import TaxClass
from products.prices.refusals import (
    DoesNotSum,
    LadderDoesNotFall,
    PartBelowZero,
    TaxDoesNotFit,
    ZoneUnclear,
)
from products.prices.rules import PROVINCES, Zone, filled_in
from shop.core.money import Money, total


def composed(
    price: Money, parts: Mapping[str, Money | None], tax_class: TaxClass, steps: Steps
) -> Composition:
    """A composition of what was given, with its tax and its ladder looked at.

    Raises:
        DoesNotSum, PartBelowZero, TaxDoesNotFit, LadderDoesNotFall.
    """
    found = filled_in(price, parts, tax_class)
    if price.fen <= 0 or any(part.fen < 0 for part in found.values()):
        raise PartBelowZero(cooperative=str(found["cooperative"]))
    together = total(list(found.values()))
    if together != price:
        raise DoesNotSum(sum=str(together), price=str(price))
    tax = tax_inside(price, tax_class)
    if found["tax"] != tax:
        raise TaxDoesNotFit(tax=str(tax))
    if not ladder_fits(price, steps):
        raise LadderDoesNotFall(price=str(price))
    return Composition(price=price, **found)


def clear(zones: Sequence[Zone]) -> None:
    """Look at the zones of a freight table.

    Raises:
        ZoneUnclear: a province is unknown or named twice, or a weight is not above nothing.
    """
    named: set[str] = set()
    for row, zone in enumerate(zones, start=1):
        amounts = (zone.first.fen, zone.step.fen)
        above = (zone.first_grams, zone.step_grams, zone.free_from_grams)
        free = 1 if zone.free_from is None else zone.free_from.fen
        if (
            not zone.provinces
            or not set(zone.provinces) <= set(PROVINCES)
            or len({*named, *zone.provinces}) < len(named) + len(zone.provinces)
            or min(amounts) < 0
            or min(1 if one is None else one for one in (*above, free)) <= 0
        ):
            raise ZoneUnclear(row=row)
        named.update(zone.provinces)
