"""Lifecycles as tables: what may happen to a thing, who may do it, and who may not again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, String, insert, literal, select, type_coerce, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import SQLCoreOperations

from shop.core import db
from shop.core.actors import Actor
from shop.core.audit import AuditEntry, record
from shop.core.errors import SamePerson, WrongState
from shop.core.labels import Labelled
from shop.core.permissions import Permission

S = TypeVar("S", bound=Labelled)


@dataclass(frozen=True, slots=True)
class Move(Generic[S]):
    """One allowed step. `not_by_who_did` names earlier actions whose doer may not do this one."""

    from_state: S
    action: str
    to_state: S
    needs: Permission | None = None
    not_by_who_did: tuple[str, ...] = ()


class StateTable(Generic[S]):
    """All allowed steps of one kind of thing; the only place that assigns to `state`."""

    def __init__(self, kind: str, *moves: Move[S]) -> None:
        self.kind = kind
        self.moves = moves

    def find(self, state: S, action: str) -> Move[S] | None:
        """The step that `action` makes from `state`, or None when there is none."""
        return next((m for m in self.moves if m.from_state is state and m.action == action), None)

    def actions(self, state: S) -> list[str]:
        """What can be done in a state, in the table's order; pages show these as buttons."""
        return [move.action for move in self.moves if move.from_state is state]

    def move(
        self,
        tx: Session,
        thing: Any,
        action: str,
        *,
        actor: Actor,
        now: datetime,
        organisation_id: int | None,
        own: bool = False,
        reason: str = "",
        **facts: Any,
    ) -> None:
        """Take one step and write it into the audit log.

        Args:
            thing: a locked row with `state` and `public_id`.
            organisation_id: whose permission is asked (the buyer's for a purchase…).
            own: the thing is the actor's own (a retail purchase); no role is asked for.

        Raises:
            NotFound, NotAllowed: see `Actor.require`.
            WrongState: the table has no such step from the present state.
            SamePerson: this person did a step that excludes this one.
        """
        for permission in {m.needs for m in self.moves if m.action == action}:
            if permission is not None and not own:
                actor.require(permission, organisation_id)
        step = self.find(thing.state, action)
        if step is None:
            raise WrongState(state=thing.state.label)
        if step.not_by_who_did and actor.user_id is not None:
            tx.flush()
            did = tx.execute(
                select(AuditEntry.id)
                .where(
                    AuditEntry.thing == thing.public_id,
                    AuditEntry.action.in_(step.not_by_who_did),
                    AuditEntry.user_id == actor.user_id,
                )
                .limit(1)
            ).first()
            if did:
                raise SamePerson()
        thing.state = step.to_state
        record(
            tx,
            actor=actor,
            now=now,
            kind=self.kind,
            thing=thing.public_id,
            action=action,
            organisation_id=organisation_id,
            from_state=step.from_state.value,
            to_state=step.to_state.value,
            reason=reason,
            **facts,
        )

    def move_all(
        self,
        tx: Session,
        model: type[Any],
        which: ColumnElement[bool],
        action: str,
        *,
        actor: Actor,
        now: datetime,
        organisation_id: int | None = None,
        reason: SQLCoreOperations[str] | str = "",
        values: dict[str, Any] | None = None,
    ) -> int:
        """Take one step with all rows of a set from which it can be taken, audit lines and all.

        For steps that ask for nobody's permission: the command that takes them has asked.

        Args:
            model: the table; what decides about its rows is locked by the caller, and loaded
                objects are not told.
            which: which of its rows; may name one row of another table for each.
            reason: a text, or an expression over the row.
            values: what else to write, by column, likewise.

        Returns:
            How many rows were moved.
        """
        steps = [
            move
            for move in self.moves
            if move.action == action and not (move.needs or move.not_by_who_did)
        ]
        (to_state,) = {step.to_state for step in steps}
        there = which & model.state.in_([step.from_state for step in steps])
        lines = {
            "at": literal(now, AuditEntry.at.type),
            "actor_key": literal(actor.key),
            "actor_name": literal(actor.name),
            "user_id": literal(actor.user_id, AuditEntry.user_id.type),
            "organisation_id": literal(organisation_id, AuditEntry.organisation_id.type),
            "kind": literal(self.kind),
            "thing": model.public_id,
            "action": literal(action),
            "from_state": type_coerce(model.state, String),
            "to_state": literal(to_state.value),
            "reason": literal(reason) if isinstance(reason, str) else reason,
            "facts": literal("{}"),
        }
        tx.execute(
            insert(AuditEntry).from_select(
                list(lines), select(*lines.values()).where(there).order_by(model.id)
            )
        )
        changed = update(model).where(there).values(state=to_state, **(values or {}))
        return db.rows_changed(tx, changed)
