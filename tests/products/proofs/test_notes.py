"""Signed notes: published vectors of the format, one spelling, and keys that cannot be confused."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from products.proofs.notes import COSIGNER, LOG, Checkpoint, Key, Note, SecretKey, Seen, Unreadable

#: The example of golang.org/x/mod/sumdb/note, whose format C2SP signed-note is.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngo"
    "tpRZb6KE6RyyBwJnAM=\n"
)
LOG_KEY = SecretKey("shop.example/log", LOG, b"\x01" * 32)
COUNTY = SecretKey("county.example/c", COSIGNER, b"\x02" * 32)
TEXT = Checkpoint("shop.example/log", 20, b"\x07" * 32).text
SEEN = datetime(2026, 4, 20, 2, 0, tzinfo=UTC)


def test_the_published_note_is_verified_by_its_published_key():
    assert Key.read(PETER).signed(Note.read(NOTE)) == Seen(None)


def test_a_changed_text_is_not_what_was_signed():
    assert Key.read(PETER).signed(Note.read(NOTE.replace("answer", "Answer"))) is None


def test_a_checkpoint_is_three_lines_and_a_note_of_them_is_read_again():
    note = Note.read(f"{TEXT}\n{LOG_KEY.sign(TEXT)}{COUNTY.sign(TEXT, SEEN)}")

    assert TEXT == "shop.example/log\n20\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n"
    assert Checkpoint.read(note.text).size == 20
    assert LOG_KEY.key.signed(note) == Seen(None)
    assert COUNTY.key.signed(note) == Seen(SEEN)


def test_another_time_is_not_what_a_cosigner_signed():
    line = COUNTY.sign(TEXT, SEEN)
    other = SecretKey(COUNTY.name, COSIGNER, b"\x03" * 32).sign(TEXT, SEEN)

    assert line != COUNTY.sign(TEXT, SEEN.replace(minute=1))
    assert COUNTY.key.signed(Note.read(f"{TEXT}\n{other}")) is None


def test_keys_are_read_from_their_words():
    for secret in (LOG_KEY, COUNTY):
        assert SecretKey.read(secret.word) == secret
        assert Key.read(secret.key.vkey) == secret.key


@pytest.mark.parametrize("word", ["", "a+b", PETER[:-1], PETER.replace("c7", "c8"), "x " + PETER])
def test_a_mistyped_key_is_not_read(word):
    with pytest.raises(Unreadable):
        Key.read(word)
    with pytest.raises(Unreadable):
        SecretKey.read(word)


@pytest.mark.parametrize(
    "text",
    [
        TEXT + "more\n",
        TEXT.replace("20", "020"),
        TEXT.replace("20", "-1"),
        TEXT.replace("wc=", "wd="),
        TEXT.replace("BwcH", "Bw"),
        TEXT[:-1],
        "\n" + TEXT,
    ],
)
def test_a_checkpoint_has_one_spelling(text):
    with pytest.raises(Unreadable):
        Checkpoint.read(text)


@pytest.mark.parametrize("note", ["", TEXT, TEXT + "\n", TEXT + "\nnothing\n", TEXT + "\n— a b\n"])
def test_a_note_without_signature_lines_is_not_read(note):
    with pytest.raises(Unreadable):
        Note.read(note)
