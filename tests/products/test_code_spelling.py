"""The form of a code: every slip of one character or of two neighbours is found."""

from __future__ import annotations

import random

import pytest

from products.traceability import digital_link
from products.traceability.code_proofs import root_over
from products.traceability.digital_link import Link
from products.traceability.rules import is_odd, spelled, what_is_wrong
from products.traceability.spelling import ALPHABET, Speller, plain_of
from tests.world import NOW

OURS, THEIRS = Speller(b"k" * 32), Speller(b"t" * 32)
CHANCE = random.Random(20260420)
CODES = [OURS.code_of(CHANCE.getrandbits(50)) for _ in range(300)]


def test_a_code_is_twelve_characters_without_those_that_look_alike():
    assert len(ALPHABET) == len(set(ALPHABET)) == 32
    assert not set("IO01") & set(ALPHABET)
    assert {len(code) for code in CODES} == {12}
    assert spelled("ABCDEFGHJKLM") == "ABCD-EFGH-JKLM"
    assert spelled("7K2M9X4QD") == "7K2-M9X-4QD"


def test_fifty_bits_are_in_a_code_and_different_bits_give_different_codes():
    bodies = {OURS.code_of(1 << place)[:10] for place in range(50)}

    assert len(bodies) == 50


def test_every_change_of_one_character_is_found():
    missed = [
        (code, place, other)
        for code in CODES
        for place in range(12)
        for other in ALPHABET
        if other != code[place] and OURS.passes(code[:place] + other + code[place + 1 :])
    ]

    assert missed == []


def test_every_swap_of_two_different_neighbours_is_found():
    missed = [
        (code, place)
        for code in CODES
        for place in range(11)
        if code[place] != code[place + 1]
        and OURS.passes(code[:place] + code[place + 1] + code[place] + code[place + 2 :])
    ]

    assert missed == []


def test_without_the_key_one_guess_in_a_thousand_passes():
    guesses = 200_000
    passed = sum(OURS.passes("".join(CHANCE.choices(ALPHABET, k=12))) for _ in range(guesses))

    assert 120 < passed < 290  # 195 expected


def test_codes_of_another_key_are_not_ours():
    passed = sum(OURS.passes(THEIRS.code_of(CHANCE.getrandbits(50))) for _ in range(2000))

    assert passed < 10


def test_case_spaces_hyphens_and_full_width_letters_do_not_matter():
    code = CODES[0]
    wide = "".join(chr(ord(one) + 0xFEE0) for one in code)

    for typed in (code.lower(), f" {spelled(code)} ", spelled(code).replace("-", "–"), wide):
        assert OURS.read(typed) == code


def test_a_character_no_code_has_is_read_as_the_one_it_must_have_been():
    code = next(one for one in CODES if "D" in one)

    assert OURS.read(code.replace("D", "0", 1)) == code
    assert OURS.read(code.replace("D", "O", 1)) == code


def test_more_than_two_such_characters_are_not_guessed_at():
    body = "DDD" + CODES[0][3:10]
    code = OURS.completed(body)

    assert OURS.read("00D" + code[3:]) in (code, None)
    assert OURS.read("000" + code[3:]) is None


@pytest.mark.parametrize("typed", ["", "ABC", "A" * 13, "中" * 12, CODES[0][:11] + "!"])
def test_what_is_no_code_is_not_read(typed):
    assert OURS.read(typed) is None


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("7K2M9X4U$", "数字和大写字母"),
        ("7K2", "%(count)s 位"),
        ("", "%(count)s 位"),
        ("A" * 12, "校验对不上"),
    ],
)
def test_hints_say_what_to_look_at(typed, hint):
    assert hint in what_is_wrong(typed)


def test_typing_is_read_up_to_a_limit():
    assert plain_of("A" * 5000) == "A" * 100


# --- GS1 Digital Link --------------------------------------------------------------------------

GTIN = "09520001000010"


def test_a_link_is_read_as_it_is_written():
    path = digital_link.path_of(GTIN, "FZ-TH-2026-00001", "ABCDEFGHJKLM")

    assert path == f"/01/{GTIN}/10/FZ-TH-2026-00001/21/ABCDEFGHJKLM"
    assert digital_link.read(GTIN, path.split("/", 3)[3]) == Link(
        GTIN, "FZ-TH-2026-00001", "ABCDEFGHJKLM"
    )


@pytest.mark.parametrize(
    ("qualifiers", "link"),
    [
        ("21/X/10/L", Link(GTIN, "L", "X")),
        ("22/V/10/L/21/X", Link(GTIN, "L", "X", "V")),
        ("10/L/21/X/99/else/", Link(GTIN, "L", "X")),
        ("10/A%2FB", Link(GTIN, "A/B")),
        ("", Link(GTIN)),
    ],
)
def test_qualifiers_may_come_in_any_order_with_others_among_them(qualifiers, link):
    assert digital_link.read(GTIN, qualifiers) == link


def test_shorter_gtins_are_filled_up_and_wrong_ones_are_none():
    assert digital_link.read(GTIN[1:], "21/X") == Link(GTIN, serial="X")
    assert digital_link.read(GTIN[:-1] + "5", "21/X") is None
    assert digital_link.read("abc", "21/X") is None
    assert digital_link.read(GTIN, "21") is None
    assert digital_link.read(GTIN, "lot/L") is None


# --- odd scans, Merkle roots --------------------------------------------------------------------


def test_a_code_is_odd_when_confirmed_often_or_over_a_long_time():
    from datetime import timedelta

    assert not is_odd(0, None, None)
    assert not is_odd(5, NOW, NOW)
    assert is_odd(6, NOW, NOW)
    assert not is_odd(2, NOW, NOW + timedelta(days=60))
    assert is_odd(2, NOW, NOW + timedelta(days=61))


def test_the_root_is_that_of_rfc_9162():
    from hashlib import sha256

    def by_the_book(leaves):
        """Section 2.1.1, word for word."""
        if not leaves:
            return sha256(b"").digest()
        if len(leaves) == 1:
            return sha256(b"\x00" + leaves[0]).digest()
        split = 1
        while split * 2 < len(leaves):
            split *= 2
        return sha256(b"\x01" + by_the_book(leaves[:split]) + by_the_book(leaves[split:])).digest()

    for size in (*range(20), 33, 100):
        leaves = [bytes([number]) * 16 for number in range(size)]
        assert root_over(leaves) == by_the_book(leaves)
