"""What moved in accounts during a period: opening, movements by kind, closing, from the ledger.

Sets of accounts are handed over as a selectable of account and key, so that one statement reads
those of one party or of a whole village. What moves between accounts of the same key falls out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal, select, union_all
from sqlalchemy.orm import Session, aliased

from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind, JournalKind
from orders.shipments.models import Acceptance
from orders.statements.periods import Period
from shop.core import db
from shop.core.money import ZERO, Money

#: By which money leaves a payable for the bank, and comes back when it did not arrive.
PAID_OUT = (
    JournalKind.PAYOUT_APPROVED,
    JournalKind.PAYOUT_FAILED,
    JournalKind.PAYOUT_RETURNED,
)


@dataclass(slots=True)
class Movement:
    """What one key's accounts held before a period, what moved by kind, what they held after."""

    opening: Money = ZERO
    by_kind: dict[JournalKind, Money] = field(default_factory=dict)

    @property
    def closing(self) -> Money:
        """Opening and all that moved."""
        return self.opening + self.moved(*self.by_kind)

    def moved(self, *kinds: JournalKind) -> Money:
        """What these kinds of journals moved together."""
        return Money(sum(self.by_kind[kind].fen for kind in kinds if kind in self.by_kind))


@dataclass(frozen=True, slots=True)
class Entry:
    """What one journal moved in the accounts of one key. A reversal has the kind it reverses."""

    key: int
    journal_id: str
    kind: JournalKind
    about: str
    at: datetime
    amount: Money
    reverses: bool


def owned(kind: AccountKind, owners: Collection[int]) -> Select[int, int]:
    """The accounts of one kind of these owners, by owner."""
    return select(Account.id.label("account_id"), Account.owner_id.label("key")).where(
        Account.kind == kind, Account.owner_id.in_(owners)
    )


def receivables(orders: Collection[int]) -> Select[int, int]:
    """The accounts in which buyers owe for acceptances of these orders, by order."""
    return (
        select(Account.id, Acceptance.order_id)
        .join(Acceptance, Acceptance.id == Account.owner_id)
        .where(Account.kind == AccountKind.BUYER_RECEIVABLE, Acceptance.order_id.in_(orders))
    )


def movements(tx: Session, accounts: list[Select[int, int]], period: Period) -> dict[int, Movement]:
    """Opening and movements of these accounts by key; one statement however many there are."""
    of = _signed(accounts)
    opening = case((of.c.at < period.begins, 1), else_=0) if period.begins else literal(0)
    told = select(of.c.key, of.c.kind, opening.label("opening"), of.c.fen)
    if period.ends:
        told = told.where(of.c.at < period.ends)
    rows = told.subquery()
    found: dict[int, Movement] = defaultdict(Movement)
    for key, kind, is_opening, fen in tx.execute(
        select(rows.c.key, rows.c.kind, rows.c.opening, db.total(rows.c.fen)).group_by(
            rows.c.key, rows.c.kind, rows.c.opening
        )
    ):
        if is_opening:
            found[key].opening += Money(int(fen))
        elif fen:
            found[key].by_kind[kind] = Money(int(fen))
    return found


def entries(tx: Session, accounts: list[Select[int, int]], period: Period) -> list[Entry]:
    """Every journal of a period that moved something in these accounts, in its order."""
    of = _signed(accounts)
    signed = db.total(of.c.fen)
    conditions: list[ColumnElement[bool]] = []
    if period.begins:
        conditions.append(of.c.at >= period.begins)
    if period.ends:
        conditions.append(of.c.at < period.ends)
    columns = (of.c.key, of.c.public_id, of.c.kind, of.c.about, of.c.at, of.c.reverses_id)
    rows = tx.execute(
        select(*columns, signed)
        .where(*conditions)
        .group_by(of.c.journal_id, *columns)
        .having(signed != 0)
        .order_by(of.c.at, of.c.journal_id, of.c.key)
    )
    return [
        Entry(key, public_id, kind, about, at, Money(int(fen)), reverses is not None)
        for key, public_id, kind, about, at, reverses, fen in rows
    ]


def _signed(accounts: list[Select[int, int]]) -> Subquery:
    """All movements of the accounts, credits above zero."""
    mine = union_all(*accounts).subquery()
    account_id, key = mine.c[0], mine.c[1]
    fen = Transfer.__table__.c.amount_fen
    sides = union_all(
        select(key.label("key"), Transfer.journal_id, fen.label("fen")).join(
            Transfer, Transfer.credit_id == account_id
        ),
        select(key, Transfer.journal_id, -fen).join(Transfer, Transfer.debit_id == account_id),
    ).subquery()
    undone = aliased(Journal)
    return (
        select(
            sides.c.key,
            sides.c.fen,
            Journal.id.label("journal_id"),
            Journal.public_id,
            func.coalesce(undone.kind, Journal.kind, type_=Journal.kind.type).label("kind"),
            Journal.about,
            Journal.effective_at.label("at"),
            Journal.reverses_id,
        )
        .join(Journal, Journal.id == sides.c.journal_id)
        .outerjoin(undone, undone.id == Journal.reverses_id)
        .subquery()
    )
