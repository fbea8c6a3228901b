"""What each cooperative owes, why, and what it has paid of it.

Rule: docs/money.md, “What a cooperative owes”.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from orders.ledger.models import Account, Journal
from orders.ledger.states import AccountKind, JournalKind
from orders.purchasing.models import Order
from orders.receivables.accruing import changes, end_of, open_on
from orders.shipments.models import Acceptance
from products.lots.models import Lot
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation, OrganisationKind


@dataclass(frozen=True, slots=True)
class CooperativeDue:
    """What one cooperative owes on a day; its payable beside it, never netted."""

    public_id: str
    name: str
    open: Money
    payable: Money


@dataclass(frozen=True, slots=True)
class DueMovement:
    """One change of what a cooperative owes, and what stood on the other side.

    `about` is the return, settlement run or bank line it came from; `other` names the lot, the
    order or the acceptance.
    """

    journal_id: str
    kind: JournalKind
    about: str
    at: datetime
    other_kind: AccountKind
    other: str
    change: Money
    open: Money


@dataclass(frozen=True, slots=True)
class DuePage:
    """A cooperative's debt with its whole history, the latest first."""

    row: CooperativeDue
    movements: tuple[DueMovement, ...]
    of_platform: bool

    @property
    def by_cause(self) -> tuple[tuple[JournalKind, Money], ...]:
        """What it owes, by the kind of event that raised or lowered it."""
        causes = dict.fromkeys((one.kind for one in reversed(self.movements)), ZERO)
        for one in self.movements:
            causes[one.kind] += one.change
        return tuple(causes.items())


def dues(tx: Session, actor: Actor, day: date) -> list[CooperativeDue]:
    """Every cooperative that owes or ever owed something, who owes most first.

    Raises:
        NotAllowed: the actor does not read the platform's books.
    """
    actor.require(P.PLATFORM_READ)
    return sorted(_dues(tx, day), key=lambda row: (-row.open.fen, row.public_id))


def due_of(tx: Session, actor: Actor, day: date, *, cooperative_id: str) -> DuePage:
    """What one cooperative owes and why, for itself and for the platform.

    Raises:
        NotFound, NotAllowed: there is none, or it is not this actor's to see.
    """
    key = tx.execute(
        select(Organisation.id).where(
            Organisation.public_id == cooperative_id,
            Organisation.kind == OrganisationKind.COOPERATIVE,
        )
    ).scalar()
    if key is None:
        raise NotFound()
    if not actor.may(P.PLATFORM_READ):
        actor.require(P.ORDER_READ, key)
    moved = changes(AccountKind.DUE_FROM_COOPERATIVE, end_of(day), [key])
    other = aliased(Account)
    rows = tx.execute(
        select(
            Journal.public_id,
            Journal.kind,
            Journal.about,
            Journal.effective_at,
            other.kind,
            func.coalesce(Lot.number, Order.number, Acceptance.number, "").label("named"),
            moved.c.fen,
        )
        .join(Journal, Journal.id == moved.c.journal_id)
        .join(other, other.id == moved.c.other_id)
        .outerjoin(Lot, (other.kind == AccountKind.LOT_POOL) & (Lot.id == other.owner_id))
        .outerjoin(
            Order, (other.kind == AccountKind.REFUND_IN_TRANSIT) & (Order.id == other.owner_id)
        )
        .outerjoin(
            Acceptance,
            (other.kind == AccountKind.BUYER_RECEIVABLE) & (Acceptance.id == other.owner_id),
        )
        .order_by(Journal.effective_at, Journal.id, moved.c.transfer_id)
    ).all()
    found: list[DueMovement] = []
    running = ZERO
    for journal_id, kind, about, at, other_kind, named, fen in rows:
        running += Money(int(fen))
        found.append(
            DueMovement(journal_id, kind, about, at, other_kind, named, Money(int(fen)), running)
        )
    return DuePage(
        row=_dues(tx, day, key)[0],
        movements=tuple(reversed(found)),
        of_platform=actor.may(P.PLATFORM_READ),
    )


def sum_of(rows: list[CooperativeDue]) -> Money:
    """What all of them owe together."""
    return total([row.open for row in rows])


def _dues(tx: Session, day: date, key: int | None = None) -> list[CooperativeDue]:
    owners = None if key is None else [key]
    due = open_on(AccountKind.DUE_FROM_COOPERATIVE, day, owners)
    payable = open_on(AccountKind.COOPERATIVE_PAYABLE, day, owners)
    ever = select(Account.id).where(
        Account.kind == AccountKind.DUE_FROM_COOPERATIVE, Account.owner_id == Organisation.id
    )
    rows = tx.execute(
        select(
            Organisation.public_id,
            Organisation.name,
            func.coalesce(due.c.fen, 0),
            func.coalesce(payable.c.fen, 0),
        )
        .outerjoin(due, due.c.owner_id == Organisation.id)
        .outerjoin(payable, payable.c.owner_id == Organisation.id)
        .where(ever.exists() if key is None else Organisation.id == key)
    )
    return [
        CooperativeDue(public_id, name, Money(int(fen)), -Money(int(owed)))
        for public_id, name, fen, owed in rows
    ]
