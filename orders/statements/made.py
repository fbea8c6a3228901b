"""What was made of households' goods and sold in a period, lot by lot, read in sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, case, literal, select, type_coerce
from sqlalchemy.orm import Session

from orders.documents.attribution import pool_events
from orders.purchasing.models import Allocation
from orders.settlements.models import SettlementItem, SettlementRun
from orders.statements.periods import Period
from products.catalogue.models import Product, Specification
from products.households.models import Household
from products.lots.models import Lot, LotShare, StandingShare
from products.lots.states import LotKind, LotState
from shop.core import db
from shop.core.clock import day_of
from shop.core.money import ZERO, Money, largest_remainder


@dataclass(frozen=True, slots=True)
class Made:
    """A packed lot with goods of a household, and what became of it in the period.

    `sold` and `returned` count units accepted and paid for, and units sent back; `waiting` those
    accepted that the buyer has not paid yet. `attributed` is no income.
    """

    lot_id: str
    number: str
    on: date
    name: str
    name_en: str
    unit: str
    unit_en: str
    units: int
    sold: int
    returned: int
    waiting: int
    attributed: Money
    second_payment: Money
    trace_code: str


def within(at: Any, period: Period) -> list[ColumnElement[bool]]:
    """The conditions that a moment lies in a period."""
    found: list[ColumnElement[bool]] = []
    if period.begins:
        found.append(at >= period.begins)
    if period.ends:
        found.append(at < period.ends)
    return found


def made_of(tx: Session, keys: Sequence[int], period: Period) -> dict[int, list[Made]]:
    """The packed lots of these households that were packed, sold or settled in the period."""
    theirs = (
        select(Lot.id)
        .join(LotShare, and_(LotShare.lot_id == Lot.id, LotShare.version == Lot.share_version))
        .where(
            LotShare.household_id.in_(keys),
            Lot.kind == LotKind.PACKED,
            Lot.state == LotState.RECORDED,
        )
    )
    settled = _settled(tx, keys, period)
    # A household that a correction took out of a lot keeps what was settled there.
    lot_keys = sorted(set(tx.execute(theirs).scalars()) | {lot for lot, _household in settled})
    sold = _sold(tx, lot_keys, period)
    shared = _attributed(tx, sold, set(keys))
    behind = _behind(tx, keys, lot_keys)
    for lot_id, household_id in settled:
        behind[lot_id].add(household_id)
    rows = tx.execute(
        select(Lot, Product, Specification)
        .join(Specification, Specification.id == Lot.specification_id)
        .join(Product, Product.id == Specification.product_id)
        .where(Lot.id.in_(lot_keys))
        .order_by(Lot.made_at, Lot.id)
    )
    found: dict[int, list[Made]] = defaultdict(list)
    for lot, product, packing in rows:
        units = sold.get(lot.id, _NOTHING)
        packed_now = (period.begins is None or lot.made_at >= period.begins) and (
            period.ends is None or lot.made_at < period.ends
        )
        for household_id in sorted(behind[lot.id]):
            second = settled.get((lot.id, household_id), ZERO)
            if packed_now or units.sold or units.returned or second:
                found[household_id].append(
                    Made(
                        lot_id=lot.public_id,
                        number=lot.number,
                        on=day_of(lot.made_at),
                        name=f"{product.name} {packing.name}",
                        name_en=f"{product.name_en} {packing.name_en}",
                        unit=packing.unit,
                        unit_en=packing.unit_en,
                        units=lot.units,
                        sold=units.sold,
                        returned=units.returned,
                        waiting=units.waiting,
                        attributed=shared.get((lot.id, household_id), ZERO),
                        second_payment=second,
                        trace_code=lot.trace_code or "",
                    )
                )
    return found


@dataclass(frozen=True, slots=True)
class _Sold:
    """Units of a lot in a period, and the cumulative full price before and after it."""

    sold: int
    returned: int
    before: Money
    after: Money
    waiting: int


_NOTHING = _Sold(0, 0, ZERO, ZERO, 0)


def _sold(tx: Session, lots: Sequence[int], period: Period) -> dict[int, _Sold]:
    events = pool_events(select(Lot.id).where(Lot.id.in_(lots)))
    now = and_(literal(value=True), *within(events.c.at, period))
    earlier = events.c.at < period.begins if period.begins else literal(value=False)
    until = events.c.at < period.ends if period.ends else literal(value=True)

    def units(*conditions: Any) -> Any:
        return db.total(case((and_(*conditions), events.c.units), else_=0))

    def price(condition: Any) -> Any:
        return db.total(case((condition, events.c.price_fen), else_=0))

    rows = tx.execute(
        select(
            events.c.lot_id,
            units(now, events.c.units > 0),
            units(now, events.c.units < 0),
            price(earlier),
            price(until),
            db.total(events.c.units),
        ).group_by(events.c.lot_id)
    ).all()
    kept = _kept(tx, lots)
    found = {
        lot_id: _Sold(
            int(sold), -int(back), Money(int(before)), Money(int(after)), kept[lot_id] - int(paid)
        )
        for lot_id, sold, back, before, after, paid in rows
    }
    for lot_id, some in kept.items():
        if lot_id not in found and some:
            found[lot_id] = _Sold(0, 0, ZERO, ZERO, some)
    return found


def _kept(tx: Session, lots: Sequence[int]) -> dict[int, int]:
    """Units of each lot accepted and not sent back, paid for or not."""
    rows = tx.execute(
        select(Allocation.lot_id, db.total(Allocation.accepted_units - Allocation.returned_units))
        .where(Allocation.lot_id.in_(lots))
        .group_by(Allocation.lot_id)
    )
    return {lot_id: int(units) for lot_id, units in rows}


def _attributed(
    tx: Session, sold: dict[int, _Sold], keys: set[int]
) -> dict[tuple[int, int], Money]:
    """By lot and household, its share of the full price after the period less that before it."""
    moved = [lot for lot, units in sold.items() if units.before != units.after]
    rows = tx.execute(
        select(
            StandingShare.lot_id,
            StandingShare.household_id,
            type_coerce(StandingShare.value, BigInteger),
        )
        .join(Household, Household.id == StandingShare.household_id)
        .where(StandingShare.lot_id.in_(moved))
        .order_by(StandingShare.lot_id, Household.public_id)
    )
    weights: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for lot_id, household_id, weight in rows:
        weights[lot_id].append((household_id, weight))
    found = {}
    for lot_id, behind in weights.items():
        units, of = sold[lot_id], [weight for _household, weight in behind]
        nothing = [ZERO] * len(of)
        before = largest_remainder(max(units.before, ZERO), of) if units.before else nothing
        after = largest_remainder(max(units.after, ZERO), of)
        for (household_id, _weight), first, last in zip(behind, before, after, strict=True):
            if household_id in keys:
                found[lot_id, household_id] = last - first
    return found


def _behind(tx: Session, keys: Sequence[int], lots: Sequence[int]) -> dict[int, set[int]]:
    rows = tx.execute(
        select(StandingShare.lot_id, StandingShare.household_id).where(
            StandingShare.lot_id.in_(lots), StandingShare.household_id.in_(keys)
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for lot_id, household_id in rows:
        found[lot_id].add(household_id)
    return found


def _settled(tx: Session, keys: Sequence[int], period: Period) -> dict[tuple[int, int], Money]:
    """Second payments that runs posted in the period, by lot and household."""
    rows = tx.execute(
        select(
            SettlementItem.lot_id,
            SettlementItem.household_id,
            db.total(SettlementItem.__table__.c.second_payment_fen),
        )
        .join(SettlementRun, SettlementRun.id == SettlementItem.run_id)
        .where(SettlementItem.household_id.in_(keys), *within(SettlementRun.posted_at, period))
        .group_by(SettlementItem.lot_id, SettlementItem.household_id)
    )
    return {(lot_id, household_id): Money(int(fen)) for lot_id, household_id, fen in rows}
