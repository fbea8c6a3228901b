"""Statements by period: their closings are the ledger's, their figures lead down and up again."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from orders.documents.attribution import who_got
from orders.documents.rules import Getter, told_apart
from orders.ledger.models import Journal
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind as J
from orders.purchasing.models import Order, OrderLine
from orders.purchasing.states import PaymentTerms
from orders.settlements.models import SettlementItem
from orders.shipments.models import Shipment
from orders.shipments.returning import return_goods
from orders.statements import households, party_queries, sms, transfers
from orders.statements.periods import ALL, period_of, periods_until
from orders.statements.reasons import Reason, reasons
from orders.statements.sent_back import Effect
from orders.statements.speech import spoken_in_english
from products.lots.models import Lot
from shop.core import db
from shop.core.actors import CLOCK, Actor
from shop.core.money import ZERO, Money, total, yuan
from shop.core.permissions import Role
from shop.organisations.commands import grant_role
from tests.orders.test_statements import opened, worked_example
from tests.pages import faults
from tests.world import World

NAMES = ("张桂兰", "李长根", "黄水生")


def sold_settled_and_returned(world: World) -> tuple[str, str]:
    """April: 28 of 30 tins accepted, settled, paid out. May: three come back, and eight are sold
    to another union that pays later. Returns the packed lot and the first purchase."""
    lot = worked_example(world)
    purchase = world.approved(30)
    world.paid(purchase)
    acceptance = world.accepted(purchase, short=2)
    world.settle()
    world.bank_answers(world.pay_out())
    world.now += timedelta(days=30)
    return_goods(
        acceptance_id=acceptance,
        lines=((world.accepted_lines(acceptance)[0], 3),),
        reason="受潮",
        actor=world.clerk,
        now=world.now,
    )
    later = world.approved(8, terms=PaymentTerms.AFTER, union="WG")
    world.accepted(later, union="WG")
    world.settle()
    return lot, purchase


def driver(world: World) -> Actor:
    """The member, who drives for the carrier as well."""
    grant_role(
        user_id=world.member.key,
        organisation_id=world.organisation("YD"),
        role=Role.CARRIER,
        actor=CLOCK,
        now=world.now,
    )
    return World.person.__wrapped__(world, "member")  # with the role just given


def household(world: World, name: str, period: str = "all") -> households.HouseholdPeriod:
    with db.database().reading() as tx:
        return households.read(tx, [world.household_key(name)], period_of(period) or ALL)[0]


@pytest.mark.parametrize(
    ("key", "since", "until", "words"),
    [
        ("2026", date(2026, 1, 1), date(2027, 1, 1), "2026年"),
        ("2026-12", date(2026, 12, 1), date(2027, 1, 1), "2026年12月"),
        ("2026-q4", date(2026, 10, 1), date(2027, 1, 1), "2026年第4季度"),
        ("2026-spring", date(2026, 3, 1), date(2026, 6, 1), "2026年春季"),
        ("2026-winter", date(2026, 12, 1), date(2027, 3, 1), "2026年冬季"),
        ("all", None, None, "开户以来"),
    ],
)
def test_a_period_runs_from_a_day_until_before_another(key, since, until, words):
    period = period_of(key)

    assert period is not None
    assert (period.since, period.until, period.words) == (since, until, words)


@pytest.mark.parametrize(
    "key", ["", "2026-13", "2026-q5", "26", "2026-fall", "2026-04-01", "9999x"]
)
def test_what_names_no_period_is_none(key):
    assert period_of(key) is None


def test_only_periods_that_have_begun_are_offered():
    offered = [one.key for one in periods_until(date(2026, 4, 20), years=1)]

    assert offered[:3] == ["all", "2026", "2026-spring"]
    assert "2026-q2" in offered
    assert "2026-05" not in offered


def test_every_closing_is_the_ledgers_and_periods_meet_without_gap(world):
    sold_settled_and_returned(world)
    carrier, cooperative = world.organisation_key("YD"), world.organisation_key("TH")

    for name in NAMES:
        whole = household(world, name)
        april, may = household(world, name, "2026-04"), household(world, name, "2026-05")
        assert whole.closing == world.payable(name)
        assert april.closing == may.opening
        assert may.closing == whole.closing
        assert april.opening + april.settled - april.paid + april.other == april.closing
        assert april.attributed + may.attributed == whole.attributed
        assert april.second_payment + may.second_payment == whole.second_payment == whole.settled
        assert whole.paid == total([one.amount for one in whole.paid_out])
    with db.database().reading() as tx:
        items = tx.execute(select(SettlementItem)).scalars().all()
        assert total([household(world, name).second_payment for name in NAMES]) == total(
            [item.second_payment for item in items]
        )
        parties = {
            (code, key): read(tx, world.organisation(code), period_of(key), world.treasurer)
            for code, read in (("TH", party_queries.cooperative), ("YD", party_queries.carrier))
            for key in ("all", "2026-04", "2026-05")
        }
    for code, kind, owner in (
        ("TH", K.COOPERATIVE_PAYABLE, cooperative),
        ("YD", K.CARRIER_PAYABLE, carrier),
    ):
        whole, april, may = (parties[code, key] for key in ("all", "2026-04", "2026-05"))
        assert whole.closing == may.closing == world.balance(kind, owner)
        assert april.closing == may.opening
        for one in (whole, april, may):
            assert one.opening + total([row.amount for row in one.rows]) == one.closing
    whole = parties["TH", "all"]
    assert whole.due_closing == world.balance(K.DUE_FROM_COOPERATIVE, cooperative)
    assert whole.due_closing > ZERO
    for row in whole.rows:
        if row.kind is J.ACCEPTANCE:
            assert total(row.parts) == row.amount
    assert world.findings() == []


def test_a_unions_statement_is_escrow_refunds_and_receivable_of_the_ledger(world):
    sold_settled_and_returned(world)

    with db.database().reading() as tx:
        paid, later = (
            party_queries.union(tx, world.organisation(code), ALL, world.auditor)
            for code in ("GH", "WG")
        )
        april = party_queries.union(
            tx, world.organisation("GH"), period_of("2026-04"), world.finance
        )
        keys = list(tx.execute(select(Order.id).order_by(Order.id)).scalars())

    for found in (paid, later):
        sums = found.sums
        assert sums.opening + sums.paid - sums.accepted + sums.returned - sums.refunded == (
            sums.escrow + sums.refund_on_its_way - sums.receivable
        )
        assert sums.other == ZERO
    assert paid.sums.paid == yuan("7140")
    assert paid.sums.accepted == yuan("6664")
    assert paid.sums.returned == yuan("714")
    assert paid.sums.escrow == world.balance(K.ESCROW, keys[0])
    assert paid.sums.refund_on_its_way == world.balance(K.REFUND_IN_TRANSIT, keys[0])
    assert later.sums.receivable == yuan("1904") == later.sums.accepted
    assert april.sums.returned == ZERO


def test_returns_and_unpaid_goods_are_told_in_plain_words(world):
    sold_settled_and_returned(world)

    huang = household(world, "黄水生", "2026-05")

    assert huang.returned == 3
    (back,) = huang.sent_back
    assert (back.units, back.reason, back.effect) == (3, "受潮", Effect.SETTLED)
    assert huang.covered > ZERO
    april = household(world, "黄水生", "2026-04")
    assert april.sent_back == ()
    assert sum(one.waiting for one in huang.made) == 8
    assert {reason for reason, _facts in reasons(huang)} >= {Reason.RETURNED, Reason.WAITING}


def test_a_text_message_keeps_within_seventy_units_and_names_only_the_surname(world):
    worked_example(world)
    huang = household(world, "黄水生")
    extremes = [
        huang,
        replace(huang, name="𠮷田太郎" * 8, grams=10**12),
        replace(huang, name="欧阳春花"),
        replace(
            huang,
            leaf_paid=Money(10**17),
            second_payment=Money(-(10**17)),
            paid=Money(9 * 10**17 + 1),
            closing=Money(9 * 10**17 + 99),
        ),
    ]

    texts = [sms.text(one) for one in extremes]

    assert [sms.units(text) <= sms.LIMIT for text in texts] == [True] * 4
    assert sms.units("𠮷a") == 3
    assert texts[0] == "黄家开户以来：送10公斤，现付0，二次返利0，已打款0，待打款0元"
    assert texts[1].startswith("𠮷家")
    assert texts[2].startswith("欧阳家")
    assert "9000000000000000.99" in texts[3]
    assert "水生" not in texts[0]


def test_english_speech_reads_amounts_without_comma_or_point():
    assert spoken_in_english(yuan("1286.40")) == "1286 yuan 40 fen"
    assert spoken_in_english(yuan("3")) == "3 yuan"


def test_a_group_too_small_to_hide_takes_the_smallest_named_along():
    def of(name: str, fen: int) -> Getter:
        return Getter(name, "南屏村" if name else "", 1, ZERO, Money(fen))

    shown = told_apart([of("张*", 500), of("李*", 300), of("", 200), of("黄*", 100)])

    assert [(one.name, one.households, one.second.fen) for one in shown] == [
        ("张*", 1, 500),
        ("", 3, 600),
    ]
    assert told_apart([of("张*", 5)])[0].name == "张*"
    assert [one.households for one in told_apart([of("", 1)])] == [1]


def test_the_lines_of_a_lot_sum_to_what_it_earned(world, client):
    _lot, purchase = sold_settled_and_returned(world)
    with db.database().reading() as tx:
        lines = list(tx.execute(select(OrderLine.id).order_by(OrderLine.id)).scalars())
        got = [who_got(tx, line) for line in lines]
        posted = {
            item.household_id: item.share
            for item in tx.execute(select(SettlementItem).order_by(SettlementItem.id)).scalars()
        }
    shares: dict[int, Money] = {}
    for one in (one for of_line in got for of_lot in of_line for one in of_lot.households):
        shares[one.household_id] = shares.get(one.household_id, ZERO) + one.share

    assert shares == posted
    assert got[1] == []  # accepted and not paid: nobody's yet

    order = world.orders(purchase)[0]
    page = client.as_(world.clerk).get(f"/papers/money/{order}/{world.tin}")
    assert page.status_code == 200
    assert "另外 3 户" in page.text
    assert "桂兰" not in page.text
    assert faults(page.text) == []
    assert client.as_(world.stranger).get(f"/papers/money/{order}/{world.tin}").status_code == 404
    clerk = client.as_(world.clerk)
    assert clerk.get(f"/papers/money/{order}/spec_none").status_code == 404
    assert f"/papers/money/{order}/{world.tin}" in clerk.get(f"/purchases/{purchase}").text


def test_who_may_read_which_statement(world, client):
    worked_example(world)
    driver(world)
    party = {
        "TH": f"/statements/cooperatives/{world.organisation('TH')}",
        "GH": f"/statements/unions/{world.organisation('GH')}",
        "YD": f"/statements/carriers/{world.organisation('YD')}",
        "张": f"/statements/households/{world.household('张桂兰')}",
    }
    allowed = {
        "TH": {"manager", "treasurer", "auditor"},
        "GH": {"clerk", "union_auditor", "treasurer", "auditor"},
        "YD": {"member", "treasurer", "auditor"},
        "张": {"manager", "weigher", "treasurer", "auditor"},
    }
    everyone = (
        *("clerk", "union_auditor", "member", "manager", "weigher"),
        *("treasurer", "auditor", "stranger", "other_manager"),
    )

    for code, address in party.items():
        seen = {
            who for who in everyone if client.as_(world.person(who)).get(address).status_code == 200
        }
        assert seen == allowed[code], code

    masked = client.as_(world.auditor).get(party["张"]).text
    assert "张**" in masked
    assert "桂兰" not in masked
    assert "张桂兰" in client.as_(world.manager).get(party["张"]).text


@pytest.mark.once
def test_figures_lead_down_and_their_pages_lead_up_again(world, client):
    lot, purchase = sold_settled_and_returned(world)
    auditor = client.as_(world.auditor)
    huang = world.household("黄水生")
    party = {
        "TH": f"/statements/cooperatives/{world.organisation('TH')}",
        "GH": f"/statements/unions/{world.organisation('GH')}",
        "YD": f"/statements/carriers/{world.organisation('YD')}",
        "黄": f"/statements/households/{huang}",
    }

    for address in party.values():
        for language in ("en", "zh"):
            auditor.get(f"/language/{language}")
            page = auditor.get(address)
            assert page.status_code == 200
            assert faults(page.text) == []
        for link in set(
            re.findall(
                r'href="(/(?:admin|audit|coop|statements|purchases|settlements|lots)[^"#]*)"',
                page.text,
            )
        ):
            assert auditor.get(link).status_code == 200, link

    with db.database().reading() as tx:
        journals = tx.execute(select(Journal.public_id, Journal.kind)).all()
        delivery = tx.execute(select(Lot.public_id).order_by(Lot.id)).scalars().first()
    for thing in (
        lot,
        delivery,
        purchase,
        world.orders(purchase)[0],
        *(j for j, _kind in journals),
    ):
        up = auditor.get(f"/statements/about/{thing}")
        assert up.status_code == 200, thing
        for link in re.findall(r'href="(/statements/(?:h|c|u)[^"]*)"', up.text):
            assert auditor.get(link).status_code == 200, link
    whose = auditor.get(f"/statements/about/{lot}").text
    assert all(address in whose for address in party.values())
    assert huang not in client.as_(world.clerk).get(f"/statements/about/{purchase}").text
    assert client.as_(world.other_manager).get(f"/statements/about/{lot}").status_code == 404
    auditor = client.as_(world.auditor)
    assert auditor.get("/statements/about/lot_none").status_code == 404
    assert "/statements/about/" in auditor.get(f"/audit/journals/{journals[0][0]}").text
    manager = client.as_(world.manager)
    assert f"/statements/about/{lot}" in manager.get(f"/cooperative/lots/{lot}").text


def test_a_household_reads_and_hears_its_own_period(world, client):
    sold_settled_and_returned(world)
    page = opened(client, world, "黄水生").get("/my-statement/mine/period?period=2026-04")

    assert page.status_code == 200
    assert "黄水生，您好。这是2026年4月的账。" in page.text
    assert "结算给您的二次返利是 七百五十四元五角六分。" in page.text
    assert "read-aloud" in page.text
    assert faults(page.text) == []
    client.get("/language/en")
    assert "754 yuan 56 fen" in client.get("/my-statement/mine/period?period=2026-04").text
    client.get("/language/zh")
    slip = client.get("/my-statement/mine/slip.pdf?period=2026-04")
    assert "¥754.56" in words_of(slip.data)
    client.post("/my-statement/close")
    assert client.get("/my-statement/mine/period").status_code in (302, 303)
    assert client.get("/my-statement/mine/slip.pdf").status_code in (302, 303)


def test_papers_carry_the_sums_and_room_for_seals_with_equal_bytes(world, client):
    sold_settled_and_returned(world)
    treasurer = client.as_(world.treasurer)
    closing = world.balance(K.CARRIER_PAYABLE, world.organisation_key("YD"))

    for kind, code, expected in (
        ("unions", "GH", "¥7,140.00"),
        ("cooperatives", "TH", "期末余额"),
        ("carriers", "YD", f"¥{closing}"),
    ):
        address = f"/statements/{kind}/{world.organisation(code)}/statement.pdf"
        first, second = (treasurer.get(address).data for _ in range(2))
        assert first == second
        assert expected in words_of(first)
        assert "盖章" in words_of(first)


def words_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_every_row_of_a_statement_leads_down_to_transfers_that_sum_to_it(world, client):
    lot, _purchase = sold_settled_and_returned(world)
    read = {"TH": party_queries.cooperative, "YD": party_queries.carrier}

    for code, who in (("TH", world.manager), ("YD", driver(world))):
        with db.database().reading() as tx:
            rows = read[code](tx, world.organisation(code), ALL, who).rows
            assert rows
            for row in rows:
                found = transfers.of_journal(tx, world.organisation(code), row.journal_id, who)
                kinds = (K.COOPERATIVE_PAYABLE, K.CARRIER_PAYABLE)
                mine = [one for one in found.rows if one.account in kinds]
                assert total([one.amount for one in mine]) == row.amount
                assert found.event == row.event

    settled = next(row for row in rows_of(world) if row.kind is J.SETTLEMENT)
    manager = client.as_(world.manager)
    address = f"/statements/{world.organisation('TH')}/journals/{settled.journal_id}"
    shown = manager.get(address).text
    assert f"/cooperative/lots/{lot}" in shown
    assert faults(shown, keys=False) == []
    assert address in manager.get(f"/statements/cooperatives/{world.organisation('TH')}").text
    assert client.as_(world.other_manager).get(address).status_code == 404
    assert client.as_(world.clerk).get(address).status_code in (403, 404)
    bank = world._one(select(Journal.public_id).where(Journal.kind == J.BANK_CREDIT).limit(1))
    foreign = f"/statements/{world.organisation('TH')}/journals/{bank}"
    assert client.as_(world.manager).get(foreign).status_code == 404


def test_a_carrier_is_told_its_waybills_and_payments_in_plain_words(world, client):
    sold_settled_and_returned(world)
    browser = client.as_(driver(world))

    shown = browser.get(f"/statements/carriers/{world.organisation('YD')}").text

    assert "打款复核" not in shown
    assert "运单" in shown
    assert "构成" not in shown
    assert world._all(select(Shipment.waybill).order_by(Shipment.id))[0] in shown
    assert faults(shown, keys=False) == []


def rows_of(world: World):
    with db.database().reading() as tx:
        return party_queries.cooperative(tx, world.organisation("TH"), ALL, world.manager).rows
