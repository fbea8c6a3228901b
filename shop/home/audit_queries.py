"""The auditor's reading of the log: who did and approved what, and one thing's whole history."""

from __future__ import annotations

import hashlib
import json
import random
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from orders.payouts.models import PayoutBatch, PayoutItem, ResultFile
from orders.purchasing.models import Cancellation, Order, Purchase
from orders.refunds.models import Refund
from orders.shipments.models import Acceptance, Invoice, Return, Shipment
from shop.core.actors import Actor
from shop.core.audit import AuditEntry
from shop.core.clock import start_of
from shop.core.permissions import Permission
from shop.core.weight import kg_text
from shop.home.audit_words import action_word, fact_word, kind_word, state_word, value_word
from shop.organisations.models import Organisation
from shop.web.filters import mask, yuan_text

PAGE = 50

_PUBLIC_ID = re.compile(r"[a-z]+_[0-9a-hjkmnp-tv-z]{16}")


@dataclass(frozen=True, slots=True)
class ActFilter:
    """Which acts: days in Shanghai, both included; empty values leave out nothing."""

    since: date | None = None
    until: date | None = None
    kind: str = ""
    organisation: str = ""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact kept with an act; `thing` is its value when that is a public id."""

    name: str
    value: str
    thing: str


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the log. Names of households are masked."""

    at: datetime
    who: str
    organisation: str
    kind: str
    thing: str
    action: str
    from_state: str
    to_state: str
    reason: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Acts:
    """A page of the log: `total` rows in all on so many `pages`."""

    rows: tuple[Act, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A random sample that anybody can draw again: same seed, same log, same rows."""

    seed: str
    population: int
    population_hash: str
    rows: tuple[Act, ...]


def acts(tx: Session, *, wanted: ActFilter, page: int, actor: Actor) -> Acts:
    """A page of what was done, the latest first.

    Raises:
        NotAllowed: only auditors read the whole log.
    """
    actor.require(Permission.AUDIT_READ)
    conditions = _conditions(wanted)
    total = tx.execute(_joined(select(func.count(AuditEntry.id))).where(*conditions)).scalar_one()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    rows = tx.execute(
        _rows()
        .where(*conditions)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    return Acts(tuple(_act(row[0], row[1]) for row in rows), int(total), page, pages)


def all_acts(tx: Session, *, wanted: ActFilter, actor: Actor) -> list[Act]:
    """Everything a filter finds, the eldest first, for an export; see `acts`."""
    actor.require(Permission.AUDIT_READ)
    rows = tx.execute(_rows().where(*_conditions(wanted)).order_by(AuditEntry.at, AuditEntry.id))
    return [_act(row[0], row[1]) for row in rows]


def history(tx: Session, *, thing: str, actor: Actor) -> list[Act]:
    """Everything that was done to one thing, the eldest first.

    Raises:
        NotAllowed: the actor reads neither the log nor the platform's books.
    """
    _require_reader(actor)
    rows = tx.execute(
        _rows().where(AuditEntry.thing == thing).order_by(AuditEntry.at, AuditEntry.id)
    )
    return [_act(row[0], row[1]) for row in rows]


def kinds(tx: Session, *, actor: Actor) -> list[tuple[str, str]]:
    """The kinds that occur in the log, with their words."""
    actor.require(Permission.AUDIT_READ)
    found = tx.execute(select(AuditEntry.kind).distinct().order_by(AuditEntry.kind)).scalars()
    return [(kind, kind_word(kind)) for kind in found]


def organisations(tx: Session, *, actor: Actor) -> list[tuple[str, str]]:
    """All organisations, by kind and code, to choose one in the filter."""
    actor.require(Permission.AUDIT_READ)
    rows = tx.execute(
        select(Organisation.public_id, Organisation.name).order_by(
            Organisation.kind, Organisation.code
        )
    )
    return [(public_id, name) for public_id, name in rows]


def sample(tx: Session, *, wanted: ActFilter, seed: str, size: int, actor: Actor) -> Sample:
    """Draw acts at random, so that the same seed over the same log draws the same rows.

    Args:
        seed: any text; it is printed with the sample.
        size: how many; all of them when there are fewer.
    """
    actor.require(Permission.AUDIT_READ)
    ids = list(
        tx.execute(
            _joined(select(AuditEntry.id)).where(*_conditions(wanted)).order_by(AuditEntry.id)
        ).scalars()
    )
    # A sample must be drawn again from its seed; nothing here is a secret.
    drawn = random.Random(seed).sample(ids, min(size, len(ids)))  # noqa: S311
    rows = tx.execute(_rows().where(AuditEntry.id.in_(drawn)).order_by(AuditEntry.id))
    population = hashlib.sha256(json.dumps(ids).encode()).hexdigest()
    return Sample(seed, len(ids), population, tuple(_act(row[0], row[1]) for row in rows))


def related(tx: Session, *, thing: str, actor: Actor) -> list[str]:
    """The things a thing belongs to: a payment's batch, a shipment's order and purchase."""
    _require_reader(actor)
    prefix = thing.partition("_")[0]
    if prefix in _BELONGS:
        row = tx.execute(_BELONGS[prefix](thing)).one_or_none()
        return list(row) if row else []
    return []


def _require_reader(actor: Actor) -> None:
    if not actor.may(Permission.AUDIT_READ):
        actor.require(Permission.PLATFORM_READ)


def _purchase_of(
    model: type[Cancellation | Shipment | Acceptance | Refund | Invoice], thing: str
) -> Select[*tuple[Any, ...]]:
    return (
        select(Order.public_id, Purchase.public_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .join(model, model.order_id == Order.id)
        .where(model.public_id == thing)
    )


_BELONGS = {
    "pay": lambda thing: (
        select(PayoutBatch.public_id)
        .join(PayoutItem, PayoutItem.batch_id == PayoutBatch.id)
        .where(PayoutItem.public_id == thing)
    ),
    "result": lambda thing: (
        select(PayoutBatch.public_id)
        .join(ResultFile, ResultFile.batch_id == PayoutBatch.id)
        .where(ResultFile.public_id == thing)
    ),
    "order": lambda thing: (
        select(Purchase.public_id)
        .join(Order, Order.purchase_id == Purchase.id)
        .where(Order.public_id == thing)
    ),
    "cancel": lambda thing: _purchase_of(Cancellation, thing),
    "ship": lambda thing: _purchase_of(Shipment, thing),
    "accept": lambda thing: _purchase_of(Acceptance, thing),
    "refund": lambda thing: _purchase_of(Refund, thing),
    "invoice": lambda thing: _purchase_of(Invoice, thing),
    "return": lambda thing: (
        select(Acceptance.public_id)
        .join(Return, Return.acceptance_id == Acceptance.id)
        .where(Return.public_id == thing)
    ),
}


def _joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return statement.select_from(AuditEntry).outerjoin(
        Organisation, Organisation.id == AuditEntry.organisation_id
    )


def _rows() -> Select[*tuple[Any, ...]]:
    return _joined(select(AuditEntry, Organisation.name))


def _conditions(wanted: ActFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.since:
        found.append(AuditEntry.at >= start_of(wanted.since))
    if wanted.until:
        found.append(AuditEntry.at < start_of(wanted.until + timedelta(days=1)))
    if wanted.kind:
        found.append(AuditEntry.kind == wanted.kind)
    if wanted.organisation:
        found.append(Organisation.public_id == wanted.organisation)
    if wanted.person:
        # A household is found by its id only: its name is not the auditor's to search by.
        found.append(
            (AuditEntry.actor_key == wanted.person)
            | (
                AuditEntry.actor_name.contains(wanted.person, autoescape=True)
                & ~AuditEntry.actor_key.startswith("hh_")
            )
        )
    return found


def _act(entry: AuditEntry, organisation: str | None) -> Act:
    household = entry.actor_key.startswith("hh_")
    facts = json.loads(entry.facts)
    return Act(
        at=entry.at,
        who=mask(entry.actor_name) if household else entry.actor_name,
        organisation=organisation or "",
        kind=kind_word(entry.kind),
        thing=entry.thing,
        action=action_word(entry.action),
        from_state=state_word(entry.kind, entry.from_state),
        to_state=state_word(entry.kind, entry.to_state),
        reason=entry.reason,
        facts=tuple(_fact(name, value) for name, value in facts.items()),
    )


def _fact(name: str, value: object) -> Fact:
    """One kept fact: fen shown as yuan, grams as kilograms, everything else as it stands."""
    if isinstance(value, int) and (name.endswith("_fen") or name == "fen_per_kg"):
        return Fact(fact_word(name), yuan_text(value), "")
    if isinstance(value, int) and name.endswith("grams"):
        return Fact(fact_word(name), kg_text(value), "")
    text = value_word(name, _words(value))
    return Fact(fact_word(name), text, text if _PUBLIC_ID.fullmatch(text) else "")


def _words(value: object) -> str:
    """A kept value as people write it down: pairs and lists one after the other."""
    if isinstance(value, dict):
        return "、".join(f"{_words(key)} {_words(one)}" for key, one in value.items())
    if isinstance(value, list):
        return "、".join(_words(one) for one in value)
    return "–" if value is None else str(value)
