"""Steps that the commands of households share; they take `tx` and run inside a command."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.households.models import Household
from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P


class DayAhead(Refusal):
    """What has been given, withdrawn or changed cannot lie in the future."""

    code = "day_ahead"
    sentence = N_("日期还没有到，请填今天或以前的日期。")
    status = 422
    field = "on"


def household_of(tx: Session, household_id: str) -> Household:
    """One household, locked.

    Raises:
        NotFound: there is none.
    """
    household = tx.execute(
        select(Household).where(Household.public_id == household_id).with_for_update()
    ).scalar_one_or_none()
    if household is None:
        raise NotFound()
    return household


def editable(tx: Session, household_id: str, actor: Actor) -> Household:
    """One household, locked, that the actor may change.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    household = household_of(tx, household_id)
    actor.require(P.HOUSEHOLD_EDIT, household.cooperative_id)
    return household


def not_ahead(day: date, now: datetime, field: str | None = None) -> None:
    """Refuse a day that has not come.

    Raises:
        DayAhead: it lies after today.
    """
    if day > day_of(now):
        raise DayAhead(field=field)


def record(
    tx: Session,
    household: Household,
    action: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    **facts: Any,
) -> None:
    """Write one line about a household into the audit log."""
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="household",
        thing=household.public_id,
        action=action,
        organisation_id=household.cooperative_id,
        reason=reason,
        **facts,
    )
