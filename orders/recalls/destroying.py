"""Destroying (销毁) what is left of recalled lots: one person proposes, another sees it done."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.recalls.models import Destruction, Recall, RecallLot
from orders.recalls.states import DESTRUCTION, DestructionState
from orders.recalls.steps import locked, still_open
from products.lots import stock
from products.lots.dividing import write_loss
from products.lots.models import Lot
from products.lots.states import LotKind
from shop.core import audit, events
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation


class AmountMissing(Refusal):
    """Goods are destroyed by weight, packed ones by the unit; and something is."""

    code = "destruction_amount_missing"
    sentence = N_("散货请填公斤数，成品请填件数，要大于零。")
    status = 422
    field = "amount"


class NotSoManyLeft(Refusal):
    """Only what is in the store and no order waits for can be destroyed."""

    code = "not_so_many_left"
    sentence = N_("仓里没有订单占着的只剩 %(left)s 件，请改件数。")
    field = "amount"


class DrillDestroysNothing(Refusal):
    """A drill leaves the goods alone."""

    code = "drill_destroys_nothing"
    sentence = N_("这是演练，货不销毁。")


@command
def propose_destruction(
    tx: Session,
    *,
    recall_id: str,
    lot_id: str,
    grams: int,
    units: int,
    words: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Say what of a recalled lot is to be destroyed and how; nothing is gone yet.

    Args:
        grams: of goods not packed; `units` of a packed lot. One of the two is above zero.

    Returns:
        The destruction's public id.

    Raises:
        NotFound, NotAllowed: `recall:follow` in the lot's cooperative, and a lot of the recall.
        AmountMissing, ReasonMissing, DrillDestroysNothing: see the classes.
        WrongState: the recall has ended.
    """
    recall = locked(tx, recall_id)
    lot = _lot(tx, recall, lot_id, actor)
    still_open(recall)
    if recall.drill:
        raise DrillDestroysNothing()
    packed = lot.kind is LotKind.PACKED
    if min(grams, units) != 0 or (units if packed else grams) <= 0:
        raise AmountMissing()
    if not words.strip():
        raise ReasonMissing(field="words")
    row = Destruction(
        recall_id=recall.id,
        lot_id=lot.id,
        state=DestructionState.PROPOSED,
        grams=grams,
        units=units,
        words=words.strip(),
        proposed_at=now,
    )
    tx.add(row)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="destruction",
        thing=row.public_id,
        action="propose",
        organisation_id=lot.cooperative_id,
        to_state=row.state.value,
        reason=row.words,
        grams=grams,
        units=units,
    )
    return row.public_id


@command
def destroy(tx: Session, *, destruction_id: str, actor: Actor, now: datetime) -> None:
    """See goods destroyed as the second person; now they are gone from the stock.

    Raises:
        NotFound, NotAllowed: `recall:follow` in the lot's cooperative is needed.
        SamePerson: whoever proposed it does not see it done.
        WrongState: it is done or withdrawn, or the recall has ended.
        NotSoManyLeft, OverConsumed: there is not so much left.
    """
    row, recall, lot, cooperative = _locked(tx, destruction_id)
    still_open(recall)
    _move(tx, row, "destroy", lot, actor, now)
    row.done_at = now
    if row.grams:
        write_loss(tx, lot, cooperative, row.grams, reason=row.words, actor=actor, now=now)
    elif not stock.destroy(tx, lot.id, row.units, reason=row.words, now=now):
        left = lot.units - lot.reserved_units - lot.shipped_units - lot.written_off_units
        raise NotSoManyLeft(left=left)
    events.emit(
        tx,
        kind="destroying",
        thing=recall.public_id,
        at=now,
        now=now,
        organisation_id=lot.cooperative_id,
        recall=recall.number,
        lots=[
            {
                "lot": lot.number,
                "thing": lot.public_id,
                "grams": row.grams,
                "units": row.units,
            }
        ],
    )


@command
def withdraw_destruction(
    tx: Session, *, destruction_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Take a proposal back.

    Raises:
        ReasonMissing: it is kept.
        NotFound, NotAllowed, WrongState: see `destroy`.
    """
    if not reason.strip():
        raise ReasonMissing()
    row, _recall, lot, _cooperative = _locked(tx, destruction_id)
    _move(tx, row, "withdraw", lot, actor, now, reason.strip())


def _move(
    tx: Session,
    row: Destruction,
    action: str,
    lot: Lot,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    DESTRUCTION.move(
        tx,
        row,
        action,
        actor=actor,
        now=now,
        organisation_id=lot.cooperative_id,
        reason=reason,
    )


def _lot(tx: Session, recall: Recall, lot_id: str, actor: Actor) -> Lot:
    lot = tx.execute(
        select(Lot)
        .join(RecallLot, RecallLot.lot_id == Lot.id)
        .where(RecallLot.recall_id == recall.id, Lot.public_id == lot_id)
    ).scalar_one_or_none()
    if lot is None:
        raise NotFound()
    actor.require(P.RECALL_FOLLOW, lot.cooperative_id)
    return lot


def _locked(tx: Session, destruction_id: str) -> tuple[Destruction, Recall, Lot, Organisation]:
    found = tx.execute(
        select(Destruction, Recall, Lot, Organisation)
        .join(Recall, Recall.id == Destruction.recall_id)
        .join(Lot, Lot.id == Destruction.lot_id)
        .join(Organisation, Organisation.id == Lot.cooperative_id)
        .where(Destruction.public_id == destruction_id)
        .with_for_update(of=(Recall, Destruction, Lot))
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found[0], found[1], found[2], found[3]
