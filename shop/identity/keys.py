"""Keys of programs: issuing, listing, revoking, and knowing one again."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.db import insert_if_new
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.identity.models import ApiKey, User

PREFIX = "shk_"


class KeyNameTaken(Refusal):
    """Keys are told apart by name; another one in force has this name."""

    code = "key_name_taken"
    sentence = N_("已有一把同名的钥匙在用，请换个名字。")
    field = "name"


class KeyRefused(Refusal):
    """No key, an unknown one, or one that ended or was revoked."""

    code = "key_refused"
    sentence = N_("没有带接口钥匙，或者这把钥匙不对、已到期、已停用。")
    status = 401


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as its page lists it; the key itself is shown nowhere again."""

    public_id: str
    name: str
    start: str
    issued_by: str | None
    since: datetime
    until: datetime | None
    revoked_at: datetime | None
    last_used: date | None
    in_force: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """What a key stands for: its id and name, and for which organisation (internal key)."""

    public_id: str
    name: str
    organisation_id: int
    last_used: date | None


@command
def issue(
    tx: Session, *, organisation_id: int, name: str, days: int | None, actor: Actor, now: datetime
) -> str:
    """Make a key for an organisation and return it; this is the only time it can be read.

    It takes no once-key, which would keep the answer: a second click finds the name taken.

    Args:
        organisation_id: internal key.
        days: how long it is in force; None: until it is revoked.
        actor: needs `api_key:manage` there.

    Raises:
        KeyNameTaken: a key of this name is not revoked.
    """
    actor.require(P.API_KEY_MANAGE, organisation_id)
    key = PREFIX + secrets.token_urlsafe(32)
    kept = {
        "organisation_id": organisation_id,
        "name": name.strip(),
        "start": key[: len(PREFIX) + 6],
        "key_hash": _hash(key),
        "issued_by": actor.user_id,
        "since": now,
        "until": now + timedelta(days=days) if days else None,
    }
    if not insert_if_new(tx, ApiKey, kept):
        raise KeyNameTaken()
    row = tx.execute(select(ApiKey).where(ApiKey.key_hash == kept["key_hash"])).scalar_one()
    _record(tx, row, "issue", actor, now)
    return key


@command
def revoke(tx: Session, *, key_id: str, actor: Actor, now: datetime) -> None:
    """End a key at once; revoking it again changes nothing.

    Raises:
        NotFound: there is no such key, or it is another organisation's.
        NotAllowed: the actor may not manage keys there.
    """
    row = tx.execute(
        select(ApiKey).where(ApiKey.public_id == key_id).with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise NotFound()
    actor.require(P.API_KEY_MANAGE, row.organisation_id)
    if row.revoked_at is None:
        row.revoked_at = now
        _record(tx, row, "revoke", actor, now)


@command
def note_use(tx: Session, *, key_id: str, now: datetime) -> None:
    """Remember the day a key was used last."""
    tx.execute(update(ApiKey).where(ApiKey.public_id == key_id).values(last_used=day_of(now)))


def listed(tx: Session, organisation_id: int, actor: Actor, now: datetime) -> list[KeyRow]:
    """An organisation's keys, the newest first; the actor needs `api_key:manage` there."""
    actor.require(P.API_KEY_MANAGE, organisation_id)
    rows = tx.execute(
        select(ApiKey, User.name)
        .outerjoin(User, User.id == ApiKey.issued_by)
        .where(ApiKey.organisation_id == organisation_id)
        .order_by(ApiKey.id.desc())
    )
    return [
        KeyRow(
            row.public_id,
            row.name,
            row.start,
            who,
            row.since,
            row.until,
            row.revoked_at,
            row.last_used,
            in_force=row.revoked_at is None and (row.until is None or row.until > now),
        )
        for row, who in rows
    ]


def holder_of(tx: Session, key: str, now: datetime) -> Holder:
    """Whose key this is.

    Raises:
        KeyRefused: nobody's; or it ended or was revoked.
    """
    row = tx.execute(select(ApiKey).where(ApiKey.key_hash == _hash(key))).scalar_one_or_none()
    if row is None or row.revoked_at is not None or (row.until and row.until <= now):
        raise KeyRefused()
    return Holder(row.public_id, row.name, row.organisation_id, row.last_used)


def _record(tx: Session, row: ApiKey, action: str, actor: Actor, now: datetime) -> None:
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="api_key",
        thing=row.public_id,
        action=action,
        organisation_id=row.organisation_id,
        name=row.name,
    )


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
