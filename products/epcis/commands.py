"""Capturing what partners send, and telling our own facts in the words of EPCIS.

Neither makes a lot, a gram or a fen: captured events are read, never acted upon.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.epcis.intake import Intake
from products.epcis.keeping import Owner, Readied, keep
from products.epcis.models import EpcisCapture, EpcisEvent
from products.epcis.projecting import project_some
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation

CONTRADICTS = N_("这个 eventID 已经是另一个内容不同的事件。")


class EventIdTaken(Refusal):
    """An event of the same id says something else; nothing was kept."""

    code = "event_id_taken"
    sentence = CONTRADICTS


@command
def capture(
    tx: Session, *, intake: Intake, organisation_id: int, actor: Actor, now: datetime
) -> str:
    """Keep a valid document and its events for an organisation; all of them or none.

    An event that is kept already, by its id and content, is not kept twice. If one has the id of
    another event with other content, nothing is kept but the capture with its faults.

    Args:
        organisation_id: internal key of whose capture it is.
        actor: needs `event:capture` there.

    Returns:
        The public id of the capture, ``capture_…``.
    """
    actor.require(P.EVENT_CAPTURE, organisation_id)
    # One capture of an organisation at a time, so that the same event twice is seen to be one.
    tx.execute(select(Organisation.id).where(Organisation.id == organisation_id).with_for_update())
    new, faults = _compared(intake, _kept(tx, organisation_id, intake.events))
    row = EpcisCapture(
        organisation_id=organisation_id,
        actor_key=actor.key,
        at=now,
        document=None if faults else intake.raw,
        events=len(intake.events),
        new_events=0 if faults else len(new),
        faults=json.dumps(faults, ensure_ascii=False),
    )
    tx.add(row)
    tx.flush()
    if not faults:
        owner = Owner(organisation_id, capture_id=row.id)
        keep(tx, ((event, owner) for event in new), now)
    return row.public_id


@command
def project(tx: Session, *, public_url: str, now: datetime, thorough: bool = False) -> int:
    """Tell facts that were not told yet as EPCIS events, some hundred of them.

    Args:
        public_url: the shop's public address, under which things are named.
        thorough: look through all facts, not only the latest ones.

    Returns:
        How many facts were told; call again until it is none.
    """
    return project_some(tx, public_url=public_url, now=now, thorough=thorough)


def project_all(public_url: str, now: datetime, *, thorough: bool = False) -> int:
    """Tell everything that waits, some hundred facts in each transaction. Returns how many."""
    told = 0
    while some := project(public_url=public_url, now=now, thorough=thorough):
        told += some
    return told


def _kept(
    tx: Session, organisation_id: int, events: Iterable[Readied]
) -> dict[tuple[str, bool], str]:
    """The digests of those events the organisation has already, by their identity."""
    keys = {event.identity[0] for event in events}
    rows = tx.execute(
        select(EpcisEvent.event_key, EpcisEvent.declares_error, EpcisEvent.digest).where(
            EpcisEvent.organisation_id == organisation_id, EpcisEvent.event_key.in_(keys)
        )
    )
    return {(key, declares_error): digest for key, declares_error, digest in rows}


def _compared(
    intake: Intake, kept: dict[tuple[str, bool], str]
) -> tuple[list[Readied], list[tuple[str, str]]]:
    """The events that are new, and the faults of those that contradict what is known."""
    known, new, faults = dict(kept), [], []
    for number, event in enumerate(intake.events):
        digest = known.get(event.identity)
        if digest is None:
            known[event.identity] = event.digest
            new.append(event)
        elif digest != event.digest:
            faults.append((f"$.epcisBody.eventList[{number}].eventID", CONTRADICTS))
    return new, faults
