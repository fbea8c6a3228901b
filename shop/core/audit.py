"""Who did what, when and why: an append-only log, written in the transaction it tells of."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from shop.core import db
from shop.core.actors import Actor


class AuditEntry(db.Model):
    """One act: a state move, a look at masked data, a correction.

    `thing` is the public id of what it was done to; `action` is the verb of the state table or
    of the command; `facts` are plain values as JSON, never personal data.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_thing_action", "thing", "action"),)

    id: Mapped[db.Id]
    at: Mapped[datetime] = mapped_column(index=True)
    actor_key: Mapped[str] = mapped_column(String(64))
    actor_name: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    thing: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    from_state: Mapped[str | None] = mapped_column(String(32))
    to_state: Mapped[str | None] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(default="")
    facts: Mapped[str] = mapped_column(default="{}")


def record(
    tx: Session,
    *,
    actor: Actor,
    now: datetime,
    kind: str,
    thing: str,
    action: str,
    organisation_id: int | None = None,
    from_state: str | None = None,
    to_state: str | None = None,
    reason: str = "",
    **facts: Any,
) -> None:
    """Write one line into the log.

    Args:
        kind: the part's word for the thing (`purchase`, `delivery`…).
        thing: its public id.
        reason: as the person typed it; empty where none is asked.
        facts: plain values worth keeping (fen, grams, public ids).
    """
    tx.add(
        AuditEntry(
            at=now,
            actor_key=actor.key,
            actor_name=actor.name,
            user_id=actor.user_id,
            organisation_id=organisation_id,
            kind=kind,
            thing=thing,
            action=action,
            from_state=from_state,
            to_state=to_state,
            reason=reason,
            facts=json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str),
        )
    )


@dataclass(frozen=True, slots=True)
class Act:
    """One line of the log as pages show it. `user_id` never leaves the server.

    `facts` are what `record` was given besides: fen, grams, numbers, public ids.
    """

    at: datetime
    user_id: int | None
    actor: str
    kind: str
    thing: str
    action: str
    to_state: str | None
    reason: str
    facts: dict[str, Any]


def history(tx: Session, *things: str) -> list[Act]:
    """Everything that was done to things (public ids), oldest first."""
    rows = tx.execute(
        select(AuditEntry).where(AuditEntry.thing.in_(things)).order_by(AuditEntry.id)
    ).scalars()
    return [
        Act(
            row.at,
            row.user_id,
            row.actor_name,
            row.kind,
            row.thing,
            row.action,
            row.to_state,
            row.reason,
            json.loads(row.facts),
        )
        for row in rows
    ]
