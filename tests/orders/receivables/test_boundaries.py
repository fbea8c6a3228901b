"""Interest at every edge: days of Shanghai, leap years, years' ends, rates, parts; fen by hand."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from orders.payments.matching import match_line
from orders.receivables.commands import approve_rule, propose_rule
from orders.receivables.rules import STATUTE, Terms, interest, overdue_days, spans
from shop.core import clock
from shop.core.money import Money, yuan
from tests.orders.receivables.stories import DUE, money_in, owed, page

#: Open since long before: 1,000.00.
OPEN = (date(2024, 1, 1), yuan("1000.00"))


def accrued(due_on, until, *moved, known=()):
    return interest(spans([OPEN, *moved], due_on=due_on, until=until, known=list(known)))


def rule(from_day: date, rate: int) -> Terms:
    return Terms(from_day, 30, 60, rate, STATUTE.reminding)


@pytest.mark.parametrize(
    ("due_on", "until", "days", "fen"),
    [
        # 100,000 fen × 5/10,000 = 50 fen a day
        (date(2026, 5, 20), date(2026, 5, 20), 0, 0),  # the due day is in time
        (date(2026, 5, 20), date(2026, 5, 21), 1, 50),
        (date(2026, 5, 20), date(2026, 5, 31), 11, 550),
        (date(2026, 5, 31), date(2026, 6, 1), 1, 50),
        (date(2024, 2, 28), date(2024, 2, 29), 1, 50),  # a leap day is a day
        (date(2024, 2, 28), date(2024, 3, 1), 2, 100),
        (date(2024, 2, 29), date(2024, 3, 1), 1, 50),
        (date(2025, 2, 28), date(2025, 3, 1), 1, 50),  # no leap day
        (date(2023, 12, 31), date(2024, 12, 31), 366, 18_300),
        (date(2024, 12, 31), date(2025, 12, 31), 365, 18_250),
        (date(2025, 12, 31), date(2026, 1, 1), 1, 50),
        (date(2099, 12, 31), date(2100, 3, 1), 60, 3_000),  # 2100 is no leap year
    ],
)
def test_every_day_after_the_due_day_bears_the_same(due_on, until, days, fen):
    assert overdue_days(due_on, until) == days
    opened = [(date(2020, 1, 1), yuan("1000.00"))]
    assert interest(spans(opened, due_on=due_on, until=until, known=[])) == Money(fen)


@pytest.mark.parametrize(
    ("from_day", "fen"),
    [
        # Due 20 May, ten days to 30 May; 5 then 4 ten-thousandths: 50 fen, then 40 fen a day.
        (date(2026, 5, 10), 400),  # held before the due day: 10 × 40
        (date(2026, 5, 20), 400),  # on the due day, which bears nothing
        (date(2026, 5, 21), 400),  # on the first day that does
        (date(2026, 5, 22), 410),  # 1 × 50 + 9 × 40
        (date(2026, 5, 30), 490),  # 9 × 50 + 1 × 40: the last day alone
        (date(2026, 5, 31), 500),  # the day after: nothing of it
    ],
)
def test_a_rate_counts_from_its_first_day_on(from_day, fen):
    known = [rule(from_day, 4)]

    assert accrued(date(2026, 5, 20), date(2026, 5, 30), known=known) == Money(fen)


def test_several_rates_and_one_of_nothing_within_one_period():
    known = [rule(date(2024, 2, 29), 6), rule(date(2024, 3, 1), 0), rule(date(2024, 3, 3), 10)]

    found = spans([OPEN], due_on=date(2024, 2, 27), until=date(2024, 3, 4), known=known)

    # 28 Feb at 5: 50; 29 Feb at 6: 60; 1 and 2 March at 0: 0; 3 and 4 March at 10: 200.
    assert [(span.first.day, span.days, span.rate) for span in found] == [
        (28, 1, 5),
        (29, 1, 6),
        (1, 2, 0),
        (3, 2, 10),
    ]
    assert interest(found) == Money(310)


@pytest.mark.parametrize(
    ("paid_on", "fen"),
    [
        # 400.00 of 1,000.00; due 20 May, ten days to 30 May: 50 fen a day, then 30 fen.
        (date(2026, 5, 19), 300),
        (date(2026, 5, 20), 300),  # on the due day, in time: 10 × 30
        (date(2026, 5, 21), 320),  # the day money comes still bears on all: 1 × 50 + 9 × 30
        (date(2026, 5, 29), 480),  # 9 × 50 + 1 × 30
        (date(2026, 5, 30), 500),
        (date(2026, 5, 31), 500),  # later than looked at
    ],
)
def test_a_part_paid_counts_from_the_next_day_on(paid_on, fen):
    part = (paid_on, -yuan("400.00"))
    until = date(2026, 5, 30)
    moved = [part] if paid_on <= until else []

    assert accrued(date(2026, 5, 20), until, *moved) == Money(fen)


def test_a_part_and_a_rate_on_the_same_day_and_on_neighbouring_ones():
    due, until = date(2026, 5, 20), date(2026, 5, 30)
    part = (date(2026, 5, 25), -yuan("333.33"))

    # 666.67 × 5/10,000 = 33.3335 fen a day; at 4: 26.6668; 1,000.00 at 4: 40.
    same = accrued(due, until, part, known=[rule(date(2026, 5, 25), 4)])
    after = accrued(due, until, part, known=[rule(date(2026, 5, 26), 4)])
    before = accrued(due, until, part, known=[rule(date(2026, 5, 24), 4)])

    # 21–24 May at 5 on all: 200; 25 May at 4 on all: 40; 26–30 May at 4: 133.334 → 373.334
    assert same == Money(373)
    # 21–25 May at 5 on all: 250; 26–30 May: 133.334 → 383.334
    assert after == Money(383)
    # 21–23 May: 150; 24 and 25 May at 4: 80; 133.334 → 363.334
    assert before == Money(363)


@pytest.mark.parametrize(
    ("fen", "expected"),
    [(999, 0), (1000, 1), (1001, 1), (2999, 1), (3000, 2)],
)
def test_half_a_fen_rounds_up_and_less_does_not(fen, expected):
    """One day at 5 ten-thousandths: 999 fen bear 0.4995, 1,000 bear 0.5, 3,000 bear 1.5."""
    found = spans([(date(2026, 1, 1), Money(fen))], due_on=DUE, until=DUE + timedelta(1), known=[])

    assert interest(found) == Money(expected)


def test_money_counts_on_its_shanghai_day_to_the_minute(world):
    """23:59 on the due day is in time; 00:01 is a day late, though in UTC both are the 20th."""
    purchase, acceptance = owed(world, 10)
    for now, amount in (
        (clock.at(DUE, 23, 58), "1380.00"),  # the bank writes the minute after
        (clock.at(DUE + timedelta(1), 0, 0), "500.00"),
    ):
        world.now = now
        match_line(
            line_id=money_in(world, amount, serial=amount),
            purchase_id=purchase,
            amount=yuan(amount),
            actor=world.operator,
            now=now,
        )
    world.now = clock.at(DUE + timedelta(4), 0, 1)

    found = page(world, acceptance)

    # 1,000.00 on the 21st: 50 fen; 500.00 on the 22nd to the 24th: 3 × 25 fen.
    assert found.accrued.whole == Money(125)
    assert [(span.first, span.last, span.open) for span in found.accrued.spans] == [
        (DUE + timedelta(1), DUE + timedelta(1), yuan("1000.00")),
        (DUE + timedelta(2), DUE + timedelta(4), yuan("500.00")),
    ]
    world.now = clock.at(DUE + timedelta(4), 23, 59)
    assert page(world, acceptance).accrued.whole == Money(125)
    world.now = clock.at(DUE + timedelta(5), 0, 0)
    assert page(world, acceptance).accrued.whole == Money(150)
    assert world.findings() == []


def test_a_rate_approved_while_money_is_owed_bears_from_its_day_on(world):
    _purchase, acceptance = owed(world, 10)
    world.now = clock.at(DUE + timedelta(2), 12)
    approve_rule(
        rule_id=propose_rule(
            from_day=DUE + timedelta(4),
            days=30,
            longest_days=60,
            rate=8,
            reminding=STATUTE.reminding,
            source="示范规定第四条",
            actor=world.operator,
            now=world.now,
        ),
        actor=world.treasurer,
        now=world.now,
    )
    world.now = clock.at(DUE + timedelta(5), 12)

    # 2,380.00: three days at 5 are 357 fen, two at 8 are 380.8 → 737.8
    assert page(world, acceptance).accrued.whole == Money(738)
