"""Steps that commands about a purchase share: the buyer, the locks, the buyer's budget."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.budgets import moves
from orders.budgets.states import BudgetStep
from orders.purchasing.models import Order, Purchase
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import Money
from shop.core.permissions import Permission


def require_buyer(actor: Actor, purchase: Purchase, permission: Permission) -> None:
    """Let the buyer pass: of a union who holds the permission there, else whose purchase it is.

    Raises:
        NotFound, NotAllowed: it is somebody else's, or not this role's.
    """
    if purchase.union_id is not None:
        actor.require(permission, purchase.union_id)
    elif purchase.buyer_id != actor.user_id:
        raise NotFound()


def budget_step(
    tx: Session, purchase: Purchase, step: BudgetStep, amount: Money, about: str, now: datetime
) -> None:
    """Take a step in the budget a purchase was made out of, if there is one."""
    if purchase.budget_id is not None:
        moves.move(tx, purchase.budget_id, step, amount, about=about, now=now)


def locked_orders(tx: Session, purchase: Purchase) -> list[Order]:
    """The orders of a locked purchase, locked as well."""
    return list(
        tx.execute(
            select(Order)
            .where(Order.purchase_id == purchase.id)
            .order_by(Order.id)
            .with_for_update()
        ).scalars()
    )
