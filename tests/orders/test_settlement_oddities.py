"""What in a settlement run a person should look at first."""

from __future__ import annotations

import pytest

from orders.settlements.queries import LARGE_FROM, _odd
from orders.settlements.rules import Change
from shop.core.money import ZERO, Money


def change(fen: int) -> Change:
    amount = Money(fen)
    return Change(
        household_id=1,
        public_id="hh_1",
        share=amount,
        change=amount,
        set_off=ZERO,
        second_payment=amount,
        recovered=ZERO,
        covered=ZERO,
    )


@pytest.mark.parametrize(
    ("fen", "median", "odd"),
    [
        (LARGE_FROM.fen - 1, 2, []),
        (LARGE_FROM.fen, 2, ["high"]),
        (60_000, 20_000, []),
        (60_001, 20_000, ["high"]),
    ],
)
def test_only_a_sum_worth_looking_at_is_high(fen, median, odd):
    assert _odd(change(fen), True, median) == odd


def test_a_fall_and_a_missing_card_are_named_however_small():
    assert _odd(change(-1), True, 20) == ["falls"]
    assert _odd(change(1), False, 20) == ["no_card"]
