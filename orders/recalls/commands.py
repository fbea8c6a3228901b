"""Opening, sparing and ending recalls. Opening freezes; only a second person lets go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from orders.recalls import reach
from orders.recalls.models import Destruction, Recall, RecallLot, RecallNotice
from orders.recalls.rows import ReachedLot, ReachedOrder
from orders.recalls.scope import Scope, reached, started
from orders.recalls.states import (
    DESTRUCTION,
    RECALL,
    DestructionState,
    NoticeState,
    RecallReason,
    RecallState,
)
from orders.recalls.steps import freeze_reach, locked, still_open
from products.lots import freezing
from products.lots.models import Lot
from shop.core import audit, db, events
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, SamePerson
from shop.core.labels import N_
from shop.core.numbering import next_number
from shop.core.permissions import Permission as P


class AdviceMissing(Refusal):
    """A recall says why, and what whoever has the goods should do; both are public."""

    code = "advice_missing"
    sentence = N_("请写明请买到的人怎么做，例如：停止食用，连包装退回。")
    status = 422
    field = "advice"


class StockLeft(Refusal):
    """A recall ends when nothing that may not be sold is left: destroyed, or found harmless."""

    code = "stock_left"
    sentence = N_(
        "还有 %(lots)s 个冻结的批次有存货或待发的订单。先销毁、由买方取消，或逐批说明无害解冻。"
    )


class UnitsOpen(Refusal):
    """A recall ends when it is known of every unit what became of it."""

    code = "units_open"
    sentence = N_("还有 %(units)s 件没有下落，请先跟进；确实找不到的，记“联系不上”。")


@command
def open_recall(
    tx: Session,
    *,
    scope: Scope,
    drill: bool,
    reason_kind: RecallReason,
    reason: str,
    advice: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Open a recall (召回): freeze every lot in its reach and write every notice, all at once.

    Nothing is cancelled by itself: orders still waiting for units are listed. A drill (演练)
    freezes nothing and tells nobody outside, and is otherwise the same.

    Returns:
        The recall's public id.

    Raises:
        NotAllowed: `recall:open` is needed.
        ReasonMissing, AdviceMissing: both are public.
        NothingThere, TooWide, PeriodMissing: see `scope`.
    """
    actor.require(P.RECALL_OPEN)
    if not reason.strip():
        raise ReasonMissing()
    if not advice.strip():
        raise AdviceMissing()
    start = started(tx, scope)
    recall = Recall(
        number=next_number(tx, "YL" if drill else "ZH", now),
        drill=drill,
        state=RecallState.OPEN,
        scope=scope.kind,
        began_with="",
        reason_kind=reason_kind,
        reason=reason.strip(),
        advice=advice.strip(),
        households=0,
        opened_at=now,
    )
    tx.add(recall)
    tx.flush()
    keys = (
        reached(tx, start)
        if drill
        else freeze_reach(tx, start, recall.public_id, recall.reason, actor, now)
    )
    # Read now that nothing of them moves any more.
    found = reach.reach(tx, keys, actor)
    recall.households = found.households
    first = {lot.id for lot in found.lots if lot.id in set(start)}
    recall.began_with = _words(scope, [lot.number for lot in found.lots if lot.id in first])
    _write_lots(tx, recall, found.lots, first)
    _write_notices(tx, recall, found.lots, found.orders, now)
    _tell(tx, recall, found.lots, actor, now)
    return recall.public_id


@command
def record_elapsed(
    tx: Session, *, recall_id: str, milliseconds: int, actor: Actor, now: datetime
) -> None:
    """Keep how long a drill took to have every list in hand, once.

    Raises:
        NotFound, NotAllowed: `recall:open` is needed, and a drill.
    """
    del now
    actor.require(P.RECALL_OPEN)
    recall = locked(tx, recall_id)
    if not recall.drill:
        raise NotFound()
    if recall.elapsed_ms is None:
        recall.elapsed_ms = milliseconds


@command
def spare_lot(
    tx: Session, *, recall_id: str, lot_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Let one lot go that was found harmless (单批解冻), as another person than who opened it.

    Raises:
        ReasonMissing: it is kept with the lot.
        NotFound, NotAllowed: `recall:close` is needed, and a lot of the recall not spared yet.
        SamePerson, WrongState: somebody else, while the recall is open.
    """
    if not reason.strip():
        raise ReasonMissing()
    actor.require(P.RECALL_CLOSE)
    recall = locked(tx, recall_id)
    still_open(recall)
    _another_person(tx, recall, actor)
    row = tx.execute(
        select(RecallLot)
        .join(Lot, Lot.id == RecallLot.lot_id)
        .where(
            RecallLot.recall_id == recall.id,
            Lot.public_id == lot_id,
            RecallLot.spared_at.is_(None),
        )
    ).scalar_one_or_none()
    if row is None:
        raise NotFound()
    row.spared_at, row.spared_because = now, reason.strip()
    freezing.lift(
        tx,
        about=recall.public_id,
        reason=reason.strip(),
        actor=actor,
        now=now,
        lot_ids=[row.lot_id],
    )
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="recall",
        thing=recall.public_id,
        action="spare",
        reason=reason.strip(),
        lot=lot_id,
    )


@command
def close_recall(tx: Session, *, recall_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """End a recall (结束召回) as another person: all is accounted for, and its lots move again.

    What moves again is money: what buyers kept is settled, what they returned is taken back.

    Raises:
        ReasonMissing: the conclusion is public.
        NotFound, NotAllowed, SamePerson, WrongState: `recall:close`, open, and somebody else.
        StockLeft, UnitsOpen: see the classes; a drill ends without.
    """
    if not reason.strip():
        raise ReasonMissing()
    recall = locked(tx, recall_id)
    RECALL.move(
        tx, recall, "close", actor=actor, now=now, organisation_id=None, reason=reason.strip()
    )
    if not recall.drill:
        _nothing_left(tx, recall)
        _all_accounted(tx, recall)
    _end(tx, recall, reason.strip(), actor, now)


@command
def cancel_recall(tx: Session, *, recall_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take back a recall that was opened by mistake (撤销召回); every lot moves again.

    Raises:
        ReasonMissing: it is public.
        NotFound, NotAllowed, SamePerson, WrongState: `recall:close`, open, and somebody else.
    """
    if not reason.strip():
        raise ReasonMissing()
    recall = locked(tx, recall_id)
    RECALL.move(
        tx, recall, "cancel", actor=actor, now=now, organisation_id=None, reason=reason.strip()
    )
    _end(tx, recall, reason.strip(), actor, now)


def _end(tx: Session, recall: Recall, reason: str, actor: Actor, now: datetime) -> None:
    recall.ending, recall.ended_at = reason, now
    tx.flush()
    undone = select(Destruction).where(
        Destruction.recall_id == recall.id, Destruction.state == DestructionState.PROPOSED
    )
    for row in tx.execute(undone.with_for_update()).scalars().all():
        DESTRUCTION.move(tx, row, "lapse", actor=actor, now=now, organisation_id=None)
    freezing.lift(tx, about=recall.public_id, reason=reason, actor=actor, now=now)


def _another_person(tx: Session, recall: Recall, actor: Actor) -> None:
    opened = tx.execute(
        select(audit.AuditEntry.id).where(
            audit.AuditEntry.thing == recall.public_id,
            audit.AuditEntry.action == "open",
            audit.AuditEntry.user_id == actor.user_id,
        )
    ).first()
    if opened is not None:
        raise SamePerson()


def _nothing_left(tx: Session, recall: Recall) -> None:
    here = Lot.units - Lot.shipped_units - Lot.written_off_units
    left: int = tx.execute(
        select(func.count())
        .select_from(RecallLot)
        .join(Lot, Lot.id == RecallLot.lot_id)
        .where(
            RecallLot.recall_id == recall.id,
            RecallLot.spared_at.is_(None),
            (here > 0) | ((Lot.units == 0) & (Lot.used_grams + Lot.lost_grams < Lot.grams)),
        )
    ).scalar_one()
    if left:
        raise StockLeft(lots=left)


def _all_accounted(tx: Session, recall: Recall) -> None:
    units = tx.execute(
        select(db.total(RecallNotice.__table__.c.units)).where(
            RecallNotice.recall_id == recall.id,
            RecallNotice.state != NoticeState.DONE,
            RecallNotice.order_id.is_not(None),
        )
    ).scalar_one()
    if units:
        raise UnitsOpen(units=units)


def _words(scope: Scope, numbers: Sequence[str]) -> str:
    """What a recall began with: the lot, or the first of them with the period."""
    period = f"{scope.since}—{scope.until} " if scope.since and scope.until else ""
    more = f" +{len(numbers) - 1}" if len(numbers) > 1 else ""
    return f"{period}{numbers[0]}{more}"


def _write_lots(tx: Session, recall: Recall, lots: Sequence[ReachedLot], first: set[int]) -> None:
    tx.execute(
        insert(RecallLot),
        [
            {
                "recall_id": recall.id,
                "lot_id": lot.id,
                "started": lot.id in first,
                "left_grams": 0 if lot.packed else lot.left_grams,
                "left_units": lot.units_free,
                "reserved_units": lot.reserved_units,
                "shipped_units": lot.shipped_units,
                "spared_because": "",
            }
            for lot in lots
        ],
    )


def _write_notices(
    tx: Session,
    recall: Recall,
    lots: Sequence[ReachedLot],
    orders: Sequence[ReachedOrder],
    now: datetime,
) -> None:
    told = {"recall_id": recall.id, "state": NoticeState.TOLD, "told_at": now, "words": ""}
    rows = [
        {
            **told,
            "order_id": order.id,
            "cooperative_id": order.cooperative_id,
            "units": order.held_units,
            "waiting_units": order.waiting_units,
        }
        for order in orders
        if order.held_units or order.waiting_units
    ]
    rows += [
        {**told, "order_id": None, "cooperative_id": key, "units": 0, "waiting_units": 0}
        for key in sorted({lot.cooperative_id for lot in lots})
    ]
    tx.execute(insert(RecallNotice), rows)


def _tell(
    tx: Session, recall: Recall, lots: Sequence[ReachedLot], actor: Actor, now: datetime
) -> None:
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="recall",
        thing=recall.public_id,
        action="open",
        to_state=recall.state.value,
        reason=recall.reason,
        number=recall.number,
        lots=len(lots),
        drill=recall.drill,
    )
    if not recall.drill:
        events.emit(
            tx,
            kind="recall",
            thing=recall.public_id,
            at=now,
            now=now,
            organisation_id=None,
            recall=recall.number,
            lots=[{"lot": lot.number, "thing": lot.public_id} for lot in lots],
            reason_kind=recall.reason_kind.value,
        )
