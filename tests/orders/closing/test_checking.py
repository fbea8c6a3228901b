"""Checking all books by a job, and closing a month over it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from orders.books.checks import CHECKS
from orders.closing import check_queries, checking, commands
from orders.closing.check_words import WORDS
from orders.closing.models import BooksCheck
from orders.ledger.models import LedgerMonth
from orders.ledger.states import MonthState
from shop.core import clock, db
from shop.core.actors import CLOCK
from shop.core.errors import NotAllowed
from shop.jobs import queue
from shop.jobs.models import Job, JobState
from tests.orders.closing.stories import checked, read, reconciled, state_of


def disagree():
    """Something past every command: a line of the bank counts no more."""
    with db.database().writing() as tx:
        tx.execute(text("UPDATE bank_line SET undone = NOT undone WHERE id = 1"))


def job_of(job_id):
    return read(lambda tx: tx.execute(select(Job).where(Job.public_id == job_id)).scalar_one())


def test_every_check_of_the_books_has_a_name_in_chinese():
    assert set(WORDS) == set(CHECKS)


def test_a_check_runs_step_by_step_and_keeps_what_it_found(april, monkeypatch):
    monkeypatch.setattr(checking, "STEP_MS", 0)
    with pytest.raises(NotAllowed):
        checking.ask_check(actor=april.clerk, now=april.now)
    disagree()
    job = checking.ask_check(actor=april.auditor, now=april.now)
    with pytest.raises(checking.CheckRuns):
        checking.ask_check(actor=april.operator, now=april.now)
    queue.run_waiting(lambda: april.now, limit=10)
    half = job_of(job)
    assert (half.state, half.done, half.total) == (JobState.RUNNING, 10, len(CHECKS))
    assert read(check_queries.last_check) is None

    april.now += timedelta(minutes=5)
    queue.run_waiting(lambda: april.now)

    row = read(check_queries.last_check)
    assert (row.checks, row.asked_by, row.ended_at) == (len(CHECKS), "冯原", april.now)
    page = read(check_queries.check, row.public_id, april.auditor)
    found = april.findings()
    assert row.findings == len(found) > 0
    assert [(WORDS[one.check], one.thing, one.expected, one.found) for one in found] == [
        (one.check, one.thing, one.expected, one.found) for one in page.told
    ]


def test_the_clock_checks_once_a_day(april):
    assert checking.check_nightly(actor=CLOCK, now=april.now)
    assert checking.check_nightly(actor=CLOCK, now=april.now + timedelta(hours=2)) is None
    queue.run_waiting(lambda: april.now)
    assert checking.check_nightly(actor=CLOCK, now=april.now + timedelta(days=1))

    rows = read(check_queries.checks, april.auditor)
    assert [(row.night, row.asked_by) for row in rows] == [
        (clock.day_of(april.now + timedelta(days=days)), None) for days in (1, 0)
    ]


def test_no_month_is_closed_over_books_that_do_not_add_up(april):
    step = {"month": "2026-04", "now": april.now}
    reconciled(april)
    checked(april)
    commands.propose_month(actor=april.operator, **step)
    with db.database().writing() as tx:
        tx.execute(text("UPDATE payout_batch SET total_fen = total_fen + 1"))

    with pytest.raises(commands.BooksDoNotAddUp):
        commands.confirm_month(actor=april.treasurer, **step)
    assert state_of() is MonthState.PROPOSED
    assert read(lambda tx: tx.query(BooksCheck).count()) == 1

    commands.withdraw_month(reason="核账", actor=april.operator, **step)
    assert checked(april).findings > 0
    with pytest.raises(commands.BooksDoNotAddUp):
        commands.propose_month(actor=april.operator, **step)
    assert state_of() is MonthState.OPEN


def test_where_checking_takes_long_a_job_closes_the_month(april, client, monkeypatch):
    monkeypatch.setattr(commands, "AT_ONCE_MS", 0)
    step = {"month": "2026-04", "now": april.now}
    reconciled(april)
    checked(april)
    commands.propose_month(actor=april.operator, **step)
    with pytest.raises(commands.SamePerson):
        commands.confirm_month(actor=april.operator, **step)
    job = commands.confirm_month(actor=april.treasurer, **step)
    with pytest.raises(commands.Closing):
        commands.confirm_month(actor=april.treasurer, **step)
    assert state_of() is MonthState.PROPOSED
    assert "正在锁住账本" in client.as_(april.auditor).get("/platform/books/months/2026-04").text

    with db.database().writing() as tx:
        tx.execute(text("UPDATE payout_batch SET total_fen = total_fen + 1"))
    queue.run_waiting(lambda: april.now)
    assert "对不上" in job_of(job).trouble
    assert "结账没有办成" in client.get("/platform/books/months/2026-04").text
    assert state_of() is MonthState.PROPOSED

    with db.database().writing() as tx:
        tx.execute(text("UPDATE payout_batch SET total_fen = total_fen - 1"))
    job = commands.confirm_month(actor=april.treasurer, **step)
    queue.run_waiting(lambda: april.now)
    assert job_of(job).state is JobState.DONE
    month = read(lambda tx: tx.execute(select(LedgerMonth)).scalar_one())
    assert (month.state, month.confirmed_by_id) == (MonthState.CLOSED, april.treasurer.user_id)
    assert april.findings() == []


def test_a_check_is_asked_for_and_read_on_its_pages(april, client):
    auditor = client.as_(april.auditor)
    assert "还没有核过账" in auditor.get("/platform/books/checks/").text
    asked = auditor.post("/platform/books/checks/")
    assert "正在核账" in auditor.post("/platform/books/checks/").text
    assert "正在核账" in auditor.get("/platform/books/months/2026-04").text
    queue.run_waiting(lambda: april.now)
    assert "看结果" in auditor.get(asked.location).text
    row = read(check_queries.last_check)
    page = auditor.get(f"/platform/books/checks/{row.public_id}")
    assert "全部对得上" in page.text
    assert row.public_id in auditor.get("/platform/books/months/2026-04").text
    assert client.get("/platform/books/checks/check_0").status_code == 404
    assert client.as_(april.clerk).get("/platform/books/checks/").status_code == 403
