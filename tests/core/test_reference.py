"""Reference codes: every slip of one character and every swap of neighbours is noticed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shop.core.reference import ALPHABET, find_references, new_reference, read_reference

CODES = st.builds(lambda _seed: new_reference(), st.integers())


def test_a_fresh_code_is_read_as_itself():
    for _ in range(200):
        code = new_reference()

        assert len(code) == 9
        assert read_reference(code) == code


@pytest.mark.parametrize("_try", range(5))
def test_every_other_character_in_every_place_is_refused(_try):
    code = new_reference()

    accepted = [
        other
        for place in range(9)
        for letter in ALPHABET
        if (other := code[:place] + letter + code[place + 1 :]) != code and read_reference(other)
    ]

    assert accepted == []


@pytest.mark.parametrize("_try", range(100))
def test_every_swap_of_neighbours_is_refused(_try):
    code = new_reference()

    accepted = [
        other
        for place in range(8)
        if (other := code[:place] + code[place + 1] + code[place] + code[place + 2 :]) != code
        and read_reference(other)
    ]

    assert accepted == []


@given(st.text(max_size=12))
def test_any_text_is_answered_by_a_code_or_by_none(text):
    code = read_reference(text)

    assert code is None or read_reference(code) == code


def test_how_people_write_it_does_not_matter():
    code = new_reference()
    spaced = f" {code[:3].lower()}-{code[3:6]} {code[6:]}\t"

    assert read_reference(spaced) == code
    assert read_reference(code.replace("0", "O").replace("1", "l")) == code


def test_a_character_missing_or_too_many_is_refused():
    code = new_reference()

    assert read_reference(code[:-1]) is None
    assert read_reference(code + "0") is None
    assert read_reference("") is None


def test_a_code_is_found_inside_what_a_bank_passes_on():
    first, second = new_reference(), new_reference()

    assert first in find_references(f"端午慰问 货款 {first[:4]} {first[4:].lower()} 谢谢")
    assert {first, second} <= set(find_references(f"{first}，{second}"))
    assert find_references("没有识别码 2026 年 6 月") == []


@given(CODES, st.text(alphabet="货款慰问付 ", max_size=6))
def test_a_code_among_chinese_words_is_the_only_one_found(code, words):
    assert find_references(words + code + words) == [code]
