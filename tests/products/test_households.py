"""Households: registering, papers, PINs, reports; every refusal changes nothing."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from products.households import commands as households
from products.households import queries
from products.households.commands import (
    AlreadyRegistered,
    NotACnaps,
    NotAnIdentityNumber,
    NotAPhoneNumber,
    StandingOutOfOrder,
)
from products.households.consent_commands import ConsentStands, NoConsent
from products.households.models import (
    Consent,
    Household,
    HouseholdReport,
    HouseholdStatus,
    Plot,
    Village,
)
from products.households.rules import clean_identity, clean_phone, identity_check_digit
from products.households.states import HouseholdSecret, HouseholdStanding
from products.households.steps import DayAhead
from shop.core import db
from shop.core.actors import CLOCK, Actor
from shop.core.audit import AuditEntry
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.organisations.account_changes import ChangeWaits, NothingToReplace, confirm_account
from shop.organisations.accounts import HasAccount, NotACardNumber
from shop.organisations.models import PayeeAccount
from shop.organisations.states import AccountState
from tests.products.gate import NOON, TODAY, Gate, at_the_gate
from tests.world import World

FIRST = "36082719800101001"
IDENTITY = FIRST + identity_check_digit(FIRST)


@pytest.fixture
def gate(world: World) -> Gate:
    return at_the_gate(world)


def key(gate: Gate) -> int:
    return gate.cooperative_key


def page(gate: Gate, household: str, actor: Actor | None = None):
    with db.database().reading() as tx:
        return queries.household(tx, household, key(gate), actor or gate.manager)


def refused(refusal: type[Exception], act, **arguments: Any):
    """The refusal, after making sure that it changed nothing."""
    before = _everything()
    with pytest.raises(refusal) as caught:
        act(**arguments)
    assert _everything() == before
    return caught.value


def _everything():
    with db.database().reading() as tx:
        counts = [
            tx.execute(select(func.count()).select_from(model)).scalar_one()
            for model in (
                Household,
                HouseholdReport,
                HouseholdStatus,
                Consent,
                Plot,
                Village,
                PayeeAccount,
                AuditEntry,
            )
        ]
        pins = tx.execute(select(Household.id, Household.pin_version).order_by(Household.id)).all()
        until = tx.execute(select(HouseholdStatus.until).order_by(HouseholdStatus.id)).all()
        back = tx.execute(select(Consent.withdrawn_on).order_by(Consent.id)).all()
        return counts, pins, until, back


def register(gate: Gate, **changes: Any) -> str:
    return households.register_household(
        **{
            "cooperative_id": gate.cooperative,
            "village_id": gate.village,
            "name": "王秀英",
            "identity": IDENTITY,
            "phone": "139 0000 0001",
            "standing": HouseholdStanding.LIFTED,
            "since": date(2025, 1, 1),
            "actor": gate.manager,
            "now": NOON,
            **changes,
        }
    )


def test_identity_and_telephone_are_read_as_people_write_them():
    assert clean_identity(" " + IDENTITY[:6] + " " + IDENTITY[6:].lower()) == IDENTITY
    assert clean_identity(FIRST + ("1" if IDENTITY[-1] != "1" else "2")) is None
    assert clean_identity("36082") is None
    assert identity_check_digit("11010519491231002") == "X"
    assert clean_phone("139-0000-0001") == "13900000001"
    assert clean_phone("0796 1234567") == "07961234567"
    assert clean_phone("1390000000") is None
    assert clean_phone("电话") is None


def test_a_registered_household_has_a_code_a_standing_and_no_pin_yet(gate):
    household = register(gate)

    seen = page(gate, household)
    assert (seen.name, seen.village, seen.standing) == (
        "王秀英",
        "南屏村",
        HouseholdStanding.LIFTED,
    )
    assert (len(seen.code), seen.has_pin, seen.has_identity, seen.has_phone) == (
        9,
        False,
        True,
        True,
    )
    assert households.open_statement(code=seen.code, pin="", now=NOON) is None


def test_identity_and_telephone_are_nowhere_in_the_clear(gate):
    household = register(gate)

    with db.database().reading() as tx:
        row = tx.execute(select(Household).where(Household.public_id == household)).scalar_one()
        kept = f"{row.identity_sealed} {row.phone_sealed} {row.identity_fingerprint}"
        log = " ".join(tx.execute(select(AuditEntry.facts)).scalars())
    for secret in (IDENTITY, "13900000001"):
        assert secret not in kept
        assert secret not in log


def test_each_look_at_a_number_has_a_reason_in_the_log(gate):
    household = register(gate)

    def look(what: HouseholdSecret, **changes: Any) -> str | None:
        facts = {"reason": "核对银行退回", "actor": gate.manager, "now": NOON}
        return households.look_at(household_id=household, what=what, **{**facts, **changes})

    assert look(HouseholdSecret.IDENTITY) == IDENTITY
    assert look(HouseholdSecret.PHONE) == "13900000001"
    assert look(HouseholdSecret.CARD) is None
    with db.database().reading() as tx:
        looks = tx.execute(
            select(AuditEntry.reason, AuditEntry.facts).where(AuditEntry.action == "look")
        ).all()
    assert {json.loads(facts)["what"] for _reason, facts in looks} == {"identity", "phone", "card"}
    assert {reason for reason, _facts in looks} == {"核对银行退回"}
    refused(ReasonMissing, look, what=HouseholdSecret.CARD, reason=" ")
    refused(NotAllowed, look, what=HouseholdSecret.CARD, actor=gate.weigher)
    refused(NotFound, look, what=HouseholdSecret.CARD, actor=gate.stranger)


def test_what_cannot_be_is_not_registered(gate):
    register(gate)

    def again(**changes: Any) -> str:
        return register(gate, **changes)

    assert refused(AlreadyRegistered, again).facts == {"name": "王秀英"}
    refused(NotAnIdentityNumber, again, identity="360827")
    refused(NotAPhoneNumber, again, identity="", phone="139")
    refused(DayAhead, again, identity="", since=TODAY + timedelta(days=1))
    refused(NotFound, again, identity="", village_id="village_nowhere")
    refused(NotFound, again, identity="", cooperative_id="org_nothing")
    refused(NotFound, again, identity="", actor=gate.stranger)
    refused(NotAllowed, again, identity="", actor=gate.weigher)


def test_villages_lie_in_a_known_county(gate):
    def village(**changes: Any) -> str:
        facts = {"county": "suichuan", "township": "汤湖镇", "name": "高塘村", "name_en": ""}
        rest = {"altitude_m": None, "actor": gate.manager, "now": NOON}
        return households.add_village(**{**facts, **rest, **changes})

    assert village().startswith("village_")
    refused(NotFound, village, county="nowhere")
    refused(NotAllowed, village, name="五斗江村", actor=gate.clerk)


def test_plots_are_added_in_square_metres_and_shown_in_mu(gate):
    plot = households.add_plot(
        household_id=gate.zhang, name="屋后", crop="茶", area_m2=6670, actor=gate.manager, now=NOON
    )

    (row,) = page(gate, gate.zhang).plots
    assert (row.public_id, row.mu) == (plot, "10.0")
    refused(
        NotAllowed,
        households.add_plot,
        household_id=gate.zhang,
        name="x",
        crop="茶",
        area_m2=1,
        actor=gate.weigher,
        now=NOON,
    )


def test_consent_is_given_and_withdrawn_by_the_day(gate):
    def give(on: date = TODAY, **changes: Any) -> None:
        facts = {"household_id": gate.zhang, "actor": gate.manager, "now": NOON}
        households.give_consent(on=on, **{**facts, **changes})

    def withdraw(on: date = TODAY, **changes: Any) -> None:
        facts = {"household_id": gate.zhang, "actor": gate.manager, "now": NOON}
        households.withdraw_consent(on=on, **{**facts, **changes})

    refused(NoConsent, withdraw)
    refused(DayAhead, give, on=TODAY + timedelta(days=1))
    refused(NotAllowed, give, actor=gate.weigher)
    give()
    assert page(gate, gate.zhang).consents_now
    refused(ConsentStands, give)
    refused(NoConsent, withdraw, on=TODAY - timedelta(days=1))
    refused(DayAhead, withdraw, on=TODAY + timedelta(days=1))
    refused(NotFound, withdraw, actor=gate.stranger)
    withdraw()
    assert not page(gate, gate.zhang).consents_now
    give()
    assert len(page(gate, gate.zhang).consents) == 2


def test_standings_follow_each_other_by_the_day(gate):
    def change(standing: HouseholdStanding, since: date, **changes: Any) -> None:
        facts = {"household_id": gate.zhang, "actor": gate.manager, "now": NOON}
        households.set_standing(standing=standing, since=since, **{**facts, **changes})

    change(HouseholdStanding.SUDDEN, date(2025, 6, 1))
    change(HouseholdStanding.EXITED, date(2026, 3, 1))

    rows = page(gate, gate.zhang).standings
    assert [(r.standing, r.since, r.until) for r in rows] == [
        (HouseholdStanding.EXITED, date(2026, 3, 1), None),
        (HouseholdStanding.SUDDEN, date(2025, 6, 1), date(2026, 3, 1)),
        (HouseholdStanding.ORDINARY, TODAY - timedelta(days=365), date(2025, 6, 1)),
    ]
    late = {"standing": HouseholdStanding.LIFTED}
    refused(StandingOutOfOrder, change, **late, since=date(2026, 3, 1))
    refused(DayAhead, change, **late, since=TODAY + timedelta(days=1))
    refused(NotAllowed, change, **late, since=TODAY, actor=gate.weigher)


def test_a_card_is_shown_by_its_last_four_and_replaced_by_two_people(gate):
    home = register(gate)

    def card(number: str = "6222 0000 1111 2222", **changes: Any) -> str:
        facts = {"household_id": home, "holder": "张桂兰", "bank": "示范银行", "cnaps": ""}
        return households.set_household_account(
            **{**facts, "number": number, "actor": gate.manager, "now": NOON, **changes}
        )

    def other(number: str = "6222000011113333", **changes: Any) -> str:
        facts = {"household_id": home, "holder": "张桂兰", "bank": "示范银行", "cnaps": ""}
        said = {"number": number, "reason": "丢了", "actor": gate.manager, "now": NOON}
        return households.propose_household_account(**{**facts, **said, **changes})

    refused(NothingToReplace, other)
    refused(NotACardNumber, card, number="12345")
    refused(NotACnaps, card, cnaps="123")
    refused(NotAllowed, card, actor=gate.weigher)
    refused(NotFound, card, actor=gate.stranger)
    first = card()
    refused(HasAccount, card, number="6222000011113333")
    refused(NotACardNumber, other, number="12345")
    refused(ReasonMissing, other, reason=" ")
    refused(NotAllowed, other, actor=gate.weigher)
    change = other()
    refused(ChangeWaits, other)

    shown = page(gate, home).card
    assert shown is not None
    assert (shown.last4, shown.state) == ("2222", AccountState.ACTIVE)
    refused(SamePerson, confirm_account, change_id=change, last4="3333", **_by(gate.manager))
    second = confirm_account(change_id=change, last4="3333", **_by(CLOCK))

    shown = page(gate, home).card
    assert shown is not None
    assert (shown.last4, shown.state) == ("3333", AccountState.ACTIVE)
    looked = households.look_at(
        household_id=home,
        what=HouseholdSecret.CARD,
        reason="核对",
        actor=gate.manager,
        now=NOON,
    )
    assert looked == "6222000011113333"
    with db.database().reading() as tx:
        states = dict(tx.execute(select(PayeeAccount.public_id, PayeeAccount.state)).all())
    assert (states[first], states[second]) == (AccountState.REPLACED, AccountState.ACTIVE)
    refused(WrongState, confirm_account, change_id=change, last4="3333", **_by(CLOCK))


def _by(actor: Any) -> dict[str, Any]:
    return {"actor": actor, "now": NOON}


def test_the_list_finds_by_name_village_and_code(gate):
    def names(words: str, page: int = 1) -> list[str]:
        with db.database().reading() as tx:
            found = queries.search(tx, key(gate), gate.weigher, words=words, page=page)
            return [row.name for row in found.rows]

    code = page(gate, gate.li).code
    assert sorted(names("")) == ["张桂兰", "李长根", "黄水生"]
    assert names("长根") == ["李长根"]
    assert names(code.lower()) == ["李长根"]
    assert len(names("南屏")) == 3
    assert names("_") == []
    assert names("", page=2) == []


def test_households_are_seen_by_their_cooperative_only(gate):
    for actor in (gate.stranger, gate.clerk):
        with pytest.raises(NotFound):
            page(gate, gate.zhang, actor)
    with db.database().reading() as tx, pytest.raises(NotFound):
        queries.household(tx, gate.zhang, gate.other_key, gate.stranger)
