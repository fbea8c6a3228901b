"""Steps by which money of a bank line reaches orders, and is taken back; in their callers' tx."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from orders.ledger import many, posting
from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.payments.models import BankLine, Payment
from orders.payments.open_amounts import receivables, spread
from orders.payments.rules import OpenOrder
from orders.purchasing.models import Allocation, Order
from orders.refunds.models import Refund
from orders.shipments.models import Acceptance, AcceptanceLine
from shop.core import bulk
from shop.core.actors import Actor
from shop.core.ids import new_ids
from shop.core.money import Money

CUSTODY = (K.CUSTODY, 0)


@dataclass(frozen=True, slots=True)
class LineRef:
    """A bank line as booking needs it."""

    id: int
    public_id: str
    at: datetime
    amount: Money


@dataclass(frozen=True, slots=True)
class Booking:
    """Money of one line that goes to orders, all in one journal.

    `orders`: what each waits for; together at least `amount`. `source`: the account it comes
    from, custody at import, the line's suspense afterwards.
    """

    line: LineRef
    amount: Money
    orders: list[OpenOrder]
    source: posting.AccountKey
    kind: JournalKind
    event_key: str
    effective_at: datetime


def ref(line: BankLine) -> LineRef:
    """A bank line as booking needs it."""
    return LineRef(line.id, line.public_id, line.at, line.amount)


def lock_orders(tx: Session, purchase_ids: Sequence[int]) -> None:
    """Hold the orders of these purchases until the end of the transaction, in one order."""
    tx.execute(
        select(Order.id)
        .where(bulk.among(tx, Order.purchase_id, purchase_ids))
        .order_by(Order.id)
        .with_for_update()
    ).all()


def pay_orders(tx: Session, bookings: Sequence[Booking], *, actor: Actor, now: datetime) -> None:
    """Put money of lines to orders and write it down as payments (收款).

    Each order's share first clears what is receivable on its acceptances, the oldest first; the
    rest goes to escrow. No order may stand in two bookings: what it owes is read once.
    """
    shared = [(booking, spread(booking.amount, booking.orders)) for booking in bookings]
    owed = receivables(tx, [order_id for _booking, shares in shared for order_id, _ in shares])
    entries = []
    for booking, shares in shared:
        draft = posting.Draft()
        for order_id, share in shares:
            for acceptance_id, receivable in owed.get(order_id, []):
                part = min(share, receivable)
                draft.move(booking.source, (K.BUYER_RECEIVABLE, acceptance_id), part)
                share -= part
            draft.move(booking.source, (K.ESCROW, order_id), share)
        entries.append(
            many.Entry(
                draft,
                booking.kind,
                booking.event_key,
                booking.line.public_id,
                booking.effective_at,
            )
        )
    journal_ids = many.write_many(tx, entries, actor=actor, now=now)
    payments = [
        (booking.line, order_id, journal_id, share)
        for (booking, shares), journal_id in zip(shared, journal_ids, strict=True)
        for order_id, share in shares
    ]
    bulk.insert_typed(
        tx,
        Payment,
        ("public_id", "bank_line_id", "order_id", "journal_id", "amount_fen", "at", "undone"),
        (
            (public_id, line.id, order_id, journal_id, share, line.at, False)
            for public_id, (line, order_id, journal_id, share) in zip(
                sorted(new_ids("payment", len(payments))), payments, strict=True
            )
        ),
    )


def held(line: LineRef, *, event_key: str, effective_at: datetime) -> many.Entry:
    """The journal that puts a credit line into suspense (待认领), under the line's own account."""
    draft = posting.Draft()
    draft.move(CUSTODY, (K.SUSPENSE, line.id), line.amount)
    return many.Entry(draft, JournalKind.BANK_CREDIT, event_key, line.public_id, effective_at)


def remaining(tx: Session, line_ids: Sequence[int]) -> dict[int, Money]:
    """What of these lines still lies in suspense."""
    return posting.balances(tx, K.SUSPENSE, line_ids)


def journals_of(tx: Session, *which: ColumnElement[bool]) -> list[int]:
    """The journals lines caused that still stand, the latest first; `which`: conditions on lines.

    Journals of payouts that a line showed are about the payout, and not among them.
    """
    reversed_ids = select(Journal.reverses_id).where(Journal.reverses_id.is_not(None))
    return list(
        tx.execute(
            select(Journal.id)
            .where(
                Journal.about.in_(select(BankLine.public_id).where(*which)),
                Journal.kind != JournalKind.REVERSAL,
                Journal.id.not_in(reversed_ids),
            )
            .order_by(Journal.id.desc())
        ).scalars()
    )


def settled_since(tx: Session, journal_ids: Sequence[int]) -> bool:
    """Whether households have been settled out of acceptances that these journals paid for.

    An acceptance counts for settlement once it is paid in full; taking its payment back
    afterwards would take back what households were given for it.
    """
    paid = (
        select(AcceptanceLine.acceptance_id, Allocation.lot_id, Journal.posted_at)
        .select_from(Transfer)
        .join(Journal, Journal.id == Transfer.journal_id)
        .join(Account, Account.id == Transfer.credit_id)
        .join(Acceptance, Acceptance.id == Account.owner_id)
        .join(AcceptanceLine, AcceptanceLine.acceptance_id == Acceptance.id)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .where(Account.kind == K.BUYER_RECEIVABLE, bulk.among(tx, Journal.id, journal_ids))
        .subquery()
    )
    settlement = Journal.__table__.alias()
    taken = Transfer.__table__.alias()
    pool = Account.__table__.alias()
    found = tx.execute(
        select(settlement.c.id)
        .join(taken, taken.c.journal_id == settlement.c.id)
        .join(pool, pool.c.id == taken.c.debit_id)
        .join(paid, paid.c.lot_id == pool.c.owner_id)
        .where(
            settlement.c.kind == JournalKind.SETTLEMENT,
            pool.c.kind == K.LOT_POOL,
            settlement.c.posted_at >= paid.c.posted_at,
        )
        .limit(1)
    ).first()
    return found is not None


def refunded(tx: Session, *which: ColumnElement[bool]) -> bool:
    """Whether anything that lines brought was given back, or is on its way; `which`: of lines."""
    lines = select(BankLine.id).where(*which)
    found = tx.execute(
        select(Refund.id)
        .outerjoin(Payment, Payment.id == Refund.payment_id)
        .where(or_(Payment.bank_line_id.in_(lines), Refund.bank_line_id.in_(lines)))
        .limit(1)
    )
    return found.first() is not None
