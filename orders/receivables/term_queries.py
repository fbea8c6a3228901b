"""Reading payment-term rules and agreed days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from orders.purchasing.models import Purchase
from orders.receivables import terms
from orders.receivables.models import AgreedDays, PaymentRule
from orders.receivables.rules import Terms, terms_on
from orders.receivables.states import RuleState
from shop.core.actors import Actor
from shop.core.permissions import Permission as P
from shop.identity.models import User
from shop.organisations.models import Organisation

SHOWN = 200


@dataclass(frozen=True, slots=True)
class RuleRow:
    """A dated rule; `holds` is whether it is the one of today."""

    public_id: str
    state: RuleState
    terms: Terms
    source: str
    proposed_at: datetime
    proposed_by: str
    approved_by: str
    holds: bool
    may_approve: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class AgreedRow:
    """What one contract agrees on."""

    purchase_id: str
    number: str
    union: str
    days: int
    ground: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class TermsPage:
    """The rules, the latest day first; `statute_holds` while none of them does."""

    rules: tuple[RuleRow, ...]
    agreed: tuple[AgreedRow, ...]
    statute_holds: bool
    may_edit: bool


def terms_page(tx: Session, actor: Actor, today: date) -> TermsPage:
    """Every rule and every agreement.

    Raises:
        NotAllowed: the actor does not read the platform's books.
    """
    actor.require(P.PLATFORM_READ)
    present = terms_on(today, terms.in_force(tx))
    proposer, approver = aliased(User), aliased(User)
    rows = tx.execute(
        select(PaymentRule, proposer.name, approver.name)
        .outerjoin(proposer, proposer.id == PaymentRule.proposed_by_id)
        .outerjoin(approver, approver.id == PaymentRule.approved_by_id)
        .order_by(PaymentRule.from_day.desc(), PaymentRule.id.desc())
    )
    may_edit, may_approve = actor.may(P.TERMS_EDIT), actor.may(P.TERMS_APPROVE)
    rules = tuple(
        RuleRow(
            public_id=rule.public_id,
            state=rule.state,
            terms=rule.terms,
            source=rule.source,
            proposed_at=rule.proposed_at,
            proposed_by=proposed_by or "",
            approved_by=approved_by or "",
            holds=rule.state is RuleState.IN_FORCE and rule.from_day == present.from_day,
            may_approve=may_approve
            and rule.state is RuleState.PROPOSED
            and rule.proposed_by_id != actor.user_id,
            may_withdraw=may_edit and rule.state is RuleState.PROPOSED,
        )
        for rule, proposed_by, approved_by in rows
    )
    agreements = tx.execute(
        select(AgreedDays, Purchase.public_id, Purchase.number, Organisation.name, User.name)
        .join(Purchase, Purchase.id == AgreedDays.purchase_id)
        .join(Organisation, Organisation.id == Purchase.union_id)
        .outerjoin(User, User.id == AgreedDays.by_id)
        .order_by(AgreedDays.id.desc())
        .limit(SHOWN)
    )
    return TermsPage(
        rules=rules,
        agreed=tuple(
            AgreedRow(public_id, number, union, row.days, row.ground, row.at, by or "")
            for row, public_id, number, union, by in agreements
        ),
        statute_holds=present.from_day is None,
        may_edit=may_edit,
    )
