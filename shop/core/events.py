"""Facts of the trade (事件): what happened to goods, written in the transaction it tells of.

An event is never changed. It names no person: people stand in the audit log, households under a
pseudonym. Whoever keeps the public proof orders and seals events later, off the request; EPCIS
events are the same facts in the words of that standard.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from shop.core import db
from shop.core.ids import new_id
from shop.core.vault import vault


class Event(db.Model):
    """One fact. `facts` is its text as hashed; `digest` is over the salt and that text.

    `at` is when it happened, `recorded_at` when it was written down. The salt keeps anybody from
    guessing what stands behind a published digest.
    """

    __tablename__ = "event"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("event")
    kind: Mapped[str] = mapped_column(String(32))
    thing: Mapped[str] = mapped_column(String(64), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    at: Mapped[datetime] = mapped_column(index=True)
    recorded_at: Mapped[datetime]
    facts: Mapped[str]
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


def emit(
    tx: Session,
    *,
    kind: str,
    thing: str,
    at: datetime,
    now: datetime,
    organisation_id: int | None,
    also: Mapping[str, Any] | None = None,
    **facts: Any,
) -> str:
    """Write one fact down. Returns its public id.

    Args:
        kind: what happened, such as ``delivery``, ``packing``, ``shipping``.
        thing: public id of what it happened to.
        at: when it happened; `now` is when it is written down.
        also: facts that have the name of an argument here, such as ``kind``.
        facts: plain values (grams, numbers, public ids, pseudonyms); never personal data.
    """
    public_id = new_id("event")
    facts |= also or {}
    text = canonical({"id": public_id, "kind": kind, "thing": thing, "at": at, "facts": facts})
    salt = secrets.token_bytes(16)
    tx.add(
        Event(
            public_id=public_id,
            kind=kind,
            thing=thing,
            organisation_id=organisation_id,
            at=at,
            recorded_at=now,
            facts=text,
            salt=salt,
            digest=digest_of(salt, text),
        )
    )
    return public_id


def canonical(content: dict[str, Any]) -> str:
    """Plain values as the one JSON text that is hashed: keys sorted, no spaces, UTF-8."""
    return json.dumps(
        content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
    )


def digest_of(salt: bytes, text: str) -> bytes:
    """SHA-256 over the salt and the text of an event."""
    return hashlib.sha256(salt + text.encode()).digest()


def pseudonym(public_id: str) -> str:
    """The name a household has in events and exports: the same each time, known to us alone."""
    return "hh-" + vault().fingerprint(f"pseudonym:{public_id}")[:16]


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
