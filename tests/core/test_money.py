"""Money is whole fen: read, shared and carried without losing or making any."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.core.money import ZERO, Money, half_up, ladder, largest_remainder, total, yuan

REVENUES = st.integers(0, 10**13).map(Money)
WEIGHTS = st.lists(st.integers(0, 10**9), min_size=1, max_size=40).filter(any)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("238", 23800),
        ("238.0", 23800),
        ("238.00", 23800),
        ("0.5", 50),
        ("0.05", 5),
        ("1,409.50", 140950),
        ("1，409.50", 140950),
        ("¥238.00", 23800),
        ("￥ 238.00", 23800),
        (" 238.00 ", 23800),
        ("-5.00", -500),
        ("-0.01", -1),
        ("9999999999999", 999999999999900),
    ],
)
def test_an_amount_is_read_as_people_and_banks_write_it(text, fen):
    assert yuan(text) == Money(fen)


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", ".5", "5.", "1.234", "1e5", "1.5e3", "NaN", "inf", "--5", "5-", "元", "1 2.5x",
     "0x10", "99999999999999", "1.2.3", "+5"],
)  # fmt: skip
def test_what_is_not_an_amount_in_whole_fen_is_refused(text):
    with pytest.raises(ValueError, match="not an amount"):
        yuan(text)


@given(st.integers(-(10**15) + 1, 10**15 - 1).map(Money))
def test_what_is_written_is_read_again(amount):
    assert yuan(str(amount)) == amount


@pytest.mark.parametrize("fen", [1.0, 0.5, "5", True, None])
def test_money_is_whole_fen_and_nothing_else(fen):
    with pytest.raises(TypeError):
        Money(fen)


@pytest.mark.parametrize("times", [0.5, 2.0, True, "2"])
def test_money_multiplies_by_whole_numbers_only(times):
    with pytest.raises(TypeError):
        Money(100) * times


def test_money_does_not_divide():
    for divide in (lambda: Money(100) / 2, lambda: Money(100) // 2, lambda: Money(100) % 2):
        with pytest.raises(TypeError):
            divide()


def test_money_adds_subtracts_compares_and_multiplies():
    assert Money(1) + Money(2) - Money(4) == -Money(1) < ZERO
    assert 3 * Money(7) == Money(7) * 3 == Money(21)
    assert total([]) == ZERO
    assert total([Money(1), Money(2)]) == Money(3)
    assert not ZERO
    assert Money(-1)


@given(REVENUES, WEIGHTS)
def test_shares_lose_no_fen_and_are_fair_to_within_one(revenue, weights):
    shares = largest_remainder(revenue, weights)

    assert sum(share.fen for share in shares) == revenue.fen
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share.fen * sum(weights) - revenue.fen * weight) < sum(weights)


@given(REVENUES, WEIGHTS)
def test_who_weighs_nothing_gets_nothing_and_who_weighs_more_gets_no_less(revenue, weights):
    shares = largest_remainder(revenue, weights)

    for share, weight in zip(shares, weights, strict=True):
        assert weight or not share
        for other, heavier in zip(shares, weights, strict=True):
            if heavier > weight:
                assert other >= share


@given(st.lists(REVENUES, max_size=12), WEIGHTS)
def test_posting_differences_of_the_cumulative_never_drifts(sales, weights):
    """However many settlements there are, each household stands within a fen of its exact share."""
    posted, revenue = [ZERO for _ in weights], ZERO
    for sale in sales:
        revenue += sale
        due = largest_remainder(revenue, weights)
        posted = [had + (now - had) for had, now in zip(posted, due, strict=True)]

    assert total(posted) == revenue
    for share, weight in zip(posted, weights, strict=True):
        assert abs(share.fen * sum(weights) - revenue.fen * weight) < sum(weights)


def test_the_fen_left_over_go_to_the_largest_remainders_and_ties_to_the_first():
    assert largest_remainder(Money(100), [1, 1, 1]) == [Money(34), Money(33), Money(33)]
    assert largest_remainder(Money(10), [3, 3, 1]) == [Money(4), Money(4), Money(2)]
    assert largest_remainder(yuan("100.00"), [200, 100]) == [yuan("66.67"), yuan("33.33")]


def test_nothing_is_shared_by_nobody():
    assert largest_remainder(ZERO, [0, 0]) == [ZERO, ZERO]
    assert largest_remainder(ZERO, []) == []
    with pytest.raises(ValueError, match="nobody"):
        largest_remainder(Money(1), [0, 0])
    with pytest.raises(ValueError, match="from zero up"):
        largest_remainder(Money(-1), [1])
    with pytest.raises(ValueError, match="from zero up"):
        largest_remainder(Money(1), [2, -1])


@given(
    st.integers(0, 10**12),
    st.lists(st.integers(1, 10**6), min_size=1, max_size=20),
)
def test_withdrawals_of_a_used_up_lot_sum_to_it_exactly(whole, masses):
    taken, before = [], 0
    for mass in masses:
        taken.append(ladder(whole, before, before + mass, sum(masses)))
        before += mass

    assert sum(taken) == whole
    for part, mass in zip(taken, masses, strict=True):
        assert part >= 0
        assert abs(part * sum(masses) - whole * mass) < sum(masses)


@given(st.integers(0, 10**12), st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 1000))
def test_one_withdrawal_equals_two_that_make_it_up(whole, first, second, rest):
    mass = first + second + rest

    assert ladder(whole, 0, first + second, mass) == ladder(whole, 0, first, mass) + ladder(
        whole, first, first + second, mass
    )


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [(0, 1000, 0), (499, 1000, 0), (500, 1000, 1), (501, 1000, 1), (1499, 1000, 1), (3, 2, 2)],
)
def test_halves_are_rounded_up(numerator, denominator, rounded):
    assert half_up(numerator, denominator) == rounded
