"""Which terms hold, and starting the clock of an acceptance; in its callers' transaction.

Rule: docs/money.md, “Payment terms and interest”.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.calendar.queries import banking_days
from orders.purchasing.models import Purchase
from orders.receivables.models import AgreedDays, PaymentRule, ReceivableTerm
from orders.receivables.rules import DAY, Terms, terms_on
from orders.receivables.states import RuleState
from orders.shipments.models import Acceptance
from shop.core.clock import day_of, start_of


def in_force(tx: Session) -> list[Terms]:
    """Every rule that is or will be in force, in order of its first day."""
    rows = tx.execute(
        select(PaymentRule)
        .where(PaymentRule.state == RuleState.IN_FORCE)
        .order_by(PaymentRule.from_day)
    ).scalars()
    return [row.terms for row in rows]


def of_purchase(tx: Session, purchase: Purchase) -> Terms:
    """The terms a purchase was made on: those of the day it was submitted."""
    return terms_on(day_of(purchase.submitted_at), in_force(tx))


def due_on(accepted_on: date, days: int) -> date:
    """The last day on which payment is in time, if banks work on it."""
    return accepted_on + timedelta(days=days)


def start_clock(tx: Session, acceptance: Acceptance, purchase: Purchase) -> None:
    """Freeze when an acceptance is to be paid, the moment it is signed (账期起算).

    A rule approved later, or one that begins later, changes nothing of it; nor does a holiday
    entered later. A last day on which banks are closed gives way to the next one they work on.
    """
    assert acceptance.signed_at is not None, "the signature starts the clock"
    terms = of_purchase(tx, purchase)
    agreed = tx.execute(
        select(AgreedDays.days).where(AgreedDays.purchase_id == purchase.id)
    ).scalar_one_or_none()
    days = agreed or terms.days
    accepted_on = day_of(acceptance.signed_at)
    due = banking_days(tx).from_day(due_on(accepted_on, days))
    tx.add(
        ReceivableTerm(
            acceptance_id=acceptance.id,
            accepted_on=accepted_on,
            days=days,
            agreed=agreed is not None,
            due_on=due,
            overdue_from=start_of(due + DAY),
            remind_before_days=terms.reminding.before_days,
            remind_every_days=terms.reminding.every_days,
            second_after_days=terms.reminding.second_after_days,
            last_after_days=terms.reminding.last_after_days,
        )
    )
