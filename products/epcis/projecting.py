"""Telling facts of the trade as EPCIS events, each once, hundreds at a time. A step of commands."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from products.epcis.keeping import Owner, Readied, keep, ready
from products.epcis.mapping import KINDS, Fact, Names, mapped
from products.epcis.models import EpcisEvent
from products.lots.models import Lot
from shop.core.events import Event
from shop.organisations.models import Organisation

log = logging.getLogger("shop.epcis")

CHUNK = 500
#: A fact may be committed after one with a higher key; so far back is looked for stragglers.
STRAGGLERS = 2000


def untold(tx: Session, thorough: bool = False) -> ColumnElement[bool]:
    """The condition that a fact has no EPCIS event yet."""
    waiting = Event.kind.in_(KINDS) & ~(
        select(EpcisEvent.id).where(EpcisEvent.source_id == Event.id).exists()
    )
    if thorough:
        return waiting
    latest = tx.execute(select(func.max(EpcisEvent.source_id))).scalar() or 0
    return waiting & (Event.id > latest - STRAGGLERS)


def project_some(tx: Session, *, public_url: str, now: datetime, thorough: bool) -> int:
    """Tell the oldest untold facts. Returns how many were told.

    The rows are locked first and looked at again, so that two who do this at once tell each
    fact once.
    """
    found = tx.execute(
        select(Event.id)
        .where(untold(tx, thorough))
        .order_by(Event.id)
        .limit(CHUNK)
        .with_for_update()
    ).scalars()
    keys = list(found)
    done = set(
        tx.execute(select(EpcisEvent.source_id).where(EpcisEvent.source_id.in_(keys))).scalars()
    )
    rows = _facts(tx, Event.id.in_([key for key in keys if key not in done]))
    facts = [fact for _key, _organisation, fact in rows]
    names = _names(tx, public_url, facts)
    originals = _originals(tx, facts)
    return keep(tx, _readied(rows, names, originals), now)


def _readied(
    rows: Sequence[tuple[int, int | None, Fact]], names: Names, originals: dict[str, Fact]
) -> Iterator[tuple[Readied, Owner]]:
    for key, organisation_id, fact in rows:
        original = originals.get(fact.thing) if fact.kind == "void" else None
        try:
            told = mapped(fact, names, original)
        except (KeyError, TypeError):
            # It says less than its kind agreed to; that must not keep the others from being told.
            log.exception("fact %s cannot be told", fact.id)
            continue
        if told:
            yield (
                ready(told.event["eventID"], told.event, names.context, told.lots),
                Owner(organisation_id, source_id=key),
            )


def _facts(tx: Session, condition: ColumnElement[bool]) -> list[tuple[int, int | None, Fact]]:
    rows = tx.execute(
        select(Event.id, Event.organisation_id, Event.facts, Event.at, Organisation.code)
        .outerjoin(Organisation, Organisation.id == Event.organisation_id)
        .where(condition)
        .order_by(Event.id)
    )
    return [
        (key, organisation_id, _fact(text, at, code))
        for key, organisation_id, text, at, code in rows
    ]


def _fact(text: str, at: datetime, code: str | None) -> Fact:
    whole = json.loads(text)
    inner: dict[str, Any] = whole["facts"]
    cooperative = inner.get("cooperative") or code or ""
    return Fact(whole["id"], whole["kind"], whole["thing"], at, cooperative, inner)


def _names(tx: Session, public_url: str, facts: Sequence[Fact]) -> Names:
    """How the lots of these facts are called; found by number where no id is given."""
    numbers, things = set(), set()
    for fact in facts:
        inner = fact.facts
        for item in (*inner.get("lots", ()), *inner.get("inputs", ())):
            things.add(item.get("thing"))
        if fact.thing.startswith("lot_"):
            things.add(fact.thing)
        elif inner.get("lot"):
            numbers.add(inner["lot"])
    rows = tx.execute(select(Lot.number, Lot.public_id).where(Lot.number.in_(numbers)))
    lots = {number: public_id for number, public_id in rows}
    return names_of(tx, public_url, {*(things - {None}), *lots.values()}, lots)


def names_of(
    tx: Session, public_url: str, things: Collection[str], lots: Mapping[str, str] | None = None
) -> Names:
    """How lots (public ids) are called: by their GTIN where they were packed under one."""
    packed = tx.execute(
        select(Event.thing, Event.facts).where(Event.kind == "packed", Event.thing.in_(things))
    )
    gtins = {thing: json.loads(text)["facts"].get("gtin") for thing, text in packed}
    known = {thing: gtin for thing, gtin in gtins.items() if gtin}
    return Names(public_url.rstrip("/"), known, lots or {})


def _originals(tx: Session, facts: Sequence[Fact]) -> dict[str, Fact]:
    """The deliveries that are taken back, by the lot."""
    voided = [fact.thing for fact in facts if fact.kind == "void"]
    if not voided:
        return {}
    rows = _facts(tx, (Event.kind == "delivery") & Event.thing.in_(voided))
    return {fact.thing: fact for _key, _organisation, fact in rows}
