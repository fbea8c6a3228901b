"""Steps by which money of a bank line reaches orders, and is taken back; in their callers' tx."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, select, type_coerce
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.payments.models import BankLine, Payment
from orders.payments.open_amounts import OpenOrder, receivables, spread
from orders.purchasing.models import Allocation, Order
from orders.refunds.models import Refund
from orders.shipments.models import Acceptance, AcceptanceLine
from shop.core import db
from shop.core.actors import Actor
from shop.core.money import Money

CUSTODY = (K.CUSTODY, 0)


def lock_orders(tx: Session, purchase_ids: Sequence[int]) -> None:
    """Hold the orders of these purchases until the end of the transaction, in one order."""
    tx.execute(
        select(Order.id)
        .where(Order.purchase_id.in_(purchase_ids))
        .order_by(Order.id)
        .with_for_update()
    ).all()


def pay_orders(
    tx: Session,
    line: BankLine,
    amount: Money,
    orders: list[OpenOrder],
    *,
    source: posting.AccountKey,
    kind: JournalKind,
    event_key: str,
    effective_at: datetime,
    actor: Actor,
    now: datetime,
) -> None:
    """Put money of one line to the orders of a purchase and write it down as payments (收款).

    Each order's share first clears what is receivable on its acceptances, the oldest first; the
    rest goes to escrow.

    Args:
        source: the account it comes from: custody at import, the line's suspense afterwards.
        orders: what each order waits for; together at least `amount`.
    """
    shares = spread(amount, orders)
    owed = receivables(tx, [order_id for order_id, _share in shares])
    draft = posting.Draft()
    for order_id, share in shares:
        for acceptance_id, receivable in owed.get(order_id, []):
            part = min(share, receivable)
            draft.move(source, (K.BUYER_RECEIVABLE, acceptance_id), part)
            share -= part
        draft.move(source, (K.ESCROW, order_id), share)
    journal_id = posting.write(
        tx,
        draft,
        kind,
        event_key=event_key,
        about=line.public_id,
        actor=actor,
        now=now,
        effective_at=effective_at,
        happened_at=effective_at,
    )
    tx.add_all(
        Payment(
            bank_line_id=line.id,
            order_id=order_id,
            journal_id=journal_id,
            amount=share,
            at=line.at,
        )
        for order_id, share in shares
    )


def hold(tx: Session, line: BankLine, *, actor: Actor, now: datetime) -> None:
    """Put a credit line that fits nothing into suspense (待认领), under the line's own account."""
    with posting.journal(
        tx,
        JournalKind.BANK_CREDIT,
        event_key=f"bank_credit:{line.public_id}",
        about=line.public_id,
        actor=actor,
        now=now,
        happened_at=line.at,
    ) as journal:
        journal.move(CUSTODY, (K.SUSPENSE, line.id), line.amount)


def remaining(tx: Session, line_ids: Sequence[int]) -> dict[int, Money]:
    """What of these lines still lies in suspense."""
    return posting.balances(tx, K.SUSPENSE, line_ids)


def journals_of(tx: Session, line_public_ids: Sequence[str]) -> list[int]:
    """The journals these lines caused that still stand, the latest first."""
    reversed_ids = select(Journal.reverses_id).where(Journal.reverses_id.is_not(None))
    return list(
        tx.execute(
            select(Journal.id)
            .where(
                Journal.about.in_(line_public_ids),
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
        .where(Account.kind == K.BUYER_RECEIVABLE, Journal.id.in_(journal_ids))
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


def refunded_beyond_paid(tx: Session, order_ids: Sequence[int]) -> bool:
    """Whether more was refunded on one of these orders than is still paid for it."""
    paid = (
        select(db.total(type_coerce(Payment.amount, BigInteger)))
        .where(Payment.order_id == Order.id, Payment.undone.is_(False))
        .scalar_subquery()
    )
    refunded = (
        select(db.total(type_coerce(Refund.amount, BigInteger)))
        .where(Refund.order_id == Order.id)
        .scalar_subquery()
    )
    found = tx.execute(select(Order.id).where(Order.id.in_(order_ids), refunded > paid).limit(1))
    return found.first() is not None
