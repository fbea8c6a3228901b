"""Reading recalls: whole for the platform, for a cooperative its own part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order
from orders.recalls import reach
from orders.recalls.models import Destruction, Recall, RecallEntry, RecallLot, RecallNotice
from orders.recalls.rows import (
    DestructionRow,
    EntryRow,
    NoticeRow,
    ReachedLot,
    RecalledLot,
    RecallPage,
    RecallRow,
)
from orders.recalls.rules import FATES, tally
from orders.recalls.states import RECALL, RecallState
from products.catalogue.models import Specification
from products.lots.models import Lot
from shop.core import db
from shop.core.actors import Actor
from shop.core.audit import Act, AuditEntry, history
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation

LISTED = 200


def recalls(tx: Session, actor: Actor) -> list[RecallRow]:
    """The latest recalls and drills, open ones first.

    Raises:
        NotAllowed: `platform:read` is needed.
    """
    actor.require(P.PLATFORM_READ)
    return _rows(tx, true(), None)


def recalls_of_cooperative(tx: Session, cooperative_id: int, actor: Actor) -> list[RecallRow]:
    """The latest recalls with lots of a cooperative (internal key), counted for it alone.

    Raises:
        NotFound, NotAllowed: `recall:follow` there is needed.
    """
    actor.require(P.RECALL_FOLLOW, cooperative_id)
    told = select(RecallNotice.recall_id).where(RecallNotice.cooperative_id == cooperative_id)
    return _rows(tx, Recall.id.in_(told), cooperative_id)


def recall(tx: Session, recall_id: str, actor: Actor) -> RecallPage:
    """One recall with everything that belongs to it.

    Raises:
        NotAllowed: `platform:read` is needed.
        NotFound: there is none.
    """
    actor.require(P.PLATFORM_READ)
    return _page(tx, recall_id, actor, None)


def recall_at(tx: Session, recall_id: str, cooperative_id: int, actor: Actor) -> RecallPage:
    """A cooperative's (internal key) part of a recall: its lots and its orders.

    Raises:
        NotFound, NotAllowed: `recall:follow` there is needed, and a recall with lots of it.
    """
    actor.require(P.RECALL_FOLLOW, cooperative_id)
    page = _page(tx, recall_id, actor, cooperative_id)
    if not page.notices:
        raise NotFound()
    return page


def recall_for(tx: Session, recall_id: str, lot_id: str, actor: Actor) -> RecallPage:
    """The part of a recall that holds a lot, for whoever follows its cooperative's recalls.

    Raises:
        NotFound, NotAllowed: `recall:follow` in the lot's cooperative is needed.
    """
    key = tx.execute(
        select(Lot.cooperative_id)
        .join(RecallLot, RecallLot.lot_id == Lot.id)
        .join(Recall, Recall.id == RecallLot.recall_id)
        .where(Lot.public_id == lot_id, Recall.public_id == recall_id)
    ).scalar_one_or_none()
    if key is None:
        raise NotFound()
    return recall_at(tx, recall_id, key, actor)


def destruction(tx: Session, destruction_id: str, actor: Actor) -> DestructionRow:
    """What is to be destroyed, for whoever may take it back.

    Raises:
        NotFound, NotAllowed: `recall:follow` in the lot's cooperative is needed.
    """
    found = tx.execute(
        select(Destruction.recall_id, Lot.cooperative_id)
        .join(Lot, Lot.id == Destruction.lot_id)
        .where(Destruction.public_id == destruction_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    actor.require(P.RECALL_FOLLOW, found[1])
    rows = _destructions(tx, found[0], found[1], actor)
    return next(row for row in rows if row.public_id == destruction_id)


def notice(tx: Session, notice_id: str, actor: Actor) -> tuple[RecallRow, NoticeRow]:
    """One notice with its lines.

    Raises:
        NotFound, NotAllowed: `recall:follow` in its cooperative is needed.
    """
    found = tx.execute(
        select(Recall.public_id, RecallNotice.cooperative_id)
        .join(RecallNotice, RecallNotice.recall_id == Recall.id)
        .where(RecallNotice.public_id == notice_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    actor.require(P.RECALL_FOLLOW, found[1])
    row = _rows(tx, Recall.public_id == found[0], None)[0]
    keys = _keys(tx, row.id)
    return row, _notices(tx, keys, actor, RecallNotice.public_id == notice_id)[0]


def _rows(
    tx: Session, condition: ColumnElement[bool], cooperative_id: int | None
) -> list[RecallRow]:
    mine_lots: list[ColumnElement[bool]] = []
    mine: list[ColumnElement[bool]] = [RecallNotice.order_id.is_not(None)]
    if cooperative_id is not None:
        mine_lots.append(Lot.cooperative_id == cooperative_id)
        mine.append(RecallNotice.cooperative_id == cooperative_id)
    lots = (
        select(func.count())
        .select_from(RecallLot)
        .join(Lot, Lot.id == RecallLot.lot_id)
        .where(RecallLot.recall_id == Recall.id, *mine_lots)
    )
    notices = select(func.count()).where(RecallNotice.recall_id == Recall.id, *mine)
    units = select(db.total(RecallNotice.__table__.c.units)).where(
        RecallNotice.recall_id == Recall.id, *mine
    )
    accounted = (
        select(db.total(RecallEntry.__table__.c.units))
        .join(RecallNotice, RecallNotice.id == RecallEntry.notice_id)
        .where(RecallNotice.recall_id == Recall.id, *mine)
    )
    rows = tx.execute(
        select(Recall, *_counted(lots, notices, units, accounted))
        .where(condition)
        .order_by((Recall.state == RecallState.OPEN).desc(), Recall.id.desc())
        .limit(LISTED)
    )
    return [_row(*row) for row in rows]


def _counted(*questions: Select[Any]) -> list[Any]:
    return [question.correlate(Recall).scalar_subquery() for question in questions]


def _row(thing: Recall, lots: int, orders: int, units: int, accounted: int) -> RecallRow:
    return RecallRow(
        thing.id,
        thing.public_id,
        thing.number,
        thing.drill,
        thing.state,
        thing.scope,
        thing.began_with,
        thing.reason_kind,
        thing.reason,
        thing.advice,
        thing.households,
        thing.opened_at,
        thing.elapsed_ms,
        thing.ended_at,
        thing.ending,
        lots,
        orders,
        units,
        accounted,
    )


def _keys(tx: Session, recall_key: int) -> list[int]:
    return list(
        tx.execute(
            select(RecallLot.lot_id)
            .where(RecallLot.recall_id == recall_key)
            .order_by(RecallLot.lot_id)
        ).scalars()
    )


def _page(tx: Session, recall_id: str, actor: Actor, cooperative_id: int | None) -> RecallPage:
    rows = _rows(tx, Recall.public_id == recall_id, cooperative_id)
    if not rows:
        raise NotFound()
    row = rows[0]
    keys = _keys(tx, row.id)
    mine: list[ColumnElement[bool]] = [RecallNotice.recall_id == row.id]
    lots = reach.lots_by_key(tx, keys)
    if cooperative_id is not None:
        mine.append(RecallNotice.cooperative_id == cooperative_id)
        lots = tuple(lot for lot in lots if lot.cooperative_id == cooperative_id)
    acts = history(tx, recall_id)
    return RecallPage(
        row=row,
        lots=_recalled(tx, row.id, lots),
        notices=tuple(_notices(tx, keys, actor, *mine)),
        destructions=_destructions(tx, row.id, cooperative_id, actor),
        history=tuple(acts),
        actions=_actions(row, acts, actor) if cooperative_id is None else (),
        may_follow=actor.may(P.RECALL_FOLLOW, cooperative_id) and row.state is RecallState.OPEN,
    )


def _recalled(tx: Session, recall_key: int, lots: Sequence[ReachedLot]) -> tuple[RecalledLot, ...]:
    found = {
        row.lot_id: row
        for row in tx.execute(select(RecallLot).where(RecallLot.recall_id == recall_key)).scalars()
    }
    return tuple(
        RecalledLot(
            lot,
            found[lot.id].started,
            found[lot.id].left_grams,
            found[lot.id].left_units,
            found[lot.id].reserved_units,
            found[lot.id].shipped_units,
            found[lot.id].spared_at,
            found[lot.id].spared_because,
        )
        for lot in lots
    )


def _notices(
    tx: Session, keys: Sequence[int], actor: Actor, *conditions: ColumnElement[bool]
) -> list[NoticeRow]:
    rows = tx.execute(
        select(RecallNotice, Organisation.name, Organisation.name_en)
        .join(Organisation, Organisation.id == RecallNotice.cooperative_id)
        .where(*conditions)
        .order_by(RecallNotice.id)
    ).all()
    orders = {
        order.id: order
        for order in reach.orders_where(
            tx,
            actor,
            Order.id.in_([row[0].order_id for row in rows if row[0].order_id]),
            Allocation.lot_id.in_(keys),
        )
    }
    entries: dict[int, list[RecallEntry]] = defaultdict(list)
    for entry in tx.execute(
        select(RecallEntry)
        .where(RecallEntry.notice_id.in_([row[0].id for row in rows]))
        .order_by(RecallEntry.id)
    ).scalars():
        entries[entry.notice_id].append(entry)
    found = []
    for thing, cooperative, cooperative_en in rows:
        lines = entries[thing.id]
        units = tally((line.fate, line.units) for line in lines)
        found.append(
            NoticeRow(
                thing.id,
                thing.public_id,
                thing.state,
                orders.get(thing.order_id or 0),
                thing.cooperative_id,
                cooperative,
                cooperative_en,
                thing.units,
                thing.waiting_units,
                thing.told_at,
                thing.answered_at,
                thing.holds,
                thing.words,
                tuple((fate, units[fate]) for fate in FATES if units[fate]),
                tuple(
                    EntryRow(line.fate, line.units, line.channel, line.words, line.at, line.by)
                    for line in lines
                ),
            )
        )
    return found


def _destructions(
    tx: Session, recall_key: int, cooperative_id: int | None, actor: Actor
) -> tuple[DestructionRow, ...]:
    mine = [] if cooperative_id is None else [Lot.cooperative_id == cooperative_id]
    rows = tx.execute(
        select(
            Destruction,
            Lot.number,
            func.coalesce(Specification.unit, ""),
            func.coalesce(Specification.unit_en, ""),
            AuditEntry.actor_name,
            AuditEntry.user_id,
        )
        .join(Lot, Lot.id == Destruction.lot_id)
        .outerjoin(Specification, Specification.id == Lot.specification_id)
        .join(
            AuditEntry,
            (AuditEntry.thing == Destruction.public_id) & (AuditEntry.action == "propose"),
        )
        .where(Destruction.recall_id == recall_key, *mine)
        .order_by(Destruction.id)
    )
    return tuple(
        DestructionRow(
            row.public_id,
            number,
            unit,
            unit_en,
            row.state,
            row.grams,
            row.units,
            row.words,
            row.proposed_at,
            row.done_at,
            by,
            by_id == actor.user_id,
        )
        for row, number, unit, unit_en, by, by_id in rows
    )


def _actions(row: RecallRow, acts: list[Act], actor: Actor) -> tuple[str, ...]:
    """What the table lets this actor do; sparing a lot stands beside closing."""
    did = {act.action for act in acts if act.user_id == actor.user_id}
    allowed = [
        move.action
        for move in RECALL.moves
        if move.from_state is row.state
        and (move.needs is None or actor.may(move.needs))
        and not did.intersection(move.not_by_who_did)
    ]
    return (*allowed, "spare") if "close" in allowed else tuple(allowed)
