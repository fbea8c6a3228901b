"""Freezing lots (冻结) and lifting it: plain steps that work in their caller's transaction.

A frozen lot is not used, sold, shipped or settled. Alarms, disputes and recalls each freeze it on
their own account; it moves again when the last of them is lifted. Every place that takes from a
lot asks `moving()` in the same statement, so nothing slips past.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.orm import Session

from products.lots.models import Lot, LotFreeze
from products.lots.states import FreezeCause
from shop.core import audit, db, events
from shop.core.actors import Actor
from shop.core.errors import Refusal
from shop.core.labels import N_


class LotFrozen(Refusal):
    """A lot that stands still is not used, sold, shipped or settled (批次已冻结)."""

    code = "lot_frozen"
    sentence = N_("批次 %(lot)s 已冻结（%(cause)s），解冻以前不能用、不能卖、不能结算。")
    field = "inputs"


def moving() -> ColumnElement[bool]:
    """That a lot does not stand still; whatever takes from one asks it in the same statement."""
    return Lot.freezes == 0


def freeze(
    tx: Session,
    lot_ids: Sequence[int],
    *,
    cause: FreezeCause,
    about: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> list[int]:
    """Freeze lots on account of one alarm, dispute or recall.

    Args:
        lot_ids: internal keys; those this account has frozen already are left alone.
        about: public id of the alarm, dispute or recall.

    Returns:
        The internal keys of the lots that were not yet frozen on this account, ascending.
    """
    lots = tx.execute(
        select(Lot.id, Lot.public_id, Lot.number, Lot.cooperative_id)
        .where(Lot.id.in_(lot_ids))
        .order_by(Lot.id)
        .with_for_update()
    ).all()
    # Read under the locks: whoever freezes the same lots on the same account waits for them.
    had = set(
        tx.execute(
            select(LotFreeze.lot_id).where(LotFreeze.about == about, LotFreeze.lifted_at.is_(None))
        ).scalars()
    )
    fresh = [lot for lot in lots if lot.id not in had]
    if not fresh:
        return []
    row = {"cause": cause, "about": about, "reason": reason, "since": now, "lift_reason": ""}
    tx.execute(insert(LotFreeze), [{"lot_id": lot.id, **row} for lot in fresh])
    _count(tx, [lot.id for lot in fresh], 1)
    for _key, public_id, number, cooperative_id in fresh:
        _tell(tx, "freeze", public_id, number, cooperative_id, cause, about, reason, actor, now)
    return [lot.id for lot in fresh]


def lift(
    tx: Session,
    *,
    about: str,
    reason: str,
    actor: Actor,
    now: datetime,
    lot_ids: Sequence[int] | None = None,
) -> list[int]:
    """Lift every freeze of one alarm, dispute or recall. Returns the lots' internal keys.

    Args:
        lot_ids: only these lots (internal keys), where some are found harmless before others.
    """
    some = [] if lot_ids is None else [LotFreeze.lot_id.in_(lot_ids)]
    # Lots are locked before their freezes, as everywhere.
    tx.execute(
        select(Lot.id)
        .join(LotFreeze, LotFreeze.lot_id == Lot.id)
        .where(LotFreeze.about == about, LotFreeze.lifted_at.is_(None), *some)
        .order_by(Lot.id)
        .with_for_update(of=Lot)
    ).all()
    standing = tx.execute(
        select(LotFreeze, Lot.public_id, Lot.number, Lot.cooperative_id)
        .join(Lot, Lot.id == LotFreeze.lot_id)
        .where(LotFreeze.about == about, LotFreeze.lifted_at.is_(None), *some)
        .order_by(LotFreeze.lot_id)
        .with_for_update()
    ).all()
    for frozen, public_id, number, cooperative_id in standing:
        frozen.lifted_at, frozen.lift_reason = now, reason
        _tell(
            tx, "lift", public_id, number, cooperative_id, frozen.cause, about, reason, actor, now
        )
    lifted = [frozen.lot_id for frozen, *_rest in standing]
    if lifted:
        _count(tx, lifted, -1)
    return lifted


def refuse_frozen(tx: Session, lot_ids: Sequence[int], field: str | None = None) -> None:
    """Refuse to go on with lots of which one stands still.

    Raises:
        LotFrozen: names the first one and why.
    """
    found = tx.execute(
        select(Lot.number, LotFreeze.cause)
        .join(LotFreeze, LotFreeze.lot_id == Lot.id)
        .where(Lot.id.in_(lot_ids), LotFreeze.lifted_at.is_(None))
        .order_by(Lot.id, LotFreeze.id)
        .limit(1)
    ).one_or_none()
    if found is not None:
        raise LotFrozen(field=field, lot=found[0], cause=found[1].label)


def _count(tx: Session, lot_ids: Sequence[int], step: int) -> None:
    changed = db.rows_changed(
        tx, update(Lot).where(Lot.id.in_(lot_ids)).values(freezes=Lot.freezes + step)
    )
    assert changed == len(lot_ids)


def _tell(
    tx: Session,
    action: str,
    public_id: str,
    number: str,
    cooperative_id: int,
    cause: FreezeCause,
    about: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="lot",
        thing=public_id,
        action=action,
        organisation_id=cooperative_id,
        reason=reason,
        cause=cause.value,
        about=about,
    )
    events.emit(
        tx,
        kind=action,
        thing=public_id,
        at=now,
        now=now,
        organisation_id=cooperative_id,
        lot=number,
        cause=cause.value,
    )
