"""Writing down that money is owed back; a step of other commands, in their transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.refunds import ways
from orders.refunds.models import Refund
from shop.core.actors import Actor
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.money import Money, total
from shop.core.numbering import next_number


class MoreThanPaid(Refusal):
    """More would go back than the order's payments brought and still hold (超额退款)."""

    code = "more_than_paid"
    sentence = N_("这笔订单的来款里只剩 %(left)s 元可退，没有退款。")


def write_refund(
    tx: Session, *, order_id: int, amount: Money, reason: str, about: str, now: datetime
) -> list[Refund]:
    """Write the refund of an amount that already lies in transit, one per payment it gives back.

    The payment that came last gives back first, none more than it brought.

    Args:
        about: public id of the cause.

    Raises:
        MoreThanPaid: the payments of the order do not hold so much any more.

    Rule: docs/money.md, “The way a refund takes”.
    """
    parts = ways.take(tx, order_id, amount)
    left = total([part for _payment, part in parts])
    if left != amount:
        raise MoreThanPaid(left=str(left))
    refunds = [
        Refund(
            number=next_number(tx, "TK", now),
            order_id=order_id,
            payment_id=payment_id,
            amount=part,
            reason=reason,
            about=about,
            at=now,
        )
        for payment_id, part in parts
    ]
    tx.add_all(refunds)
    tx.flush()
    return refunds


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
    refunds = write_refund(
        tx, order_id=order_id, amount=amount, reason=reason, about=about, now=now
    )
    with posting.journal(
        tx, kind, event_key=f"refund:{refunds[0].public_id}", about=about, actor=actor, now=now
    ) as journal:
        journal.move((K.ESCROW, order_id), (K.REFUND_IN_TRANSIT, order_id), amount)
