"""Reading events: answers to queries, captures, everything about a lot."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from products.epcis.asking import After, Question
from products.epcis.models import EpcisCapture, EpcisEvent, EpcisName
from products.epcis.projecting import names_of, untold
from products.epcis.rules import STEPS, Part, Step, key_of
from products.lots.models import Lot, LotInput
from shop.core.actors import Actor
from shop.core.errors import NotFound, Refusal
from shop.core.events import Event
from shop.core.labels import N_
from shop.core.permissions import Permission as P


class TooMany(Refusal):
    """More events than the query wants to see at all."""

    code = "query_too_large"
    sentence = N_("符合条件的事件超过 %(most)s 个。")
    status = 413


@dataclass(frozen=True, slots=True)
class Page:
    """Events as JSON texts, and where the next page goes on, if there is one."""

    bodies: tuple[str, ...]
    after: After | None


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """One capture as its sender sees it; `faults` are paths with a Chinese sentence each."""

    public_id: str
    at: datetime
    events: int
    new_events: int
    faults: tuple[tuple[str, str], ...]
    id: int


@dataclass(frozen=True, slots=True)
class LotEvents:
    """A lot's way as EPCIS: what its page says of it, and the events as JSON texts."""

    public_id: str
    number: str
    organisation_id: int
    lots: int
    steps: tuple[tuple[Step, int], ...]
    bodies: tuple[str, ...]


def events(tx: Session, question: Question, organisation_id: int | None) -> Page:
    """The page of events a question asks for.

    Args:
        organisation_id: whose events may be seen: its own and those it captured; None: all.

    Raises:
        TooMany: more than the question wants at all.
    """
    conditions = [*_visible(organisation_id), *_conditions(question)]
    if question.refuse_over is not None:
        _refuse_over(tx, conditions, question.refuse_over)
    order = getattr(EpcisEvent, question.order_by)
    given = question.after.given if question.after else 0
    most = question.per_page
    if question.limit is not None:
        most = min(most, max(question.limit - given, 0))
    direction = (
        (order.desc(), EpcisEvent.id.desc())
        if question.descending
        else (order.asc(), EpcisEvent.id.asc())
    )
    rows = tx.execute(
        select(EpcisEvent.id, order, EpcisEvent.body)
        .where(*conditions, *_beyond(question, order))
        .order_by(*direction)
        .limit(most + 1)
    ).all()
    shown = rows[:most]
    more = len(rows) > most and (question.limit is None or given + most < question.limit)
    last = shown[-1] if shown and more else None
    return Page(
        tuple(row.body for row in shown), After(last[1], last[0], given + most) if last else None
    )


def _refuse_over(tx: Session, conditions: Sequence[ColumnElement[bool]], most: int) -> None:
    some = select(EpcisEvent.id).where(*conditions).limit(most + 1).subquery()
    if tx.execute(select(func.count()).select_from(some)).scalar_one() > most:
        raise TooMany(most=most)


def event(tx: Session, event_id: str, organisation_id: int | None) -> str:
    """One event as JSON text; the error declaration where one was made, since it came last.

    Raises:
        NotFound: there is none of this id, or not for this organisation.
    """
    body = tx.execute(
        select(EpcisEvent.body)
        .where(
            EpcisEvent.event_key == key_of(event_id),
            EpcisEvent.event_id == event_id,
            *_visible(organisation_id),
        )
        .order_by(EpcisEvent.id.desc())
        .limit(1)
    ).scalar()
    if body is None:
        raise NotFound()
    return body


#: Resources of the standard: which column of an event their values stand in.
COLUMNS = {
    "eventTypes": "type",
    "bizSteps": "biz_step",
    "dispositions": "disposition",
    "bizLocations": "biz_location",
    "readPoints": "read_point",
}


def values(
    tx: Session, resource: str, organisation_id: int | None, beyond: str, most: int
) -> list[str]:
    """The values events have in one respect, in order, `most` of those after `beyond`."""
    if resource == "epcs":
        column: Any = EpcisName.epc
        found = (
            select(column)
            .join(EpcisEvent, EpcisEvent.id == EpcisName.event_id)
            .where(EpcisName.part != Part.ABOUT.value)
        )
    else:
        column = getattr(EpcisEvent, COLUMNS[resource])
        found = select(column).where(column.is_not(None))
    ordered = found.where(column > beyond, *_visible(organisation_id)).distinct().order_by(column)
    return list(tx.execute(ordered.limit(most)).scalars())


def captures(tx: Session, organisation_id: int, before: int | None, most: int) -> list[CaptureRow]:
    """What an organisation sent, the latest first, `most` of those before a key."""
    rows = tx.execute(
        _captures()
        .where(
            EpcisCapture.organisation_id == organisation_id,
            *([EpcisCapture.id < before] if before else []),
        )
        .order_by(EpcisCapture.id.desc())
        .limit(most)
    )
    return [_capture(*row) for row in rows]


def capture(tx: Session, public_id: str, organisation_id: int) -> CaptureRow:
    """One capture of an organisation.

    Raises:
        NotFound: there is none, or it is another's.
    """
    row = tx.execute(
        _captures().where(
            EpcisCapture.public_id == public_id, EpcisCapture.organisation_id == organisation_id
        )
    ).one_or_none()
    if row is None:
        raise NotFound()
    return _capture(*row)


def _captures() -> Select[str, datetime, int, int, str, int]:
    return select(
        EpcisCapture.public_id,
        EpcisCapture.at,
        EpcisCapture.events,
        EpcisCapture.new_events,
        EpcisCapture.faults,
        EpcisCapture.id,
    )


def _capture(
    public_id: str, at: datetime, events: int, new_events: int, faults: str, key: int
) -> CaptureRow:
    return CaptureRow(
        public_id,
        at,
        events,
        new_events,
        tuple((path, said) for path, said in json.loads(faults)),
        key,
    )


def waiting(tx: Session) -> bool:
    """Whether there are facts not told as EPCIS events yet."""
    return tx.execute(select(Event.id).where(untold(tx)).limit(1)).first() is not None


def lot_events(
    tx: Session,
    *,
    lot: str,
    public_url: str,
    actor: Actor,
    needs: P = P.LOT_READ,
) -> LotEvents:
    """Every step of a lot and of everything behind it, oldest first.

    Args:
        lot: its public id, or its number.
        needs: the permission that opens it, at its cooperative.

    Raises:
        NotFound: there is no such lot, or it is another cooperative's.
        NotAllowed: the actor may not read lots there.
    """
    found = tx.execute(
        select(Lot.id, Lot.public_id, Lot.number, Lot.cooperative_id).where(
            or_(Lot.public_id == lot, Lot.number == lot)
        )
    ).one_or_none()
    if found is None:
        raise NotFound()
    key, public_id, number, cooperative_id = found
    actor.require(needs, cooperative_id)
    lots = _behind(tx, key)
    rows = tx.execute(
        select(EpcisEvent.biz_step, EpcisEvent.body)
        .where(
            EpcisEvent.own,
            or_(
                EpcisEvent.organisation_id == cooperative_id,
                EpcisEvent.organisation_id.is_(None),
            ),
            EpcisEvent.id.in_(
                select(EpcisName.event_id).where(
                    EpcisName.part == Part.ABOUT.value,
                    EpcisName.key.in_(_lot_keys(tx, lots, public_url)),
                )
            ),
        )
        .order_by(EpcisEvent.event_time, EpcisEvent.id)
    ).all()
    return LotEvents(
        public_id,
        number,
        cooperative_id,
        len(lots),
        tuple(Counter(STEPS[step or ""] for step, _body in rows).items()),
        tuple(body for _step, body in rows),
    )


def _behind(tx: Session, key: int) -> dict[str, str]:
    """A lot and every lot behind it: public id → number."""
    behind = select(Lot.id).where(Lot.id == key).cte("behind", recursive=True)
    behind = behind.union(select(LotInput.parent_id).join(behind, LotInput.child_id == behind.c.id))
    rows = tx.execute(select(Lot.public_id, Lot.number).where(Lot.id.in_(select(behind.c.id))))
    return {public_id: number for public_id, number in rows}


def _lot_keys(tx: Session, lots: dict[str, str], public_url: str) -> list[str]:
    """By what the lots are looked up."""
    names = names_of(tx, public_url, lots)
    return [key_of(names.lot(thing, number)) for thing, number in lots.items()]


def _visible(organisation_id: int | None) -> list[ColumnElement[bool]]:
    return [] if organisation_id is None else [EpcisEvent.organisation_id == organisation_id]


def _conditions(question: Question) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    for column, wanted in question.equal:
        if column == "event_id":
            found.append(EpcisEvent.event_key.in_([key_of(value) for value in wanted]))
        found.append(getattr(EpcisEvent, column).in_(wanted))
    found += [getattr(EpcisEvent, column) >= at for column, at in question.since]
    found += [getattr(EpcisEvent, column) < at for column, at in question.before]
    for one in question.matching:
        found.append(
            EpcisEvent.id.in_(
                select(EpcisName.event_id).where(
                    EpcisName.key.in_([key_of(epc) for epc in one.epcs]),
                    EpcisName.epc.in_(one.epcs),
                    EpcisName.part.in_([part.value for part in one.parts]),
                    EpcisName.is_class.in_(one.kinds),
                )
            )
        )
    return found


def _beyond(question: Question, order: Any) -> list[ColumnElement[bool]]:
    if question.after is None:
        return []
    at, key = question.after.at, question.after.key
    if question.descending:
        return [or_(order < at, and_(order == at, EpcisEvent.id < key))]
    return [or_(order > at, and_(order == at, EpcisEvent.id > key))]
