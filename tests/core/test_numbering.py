"""Numbers in sequence: per series and year, without gaps or repeats, whoever asks at once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from shop.core import clock, db
from shop.core.numbering import next_number
from tests.world import DAY, NOW


def number(series: str = "CG-TEST", now=NOW) -> str:
    with db.database().writing() as tx:
        return next_number(tx, series, now)


def test_numbers_follow_each_other_within_a_series(database):
    assert [number(), number(), number("FH-TEST"), number()] == [
        "CG-TEST-2026-00001",
        "CG-TEST-2026-00002",
        "FH-TEST-2026-00001",
        "CG-TEST-2026-00003",
    ]


def test_a_series_begins_anew_with_the_year_in_shanghai(database):
    new_year = clock.start_of(DAY.replace(year=2027, month=1, day=1))

    assert number(now=new_year - timedelta(seconds=1)) == "CG-TEST-2026-00001"
    assert number(now=new_year) == "CG-TEST-2027-00001"


def test_what_is_rolled_back_leaves_no_gap(database):
    number()
    with pytest.raises(RuntimeError), database.writing() as tx:
        give_out_and_fail(tx)

    assert number() == "CG-TEST-2026-00002"


def give_out_and_fail(tx) -> None:
    assert next_number(tx, "CG-TEST", NOW) == "CG-TEST-2026-00002"
    raise RuntimeError


def test_two_numbers_in_one_transaction_differ(database):
    with database.writing() as tx:
        assert next_number(tx, "CG-TEST", NOW) != next_number(tx, "CG-TEST", NOW)


@pytest.mark.race
def test_asked_by_many_at_once_no_number_is_missing_or_given_twice(database):
    given: list[str] = []
    start = threading.Barrier(4)

    def ask() -> None:
        start.wait()
        given.extend(number() for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(given) == [f"CG-TEST-2026-{n:05d}" for n in range(1, 21)]
