"""Whatever statement the power fails at: all or nothing, and who asks again gets one and the same.

Ordering, paying, accepting, giving up, sending back, settling, paying out and the bank's answers
are broken off before and after statement number 1, 2, …, and COMMIT is one of them. By a raise, on
a database in memory whose every byte is compared; by SIGKILL, on a file.

`FAULTS` in the environment is every how many statements this is done; `make faults` does all.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import sqlite3
from contextlib import closing

import pytest

from orders.register import subscribe
from orders.scenarios import playing as scenarios
from orders.scenarios.rules import Event, read_scenario
from orders.scenarios.stage import empty_database, furnish
from orders.shipments import accepting
from shop.core import db, vault
from shop.core.db import ROOT
from tests.auditor import Auditor
from tests.faults.breaking import BrokenOff, Counter, ask, counting, recorded, told
from tests.world import KEYS

EVERY = int(os.environ.get("FAULTS", "0"))

STORY = json.loads((ROOT / "docs/scenarios/worked-example.json").read_text())
EVENTS = [
    {"do": "order", "id": "o", "lot": "tins", "units": 30},
    {"do": "pay", "order": "o", "fen": 500_000},
    {"do": "pay", "order": "o", "fen": 214_000},
    {"do": "accept", "order": "o", "units": 28},
    {"do": "short", "order": "o", "units": 2},
    {"do": "settle"},
    {"do": "payout"},
    {"do": "payout_result", "household": "Huang", "ok": False},
    {"do": "return", "order": "o", "units": 3},
    {"do": "settle"},
    {"do": "payout"},
    {"do": "payout_result", "household": "Huang", "ok": True},
]
LOTS = [lot["id"] for lot in STORY["lots"]]


@pytest.fixture(autouse=True)
def _parts_know_each_other():
    subscribe()


def begun():
    return scenarios.begin(read_scenario(json.dumps(STORY | {"events": EVENTS}).encode()))


def everything() -> bytes:
    """Every byte of the database in memory."""
    raw = db.database().engine.raw_connection()
    try:
        content: bytes = raw.driver_connection.serialize()
        return content
    finally:
        raw.close()


def put_back(content: bytes) -> None:
    """Make the database in memory what it was, in a new connection: statements that are kept
    prepared would look for their virtual tables in what is gone."""
    db.database().engine.dispose()
    raw = db.database().engine.raw_connection()
    try:
        raw.driver_connection.deserialize(content)
    finally:
        raw.close()


def length(calls) -> int:
    """How many statements the commands take when nothing breaks."""
    with counting(Counter()) as counter:
        ask(calls, "it")
    return counter.count


def broken_off(calls, at, after) -> None:
    """Break off at one statement: nothing of the command under way is left, or all of it."""
    with counting(Counter(at, after=after)) as counter, pytest.raises(BrokenOff):
        ask(calls, "it", counter, everything)
    half = everything() != counter.entered if counter.gone_on is None else counter.gone_on > 0
    assert not half, f"half of a command at statement {at}"


@pytest.mark.parametrize("number", range(len(EVENTS)), ids=lambda n: f"{n}-{EVENTS[n]['do']}")
def test_a_raise_at_any_statement_leaves_all_or_nothing_and_asking_again_converges(number):
    audit = Auditor(STORY)
    with empty_database():
        playing = begun()
        for event in EVENTS[:number]:
            playing.happen(Event(**event), "before")
            audit.happen(event)
        audit.happen(EVENTS[number])
        before = everything()
        after_it, calls = recorded(playing, EVENTS[number], "it")
        put_back(before)
        most = length(calls)
        assert most > 10
        for at in range(1 if EVERY else 1 + number, most + 1, EVERY or 37):
            for after in (False, True):
                put_back(before)
                broken_off(calls, at, after)
                ask(calls, "it")
                assert told(after_it, LOTS) == audit.figures(), (at, after)


def test_the_control_that_commits_in_the_middle_is_caught(monkeypatch):
    refund = accepting.refund_excess

    def careless(tx, *args, **kwargs):
        connection = tx.connection()
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        refund(tx, *args, **kwargs)

    with empty_database():
        playing = begun()
        playing.happen(Event(**EVENTS[0]), "before")
        before = everything()
        monkeypatch.setattr(accepting, "refund_excess", careless)
        _after, calls = recorded(playing, EVENTS[3], "it")
        put_back(before)
        most = length(calls)

        caught = 0
        for at in range(most - 30, most + 1):
            put_back(before)
            try:
                broken_off(calls, at, False)
            except AssertionError as error:
                caught += "half of a command" in str(error)
        assert caught


# --- kill -9 ----------------------------------------------------------------------------------


def killed(url: str, calls, at: int, after: bool) -> bool:
    """Let another process do it and be killed at one statement; whether it got that far."""
    child = os.fork()
    if child == 0:
        try:
            db.connect(url)
            die = Counter(at, after=after, do=lambda: os.kill(os.getpid(), signal.SIGKILL))
            with counting(die):
                ask(calls, "it")
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def fresh(kept, file) -> str:
    """A copy of the file that is kept; its URL."""
    db.database().close()
    for suffix in ("", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
    shutil.copyfile(kept, file)
    return f"sqlite:///{file}"


def at_rest(file) -> None:
    """Everything into the one file, or a copy of it would miss the latest commits."""
    db.database().close()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


@pytest.mark.parametrize("number", range(len(EVENTS)) if EVERY else (3, 8))
def test_a_kill_at_any_statement_leaves_books_that_add_up_and_asking_again_converges(
    number, tmp_path
):
    kept, file = tmp_path / "kept.db", tmp_path / "killed.db"
    furnish(db.connect(f"sqlite:///{kept}"))
    vault.configure(KEYS)
    subscribe()
    audit, playing = Auditor(STORY), begun()
    for event in EVENTS[:number]:
        playing.happen(Event(**event), "before")
        audit.happen(event)
    audit.happen(EVENTS[number])
    at_rest(kept)
    db.connect(fresh(kept, file))
    after_it, calls = recorded(playing, EVENTS[number], "it")

    kills = 0
    for at, after in places():
        if not killed(fresh(kept, file), calls, at, after):
            break
        kills += 1
        db.connect(f"sqlite:///{file}")
        assert told(playing, LOTS)["check_books"] == "ok", (at, after)
        ask(calls, "it")
        assert told(after_it, LOTS) == audit.figures(), (at, after)
    db.database().close()

    assert kills > 1


def places():
    """Where to kill: before and after every statement, or here and there."""
    for at in itertools.count(1 if EVERY else 11, EVERY or 41):
        yield from ((at, False), (at, True)) if EVERY else ((at, at % 2 == 0),)
