"""Figures of the front page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation
from products.catalogue.browse import Card
from products.catalogue.states import Category
from products.lots.models import StandingShare
from shop.core.db import total


@dataclass(frozen=True, slots=True)
class Impact:
    """What buyers have accepted so far, net of returns, and how many households stand behind it."""

    units: int
    households: int


@dataclass(frozen=True, slots=True)
class Month:
    """What of the goods on sale was harvested last in one month; `day` lies in it."""

    day: date
    cards: tuple[Card, ...]


def impact(tx: Session) -> Impact:
    """Units accepted and kept, and the households of their lots, in one statement."""
    kept = Allocation.accepted_units - Allocation.returned_units
    lots = select(Allocation.lot_id).where(kept > 0)
    units, households = tx.execute(
        select(
            select(total(kept)).scalar_subquery(),
            select(func.count(StandingShare.household_id.distinct()))
            .where(StandingShare.lot_id.in_(lots))
            .scalar_subquery(),
        )
    ).one()
    return Impact(units, households)


def by_month(cards: Sequence[Card]) -> tuple[Month, ...]:
    """Cards in the order of their harvest, gathered by its month."""
    months = []
    for _month, group in groupby(cards, key=_month_of):
        found = tuple(group)
        assert found[0].harvest_to is not None
        months.append(Month(found[0].harvest_to, found))
    return tuple(months)


def a_bit_of_each(cards: Sequence[Card], limit: int) -> tuple[Card, ...]:
    """So many cards, category by category: the first of each, then the second of each."""
    seen: Counter[Category] = Counter()
    ranked = []
    for card in cards:
        seen[card.category] += 1
        ranked.append((seen[card.category], card))
    return tuple(card for _rank, card in sorted(ranked, key=lambda one: one[0])[:limit])


def _month_of(card: Card) -> tuple[int, int]:
    assert card.harvest_to is not None
    return card.harvest_to.year, card.harvest_to.month
