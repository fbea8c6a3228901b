"""What a day of the bank calendar may be, and the lifecycle of a change to it."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class DayKind(Labelled):
    """Whether banks work on a day, against what its weekday says."""

    HOLIDAY = "holiday", N_("放假")
    WORKING = "working", N_("上班")


class CalendarState(Labelled):
    """A change to the calendar (日历更正) counts once a second person has confirmed it."""

    PROPOSED = "proposed", N_("待复核")
    CONFIRMED = "confirmed", N_("已生效")
    DECLINED = "declined", N_("未采用")


CHANGE = StateTable(
    "calendar_change",
    Move(
        CalendarState.PROPOSED, "confirm", CalendarState.CONFIRMED, P.PAYOUT_APPROVE, ("propose",)
    ),
    Move(CalendarState.PROPOSED, "decline", CalendarState.DECLINED, P.PAYOUT_APPROVE),
    Move(CalendarState.PROPOSED, "withdraw", CalendarState.DECLINED, P.PAYOUT_DRAFT),
)
