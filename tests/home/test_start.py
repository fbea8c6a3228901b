"""The start page: what waits for whom, with a link to where it is done."""

from __future__ import annotations

import pytest

from shop.core import db
from shop.home.start_queries import waiting
from shop.organisations.queries import organisations_of
from tests.world import DAY, World


def counts(world: World, key: str) -> dict[str, int]:
    actor = world.person(key)
    with db.database().reading() as tx:
        organisation, _roles = organisations_of(tx, actor.user_id)[0]
        return {
            one.label: one.count
            for one in waiting(tx, organisation=organisation, actor=actor, day=DAY)
        }


def test_an_approver_sees_what_waits_for_approval(world):
    world.tins(10)
    world.submitted(5)

    assert counts(world, "approver")["等审批的采购单"] == 1


def test_what_is_approved_waits_no_longer(world):
    world.tins(10)
    world.approved(5)

    assert counts(world, "approver")["等审批的采购单"] == 0


def test_a_manager_sees_orders_to_ship_and_the_union_goods_to_accept(world):
    world.tins(10)
    purchase = world.approved(5)
    world.paid(purchase)

    assert counts(world, "manager")["等发货的订单"] == 1

    world.signed_once(world.shipped(purchase))

    assert counts(world, "manager")["等发货的订单"] == 0
    assert counts(world, "receiver") == {"等清点的到货": 1, "等第二人签字": 1}


def test_the_treasurer_sees_runs_to_approve_but_nothing_of_drafting(world):
    assert set(counts(world, "treasurer")) == {
        "等复核的结算",
        "等复核的打款",
        "没有结束的召回",
        "没有了结的争议",
    }


def test_a_stranger_sees_no_counts_of_another_union(world):
    world.tins(10)
    world.submitted(5)

    assert set(counts(world, "stranger").values()) == {0}


@pytest.mark.parametrize(
    "key",
    [
        "clerk",
        "approver",
        "finance",
        "receiver",
        "manager",
        "weigher",
        "operator",
        "treasurer",
        "auditor",
    ],
)
def test_everybody_with_work_gets_a_start_page(client, world, key):
    answer = client.as_(world.person(key)).get("/start")

    assert answer.status_code == 200
    assert "我的工作台" in answer.get_data(as_text=True)


def test_who_only_buys_is_sent_to_the_shop(client, world):
    assert client.as_(world.member).get("/start").headers["Location"] == "/"


def test_a_visitor_is_asked_to_sign_in(client):
    assert client.get("/start").status_code == 303
