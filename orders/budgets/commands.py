"""Setting what a union may spend."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.budgets.models import Budget, BudgetMove
from orders.budgets.states import BudgetStep
from shop.core import audit, clock
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.db import insert_if_new
from shop.core.errors import NotFound, Refusal
from shop.core.ids import new_id
from shop.core.labels import N_
from shop.core.money import ZERO, Money
from shop.core.permissions import Permission
from shop.organisations.models import Organisation, OrganisationKind


class AmountMissing(Refusal):
    """A budget is more than nothing."""

    code = "amount_missing"
    sentence = N_("经费要大于零。")
    status = 422
    field = "amount"


class PurposeMissing(Refusal):
    """A budget is for something."""

    code = "purpose_missing"
    sentence = N_("请写明经费用途，例如“节日慰问”。")
    status = 422
    field = "purpose"


class YearOutOfReach(Refusal):
    """Budgets are set for this year, the one before and the one after."""

    code = "year_out_of_reach"
    sentence = N_("只能登记去年、今年和明年的经费。")
    status = 422
    field = "year"


class BelowUsed(Refusal):
    """The new amount is less than what is already put by, committed or spent."""

    code = "below_used"
    sentence = N_("这笔经费已占用和支出 %(used)s 元，新额度不能比它少。没有改动。")
    field = "amount"


@command
def set_budget(
    tx: Session,
    *,
    union_id: str,
    year: int,
    purpose: str,
    amount: Money,
    actor: Actor,
    now: datetime,
) -> str:
    """Enter what a union approved for one purpose in one year, or change it (登记经费).

    Args:
        union_id: public id of the union.
        year: calendar year; last, this or next.
        purpose: as the union calls it, at most 64 characters; names the budget in its year.
        amount: the whole approved amount, not a difference.

    Returns:
        The budget's public id; the same one when only the amount changes.

    Raises:
        NotFound, NotAllowed: `budget:set` in this union is needed.
        AmountMissing, PurposeMissing, YearOutOfReach: the field says what is wrong.
        BelowUsed: more than the new amount is already put by, committed or spent.

    Rule: as unions keep their books: 批准 = 占用 + 批准未付 + 已付 + 可用.
    """
    union = _union(tx, union_id)
    actor.require(Permission.BUDGET_SET, union.id)
    purpose = purpose.strip()
    _check(year, purpose, amount, now)
    budget = _locked(tx, union.id, year, purpose)
    used = budget.reserved + budget.committed + budget.spent
    if amount < used:
        raise BelowUsed(used=str(used))
    before, budget.approved = budget.approved, amount
    tx.add(
        BudgetMove(
            budget_id=budget.id,
            step=BudgetStep.SET,
            amount=amount,
            about=budget.public_id,
            at=now,
        )
    )
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="budget",
        thing=budget.public_id,
        action="set",
        organisation_id=union.id,
        before_fen=before.fen,
        amount_fen=amount.fen,
    )
    return budget.public_id


def _check(year: int, purpose: str, amount: Money, now: datetime) -> None:
    if not purpose:
        raise PurposeMissing()
    if amount <= ZERO:
        raise AmountMissing()
    if abs(year - clock.day_of(now).year) > 1:
        raise YearOutOfReach()


def _union(tx: Session, union_id: str) -> Organisation:
    union = tx.execute(
        select(Organisation).where(
            Organisation.public_id == union_id, Organisation.kind == OrganisationKind.UNION
        )
    ).scalar_one_or_none()
    if union is None:
        raise NotFound()
    return union


def _locked(tx: Session, union_id: int, year: int, purpose: str) -> Budget:
    """The budget of this name, made empty when it is new, locked."""
    insert_if_new(
        tx,
        Budget,
        {
            "public_id": new_id("budget"),
            "union_id": union_id,
            "year": year,
            "purpose": purpose,
            "approved_fen": ZERO,
            "reserved_fen": ZERO,
            "committed_fen": ZERO,
            "spent_fen": ZERO,
        },
    )
    return tx.execute(
        select(Budget)
        .where(Budget.union_id == union_id, Budget.year == year, Budget.purpose == purpose)
        .with_for_update()
    ).scalar_one()
