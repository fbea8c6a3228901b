"""The public figure: every sum of it, after every step of a story."""

from __future__ import annotations

from datetime import timedelta

from orders.closing import proof, public_proof
from orders.closing.reconciling import end_of
from orders.ledger.states import AccountKind as K
from shop.core import db
from shop.core.money import ZERO, total, yuan
from tests.orders.closing.stories import APRIL_30, closed, read
from tests.orders.test_worked_example import A, B, C, Story
from tests.pages import counted

STEPS = (
    *("tins_are_packed", "first_union_orders_and_pays", "first_union_accepts_28", "settle"),
    *("second_union_accepts_12", "second_union_pays", "settle", "payout_with_c_refused"),
    *("c_is_corrected_and_paid", "second_union_returns_3", "settle"),
)


def test_the_public_figure_adds_up_on_every_side_after_every_step(world):
    story = Story(world)
    for step in STEPS:
        getattr(story, step)()
        found = read(public_proof.as_of, world.now + timedelta(days=1))
        assert (step, found.rest) == (step, ZERO)
        assert found.shares.whole == found.goods.households

    assert found.goods.whole == (28 + 9) * yuan("238.00")
    assert found.kept == found.goods.whole
    assert found.shares.paid == yuan("1542.00")
    assert found.shares.coming == ZERO
    # Of 4,170.00 paid at the gate, 428.40 were covered again after the return.
    assert found.shares.set_off == yuan("3741.60")


def test_payouts_are_told_by_whom_they_were_for(world):
    """A batch has one account for all its payees, so the ledger alone does not tell them apart."""
    story = Story(world)
    for step in STEPS[:4]:
        getattr(story, step)()
    th, yd = world.organisation_key("TH"), world.organisation_key("YD")
    owed = (
        total([world.payable(name) for name in (A, B, C)]),
        world.balance(K.COOPERATIVE_PAYABLE, th),
        world.balance(K.CARRIER_PAYABLE, yd),
    )
    world.bank_answers(world.pay_out())

    period = read(proof.of_everything, world.auditor, world.now)

    assert owed == (yuan("754.56"), yuan("5509.60"), yuan("399.84"))
    assert (period.households, period.cooperatives, period.carriers) == owed
    assert period.rest == period.held_rest == ZERO


def test_the_page_is_light_and_says_the_same_as_its_figures(client, april):
    closed(april)

    page = client.get("/public/money/")
    assert read(public_proof.public) == read(public_proof.as_of, end_of(APRIL_30))
    with counted(db.database().engine) as statements:
        client.get("/public/money/")
    assert len(statements) < 10
    told = client.get("/public/money/figures.json").json

    assert len(page.data) < 60_000
    assert told["received_fen"] == sum(
        told[name]
        for name in ("kept_fen", "waiting_fen", "unclaimed_fen", "refunds_fen", "elsewhere_fen")
    )
    assert told["kept_fen"] == sum(told["goods_fen"].values()) - told["owed_fen"]
    assert sum(told["households_fen"].values()) == told["goods_fen"]["households"]
    assert told["received_fen"] == sum(told["paid_fen"].values()) + told["held_fen"]
    assert "每一分都有去处" in page.text
