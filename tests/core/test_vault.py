"""Sealed values: opened only where they belong, by whoever holds the key."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from shop.core.vault import Vault

OLD, NEW = {"k1": bytes(range(32))}, {"k2": bytes(range(1, 33))}
CARD, PLACE = "6222021502012345678", "payee_account.number:card_a"


def test_what_is_sealed_is_opened_in_its_place():
    vault = Vault(OLD)

    assert vault.open(vault.seal(CARD, place=PLACE), place=PLACE) == CARD


def test_a_ciphertext_moved_to_another_row_does_not_open():
    vault = Vault(OLD)
    sealed = vault.seal(CARD, place=PLACE)

    with pytest.raises(InvalidTag):
        vault.open(sealed, place="payee_account.number:card_b")


def test_a_ciphertext_that_was_touched_does_not_open():
    vault = Vault(OLD)
    sealed = vault.seal(CARD, place=PLACE)
    touched = sealed[:-6] + ("A" if sealed[-6] != "A" else "B") + sealed[-5:]

    with pytest.raises(InvalidTag):
        vault.open(touched, place=PLACE)


def test_the_value_is_nowhere_in_what_is_kept_and_never_kept_twice_alike():
    vault = Vault(OLD)
    first, second = vault.seal(CARD, place=PLACE), vault.seal(CARD, place=PLACE)

    assert CARD not in first
    assert first != second


def test_a_new_key_seals_and_the_old_one_still_opens():
    sealed = Vault(OLD).seal(CARD, place=PLACE)
    rotated = Vault(NEW | OLD)

    assert rotated.open(sealed, place=PLACE) == CARD
    assert rotated.seal(CARD, place=PLACE).startswith("v1:k2:")


def test_without_its_key_it_stays_shut():
    sealed = Vault(OLD).seal(CARD, place=PLACE)

    with pytest.raises(KeyError):
        Vault(NEW).open(sealed, place=PLACE)


def test_equal_values_are_found_without_opening_also_after_a_new_key():
    before, after = Vault(OLD), Vault(NEW | OLD)

    assert before.fingerprint(CARD) == after.fingerprint(CARD)
    assert before.fingerprint(CARD) != before.fingerprint(CARD + "0")
    assert before.fingerprint(CARD) != Vault(NEW).fingerprint(CARD)
