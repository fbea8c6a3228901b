"""Putting a delivery right after goods were made of it: new versions of the shares (更正份额).

What was taken from which lot, and in what order, stays as it was recorded; who stands behind it
is carried down anew. Money follows by itself: settlement posts the difference between what the
shares of the new version give and what was posted before.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from products.households.models import Household
from products.lots.models import (
    Delivery,
    Lot,
    LotInput,
    LotShare,
    ShareCorrection,
    StandingShare,
)
from products.lots.rules import (
    FEN_PER_KG_AT_MOST,
    GRAMS_AT_MOST,
    Share,
    first_share,
    merged,
    withdrawn,
)
from products.lots.states import LeafPayment, LotKind, LotState
from products.lots.weighing import LotNotUsed, PriceUnlikely, WeightUnlikely
from shop.core import audit, events
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing
from shop.core.permissions import Permission as P


@command
def correct_shares(
    tx: Session,
    *,
    lot_id: str,
    household_id: str,
    grams: int,
    fen_per_kg: int,
    payment: LeafPayment,
    reason: str,
    actor: Actor,
    now: datetime,
) -> int:
    """Say what a used delivery really was, and carry it into every lot made of it.

    Args:
        lot_id: the delivery's lot; something has been made of it.
        household_id: whose goods they were, of the same cooperative.
        grams: net; the lot itself keeps the weight it was used by.

    Returns:
        How many lots, the delivery's own included, have a new version of their shares.

    Raises:
        NotFound, NotAllowed: `lot:make` in the lot's cooperative is needed.
        LotNotUsed: nothing was made of it; then the weigh-in itself is corrected.
        ReasonMissing, WeightUnlikely, PriceUnlikely: what was typed cannot be.

    Rule: docs/money.md, “When shares are corrected”.
    """
    lot, delivery = _used(tx, lot_id, actor)
    household = tx.execute(
        select(Household.id).where(
            Household.public_id == household_id, Household.cooperative_id == lot.cooperative_id
        )
    ).scalar_one_or_none()
    if household is None:
        raise NotFound(field="household_id")
    if not reason.strip():
        raise ReasonMissing()
    if not 0 < grams <= GRAMS_AT_MOST:
        raise WeightUnlikely()
    share = first_share(household, grams, fen_per_kg, payment)
    if not 0 < fen_per_kg <= FEN_PER_KG_AT_MOST or not share.value:
        raise PriceUnlikely()
    was = {"grams": delivery.net_grams, "value_fen": delivery.value.fen}
    delivery.household_id, delivery.net_grams = household, grams
    delivery.fen_per_kg, delivery.value, delivery.payment = fen_per_kg, share.value, payment
    changed = _carry_down(tx, lot, share)
    _write(tx, changed, delivery, reason.strip(), now)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="lot",
        thing=lot.public_id,
        action="correct_shares",
        organisation_id=lot.cooperative_id,
        reason=reason.strip(),
        grams=grams,
        value_fen=share.value.fen,
        was=was,
        lots=len(changed),
    )
    return len(changed)


def _used(tx: Session, lot_id: str, actor: Actor) -> tuple[Lot, Delivery]:
    found = tx.execute(
        select(Lot, Delivery)
        .join(Delivery, Delivery.lot_id == Lot.id)
        .where(Lot.public_id == lot_id, Lot.kind == LotKind.DELIVERY)
        .with_for_update(of=Lot)
    ).one_or_none()
    if found is None:
        raise NotFound()
    lot, delivery = found
    actor.require(P.LOT_MAKE, lot.cooperative_id)
    if lot.state is not LotState.RECORDED or not lot.used_grams:
        raise LotNotUsed(lot=lot.number)
    return lot, delivery


def _carry_down(tx: Session, root: Lot, share: Share) -> dict[int, list[Share]]:
    """The new shares of the delivery's lot and of every lot made of it, by internal key."""
    edges = _edges_below(tx, root.id)
    children = {child for child, *_rest in edges}
    lots = {
        lot.id: lot
        for lot in tx.execute(
            select(Lot)
            .where(Lot.id.in_({root.id, *children, *(parent for _c, parent, *_r in edges)}))
            .order_by(Lot.id)
            .with_for_update()
        ).scalars()
    }
    found: dict[int, list[Share]] = {root.id: [share]}
    beside = _standing(tx, set(lots) - children - {root.id})
    taken: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for child, parent, grams, before in edges:
        taken[child].append((parent, grams, before))
    # A child is younger than its parents, so each parent is done before its children.
    for child in sorted(children):
        found[child] = merged(
            part
            for parent, grams, before in taken[child]
            for part in withdrawn(
                found.get(parent) or beside[parent], before, grams, lots[parent].grams
            )
        )
    return found


def _edges_below(tx: Session, key: int) -> list[tuple[int, int, int, int]]:
    """Every withdrawal into a lot made of this one: child, parent, grams, taken before."""
    below = select(LotInput.child_id).where(LotInput.parent_id == key).cte("below", recursive=True)
    below = below.union(
        select(LotInput.child_id).join(below, LotInput.parent_id == below.c.child_id)
    )
    rows = tx.execute(
        select(LotInput.child_id, LotInput.parent_id, LotInput.grams, LotInput.before_grams).where(
            LotInput.child_id.in_(select(below.c.child_id))
        )
    )
    return [(child, parent, grams, before) for child, parent, grams, before in rows]


def _standing(tx: Session, keys: set[int]) -> dict[int, list[Share]]:
    found: dict[int, list[Share]] = defaultdict(list)
    for row in tx.execute(select(StandingShare).where(StandingShare.lot_id.in_(keys))).scalars():
        found[row.lot_id].append(Share(row.household_id, row.milligrams, row.value, row.paid))
    return found


def _write(
    tx: Session,
    changed: dict[int, list[Share]],
    delivery: Delivery,
    reason: str,
    now: datetime,
) -> None:
    tx.flush()
    tx.execute(
        update(Lot)
        .where(Lot.id.in_(changed))
        .values(share_version=Lot.share_version + 1)
        .execution_options(synchronize_session=False)
    )
    lots = tx.execute(
        select(Lot.id, Lot.share_version, Lot.public_id, Lot.number, Lot.cooperative_id).where(
            Lot.id.in_(changed)
        )
    ).all()
    tx.execute(
        insert(LotShare),
        [
            {
                "lot_id": key,
                "version": version,
                "household_id": share.household_id,
                "milligrams": share.milligrams,
                "value": share.value,
                "paid": share.paid,
            }
            for key, version, *_names in lots
            for share in changed[key]
        ],
    )
    for key, version, public_id, number, cooperative_id in lots:
        tx.add(
            ShareCorrection(
                lot_id=key, version=version, delivery_id=delivery.id, at=now, reason=reason
            )
        )
        events.emit(
            tx,
            kind="correct_shares",
            thing=public_id,
            at=now,
            now=now,
            organisation_id=cooperative_id,
            lot=number,
            version=version,
        )
