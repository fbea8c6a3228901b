"""Reading the bank calendar: for whoever asks for banking days, and for its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.calendar.models import CalendarChange
from orders.calendar.notices import notices
from orders.calendar.rules import Calendar, Notice, Stretch, calendar_of
from orders.calendar.states import CHANGE, CalendarState, DayKind
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.errors import NotFound
from shop.core.permissions import Permission


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change, and what the reader may do with it."""

    public_id: str
    first_day: date
    last_day: date
    kind: DayKind
    state: CalendarState
    reason: str
    proposed_at: datetime
    may_confirm: bool
    may_decline: bool


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """The calendar: notices newest first, changes, and years from now on without a notice."""

    notices: tuple[Notice, ...]
    changes: tuple[ChangeRow, ...]
    unknown_years: tuple[int, ...]
    may_propose: bool


def banking_days(tx: Session) -> Calendar:
    """On which days banks work, as far as it is known now."""
    rows = tx.execute(
        select(CalendarChange.first_day, CalendarChange.last_day, CalendarChange.kind)
        .where(CalendarChange.state == CalendarState.CONFIRMED)
        .order_by(CalendarChange.decided_at, CalendarChange.id)
    )
    return calendar_of(notices(), [Stretch(*row) for row in rows])


def page(tx: Session, actor: Actor, now: datetime) -> CalendarPage:
    """The calendar's page."""
    actor.require(Permission.PLATFORM_READ)
    changes = tx.execute(
        select(CalendarChange).order_by(CalendarChange.first_day.desc(), CalendarChange.id.desc())
    ).scalars()
    this_year = day_of(now).year
    known = {notice.year for notice in notices()}
    return CalendarPage(
        notices=tuple(reversed(notices())),
        changes=tuple(_row(change, actor) for change in changes),
        unknown_years=tuple(year for year in (this_year, this_year + 1) if year not in known),
        may_propose=actor.may(Permission.PAYOUT_DRAFT),
    )


def change_row(tx: Session, change_id: str, actor: Actor) -> ChangeRow:
    """One change.

    Raises:
        NotFound: there is none of this id.
    """
    actor.require(Permission.PLATFORM_READ)
    change = tx.execute(
        select(CalendarChange).where(CalendarChange.public_id == change_id)
    ).scalar_one_or_none()
    if change is None:
        raise NotFound()
    return _row(change, actor)


def _row(change: CalendarChange, actor: Actor) -> ChangeRow:
    waits = CHANGE.find(change.state, "confirm") is not None
    may_confirm = waits and actor.may(Permission.PAYOUT_APPROVE)
    return ChangeRow(
        change.public_id,
        change.first_day,
        change.last_day,
        change.kind,
        change.state,
        change.reason,
        change.proposed_at,
        may_confirm,
        waits and (may_confirm or actor.may(Permission.PAYOUT_DRAFT)),
    )
