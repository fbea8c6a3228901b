"""Reading alarms of mass balance: what is open, what was signed, by whom and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from products.lots.models import Lot, MassAlarm
from products.lots.queries import select_lots
from products.lots.rows import LotRow
from products.lots.states import ALARM, AlarmKind, AlarmState
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation

#: At most so many signed ones stand below the open ones.
SIGNED = 50


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm: what was found against which window; hundredths of a ratio, or m² of land."""

    lot: LotRow
    public_id: str
    kind: AlarmKind
    state: AlarmState
    low: int | None
    high: int
    found: int
    raised_at: datetime
    decided_at: datetime | None
    reason: str
    cooperative: str
    cooperative_en: str

    @property
    def open(self) -> bool:
        """Whether it waits for the second person."""
        return self.state is AlarmState.OPEN


@dataclass(frozen=True, slots=True)
class AlarmPage:
    """One alarm with its history; `may_sign` is for another than who recorded the lot.

    `names`: whether this reader may see households' names.
    """

    alarm: AlarmRow
    history: tuple[Act, ...]
    may_sign: bool
    recorded_it: bool
    names: bool


def alarms(tx: Session, cooperative_id: int | None, actor: Actor) -> tuple[AlarmRow, ...]:
    """Alarms of a cooperative (internal key) or of all: the open ones, oldest first, then others.

    Raises:
        NotFound, NotAllowed: `alarm:decide` is needed there.
    """
    actor.require(P.ALARM_DECIDE, cooperative_id)
    mine = () if cooperative_id is None else (MassAlarm.cooperative_id == cooperative_id,)
    waiting = _alarms(MassAlarm.state == AlarmState.OPEN, *mine).order_by(MassAlarm.id)
    signed = _alarms(MassAlarm.state != AlarmState.OPEN, *mine).order_by(MassAlarm.id.desc())
    rows = [*tx.execute(waiting), *tx.execute(signed.limit(SIGNED))]
    return tuple(_row(row) for row in rows)


def alarm(tx: Session, alarm_id: str, actor: Actor) -> AlarmPage:
    """One alarm as whoever may sign it sees it.

    Raises:
        NotFound, NotAllowed: `alarm:decide` in the lot's cooperative is needed.
    """
    found = tx.execute(
        _alarms(MassAlarm.public_id == alarm_id).add_columns(MassAlarm.cooperative_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    *facts, cooperative = found
    actor.require(P.ALARM_DECIDE, cooperative)
    row = _row(facts)
    acts = history(tx, alarm_id)
    recorded = any(act.action == "raise" and act.user_id == actor.user_id for act in acts)
    return AlarmPage(
        row,
        tuple(acts),
        may_sign=bool(ALARM.actions(row.state)) and not recorded,
        recorded_it=recorded,
        names=actor.may(P.HOUSEHOLD_READ, cooperative),
    )


def open_alarms(tx: Session, cooperative_id: int) -> int:
    """How many of a cooperative's alarms wait for a signature."""
    return int(
        tx.execute(
            select(func.count()).where(
                MassAlarm.cooperative_id == cooperative_id, MassAlarm.state == AlarmState.OPEN
            )
        ).scalar_one()
    )


def _alarms(*conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        select_lots()
        .join(MassAlarm, MassAlarm.lot_id == Lot.id)
        .join(Organisation, Organisation.id == MassAlarm.cooperative_id)
        .where(*conditions)
        .add_columns(
            MassAlarm.public_id,
            MassAlarm.kind,
            MassAlarm.state,
            MassAlarm.low,
            MassAlarm.high,
            MassAlarm.found,
            MassAlarm.raised_at,
            MassAlarm.decided_at,
            MassAlarm.reason,
            Organisation.name,
            Organisation.name_en,
        )
    )


def _row(facts: Sequence[Any]) -> AlarmRow:
    lot, own = facts[:-11], facts[-11:]
    return AlarmRow(LotRow(*lot), *own)
