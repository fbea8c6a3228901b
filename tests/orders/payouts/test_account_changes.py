"""Another account takes two people; money goes to the old one until then."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from shop.core import db
from shop.core.audit import AuditEntry
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.core.vault import vault
from shop.organisations.account_changes import (
    ChangeWaits,
    OtherLastFour,
    ReplacedMeanwhile,
    confirm_account,
    decline_account,
    look_at_change,
    propose_organisation_account,
)
from shop.organisations.accounts import HasAccount, NotACardNumber, put_in_place
from shop.organisations.commands import set_organisation_account
from shop.organisations.models import AccountChange, PayeeAccount, PayeeKind
from shop.organisations.states import AccountState
from tests.orders.payouts.stories import drafted, earn, items
from tests.orders.payouts.test_races import at_once

NEW = "36050181010000008888"


def proposed(world, code: str = "YD", who: str = "operator", **changes) -> str:
    facts = {
        "organisation_id": world.organisation(code),
        "holder": "山路快运",
        "number": NEW,
        "bank": "示范银行吉安分行",
        "cnaps": "",
        "reason": "换了开户行",
        "actor": world.person(who),
        "now": world.now,
    }
    return propose_organisation_account(**{**facts, **changes})


def by(world, who: str):
    return {"actor": world.person(who), "now": world.now}


def active(world, code: str = "YD") -> str:
    with db.database().reading() as tx:
        return tx.execute(
            select(PayeeAccount.number_last4).where(
                PayeeAccount.payee_kind == PayeeKind.ORGANISATION,
                PayeeAccount.payee_id == world.organisation_key(code),
                PayeeAccount.state == AccountState.ACTIVE,
            )
        ).scalar_one()


def acts(what: str) -> int:
    with db.database().reading() as tx:
        return tx.execute(
            select(func.count()).where(
                AuditEntry.kind == "account_change", AuditEntry.action == what
            )
        ).scalar_one()


def test_money_goes_to_the_old_account_until_a_second_person_confirms(world):
    earn(world)
    old = active(world)
    change = proposed(world)

    (before,) = [item for item in items(drafted(world)) if item.kind.value == "carrier"]
    account = confirm_account(change_id=change, last4=" 8888", **by(world, "treasurer"))

    assert before.number_last4 == old
    assert active(world) == "8888"
    with db.database().reading() as tx:
        row = tx.execute(select(AccountChange)).scalar_one()
        made = tx.execute(
            select(PayeeAccount).where(PayeeAccount.public_id == account)
        ).scalar_one()
    assert (row.proposed_by, row.decided_by, row.number_sealed) == ("吴越", "郑和", "")
    assert row.account_id == made.id
    assert made.number_fingerprint == vault().fingerprint(NEW)


def test_nobody_confirms_what_they_proposed_or_did_not_read(world):
    change = proposed(world, "TH", "manager", holder="汤湖茶叶合作社")

    with pytest.raises(SamePerson):
        confirm_account(change_id=change, last4="8888", **by(world, "manager"))
    with pytest.raises(OtherLastFour):
        confirm_account(change_id=change, last4="0000", **by(world, "treasurer"))
    for who in ("operator", "auditor", "weigher"):
        with pytest.raises(NotAllowed):
            confirm_account(change_id=change, last4="8888", **by(world, who))
    for who in ("other_manager", "stranger"):
        with pytest.raises(NotFound):
            confirm_account(change_id=change, last4="8888", **by(world, who))
    with pytest.raises(NotFound):
        confirm_account(change_id="change_none", last4="8888", **by(world, "treasurer"))

    assert active(world, "TH") != "8888"
    assert acts("confirm") == 0


def test_a_proposal_is_refused_that_cannot_be(world):
    change = proposed(world)

    with pytest.raises(ChangeWaits):
        proposed(world)
    with pytest.raises(NotACardNumber):
        proposed(world, "TH", number="12")
    with pytest.raises(ReasonMissing):
        proposed(world, "TH", reason=" ")
    with pytest.raises(NotFound):
        proposed(world, "TH", who="other_manager")
    with pytest.raises(NotAllowed):
        proposed(world, "TH", who="weigher")
    with pytest.raises(HasAccount):
        set_organisation_account(
            organisation_id=world.organisation("YD"),
            holder="x",
            number=NEW,
            bank="x",
            cnaps="",
            **by(world, "operator"),
        )

    with pytest.raises(ReasonMissing):
        decline_account(change_id=change, reason="", **by(world, "treasurer"))
    decline_account(change_id=change, reason="对不上", **by(world, "treasurer"))
    with pytest.raises(WrongState):
        confirm_account(change_id=change, last4="8888", **by(world, "treasurer"))
    assert active(world) != "8888"
    assert proposed(world)


def test_an_account_replaced_meanwhile_voids_the_proposal(world):
    change = proposed(world)
    with db.database().writing() as tx:
        put_in_place(
            tx,
            PayeeKind.ORGANISATION,
            world.organisation_key("YD"),
            holder="山路快运",
            number="36050181010000007777",
            bank="示范银行",
            cnaps="",
            organisation_id=world.organisation_key("YD"),
            **by(world, "treasurer"),
        )

    with pytest.raises(ReplacedMeanwhile):
        confirm_account(change_id=change, last4="8888", **by(world, "treasurer"))

    assert active(world) == "7777"


def test_every_look_at_a_number_has_a_reason_and_is_written_down(world):
    change = proposed(world)

    with pytest.raises(ReasonMissing):
        look_at_change(change_id=change, reason=" ", **by(world, "treasurer"))
    with pytest.raises(NotAllowed):
        look_at_change(change_id=change, reason="看看", **by(world, "operator"))
    assert acts("look") == 0
    seen = look_at_change(change_id=change, reason="核对开户证明", **by(world, "treasurer"))

    assert seen == NEW
    assert acts("look") == 1
    with db.database().reading() as tx:
        assert NEW not in tx.execute(select(AccountChange.number_sealed)).scalar_one()


@pytest.mark.race
def test_one_proposal_confirmed_at_once_puts_one_account_in_place(world):
    change = proposed(world)
    who = by(world, "treasurer")

    ends = at_once(*[lambda: confirm_account(change_id=change, last4="8888", **who)] * 4)

    assert sum(end is None for end in ends) == 1
    assert active(world) == "8888"


def test_the_whole_way_by_hand(client, world):
    browser = client.as_(world.operator)
    said = {
        "organisation": world.organisation("YD"),
        "holder": "山路快运",
        "number": NEW,
        "bank": "示范银行吉安分行",
        "cnaps": "",
        "reason": "换了开户行",
        "once": "p",
    }
    assert browser.post("/account-changes/new", data=said | {"number": "1"}).status_code == 422
    made = browser.post("/account-changes/new", data=said | {"once": "q"})
    assert made.status_code == 303
    page = browser.get(made.location).get_data(as_text=True)
    assert "等另一位同事复核" in page
    assert NEW not in page

    browser = client.as_(world.treasurer)
    assert "山路快运" in browser.get("/account-changes/").get_data(as_text=True)
    looked = browser.post(f"{made.location}/look", data={"reason": "核对", "once": "l"})
    assert NEW in looked.get_data(as_text=True)
    assert looked.headers["Cache-Control"] == "no-store"
    wrong = browser.post(f"{made.location}/confirm", data={"last4": "1", "once": "c"})
    assert wrong.status_code == 422
    assert browser.post(f"{made.location}/decline", data={"once": "d"}).status_code == 422
    right = browser.post(f"{made.location}/confirm", data={"last4": "8888", "once": "e"})
    assert right.status_code == 303
    assert "已更换" in browser.get(made.location).get_data(as_text=True)
    for who in ("auditor", "clerk", "weigher"):
        assert client.as_(world.person(who)).get("/account-changes/").status_code == 403
    assert client.as_(world.other_manager).get(made.location).status_code == 404
