"""Closed months: what may still take effect, and where what comes late goes.

Rule: docs/money.md, “Closing a month”.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.ledger.models import LedgerMonth
from orders.ledger.states import SHUT
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.labels import N_


class MonthClosed(Refusal):
    """A journal may not take effect in a month that is closed (已结账月份不得改动)."""

    code = "month_closed"
    sentence = N_("%(month)s 已经结账，不能再往里记账。请记在现在，并注明更正的月份。")


def closed_until(tx: Session) -> datetime | None:
    """Where the open months begin: the end of the last closed one; None before the first."""
    return tx.execute(
        select(func.max(LedgerMonth.ends_at)).where(LedgerMonth.state.in_(SHUT))
    ).scalar_one()


def month_of(moment: datetime) -> str:
    """The month of the books a moment falls in, such as ``2026-04``."""
    return f"{clock.day_of(moment):%Y-%m}"


def in_closed_month(tx: Session, moment: datetime, now: datetime) -> bool:
    """Whether a moment lies in a month that is closed."""
    if month_of(moment) >= month_of(now):
        return False  # a month is closed only when it is over
    closed = closed_until(tx)
    return closed is not None and moment < closed


def first_open(tx: Session, moment: datetime, now: datetime) -> tuple[datetime, str | None]:
    """When something told late takes effect, and the closed month it belongs to, if any."""
    if not in_closed_month(tx, moment, now):
        return moment, None
    closed = closed_until(tx)
    assert closed is not None, "a month is closed"
    return closed, month_of(moment)
