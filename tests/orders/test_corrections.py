"""The worked tables of docs/money.md, “When shares are corrected” and “Losses and by-products”."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from orders.payouts.states import PayoutKind
from orders.settlements.commands import NothingToSettle
from orders.settlements.models import SettlementItem
from products.households.models import Household
from products.lots.correcting import correct_shares
from products.lots.rules import Share, withdrawn
from products.lots.states import LeafPayment
from shop.core import db
from shop.core.money import Money, yuan
from tests.test_documents import money, rows
from tests.world import World

NAMES = {"张桂兰": "Zhang", "李长根": "Li", "黄水生": "Huang"}


def in_words(fen: int) -> str:
    return f"{'−' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


@pytest.fixture
def sold(world: World) -> str:
    """The tins of the worked example, ten of them sold, settled and paid out; Huang's delivery."""
    leaf = [
        (world.delivery("张桂兰", 20, "120"), 20_000),
        (world.delivery("李长根", 15, "118"), 15_000),
        (world.delivery("黄水生", 10, "97", paid=False), 10_000),
    ]
    world.packed([(world.rough(leaf, 10), 10_000)], 40)
    purchase = world.approved(10)
    world.paid(purchase)
    world.accepted(purchase)
    world.settle()
    world.bank_answers(world.pay_out(PayoutKind.HOUSEHOLD))
    return leaf[2][0]


def items() -> dict[str, list[SettlementItem]]:
    with db.database().reading() as tx:
        found: dict[str, list[SettlementItem]] = {}
        for name, item in tx.execute(
            select(Household.name, SettlementItem)
            .join(SettlementItem, SettlementItem.household_id == Household.id)
            .order_by(SettlementItem.id)
        ):
            found.setdefault(name, []).append(item)
        return found


def corrected(world: World, delivery: str, grams: int) -> None:
    correct_shares(
        lot_id=delivery,
        household_id=world.household("黄水生"),
        grams=grams,
        fen_per_kg=9_700,
        payment=LeafPayment.CONSIGNMENT,
        reason="秤没有去皮",
        actor=world.manager,
        now=world.now,
    )


def test_the_table_of_a_correction_is_what_is_posted(world, sold):
    corrected(world, sold, 8_000)
    world.settle()

    weights = {"张桂兰": (240_000,) * 2, "李长根": (177_000,) * 2, "黄水生": (97_000, 77_600)}
    played = []
    for name, short in NAMES.items():
        before, after = items()[name]
        was, now = weights[name]
        played.append(
            [
                short,
                f"{in_words(was)} → {in_words(now)}" if was != now else in_words(was),
                f"{in_words(before.share.fen)} → {in_words(after.share.fen)}",
                in_words(after.change.fen),
                in_words(after.set_off.fen),
                in_words(after.second_payment.fen),
                in_words(after.covered.fen),
            ]
        )
    assert rows(money(), "When shares are corrected") == played
    assert sum(item.change.fen for some in items().values() for item in some[1:]) == 0
    with pytest.raises(NothingToSettle):
        world.settle()
    assert world.findings() == []


def test_what_was_covered_is_recovered_when_the_correction_is_put_right(world, sold):
    corrected(world, sold, 8_000)
    world.settle()
    corrected(world, sold, 10_000)
    world.settle()

    _first, fell, rose = items()["黄水生"]
    assert (fell.covered, rose.recovered) == (-fell.change, rose.change)
    assert world.payable("黄水生") == yuan("0.00")
    assert world.findings() == []


def test_the_table_of_losses_and_by_products_is_what_the_ladder_gives():
    share = [Share(1, 45_000_000, Money(514_001), Money(0))]
    before, played = 0, []
    for what, grams in (("lost", 300), ("stems", 200), ("packed", 9_500)):
        (part,) = withdrawn(share, before, grams, 10_000)
        played.append([what, f"{grams:,} g", f"{part.milligrams:,} mg", in_words(part.value.fen)])
        before += grams
    played.append(["**together**", "**10,000 g**", "**45,000,000 mg**", "**5,140.01**"])

    assert rows(money(), "Losses and by-products") == played
