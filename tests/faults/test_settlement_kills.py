"""A settlement that is killed again and again ends in the same bank file, byte for byte.

A worker posts a large run lot after lot and is killed by SIGKILL at a statement drawn by chance;
another goes on, is killed as well, and so forth. What is paid out at the end is compared with what
one undisturbed worker leads to. `make faults` does it with fifty kills and five thousand
households.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from bench import moneydata
from orders.payouts import commands as payouts
from orders.payouts.models import PayoutBatch
from orders.payouts.states import PayoutKind
from orders.settlements import booking
from orders.settlements.commands import approve_run, draft_run
from orders.settlements.models import SettlementRun
from orders.settlements.proving import differences
from orders.settlements.states import LotState, RunState
from shop.core import clock, db, vault
from shop.core.actors import CLOCK
from shop.jobs import queue
from shop.organisations.accounts import account_place
from tests.faults.breaking import Counter, counting, same_chance
from tests.world import KEYS

EVERY = int(os.environ.get("FAULTS", "0"))
LINES, KILLS, AT_ONCE = (50_000, 50, 10) if EVERY else (5_000, 6, 10)

NOW = clock.at(moneydata.START.date() + timedelta(days=60), 9)
DRAFTER, APPROVER = replace(CLOCK, user_id=1), replace(CLOCK, user_id=None)


@pytest.fixture
def approved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file with one run over everything, approved; every household has a card."""
    vault.configure(KEYS)
    monkeypatch.setattr(booking, "LOTS_AT_ONCE", AT_ONCE)
    path = tmp_path / "approved.db"
    db.migrate(f"sqlite:///{path}")
    database = db.connect(f"sqlite:///{path}")
    sizes = moneydata.build(database, LINES)
    give_cards(sizes.households)
    run = draft_run(cooperative_id=None, actor=DRAFTER, now=NOW)
    with database.reading() as tx:
        seen = tx.execute(select(SettlementRun.seen_hash)).scalar_one()
    approve_run(run_id=run, seen_hash=seen, actor=APPROVER, now=NOW)
    at_rest(path)
    yield path
    db.database().close()


def give_cards(households: int) -> None:
    names = (
        *("id", "public_id", "payee_kind", "payee_id", "holder", "number_sealed", "number_last4"),
        *("number_fingerprint", "bank", "cnaps", "state", "since"),
    )
    rows = []
    for key in range(1, households + 1):
        card, number = f"card_{key:016d}", f"62220215{key:011d}"
        sealed = vault.vault().seal(number, place=account_place(card))
        digest = vault.vault().fingerprint(number)
        bank = ("示范银行遂川支行", "104428000011", "active", "2026-04-01 00:00:00.000000")
        rows.append((key, card, "household", key, "农户", sealed, number[-4:], digest, *bank))
    with db.database().writing() as tx:
        places = ", ".join("?" * len(names))
        tx.connection().exec_driver_sql(
            f"INSERT INTO payee_account ({', '.join(names)}) VALUES ({places})", rows
        )


def at_rest(path: Path) -> None:
    """Everything into the one file, or a copy of it would miss the latest commits."""
    db.database().close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def copied(path: Path, name: str) -> Path:
    fresh = path.with_name(name)
    shutil.copyfile(path, fresh)
    db.connect(f"sqlite:///{fresh}")
    return fresh


def post_the_rest(now: datetime) -> None:
    queue.run_waiting(lambda: now)


def killed_while_posting(path: Path, at: int, now: datetime) -> bool:
    """Let another process post and be killed at a statement; whether it got that far."""
    db.database().close()
    child = os.fork()
    if child == 0:
        try:
            db.connect(f"sqlite:///{path}")
            with counting(Counter(at, do=lambda: os.kill(os.getpid(), signal.SIGKILL))):
                post_the_rest(now)
        finally:
            os._exit(0)
    _pid, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def bank_file() -> bytes:
    """What the bank is told after everything is posted; ids and codes are the same each time."""
    with same_chance("payout"):
        batch = payouts.draft_batch(kinds=(PayoutKind.HOUSEHOLD,), actor=DRAFTER, now=NOW)
        with db.database().reading() as tx:
            seen = tx.execute(select(PayoutBatch.seen_hash)).scalar_one()
        payouts.approve_batch(batch_id=batch, seen_hash=seen, actor=APPROVER, now=NOW)
        payouts.export_batch(batch_id=batch, actor=DRAFTER, now=NOW)
        return payouts.take_file(batch_id=batch, actor=DRAFTER, now=NOW)


def proved() -> None:
    with db.database().reading() as tx:
        run = tx.execute(select(SettlementRun)).scalar_one()
        assert run.state is RunState.POSTED
        assert run.differences == 0
        assert differences(tx, run) == []


def test_kills_while_a_run_is_posted_change_nothing_of_what_is_paid(approved):
    copied(approved, "undisturbed.db")
    post_the_rest(NOW)
    proved()
    undisturbed = bank_file()
    assert undisturbed.count(b"\r\n") > LINES // 20, "few are paid, and little is proved"

    rng, kills, now = random.Random(832), 0, NOW
    disturbed = copied(approved, "disturbed.db")
    for _ in range(KILLS):
        now += queue.LEASE + timedelta(minutes=1)  # whoever was killed has lost its lease
        kills += killed_while_posting(disturbed, rng.randrange(5, 60), now)
    db.connect(f"sqlite:///{disturbed}")
    assert kills == KILLS, "not everybody was killed"
    post_the_rest(now + queue.LEASE + timedelta(minutes=1))

    proved()
    assert bank_file() == undisturbed


def test_the_control_that_commits_between_items_and_money_is_caught(approved, monkeypatch):
    mark = booking._mark

    def careless(tx, run, state, *which):
        mark(tx, run, state, *which)
        if state is not LotState.POSTED:
            return
        connection = tx.connection()
        connection.exec_driver_sql("COMMIT")
        os.kill(os.getpid(), signal.SIGKILL)

    path = copied(approved, "careless.db")
    db.database().close()
    child = os.fork()
    if child == 0:
        try:
            db.connect(f"sqlite:///{path}")
            monkeypatch.setattr(booking, "_mark", careless)
            post_the_rest(NOW)
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    db.connect(f"sqlite:///{path}")
    monkeypatch.setattr(booking, "_mark", mark)
    post_the_rest(NOW + queue.LEASE + timedelta(minutes=1))

    with db.database().reading() as tx:
        run = tx.execute(select(SettlementRun)).scalar_one()
        assert run.differences or run.state is not RunState.POSTED
