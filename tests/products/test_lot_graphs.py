"""However lots are made, divided, lost, packed, frozen and corrected: nothing is lost or made up.

`LOT_GRAPHS` in the environment is how many graphs are tried; each has a database of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from orders.ledger.states import AccountKind
from orders.payouts.commands import NothingToPay
from orders.payouts.states import PayoutKind
from orders.purchasing.commands import Refusal
from orders.settlements.commands import NothingToSettle
from orders.settlements.figures import growers, revenues
from orders.settlements.rules import shares as shared
from orders.shipments.returning import return_goods
from products.lots.correcting import NothingChanges
from products.lots.models import LotShare
from products.lots.states import LeafPayment
from products.lots.stock import SoldOut
from shop.core import db, vault
from shop.core.money import ZERO
from tests import databases
from tests.conftest import open_database
from tests.products.gate import Gate, at_the_gate
from tests.products.lot_graphs import ACTS, Act, Workshop, counted, must_hold
from tests.world import KEYS, World

GRAPHS = int(os.environ.get("LOT_GRAPHS", "16"))
NUMBERS = st.integers(0, 10**6)
MANY = settings(
    max_examples=GRAPHS, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip
FEW = settings(parent=MANY, max_examples=max(3, GRAPHS // 4))


@contextmanager
def a_gate(template: str) -> Iterator[tuple[Gate, World]]:
    """The cast at a gate of its own."""
    with databases.copied(template) as url:
        opened = open_database(url)
        vault.configure(KEYS)
        try:
            world = World()
            yield at_the_gate(world), world
        finally:
            opened.close()


@MANY
@given(acts=st.lists(st.builds(Act, st.sampled_from(ACTS), NUMBERS, NUMBERS, NUMBERS),
                     min_size=14, max_size=30))  # fmt: skip
def test_mass_and_value_are_conserved_after_every_step(template_database, acts):
    with a_gate(template_database) as (gate, world):
        shop = Workshop(gate, world.household("黄水生"))
        for first in range(3):
            shop.try_(Act("deliver", first, 97 * first + 1, 40_000 + 3_333 * first))
        for act in acts:
            shop.try_(act)
            must_hold(counted())
        assert world.findings() == []


def test_the_counting_sees_a_milligram_that_is_missing(world):
    gate = at_the_gate(world)
    rough = gate.rough([(gate.leaf(gate.zhang, "10"), 10_000)], 3_000)
    gate.parts(rough, 1_000, 2_000)
    must_hold(counted())

    lots = counted()
    spoilt = max(lots)
    household, (milligrams, value, paid) = next(iter(lots[spoilt].shares.items()))
    lots[spoilt].shares[household] = (milligrams - 1, value, paid)

    with pytest.raises(AssertionError):
        must_hold(lots)


# --- and the money follows ----------------------------------------------------------------------

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(("sell", "sell", "correct", "correct", "settle", "pay", "return")),
        NUMBERS,
        NUMBERS,
    ),
    min_size=4,
    max_size=9,
)


@FEW
@given(events=EVENTS)
def test_money_follows_the_corrected_shares(template_database, events):
    with a_gate(template_database) as (gate, world):
        shop = Till(gate, world)
        for name, first, second in [("sell", 1, 7), *events, ("correct", 5, 9), ("settle", 0, 0)]:
            getattr(shop, name)(first, second)
            assert world.findings() == []
        shop.settled_as_if_afresh()
        with pytest.raises(NothingToSettle):
            world.settle()


class Till:
    """Two packed lots of three households, sold, returned, settled, paid out and corrected."""

    def __init__(self, gate: Gate, world: World) -> None:
        self.gate, self.world = gate, world
        self.leaf = [
            world.delivery("张桂兰", 12, "101.37"),
            world.delivery("李长根", 9, "88.03", paid=False),
            world.delivery("黄水生", 7, "97.77"),
        ]
        rough = world.rough([(lot, grams) for lot, grams in zip(
            self.leaf, (12_000, 9_000, 6_000), strict=True)], 6)  # fmt: skip
        world.packed([(rough, 2_500)], 10)
        world.packed([(rough, 3_250)], 13)
        self.accepted: list[str] = []

    def sell(self, units: int, _more: int) -> None:
        """A union buys, pays and accepts some tins."""
        try:
            purchase = self.world.approved(1 + units % 7)
        except SoldOut:
            return
        self.world.paid(purchase)
        self.accepted.append(self.world.accepted(purchase))

    def correct(self, which: int, much: int) -> None:
        """A delivery was something else, perhaps another household's, perhaps unpaid."""
        names = ("张桂兰", "李长根", "黄水生")
        try:
            self.gate.correct(
                self.leaf[which % 3],
                3_000 + much % 20_000,
                f"{30 + much % 90}.{which % 100:02d}",
                household_id=self.world.household(names[much % 3]),
                payment=LeafPayment.PAID if which % 2 else LeafPayment.CONSIGNMENT,
            )
        except NothingChanges:
            return

    def settle(self, _a: int, _b: int) -> None:
        """A run over everything."""
        try:
            self.world.settle()
        except NothingToSettle:
            return

    def pay(self, _a: int, _b: int) -> None:
        """Households are paid, so that a later fall may have to be covered."""
        try:
            batch = self.world.pay_out(PayoutKind.HOUSEHOLD)
        except NothingToPay:
            return
        self.world.bank_answers(batch)

    def settled_as_if_afresh(self) -> None:
        """Posted is what one settlement with the corrected weights gives; nobody is below zero."""
        with db.database().reading() as tx:
            earned = revenues(tx)
            behind = growers(tx, list(earned))
            versions = tx.execute(select(LotShare.version)).scalars().all()
        assert max(versions) > 1
        for lot, growing in behind.items():
            assert [g.posted for g in growing] == shared(earned[lot], growing)
            assert [g.set_off for g in growing] == [min(g.posted, g.paid) for g in growing]
            assert sum(g.posted.fen for g in growing) == earned[lot].fen
            assert self.world.balance(AccountKind.LOT_POOL, lot) == ZERO
        for name in ("张桂兰", "李长根", "黄水生"):
            assert self.world.payable(name) >= ZERO

    def __getattr__(self, name: str):  # type: ignore[no-untyped-def]
        assert name == "return"
        return self._return

    def _return(self, which: int, units: int) -> None:
        """Some accepted tins come back."""
        if not self.accepted:
            return
        acceptance = self.accepted[which % len(self.accepted)]
        line = self.world.accepted_lines(acceptance)[0]
        try:
            return_goods(
                acceptance_id=acceptance,
                lines=((line, 1 + units % 3),),
                reason="罐口变形",
                actor=self.world.clerk,
                now=self.world.now,
            )
        except Refusal:
            return
