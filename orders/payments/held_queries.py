"""Money that waits, as others see it: the buyer it may be for, and what of it goes back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, select, type_coerce
from sqlalchemy.orm import Session

from orders.payments import booking
from orders.payments.models import BankLine
from orders.payments.open_amounts import open_orders
from orders.payments.states import BuyerWish, LineState
from orders.purchasing.models import Purchase
from orders.refunds.models import Refund
from shop.core import db
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission


@dataclass(frozen=True, slots=True)
class HeldForBuyer:
    """Money that names a purchase and waits, as its buyer sees it."""

    line_id: str
    at: datetime
    left: Money
    open: Money
    missing: Money
    excess: Money
    state: LineState
    wish: BuyerWish | None
    may_say: bool


def held_for(tx: Session, purchase_id: str, actor: Actor) -> list[HeldForBuyer]:
    """Money that came for a purchase and is not the right amount, oldest first.

    The caller has already been allowed to see the purchase.
    """
    purchase = tx.execute(
        select(Purchase).where(Purchase.public_id == purchase_id)
    ).scalar_one_or_none()
    if purchase is None:
        return []
    lines = list(
        tx.execute(
            select(BankLine)
            .where(
                BankLine.purchase_id == purchase.id,
                BankLine.undone.is_(False),
                BankLine.state.in_((LineState.SUSPENSE, LineState.REFUNDED)),
            )
            .order_by(BankLine.at, BankLine.id)
        ).scalars()
    )
    if not lines:
        return []
    left = booking.remaining(tx, [line.id for line in lines]) | _given_back(tx, lines)
    due = total([order.open for order in open_orders(tx, [purchase.id])[purchase.id]])
    mine = (
        actor.may(Permission.PURCHASE_DRAFT, purchase.union_id)
        if purchase.union_id is not None
        else purchase.buyer_id == actor.user_id
    )
    return [
        HeldForBuyer(
            line.public_id,
            line.at,
            left[line.id],
            due,
            max(ZERO, due - left[line.id]),
            max(ZERO, left[line.id] - due),
            line.state,
            line.wish,
            mine and line.state is LineState.SUSPENSE,
        )
        for line in lines
        if left[line.id]
    ]


def purchase_of(tx: Session, line_id: str, actor: Actor) -> Purchase:
    """The purchase a line names, if it is the actor's to speak for.

    Raises:
        NotFound: there is no such line, or it names no purchase of the actor's.
        NotAllowed: the actor may not draft for the union.
    """
    purchase = tx.execute(
        select(Purchase)
        .join(BankLine, BankLine.purchase_id == Purchase.id)
        .where(BankLine.public_id == line_id, BankLine.undone.is_(False))
    ).scalar_one_or_none()
    if purchase is None:
        raise NotFound()
    if purchase.union_id is not None:
        actor.require(Permission.PURCHASE_DRAFT, purchase.union_id)
    elif purchase.buyer_id != actor.user_id:
        raise NotFound()
    return purchase


def _given_back(tx: Session, lines: list[BankLine]) -> dict[int, Money]:
    """What of lines that were sent back goes back, by key."""
    keys = [line.id for line in lines if line.state is LineState.REFUNDED]
    rows = tx.execute(
        select(Refund.bank_line_id, db.total(type_coerce(Refund.amount, BigInteger)))
        .where(Refund.bank_line_id.in_(keys))
        .group_by(Refund.bank_line_id)
    )
    return {key: Money(fen) for key, fen in rows if key is not None}
