"""Reading of which goods the weigh-in asks for a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.catalogue.states import Category
from products.certificates.models import CertificateRule
from shop.core.actors import Actor
from shop.core.permissions import Permission as P


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A rule: from a day on, goods of a category are asked for a certificate or are not."""

    category: Category
    from_day: date
    demanded: bool


def rules(tx: Session, actor: Actor) -> tuple[RuleRow, ...]:
    """Every rule, by category, the newest of each first.

    Raises:
        NotAllowed: `mass_rule:edit` is needed.
    """
    actor.require(P.MASS_RULE_EDIT)
    rows = tx.execute(
        select(
            CertificateRule.category, CertificateRule.from_day, CertificateRule.demanded
        ).order_by(CertificateRule.category, CertificateRule.from_day.desc())
    )
    return tuple(RuleRow(*row) for row in rows)
