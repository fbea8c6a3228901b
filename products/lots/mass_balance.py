"""What a household brought in a year against what its land can carry."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from products.catalogue.states import Category
from products.households.models import Household, Plot
from products.lots import rules
from products.lots.models import Delivery, Lot, MassRule
from products.lots.states import LotState
from shop.core import db
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


@dataclass(frozen=True, slots=True)
class Windows:
    """All rules, oldest first."""

    rules: tuple[MassRule, ...]

    def of(self, category: Category, goods: str, grade: str, day: date) -> tuple[int, int] | None:
        """The same as `ratio_window`, without asking the database."""
        begun = {
            (rule.goods, rule.grade): rule
            for rule in self.rules
            if rule.category is category and rule.from_day <= day
        }
        for key in _closeness(goods, grade):
            if key in begun:
                low, high = begun[key].ratio_low, begun[key].ratio_high
                return None if low is None or high is None else (low, high)
        return None


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
    return brought_by(tx, Household.id == household_key, today).get(household_key, ())


def brought_by(
    tx: Session, whose: ColumnElement[bool], today: date
) -> dict[int, tuple[Yield, ...]]:
    """The same for many households (internal keys) in three statements.

    Args:
        whose: a condition on `Household`.
    """
    rows = tx.execute(
        select(
            Delivery.household_id,
            Lot.category,
            Lot.name,
            Lot.grade,
            db.total(Delivery.__table__.c.net_grams),
        )
        .join(Delivery, Delivery.lot_id == Lot.id)
        .join(Household, Household.id == Delivery.household_id)
        .where(
            whose,
            Lot.state != LotState.VOIDED,
            Delivery.weighed_at >= start_of(today - SEASON),
            Delivery.weighed_at < start_of(today + timedelta(days=1)),
        )
        .group_by(Delivery.household_id, Lot.category, Lot.name, Lot.grade)
    ).all()
    if not rows:
        return {}
    land = {
        household: int(area)
        for household, area in tx.execute(
            select(Plot.household_id, db.total(Plot.__table__.c.area_m2))
            .join(Household, Household.id == Plot.household_id)
            .where(whose)
            .group_by(Plot.household_id)
        )
    }
    caps = _caps(tx, today)
    weighed: dict[int, dict[Category, int]] = defaultdict(lambda: defaultdict(int))
    needed: dict[int, dict[Category, int]] = defaultdict(lambda: defaultdict(int))
    for household, category, goods, grade, grams in rows:
        weighed[household][category] += int(grams)
        cap = _closest(caps, category, goods, grade)
        needed[household][category] += rules.land_needed_m2(int(grams), cap) if cap else 0
    return {
        household: tuple(
            Yield(
                category,
                grams,
                land.get(household, 0),
                needed[household][category],
                rules.grams_per_mu(grams, land.get(household, 0)),
            )
            for category, grams in sorted(found.items(), key=lambda item: -item[1])
        )
        for household, found in weighed.items()
    }


def windows(tx: Session) -> Windows:
    """Every rule that was ever set, to find the window of many lots of many days."""
    found = tx.execute(select(MassRule).order_by(MassRule.from_day)).scalars()
    return Windows(tuple(found))


def _closeness(goods: str, grade: str) -> tuple[tuple[str, str], ...]:
    """Which rules count for goods, the closest first."""
    return (goods, grade), (goods, ""), ("", grade), ("", "")


def _caps(tx: Session, day: date) -> dict[tuple[Category, str, str], int | None]:
    """Per category, goods and grade what a mu bears at the most on a day."""
    rows = tx.execute(
        select(MassRule).where(MassRule.from_day <= day).order_by(MassRule.from_day)
    ).scalars()
    return {(rule.category, rule.goods, rule.grade): rule.most_grams_per_mu for rule in rows}


def _closest(
    caps: dict[tuple[Category, str, str], int | None], category: Category, goods: str, grade: str
) -> int | None:
    for key in _closeness(goods, grade):
        if (category, *key) in caps:
            return caps[(category, *key)]
    return None
