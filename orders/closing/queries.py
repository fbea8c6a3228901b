"""Reading months, signed sheets and the trial balance."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.closing import rules
from orders.closing.bank_side import DayRow, Item, Sides, as_moment, days, run, sides
from orders.closing.chart import codes
from orders.closing.check_queries import CheckRow, Running, last_check, running
from orders.closing.checklist import Checked, checklist, next_to_close
from orders.closing.models import Reconciliation
from orders.closing.reconciling import end_of
from orders.closing.states import KINDS, MONTH, WHYS, ReconciliationState
from orders.ledger.models import LedgerMonth
from orders.ledger.months import month_of
from orders.ledger.states import SHUT, AccountKind, MonthState
from shop.core import clock
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission
from shop.identity.models import User
from shop.jobs.models import Job

#: Accounts of one kind shown on a page; all of them are in the export.
PAGE = 200


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month in the list."""

    month: str
    state: MonthState
    closed_by: str | None
    closed_at: datetime | None
    confirmed_by: str | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClosingJob:
    """The job that closes a month; `trouble` says why it did not."""

    trouble: str


@dataclass(frozen=True, slots=True)
class MonthPage:
    """One month: where it stands, its checklist while it is open, and what can be done.

    `check` is the last check of the books, of a closed month the one made when it was closed.
    `job` closes it, or has failed to.
    """

    row: MonthRow
    checklist: tuple[Checked, ...]
    ready: bool
    check: CheckRow | None
    running: Running | None
    job: ClosingJob | None
    actions: tuple[str, ...]
    last_day: date
    history: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class SidesPage:
    """The custody account at the end of a day, and the days of its month up to it."""

    day: date
    sides: Sides
    days: tuple[DayRow, ...]
    signed: str | None
    may_sign: bool


@dataclass(frozen=True, slots=True)
class SheetPage:
    """A signed sheet as it was signed."""

    public_id: str
    day: date
    state: ReconciliationState
    ledger: Money
    bank: Money
    items: tuple[Item, ...]
    signed_by: str
    signed_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    may_confirm: bool
    may_withdraw: bool


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One line of the trial balance: opening, movement and closing as debit and credit."""

    kind: AccountKind
    code: str
    name: str
    opening: tuple[Money, Money]
    movement: tuple[Money, Money]
    closing: tuple[Money, Money]
    owner: str = ""


@dataclass(frozen=True, slots=True)
class TrialPage:
    """The trial balance (科目余额表) of a month, or the accounts of one kind in it."""

    month: str
    state: MonthState
    rows: tuple[TrialRow, ...]
    more: bool

    def sums(self) -> tuple[tuple[Money, Money], ...]:
        """Debit and credit of opening, movement and closing over all rows."""
        parts = ([getattr(row, name) for row in self.rows] for name in _COLUMNS)
        return tuple((total([d for d, _ in part]), total([c for _, c in part])) for part in parts)

    @property
    def balanced(self) -> bool:
        """Whether debit and credit agree in each of the three."""
        return all(debit == credit for debit, credit in self.sums())


_COLUMNS = ("opening", "movement", "closing")

#: The word by which the owner of an account `a` is known to an accountant (辅助核算).
OWNER = """
  coalesce(CASE a.kind
      WHEN 'escrow' THEN o.number WHEN 'refund_in_transit' THEN o.number
      WHEN 'buyer_receivable' THEN x.number WHEN 'suspense' THEN b.public_id
      WHEN 'lot_pool' THEN p.number WHEN 'household_payable' THEN h.public_id
      WHEN 'payout_in_transit' THEN i.number ELSE g.name END, '')
"""
OWNER_JOINS = """
  LEFT JOIN purchase_order o ON a.kind IN ('escrow', 'refund_in_transit') AND o.id = a.owner_id
  LEFT JOIN acceptance x ON a.kind = 'buyer_receivable' AND x.id = a.owner_id
  LEFT JOIN bank_line b ON a.kind = 'suspense' AND b.id = a.owner_id
  LEFT JOIN lot p ON a.kind = 'lot_pool' AND p.id = a.owner_id
  LEFT JOIN household h ON a.kind = 'household_payable' AND h.id = a.owner_id
  LEFT JOIN payout_batch i ON a.kind = 'payout_in_transit' AND i.id = a.owner_id
  LEFT JOIN organisation g ON a.owner_id <> 0 AND g.id = a.owner_id
   AND a.kind IN ('cooperative_payable', 'carrier_payable', 'due_from_cooperative', 'risk_reserve')
"""

#: Every transfer twice: once for its debit account, once for its credit account.
SIDES = """
  SELECT t.id, t.journal_id, t.position, t.debit_id AS account_id,
    t.amount_fen AS debit, 0 AS credit FROM ledger_transfer t
  UNION ALL
  SELECT t.id, t.journal_id, t.position, t.credit_id, 0, t.amount_fen FROM ledger_transfer t
"""


def months(tx: Session, actor: Actor, now: datetime) -> tuple[MonthRow, ...]:
    """Every month from the first journal to the present one, the latest first."""
    actor.require(Permission.PLATFORM_READ)
    known = {row.month: _row(tx, row) for row in tx.execute(select(LedgerMonth)).scalars()}
    first = min([*known, next_to_close(tx, now) or month_of(now)])
    found = []
    while first <= month_of(now):
        found.append(known.get(first) or MonthRow(first, MonthState.OPEN, None, None, None, None))
        first = rules.next_month(first)
    return tuple(reversed(found))


def month_page(tx: Session, month: str, actor: Actor, now: datetime) -> MonthPage:
    """One month with its checklist.

    Raises:
        NotFound: that names no month.
    """
    actor.require(Permission.PLATFORM_READ)
    if not rules.is_month(month):
        raise NotFound()
    row = tx.execute(select(LedgerMonth).where(LedgerMonth.month == month)).scalar_one_or_none()
    state = row.state if row else MonthState.OPEN
    open_ = state not in SHUT
    points = checklist(tx, month, now) if open_ else ()
    may = actor.may(Permission.BOOKS_CLOSE)
    mine = row is not None and actor.user_id in (
        row.closed_by_id if state is MonthState.PROPOSED else None,
        row.reopen_asked_by_id if state is MonthState.REOPENING else None,
    )
    blocked = {"confirm", "reopen"} if mine else set()
    return MonthPage(
        row=_row(tx, row) if row else MonthRow(month, state, None, None, None, None),
        checklist=points,
        ready=not any(point.holds_up for point in points),
        check=last_check(tx, None if open_ else month),
        running=running(tx, actor) if open_ else None,
        job=_job(tx, row) if row else None,
        actions=tuple(a for a in MONTH.actions(state) if may and a not in blocked),
        last_day=rules.last_day(month),
        history=tuple(history(tx, row.public_id)) if row else (),
    )


def sides_page(tx: Session, day: date, actor: Actor, now: datetime) -> SidesPage:
    """Both sides of the custody account at the end of a day."""
    actor.require(Permission.PLATFORM_READ)
    until = end_of(day)
    signed = tx.execute(
        select(Reconciliation.public_id).where(
            Reconciliation.day == day, Reconciliation.state != ReconciliationState.WITHDRAWN
        )
    ).scalar_one_or_none()
    found = sides(tx, until)
    return SidesPage(
        day,
        found,
        tuple(days(tx, clock.start_of(day.replace(day=1)), until)),
        signed,
        actor.may(Permission.BOOKS_CLOSE)
        and signed is None
        and until <= now
        and found.rest == ZERO,
    )


def sheets(tx: Session, actor: Actor) -> tuple[SheetPage, ...]:
    """The last signed sheets, the latest day first."""
    actor.require(Permission.PLATFORM_READ)
    rows = tx.execute(
        select(Reconciliation).order_by(Reconciliation.day.desc(), Reconciliation.id.desc())
    ).scalars()
    return tuple(_sheet(tx, row, actor) for row in rows.fetchmany(36))


def sheet(tx: Session, reconciliation_id: str, actor: Actor) -> SheetPage:
    """One signed sheet.

    Raises:
        NotFound: there is none.
    """
    actor.require(Permission.PLATFORM_READ)
    row = tx.execute(
        select(Reconciliation).where(Reconciliation.public_id == reconciliation_id)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound()
    return _sheet(tx, row, actor)


def trial(tx: Session, month: str, actor: Actor, kind: AccountKind | None = None) -> TrialPage:
    """The trial balance of a month by kind, or the accounts of one kind by owner.

    Raises:
        NotFound: that names no month.
    """
    actor.require(Permission.PLATFORM_READ)
    if not rules.is_month(month):
        raise NotFound()
    since, until = rules.span(month)
    by_owner = kind is not None
    rows = run(
        tx,
        f"""
        SELECT a.kind, {OWNER if by_owner else "''"} AS owner,
          sum(CASE WHEN j.effective_at < :since THEN s.debit - s.credit ELSE 0 END) AS opening,
          sum(CASE WHEN j.effective_at >= :since THEN s.debit ELSE 0 END) AS debit,
          sum(CASE WHEN j.effective_at >= :since THEN s.credit ELSE 0 END) AS credit
        FROM ({SIDES}) s
        JOIN ledger_journal j ON j.id = s.journal_id AND j.effective_at < :until
        JOIN ledger_account a ON a.id = s.account_id
        {OWNER_JOINS if by_owner else ""}
        WHERE :kind = '' OR a.kind = :kind
        GROUP BY a.kind{", a.id, 2" if by_owner else ""}
        ORDER BY 2 LIMIT {PAGE + 1}
        """,  # noqa: S608 (our own words)
        since=since,
        until=until,
        kind=kind.value if kind else "",
    )
    chart = codes(tx)
    lines = []
    for row in rows[:PAGE]:
        of = KINDS[row.kind]
        opening, debit, credit = (
            Money(int(row.opening)),
            Money(int(row.debit)),
            Money(int(row.credit)),
        )
        lines.append(
            TrialRow(
                of,
                *chart[of],
                _sided(opening),
                (debit, credit),
                _sided(opening + debit - credit),
                row.owner,
            )
        )
    if not by_owner:
        lines.sort(key=lambda line: line.code)
    state = tx.execute(
        select(LedgerMonth.state).where(LedgerMonth.month == month)
    ).scalar_one_or_none()
    return TrialPage(month, state or MonthState.OPEN, tuple(lines), len(rows) > PAGE)


def _sided(signed: Money) -> tuple[Money, Money]:
    """A balance, debit less credit, in its column."""
    return (signed, ZERO) if signed >= ZERO else (ZERO, -signed)


def _row(tx: Session, row: LedgerMonth) -> MonthRow:
    return MonthRow(
        row.month,
        row.state,
        _name(tx, row.closed_by_id),
        row.closed_at,
        _name(tx, row.confirmed_by_id),
        row.confirmed_at,
    )


def _job(tx: Session, row: LedgerMonth) -> ClosingJob | None:
    if row.state is not MonthState.PROPOSED or row.job is None:
        return None
    trouble = tx.execute(select(Job.trouble).where(Job.public_id == row.job)).scalar_one()
    return ClosingJob(trouble)


def _name(tx: Session, user_id: int | None) -> str | None:
    return None if user_id is None else tx.get_one(User, user_id).name


def _sheet(tx: Session, row: Reconciliation, actor: Actor) -> SheetPage:
    may = actor.may(Permission.BOOKS_CLOSE)
    signer = _name(tx, row.signed_by_id)
    assert signer is not None, "a person signed"
    return SheetPage(
        row.public_id,
        row.day,
        row.state,
        row.ledger,
        row.bank,
        tuple(
            Item(WHYS[why], thing, as_moment(at), words, Money(fen))
            for why, thing, at, words, fen in json.loads(row.sheet)
        ),
        signer,
        row.signed_at,
        _name(tx, row.confirmed_by_id),
        row.confirmed_at,
        may and row.state is ReconciliationState.SIGNED and row.signed_by_id != actor.user_id,
        may and row.state is not ReconciliationState.WITHDRAWN,
    )
