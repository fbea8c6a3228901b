"""What a household brought in a year against what its land can carry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from products.catalogue.states import Category
from products.households.models import Household, Plot
from products.lots import rules
from products.lots.models import Delivery, Lot
from products.lots.states import LotState
from shop.core.actors import Actor
from shop.core.clock import start_of
from shop.core.permissions import Permission as P

#: A year back from today: one spring and one autumn, whenever one looks.
SEASON = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Yield:
    """One category a household brought: grams in all, its plots in m², and the most they carry.

    `grams_per_mu` and `most_grams_per_mu` are None where no plot is registered and where
    nobody said how much a mu bears.
    """

    category: Category
    grams: int
    area_m2: int
    grams_per_mu: int | None
    most_grams_per_mu: int | None
    over: bool


def yields(tx: Session, household_id: str, actor: Actor, *, today: date) -> tuple[Yield, ...]:
    """What one household brought in the last year by category, the heaviest first.

    Voided weigh-ins do not count.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    area = (
        select(func.coalesce(func.sum(Plot.area_m2), 0))
        .where(Plot.household_id == Household.id)
        .correlate(Household)
        .scalar_subquery()
    )
    grams = func.sum(Lot.grams)
    rows = tx.execute(
        select(Household.cooperative_id, Lot.category, grams, area)
        .join(Delivery, Delivery.household_id == Household.id)
        .join(Lot, Lot.id == Delivery.lot_id)
        .where(
            Household.public_id == household_id,
            Lot.state != LotState.VOIDED,
            Delivery.weighed_at >= start_of(today - SEASON),
        )
        .group_by(Household.id, Household.cooperative_id, Lot.category)
        .order_by(grams.desc())
    ).all()
    for cooperative_id in {row[0] for row in rows}:
        actor.require(P.HOUSEHOLD_READ, cooperative_id)
    return tuple(_yield(category, int(brought), int(m2)) for _key, category, brought, m2 in rows)


def _yield(category: Category, grams: int, area_m2: int) -> Yield:
    return Yield(
        category,
        grams,
        area_m2,
        rules.grams_per_mu(grams, area_m2),
        rules.MOST_GRAMS_PER_MU.get(category),
        rules.over_mass_balance(category, grams, area_m2),
    )
