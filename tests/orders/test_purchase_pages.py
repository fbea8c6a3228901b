"""Pages of purchases: lists, one purchase, approval, return, cancelling, payment."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import event, select

from orders.purchasing.commands import cancel_purchase, return_purchase
from orders.purchasing.models import CartLine, Purchase
from orders.purchasing.queries import purchases_of_union
from orders.purchasing.reordering import put_lines_back
from orders.purchasing.states import PaymentTerms, PurchaseState
from orders.tracking import queries as tracking
from orders.tracking.states import Next, Step
from shop.core import db
from shop.core.errors import NotAllowed, NotFound
from shop.core.money import ZERO, yuan
from tests.conftest import Browser
from tests.world import World


def state(purchase_id: str) -> PurchaseState:
    with db.database().reading() as tx:
        return tx.execute(
            select(Purchase.state).where(Purchase.public_id == purchase_id)
        ).scalar_one()


def track(world: World, purchase_id: str) -> tracking.Track:
    with db.database().reading() as tx:
        return tracking.track(tx, purchase_id, world.clerk)


def done(found: tracking.Track) -> list[Step]:
    return [row.step for row in found.steps if row.done]


def test_a_purchase_walks_its_timeline_from_order_to_households(world: World) -> None:
    world.tins(30)
    purchase_id = world.submitted(10)
    assert track(world, purchase_id).progress.next is Next.APPROVE
    return_purchase(purchase_id=purchase_id, reason="数量不对", actor=world.approver, now=world.now)
    assert track(world, purchase_id).progress.next is Next.REVISE

    purchase_id = world.approved(10)
    found = track(world, purchase_id)
    assert (found.progress.next, found.progress.to_pay) == (Next.PAY, yuan("2380.00"))
    assert done(found) == [Step.PLACED, Step.APPROVED]

    world.paid(purchase_id)
    assert track(world, purchase_id).progress.next is Next.SHIP

    shipment = world.shipped(purchase_id, 4)
    assert track(world, purchase_id).progress.next is Next.ACCEPT
    world.signed_once(shipment)
    assert track(world, purchase_id).progress.next is Next.SIGN
    world.accepted(purchase_id)
    assert track(world, purchase_id).progress.next is Next.SIGN


def test_a_settled_purchase_is_done_with_every_step_dated(world: World) -> None:
    world.tins(30)
    purchase_id = world.approved(10)
    world.paid(purchase_id)
    world.accepted(purchase_id, short=1)
    assert track(world, purchase_id).progress.next is Next.SETTLE

    world.settle()

    found = track(world, purchase_id)
    assert found.progress.next is Next.DONE
    assert done(found) == list(Step)
    assert all(row.at for row in found.steps)
    people = {row.step: row.actor for row in found.steps}
    assert people[Step.PLACED] == "王梅"
    assert people[Step.APPROVED] == "陈立"
    assert people[Step.SHIPPED] == "刘青山"
    assert people[Step.ACCEPTED] == "王梅、孙浩"


def test_a_purchase_on_terms_is_paid_after_acceptance(world: World) -> None:
    world.tins(30)
    purchase_id = world.approved(12, terms=PaymentTerms.AFTER)
    assert track(world, purchase_id).progress.to_pay == ZERO
    world.accepted(purchase_id, short=2)

    found = track(world, purchase_id)
    assert (found.progress.next, found.progress.to_pay) == (Next.PAY, yuan("2380.00"))
    assert [row.step for row in found.steps][2:5] == [Step.SHIPPED, Step.ACCEPTED, Step.PAID]

    world.paid(purchase_id, "2380.00")
    assert track(world, purchase_id).progress.next is Next.SETTLE
    world.settle()
    assert track(world, purchase_id).progress.next is Next.DONE


def test_lists_show_state_and_next_step(world: World, client: Browser) -> None:
    world.tins(30)
    purchase_id = world.submitted(10)

    page = client.as_(world.clerk).get("/purchases/").text

    assert purchase_id in page
    assert "等审批人审批" in page
    assert purchase_id not in client.as_(world.stranger).get("/purchases/").text


def test_the_list_costs_as_many_statements_for_many_as_for_one(world: World) -> None:
    world.tins(60)
    seen: list[str] = []
    counts = []

    for more in (1, 6):
        for _ in range(more):
            world.approved(2)
        with db.database().reading() as tx:

            def note(*heard: Any) -> None:
                seen.append(heard[2])

            event.listen(tx.get_bind(), "before_cursor_execute", note)
            rows = purchases_of_union(tx, world.organisation_key("GH"), world.clerk)
            tracking.progress_of(tx, rows)
            event.remove(tx.get_bind(), "before_cursor_execute", note)
        counts.append(len(seen))
        seen.clear()

    assert counts[0] == counts[1] <= 15


def test_one_purchase_shows_lines_composition_budget_and_history(
    world: World, client: Browser
) -> None:
    world.tins(30)
    purchase_id = world.submitted(10, budget_id=world.budget("10000.00"))

    page = client.as_(world.clerk).get(f"/purchases/{purchase_id}").text

    for words in ("狗牯脑绿茶 特级", "¥238.00", "¥142.80", "¥2,380.00", "王梅", "孙浩", "经费"):
        assert words in page
    assert "¥10,000.00" in page
    assert "¥7,620.00" in page


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("clerk", 200),
        ("approver", 200),
        ("union_auditor", 200),
        ("auditor", 200),
        ("member", 403),
        ("stranger", 404),
        ("manager", 404),
    ],
)
def test_a_unions_purchase_is_shown_to_its_own(
    world: World, client: Browser, who: str, status: int
) -> None:
    world.tins(10)
    purchase_id = world.submitted(2)

    answer = client.as_(world.person(who)).get(f"/purchases/{purchase_id}")

    assert answer.status_code == status


def test_an_auditor_sees_persons_masked(world: World, client: Browser) -> None:
    world.tins(10)
    purchase_id = world.submitted(2)

    page = client.as_(world.auditor).get(f"/purchases/{purchase_id}").text

    assert "0796-1234567" not in page
    assert "示范路" not in page
    assert "孙*" in page


def test_a_visitor_is_sent_to_sign_in(world: World, client: Browser) -> None:
    world.tins(10)

    answer = client.get(f"/purchases/{world.submitted(2)}")

    assert answer.status_code == 303
    assert "/sign-in" in answer.location


def test_a_person_sees_only_their_own_purchases(world: World, client: Browser) -> None:
    world.tins(10)
    purchase_id = world.retail(2)

    assert purchase_id in client.as_(world.member).get("/purchases/mine").text
    assert client.get(f"/purchases/{purchase_id}").status_code == 200
    assert client.get(f"/purchases/{purchase_id}/payment").status_code == 200
    assert client.as_(world.clerk).get(f"/purchases/{purchase_id}").status_code == 404
    assert purchase_id not in client.get("/purchases/mine").text


def test_an_approver_approves_from_the_inbox(world: World, client: Browser) -> None:
    world.tins(10)
    purchase_id = world.submitted(2, budget_id=world.budget("1000.00"))
    browser = client.as_(world.approver)
    assert purchase_id in browser.get("/purchases/inbox").text
    page = browser.get(f"/purchases/{purchase_id}/approval").text
    assert "¥1,000.00" in page
    assert "¥524.00" in page

    answer = browser.post(f"/purchases/{purchase_id}/approval", data={"once": "a"})

    assert answer.status_code == 303
    assert state(purchase_id) is PurchaseState.APPROVED
    again = browser.post(f"/purchases/{purchase_id}/approval", data={"once": "a"})
    assert again.status_code == 303
    third = browser.post(f"/purchases/{purchase_id}/approval", data={"once": "b"})
    assert third.status_code == 409
    assert "已批准" in third.text


def test_whoever_submitted_gets_no_approval_button(world: World, client: Browser) -> None:
    world.tins(10)
    purchase_id = world.submitted(2)

    assert client.as_(world.clerk).get(f"/purchases/{purchase_id}/approval").status_code == 403
    answer = client.post(f"/purchases/{purchase_id}/approval", data={"once": "a"})
    assert answer.status_code == 403
    stranger = client.as_(world.stranger_approver)
    assert stranger.get(f"/purchases/{purchase_id}/approval").status_code == 404
    assert (
        stranger.post(f"/purchases/{purchase_id}/approval", data={"once": "a"}).status_code == 404
    )
    assert state(purchase_id) is PurchaseState.SUBMITTED


def test_returning_needs_a_reason_and_keeps_the_page(world: World, client: Browser) -> None:
    world.tins(10)
    purchase_id = world.submitted(2)
    browser = client.as_(world.approver)

    answer = browser.post(f"/purchases/{purchase_id}/return", data={"once": "a", "reason": ""})

    assert answer.status_code == 422
    assert "请写明原因" in answer.text
    assert state(purchase_id) is PurchaseState.SUBMITTED
    answer = browser.post(
        f"/purchases/{purchase_id}/return", data={"once": "b", "reason": "数量多了"}
    )
    assert answer.status_code == 303
    assert state(purchase_id) is PurchaseState.RETURNED
    assert "数量多了" in client.as_(world.clerk).get(f"/purchases/{purchase_id}").text


def test_a_returned_purchase_goes_back_into_the_list(world: World, client: Browser) -> None:
    world.tins(10)
    purchase_id = world.submitted(2)
    return_purchase(purchase_id=purchase_id, reason="改地址", actor=world.approver, now=world.now)

    answer = client.as_(world.clerk).post(f"/purchases/{purchase_id}/lines", data={"once": "a"})

    assert answer.status_code == 303
    assert answer.location.endswith("/cart/union")
    with db.database().reading() as tx:
        line = tx.execute(select(CartLine)).scalar_one()
    assert (line.units, line.user_id) == (2, world.clerk.user_id)


def test_lines_go_back_only_for_those_who_may_draft(world: World) -> None:
    world.tins(10)
    purchase_id = world.submitted(2)

    with pytest.raises(NotAllowed):
        put_lines_back(purchase_id=purchase_id, actor=world.receiver, now=world.now)
    with pytest.raises(NotFound):
        put_lines_back(purchase_id=purchase_id, actor=world.stranger, now=world.now)
    assert put_lines_back(purchase_id=purchase_id, actor=world.clerk, now=world.now) == 1
    assert put_lines_back(purchase_id=purchase_id, actor=world.clerk, now=world.now) == 0


def test_a_purchase_is_cancelled_before_shipping_only(world: World, client: Browser) -> None:
    world.tins(20)
    shipped, fresh = world.approved(2), world.approved(2)
    world.paid(shipped)
    world.shipped(shipped)
    browser = client.as_(world.clerk)

    assert "/cancellation" not in browser.get(f"/purchases/{shipped}").text
    answer = browser.post(f"/purchases/{shipped}/cancellation", data={"reason": "不要了"})
    assert answer.status_code == 409
    assert "已有货物发出" in answer.text
    assert "不要了" in answer.text

    assert "/cancellation" in browser.get(f"/purchases/{fresh}").text
    answer = browser.post(f"/purchases/{fresh}/cancellation", data={"reason": "重复了"})
    assert answer.status_code == 303
    assert state(fresh) is PurchaseState.CANCELLED


def test_the_pay_page_shows_account_amount_and_code(world: World, client: Browser) -> None:
    world.tins(20)
    purchase_id = world.approved(10)
    with db.database().reading() as tx:
        reference = tx.execute(select(Purchase.reference)).scalar_one()
    browser = client.as_(world.clerk)

    page = browser.get(f"/purchases/{purchase_id}/payment").text

    for words in ("山货结算监管专户", "1502 0601", "2380.00", reference, "贰仟叁佰捌拾元整"):
        assert words in page
    world.paid(purchase_id)
    assert "货款已付清" in browser.get(f"/purchases/{purchase_id}/payment").text


def test_nothing_is_to_pay_before_approval_or_after_cancelling(
    world: World, client: Browser
) -> None:
    world.tins(20)
    waiting, gone = world.submitted(2), world.submitted(2)
    cancel_purchase(purchase_id=gone, reason="x", actor=world.clerk, now=world.now)

    for purchase_id in (waiting, gone):
        page = client.as_(world.clerk).get(f"/purchases/{purchase_id}/payment").text
        assert "现在不需要付款" in page


def test_every_thing_of_a_purchase_leads_to_it(world: World, client: Browser) -> None:
    world.tins(20)
    purchase_id = world.approved(4)
    world.paid(purchase_id)
    acceptance = world.accepted(purchase_id)
    browser = client.as_(world.clerk)

    for about in (purchase_id, world.orders(purchase_id)[0], acceptance):
        answer = browser.get(f"/purchases/of/{about}")
        assert answer.location.endswith(f"/purchases/{purchase_id}")
    assert browser.get("/purchases/of/ship_none").status_code == 404


def test_empty_lists_say_what_to_do(world: World, client: Browser) -> None:
    assert "还没有采购单" in client.as_(world.clerk).get("/purchases/").text
    assert "没有等审批" in client.as_(world.approver).get("/purchases/inbox").text
    assert "还没有买过" in client.as_(world.member).get("/purchases/mine").text
