"""The formula in SQL gives what the rule says of one lot, to the fen and in every tie."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import BigInteger, literal, select

from orders.settlements import kernel
from orders.settlements.figures import growers
from orders.settlements.rules import high_from, shares
from products.lots.models import Lot
from shop.core.money import ZERO, Money
from tests.world import World

#: Kilograms of three households: equal ones for ties, primes for remainders, one against many.
LEAVES = ((7, 7, 7), (13, 11, 3), (1, 1, 94))


@pytest.fixture
def lots(world: World) -> list[int]:
    """The keys of packed lots with those leaves behind them."""
    names = ("张桂兰", "李长根", "黄水生")
    tins = [world.tins(4, leaf=dict(zip(names, kg, strict=True))) for kg in LEAVES]
    return world._all(select(Lot.id).where(Lot.public_id.in_(tins)).order_by(Lot.id))


def basis(lot: int, revenue: int):
    return select(
        literal(lot, BigInteger).label("lot_id"),
        literal(1, BigInteger).label("version"),
        literal(revenue, BigInteger).label("revenue"),
    ).cte("basis")


def test_shares_in_sql_are_those_of_the_rule(lots, database):
    rng = random.Random(832)
    with database.reading() as tx:
        behind = growers(tx, lots)
        for lot in lots:
            whole = sum(grower.weight for grower in behind[lot])
            few = range(7)
            many = [rng.randrange(10 ** rng.randint(2, 9)) for _ in range(12)]
            for revenue in (*few, whole - 1, whole, whole + 1, *many, 10**13):
                rows = tx.execute(kernel.lines(basis(lot, revenue))).all()

                said = {row.household_id: (row.share, row.set_off, row.second) for row in rows}
                ruled = zip(behind[lot], shares(Money(revenue), behind[lot]), strict=True)
                assert said == {
                    grower.household_id: (
                        share.fen,
                        min(share, grower.paid).fen,
                        (share - min(share, grower.paid)).fen,
                    )
                    for grower, share in ruled
                }


def test_a_lot_that_earned_nothing_changes_nothing(lots, database):
    with database.reading() as tx:
        rows = kernel.lines(basis(lots[0], 0)).subquery()

        assert tx.execute(select(rows).where(kernel.changed(rows))).all() == []


@pytest.mark.parametrize(
    ("median", "from_"), [(0, 2**63 - 1), (2, 5_000), (1_666, 5_000), (20_000, 60_001)]
)
def test_only_a_sum_worth_looking_at_stands_out(median, from_):
    assert high_from(Money(median)) == Money(from_)
    assert high_from(ZERO) > Money(10**15)
