"""Time: stored in UTC, counted in Shanghai days; a moment without a zone is no moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from shop.core import audit, clock
from shop.core.actors import CLOCK

MS = timedelta(milliseconds=31)


def test_a_day_begins_at_midnight_in_shanghai():
    day = date(2026, 6, 19)

    assert clock.start_of(day) == datetime(2026, 6, 18, 16, tzinfo=UTC)
    assert clock.day_of(clock.start_of(day)) == day
    assert clock.day_of(clock.start_of(day) - timedelta(microseconds=1)) == date(2026, 6, 18)
    assert clock.at(day, 10, 30) == datetime(2026, 6, 19, 2, 30, tzinfo=UTC)


@given(st.integers(0, 10**11).map(lambda ms: datetime(2000, 1, 1, tzinfo=UTC) + ms * MS))
def test_every_moment_lies_in_its_day(moment):
    day = clock.day_of(moment)

    assert clock.start_of(day) <= moment < clock.start_of(day + timedelta(days=1))


def test_now_knows_its_zone():
    assert clock.now().utcoffset() == timedelta(0)


def test_a_moment_is_kept_to_the_microsecond_in_utc(database):
    there = datetime(2026, 6, 19, 8, 0, 0, 123456, tzinfo=timezone(timedelta(hours=8)))

    with database.writing() as tx:
        audit.record(tx, actor=CLOCK, now=there, kind="test", thing="moment", action="keep")
    with database.reading() as tx:
        kept = tx.execute(
            select(audit.AuditEntry.at).where(audit.AuditEntry.thing == "moment")
        ).scalar_one()

    assert kept == there
    assert kept.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(database):
    naive = datetime(2026, 6, 19, 8)  # noqa: DTZ001 (that is the point)

    with pytest.raises(StatementError, match="time zone"), database.writing() as tx:
        audit.record(tx, actor=CLOCK, now=naive, kind="test", thing="moment", action="keep")
