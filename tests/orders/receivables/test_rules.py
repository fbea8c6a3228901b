"""Days, buckets, milestones and interest, without a database; and the table of docs/money.md."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from orders.receivables.rules import (
    STATUTE,
    Reminding,
    Terms,
    bucket_of,
    interest,
    milestone,
    overdue_days,
    paused,
    spans,
    terms_on,
)
from orders.receivables.states import Bucket, ReminderKind
from shop.core.db import ROOT
from shop.core.money import Money, yuan

DUE = date(2026, 5, 20)


def later(days: int) -> date:
    return DUE + timedelta(days=days)


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        (-40, Bucket.NOT_DUE),
        (0, Bucket.NOT_DUE),
        (1, Bucket.TO_30),
        (30, Bucket.TO_30),
        (31, Bucket.TO_60),
        (60, Bucket.TO_60),
        (61, Bucket.TO_90),
        (90, Bucket.TO_90),
        (91, Bucket.OVER_90),
        (4000, Bucket.OVER_90),
    ],
)
def test_the_due_day_itself_is_in_time(days, bucket):
    assert bucket_of(DUE, later(days)) is bucket
    assert overdue_days(DUE, later(days)) == max(0, days)


def test_each_day_of_reminding_comes_once_and_the_last_one_counts():
    def on(days):
        found = milestone(DUE, later(days), Reminding(7, 15, 30, 60))
        return found and (found.kind, (found.day - DUE).days)

    assert on(-8) is None
    assert on(-7) == on(-1) == (ReminderKind.BEFORE, -7)
    assert on(0) == on(14) == (ReminderKind.ON_DAY, 0)
    assert on(15) == on(29) == (ReminderKind.FIRST, 15)
    assert on(30) == (ReminderKind.SECOND, 30)
    assert on(59) == (ReminderKind.SECOND, 45)
    assert on(60) == on(74) == (ReminderKind.LAST, 60)


def test_reminders_grow_firmer_on_their_own_days_even_between_the_others():
    def on(days, promised=None):
        found = milestone(
            DUE,
            later(days),
            Reminding(5, 20, 25, 50),
            promised_on=None if promised is None else later(promised),
        )
        return found and (found.kind, (found.day - DUE).days)

    assert [on(days) for days in (19, 20, 24, 25, 40, 49, 50, 60)] == [
        (ReminderKind.ON_DAY, 0),
        (ReminderKind.FIRST, 20),
        (ReminderKind.FIRST, 20),
        (ReminderKind.SECOND, 25),
        (ReminderKind.SECOND, 40),
        (ReminderKind.SECOND, 40),
        (ReminderKind.LAST, 50),
        (ReminderKind.LAST, 60),
    ]
    # The day after a promise that was not kept is one of reminding; one before the due day is not.
    assert on(13, promised=12) == (ReminderKind.FIRST, 13)
    assert on(28, promised=26) == (ReminderKind.SECOND, 27)
    assert on(3, promised=-4) == (ReminderKind.ON_DAY, 0)


def test_a_promise_holds_reminders_back_up_to_its_day():
    assert not paused(None, DUE)
    assert [paused(DUE, later(days)) for days in (-1, 0, 1)] == [True, True, False]


def test_a_rule_holds_from_its_day_and_the_statute_before():
    rule = Terms(DUE, 20, 45, 4, Reminding(5, 10, 20, 40))

    assert terms_on(later(-1), [rule]) is STATUTE
    assert terms_on(DUE, [rule]) is rule
    assert (STATUTE.days, STATUTE.longest_days, STATUTE.rate) == (30, 60, 5)


def test_a_day_bears_interest_on_what_was_open_when_it_began():
    owed = [(later(-30), yuan("2380.00")), (later(5), -yuan("2380.00"))]

    found = spans(owed, due_on=DUE, until=later(40), known=[])

    assert [(s.first, s.last, s.open, s.rate, s.days) for s in found] == [
        (later(1), later(5), yuan("2380.00"), 5, 5)
    ]
    # 2,380.00 × 5 days × 5/10,000 = 5.95
    assert interest(found) == yuan("5.95")
    assert spans(owed, due_on=DUE, until=DUE, known=[]) == []


def test_interest_is_rounded_once_and_not_in_each_span():
    """Three spans of a third of a fen each are one fen, not none and not three."""
    owed = [(later(-30), Money(667)), (later(1), -Money(1)), (later(2), -Money(1))]

    found = spans(owed, due_on=DUE, until=later(3), known=[])

    assert [span.ten_thousandths for span in found] == [3335, 3330, 3325]
    assert interest(found) == Money(1)


def test_what_comes_back_above_zero_bears_interest_again_and_below_zero_none():
    owed = [
        (later(-30), yuan("100.00")),
        (later(2), -yuan("150.00")),
        (later(10), yuan("80.00")),
    ]

    found = spans(owed, due_on=DUE, until=later(12), known=[])

    assert [(s.first, s.last, s.open) for s in found] == [
        (later(1), later(2), yuan("100.00")),
        (later(11), later(12), yuan("30.00")),
    ]


def test_the_table_of_the_document_is_what_the_rule_computes():
    """docs/money.md, “Payment terms and interest”: spans, exact interest, the sum."""
    text = (ROOT / "docs" / "money.md").read_text()
    _before, _, section = text.partition("\n## Payment terms and interest\n")
    written = re.findall(
        r"^\| (\d{4}-\d\d-\d\d) – (\d{4}-\d\d-\d\d) \| (\d+)"
        r" \| ([\d,.]+) \| (\d+) \| ([\d,.]+) \|$",
        section.partition("\n## ")[0],
        re.MULTILINE,
    )
    together = re.search(
        r"^\| together \| (\d+) \| \| \| ([\d,.]+) → \*\*([\d,.]+)\*\* \|$", section, re.M
    )
    assert together

    due = date(2026, 5, 20)
    found = spans(
        [
            (date(2026, 4, 20), yuan("6664.00")),
            (date(2026, 6, 3), -yuan("2000.13")),
            (date(2026, 6, 18), -yuan("714.00")),
        ],
        due_on=due,
        until=date(2026, 7, 15),
        known=[Terms(date(2026, 7, 1), 30, 60, 4, STATUTE.reminding)],
    )

    def exact(ten_thousandths: int) -> str:
        return f"{ten_thousandths // 10_000:,}.{ten_thousandths % 10_000:04d}"

    assert [
        (
            s.first.isoformat(),
            s.last.isoformat(),
            str(s.days),
            f"{s.open.fen // 100:,}.{s.open.fen % 100:02d}",
            str(s.rate),
            exact(s.ten_thousandths),
        )
        for s in found
    ] == written
    assert together[1] == str(sum(s.days for s in found))
    assert together[2] == exact(sum(s.ten_thousandths for s in found))
    assert yuan(together[3]) == interest(found)
