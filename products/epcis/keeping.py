"""Keeping events: one insert for the events, one for what they name. A step of commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from products.epcis import json_text
from products.epcis.contexts import beyond_the_standard, with_standard
from products.epcis.models import EpcisEvent, EpcisName
from products.epcis.rules import (
    Named,
    Part,
    bare,
    content_digest,
    key_of,
    moment,
    named,
    text_at,
    timestamp,
)
from shop.core import db


@dataclass(frozen=True, slots=True)
class Readied:
    """One event ready to be kept: its id, what it says, and the contexts it stands in."""

    event_id: str
    event: dict[str, Any]
    contexts: tuple[Any, ...]
    digest: str
    about: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, bool]:
        """By what it is one: an error declaration has the id of what it declares wrong."""
        return key_of(self.event_id), "errorDeclaration" in self.event


def ready(
    event_id: str, event: dict[str, Any], contexts: Sequence[Any], about: Sequence[str] = ()
) -> Readied:
    """An event with all that is worked out of it before it is kept."""
    return Readied(event_id, event, tuple(contexts), content_digest(event), tuple(about))


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose events are kept, and where they came from."""

    organisation_id: int | None
    capture_id: int | None = None
    source_id: int | None = None


def keep(tx: Session, events: Iterable[tuple[Readied, Owner]], now: datetime) -> int:
    """Write events and what they name, recorded now. Returns how many."""
    kept = list(events)
    if not kept:
        return 0
    tx.execute(
        insert(db.Model.metadata.tables[EpcisEvent.__tablename__]),
        [_row(readied, owner, now) for readied, owner in kept],
    )
    keys = _keys(tx, kept)
    names = [
        {
            "event_id": keys[owner.source_id, *readied.identity],
            "part": one.part.value,
            "is_class": one.is_class,
            "key": key_of(one.epc),
            "epc": one.epc,
        }
        for readied, owner in kept
        for one in _names(readied)
    ]
    if names:
        tx.execute(insert(db.Model.metadata.tables[EpcisName.__tablename__]), names)
    return len(kept)


def _keys(
    tx: Session, kept: Sequence[tuple[Readied, Owner]]
) -> dict[tuple[int | None, str, bool], int]:
    """The keys the events got, by the fact they tell of and their identity."""
    captures = {owner.capture_id for _readied, owner in kept} - {None}
    sources = {owner.source_id for _readied, owner in kept} - {None}
    rows = tx.execute(
        select(
            EpcisEvent.source_id, EpcisEvent.event_key, EpcisEvent.declares_error, EpcisEvent.id
        ).where(EpcisEvent.capture_id.in_(captures) | EpcisEvent.source_id.in_(sources))
    )
    return {(source, key, declared): id_ for source, key, declared, id_ in rows}


def _names(readied: Readied) -> list[Named]:
    return [*named(readied.event), *(Named(Part.ABOUT, True, lot) for lot in readied.about)]


def _row(readied: Readied, owner: Owner, now: datetime) -> dict[str, Any]:
    event, (key, declares_error) = readied.event, readied.identity
    step, disposition = text_at(event, "bizStep"), text_at(event, "disposition")
    return {
        "organisation_id": owner.organisation_id,
        "own": owner.source_id is not None,
        "source_id": owner.source_id,
        "capture_id": owner.capture_id,
        "event_id": readied.event_id,
        "event_key": key,
        "declares_error": declares_error,
        "digest": readied.digest,
        "type": event["type"],
        "event_time": moment(event["eventTime"]),
        "record_time": now,
        "action": text_at(event, "action"),
        "biz_step": step and bare(step),
        "disposition": disposition and bare(disposition),
        "read_point": text_at(event, "readPoint", "id"),
        "biz_location": text_at(event, "bizLocation", "id"),
        "body": json_text.write(_shown(readied, now)),
    }


def _shown(readied: Readied, now: datetime) -> dict[str, Any]:
    """The event as answers carry it: all it had, its id, when it was recorded, its context."""
    event = {name: value for name, value in readied.event.items() if name != "@context"}
    event |= {"eventID": readied.event_id, "recordTime": timestamp(now)}
    if beyond_the_standard(list(readied.contexts)):
        return {"@context": with_standard(list(readied.contexts)), **event}
    return event
