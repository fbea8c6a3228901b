"""Saying of which goods the weigh-in asks for a certificate."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.catalogue.states import Category
from products.certificates.models import CertificateRule
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P


class CertificateRuleStands(Refusal):
    """For this category a rule begins on that day already."""

    code = "certificate_rule_stands"
    sentence = N_("这个品类从这一天起已经有一条规定了，请改日期。")
    field = "from_day"


@command
def set_certificate_rule(
    tx: Session,
    *,
    category: Category,
    from_day: date,
    demanded: bool,
    actor: Actor,
    now: datetime,
) -> str:
    """Say from a day on whether goods of a category are asked for a certificate at the weigh-in.

    Rules are never changed, so that what was recorded is held against the rule of its day.
    Returns the rule's public id.

    Raises:
        NotAllowed: `mass_rule:edit` is needed.
        CertificateRuleStands: one begins on that day.
    """
    actor.require(P.MASS_RULE_EDIT)
    if tx.execute(
        select(CertificateRule.id).where(
            CertificateRule.category == category, CertificateRule.from_day == from_day
        )
    ).first():
        raise CertificateRuleStands()
    rule = CertificateRule(category=category, from_day=from_day, demanded=demanded)
    tx.add(rule)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="certificate_rule",
        thing=rule.public_id,
        action="set",
        category=category.value,
        from_day=from_day,
        demanded=demanded,
    )
    return rule.public_id
