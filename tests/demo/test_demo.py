"""The demo region holds what it promises, its books are clean, and no page of it is empty."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import func, select

from orders.books.checks import check_books
from orders.ledger.models import LedgerMonth
from orders.ledger.states import MonthState
from orders.payments.models import BankLine
from orders.payments.states import LineState
from orders.payouts.models import PayoutItem
from orders.payouts.states import ItemState, PayoutKind
from orders.purchasing.models import Order, Purchase
from orders.purchasing.states import OrderState, PurchaseState
from orders.receivables.models import AgreedDays, PaymentAnswer, PaymentRule
from orders.receivables.states import RuleState
from orders.reserves.models import ReserveRate
from orders.reserves.states import RateState
from orders.returns.models import ReturnRequest
from orders.returns.states import RequestState
from orders.settlements.models import SettlementItem, SettlementRun
from orders.settlements.states import RunState
from orders.shipments.models import Acceptance, AcceptanceLine, Return, Shipment
from orders.shipments.states import AcceptanceState, ShipmentState
from products.catalogue.models import Product
from products.certificates.models import Certificate
from products.certificates.states import CertificateKind
from products.epcis.answers import document_of
from products.epcis.commands import project_all
from products.epcis.models import EpcisEvent
from products.epcis.rules import STEPS
from products.epcis.validation import faults
from products.households.commands import open_statement
from products.households.models import Consent, Household, HouseholdStatus, Plot, Village
from products.households.states import HouseholdStanding
from products.lots.mass_balance import yields
from products.lots.models import Lot, LotLoss, MassAlarm, Process, ShareCorrection
from products.lots.states import AlarmKind, AlarmState, LotKind
from products.quality import queries as quality
from products.quality.models import LotTest
from products.quality.states import LotTestState
from products.stories import queries as stories
from products.stories.models import HouseholdStory
from shop.core import clock, db
from shop.core.actors import CLOCK
from shop.demo import load
from shop.demo.finale import Card
from shop.demo.people import SIGN_INS
from shop.demo.region import GOODS, PASSWORD
from shop.home.navigation import ENTRIES
from shop.identity.models import User
from shop.organisations import queries
from shop.organisations.models import County, Organisation, OrganisationKind, PayeeAccount

#: Whoever comes second waits until the first has loaded the region.
pytestmark = pytest.mark.timeout(400)

_EMPTY = re.compile(r'class="empty[" ]')
_LINK = re.compile(r'href="(/[^"#]*)"')
# Ids, codes, slugs and queries aside: a page or two of each kind will do.
_KIND = re.compile(r"[a-z]+_[0-9a-z]{16}|[0-9A-Z]{9}|=[^&]*|/[a-z]+-[a-z0-9-]+")


def _count(demo: db.Database, model: type[db.Model], *conditions: object) -> int:
    with demo.reading() as tx:
        return tx.execute(select(func.count()).select_from(model).where(*conditions)).scalar_one()


def test_loading_again_finds_the_region_there(demo: db.Database) -> None:
    assert load.is_loaded()


def test_the_command_says_so_and_names_every_sign_in(demo: db.Database, shared_app: Flask) -> None:
    del demo

    said = shared_app.test_cli_runner().invoke(args=["demo"])

    assert said.exit_code == 0
    assert "loaded already" in said.output
    assert all(person.email in said.output for person in SIGN_INS)
    assert PASSWORD in said.output


def test_the_command_refuses_a_shop_of_its_own(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["demo"])

    assert said.exit_code == 1
    assert "empty" in said.output


def test_a_shop_with_people_of_its_own_is_left_alone(world: object) -> None:
    del world

    with pytest.raises(load.NotEmpty):
        load.is_loaded()


def test_the_books_are_clean(demo: db.Database) -> None:
    with demo.reading() as tx:
        assert check_books(tx) == []


def test_the_region_has_its_counties_goods_and_households(demo: db.Database) -> None:
    assert _count(demo, County) == 24
    assert _count(demo, Organisation, Organisation.kind == OrganisationKind.COOPERATIVE) == 24
    assert _count(demo, Product) == len(GOODS) == 39
    assert _count(demo, Household) == 120
    assert _count(demo, Village) >= 6
    assert _count(demo, Consent, Consent.withdrawn_on.is_not(None)) == 5


def test_every_packed_lot_goes_by_a_certificate_and_papers_run_out(demo: db.Database) -> None:
    today = clock.day_of(clock.now())
    with demo.reading() as tx:
        kinds = set(tx.execute(select(Certificate.kind)).scalars())
        cooperative = tx.execute(
            select(Organisation.id).where(Organisation.code == "SCTH")
        ).scalar_one()
        due = quality.due(tx, cooperative, CLOCK, day=today)

    assert _count(demo, Lot, Lot.kind == LotKind.PACKED, Lot.certificate == "") == 0
    assert kinds == set(CertificateKind)
    assert due.certificates
    assert any(test.valid_until and test.valid_until < today for test in due.tests)


def test_lots_were_tested_and_one_waits_for_a_second_person(demo: db.Database) -> None:
    assert _count(demo, LotTest) >= 8
    assert _count(demo, LotTest, LotTest.public) >= 3
    assert _count(demo, LotTest, LotTest.state == LotTestState.FAILED) == 1
    assert _count(demo, LotTest, LotTest.state == LotTestState.CLEARED) == 1


def test_every_fact_is_told_in_the_words_of_epcis(demo: db.Database) -> None:
    now = clock.now()
    project_all("https://shop.example", now)
    with demo.reading() as tx:
        events = tx.execute(select(EpcisEvent.body, EpcisEvent.biz_step)).all()

    told = json.loads(document_of((body for body, _step in events), now))

    assert faults(told) == []
    assert len(told["epcisBody"]["eventList"]) == len(events) > 1000
    assert {step for _body, step in events} >= {step for step in STEPS}


def test_villages_and_households_tell_their_stories(demo: db.Database) -> None:
    with demo.reading() as tx:
        told = stories.villages(tx, day=clock.day_of(clock.now()))

    assert len(told) == 6
    assert all(village.title_en and village.grows_en for village in told)
    assert _count(demo, HouseholdStory) == 4


def test_every_plot_has_two_to_thirteen_mu(demo: db.Database) -> None:
    with demo.reading() as tx:
        areas = tx.execute(select(Plot.area_m2)).scalars().all()

    assert len(areas) == 120
    assert min(areas) == 2 * 667
    assert max(areas) == 13 * 667


def test_two_households_brought_more_than_their_land_bears(demo: db.Database) -> None:
    with demo.reading() as tx:
        every = tx.execute(select(Household.public_id)).scalars().all()
        over = {
            household
            for household in every
            for one in yields(tx, household, CLOCK, today=clock.day_of(clock.now()))
            if one.over
        }

    assert len(over) == 2


def test_every_standing_occurs(demo: db.Database) -> None:
    with demo.reading() as tx:
        found = set(tx.execute(select(HouseholdStatus.standing)).scalars())

    assert found == set(HouseholdStanding)


def test_four_unions_have_their_members(demo: db.Database) -> None:
    with demo.reading() as tx:
        unions = tx.execute(
            select(Organisation.member_count).where(Organisation.kind == OrganisationKind.UNION)
        )

        assert sorted(unions.scalars()) == [40, 60, 180, 620]


def test_only_the_named_people_have_a_password(demo: db.Database) -> None:
    with demo.reading() as tx:
        found = tx.execute(select(User.email).where(User.password_hash.is_not(None))).scalars()

        assert sorted(found) == sorted(person.email for person in SIGN_INS)


def test_lots_of_every_kind_stand_on_record(demo: db.Database) -> None:
    for kind in LotKind:
        assert _count(demo, Lot, Lot.kind == kind) > 0


def test_something_was_lost_corrected_and_waits_for_a_second_signature(demo: db.Database) -> None:
    assert _count(demo, LotLoss) > 0
    assert _count(demo, ShareCorrection) > 2
    for kind in AlarmKind:
        assert _count(demo, MassAlarm, MassAlarm.kind == kind) > 0
    assert _count(demo, MassAlarm, MassAlarm.state == AlarmState.OPEN) > 0
    assert _count(demo, Process, Process.cooperative_id.is_not(None)) == 1


def test_a_correction_was_settled_since(demo: db.Database) -> None:
    assert _count(demo, SettlementItem, SettlementItem.share_version > 1) > 0


@pytest.mark.parametrize("state", list(PurchaseState))
def test_purchases_stand_at_every_stage(demo: db.Database, state: PurchaseState) -> None:
    assert _count(demo, Purchase, Purchase.state == state) > 0


@pytest.mark.parametrize("state", list(OrderState))
def test_orders_stand_at_every_stage(demo: db.Database, state: OrderState) -> None:
    assert _count(demo, Order, Order.state == state) > 0


@pytest.mark.parametrize("state", list(ShipmentState))
def test_shipments_stand_at_every_stage(demo: db.Database, state: ShipmentState) -> None:
    assert _count(demo, Shipment, Shipment.state == state) > 0


#: A run is posting only while its job works on many lots.
@pytest.mark.parametrize("state", [one for one in RunState if one is not RunState.POSTING])
def test_settlement_runs_stand_at_every_stage(demo: db.Database, state: RunState) -> None:
    assert _count(demo, SettlementRun, SettlementRun.state == state) > 0


def test_goods_wait_for_a_second_signature(demo: db.Database) -> None:
    assert _count(demo, Acceptance, Acceptance.state == AcceptanceState.FIRST_SIGNED) > 0


def test_some_goods_came_short_some_broken_and_some_went_back(demo: db.Database) -> None:
    assert _count(demo, AcceptanceLine, AcceptanceLine.short_units > 0) > 0
    assert _count(demo, AcceptanceLine, AcceptanceLine.damaged_units > 0) > 0
    assert _count(demo, Return) > 0


@pytest.mark.parametrize("state", [RequestState.ASKED, RequestState.SENT, RequestState.DONE])
def test_returns_were_asked_for_and_some_wait(demo: db.Database, state: RequestState) -> None:
    assert _count(demo, ReturnRequest, ReturnRequest.state == state) > 0


def test_a_payout_the_bank_sent_back_was_paid_again(demo: db.Database) -> None:
    with demo.reading() as tx:
        (came_back,) = tx.execute(
            select(PayoutItem.id).where(PayoutItem.state == ItemState.RETURNED)
        ).scalars()

    again = PayoutItem.retries_id == came_back
    assert _count(demo, PayoutItem, again, PayoutItem.state == ItemState.CONFIRMED) == 1


def test_rates_and_terms_hold_and_wait_for_a_second_person(demo: db.Database) -> None:
    for state in (RateState.APPROVED, RateState.PROPOSED):
        assert _count(demo, ReserveRate, ReserveRate.state == state) == 1
    for standing in (RuleState.IN_FORCE, RuleState.PROPOSED):
        assert _count(demo, PaymentRule, PaymentRule.state == standing) == 1
    assert _count(demo, AgreedDays) == 1
    assert _count(demo, PaymentAnswer) == 1


def test_months_are_closed_one_after_the_other(demo: db.Database) -> None:
    assert _count(demo, LedgerMonth, LedgerMonth.state == MonthState.CLOSED) > 0
    assert _count(demo, LedgerMonth, LedgerMonth.state != MonthState.CLOSED) == 0


def test_no_settlement_without_a_lot_stands(demo: db.Database) -> None:
    assert _count(demo, SettlementRun, SettlementRun.lots == 0) == 0


def test_a_failed_payout_was_paid_again_and_three_cards_stay_refused(demo: db.Database) -> None:
    refused = PayeeAccount.state == "refused"
    retried = PayoutItem.retries_id.is_not(None)

    assert _count(demo, PayeeAccount, refused) == 3
    assert _count(demo, PayoutItem, retried, PayoutItem.state == ItemState.CONFIRMED) > 0
    assert _count(demo, PayoutItem, PayoutItem.kind == PayoutKind.REFUND) > 0


#: Explained lines need another part that explains them (`orders.payments.hooks.explain_by`).
@pytest.mark.parametrize("state", [one for one in LineState if one is not LineState.EXPLAINED])
def test_bank_lines_of_every_sort_came_in(demo: db.Database, state: LineState) -> None:
    assert _count(demo, BankLine, BankLine.state == state) > 0


def test_the_printed_card_opens_the_statement(demo: db.Database, card: Card) -> None:
    assert open_statement(code=card.code, pin=card.pin, now=clock.now())


def test_the_story_begins_in_january() -> None:
    assert load.first_day(date(2026, 11, 23)) == date(2026, 1, 5)
    assert load.first_day(date(2027, 6, 30)) == date(2026, 1, 5)


# --- pages ------------------------------------------------------------------------------------


def _enter(visitor: FlaskClient, demo: db.Database, email: str) -> list[str]:
    """Sign in; the addresses of this person's side navigation."""
    with demo.reading() as tx:
        user = tx.execute(select(User).where(User.email == email)).scalar_one()
        actor = queries.actor_of(tx, user)
        mine = [row for row, _roles in queries.organisations_of(tx, user.id)]
    with visitor.session_transaction() as session:
        session["_user_id"] = f"{user.public_id}:{user.session_version}"
        session["_fresh"] = True
    with visitor.application.test_request_context():
        return [
            url_for(entry.endpoint, organisation=row.public_id)
            for row in mine
            for entry in ENTRIES
            if entry.kind is row.kind and any(actor.may(p, row.id) for p in entry.needs)
        ]


#: No cooperative of the story owes anything: what custody does not cover is not paid out.
_RIGHTLY_EMPTY = "/cooperative/due/"


@pytest.mark.once
@pytest.mark.parametrize("email", [person.email for person in SIGN_INS])
def test_no_page_of_the_navigation_is_empty(
    visitor: FlaskClient, demo: db.Database, email: str
) -> None:
    for address in _enter(visitor, demo, email):
        page = visitor.get(address)

        assert page.status_code == 200, address
        assert not _EMPTY.search(page.text) or address.startswith(_RIGHTLY_EMPTY), address


@pytest.mark.once
@pytest.mark.parametrize("email", ["", *(person.email for person in SIGN_INS)])
def test_no_link_is_dead(visitor: FlaskClient, demo: db.Database, email: str) -> None:
    waiting = ["/", *(_enter(visitor, demo, email) if email else [])]
    seen = set(waiting)
    kinds: dict[str, int] = {}

    while waiting:
        address = waiting.pop(0)
        page = visitor.get(address)

        # A closed door says so (403); what is linked is never missing and never breaks.
        assert page.status_code in (200, 302, 303, 403), address
        if page.mimetype != "text/html":
            page.get_data()  # a stream may break at its end only
            page.close()
            continue
        for link in _LINK.findall(page.text.replace("&amp;", "&")):
            kind = _KIND.sub("·", link)
            if link in seen or link.startswith("/static") or kinds.get(kind, 0) >= 2:
                continue
            kinds[kind] = kinds.get(kind, 0) + 1
            seen.add(link)
            waiting.append(link)


def test_the_front_page_shows_what_is_in_season(visitor: FlaskClient, shared_app: Flask) -> None:
    del shared_app

    page = visitor.get("/")

    assert page.status_code == 200
    assert "狗牯脑" in page.text or "脐橙" in page.text
