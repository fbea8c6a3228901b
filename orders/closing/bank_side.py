"""The ledger's custody account and the bank's statements side by side, with every difference.

Both are read as of a cut-off. The bank's side is its own balance column, the ledger's side the
sum of its transfers; the items come from neither, so a rest of zero proves something.

Rule: docs/money.md, “Reconciling with the bank”.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, TextClause, bindparam, select, text
from sqlalchemy.orm import Session

from orders.closing import rules
from orders.closing.states import Why
from orders.payments.models import BankLine, BankStatement
from orders.payments.states import StatementState
from shop.core import clock, db
from shop.core.money import ZERO, Money, total

_CUSTODY = "(SELECT id FROM ledger_account WHERE kind = 'custody')"

#: What the ledger holds of each bank line at the cut-off, where that is not what the bank has.
_LINES = f"""
  SELECT l.public_id, l.state, l.undone, l.at, l.memo, l.counterparty,
    coalesce(b.fen, 0) - CASE WHEN l.at < :until AND NOT l.undone AND l.state <> 'payout'
                              THEN l.amount_fen ELSE 0 END AS fen
  FROM bank_line l
  LEFT JOIN (
    SELECT j.about, sum(CASE WHEN t.debit_id = {_CUSTODY} THEN t.amount_fen
                             ELSE -t.amount_fen END) AS fen
    FROM ledger_transfer t JOIN ledger_journal j ON j.id = t.journal_id
    WHERE (t.debit_id = {_CUSTODY} OR t.credit_id = {_CUSTODY}) AND j.effective_at < :until
    GROUP BY j.about) b ON b.about = l.public_id
  WHERE coalesce(b.fen, 0) <> CASE WHEN l.at < :until AND NOT l.undone AND l.state <> 'payout'
                                   THEN l.amount_fen ELSE 0 END
  ORDER BY l.at, l.id
"""  # noqa: S608 (our own words)

#: Items that left by one side and not by the other at the cut-off.
_ITEMS = """
  SELECT i.public_id, i.amount_fen, i.reference, l.at AS seen_at,
    CASE WHEN i.left_at < :until THEN i.left_at END AS gone_at
  FROM payout_item i
  LEFT JOIN bank_line l ON l.id = i.bank_line_id
  WHERE i.left_at IS NOT NULL
    AND (i.left_at >= :until) <> (l.at IS NULL OR l.at >= :until)
  ORDER BY i.id
"""

_BALANCE = f"""
  SELECT coalesce(sum(CASE WHEN t.debit_id = {_CUSTODY} THEN t.amount_fen
                           ELSE -t.amount_fen END), 0) AS fen
  FROM ledger_transfer t JOIN ledger_journal j ON j.id = t.journal_id
  WHERE (t.debit_id = {_CUSTODY} OR t.credit_id = {_CUSTODY}) AND j.effective_at < :until
"""  # noqa: S608

_HELD = """
  SELECT a.owner_id, a.kind, l.at, l.public_id,
    sum(CASE WHEN t.credit_id = a.id THEN t.amount_fen ELSE -t.amount_fen END) AS fen
  FROM ledger_account a
  JOIN ledger_transfer t ON t.debit_id = a.id OR t.credit_id = a.id
  JOIN ledger_journal j ON j.id = t.journal_id AND j.effective_at < :until
  LEFT JOIN bank_line l ON a.kind = 'suspense' AND l.id = a.owner_id
  WHERE a.kind IN ('suspense', 'payout_in_transit', 'refund_in_transit')
  GROUP BY a.id, a.owner_id, a.kind, l.at, l.public_id
  HAVING sum(CASE WHEN t.credit_id = a.id THEN t.amount_fen ELSE -t.amount_fen END) <> 0
"""

#: Suspense is told apart by age: up to so many days.
AGES = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Item:
    """One reason why ledger and bank differ; `amount` is ledger less bank."""

    why: Why
    thing: str
    at: datetime | None
    words: str
    amount: Money


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of the custody account on both sides; `gap` is what lies between two statements."""

    day: date
    ledger_in: Money
    ledger_out: Money
    ledger: Money
    bank_in: Money
    bank_out: Money
    gap: Money
    bank: Money

    @property
    def difference(self) -> Money:
        """Ledger less bank at the end of the day."""
        return self.ledger - self.bank


@dataclass(frozen=True, slots=True)
class Aged:
    """Money in suspense by how long the bank has had it; `days` None for older than all."""

    days: int | None
    count: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides at the end of a day. `rest` is what no item explains; it must be zero."""

    until: datetime
    ledger: Money
    bank: Money
    items: tuple[Item, ...]
    suspense: tuple[Aged, ...]
    payouts_in_transit: Money
    refunds_in_transit: Money

    @property
    def explained(self) -> Money:
        """The sum of all items."""
        return total([item.amount for item in self.items])

    @property
    def rest(self) -> Money:
        """Ledger less bank less every item."""
        return self.ledger - self.bank - self.explained

    @property
    def seen_hash(self) -> str:
        """What a signature is bound to."""
        items = [(item.why.value, item.thing, item.amount.fen) for item in self.items]
        return rules.hash_of(self.ledger, self.bank, items)


def bound(statement: str, **values: Any) -> TextClause:
    """Plain SQL with its values: moments, plain numbers and words."""
    moments = {
        name: bindparam(name, value, type_=db.Moment())
        for name, value in values.items()
        if isinstance(value, datetime)
    }
    plain = {name: value for name, value in values.items() if name not in moments}
    return text(statement).bindparams(*moments.values()).bindparams(**plain)


def run(tx: Session, statement: str, **values: Any) -> list[Row[Any]]:
    """The rows of plain SQL; see `bound`."""
    return list(tx.execute(bound(statement, **values)).all())


def sides(tx: Session, until: datetime) -> Sides:
    """Both sides of the custody account just before a moment."""
    held = run(tx, _HELD, until=until)
    return Sides(
        until=until,
        ledger=Money(int(run(tx, _BALANCE, until=until)[0].fen)),
        bank=_bank_balance(tx, until),
        items=(*_between_statements(tx, until), *_of_lines(tx, until), *_of_items(tx, until)),
        suspense=_aged([row for row in held if row.kind == "suspense"], until),
        payouts_in_transit=_sum_of(held, "payout_in_transit"),
        refunds_in_transit=_sum_of(held, "refund_in_transit"),
    )


def days(tx: Session, since: datetime, until: datetime) -> list[DayRow]:
    """The days of a period on which something moved on either side, in order."""
    ledger, bank = Money(int(run(tx, _BALANCE, until=since)[0].fen)), _bank_balance(tx, since)
    moved = _ledger_days(tx, since, until)
    seen = _bank_days(tx, since, until)
    gaps = _gap_days(tx, since, until)
    rows = []
    for day in sorted({*moved, *seen, *gaps}):
        came, went = moved.get(day, (ZERO, ZERO))
        credited, debited = seen.get(day, (ZERO, ZERO))
        gap = gaps.get(day, ZERO)
        ledger += came - went
        bank += credited - debited + gap
        rows.append(DayRow(day, came, went, ledger, credited, debited, gap, bank))
    return rows


def statements(tx: Session) -> list[BankStatement]:
    """The statements that count, in the order of their lines."""
    return list(
        tx.execute(
            select(BankStatement)
            .where(BankStatement.state == StatementState.IMPORTED)
            .order_by(BankStatement.first_at, BankStatement.last_at, BankStatement.id)
        ).scalars()
    )


def as_moment(value: Any) -> datetime | None:
    """A moment as plain SQL gives it: SQLite as text in UTC, PostgreSQL with its zone."""
    if value is None:
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _bank_balance(tx: Session, until: datetime) -> Money:
    """The balance the bank printed behind its last line before a moment."""
    found = tx.execute(
        select(BankLine.balance)
        .join(BankStatement, BankStatement.id == BankLine.statement_id)
        .where(BankStatement.state == StatementState.IMPORTED, BankLine.at < until)
        .order_by(
            BankStatement.first_at.desc(),
            BankStatement.last_at.desc(),
            BankStatement.id.desc(),
            BankLine.position.desc(),
        )
        .limit(1)
    ).scalar_one_or_none()
    return found if found is not None else ZERO


def _between_statements(tx: Session, until: datetime) -> list[Item]:
    begun = [one for one in statements(tx) if one.first_at < until]
    items = []
    if begun and begun[0].opening:
        first = begun[0]
        items.append(
            Item(Why.OPENING, first.public_id, first.first_at, first.file_name, -first.opening)
        )
    for earlier, later in pairwise(begun):
        if later.opening != earlier.closing:
            items.append(
                Item(
                    Why.GAP,
                    later.public_id,
                    later.first_at,
                    later.file_name,
                    earlier.closing - later.opening,
                )
            )
    return items


def _of_lines(tx: Session, until: datetime) -> list[Item]:
    def why(row: Row[Any]) -> Why:
        if row.undone:
            return Why.UNDONE
        return Why.UNEXPLAINED if row.state == "unexplained" else Why.LATE

    return [
        Item(
            why(row),
            row.public_id,
            as_moment(row.at),
            row.memo or row.counterparty,
            Money(int(row.fen)),
        )
        for row in run(tx, _LINES, until=until)
    ]


def _of_items(tx: Session, until: datetime) -> list[Item]:
    items = []
    for row in run(tx, _ITEMS, until=until):
        amount, gone = Money(int(row.amount_fen)), as_moment(row.gone_at)
        items.append(
            Item(
                Why.LATE if gone is None else Why.PAID_UNSEEN,
                row.public_id,
                gone or as_moment(row.seen_at),
                row.reference,
                amount if gone is None else -amount,
            )
        )
    return items


def _aged(rows: list[Row[Any]], until: datetime) -> tuple[Aged, ...]:
    found: dict[int | None, list[Money]] = {days: [] for days in (*AGES, None)}
    for row in rows:
        at = as_moment(row.at) or until
        found[next((days for days in AGES if until - at <= timedelta(days=days)), None)].append(
            Money(int(row.fen))
        )
    return tuple(
        Aged(days, len(amounts), total(amounts)) for days, amounts in found.items() if amounts
    )


def _sum_of(rows: list[Row[Any]], kind: str) -> Money:
    return total([Money(int(row.fen)) for row in rows if row.kind == kind])


def _ledger_days(
    tx: Session, since: datetime, until: datetime
) -> Mapping[date, tuple[Money, Money]]:
    day = db.shanghai_day_sql(tx, "j.effective_at")
    rows = run(
        tx,
        f"""
        SELECT {day} AS day,
          sum(CASE WHEN t.debit_id = {_CUSTODY} THEN t.amount_fen ELSE 0 END) AS came,
          sum(CASE WHEN t.credit_id = {_CUSTODY} THEN t.amount_fen ELSE 0 END) AS went
        FROM ledger_transfer t JOIN ledger_journal j ON j.id = t.journal_id
        WHERE (t.debit_id = {_CUSTODY} OR t.credit_id = {_CUSTODY})
          AND j.effective_at >= :since AND j.effective_at < :until
        GROUP BY 1
        """,  # noqa: S608
        since=since,
        until=until,
    )
    return {
        date.fromisoformat(row.day): (Money(int(row.came)), Money(int(row.went))) for row in rows
    }


def _bank_days(tx: Session, since: datetime, until: datetime) -> Mapping[date, tuple[Money, Money]]:
    day = db.shanghai_day_sql(tx, "l.at")
    rows = run(
        tx,
        f"""
        SELECT {day} AS day,
          sum(CASE WHEN l.amount_fen > 0 THEN l.amount_fen ELSE 0 END) AS came,
          sum(CASE WHEN l.amount_fen < 0 THEN -l.amount_fen ELSE 0 END) AS went
        FROM bank_line l WHERE NOT l.undone AND l.at >= :since AND l.at < :until
        GROUP BY 1
        """,  # noqa: S608
        since=since,
        until=until,
    )
    return {
        date.fromisoformat(row.day): (Money(int(row.came)), Money(int(row.went))) for row in rows
    }


def _gap_days(tx: Session, since: datetime, until: datetime) -> dict[date, Money]:
    found: dict[date, Money] = {}
    before = ZERO
    for one in statements(tx):
        if since <= one.first_at < until and one.opening != before:
            day = clock.day_of(one.first_at)
            found[day] = found.get(day, ZERO) + one.opening - before
        before = one.closing
    return found
