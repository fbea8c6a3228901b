"""How an amount moves through a budget; steps of other commands, in their transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from orders.budgets.models import Budget, BudgetMove
from orders.budgets.states import BudgetStep
from shop.core import db
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.money import Money

#: What each step adds to (reserved, committed, spent).
_EFFECT: dict[BudgetStep, tuple[int, int, int]] = {
    BudgetStep.RESERVE: (1, 0, 0),
    BudgetStep.UNRESERVE: (-1, 0, 0),
    BudgetStep.COMMIT: (-1, 1, 0),
    BudgetStep.UNCOMMIT: (0, -1, 0),
    BudgetStep.SPEND: (0, -1, 1),
    BudgetStep.UNSPEND: (0, 0, -1),
}


class OverBudget(Refusal):
    """The budget has less left than the purchase costs (超出经费)."""

    code = "over_budget"
    sentence = N_("这笔经费只剩 %(left)s 元可用，采购需要 %(needed)s 元。没有提交。")
    field = "budget"


def move(
    tx: Session,
    budget_id: int,
    step: BudgetStep,
    amount: Money,
    *,
    about: str,
    now: datetime,
) -> None:
    """Take one step with an amount ≥ 0, in one guarded statement; nothing for zero.

    Args:
        budget_id: internal key.
        about: public id of the purchase, acceptance or return that causes it.

    Raises:
        OverBudget: a reservation is more than what is left.
    """
    if not amount:
        return
    reserved, committed, spent = (amount * sign for sign in _EFFECT[step])
    taken = Budget.reserved + Budget.committed + Budget.spent
    guarded = (
        update(Budget)
        .where(
            Budget.id == budget_id, taken + (reserved + committed + spent).fen <= Budget.approved
        )
        .values(
            reserved=Budget.reserved + reserved,
            committed=Budget.committed + committed,
            spent=Budget.spent + spent,
        )
    )
    if db.rows_changed(tx, guarded) != 1:
        budget = tx.get_one(Budget, budget_id, populate_existing=True)
        left = budget.approved - budget.reserved - budget.committed - budget.spent
        raise OverBudget(left=str(left), needed=str(amount))
    tx.add(BudgetMove(budget_id=budget_id, step=step, amount=amount, about=about, at=now))
