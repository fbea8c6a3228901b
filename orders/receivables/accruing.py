"""What was open on each acceptance day by day, and the interest that grew on it.

Rule: docs/money.md, “Payment terms and interest”.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    func,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind, JournalKind
from orders.payments.models import BankLine
from orders.receivables.models import InterestPayment
from orders.receivables.rules import DAY, Span, Terms, interest, spans
from shop.core import db
from shop.core.clock import day_of, start_of
from shop.core.money import ZERO, Money

#: Beyond so many keys a statement reads them all instead of naming each.
NAMED = 500


@dataclass(frozen=True, slots=True)
class Movement:
    """What one journal changed of what is open for an acceptance.

    `counts_on` is the day it counts for interest: for money, the day it reached the bank, even
    where somebody found its purchase only later.
    """

    journal_id: str
    kind: JournalKind
    about: str
    effective_at: datetime
    counts_on: date
    change: Money


@dataclass(frozen=True, slots=True)
class Accrued:
    """Interest on one acceptance up to a day: its spans, the sum rounded once, what was paid."""

    spans: tuple[Span, ...]
    whole: Money
    paid: Money

    @property
    def open(self) -> Money:
        """What is still demanded, never below zero."""
        return max(ZERO, self.whole - self.paid)


def end_of(day: date) -> datetime:
    """The moment a Shanghai day is over."""
    return start_of(day + DAY)


def changes(kind: AccountKind, before: datetime, owners: Collection[int] | None = None) -> Subquery:
    """Every transfer of the accounts of one kind that took effect before a moment.

    `owners` names whose accounts, if there are few; without it, everybody's are read.

    Columns: `owner_id`, `fen` (above zero where it adds to a debit account), `journal_id`,
    `other_id` (the account on the other side), `transfer_id`.
    """

    def side(
        own: ColumnElement[int], other: ColumnElement[int], sign: int
    ) -> Select[int, int, int, int, int]:
        return (
            select(
                Account.owner_id.label("owner_id"),
                (sign * type_coerce(Transfer.amount, BigInteger)).label("fen"),
                Transfer.journal_id.label("journal_id"),
                other.label("other_id"),
                Transfer.id.label("transfer_id"),
            )
            .join(Transfer, own == Account.id)
            .join(Journal, Journal.id == Transfer.journal_id)
            .where(
                Account.kind == kind,
                Journal.effective_at < before,
                *([] if owners is None else [Account.owner_id.in_(owners)]),
            )
        )

    debit, credit = Transfer.__table__.c.debit_id, Transfer.__table__.c.credit_id
    return union_all(side(debit, credit, 1), side(credit, debit, -1)).subquery()


def open_on(kind: AccountKind, day: date, owners: Collection[int] | None = None) -> Subquery:
    """What lay in each account of a debit kind at the end of a day: `owner_id`, `fen`, not zero."""
    moved = changes(kind, end_of(day), owners)
    fen = db.total(moved.c.fen)
    return (
        select(moved.c.owner_id, fen.label("fen"))
        .group_by(moved.c.owner_id)
        .having(func.sum(moved.c.fen) != 0)
        .subquery()
    )


def movements(tx: Session, acceptance_ids: Collection[int], day: date) -> dict[int, list[Movement]]:
    """What changed the open amount of these acceptances up to a day, the earliest first."""
    wanted = set(acceptance_ids)
    if not wanted:
        return {}
    moved = changes(
        AccountKind.BUYER_RECEIVABLE, end_of(day), wanted if len(wanted) <= NAMED else None
    )
    statement = (
        select(
            moved.c.owner_id,
            db.total(moved.c.fen),
            Journal.public_id,
            Journal.kind,
            Journal.about,
            Journal.effective_at,
            BankLine.at,
        )
        .join(Journal, Journal.id == moved.c.journal_id)
        .outerjoin(BankLine, BankLine.public_id == Journal.about)
        .group_by(moved.c.owner_id, Journal.id, BankLine.id)
        .order_by(Journal.effective_at, Journal.id)
    )
    found: dict[int, list[Movement]] = defaultdict(list)
    for owner, fen, journal_id, kind, about, effective_at, arrived_at in tx.execute(statement):
        if owner in wanted:
            counts_at = effective_at
            if arrived_at is not None and kind is not JournalKind.REVERSAL:
                counts_at = min(effective_at, arrived_at)
            found[owner].append(
                Movement(journal_id, kind, about, effective_at, day_of(counts_at), Money(int(fen)))
            )
    return found


def interest_paid(tx: Session, acceptance_ids: Collection[int]) -> dict[int, Money]:
    """What was booked as interest on these acceptances, of statements that still stand."""
    wanted = set(acceptance_ids)
    found = dict.fromkeys(wanted, ZERO)
    statement = (
        select(
            InterestPayment.acceptance_id,
            db.total(type_coerce(InterestPayment.amount, BigInteger)),
        )
        .join(BankLine, BankLine.id == InterestPayment.bank_line_id)
        .where(BankLine.undone.is_(False))
        .group_by(InterestPayment.acceptance_id)
    )
    if len(wanted) <= NAMED:
        statement = statement.where(InterestPayment.acceptance_id.in_(wanted))
    for key, fen in tx.execute(statement):
        if key in wanted:
            found[key] = Money(int(fen))
    return found


def accrued(
    moved: list[Movement], paid: Money, *, due_on: date, day: date, known: list[Terms]
) -> Accrued:
    """The interest on one acceptance up to the end of a day."""
    over = spans(
        [(movement.counts_on, movement.change) for movement in moved],
        due_on=due_on,
        until=day,
        known=known,
    )
    return Accrued(tuple(over), interest(over), paid)
