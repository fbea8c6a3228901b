"""The door to a household's statement: code, PIN, and what it says against it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from products.households import commands as households
from products.households import queries
from products.households.models import Household
from products.households.statement_commands import WordsMissing
from products.households.states import ReportState
from shop.core import db
from shop.core.actors import Actor
from shop.core.audit import AuditEntry
from shop.core.errors import NotAllowed, NotFound, WrongState
from shop.identity import doors
from tests.products.gate import NOON, Gate, at_the_gate
from tests.products.test_households import key, page, refused
from tests.world import World


@pytest.fixture
def gate(world: World) -> Gate:
    return at_the_gate(world)


def test_code_and_pin_open_the_statement_until_a_new_pin_is_given(gate):
    code = page(gate, gate.zhang).code
    pin = households.reissue_pin(household_id=gate.zhang, actor=gate.manager, now=NOON)

    assert len(pin) == 6
    assert pin.isdigit()
    typed = f"{code[:3].lower()} {code[3:]}"
    assert households.open_statement(code=typed, pin=f" {pin} ", now=NOON) == gate.zhang
    new = households.reissue_pin(household_id=gate.zhang, actor=gate.manager, now=NOON)
    assert households.open_statement(code=code, pin=new, now=NOON) == gate.zhang
    if new != pin:
        assert households.open_statement(code=code, pin=pin, now=NOON) is None
    with db.database().reading() as tx:
        row = tx.execute(select(Household).where(Household.code == code)).scalar_one()
        assert row.pin_version == 3
        assert pin not in row.pin_hash


def test_the_pin_is_in_no_log(gate):
    pin = households.reissue_pin(household_id=gate.zhang, actor=gate.manager, now=NOON)

    with db.database().reading() as tx:
        assert pin not in " ".join(
            tx.execute(select(AuditEntry.facts).where(AuditEntry.action == "reissue_pin")).scalars()
        )


def test_too_many_wrong_pins_close_the_door_for_a_while(gate):
    code = page(gate, gate.zhang).code
    pin = households.reissue_pin(household_id=gate.zhang, actor=gate.manager, now=NOON)
    wrong = "000000" if pin != "000000" else "111111"
    for _ in range(doors.TRIES):
        assert households.open_statement(code=code, pin=wrong, now=NOON) is None

    with pytest.raises(doors.DoorClosed):
        households.open_statement(code=code, pin=pin, now=NOON)
    later = NOON + doors.WINDOW + timedelta(seconds=1)
    assert households.open_statement(code=code, pin=pin, now=later) == gate.zhang


def test_a_new_pin_opens_a_closed_door(gate):
    code = page(gate, gate.zhang).code
    for _ in range(doors.TRIES):
        households.open_statement(code=code, pin="", now=NOON)

    pin = households.reissue_pin(household_id=gate.zhang, actor=gate.manager, now=NOON)

    assert households.open_statement(code=code, pin=pin, now=NOON) == gate.zhang


def test_an_unknown_code_is_answered_like_a_wrong_pin(gate):
    assert households.open_statement(code="AAAAAAAAA", pin="123456", now=NOON) is None
    assert households.open_statement(code="乱写" * 100, pin="123456", now=NOON) is None


def test_only_the_manager_gives_out_pins(gate):
    facts = {"household_id": gate.zhang, "now": NOON}
    refused(NotAllowed, households.reissue_pin, **facts, actor=gate.weigher)
    refused(NotFound, households.reissue_pin, **facts, actor=gate.stranger)


def test_a_report_waits_until_it_is_answered_once(gate):
    with db.database().reading() as tx:
        zhang = tx.execute(
            select(Household.id).where(Household.public_id == gate.zhang)
        ).scalar_one()
    herself = Actor(key=gate.zhang, name="张桂兰", household_id=zhang)

    report = households.report_wrong(
        household_id=gate.zhang, words="4月3日少记了一次", actor=herself, now=NOON
    )

    with db.database().reading() as tx:
        (open_one,) = queries.open_reports(tx, key(gate), gate.manager)
        assert (open_one.household, open_one.words) == ("张桂兰", "4月3日少记了一次")
        assert queries.search(tx, key(gate), gate.manager).open_reports == 1
    answer = {"report_id": report, "now": NOON}
    refused(WordsMissing, households.answer_report, **answer, answer=" ", actor=gate.manager)
    refused(NotFound, households.answer_report, **answer, answer="好", actor=gate.stranger)
    refused(NotAllowed, households.answer_report, **answer, answer="好", actor=gate.weigher)
    households.answer_report(**answer, answer="已补记", actor=gate.manager)
    refused(WrongState, households.answer_report, **answer, answer="再答", actor=gate.manager)
    with db.database().reading() as tx:
        assert queries.open_reports(tx, key(gate), gate.manager) == ()
        row = queries.report(tx, report, key(gate), gate.manager)
    assert (row.state, row.answer) == (ReportState.ANSWERED, "已补记")


def test_a_household_speaks_for_itself_only(gate):
    stranger = Actor(key="hh", name="别人", household_id=10**9)

    for actor in (stranger, gate.stranger):
        refused(
            NotFound,
            households.report_wrong,
            household_id=gate.zhang,
            words="",
            actor=actor,
            now=NOON,
        )
    refused(
        WordsMissing,
        households.report_wrong,
        household_id=gate.zhang,
        words="长" * 501,
        actor=gate.manager,
        now=NOON,
    )
