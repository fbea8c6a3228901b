"""The risk reserve: set aside at settlement, covering before the cooperative owes, given back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from orders.ledger.states import AccountKind
from orders.payouts.states import PayoutKind
from orders.reserves.commands import approve_rate, propose_rate
from orders.settlements.models import SettlementLot
from orders.shipments.returning import return_goods
from shop.core import clock
from shop.core.money import ZERO, Money, yuan
from tests.world import World


@pytest.fixture
def sold(world: World) -> str:
    """Ten of twelve tins sold, of one household's leaf at ¥100; a rate of five per cent."""
    rate = propose_rate(
        cooperative_id=world.organisation("TH"),
        from_day=clock.day_of(world.now),
        bp=500,
        reason="退货较多",
        actor=world.operator,
        now=world.now,
    )
    approve_rate(rate_id=rate, actor=world.treasurer, now=world.now)
    world.tins(12, leaf={"张桂兰": 3})
    return bought(world, 10)


def bought(world: World, units: int) -> str:
    purchase = world.approved(units)
    world.paid(purchase)
    return world.accepted(purchase)


def reserve(world: World) -> Money:
    return world.balance(AccountKind.RISK_RESERVE, world.organisation_key("TH"))


def due(world: World) -> Money:
    return world.balance(AccountKind.DUE_FROM_COOPERATIVE, world.organisation_key("TH"))


def given_back(world: World, acceptance: str, units: int) -> None:
    return_goods(
        acceptance_id=acceptance,
        lines=((world.accepted_lines(acceptance)[0], units),),
        reason="破损",
        actor=world.clerk,
        now=world.now,
    )


def test_a_part_of_the_cooperatives_own_component_is_set_aside_once(world, sold):
    world.settle()

    # Ten tins, 16.66 each for the cooperative, five per cent of that.
    assert reserve(world) == yuan("8.33")
    assert world._one(select(SettlementLot.reserved)) == yuan("8.33")
    assert world.findings() == []


def test_without_a_rate_nothing_is_set_aside(world):
    world.tins(4)
    bought(world, 4)
    world.settle()

    assert reserve(world) == ZERO


def test_what_a_household_keeps_is_covered_by_the_reserve_before_anything_is_due(world, sold):
    world.settle()
    world.bank_answers(world.pay_out(PayoutKind.HOUSEHOLD))
    given_back(world, sold, 1)
    world.settle()

    # 142.80 was paid out already: 8.33 of it comes from the reserve, the rest is due.
    assert (reserve(world), due(world)) == (ZERO, yuan("134.47"))
    fallen = world._one(select(SettlementLot.from_reserve).where(SettlementLot.falls))
    assert fallen == yuan("8.33")
    assert world.findings() == []


def test_what_is_recovered_pays_what_is_due_and_then_the_reserve_back(world, sold):
    world.settle()
    world.bank_answers(world.pay_out(PayoutKind.HOUSEHOLD))
    given_back(world, sold, 1)
    world.settle()
    bought(world, 2)
    world.settle()

    # 285.60 more: 134.47 clears what was due, 8.33 goes back, and eleven tins feed 9.16 in all.
    assert (reserve(world), due(world)) == (yuan("8.33") + yuan("0.83"), ZERO)
    assert world.payable("张桂兰") == yuan("285.60") - yuan("142.80")
    assert world.findings() == []
