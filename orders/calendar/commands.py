"""Changing the bank calendar: one person enters a notice, another confirms it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.calendar.models import CalendarChange
from orders.calendar.states import CHANGE, CalendarState, DayKind
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission

#: No public holiday is longer.
LONGEST_DAYS = 15


class DaysWrong(Refusal):
    """The days end before they begin, or are more than any holiday has."""

    code = "days_wrong"
    sentence = N_("最后一天不能早于第一天，一次最多登记 %(longest)s 天。")
    status = 422
    field = "last_day"


@command
def propose_change(
    tx: Session,
    *,
    first_day: date,
    last_day: date,
    kind: DayKind,
    reason: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Enter days on which banks work or do not, against their weekdays (登记放假或上班).

    Args:
        reason: the official notice that says so.

    Returns:
        The change's public id; it counts once somebody else has confirmed it.

    Raises:
        NotAllowed: `payout:draft` is needed.
        ReasonMissing, DaysWrong: see there.
    """
    actor.require(Permission.PAYOUT_DRAFT)
    if not reason.strip():
        raise ReasonMissing()
    if not 0 <= (last_day - first_day).days < LONGEST_DAYS:
        raise DaysWrong(longest=LONGEST_DAYS)
    change = CalendarChange(
        first_day=first_day,
        last_day=last_day,
        kind=kind,
        state=CalendarState.PROPOSED,
        reason=reason.strip(),
        proposed_at=now,
    )
    tx.add(change)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=CHANGE.kind,
        thing=change.public_id,
        action="propose",
        to_state=change.state.value,
        reason=change.reason,
        first_day=first_day.isoformat(),
        last_day=last_day.isoformat(),
        day_kind=kind.value,
    )
    return change.public_id


@command
def confirm_change(tx: Session, *, change_id: str, actor: Actor, now: datetime) -> None:
    """Confirm entered days as the second person; whatever asks for banking days reads them now.

    Due days that were frozen before stay as they are.

    Raises:
        NotFound, NotAllowed, WrongState: `payout:approve` is needed, and a proposal.
        SamePerson: whoever entered them may not confirm them.
    """
    change = _locked(tx, change_id)
    CHANGE.move(tx, change, "confirm", actor=actor, now=now, organisation_id=None)
    change.decided_at = now


@command
def decline_change(
    tx: Session, *, change_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Decline entered days, or take one's own back; the calendar stays as it is.

    Raises:
        NotFound, NotAllowed, WrongState: see `StateTable.move`.
        ReasonMissing: it says nothing.
    """
    change = _locked(tx, change_id)
    if not reason.strip():
        raise ReasonMissing()
    action = "decline" if actor.may(Permission.PAYOUT_APPROVE) else "withdraw"
    CHANGE.move(
        tx, change, action, actor=actor, now=now, organisation_id=None, reason=reason.strip()
    )
    change.decided_at = now


def _locked(tx: Session, change_id: str) -> CalendarChange:
    change = tx.execute(
        select(CalendarChange).where(CalendarChange.public_id == change_id).with_for_update()
    ).scalar_one_or_none()
    if change is None:
        raise NotFound()
    return change
