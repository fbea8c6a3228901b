"""What lines cost: listed, by the ladder, at a discount, with what freight asks on top."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from products.catalogue.queries import Offer
from products.catalogue.rules import Composition, at_price, with_surcharge
from products.prices.freight import Freight, freight_on
from products.prices.rules import borne_by_each
from shop.core.money import ZERO, Money, total


@dataclass(frozen=True, slots=True)
class Priced:
    """Units of an offer with all that makes their price; `composition` is what gets frozen.

    A unit's price is listed − ladder − discount + surcharge.
    """

    offer: Offer
    units: int
    listed: Money
    laddered: Money
    surcharge: Money
    composition: Composition

    @property
    def price(self) -> Money:
        """What one unit costs, surcharge included."""
        return self.composition.price

    @property
    def discount(self) -> Money:
        """What the discount takes off each unit, below the ladder's price."""
        return self.laddered + self.surcharge - self.price

    @property
    def amount(self) -> Money:
        """What all units cost."""
        return self.price * self.units


@dataclass(frozen=True, slots=True)
class Bill:
    """Priced lines, and the freight tables of the cooperatives that sell them, by internal key.

    `unclear` says that a table names provinces and where the goods go is not known.
    """

    lines: tuple[Priced, ...]
    freight: dict[int, Freight]
    unclear: bool


def bill(tx: Session, goods: Sequence[tuple[Offer, int]], *, province: str, day: date) -> Bill:
    """Price lines together: freight is asked by the order, and every order is a cooperative's.

    Args:
        goods: offers as this buyer sees them, each with whole units.
        province: short name of where they go; empty for not known, which asks nothing on top.

    Rule: docs/money.md, “Freight surcharge”.
    """
    freight = freight_on(tx, {offer.cooperative_id for offer, _units in goods}, day)
    by_cooperative: dict[int, list[int]] = defaultdict(list)
    for place, (offer, _units) in enumerate(goods):
        by_cooperative[offer.cooperative_id].append(place)
    costs = [(offer.reduced(offer.ladder_price(units)), units) for offer, units in goods]
    asked = [ZERO] * len(goods)
    for cooperative, places in by_cooperative.items():
        zone = freight[cooperative].zone_of(province) if cooperative in freight else None
        if zone is None:
            continue
        weights = [(goods[place][0].net_grams, goods[place][1]) for place in places]
        value = total([costs[place][0] * costs[place][1] for place in places])
        surcharge = zone.surcharge(sum(each * units for each, units in weights), value)
        for place, each in zip(places, borne_by_each(surcharge, weights), strict=True):
            asked[place] = each
    lines = tuple(
        _priced(offer, units, cost, surcharge)
        for (offer, units), (cost, _units), surcharge in zip(goods, costs, asked, strict=True)
    )
    unclear = not province and any(table.zones for table in freight.values())
    return Bill(lines, freight, unclear)


def _priced(offer: Offer, units: int, cost: Money, surcharge: Money) -> Priced:
    goods = at_price(offer.composition, cost, offer.tax_class)
    return Priced(
        offer,
        units,
        offer.composition.price,
        offer.ladder_price(units),
        surcharge,
        with_surcharge(goods, surcharge, offer.tax_class),
    )
