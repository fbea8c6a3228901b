"""Money given back: to the payments of an order, and from suspense to where it came from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind, JournalKind
from orders.payments.models import BankLine, Payment
from orders.payments.states import LINE
from orders.refunds.models import NO_ORDER, Refund
from shop.core import audit, db
from shop.core.actors import Actor
from shop.core.money import ZERO, Money
from shop.core.numbering import next_number


def take(tx: Session, order_id: int, amount: Money) -> list[tuple[int, Money]]:
    """Take an amount from the payments of an order, the newest first, none below zero.

    Returns (payment key, part); they sum to less when the payments do not hold so much.
    """
    held = tx.execute(
        select(Payment.id, Payment.amount, Payment.refunded)
        .where(Payment.order_id == order_id, Payment.undone.is_(False))
        .order_by(Payment.id.desc())
        .with_for_update()
    ).all()
    parts = []
    for payment_id, brought, refunded in held:
        part = min(amount, brought - refunded)
        if part <= ZERO:
            continue
        # Guarded again by itself: whatever was read, no payment gives more than it brought.
        moved = db.rows_changed(
            tx,
            update(Payment)
            .where(Payment.id == payment_id, Payment.refunded + part <= Payment.amount)
            .values(refunded=Payment.refunded + part),
        )
        if moved:
            parts.append((payment_id, part))
            amount -= part
    return parts


def give(
    tx: Session,
    line: BankLine,
    amount: Money,
    left: Money,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> str:
    """Let money of a line in suspense go back to where it came from, with the next payout batch.

    Args:
        line: held, and in the queue.
        left: what of it waits, at least the amount; when it is all, the line is done with.

    Returns:
        The refund's public id.

    Rule: docs/money.md, “The way a refund takes”.
    """
    refund = Refund(
        number=next_number(tx, "TK", now),
        bank_line_id=line.id,
        amount=amount,
        reason=reason,
        about=line.public_id,
        at=now,
    )
    tx.add(refund)
    tx.flush()
    with posting.journal(
        tx,
        JournalKind.SUSPENSE_REFUND,
        event_key=f"refund:{refund.public_id}",
        about=line.public_id,
        actor=actor,
        now=now,
    ) as journal:
        journal.move(
            (AccountKind.SUSPENSE, line.id), (AccountKind.REFUND_IN_TRANSIT, NO_ORDER), amount
        )
    facts: dict[str, Any] = {"refund": refund.number, "amount_fen": amount.fen}
    if amount == left:
        LINE.move(
            tx, line, "refund", actor=actor, now=now, organisation_id=None, reason=reason, **facts
        )
    else:
        audit.record(
            tx,
            actor=actor,
            now=now,
            kind=LINE.kind,
            thing=line.public_id,
            action="refund_part",
            reason=reason,
            **facts,
        )
    return refund.public_id
