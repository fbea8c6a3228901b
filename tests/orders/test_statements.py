"""The household's statement: who may open it, and every figure to the fen."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from orders.purchasing.states import PaymentTerms
from orders.statements import queries
from orders.statements.queries import Statement
from orders.statements.rules import Situation, next_payout_day, spoken, unsold_part
from products.households.commands import register_household
from products.households.models import HouseholdReport
from products.households.statement_commands import reissue_pin
from products.households.states import HouseholdStanding
from shop.core import clock, db
from shop.core.errors import NotAllowed, NotFound
from shop.core.money import ZERO, yuan
from tests.world import DAY, World


def read(world: World, name: str, actor=None) -> Statement:
    with db.database().reading() as tx:
        key = world.household(name)
        return queries.statement(
            tx, household_id=key, actor=actor or queries.actor_of(tx, key), now=world.now
        )


def code_of(world: World, name: str) -> str:
    return read(world, name).code


def opened(client, world: World, name: str):
    pin = reissue_pin(household_id=world.household(name), actor=world.manager, now=world.now)
    answer = client.post("/my-statement/", data={"code": code_of(world, name), "pin": pin})
    assert answer.status_code == 303
    return client


def worked_example(world: World) -> str:
    """The deliveries of the worked example, packed into 40 tins."""
    leaf = [
        (world.delivery("张桂兰", 20, "120"), 20_000),
        (world.delivery("李长根", 15, "118"), 15_000),
        (world.delivery("黄水生", 10, "97", paid=False), 10_000),
    ]
    rough = world.rough(leaf, 10)
    return world.packed([(rough, 10_000)], 40)


def test_a_statement_tells_what_was_brought_sold_and_is_owed_to_the_fen(world):
    worked_example(world)
    purchase = world.approved(30)
    world.paid(purchase)
    world.accepted(purchase, short=2)
    world.settle()

    a, b, c = (read(world, name) for name in ("张桂兰", "李长根", "黄水生"))

    # C = 28 × 142.80 = 3998.40 over weights 2400.00, 1770.00 and 970.00 (W = 5140.00).
    assert c.leaf_paid == ZERO
    assert c.second_payment == yuan("754.56")
    assert c.owed == yuan("754.56")
    assert a.leaf_paid == yuan("2400.00")
    assert b.leaf_paid == yuan("1770.00")
    assert a.second_payment == b.second_payment == ZERO
    # 28 × 238.00 = 6664.00, shared by the same weights.
    assert a.attributed + b.attributed + c.attributed == yuan("6664.00")
    assert c.attributed == yuan("1257.60")


def test_goods_accepted_but_not_paid_for_are_not_yet_sold_on_a_statement(world):
    worked_example(world)
    purchase = world.approved(12, terms=PaymentTerms.AFTER)
    world.accepted(purchase)

    statement = read(world, "黄水生")

    assert statement.sold[0].sold_units == 0
    assert statement.attributed == ZERO
    assert statement.owed == ZERO


def test_unsold_consignment_shrinks_with_every_accepted_tin(world):
    worked_example(world)
    before = read(world, "黄水生").unsold_value
    purchase = world.approved(10)
    world.paid(purchase)
    world.accepted(purchase)

    after = read(world, "黄水生").unsold_value

    assert before == yuan("970.00")
    assert after == yuan("727.50")


def test_leaf_paid_at_the_gate_is_no_consignment(world):
    worked_example(world)

    assert read(world, "张桂兰").unsold == ()


def test_the_first_sentence_names_the_next_payout_day_and_the_card(world):
    worked_example(world)
    purchase = world.approved(30)
    world.paid(purchase)
    world.accepted(purchase)
    world.settle()

    headline = read(world, "黄水生").headline

    assert headline.situation is Situation.OWED
    assert headline.day == next_payout_day(DAY)
    assert headline.last4 == "0003"


def test_a_household_without_a_card_is_told_so(world):
    register_household(
        cooperative_id=world.organisation("TH"),
        village_id=world.village,
        name="钟金莲",
        identity="",
        phone="",
        standing=HouseholdStanding.ORDINARY,
        since=DAY,
        actor=world.manager,
        now=world.now,
    )
    leaf = world.delivery("钟金莲", 20, "100", paid=False)
    world.packed([(world.rough([(leaf, 20_000)], 5), 5_000)], 20)
    purchase = world.approved(10)
    world.paid(purchase)
    world.accepted(purchase)
    world.settle()

    statement = read(world, "钟金莲")

    assert statement.headline.situation is Situation.NO_CARD
    assert statement.card_last4 is None


def test_a_manager_reads_only_statements_of_the_own_cooperative(world):
    assert read(world, "张桂兰", world.manager).name == "张桂兰"

    with pytest.raises(NotFound):
        read(world, "张桂兰", world.other_manager)
    with pytest.raises(NotFound):
        read(world, "张桂兰", world.clerk)
    for actor in (world.operator, world.treasurer, world.auditor):
        with pytest.raises(NotAllowed):
            read(world, "张桂兰", actor)


def test_a_household_cannot_read_another_households_statement(world):
    with db.database().reading() as tx:
        li = queries.actor_of(tx, world.household("李长根"))

    with pytest.raises((NotFound, NotAllowed)):
        read(world, "张桂兰", li)


def test_code_and_pin_open_the_statement_in_large_type(client, world):
    worked_example(world)

    page = opened(client, world, "黄水生").get("/my-statement/mine")

    assert page.status_code == 200
    html = page.get_data(as_text=True)
    assert "黄水生，您好" in html
    assert "¥970.00" in html
    assert "不对，请给我打电话" in html
    assert "张桂兰" not in html


def test_a_wrong_pin_is_told_beside_the_field_and_the_door_closes_after_ten(client, world):
    code = code_of(world, "张桂兰")

    for _try in range(10):
        answer = client.post("/my-statement/", data={"code": code, "pin": "no"})
        assert answer.status_code == 422
        assert "户码或密码不对" in answer.get_data(as_text=True)
    closed = client.post("/my-statement/", data={"code": code, "pin": "no"})

    assert closed.status_code == 429
    assert code in closed.get_data(as_text=True)


def test_an_open_statement_shuts_after_twenty_minutes(client, world, monkeypatch):
    opened(client, world, "张桂兰")
    later = clock.now() + timedelta(minutes=20)
    monkeypatch.setattr(clock, "now", lambda: later)

    answer = client.get("/my-statement/mine")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/my-statement/"


def test_nobody_reads_a_statement_without_code_and_pin(client, world):
    for path in ("mine", "mine/statement.pdf"):
        assert client.get(f"/my-statement/{path}").status_code == 303


def test_closing_puts_the_statement_away(client, world):
    opened(client, world, "张桂兰").post("/my-statement/close")

    assert client.get("/my-statement/mine").status_code == 303


def test_this_is_wrong_asks_for_a_call_and_is_shown_back(client, world):
    opened(client, world, "张桂兰")

    sent = client.post("/my-statement/mine/reports", data={"words": "少了一秤"})

    assert sent.status_code == 303
    with db.database().reading() as tx:
        assert tx.query(HouseholdReport).one().words == "少了一秤"
    assert "合作社正在核对" in client.get("/my-statement/mine").get_data(as_text=True)


def test_too_many_words_are_refused_beside_the_field_and_kept(client, world):
    opened(client, world, "张桂兰")

    sent = client.post("/my-statement/mine/reports", data={"words": "多" * 501})

    assert sent.status_code == 422
    assert "多" * 501 in sent.get_data(as_text=True)
    with db.database().reading() as tx:
        assert tx.query(HouseholdReport).count() == 0


def test_the_paper_carries_the_same_figures(client, world):
    worked_example(world)
    opened(client, world, "黄水生")

    paper = client.get("/my-statement/mine/statement.pdf")
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper.data)).pages)

    assert paper.mimetype == "application/pdf"
    assert "农户对账单" in text
    assert "970.00" in text
    assert client.get("/my-statement/mine/print").location == "/my-statement/mine/statement.pdf"


def test_the_cooperative_opens_the_statement_of_its_own_household_only(client, world):
    household = world.household("张桂兰")
    path = f"/my-statement/of/{household}"

    led = client.as_(world.manager).get(path)
    assert led.status_code == 301
    assert led.location == f"/statements/households/{household}?period=all"
    assert client.as_(world.manager).get(f"{path}/statement.pdf").status_code == 200
    assert client.as_(world.other_manager).get(led.location).status_code == 404
    assert client.as_(world.other_manager).get(f"{path}/statement.pdf").status_code == 404
    assert client.as_(world.clerk).get(path).status_code == 403
    assert client.as_(world.auditor).get(path).status_code == 403


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("1286.40", "一千二百八十六元四角"),
        ("12.00", "十二元"),
        ("6007.14", "六千零七元一角四分"),
        ("0.00", "零元"),
        ("2.00", "两元"),
        ("2.22", "两元二角二分"),
        ("0.20", "两角"),
        ("22.00", "二十二元"),
        ("102.00", "一百零二元"),
        ("2002.00", "两千零二元"),
        ("12000.00", "一万两千元"),
        ("102000.00", "十万零两千元"),
        ("120000.00", "十二万元"),
        ("222222.22", "二十二万两千二百二十二元二角二分"),
    ],
)
def test_amounts_are_said_as_people_say_them(amount, said):
    assert spoken(yuan(amount)) == said


def test_what_leaves_a_lot_leaves_nothing_behind_in_the_end():
    assert unsold_part(100, whole=3, gone=0) == 100
    assert unsold_part(100, whole=3, gone=1) == 67
    assert unsold_part(100, whole=3, gone=3) == 0
