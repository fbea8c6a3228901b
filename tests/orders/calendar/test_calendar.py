"""Banking days: by weekday, by the official notice, and by what two people entered."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from orders.calendar.commands import DaysWrong, confirm_change, decline_change, propose_change
from orders.calendar.models import CalendarChange
from orders.calendar.notices import NAMES, notices
from orders.calendar.queries import banking_days
from orders.calendar.rules import Calendar, Stretch, calendar_of, days_of
from orders.calendar.states import CalendarState, DayKind
from orders.purchasing.states import PaymentTerms
from orders.receivables.models import ReceivableTerm
from shop.core import clock, db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState

FRIDAY, MONDAY = date(2026, 4, 24), date(2026, 4, 27)
NOTHING = Calendar(frozenset(), frozenset(), frozenset())


def propose(world, first: date, last: date, kind: DayKind, who: str = "operator", reason="通知"):
    return propose_change(
        first_day=first,
        last_day=last,
        kind=kind,
        reason=reason,
        actor=world.person(who),
        now=world.now,
    )


def confirm(world, change: str, who: str = "treasurer") -> None:
    confirm_change(change_id=change, actor=world.person(who), now=world.now)


def known() -> Calendar:
    with db.database().reading() as tx:
        return banking_days(tx)


def state_of(change: str) -> CalendarState:
    with db.database().reading() as tx:
        return tx.execute(
            select(CalendarChange.state).where(CalendarChange.public_id == change)
        ).scalar_one()


# --- rules ------------------------------------------------------------------------------------


def test_without_a_notice_banks_work_from_monday_to_friday():
    assert NOTHING.after(FRIDAY) == MONDAY
    assert NOTHING.from_day(FRIDAY) == FRIDAY
    assert NOTHING.from_day(date(2026, 4, 25)) == MONDAY
    assert not NOTHING.knows(FRIDAY, MONDAY)


def test_a_long_holiday_is_passed_over_and_a_working_weekend_counts():
    calendar = calendar_of(notices(), [])

    assert calendar.after(date(2026, 2, 13)) == date(2026, 2, 14)  # a Saturday on which all work
    assert calendar.after(date(2026, 2, 14)) == date(2026, 2, 24)
    assert calendar.after(date(2026, 9, 30)) == date(2026, 10, 8)
    assert calendar.after(date(2025, 9, 30)) == date(2025, 10, 9)
    assert calendar.knows(date(2025, 12, 31), date(2026, 1, 5))
    assert not calendar.knows(date(2026, 12, 31), date(2027, 1, 4))


def test_of_two_changes_to_a_day_the_later_counts():
    day = date(2026, 5, 9)
    off, on = Stretch(day, day, DayKind.HOLIDAY), Stretch(day, day, DayKind.WORKING)

    assert not calendar_of(notices(), [on, off]).is_banking_day(day)
    assert calendar_of(notices(), [off, on]).is_banking_day(day)


@pytest.mark.parametrize("notice", notices(), ids=lambda notice: str(notice.year))
def test_each_notice_is_of_its_year_and_does_not_contradict_itself(notice):
    off = [day for _name, first, last in notice.holidays for day in days_of(first, last)]

    assert {name for name, _first, _last in notice.holidays} <= set(NAMES)
    assert len(set(off)) == len(off)
    assert {day.year for day in (*off, *notice.working)} == {notice.year}
    assert not set(off) & set(notice.working)
    assert all(day.weekday() >= 5 for day in notice.working)
    # As many weekdays are given off for it as weekends are worked, but for the holidays proper.
    assert 11 <= len([day for day in off if day.weekday() < 5]) - len(notice.working) <= 13
    assert notice.published.year == notice.year - 1


# --- two people -------------------------------------------------------------------------------


def test_days_count_once_another_person_has_confirmed_them(client, world):
    first, last = date(2027, 2, 8), date(2027, 2, 10)
    sent = client.as_(world.operator).post(
        "/platform/calendar/",
        data={"first_day": "2027-02-08", "last_day": "2027-02-10", "kind": "holiday",
              "reason": "县人民银行通知", "once": "a"},
    )  # fmt: skip
    assert sent.status_code == 303
    with db.database().reading() as tx:
        change = tx.execute(select(CalendarChange.public_id)).scalar_one()
    assert known().is_banking_day(first)

    for who in ("operator", "auditor", "manager"):
        with pytest.raises((NotAllowed, NotFound)):
            confirm(world, change, who)
    told = client.as_(world.treasurer).get("/platform/calendar/").get_data(as_text=True)
    assert f"/platform/calendar/{change}" in told
    told = client.as_(world.treasurer).get(f"/platform/calendar/{change}").get_data(as_text=True)
    assert "县人民银行通知" in told
    assert "确认生效" in told
    assert client.as_(world.auditor).get("/platform/calendar/calendar_none").status_code == 404
    sent = client.as_(world.treasurer).post(
        f"/platform/calendar/{change}/confirmation", data={"once": "b"}
    )

    assert sent.status_code == 303
    assert known().from_day(first) == last + timedelta(days=1)
    with pytest.raises(WrongState):
        confirm(world, change)
    with pytest.raises(WrongState):
        decline_change(change_id=change, reason="x", actor=world.treasurer, now=world.now)


def test_who_entered_days_does_not_confirm_them(world):
    from shop.core.permissions import Role
    from shop.organisations.commands import grant_role

    change = propose(world, FRIDAY, FRIDAY, DayKind.HOLIDAY)
    grant_role(
        user_id=world.operator.key,
        organisation_id=world.organisation("PT"),
        role=Role.TREASURER,
        actor=world.treasurer,
        now=world.now,
    )
    world.person.cache_clear()

    with pytest.raises(SamePerson):
        confirm(world, change, "operator")

    assert state_of(change) is CalendarState.PROPOSED


def test_what_is_declined_changes_nothing(world):
    for who in ("treasurer", "operator"):
        change = propose(world, FRIDAY, FRIDAY, DayKind.HOLIDAY)
        with pytest.raises(ReasonMissing):
            decline_change(change_id=change, reason=" ", actor=world.person(who), now=world.now)
        decline_change(change_id=change, reason="记错", actor=world.person(who), now=world.now)
        assert state_of(change) is CalendarState.DECLINED

    assert known().is_banking_day(FRIDAY)


def test_days_that_cannot_be_are_refused(world):
    with pytest.raises(DaysWrong):
        propose(world, MONDAY, FRIDAY, DayKind.HOLIDAY)
    with pytest.raises(DaysWrong):
        propose(world, FRIDAY, FRIDAY + timedelta(days=15), DayKind.HOLIDAY)
    with pytest.raises(ReasonMissing):
        propose(world, FRIDAY, FRIDAY, DayKind.HOLIDAY, reason=" ")
    for who in ("treasurer", "auditor", "manager"):
        with pytest.raises(NotAllowed):
            propose(world, FRIDAY, FRIDAY, DayKind.HOLIDAY, who=who)
    with pytest.raises(NotFound):
        confirm(world, "calendar_none")


def test_the_page_says_which_years_are_not_known(client, world):
    told = client.as_(world.auditor).get("/platform/calendar/").get_data(as_text=True)

    assert "2027 年的放假通知还没有录入" in told
    assert "2026 年的放假通知还没有录入" not in told


# --- where it matters -------------------------------------------------------------------------


def test_a_due_day_on_which_banks_are_closed_gives_way_to_the_next_they_work_on(world):
    world.tins(10)
    world.now = clock.at(date(2026, 5, 20), 10)  # thirty days later is the Dragon Boat Festival
    world.accepted(world.approved(10, terms=PaymentTerms.AFTER))

    with db.database().reading() as tx:
        term = tx.execute(select(ReceivableTerm)).scalar_one()

    assert (term.days, term.due_on) == (30, date(2026, 6, 22))
    assert term.overdue_from == clock.start_of(date(2026, 6, 23))
    assert world.findings() == []
