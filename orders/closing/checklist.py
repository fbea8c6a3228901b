"""What must be in order before a month is closed (月结检查)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from orders.closing import checking, rules
from orders.closing.bank_side import run, sides, statements
from orders.closing.models import Reconciliation
from orders.closing.states import ReconciliationState
from orders.ledger.models import Journal, LedgerMonth
from orders.ledger.months import month_of
from orders.ledger.states import SHUT
from orders.payouts.models import PayoutBatch
from orders.payouts.states import BatchState
from orders.settlements.models import SettlementRun
from orders.settlements.states import RunState
from shop.core.labels import N_, Labelled
from shop.core.money import Money, total

#: Money in suspense older than this is named before a month is closed; it does not hold it up.
OLD = timedelta(days=30)


class Point(Labelled):
    """One point of the checklist."""

    ORDER = "order", N_("前面的月份都已结账")
    OVER = "over", N_("这个月已经过完")
    STATEMENTS = "statements", N_("流水一份接一份，中间不缺")
    RECONCILED = "reconciled", N_("月末对账已签字并复核，之后没有变化")
    SETTLEMENTS = "settlements", N_("没有待复核的结算")
    PAYOUTS = "payouts", N_("没有待复核的打款")
    BOOKS = "books", N_("最后一笔账之后核过账，没有发现")
    SUSPENSE = "suspense", N_("待认领超过三十天的款项（只提示）")


@dataclass(frozen=True, slots=True)
class Checked:
    """How one point stands: `count` things stand in its way, worth `amount` where that is money.

    Only suspense may be other than good without holding up the close.
    """

    point: Point
    count: int
    amount: Money | None = None

    @property
    def good(self) -> bool:
        """Whether nothing stands in the way."""
        return self.count == 0

    @property
    def holds_up(self) -> bool:
        """Whether the month cannot be closed because of it."""
        return self.count > 0 and self.point is not Point.SUSPENSE


def checklist(tx: Session, month: str, now: datetime) -> tuple[Checked, ...]:
    """Every point for a month, in the order in which people settle them."""
    starts, ends = rules.span(month)
    chain = statements(tx)
    gaps = sum(
        starts <= later.first_at < ends and later.opening != earlier.closing
        for earlier, later in pairwise(chain)
    )
    old = run(tx, _OLD_SUSPENSE, until=ends, before=ends - OLD)
    return (
        Checked(Point.ORDER, int(next_to_close(tx, now) not in (month, None))),
        Checked(Point.OVER, int(ends > now)),
        Checked(Point.STATEMENTS, gaps),
        Checked(Point.RECONCILED, int(not _reconciled(tx, rules.last_day(month), ends))),
        Checked(Point.SETTLEMENTS, _count(tx, SettlementRun.state == RunState.DRAFT)),
        Checked(Point.PAYOUTS, _count(tx, PayoutBatch.state == BatchState.DRAFT)),
        Checked(Point.BOOKS, _unchecked(tx, ends)),
        Checked(Point.SUSPENSE, len(old), total([Money(int(row.fen)) for row in old])),
    )


def next_to_close(tx: Session, now: datetime) -> str | None:
    """The month after the last closed one; before the first, that of the first journal."""
    last = tx.execute(
        select(func.max(LedgerMonth.month)).where(LedgerMonth.state.in_(SHUT))
    ).scalar()
    if last is not None:
        return rules.next_month(last)
    first = tx.execute(select(func.min(Journal.effective_at))).scalar()
    return None if first is None else month_of(min(first, now))


_OLD_SUSPENSE = """
  SELECT l.public_id,
    sum(CASE WHEN t.credit_id = a.id THEN t.amount_fen ELSE -t.amount_fen END) AS fen
  FROM ledger_account a
  JOIN bank_line l ON l.id = a.owner_id AND l.at < :before
  JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id
  JOIN ledger_journal j ON j.id = t.journal_id AND j.effective_at < :until
  WHERE a.kind = 'suspense'
  GROUP BY a.id, l.public_id
  HAVING sum(CASE WHEN t.credit_id = a.id THEN t.amount_fen ELSE -t.amount_fen END) <> 0
"""


def _reconciled(tx: Session, day: date, ends: datetime) -> bool:
    signed = tx.execute(
        select(Reconciliation.seen_hash).where(
            Reconciliation.day == day, Reconciliation.state == ReconciliationState.CONFIRMED
        )
    ).scalar_one_or_none()
    return signed is not None and sides(tx, ends).seen_hash == signed


def _unchecked(tx: Session, ends: datetime) -> int:
    """What the last check found; one, where none was made since the month's last entry."""
    check = checking.latest(tx)
    if check is None or not checking.is_newer(tx, check, ends):
        return 1
    return check.findings


def _count(tx: Session, which: ColumnElement[bool]) -> int:
    return tx.execute(select(func.count()).where(which)).scalar_one()
