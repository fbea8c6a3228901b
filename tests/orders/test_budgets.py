"""Setting budgets, and the pages that show where they stand."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from orders.budgets import commands, queries
from orders.budgets.models import Budget, BudgetMove
from shop.core import db
from shop.core.audit import AuditEntry
from shop.core.errors import NotAllowed, NotFound, Refusal
from shop.core.money import ZERO, Money, yuan
from tests.conftest import Browser
from tests.world import World


def row(world: World, budget_id: str) -> queries.BudgetRow:
    with db.database().reading() as tx:
        return queries.budget(tx, budget_id, world.finance)


def enter(world: World, **changes: object) -> str:
    arguments = {
        "union_id": world.organisation("GH"),
        "year": 2026,
        "purpose": "端午慰问",
        "amount": yuan("10000.00"),
        "actor": world.finance,
        "now": world.now,
    }
    return commands.set_budget(**{**arguments, **changes})  # type: ignore[arg-type]


def test_a_new_budget_is_wholly_available(world: World) -> None:
    budget = row(world, enter(world))

    assert budget.approved == budget.available == yuan("10000.00")
    assert budget.reserved == budget.committed == budget.spent == ZERO


def test_entering_the_same_purpose_again_changes_the_amount(world: World) -> None:
    first = enter(world)

    second = enter(world, amount=yuan("12000.00"), purpose=" 端午慰问 ")

    assert first == second
    assert row(world, first).approved == yuan("12000.00")


def test_the_parts_of_a_budget_sum_to_what_was_approved(world: World) -> None:
    world.tins(20)
    budget_id = world.budget("10000.00")
    world.approved(10, budget_id=budget_id)
    world.submitted(5, budget_id=budget_id)

    budget = row(world, budget_id)

    assert budget.reserved == yuan("1190.00")
    assert budget.committed == yuan("2380.00")
    parts = (budget.reserved, budget.committed, budget.spent, budget.available)
    assert sum(part.fen for part in parts) == budget.approved.fen
    assert budget.used_percent == 36


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"amount": ZERO}, commands.AmountMissing),
        ({"amount": Money(-1)}, commands.AmountMissing),
        ({"purpose": "  "}, commands.PurposeMissing),
        ({"year": 2023}, commands.YearOutOfReach),
        ({"union_id": "org_none"}, NotFound),
    ],
)
def test_a_budget_is_refused_and_nothing_changes(
    world: World, changes: dict[str, object], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        enter(world, **changes)

    with db.database().reading() as tx:
        assert not tx.execute(select(Budget.id)).all()
        assert not tx.execute(select(BudgetMove.id)).all()


def test_a_budget_cannot_fall_below_what_is_used(world: World) -> None:
    world.tins(20)
    budget_id = world.budget("10000.00")
    world.submitted(10, budget_id=budget_id)

    with pytest.raises(commands.BelowUsed) as refused:
        enter(world, amount=yuan("2379.99"))

    assert refused.value.facts == {"used": "2380.00"}
    assert row(world, budget_id).approved == yuan("10000.00")
    enter(world, amount=yuan("2380.00"))
    assert row(world, budget_id).available == ZERO


def test_only_the_unions_finance_role_sets_budgets(world: World) -> None:
    with pytest.raises(NotAllowed):
        enter(world, actor=world.clerk)
    with pytest.raises(NotFound):
        enter(world, actor=world.stranger)


def test_every_setting_is_in_the_audit_log(world: World) -> None:
    budget_id = enter(world)

    with db.database().reading() as tx:
        entry = tx.execute(select(AuditEntry).where(AuditEntry.thing == budget_id)).scalar_one()
    assert (entry.action, entry.user_id) == ("set", world.finance.user_id)


def test_the_budget_pages_show_the_moves_and_lead_to_the_purchase(
    world: World, client: Browser
) -> None:
    world.tins(20)
    budget_id = world.budget("10000.00")
    purchase_id = world.approved(10, budget_id=budget_id)

    index = client.as_(world.finance).get("/union/budgets/").text
    page = client.get(f"/union/budgets/{budget_id}").text

    assert "¥10,000.00" in index
    assert "批准未付" in index
    assert page.count("¥2,380.00") >= 3
    assert f"/purchases/{purchase_id}" in page


def test_budget_pages_are_closed_to_others(world: World, client: Browser) -> None:
    budget_id = world.budget("10000.00")

    assert client.as_(world.clerk).get(f"/union/budgets/{budget_id}").status_code == 200
    assert client.as_(world.auditor).get(f"/union/budgets/{budget_id}").status_code == 200
    assert client.as_(world.stranger).get(f"/union/budgets/{budget_id}").status_code == 404
    assert client.as_(world.manager).get(f"/union/budgets/{budget_id}").status_code == 403
    assert client.as_(world.clerk).get("/union/budgets/new").status_code == 403


def test_the_form_says_what_is_wrong_and_keeps_what_was_typed(
    world: World, client: Browser
) -> None:
    answer = client.as_(world.finance).post(
        "/union/budgets/new", data={"year": "2026", "purpose": "夏送清凉", "amount": "12.345"}
    )

    assert answer.status_code == 422
    assert "最多两位小数" in answer.text
    assert "夏送清凉" in answer.text
    assert "12.345" in answer.text
    with db.database().reading() as tx:
        assert not tx.execute(select(Budget.id)).all()


def test_a_union_without_budgets_is_told_what_to_do(world: World, client: Browser) -> None:
    assert "还没有登记经费" in client.as_(world.finance).get("/union/budgets/").text
