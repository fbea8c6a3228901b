"""The worked example of docs/money.md: every balance after every step, to the fen.

Leaf of three households becomes 40 tins; two unions buy; goods fall short and come back; one
household's card is refused by the bank and corrected.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from orders.ledger.states import AccountKind as K
from orders.payouts.states import PayoutKind
from orders.purchasing.states import PaymentTerms
from orders.settlements.commands import NothingToSettle, draft_run
from orders.shipments.returning import return_goods
from shop.core.money import ZERO, Money
from tests.keys import acceptance_key, settled
from tests.world import World

A, B, C = "张桂兰", "李长根", "黄水生"


@dataclass
class Story:
    """The example, step by step, in the words of the document."""

    world: World
    lot: int = 0
    first: str = ""
    second: str = ""
    taken: str = ""

    def tins_are_packed(self) -> None:
        world = self.world
        leaf = [
            (world.delivery(A, 20, "120"), 20_000),
            (world.delivery(B, 15, "118"), 15_000),
            (world.delivery(C, 10, "97", paid=False), 10_000),
        ]
        rough = world.rough(leaf, 10)
        self.lot = world.lot_key(world.packed([(rough, 10_000)], 40))

    def first_union_orders_and_pays(self) -> None:
        self.first = self.world.approved(30)
        self.world.paid(self.first)

    def first_union_accepts_28(self) -> None:
        self.world.accepted(self.first, short=2)

    def second_union_accepts_12(self) -> None:
        self.second = self.world.approved(12, terms=PaymentTerms.AFTER, union="WG")
        self.taken = self.world.accepted(self.second, union="WG")

    def second_union_pays(self) -> None:
        self.world.paid(self.second)

    def second_union_returns_3(self) -> None:
        line = self.world.accepted_lines(self.taken)[0]
        return_goods(
            acceptance_id=self.taken,
            lines=((line, 3),),
            reason="罐口变形",
            actor=self.world.stranger,
            now=self.world.now,
        )

    def settle(self) -> None:
        self.world.settle()

    def payout_with_c_refused(self) -> None:
        batch = self.world.pay_out(PayoutKind.HOUSEHOLD)
        self.world.bank_answers(batch, refused=[C])

    def c_is_corrected_and_paid(self) -> None:
        self.world.new_card(C)
        self.world.bank_answers(self.world.pay_out(PayoutKind.HOUSEHOLD))

    def balances(self) -> dict[str, str]:
        """Every account of the example that is not empty, in the document's words."""
        world, orders = self.world, {}
        for name, purchase in (("一", self.first), ("二", self.second)):
            if purchase:
                orders[name] = world.order_key(purchase)
        found: dict[str, Money] = {
            "监管账户": world.balance(K.CUSTODY),
            "批次份额": world.balance(K.LOT_POOL, self.lot),
            "合作社": world.balance(K.COOPERATIVE_PAYABLE, world.organisation_key("TH")),
            "应收合作社": world.balance(K.DUE_FROM_COOPERATIVE, world.organisation_key("TH")),
            "承运": world.balance(K.CARRIER_PAYABLE, world.organisation_key("YD")),
            "待认领": world.balance(K.SUSPENSE),
        }
        for name, key in orders.items():
            found[f"待结算{name}"] = world.balance(K.ESCROW, key)
            found[f"退款{name}"] = world.balance(K.REFUND_IN_TRANSIT, key)
        if self.taken:
            found["应收二"] = world.balance(K.BUYER_RECEIVABLE, acceptance_key(self.taken))
        found |= {who: world.payable(who) for who in (A, B, C)}
        return {name: str(amount) for name, amount in found.items() if amount}


@pytest.fixture
def story(world: World) -> Story:
    return Story(world)


STEPS: list[tuple[str, dict[str, str]]] = [
    ("tins_are_packed", {}),
    ("first_union_orders_and_pays", {"监管账户": "7140.00", "待结算一": "7140.00"}),
    (
        "first_union_accepts_28",
        {
            "监管账户": "7140.00",
            "批次份额": "3998.40",
            "合作社": "2265.76",
            "承运": "399.84",
            "退款一": "476.00",
        },
    ),
    (
        "settle",
        {
            "监管账户": "7140.00",
            "合作社": "5509.60",
            "承运": "399.84",
            "退款一": "476.00",
            C: "754.56",
        },
    ),
    (
        "second_union_accepts_12",
        {
            "监管账户": "7140.00",
            "批次份额": "1713.60",
            "合作社": "6480.64",
            "承运": "571.20",
            "退款一": "476.00",
            "应收二": "2856.00",
            C: "754.56",
        },
    ),
    (
        "second_union_pays",
        {
            "监管账户": "9996.00",
            "批次份额": "1713.60",
            "合作社": "6480.64",
            "承运": "571.20",
            "退款一": "476.00",
            C: "754.56",
        },
    ),
    (
        "settle",
        {
            "监管账户": "9996.00",
            "合作社": "7406.80",
            "承运": "571.20",
            "退款一": "476.00",
            A: "267.08",
            B: "196.97",
            C: "1077.95",
        },
    ),
    (
        "payout_with_c_refused",
        {
            "监管账户": "9531.95",
            "合作社": "7406.80",
            "承运": "571.20",
            "退款一": "476.00",
            C: "1077.95",
        },
    ),
    (
        "c_is_corrected_and_paid",
        {"监管账户": "8454.00", "合作社": "7406.80", "承运": "571.20", "退款一": "476.00"},
    ),
    (
        "second_union_returns_3",
        {
            "监管账户": "8454.00",
            "批次份额": "-428.40",
            "合作社": "7121.20",
            "承运": "571.20",
            "退款一": "476.00",
            "退款二": "714.00",
        },
    ),
    (
        "settle",
        {
            "监管账户": "8454.00",
            "合作社": "7121.20",
            "应收合作社": "428.40",
            "承运": "571.20",
            "退款一": "476.00",
            "退款二": "714.00",
        },
    ),
]


def test_every_balance_after_every_step_is_the_documents(story):
    for step, expected in STEPS:
        getattr(story, step)()

        assert story.balances() == expected, step
        assert story.world.findings() == [], step


def test_settling_again_posts_nothing(story):
    for step, _expected in STEPS:
        getattr(story, step)()

    with pytest.raises(NothingToSettle):
        draft_run(cooperative_id=None, actor=story.world.operator, now=story.world.now)


def test_another_lawful_order_ends_in_the_same_shares_pool_and_set_off(story, world):
    for step, _expected in STEPS:
        getattr(story, step)()
    by_the_book = settled(story.lot)

    other = Story(world)
    other.tins_are_packed()
    other.first_union_orders_and_pays()
    other.first_union_accepts_28()
    other.second_union_accepts_12()
    other.second_union_returns_3()
    other.world.paid(other.second, "2142.00")
    other.settle()

    assert settled(other.lot) == by_the_book
    assert by_the_book[A] == ("2467.05", "2400.00")
    assert world.balance(K.LOT_POOL, other.lot) == world.balance(K.LOT_POOL, story.lot) == ZERO
    assert world.findings() == []
