"""What a household brought in a year against what its land can carry."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from products.catalogue.states import Category
from products.households.models import Household, Plot
from products.lots import rules
from products.lots.models import Delivery, Lot, MassRule
from products.lots.states import LotState
from shop.core.actors import Actor
from shop.core.clock import start_of
from shop.core.permissions import Permission as P

#: A year back from today: one spring and one autumn, whenever one looks.
SEASON = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Yield:
    """One category a household brought: grams in all, its plots in m², and the land it needs.

    `needed_m2` is the land that bears so much at the most by the rules of the day, 0 where no
    rule says how much a mu bears; `grams_per_mu` is None where no plot is registered.
    """

    category: Category
    grams: int
    area_m2: int
    needed_m2: int
    grams_per_mu: int | None

    @property
    def over(self) -> bool:
        """Whether it is more than the registered land can bear."""
        return 0 < self.area_m2 < self.needed_m2


def rule_of(tx: Session, category: Category, goods: str, grade: str, day: date) -> MassRule | None:
    """The closest rule for goods on a day: by name and grade, by name, by grade, of the category.

    Of equally close ones the latest that has begun.
    """
    return tx.execute(
        select(MassRule)
        .where(
            MassRule.category == category,
            MassRule.goods.in_(("", goods)),
            MassRule.grade.in_(("", grade)),
            MassRule.from_day <= day,
        )
        .order_by(
            (MassRule.goods == "").asc(),
            (MassRule.grade == "").asc(),
            MassRule.from_day.desc(),
        )
        .limit(1)
    ).scalar_one_or_none()


def ratio_window(
    tx: Session, category: Category, goods: str, grade: str, day: date
) -> tuple[int, int] | None:
    """The window of what goes in for one of these goods, in hundredths; None where none is set."""
    rule = rule_of(tx, category, goods, grade, day)
    if rule is None or rule.ratio_low is None or rule.ratio_high is None:
        return None
    return rule.ratio_low, rule.ratio_high


def yields(tx: Session, household_id: str, actor: Actor, *, today: date) -> tuple[Yield, ...]:
    """What one household brought in the last year by category, the heaviest first.

    Voided weigh-ins do not count.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    found = tx.execute(
        select(Household.id, Household.cooperative_id).where(Household.public_id == household_id)
    ).one_or_none()
    if found is None:
        return ()
    actor.require(P.HOUSEHOLD_READ, found.cooperative_id)
    return brought(tx, found.id, today)


def brought(tx: Session, household_key: int, today: date) -> tuple[Yield, ...]:
    """The same for an internal key, without asking who looks; for commands."""
    area = tx.execute(
        select(func.coalesce(func.sum(Plot.area_m2), 0)).where(Plot.household_id == household_key)
    ).scalar_one()
    grams = func.sum(Delivery.net_grams)
    rows = tx.execute(
        select(Lot.category, Lot.name, Lot.grade, grams)
        .join(Delivery, Delivery.lot_id == Lot.id)
        .where(
            Delivery.household_id == household_key,
            Lot.state != LotState.VOIDED,
            Delivery.weighed_at >= start_of(today - SEASON),
        )
        .group_by(Lot.category, Lot.name, Lot.grade)
    ).all()
    caps = _caps(tx, today) if rows else {}
    weighed: dict[Category, int] = defaultdict(int)
    needed: dict[Category, int] = defaultdict(int)
    for category, goods, grade, weight in rows:
        weighed[category] += int(weight)
        cap = _closest(caps, category, goods, grade)
        needed[category] += rules.land_needed_m2(int(weight), cap) if cap else 0
    return tuple(
        Yield(
            category,
            weight,
            int(area),
            needed[category],
            rules.grams_per_mu(weight, int(area)),
        )
        for category, weight in sorted(weighed.items(), key=lambda item: -item[1])
    )


def _caps(tx: Session, day: date) -> dict[tuple[Category, str, str], int | None]:
    """Per category, goods and grade what a mu bears at the most on a day."""
    rows = tx.execute(
        select(MassRule).where(MassRule.from_day <= day).order_by(MassRule.from_day)
    ).scalars()
    return {(rule.category, rule.goods, rule.grade): rule.most_grams_per_mu for rule in rows}


def _closest(
    caps: dict[tuple[Category, str, str], int | None], category: Category, goods: str, grade: str
) -> int | None:
    for key in ((goods, grade), (goods, ""), ("", grade), ("", "")):
        if (category, *key) in caps:
            return caps[(category, *key)]
    return None
