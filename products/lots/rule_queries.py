"""Reading mass rules: what is in force, what was, what will be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.catalogue.states import Category
from products.lots.models import MassRule
from shop.core.actors import Actor
from shop.core.permissions import Permission as P


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule; `standing` is 'now', 'later' or 'past'."""

    category: Category
    goods: str
    grade: str
    from_day: date
    window: tuple[int, int] | None
    most_grams_per_mu: int | None
    standing: str


def rules(tx: Session, actor: Actor, today: date) -> tuple[RuleRow, ...]:
    """Every rule by goods, the latest first.

    Raises:
        NotAllowed: `mass_rule:edit` is needed.
    """
    actor.require(P.MASS_RULE_EDIT)
    found = tx.execute(
        select(MassRule).order_by(
            MassRule.category, MassRule.goods, MassRule.grade, MassRule.from_day.desc()
        )
    ).scalars()
    seen: set[tuple[Category, str, str]] = set()
    rows = []
    for rule in found:
        key = (rule.category, rule.goods, rule.grade)
        begun = rule.from_day <= today
        standing = "later" if not begun else "past" if key in seen else "now"
        if begun:
            seen.add(key)
        window = (rule.ratio_low, rule.ratio_high)
        rows.append(
            RuleRow(
                *key,
                rule.from_day,
                None if window[0] is None or window[1] is None else (window[0], window[1]),
                rule.most_grams_per_mu,
                standing,
            )
        )
    return tuple(rows)
