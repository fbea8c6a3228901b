"""Reading freight tables: what each cooperative asks on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from products.catalogue.models import Product, Specification
from products.catalogue.states import PriceState
from products.prices.models import FreightProvince, FreightTable, FreightZone
from products.prices.rules import Zone, borne_by_each
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class Freight:
    """A freight table as it counts: its zones in their order; no zones, no surcharge."""

    zones: tuple[Zone, ...]

    def zone_of(self, province: str) -> Zone | None:
        """The zone a province is in; None where the freight in the price is enough."""
        return next((zone for zone in self.zones if province in zone.provinces), None)

    @property
    def provinces(self) -> tuple[str, ...]:
        """All provinces the table names."""
        return tuple(province for zone in self.zones for province in zone.provinces)


@dataclass(frozen=True, slots=True)
class Asked:
    """What some provinces bear on top of the price of one specification.

    `rungs` are (units, what all of them bear together), for an order of nothing else.
    """

    zone: Zone
    rungs: tuple[tuple[int, Money], ...]


def asked_of(
    tx: Session,
    specification_id: str,
    net_grams: int,
    prices: Sequence[tuple[int, Money]],
    day: date,
) -> tuple[Asked, ...]:
    """What a specification bears in freight, zone by zone; nothing where none is asked.

    Args:
        prices: (units, price of each), for which it is told.

    Rule: docs/money.md, “Freight surcharge”.
    """
    seller = (
        select(Product.cooperative_id)
        .join(Specification, Specification.product_id == Product.id)
        .where(Specification.public_id == specification_id)
    )
    return tuple(
        Asked(
            zone,
            tuple(
                (units, _borne(zone.surcharge(net_grams * units, price * units), net_grams, units))
                for units, price in prices
            ),
        )
        for freight in freight_on(tx, seller, day).values()
        for zone in freight.zones
    )


def _borne(surcharge: Money, net_grams: int, units: int) -> Money:
    return borne_by_each(surcharge, [(net_grams, units)])[0] * units


def freight_on(
    tx: Session, cooperatives: Collection[int] | Select[int], day: date
) -> dict[int, Freight]:
    """The freight tables that count on a day, by cooperative (internal keys)."""
    newest = (
        func.row_number()
        .over(partition_by=FreightTable.cooperative_id, order_by=FreightTable.from_day.desc())
        .label("newest")
    )
    ranked = (
        select(FreightTable.id, FreightTable.cooperative_id, newest)
        .where(
            FreightTable.cooperative_id.in_(cooperatives),
            FreightTable.from_day <= day,
            FreightTable.state == PriceState.APPROVED,
        )
        .subquery()
    )
    rows = tx.execute(
        select(ranked.c.id, ranked.c.cooperative_id).where(ranked.c.newest == 1)
    ).all()
    zones = zones_of(tx, [table for table, _cooperative in rows]) if rows else {}
    return {cooperative: Freight(zones.get(table, ())) for table, cooperative in rows}


def zones_of(tx: Session, tables: Iterable[int]) -> dict[int, tuple[Zone, ...]]:
    """The zones of freight tables by the table's internal key, in their order."""
    rows = tx.execute(
        select(FreightZone, FreightProvince.province)
        .join(FreightProvince, FreightProvince.zone_id == FreightZone.id)
        .where(FreightZone.table_id.in_(list(tables)))
        .order_by(FreightZone.table_id, FreightZone.position, FreightProvince.id)
    )
    provinces: dict[FreightZone, list[str]] = {}
    for zone, province in rows:
        provinces.setdefault(zone, []).append(province)
    found: dict[int, tuple[Zone, ...]] = {}
    for zone, names in provinces.items():
        made = Zone(
            tuple(names),
            zone.first_grams,
            zone.first,
            zone.step_grams,
            zone.step,
            zone.free_from,
            zone.free_from_grams,
        )
        found[zone.table_id] = (*found.get(zone.table_id, ()), made)
    return found
