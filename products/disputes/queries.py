"""Reading disputes: for the household that opened one, its cooperative, and who decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from products.disputes.models import Dispute
from products.disputes.states import DISPUTE, ClaimKind, DisputeState, ReceivedBy
from products.households.models import Household, Village
from products.lots import lineage
from products.lots.models import Delivery, Lot, LotFreeze, StandingShare
from products.lots.states import LeafPayment, LotKind
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.events import pseudonym
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation

LISTED = 200

_UNDECIDED = (DisputeState.OPEN, DisputeState.UPHELD)


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute. `who` is a village, a household's name for its cooperative, else a pseudonym."""

    public_id: str
    number: str
    state: DisputeState
    claim: ClaimKind
    received: ReceivedBy
    words: str
    opened_at: datetime
    decided_at: datetime | None
    decision: str
    ended_at: datetime | None
    lot_id: str
    lot: str
    lot_kind: LotKind
    goods: str
    cooperative: str
    cooperative_en: str
    who: str


@dataclass(frozen=True, slots=True)
class FrozenLot:
    """A lot that stands still on account of a dispute."""

    number: str
    kind: LotKind
    goods: str
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class DisputePage:
    """One dispute with what it froze and its history; `actions` are this actor's."""

    row: DisputeRow
    lots: tuple[FrozenLot, ...]
    history: tuple[Act, ...]
    actions: tuple[str, ...]
    deliveries: tuple[Brought, ...]
    may_correct: bool

    def delivery(self, lot_id: str | None) -> Brought:
        """The delivery that is to be corrected: the one named, else the first.

        Raises:
            NotFound: it is not the claimant's, or none of them has been used.
        """
        for one in self.deliveries:
            if one.used and lot_id in (None, one.lot_id):
                return one
        raise NotFound()


@dataclass(frozen=True, slots=True)
class Brought:
    """How a delivery of the claimant behind a disputed lot stands now, for who corrects it."""

    lot_id: str
    number: str
    goods: str
    household_id: str
    grams: int
    fen_per_kg: int
    payment: LeafPayment
    used: bool


def disputed_lot(tx: Session, lot_id: str, household_key: int) -> tuple[str, str]:
    """Number and goods of a lot a household may dispute.

    Raises:
        NotFound: there is none, or it has no share in it.
    """
    row = tx.execute(
        select(Lot.number, Lot.name)
        .join(StandingShare, StandingShare.lot_id == Lot.id)
        .where(Lot.public_id == lot_id, StandingShare.household_id == household_key)
    ).one_or_none()
    if row is None:
        raise NotFound()
    return row[0], row[1]


def of_household(tx: Session, household_key: int) -> tuple[DisputeRow, ...]:
    """A household's own disputes, the latest first."""
    rows = tx.execute(
        _disputes()
        .where(Dispute.household_id == household_key)
        .order_by(Dispute.id.desc())
        .limit(LISTED)
    )
    return tuple(_row(row, named=True) for row in rows)


def disputes(tx: Session, actor: Actor, cooperative_id: int | None = None) -> list[DisputeRow]:
    """The latest disputes, undecided ones first; of one cooperative (internal key) or of all.

    Raises:
        NotFound, NotAllowed: `platform:read` for all, `lot:read` for a cooperative's.
    """
    if cooperative_id is None:
        actor.require(P.PLATFORM_READ)
    else:
        actor.require(P.LOT_READ, cooperative_id)
    mine = [] if cooperative_id is None else [Lot.cooperative_id == cooperative_id]
    rows = tx.execute(
        _disputes()
        .where(*mine)
        .order_by(Dispute.state.in_(_UNDECIDED).desc(), Dispute.id.desc())
        .limit(LISTED)
    )
    return [_row(row, named=_may_name(actor, row.cooperative_key)) for row in rows]


def dispute(tx: Session, dispute_id: str, actor: Actor) -> DisputePage:
    """One dispute with what it froze.

    Raises:
        NotFound: there is none, or of another cooperative.
        NotAllowed: no role of the actor reads it.
    """
    row = tx.execute(_disputes().where(Dispute.public_id == dispute_id)).one_or_none()
    if row is None:
        raise NotFound()
    if not actor.may(P.PLATFORM_READ):
        actor.require(P.LOT_READ, row.cooperative_key)
    found = _row(row, named=_may_name(actor, row.cooperative_key))
    acts = history(tx, dispute_id)
    lots = tx.execute(
        select(Lot.number, Lot.kind, Lot.name, LotFreeze.lifted_at)
        .join(LotFreeze, LotFreeze.lot_id == Lot.id)
        .where(LotFreeze.about == dispute_id)
        .order_by(Lot.id)
    )
    deliveries = _deliveries(tx, row[0])
    return DisputePage(
        row=found,
        lots=tuple(FrozenLot(*lot) for lot in lots),
        history=tuple(acts),
        actions=_actions(found.state, acts, actor),
        deliveries=deliveries,
        may_correct=any(one.used for one in deliveries)
        and found.state is DisputeState.UPHELD
        and actor.may(P.LOT_MAKE, row.cooperative_key),
    )


def households_to_choose(tx: Session, dispute_id: str) -> list[tuple[str, str]]:
    """(public id, name) of the households of a disputed lot's cooperative, for its manager."""
    rows = tx.execute(
        select(Household.public_id, Household.name, Village.name)
        .join(Village, Village.id == Household.village_id)
        .join(Lot, Lot.cooperative_id == Household.cooperative_id)
        .join(Dispute, Dispute.lot_id == Lot.id)
        .where(Dispute.public_id == dispute_id)
        .order_by(Household.id)
    )
    return [(key, f"{name}（{village}）") for key, name, village in rows]


def villages_to_choose(tx: Session) -> list[tuple[str, str]]:
    """(public id, name) of every village."""
    rows = tx.execute(
        select(Village.public_id, Village.township, Village.name).order_by(
            Village.township, Village.name
        )
    )
    return [(key, township + name) for key, township, name in rows]


def _disputes() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Dispute,
            Lot.public_id.label("lot_id"),
            Lot.number.label("lot"),
            Lot.kind.label("lot_kind"),
            Lot.name.label("goods"),
            Lot.cooperative_id.label("cooperative_key"),
            Organisation.name.label("cooperative"),
            Organisation.name_en.label("cooperative_en"),
            Household.name.label("household"),
            Household.public_id.label("household_id"),
            func.coalesce(Village.name, "").label("village"),
        )
        .join(Lot, Lot.id == Dispute.lot_id)
        .join(Organisation, Organisation.id == Lot.cooperative_id)
        .outerjoin(Household, Household.id == Dispute.household_id)
        .outerjoin(Village, Village.id == Dispute.village_id)
    )


def _row(row: Any, *, named: bool) -> DisputeRow:
    thing: Dispute = row[0]
    who = row.village
    if row.household_id is not None:
        who = row.household if named else pseudonym(row.household_id)
    return DisputeRow(
        thing.public_id,
        thing.number,
        thing.state,
        thing.claim,
        thing.received,
        thing.words,
        thing.opened_at,
        thing.decided_at,
        thing.decision,
        thing.ended_at,
        row.lot_id,
        row.lot,
        row.lot_kind,
        row.goods,
        row.cooperative,
        row.cooperative_en,
        who,
    )


def _may_name(actor: Actor, cooperative_key: int) -> bool:
    return actor.may(P.HOUSEHOLD_READ, cooperative_key)


def _actions(state: DisputeState, acts: list[Act], actor: Actor) -> tuple[str, ...]:
    did = {act.action for act in acts if act.user_id is not None and act.user_id == actor.user_id}
    return tuple(
        move.action
        for move in DISPUTE.moves
        if move.from_state is state
        and (move.needs is None or actor.may(move.needs))
        and not did.intersection(move.not_by_who_did)
    )


def _deliveries(tx: Session, dispute: Dispute) -> tuple[Brought, ...]:
    """What the household brought that went into the lot; the lot itself, if it is a delivery.

    Once a correction has given it to another household it is found no more.
    """
    behind = lineage.backward(select(Lot.id.label("lot_id")).where(Lot.id == dispute.lot_id))
    rows = tx.execute(
        select(
            Lot.public_id,
            Lot.number,
            Lot.name,
            Household.public_id,
            Delivery.net_grams,
            Delivery.fen_per_kg,
            Delivery.payment,
            Lot.used_grams > 0,
        )
        .join(Lot, Lot.id == Delivery.lot_id)
        .join(Household, Household.id == Delivery.household_id)
        .where(Lot.id.in_(select(behind.c.lot_id)), Delivery.household_id == dispute.household_id)
        .order_by(Lot.id)
        .limit(LISTED)
    )
    return tuple(Brought(*row) for row in rows)
