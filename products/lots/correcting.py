"""Putting a delivery right after goods were made of it: new versions of the shares (更正份额).

What was taken from which lot, and in what order, stays as it was recorded; who stands behind it
is carried down anew. Money follows by itself: settlement posts the difference between what the
shares of the new version give and what was posted before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from products.households.models import Household
from products.lots.alarms import check_yield
from products.lots.models import Delivery, Lot, LotInput, ShareCorrection
from products.lots.rules import (
    FEN_PER_KG_AT_MOST,
    GRAMS_AT_MOST,
    Share,
    first_share,
    merged,
    withdrawn,
)
from products.lots.states import LeafPayment, LotKind, LotState
from products.lots.taking import insert_shares, standing
from products.lots.weighing import LotNotUsed, PriceUnlikely, WeightUnlikely
from shop.core import audit, events
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation


class NobodyBehind(Refusal):
    """Of a packed lot nobody would have a share of a fen; its revenue could not be shared."""

    code = "nobody_behind"
    sentence = N_("这样更正，批次 %(lot)s 就没有一户有份额，卖的钱没法分。请核对重量和单价。")
    status = 422
    field = "grams"


class NothingChanges(Refusal):
    """A correction says something else than what stands."""

    code = "nothing_changes"
    sentence = N_("和现在记的一样，没有什么要更正。")
    status = 422
    field = "grams"


class Edge(NamedTuple):
    """What a child took from a parent (internal keys), after earlier lots had taken `before`."""

    child: int
    parent: int
    grams: int
    before: int


@dataclass(frozen=True, slots=True)
class Below:
    """Everything made of a delivery: the withdrawals, and what each lot in them weighed.

    `numbers` are those of the packed lots among them, by internal key.
    """

    root: int
    edges: tuple[Edge, ...]
    weights: dict[int, int]
    numbers: dict[int, str]

    @property
    def lots(self) -> set[int]:
        """The delivery's lot and all that was made of it."""
        return {self.root, *(edge.child for edge in self.edges)}

    @property
    def beside(self) -> set[int]:
        """Other parents of what was made of it; their shares stay."""
        return {edge.parent for edge in self.edges} - self.lots


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

    More than the household's land bears raises an alarm, as at the scale.

    Args:
        lot_id: the delivery's lot; something of it has been used or lost.
        household_id: whose goods they were, of the same cooperative.
        grams: net; the lot itself keeps the weight it was used by.

    Returns:
        How many lots, the delivery's own included, have a new version of their shares.

    Raises:
        NotFound, NotAllowed: `lot:make` in the lot's cooperative is needed.
        LotNotUsed: nothing was made of it; then the weigh-in itself is corrected.
        ReasonMissing, WeightUnlikely, PriceUnlikely: what was typed cannot be.
        NothingChanges, NobodyBehind: see the classes.

    Rule: docs/money.md, “When shares are corrected”.
    """
    lot, delivery = _used(tx, lot_id, actor)
    share = checked_share(tx, lot, delivery, household_id, grams, fen_per_kg, payment)
    if not reason.strip():
        raise ReasonMissing()
    was = {"grams": delivery.net_grams, "value_fen": delivery.value.fen}
    if delivery.household_id != share.household_id:
        delivery.plot_id = None
    delivery.household_id, delivery.net_grams = share.household_id, grams
    delivery.fen_per_kg, delivery.value, delivery.payment = fen_per_kg, share.value, payment
    changed = carried_down(tx, _locked_below(tx, lot.id), share)
    _write(tx, changed, delivery, reason.strip(), actor, now)
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
    check_yield(tx, lot, share.household_id, actor=actor, now=now)
    return len(changed)


def checked_share(
    tx: Session,
    lot: Lot,
    delivery: Delivery,
    household_id: str,
    grams: int,
    fen_per_kg: int,
    payment: LeafPayment,
) -> Share:
    """The one share the delivery would have; for the command and for its preview.

    Raises:
        LotNotUsed, NotFound, WeightUnlikely, PriceUnlikely, NothingChanges: see `correct_shares`.
    """
    if lot.state is not LotState.RECORDED or not (lot.used_grams or lot.lost_grams):
        raise LotNotUsed(lot=lot.number)
    household = tx.execute(
        select(Household.id).where(
            Household.public_id == household_id, Household.cooperative_id == lot.cooperative_id
        )
    ).scalar_one_or_none()
    if household is None:
        raise NotFound(field="household_id")
    if not 0 < grams <= GRAMS_AT_MOST:
        raise WeightUnlikely()
    if not 0 < fen_per_kg <= FEN_PER_KG_AT_MOST:
        raise PriceUnlikely()
    share = first_share(household, grams, fen_per_kg, payment)
    if not share.value:
        raise PriceUnlikely()
    stands = (delivery.household_id, delivery.net_grams, delivery.fen_per_kg, delivery.payment)
    if stands == (household, grams, fen_per_kg, payment):
        raise NothingChanges()
    return share


def below(tx: Session, key: int) -> Below:
    """Everything made of a lot (internal key), in two statements."""
    made = select(LotInput.child_id).where(LotInput.parent_id == key).cte("made", recursive=True)
    made = made.union(select(LotInput.child_id).join(made, LotInput.parent_id == made.c.child_id))
    edges = tuple(
        Edge(*row)
        for row in tx.execute(
            select(
                LotInput.child_id, LotInput.parent_id, LotInput.grams, LotInput.before_grams
            ).where(LotInput.child_id.in_(select(made.c.child_id)))
        )
    )
    lots = tx.execute(
        select(Lot.id, Lot.grams, Lot.kind, Lot.number).where(
            Lot.id.in_({key, *(e.child for e in edges), *(e.parent for e in edges)})
        )
    ).all()
    return Below(
        key,
        edges,
        {lot_id: grams for lot_id, grams, _kind, _number in lots},
        {lot_id: number for lot_id, _grams, kind, number in lots if kind is LotKind.PACKED},
    )


def carried_down(tx: Session, found: Below, share: Share) -> dict[int, list[Share]]:
    """The new shares of the delivery's lot and of every lot made of it, by internal key.

    Raises:
        NobodyBehind: see the class.
    """
    shares: dict[int, list[Share]] = {**standing(tx, found.beside), found.root: [share]}
    taken: dict[int, list[Edge]] = defaultdict(list)
    for edge in found.edges:
        taken[edge.child].append(edge)
    # A child is younger than its parents, so each parent is done before its children.
    for child in sorted(taken):
        shares[child] = merged(
            part
            for edge in taken[child]
            for part in withdrawn(
                shares[edge.parent], edge.before, edge.grams, found.weights[edge.parent]
            )
        )
        if child in found.numbers and not any(share.value for share in shares[child]):
            raise NobodyBehind(lot=found.numbers[child])
    return {key: shares[key] for key in sorted(found.lots)}


def _used(tx: Session, lot_id: str, actor: Actor) -> tuple[Lot, Delivery]:
    """The lot, locked first: a delivery read before would be that of an earlier correction."""
    lot = tx.execute(
        select(Lot).where(Lot.public_id == lot_id, Lot.kind == LotKind.DELIVERY).with_for_update()
    ).scalar_one_or_none()
    if lot is None:
        raise NotFound()
    actor.require(P.LOT_MAKE, lot.cooperative_id)
    return lot, tx.execute(select(Delivery).where(Delivery.lot_id == lot.id)).scalar_one()


def _locked_below(tx: Session, key: int) -> Below:
    """Everything made of a lot, held fast: looked up again until nothing came meanwhile.

    Whoever takes goods of a lot locks it; once all are locked here, no other child can appear.
    """
    held: set[int] = set()
    while True:
        found = below(tx, key)
        fresh = (found.lots | found.beside) - held
        if not fresh:
            return found
        _hold(tx, fresh)
        held |= fresh


def _hold(tx: Session, keys: Collection[int]) -> None:
    tx.execute(select(Lot.id).where(Lot.id.in_(keys)).order_by(Lot.id).with_for_update()).all()


def _write(
    tx: Session,
    changed: dict[int, list[Share]],
    delivery: Delivery,
    reason: str,
    actor: Actor,
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
        select(Lot.id, Lot.share_version, Lot.public_id, Lot.number, Organisation.code)
        .join(Organisation, Organisation.id == Lot.cooperative_id)
        .where(Lot.id.in_(changed))
        .order_by(Lot.id)
    ).all()
    insert_shares(
        tx, ((key, version, share) for key, version, *_rest in lots for share in changed[key])
    )
    cooperative = tx.execute(select(Lot.cooperative_id).where(Lot.id == delivery.lot_id)).scalar()
    for key, version, public_id, number, code in lots:
        tx.add(
            ShareCorrection(
                lot_id=key,
                version=version,
                delivery_id=delivery.id,
                at=now,
                by=actor.name,
                reason=reason,
            )
        )
        events.emit(
            tx,
            kind="correct_shares",
            thing=public_id,
            at=now,
            now=now,
            organisation_id=cooperative,
            lot=number,
            cooperative=code,
            version=version,
        )
