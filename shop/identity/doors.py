"""Closing a door for a while after too many wrong tries, and counting them where all can see."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.identity.models import FailedTry

TRIES = 10
WINDOW = timedelta(minutes=15)


class DoorClosed(Refusal):
    """Too many wrong tries in a quarter of an hour; it opens again by itself."""

    code = "door_closed"
    sentence = N_("错的次数太多了，请过 15 分钟再试。")
    status = 429


def require_open(tx: Session, door: str, now: datetime) -> None:
    """Refuse when the door had too many wrong tries lately.

    Raises:
        DoorClosed: ten or more in the last quarter of an hour.
    """
    wrong = tx.execute(
        select(func.count()).where(FailedTry.door == door, FailedTry.at > now - WINDOW)
    ).scalar_one()
    if wrong >= TRIES:
        raise DoorClosed()


def count_wrong(tx: Session, door: str, now: datetime) -> None:
    """Remember one wrong try, and forget those too old to matter."""
    tx.execute(delete(FailedTry).where(FailedTry.door == door, FailedTry.at <= now - WINDOW))
    tx.add(FailedTry(door=door, at=now))


def forget_wrong(tx: Session, door: str) -> None:
    """A right try clears the door."""
    tx.execute(delete(FailedTry).where(FailedTry.door == door))
