"""Amounts in capitals: the examples of the rule, and an independent writer as oracle."""

from __future__ import annotations

import re

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.core.capitals import in_capitals
from shop.core.money import ZERO, Money, yuan

#: From 《支付结算办法》附一, and its neighbours.
GOLDEN = {
    "1409.50": "壹仟肆佰零玖元伍角",
    "6007.14": "陆仟零柒元壹角肆分",
    "325.04": "叁佰贰拾伍元零肆分",
    "16409.02": "壹万陆仟肆佰零玖元零贰分",
    "0": "零元整",
    "0.05": "伍分",
    "0.50": "伍角",
    "0.55": "伍角伍分",
    "10": "壹拾元整",
    "238": "贰佰叁拾捌元整",
    "10000": "壹万元整",
    "10010": "壹万零壹拾元整",
    "1000000": "壹佰万元整",
    "100000001.05": "壹亿零壹元零伍分",
    "1000010000": "壹拾亿零壹万元整",
}


@pytest.mark.parametrize(("amount", "words"), GOLDEN.items())
def test_the_examples_of_the_rule(amount, words):
    assert in_capitals(yuan(amount)) == words


def test_where_the_rule_allows_two_forms_one_of_them_is_written():
    assert in_capitals(yuan("107000.53")) in {
        "壹拾万柒仟元零伍角叁分",
        "壹拾万零柒仟元伍角叁分",
    }


@given(st.integers(1, 10**14 - 1).map(Money))
def test_an_independent_writer_writes_the_same(amount):
    theirs = cn2an.an2cn(str(amount), "rmb")

    assert _without_the_optional_zero(in_capitals(amount)) == _without_the_optional_zero(theirs)


@given(st.integers(1, 10**14 - 1).map(Money))
def test_the_form_is_closed_to_additions(amount):
    words = in_capitals(amount)

    assert words.endswith("分" if amount.fen % 10 else "角" if amount.fen % 100 else "元整")
    assert "零零" not in words
    assert not re.search("零[拾佰仟万亿元角分整]", words)
    assert not words.startswith("零")


def test_no_paper_carries_a_negative_amount():
    with pytest.raises(ValueError, match="negative"):
        in_capitals(ZERO - Money(1))


def _without_the_optional_zero(words: str) -> str:
    """Before 仟 and 角 the rule leaves the 零 of an empty place to the writer."""
    return re.sub("零([壹贰叁肆伍陆柒捌玖][仟角])", r"\1", words)
