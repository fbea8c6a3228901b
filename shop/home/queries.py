"""Figures of the front page."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation
from products.catalogue.browse import Card
from products.lots.models import LotShare
from shop.core.db import total


@dataclass(frozen=True, slots=True)
class Impact:
    """What buyers have accepted so far, net of returns, and how many households stand behind it."""

    units: int
    households: int


@dataclass(frozen=True, slots=True)
class Month:
    """What was harvested last in one month; `first` speaks for the month."""

    first: Card
    cards: tuple[Card, ...]


def impact(tx: Session) -> Impact:
    """Units accepted and kept, and the households of their lots, in one statement."""
    kept = Allocation.accepted_units - Allocation.returned_units
    lots = select(Allocation.lot_id).where(kept > 0)
    units, households = tx.execute(
        select(
            select(total(kept)).scalar_subquery(),
            select(func.count(LotShare.household_id.distinct()))
            .where(LotShare.lot_id.in_(lots))
            .scalar_subquery(),
        )
    ).one()
    return Impact(units, households)


def by_month(cards: tuple[Card, ...]) -> tuple[Month, ...]:
    """Cards in the order of their harvest, gathered by its month."""
    months = []
    for _month, group in groupby(cards, key=_month_of):
        found = tuple(group)
        months.append(Month(found[0], found))
    return tuple(months)


def _month_of(card: Card) -> tuple[int, int]:
    assert card.harvest_to is not None
    return card.harvest_to.year, card.harvest_to.month
