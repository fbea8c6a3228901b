"""Money that waits, as others see it: the buyer it may be for, and payouts that send it back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payments import booking
from orders.payments.models import BankLine
from orders.payments.open_amounts import open_orders
from orders.payments.states import BuyerWish, LineState
from orders.purchasing.models import Purchase
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
                BankLine.state.in_((LineState.SUSPENSE, LineState.SEND_BACK)),
            )
            .order_by(BankLine.at, BankLine.id)
        ).scalars()
    )
    left = booking.remaining(tx, [line.id for line in lines])
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


@dataclass(frozen=True, slots=True)
class GoingBack:
    """Money in suspense that shall go back to where it came from; payouts take it from here.

    It lies in the line's own suspense account. `account` to pay to is the line's, sealed at
    `importing.line_place(public_id)`.
    """

    line_id: int
    public_id: str
    amount: Money
    holder: str
    account_sealed: str


def going_back(tx: Session) -> list[GoingBack]:
    """Every line a person decided to send back, oldest first, with what of it is left."""
    lines = list(
        tx.execute(
            select(BankLine)
            .where(BankLine.state == LineState.SEND_BACK, BankLine.undone.is_(False))
            .order_by(BankLine.id)
        ).scalars()
    )
    left = booking.remaining(tx, [line.id for line in lines])
    return [
        GoingBack(line.id, line.public_id, left[line.id], line.counterparty, line.account_sealed)
        for line in lines
        if left[line.id]
    ]
