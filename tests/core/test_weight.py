"""Weight: kilograms on the scale, whole grams in the books."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.core.weight import grams_from_kg, kg_text


@pytest.mark.parametrize(
    ("text", "grams"),
    [("20", 20_000), ("0.5", 500), ("20.05", 20_050), (" 1,234.5 ", 1_234_500), ("0.001", 1)],
)
def test_kilograms_are_read_as_whole_grams(text, grams):
    assert grams_from_kg(text) == grams


@pytest.mark.parametrize("text", ["", "-1", "1.2345", "1e3", ".5", "5.", "20kg", "NaN", "12345678"])
def test_what_is_not_a_weight_in_whole_grams_is_refused(text):
    with pytest.raises(ValueError, match="not a weight"):
        grams_from_kg(text)


@given(st.integers(0, 10**9))
def test_what_is_written_is_read_again(grams):
    assert grams_from_kg(kg_text(grams)) == grams


def test_needless_zeros_are_left_out():
    assert [kg_text(grams) for grams in (0, 500, 20_500, 1_234_000, -250)] == [
        "0",
        "0.5",
        "20.5",
        "1,234",
        "-0.25",
    ]
