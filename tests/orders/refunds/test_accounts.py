"""A refund that its account takes no longer goes to another of the same buyer, by two people."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from orders.ledger.states import AccountKind as K
from orders.payouts.models import PayoutItem
from orders.payouts.refund_accounts import (
    OtherHolder,
    ProofMissing,
    RefundMoving,
    confirm_refund_account,
    decline_refund_account,
    look_at_proof,
    propose_refund_account,
)
from orders.payouts.states import ItemState, PayoutKind
from orders.purchasing.commands import cancel_purchase
from orders.refunds.models import Refund, RefundAccount
from shop.core import db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.core.money import ZERO
from shop.organisations.account_changes import ChangeWaits, OtherLastFour
from shop.organisations.accounts import NotACardNumber
from shop.organisations.models import PayeeAccount
from tests.orders.purchasing.test_purchases import one

NUMBER = "6222 0215 0200 7777 8888"
PROOF = b"%PDF-1.7\n6222021502007777888\n%%EOF\n"


@pytest.fixture
def refund(world):
    """A paid purchase that was cancelled: the money is to go back to the union's account."""
    world.tins(10)
    purchase = world.approved(5)
    world.paid(purchase)
    cancel_purchase(purchase_id=purchase, reason="活动取消", actor=world.clerk, now=world.now)
    return one(select(Refund.public_id))


def propose(world, refund, **changes):
    facts = {
        "refund_id": refund,
        "holder": "县直机关工会",
        "number": NUMBER,
        "bank": "示范银行遂川支行",
        "cnaps": "",
        "reason": "原账户已销户",
        "file_name": "销户回单.pdf",
        "media_type": "application/pdf",
        "content": PROOF,
        "actor": world.operator,
        "now": world.now,
    }
    return propose_refund_account(**(facts | changes))


def confirm(world, proposal, last4="8888", actor=None):
    confirm_refund_account(
        proposal_id=proposal, last4=last4, actor=actor or world.treasurer, now=world.now
    )


def test_a_refund_the_bank_sent_back_goes_to_another_account_that_two_people_entered(world, refund):
    world.bank_answers(world.pay_out(PayoutKind.REFUND), refused={"县直机关工会"})
    proposal = propose(world, refund)

    confirm(world, proposal)
    world.bank_answers(world.pay_out(PayoutKind.REFUND))

    with db.database().reading() as tx:
        items = tx.execute(select(PayoutItem).order_by(PayoutItem.id)).scalars().all()
        account = tx.execute(
            select(PayeeAccount).where(PayeeAccount.id == items[1].account_id)
        ).scalar_one()
        kept = tx.execute(select(RefundAccount)).scalar_one()
        assert "8888" not in kept.proof_sealed
        assert NUMBER.replace(" ", "") not in account.number_sealed
        assert kept.number_sealed == ""
    assert [item.state for item in items] == [ItemState.FAILED, ItemState.CONFIRMED]
    assert items[1].number_last4 == "8888"
    assert items[1].retries_id == items[0].id
    assert "new_account" in items[1].flags
    assert world.balance(K.CUSTODY) == ZERO
    with pytest.raises(RefundMoving):
        propose(world, refund)
    assert world.findings() == []


def test_each_refusal_changes_nothing(world, refund):
    for wrong, changes in (
        (NotAllowed, {"actor": world.treasurer}),
        (NotAllowed, {"actor": world.manager}),
        (NotFound, {"refund_id": "refund_none"}),
        (NotACardNumber, {"number": "12"}),
        (ReasonMissing, {"reason": " "}),
        (ProofMissing, {"content": b""}),
        (OtherHolder, {"holder": "外人"}),
    ):
        with pytest.raises(wrong):
            propose(world, refund, **changes)
    assert one(select(func.count(RefundAccount.id))) == 0
    batch = world.pay_out(PayoutKind.REFUND)
    with pytest.raises(RefundMoving):
        propose(world, refund)
    world.bank_answers(batch, refused={"县直机关工会"})
    proposal = propose(world, refund)
    with pytest.raises(ChangeWaits):
        propose(world, refund)
    both = replace(world.operator, grants=world.operator.grants + world.treasurer.grants)
    for wrong, last4, actor in (
        (SamePerson, "8888", both),
        (OtherLastFour, "0000", world.treasurer),
        (NotAllowed, "8888", world.operator),
        (NotAllowed, "8888", world.auditor),
    ):
        with pytest.raises(wrong):
            confirm(world, proposal, last4, actor)
    with pytest.raises(ReasonMissing):
        decline_refund_account(
            proposal_id=proposal, reason=" ", actor=world.treasurer, now=world.now
        )
    with pytest.raises(NotAllowed):
        look_at_proof(proposal_id=proposal, reason="看看", actor=world.manager, now=world.now)
    decline_refund_account(
        proposal_id=proposal, reason="户名不清", actor=world.treasurer, now=world.now
    )
    with pytest.raises(WrongState):
        confirm(world, proposal)
    assert one(select(func.count(PayeeAccount.id)).where(PayeeAccount.payee_kind == "refund")) == 0
    world.bank_answers(world.pay_out(PayoutKind.REFUND))
    assert world.balance(K.CUSTODY) == ZERO
    assert world.findings() == []


def test_the_page_leads_from_the_refund_to_the_other_account(world, client, refund):
    page = f"/platform/refunds/{refund}"
    for who, status in (
        ("operator", 200),
        ("treasurer", 200),
        ("auditor", 200),
        ("manager", 403),
        ("clerk", 403),
    ):
        assert client.as_(world.person(who)).get(page).status_code == status
        assert client.as_(world.person(who)).get("/platform/refunds/").status_code == status
    operator = client.as_(world.operator)
    typed = {
        "once": "a",
        "holder": "县直机关工会",
        "number": NUMBER,
        "bank": "示范银行",
        "reason": "原账户已销户",
    }
    without = operator.post(f"{page}/accounts", data=typed)
    assert without.status_code == 422
    sent = operator.post(
        f"{page}/accounts",
        data={**typed, "file": (io.BytesIO(PROOF), "销户回单.pdf")},
        content_type="multipart/form-data",
    )
    assert sent.status_code == 303
    waiting = operator.get(page).text
    assert "**** 8888" in waiting
    assert NUMBER not in waiting
    proposal = one(select(RefundAccount.public_id))
    treasurer = client.as_(world.treasurer)
    looked = treasurer.post(f"{page}/accounts/{proposal}/proof", data={"reason": "复核"})
    assert (looked.status_code, looked.data) == (200, PROOF)
    assert looked.headers["Cache-Control"] == "no-store"
    wrong = treasurer.post(f"{page}/accounts/{proposal}/confirmation", data={"last4": "1"})
    assert wrong.status_code == 422
    done = treasurer.post(
        f"{page}/accounts/{proposal}/confirmation", data={"once": "c", "last4": "8888"}
    )
    assert done.status_code == 303
    assert "看了证明" in treasurer.get(page).text
