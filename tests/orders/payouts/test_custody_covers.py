"""A payout takes from custody only what is there and nobody else's."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from orders.ledger.models import Journal
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.payments.matching import undo_match
from orders.payments.models import BankLine, Payment
from orders.payouts import covering
from orders.payouts.commands import (
    LessIsOwed,
    NotCovered,
    NothingToPay,
    approve_batch,
    withdraw_batch,
)
from orders.payouts.owing import owed_now
from orders.payouts.rules import Claim, Cover, Obstacle, covered
from orders.payouts.states import BatchState, PayoutKind
from orders.purchasing.states import PaymentTerms
from orders.shipments.returning import return_goods
from shop.core import db
from shop.core.money import ZERO, Money, yuan
from tests.orders.payouts.stories import (
    approved,
    batch_state,
    books_are_right,
    drafted,
    earn,
    exported,
    items,
    seen,
)

COOP, CARRIER = PayoutKind.COOPERATIVE, PayoutKind.CARRIER
HOUSEHOLD, REFUND = PayoutKind.HOUSEHOLD, PayoutKind.REFUND


def page_of(world):
    with db.database().reading() as tx:
        return owed_now(tx, world.operator)


def left_out(world) -> dict[tuple[PayoutKind, Obstacle], Money]:
    return {(row.kind, row.obstacle): row.amount for row in page_of(world).left_out}


def on_terms(world, units: int) -> str:
    """A purchase accepted before it is paid."""
    purchase = world.approved(units, terms=PaymentTerms.AFTER)
    world.acceptance = world.accepted(purchase)
    return purchase


def sent_back(world, units: int) -> None:
    lines = [(line, units) for line in world.accepted_lines(world.acceptance)]
    return_goods(
        acceptance_id=world.acceptance,
        lines=tuple(lines),
        reason="不合适",
        actor=world.clerk,
        now=world.now,
    )


def leaf(world) -> None:
    """Forty tins of two households' leaf, one of them with twice as much, on consignment."""
    taken = [
        (world.delivery("张桂兰", 20, "100", paid=False), 20_000),
        (world.delivery("李长根", 10, "100", paid=False), 10_000),
    ]
    world.packed([(world.rough(taken, 10), 10_000)], 40)


def test_sellers_wait_until_their_buyers_have_paid(client, world):
    leaf(world)
    purchase = on_terms(world, 10)
    coop = world.balance(K.COOPERATIVE_PAYABLE, world.organisation_key("TH"))

    assert left_out(world) == {
        (COOP, Obstacle.BUYERS_OWE): coop,
        (CARRIER, Obstacle.BUYERS_OWE): yuan("142.80"),
    }
    with pytest.raises(NothingToPay):
        drafted(world)
    told = client.as_(world.operator).get("/platform/payouts/new").get_data(as_text=True)
    assert "买家还没有付清" in told

    world.paid(purchase)

    assert left_out(world) == {}
    batch = exported(world, COOP, CARRIER)
    assert [item.amount for item in items(batch)] == [coop, yuan("142.80")]
    world.bank_answers(batch)
    assert world.balance(K.CUSTODY) == yuan("2380.00") - coop - yuan("142.80")
    assert world.findings() == []


def test_of_two_sales_only_the_paid_one_is_paid_out_and_households_stay_covered(world):
    leaf(world)
    on_terms(world, 10)
    world.paid(on_terms(world, 5), serial="Q")
    payable = world.balance(K.COOPERATIVE_PAYABLE, world.organisation_key("TH"))
    page = page_of(world)
    rows = {(row.kind, row.obstacle): row.amount for row in (*page.left_out, *page.plain)}

    assert rows[COOP, None] + rows[COOP, Obstacle.BUYERS_OWE] == payable
    assert rows[COOP, Obstacle.BUYERS_OWE] == 2 * rows[COOP, None]
    assert page.custody.claims[Claim.HOUSEHOLDS] == yuan("714.00")
    assert page.custody.left()[-1][2] == ZERO  # what five tins brought is somebody's to the fen
    assert page.waits == yuan("2380.00") - 10 * yuan("142.80")
    batch = approved(world, COOP, CARRIER)
    assert items(batch)[0].amount == rows[COOP, None]
    books_are_right()


def test_what_was_paid_and_taken_back_after_the_draft_is_not_paid_out(world):
    leaf(world)
    world.paid(on_terms(world, 10))
    batch = drafted(world, COOP)
    with db.database().reading() as tx:
        line, journal = tx.execute(
            select(BankLine.public_id, Journal.public_id)
            .join(Payment, Payment.bank_line_id == BankLine.id)
            .join(Journal, Journal.id == Payment.journal_id)
        ).one()
    undo_match(
        line_id=line, journal_id=journal, reason="认错了", actor=world.operator, now=world.now
    )

    with pytest.raises((NotCovered, LessIsOwed)):
        approve_batch(batch_id=batch, seen_hash=seen(batch), actor=world.treasurer, now=world.now)

    assert batch_state(batch) is BatchState.DRAFT
    assert world.balance(K.PAYOUT_IN_TRANSIT, 1) == ZERO
    books_are_right()


def test_one_sellers_unpaid_goods_are_not_paid_with_anothers_money(world, monkeypatch):
    leaf(world)
    world.paid(on_terms(world, 10))
    batch = drafted(world, COOP)
    on_terms(world, 5)  # the payable rises by what is not paid, and does not stand in for it
    with db.database().writing() as tx:
        item = items(batch)[0]
        tx.query(type(item)).filter_by(id=item.id).update({"amount": item.amount + Money(1)})
        from orders.payouts.drafting import hash_of
        from orders.payouts.models import PayoutBatch

        row = tx.query(PayoutBatch).filter_by(public_id=batch).one()
        tx.flush()
        row.seen_hash = hash_of(tx, row)

    with pytest.raises(NotCovered):
        approve_batch(batch_id=batch, seen_hash=seen(batch), actor=world.treasurer, now=world.now)
    plenty = Cover(yuan("99999.00"), dict.fromkeys(Claim, ZERO), {})  # other sellers' money
    monkeypatch.setattr(covering, "cover", lambda *_args, **_options: plenty)
    with pytest.raises(LessIsOwed):
        approve_batch(batch_id=batch, seen_hash=seen(batch), actor=world.treasurer, now=world.now)

    assert batch_state(batch) is BatchState.DRAFT


def test_a_return_before_approval_comes_first_and_the_figures_are_told(client, world):
    leaf(world)
    purchase = world.approved(10)
    world.paid(purchase)
    world.acceptance = world.accepted(purchase)
    world.settle()
    batch = drafted(world, HOUSEHOLD)
    sent_back(world, 10)  # all of custody is the buyer's again

    browser = client.as_(world.treasurer)
    said = {"seen_hash": seen(batch), "typed": "1428.00", "once": "a"}
    answer = browser.post(f"/platform/payouts/{batch}/approve", data=said)

    assert answer.status_code == 409
    assert "能动用的只有 0.00 元" in answer.get_data(as_text=True)
    assert batch_state(batch) is BatchState.DRAFT
    assert world.payable("张桂兰") == yuan("952.00")
    books_are_right()

    withdraw_batch(batch_id=batch, reason="退货", actor=world.operator, now=world.now)
    page = page_of(world)
    assert {row.kind for row in page.left_out} == {HOUSEHOLD, CARRIER}
    assert page.uncovered == yuan("1428.00") + yuan("142.80")
    assert [row.kind for row in page.plain] == [REFUND]
    told = client.as_(world.operator).get("/platform/payouts/new").get_data(as_text=True)
    assert "监管账户里能动用的钱不够" in told
    world.settle()  # what came back is theirs no more
    assert left_out(world) == {(CARRIER, Obstacle.NOT_COVERED): yuan("142.80")}
    assert world.findings() == []


def test_when_there_is_too_little_smaller_payments_go_first(world):
    leaf(world)
    purchase = world.approved(10)
    world.paid(purchase)
    world.acceptance = world.accepted(purchase)
    world.settle()  # 952.00 and 476.00
    sent_back(world, 8)  # of 2,380.00 then 476.00 are free

    assert left_out(world)[HOUSEHOLD, Obstacle.NOT_COVERED] == yuan("952.00")
    batch = approved(world, HOUSEHOLD)

    assert [item.holder for item in items(batch)] == ["李长根"]
    assert world.balance(K.CUSTODY) == yuan("2380.00")
    with pytest.raises(NothingToPay):
        drafted(world, HOUSEHOLD)
    books_are_right()


def test_a_seller_is_paid_what_is_there_and_waits_for_the_rest(world):
    leaf(world)
    purchase = world.approved(10)
    world.paid(purchase)
    world.acceptance = world.accepted(purchase)
    world.settle()
    world.bank_answers(exported(world, HOUSEHOLD))  # leaves 809.20 + 142.80, the sellers'
    sent_back(world, 2)  # 285.60 of the refund is with the households, who keep it
    rows = [*page_of(world).plain, *page_of(world).flagged]

    assert left_out(world) == {(COOP, Obstacle.NOT_COVERED): yuan("285.60")}
    assert {row.kind: row.amount for row in rows} == {
        REFUND: yuan("476.00"),
        CARRIER: yuan("142.80"),
        COOP: yuan("333.20"),
    }
    world.bank_answers(exported(world))
    assert world.balance(K.CUSTODY) == ZERO
    with pytest.raises(NothingToPay):
        drafted(world)
    assert world.balance(K.COOPERATIVE_PAYABLE, world.organisation_key("TH")) == yuan("285.60")
    assert world.findings() == []


def test_a_refund_waits_while_its_money_is_with_households(world):
    earn(world)
    world.bank_answers(exported(world))  # 2,380.00 in, 2,380.00 out
    assert world.balance(K.CUSTODY) == ZERO
    other = world.approved(2)
    world.paid(other)  # another buyer's money lies in custody, and is not ours to refund with
    with db.database().reading() as tx:
        from orders.shipments.models import Acceptance

        world.acceptance = tx.execute(select(Acceptance.public_id)).scalar_one()
    sent_back(world, 8)

    assert left_out(world) == {(REFUND, Obstacle.NOT_COVERED): yuan("1904.00")}
    with pytest.raises(NothingToPay):
        drafted(world)
    assert world.balance(K.CUSTODY) == yuan("476.00")
    assert world.findings() == []


def test_two_batches_do_not_count_on_the_same_money(world):
    earn(world)
    first, second = drafted(world, HOUSEHOLD), drafted(world, COOP, CARRIER)

    for batch in (first, second):
        approve_batch(batch_id=batch, seen_hash=seen(batch), actor=world.treasurer, now=world.now)

    page = page_of(world)
    assert page.custody.claims[Claim.IN_TRANSIT] == yuan("1904.00")
    assert page.custody.free(REFUND) == yuan("476.00")
    refunds = drafted(world, REFUND)
    assert page_of(world).custody.free(REFUND) == ZERO
    approve_batch(batch_id=refunds, seen_hash=seen(refunds), actor=world.treasurer, now=world.now)
    with db.database().reading() as tx:
        kinds = set(tx.execute(select(Journal.kind)).scalars())
    assert JournalKind.PAYOUT_APPROVED in kinds
    books_are_right()


# --- rules ------------------------------------------------------------------------------------


def test_each_claim_leaves_the_rest_to_the_next():
    claims = dict.fromkeys(Claim, ZERO) | {Claim.BUYERS: Money(70), Claim.HOUSEHOLDS: Money(40)}
    cover = Cover(Money(100), claims, {HOUSEHOLD: Money(5)})

    assert cover.free(REFUND) == Money(30)
    assert cover.free(HOUSEHOLD) == Money(25)
    assert cover.free(COOP) == ZERO
    assert cover.promised(COOP) == Money(110)
    assert [left.fen for _claim, _amount, left in cover.left()] == [100, 30, 30, -10, -10, -10, -10]


@pytest.mark.parametrize(
    ("fen", "free", "whole", "in_part"),
    [
        ([5, 3, 3], 8, [0, 3, 3], [2, 3, 3]),
        ([5, 3, 3], 5, [0, 3, 0], [0, 3, 2]),
        ([5, 3, 3], 11, [5, 3, 3], [5, 3, 3]),
        ([5], 4, [0], [4]),
        ([5], 0, [0], [0]),
    ],
)
def test_smaller_payments_come_first_whole_or_in_part(fen, free, whole, in_part):
    assert covered(fen, free, in_part=False) == whole
    assert covered(fen, free, in_part=True) == in_part


def test_only_scenarios_pay_beyond_custody():
    passing = {
        path.parts[-2]
        for folder in ("orders", "shop")
        for path in Path(folder).rglob("*.py")
        if "beyond_custody=True" in path.read_text("utf-8")
    }

    assert passing == {"scenarios"}
