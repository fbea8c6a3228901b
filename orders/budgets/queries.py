"""Reading budgets: where they stand, and the moves behind the figures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.budgets.models import Budget, BudgetMove
from orders.budgets.states import BudgetStep
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import Money
from shop.core.permissions import Permission

READERS = (Permission.PURCHASE_READ, Permission.PLATFORM_READ, Permission.AUDIT_READ)
PAGE = 200


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """One budget: approved = reserved + committed + spent + available, to the fen.

    `id` and `union_id` never leave the server; `used_percent` is whole per cent, rounded up.
    """

    id: int
    public_id: str
    union_id: int
    year: int
    purpose: str
    approved: Money
    reserved: Money
    committed: Money
    spent: Money
    available: Money
    used_percent: int


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One change of a budget; `about` is the public id of what caused it."""

    step: BudgetStep
    amount: Money
    about: str
    at: datetime


def budgets_of(tx: Session, union_id: int, actor: Actor) -> list[BudgetRow]:
    """The budgets of a union, newest year first, then by purpose.

    Args:
        union_id: internal key of the union.

    Raises:
        NotFound, NotAllowed: the actor may not read this union's purchases.
    """
    may_read(actor, union_id)
    found = tx.execute(
        select(Budget)
        .where(Budget.union_id == union_id)
        .order_by(Budget.year.desc(), Budget.purpose)
    )
    return [_row(budget) for budget in found.scalars()]


def budget(tx: Session, budget_id: str, actor: Actor) -> BudgetRow:
    """One budget by its public id.

    Raises:
        NotFound: there is none, or it is another union's.
        NotAllowed: the actor has no role that reads it.
    """
    found = tx.execute(select(Budget).where(Budget.public_id == budget_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    may_read(actor, found.union_id)
    return _row(found)


def budget_by_key(tx: Session, key: int | None) -> BudgetRow | None:
    """The budget of an internal key; for pages that have checked the actor themselves."""
    found = tx.get(Budget, key) if key is not None else None
    return _row(found) if found else None


def moves_of(tx: Session, row: BudgetRow) -> list[MoveRow]:
    """The last 200 moves of a budget, newest first."""
    found = tx.execute(
        select(BudgetMove)
        .where(BudgetMove.budget_id == row.id)
        .order_by(BudgetMove.id.desc())
        .limit(PAGE)
    )
    return [MoveRow(move.step, move.amount, move.about, move.at) for move in found.scalars()]


def may_read(actor: Actor, union_id: int) -> None:
    """Let those pass who may read a union's purchases: its own people, platform and auditors."""
    if not any(actor.may(permission, union_id) for permission in READERS):
        actor.require(Permission.PURCHASE_READ, union_id)


def _row(found: Budget) -> BudgetRow:
    used = found.reserved + found.committed + found.spent
    return BudgetRow(
        found.id,
        found.public_id,
        found.union_id,
        found.year,
        found.purpose,
        found.approved,
        found.reserved,
        found.committed,
        found.spent,
        found.approved - used,
        -(-used.fen * 100 // found.approved.fen) if found.approved else 100,
    )
