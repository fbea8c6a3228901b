"""Prices: compositions that sum to the fen, ladders that never make more dearer."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from products.catalogue.rules import (
    Composition,
    NextStep,
    at_price,
    ladder_fits,
    next_step,
    per_100_grams,
    tax_inside,
    unit_price,
)
from products.catalogue.states import TaxClass
from shop.core.money import ZERO, Money, total, yuan

LADDER = ((10, yuan("68.00")), (50, yuan("65.00")), (200, yuan("62.00")))


@st.composite
def compositions(draw: st.DrawFn, tax_class: TaxClass) -> Composition:
    """Any lawful composition: its tax fits the class, the rest is split at will."""
    price = Money(draw(st.integers(1, 10_000_000)))
    tax = tax_inside(price, tax_class)
    left = price.fen - tax.fen
    cuts = sorted(draw(st.lists(st.integers(0, left), min_size=5, max_size=5)))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, left], strict=True)]
    return Composition(price, *(Money(part) for part in parts), tax)


@pytest.mark.parametrize("tax_class", list(TaxClass))
@given(data=st.data())
def test_a_composition_at_any_lower_price_still_sums_to_the_fen(tax_class, data):
    base = data.draw(compositions(tax_class))
    price = Money(data.draw(st.integers(1, base.price.fen)))

    lower = at_price(base, price, tax_class)

    assert total(lower.parts) == price
    assert lower.tax == tax_inside(price, tax_class)
    for name in ("households", "processing", "packing", "freight", "platform"):
        assert getattr(lower, name).fen == getattr(base, name).fen * price.fen // base.price.fen


def test_at_the_base_price_nothing_changes():
    tin = Composition(
        *(yuan(t) for t in ("238", "142.80", "47.60", "16.66", "14.28", "16.66", "0", "0"))
    )
    assert at_price(tin, tin.price, TaxClass.EXEMPT) is tin


def test_the_cooperative_takes_what_rounding_leaves():
    tin = Composition(
        *(yuan(t) for t in ("238", "142.80", "47.60", "16.66", "14.28", "16.66", "0", "0"))
    )
    lower = at_price(tin, yuan("199.99"), TaxClass.EXEMPT)
    assert [str(part) for part in lower.parts] == [
        "119.99", "39.99", "13.99", "11.99", "14.03", "0.00", "0.00",
    ]  # fmt: skip


def test_tax_lies_inside_the_price_and_is_rounded_half_up():
    assert tax_inside(yuan("113.00"), TaxClass.THIRTEEN) == yuan("13.00")
    assert tax_inside(yuan("109.00"), TaxClass.NINE) == yuan("9.00")
    assert tax_inside(yuan("0.01"), TaxClass.THIRTEEN) == ZERO
    assert tax_inside(yuan("238.00"), TaxClass.EXEMPT) == ZERO


def test_parts_that_do_not_sum_are_refused():
    with pytest.raises(ValueError, match="sum"):
        Composition(yuan("10"), yuan("9"), ZERO, ZERO, ZERO, ZERO, ZERO, ZERO)
    with pytest.raises(ValueError, match="below"):
        Composition(yuan("10"), yuan("11"), yuan("-1"), ZERO, ZERO, ZERO, ZERO, ZERO)


def test_a_dearer_price_is_no_ladder_price():
    base = Composition(yuan("10"), yuan("10"), ZERO, ZERO, ZERO, ZERO, ZERO, ZERO)
    with pytest.raises(ValueError, match="ladder"):
        at_price(base, yuan("10.01"), TaxClass.EXEMPT)


@pytest.mark.parametrize(
    ("units", "price"),
    [(1, "70"), (9, "70"), (10, "68"), (49, "68"), (50, "65"), (199, "65"), (5000, "62")],
)
def test_the_ladder_gives_the_price_of_its_rung(units, price):
    assert unit_price(yuan("70"), LADDER, units) == yuan(price)


def test_an_old_ladder_never_makes_more_units_dearer():
    assert unit_price(yuan("66"), LADDER, 20) == yuan("66")
    assert next_step(yuan("66"), LADDER, 20) == NextStep(30, yuan("1"))


def test_the_next_rung_says_how_many_more_and_what_each_saves():
    assert next_step(yuan("70"), LADDER, 7) == NextStep(3, yuan("2.00"))
    assert next_step(yuan("70"), LADDER, 200) is None


@given(
    st.integers(1, 10**6),
    st.lists(st.tuples(st.integers(2, 999), st.integers(1, 10**6)), max_size=5),
    st.integers(1, 1000),
)
def test_buying_more_never_costs_more_apiece(base, steps, units):
    ladder = [(from_units, Money(fen)) for from_units, fen in steps]
    here = unit_price(Money(base), ladder, units)
    assert unit_price(Money(base), ladder, units + 1) <= here
    step = next_step(Money(base), ladder, units)
    assume(step is not None)
    assert unit_price(Money(base), ladder, units + step.more_units) == here - step.saves


def test_a_ladder_climbs_in_units_and_falls_in_price():
    assert ladder_fits(yuan("70"), LADDER)
    assert ladder_fits(yuan("70"), ())
    assert not ladder_fits(yuan("68"), LADDER)
    assert not ladder_fits(yuan("70"), tuple(reversed(LADDER)))
    assert not ladder_fits(yuan("70"), ((1, yuan("60")),))
    assert not ladder_fits(yuan("70"), ((10, yuan("60")), (20, yuan("60"))))


def test_prices_compare_per_100_grams():
    assert per_100_grams(yuan("238"), 250) == yuan("95.20")
    assert per_100_grams(yuan("45"), 2500) == yuan("1.80")
