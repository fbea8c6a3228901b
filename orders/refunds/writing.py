"""Writing down that money is owed back; a step of other commands, in their transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.refunds.models import Refund
from shop.core.actors import Actor
from shop.core.money import Money
from shop.core.numbering import next_number


def write_refund(
    tx: Session, *, order_id: int, amount: Money, reason: str, about: str, now: datetime
) -> Refund:
    """Write the refund of an amount that already lies in transit. `about`: its cause."""
    refund = Refund(
        number=next_number(tx, "TK", now),
        order_id=order_id,
        amount=amount,
        reason=reason,
        about=about,
        at=now,
    )
    tx.add(refund)
    tx.flush()
    return refund


def refund_from_escrow(
    tx: Session,
    *,
    kind: JournalKind,
    order_id: int,
    amount: Money,
    reason: str,
    about: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Take money of an order out of escrow and put it in transit to its buyer; nothing for zero."""
    if not amount:
        return
    refund = write_refund(tx, order_id=order_id, amount=amount, reason=reason, about=about, now=now)
    with posting.journal(
        tx, kind, event_key=f"refund:{refund.public_id}", about=about, actor=actor, now=now
    ) as journal:
        journal.move((K.ESCROW, order_id), (K.REFUND_IN_TRANSIT, order_id), amount)
