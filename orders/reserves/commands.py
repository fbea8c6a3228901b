"""Agreeing what a cooperative sets aside: one person proposes, another approves."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.reserves.models import ReserveRate
from orders.reserves.states import RATE, RateState
from shop.core import audit, clock
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission
from shop.organisations.models import Organisation, OrganisationKind

WHOLE = 10_000


class RateOutOfRange(Refusal):
    """A rate is between nothing and the whole."""

    code = "rate_out_of_range"
    sentence = N_("计提比例要在 0 到 100% 之间。")
    status = 422
    field = "percent"


class DayIsPast(Refusal):
    """A rate begins today or later: what was settled stays as it was."""

    code = "day_is_past"
    sentence = N_("起始日不能早于今天，已经结算的不会重算。")
    status = 422
    field = "from_day"


class DayIsTaken(Refusal):
    """From this day on another rate stands or waits."""

    code = "day_is_taken"
    sentence = N_("这一天起已有一个比例或提议，请换一天，或先撤回那一个。")
    field = "from_day"


@command
def propose_rate(
    tx: Session,
    *,
    cooperative_id: str,
    from_day: date,
    bp: int,
    reason: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Propose what a cooperative sets aside of its part from a day on (拟定计提比例).

    Args:
        cooperative_id: public id.
        bp: basis points, 0 to 10000.

    Returns:
        The rate's public id; it counts once somebody else has approved it.

    Raises:
        NotAllowed: `settlement:draft` is needed.
        NotFound: there is no such cooperative.
        ReasonMissing, RateOutOfRange, DayIsPast, DayIsTaken: see there.
    """
    actor.require(Permission.SETTLEMENT_DRAFT)
    cooperative = tx.execute(
        select(Organisation.id)
        .where(
            Organisation.public_id == cooperative_id,
            Organisation.kind == OrganisationKind.COOPERATIVE,
        )
        .with_for_update()
    ).scalar_one_or_none()
    if cooperative is None:
        raise NotFound()
    if not 0 <= bp <= WHOLE:
        raise RateOutOfRange()
    if not reason.strip():
        raise ReasonMissing()
    if from_day < clock.day_of(now):
        raise DayIsPast()
    taken = select(ReserveRate.id).where(
        ReserveRate.cooperative_id == cooperative,
        ReserveRate.from_day == from_day,
        ReserveRate.state != RateState.REFUSED,
    )
    if tx.execute(taken).first():
        raise DayIsTaken()
    rate = ReserveRate(
        cooperative_id=cooperative,
        from_day=from_day,
        bp=bp,
        state=RateState.PROPOSED,
        reason=reason.strip(),
        proposed_at=now,
    )
    tx.add(rate)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=RATE.kind,
        thing=rate.public_id,
        action="propose",
        organisation_id=cooperative,
        to_state=rate.state.value,
        reason=rate.reason,
        bp=bp,
        from_day=from_day.isoformat(),
    )
    return rate.public_id


@command
def approve_rate(tx: Session, *, rate_id: str, actor: Actor, now: datetime) -> None:
    """Approve a proposed rate as the second person; settlements of its days read it from now on.

    Raises:
        NotFound, NotAllowed, WrongState: `settlement:approve` is needed, and a proposal.
        SamePerson: whoever proposed it may not approve it.
        DayIsPast: its day has passed meanwhile; it has to be proposed anew.
    """
    rate = _locked(tx, rate_id)
    RATE.move(tx, rate, "approve", actor=actor, now=now, organisation_id=None)
    if rate.from_day < clock.day_of(now):
        raise DayIsPast()
    rate.decided_at = now


@command
def refuse_rate(tx: Session, *, rate_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Refuse a proposed rate, or take one's own proposal back; its day is free again.

    Raises:
        NotFound, NotAllowed, SamePerson, WrongState: as for approving.
        ReasonMissing: it says nothing.
    """
    if not reason.strip():
        raise ReasonMissing()
    rate = _locked(tx, rate_id)
    action = "withdraw" if actor.may(Permission.SETTLEMENT_DRAFT) else "refuse"
    RATE.move(tx, rate, action, actor=actor, now=now, organisation_id=None, reason=reason.strip())
    rate.decided_at = now


def _locked(tx: Session, rate_id: str) -> ReserveRate:
    rate = tx.execute(
        select(ReserveRate).where(ReserveRate.public_id == rate_id).with_for_update()
    ).scalar_one_or_none()
    if rate is None:
        raise NotFound()
    return rate
