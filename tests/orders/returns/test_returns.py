"""A return from asking to the bank: held, answered, sent, inspected, refunded, each once."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from orders.ledger.models import Journal
from orders.ledger.states import AccountKind as K
from orders.payouts.states import ItemState, PayoutKind
from orders.returns import carried, queries
from orders.returns.commands import (
    COOPERATIVE_FIRST,
    CooperativeFirst,
    MoreThanAsked,
    answer_return,
    ask_return,
    inspect_request,
    reject_return,
    send_return,
    withdraw_return,
)
from orders.returns.models import ReturnRequest
from orders.returns.states import Answer, RequestState
from orders.shipments.inspecting import MoreThanCameBack, NothingInspected, inspect_return
from orders.shipments.models import AcceptanceLine, Return
from orders.shipments.returning import MoreThanAccepted, NothingToReturn, return_goods
from products.lots.models import Lot
from products.lots.states import LotKind
from shop.core import db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, WrongState
from shop.core.money import yuan


@pytest.fixture
def sold(world):
    """Ten of twenty tins sold, paid and accepted: the acceptance and its one line."""
    world.tins(20)
    purchase = world.approved(10)
    world.paid(purchase)
    acceptance = world.accepted(purchase)
    (line,) = world.accepted_lines(acceptance)
    return acceptance, line


def asked(world, sold, units=4, **changes):
    acceptance, line = sold
    return ask_return(
        **{
            "acceptance_id": acceptance,
            "lines": ((line, units),),
            "reason": "受潮",
            "actor": world.clerk,
            "now": world.now,
            **changes,
        }
    )


def answered(world, request, answer=Answer.AGREE, note="", actor=None, now=None):
    answer_return(
        request_id=request,
        answer=answer,
        note=note,
        actor=actor or world.manager,
        now=now or world.now,
    )


def inspected(world, request, *counts, actor=None):
    inspect_request(
        request_id=request,
        counts=counts,
        note="",
        actor=actor or world.manager,
        now=world.now,
    )


def stock():
    """Shipped, written off, returned and asked-for units, and journals posted."""
    with db.database().reading() as tx:
        lot = tx.execute(
            select(Lot.shipped_units, Lot.written_off_units).where(Lot.kind == LotKind.PACKED)
        ).one()
        line = tx.execute(select(AcceptanceLine.returned_units, AcceptanceLine.asked_units)).one()
        return (*lot, *line, tx.execute(select(func.count(Journal.id))).scalar_one())


def state():
    with db.database().reading() as tx:
        return tx.execute(select(ReturnRequest.state)).scalar_one()


def test_goods_come_back_are_inspected_and_refunded_and_the_buyer_sees_each_step(world, sold):
    _acceptance, line = sold
    journals = stock()[-1]
    request = asked(world, sold)
    assert stock() == (10, 0, 0, 4, journals)
    answered(world, request, note="寄到汤湖镇")
    send_return(request_id=request, waybill="SF9", actor=world.clerk, now=world.now)
    assert stock() == (10, 0, 0, 4, journals)
    assert world.findings() == []

    inspected(world, request, (line, 2, 1))

    assert stock() == (7, 1, 3, 0, journals + 1)
    assert state() is RequestState.DONE
    assert world.findings() == []
    batch = world.pay_out(PayoutKind.REFUND)
    page = look(request, world.clerk, world.now)
    assert [act.action for act in page.acts] == ["ask", "agree", "send", "return", "inspect"]
    assert [(one.amount, one.state) for one in page.refunds] == [
        (yuan("714.00"), ItemState.IN_TRANSIT)
    ]
    world.bank_answers(batch)
    (refund,) = look(request, world.clerk, world.now).refunds
    assert refund.state is ItemState.CONFIRMED
    assert refund.arrived_at is not None
    world.settle()
    assert world.findings() == []
    with pytest.raises(WrongState):
        inspected(world, request, (line, 1, 0))
    assert stock()[:4] == (7, 1, 3, 0)


def test_what_households_were_paid_too_much_is_carried_and_shown_down_to_the_return(world):
    leaf = world.delivery("黄水生", 20, "100", paid=False)
    world.packed([(world.rough([(leaf, 20_000)], 5), 5_000)], 20)
    purchase = world.approved(10)
    world.paid(purchase)
    acceptance = world.accepted(purchase)
    (line,) = world.accepted_lines(acceptance)
    world.settle()
    world.bank_answers(world.pay_out(PayoutKind.HOUSEHOLD))
    return_goods(
        acceptance_id=acceptance,
        lines=((line, 3),),
        reason="受潮",
        actor=world.clerk,
        now=world.now,
    )
    world.settle()

    with db.database().reading() as tx:
        rows = carried.everything(tx, world.auditor)
        mine = carried.of_cooperative(tx, world.organisation_key("TH"), world.manager)
        with pytest.raises(NotFound):
            carried.of_cooperative(tx, world.organisation_key("TH"), world.other_manager)
        with pytest.raises(NotAllowed):
            carried.everything(tx, world.manager)
    assert [lot.open for lot in rows] == [lot.open for lot in mine] == [yuan("428.40")]
    assert [one.household for one in mine[0].households] == ["黄水生"]
    assert [one.household for one in rows[0].households] == ["黄**"]
    assert sum(row.open.fen for row in rows) == (
        world.balance(K.DUE_FROM_COOPERATIVE, world.organisation_key("TH")).fen
    )
    assert all(row.returns for row in rows)
    assert world.findings() == []


def look(request, actor, now):
    with db.database().reading() as tx:
        return queries.request_page(tx, request, actor, now)


def test_what_is_asked_is_held_and_refused_when_it_makes_no_sense(world, sold):
    acceptance, line = sold
    before = stock()
    for refusal, changes in (
        (ReasonMissing, {"reason": " "}),
        (NothingToReturn, {"lines": ()}),
        (NothingToReturn, {"lines": ((line, 0),)}),
        (MoreThanAccepted, {"lines": ((line, 11),)}),
        (NotFound, {"lines": (("accline_none", 1),)}),
        (NotFound, {"actor": world.stranger}),
        (NotAllowed, {"actor": world.receiver}),
        (NotFound, {"acceptance_id": "accept_none"}),
    ):
        with pytest.raises(refusal):
            asked(world, sold, **changes)
    assert stock() == before
    asked(world, sold, 7)
    for call in (
        lambda: asked(world, sold, 4),
        lambda: return_goods(
            acceptance_id=acceptance,
            lines=((line, 4),),
            reason="受潮",
            actor=world.clerk,
            now=world.now,
        ),
    ):
        with pytest.raises(MoreThanAccepted):
            call()
    assert asked(world, sold, 3)
    assert stock() == (10, 0, 0, 10, before[-1])
    assert world.findings() == []


def test_answers_are_the_cooperatives_and_after_some_days_the_platforms(world, sold):
    request = asked(world, sold)
    before = stock()
    for refusal, call in (
        (NotFound, lambda: answered(world, request, actor=world.other_manager)),
        (NotAllowed, lambda: answered(world, request, actor=world.weigher)),
        (CooperativeFirst, lambda: answered(world, request, actor=world.operator)),
        (ReasonMissing, lambda: answered(world, request, Answer.REFUSE)),
        (NotFound, lambda: answered(world, "ask_none")),
        (WrongState, lambda: inspected(world, request, (sold[1], 1, 0))),
        (WrongState, lambda: reject(world, request)),
        (WrongState, lambda: send(world, request)),
    ):
        with pytest.raises(refusal):
            call()
    assert (stock(), state()) == (before, RequestState.ASKED)

    late = world.now + COOPERATIVE_FIRST
    answered(world, request, Answer.REFUND, actor=world.operator, now=late)

    assert stock() == (10, 0, 4, 0, before[-1] + 1)
    with pytest.raises(WrongState):
        answered(world, request, Answer.REFUSE, note="晚了")
    assert world.findings() == []


def send(world, request):
    send_return(request_id=request, waybill="", actor=world.clerk, now=world.now)


def reject(world, request):
    reject_return(request_id=request, reason="不是我们的货", actor=world.manager, now=world.now)


def test_a_request_that_ends_without_goods_lets_go_and_moves_nothing(world, sold):
    before = stock()
    answered(world, asked(world, sold), Answer.REFUSE, note="已过期")
    withdrawn = asked(world, sold)
    answered(world, withdrawn)
    for refusal, reason, actor in (
        (ReasonMissing, "", world.clerk),
        (NotFound, "不退了", world.stranger),
        (NotAllowed, "不退了", world.receiver),
    ):
        with pytest.raises(refusal):
            withdraw_return(request_id=withdrawn, reason=reason, actor=actor, now=world.now)
    withdraw_return(request_id=withdrawn, reason="不退了", actor=world.clerk, now=world.now)
    rejected = asked(world, sold)
    answered(world, rejected)
    send(world, rejected)
    with pytest.raises(WrongState):
        withdraw_return(request_id=rejected, reason="不退了", actor=world.clerk, now=world.now)
    reject(world, rejected)

    assert stock() == before
    assert world.findings() == []


def test_no_more_is_inspected_than_was_asked_or_came_back(world, sold):
    acceptance, line = sold
    request = asked(world, sold)
    answered(world, request)
    before = stock()
    for refusal, counts, actor in (
        (MoreThanAsked, ((line, 3, 2),), None),
        (NothingInspected, ((line, 0, 0),), None),
        (NothingInspected, ((line, 5, -1),), None),
        (NotFound, (("accline_none", 1, 0),), None),
        (NotAllowed, ((line, 1, 0),), world.weigher),
        (NotFound, ((line, 1, 0),), world.other_manager),
    ):
        with pytest.raises(refusal):
            inspected(world, request, *counts, actor=actor)
    assert stock() == before
    inspected(world, request, (line, 4, 0))

    direct = return_goods(
        acceptance_id=acceptance,
        lines=((line, 3),),
        reason="召回",
        actor=world.clerk,
        now=world.now,
    )

    def inspect(good, bad, actor=world.manager, line=line):
        inspect_return(
            return_id=direct,
            counts=((line, good, bad),),
            note="",
            actor=actor,
            now=world.now,
        )

    inspect(1, 1)
    after = stock()
    for refusal, call in (
        (MoreThanCameBack, lambda: inspect(2, 0)),
        (NothingInspected, lambda: inspect(0, 0)),
        (NotFound, lambda: inspect(1, 0, line="accline_none")),
        (NotFound, lambda: inspect(1, 0, actor=world.other_manager)),
        (NotFound, lambda: inspect(1, 0, actor=world.clerk)),
    ):
        with pytest.raises(refusal):
            call()
    assert stock() == after
    inspect(0, 1)
    assert stock()[:4] == (3, 2, 7, 0)
    assert world.findings() == []


def test_the_pages_lead_from_asking_to_the_refund(world, client, sold):
    acceptance, line = sold
    data = {"once": "a", "lines-0-line_id": line, "lines-0-units": "2", "reason": "罐口变形"}
    page = client.as_(world.clerk).post(f"/returns/of/{acceptance}/new", data=data)
    assert page.status_code == 303
    request = page.location
    for who, status in (
        ("clerk", 200),
        ("receiver", 200),
        ("manager", 200),
        ("operator", 200),
        ("stranger", 404),
        ("other_manager", 404),
        ("member", 403),
    ):
        assert client.as_(world.person(who)).get(request).status_code == status, who
    manager = client.as_(world.manager)
    assert "等答复" in manager.get("/returns/").text
    empty = manager.post(f"{request}/answer", data={"once": "b", "answer": "refuse"})
    assert empty.status_code == 422
    good = manager.post(f"{request}/answer", data={"once": "c", "answer": "agree", "note": "寄来"})
    assert good.status_code == 303
    count = {"once": "d", "lines-0-line_id": line, "lines-0-good": "1", "lines-0-bad": "1"}
    for _ in range(2):
        assert manager.post(f"{request}/inspection", data=count).status_code == 303
    assert "等下一批打款" in manager.get(request).text
    assert client.as_(world.operator).get("/returns/all").status_code == 200
    assert client.as_(world.clerk).get("/returns/all").status_code == 403
    assert stock()[:4] == (8, 1, 2, 0)
    assert world.findings() == []
    with db.database().reading() as tx:
        direct = tx.execute(select(Return.public_id)).scalar_one()
    for who, status in (
        ("manager", 200),
        ("operator", 200),
        ("clerk", 200),
        ("other_manager", 404),
        ("stranger", 404),
        ("member", 403),
    ):
        assert client.as_(world.person(who)).get(f"/returns/goods/{direct}").status_code == status
    led = client.as_(world.operator).get("/returns/")
    assert (led.status_code, led.location) == (303, "/returns/all")
    old = client.as_(world.clerk).get(f"/acceptances/{acceptance}/returns/new")
    assert old.location == f"/returns/of/{acceptance}/new"
    return_goods(
        acceptance_id=acceptance,
        lines=((line, 1),),
        reason="召回：封口不严",
        actor=world.clerk,
        now=world.now,
    )
    assert "召回：封口不严" in client.as_(world.operator).get("/returns/all").text
    with db.database().reading() as tx:
        late = tx.execute(select(Return.public_id).order_by(Return.id.desc()).limit(1)).scalar_one()
    inspect_return(
        return_id=late, counts=((line, 1, 0),), note="", actor=world.manager, now=world.now
    )
    assert "直接登记的退货，已验收" in client.as_(world.operator).get("/returns/all").text
