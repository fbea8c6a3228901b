"""Shares carried down in SQL are those the rules carry down in Python, to the last unit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import BigInteger, create_engine, literal, select, text, update
from sqlalchemy.exc import DBAPIError

from products.lots.models import Lot
from products.lots.rules import Share, merged, withdrawn
from products.lots.sharing import _ladder, build_shares
from products.lots.states import LeafPayment
from shop.core import db
from shop.core.money import Money, ladder
from tests.products.gate import Gate, at_the_gate

#: Three thousand tonnes in grams; what a household has behind it in milligrams.
MOST_GRAMS = 3_000_000_000
MOST = 3_000_000_000_000

_memory = create_engine("sqlite://")


@pytest.fixture
def gate(world) -> Gate:
    return at_the_gate(world)


def carried(gate: Gate, *taken: tuple[str, int, int]) -> dict[str, tuple[int, int, int]]:
    """What the rules carry down from lots: parent, grams taken, grams taken before."""
    parts = []
    for parent, grams, before in taken:
        shares = [
            Share(number, milligrams, Money(value), Money(paid))
            for number, (milligrams, value, paid) in (
                (HOUSEHOLDS.setdefault(key, len(HOUSEHOLDS)), figures)
                for key, figures in gate.shares(parent).items()
            )
        ]
        parts.extend(withdrawn(shares, before, grams, gate.lot(parent).grams))
    names = {number: key for key, number in HOUSEHOLDS.items()}
    return {
        names[share.household_id]: (share.milligrams, share.value.fen, share.paid.fen)
        for share in merged(parts)
    }


HOUSEHOLDS: dict[str, int] = {}


def test_the_commands_write_what_the_rules_carry_down(gate):
    leaf = [
        gate.leaf(gate.zhang, "20.5", "120"),
        gate.leaf(gate.li, "15.333", "118.37"),
        gate.leaf(gate.li, "10", "97", payment=LeafPayment.CONSIGNMENT),
    ]
    first = gate.rough([(leaf[0], 20_500), (leaf[1], 7_001)], 6_203)
    second = gate.rough([(leaf[1], 8_332), (leaf[2], 9_999)], 3_907)
    blend = gate.blend([(first, 4_001), (second, 3_000)], 6_899)
    packed = [gate.pack([(blend, 250 * units)], units) for units in (3, 11, 5)]

    assert gate.shares(first) == carried(gate, (leaf[0], 20_500, 0), (leaf[1], 7_001, 0))
    assert gate.shares(second) == carried(gate, (leaf[1], 8_332, 7_001), (leaf[2], 9_999, 0))
    assert gate.shares(blend) == carried(gate, (first, 4_001, 0), (second, 3_000, 0))
    for lot, grams, before in zip(packed, (750, 2_750, 1_250), (0, 750, 3_500), strict=True):
        assert gate.shares(lot) == carried(gate, (blend, grams, before))


def test_shares_of_a_later_version_are_built_from_those_that_stand(gate):
    leaf = gate.leaf(gate.zhang, "10", "100")
    rough = gate.rough([(leaf, 9_000)], 2_000)
    before = gate.shares(rough)

    with db.database().writing() as tx:
        key = tx.execute(select(Lot.id).where(Lot.public_id == rough)).scalar_one()
        tx.execute(update(Lot).where(Lot.id == key).values(share_version=2))
        build_shares(tx, [key])

    assert gate.lot(rough).share_version == 2
    assert gate.shares(rough) == before


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_the_ladder_in_sql_is_the_ladder_and_never_overflows(data):
    whole = data.draw(st.integers(1, MOST_GRAMS))
    before = data.draw(st.integers(0, whole))
    taken = data.draw(st.integers(0, whole - before))
    figure = data.draw(st.integers(0, MOST))

    def number(value: int):
        return literal(value, BigInteger)

    with _memory.connect() as connection:
        found = connection.execute(
            select(_ladder(number(figure), number(before), number(taken), number(whole)))
        ).scalar_one()

    assert found == ladder(figure, before, before + taken, whole)
    assert type(found) is int


@pytest.mark.parametrize("column", ["lot_id", "household_id"])
def test_the_database_refuses_a_share_of_nobody_or_of_nothing(gate, column):
    leaf = gate.leaf(gate.zhang, "1")
    row = {
        "lot_id": gate.lot(leaf).id,
        "version": 7,
        "household_id": 1,
        "milligrams": 1,
        "value_fen": 1,
        "paid_fen": 0,
        column: 999_999,
    }
    statement = text(
        f"INSERT INTO lot_share ({', '.join(row)}) VALUES ({', '.join(':' + key for key in row)})"
    )

    with (
        db.database().reading() as tx,
        pytest.raises(DBAPIError, match="lot_share without its owner"),
    ):
        tx.execute(statement, row)
