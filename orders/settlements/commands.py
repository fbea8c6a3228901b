"""Settling: a run is drafted by one person, approved by another as it was seen, and posted."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Purchase
from orders.settlements import booking, reserving
from orders.settlements.figures import draft_lots, hash_of, households_of, is_outdated
from orders.settlements.models import SettlementLot, SettlementRun
from orders.settlements.states import RUN, RunState
from products.lots.models import Lot
from shop.core import audit, db
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.money import ZERO, Money
from shop.core.numbering import next_number
from shop.core.permissions import Permission
from shop.jobs import queue
from shop.organisations.models import Organisation, OrganisationKind


class NothingToSettle(Refusal):
    """Since the last run nothing was accepted and paid, and nothing returned."""

    code = "nothing_to_settle"
    sentence = N_("上次结算之后没有新的已验收、已付款货物，也没有退货，不用结算。")


class FiguresChanged(Refusal):
    """The figures are no longer those that were tried out."""

    code = "figures_changed"
    sentence = N_("试算之后又有新的验收、付款或退货，数字变了。请撤回这次试算，重新试算后再复核。")


class DaysTurned(Refusal):
    """A span of days ends before it begins."""

    code = "days_turned"
    sentence = N_("结束日期早于开始日期。")
    status = 422
    field = "packed_to"


@command
def draft_run(
    tx: Session,
    *,
    cooperative_id: str | None,
    purchase: str | None = None,
    packed_from: date | None = None,
    packed_to: date | None = None,
    actor: Actor,
    now: datetime,
) -> str:
    """Try out a settlement run and keep what was seen. Nothing is posted.

    The arguments choose lots, each of which is settled whole; with none of them all lots are.

    Args:
        cooperative_id: public id; the lots it packed.
        purchase: number of a purchase; the lots it got goods from.
        packed_from, packed_to: Shanghai days, both included; the lots packed in that span.

    Returns:
        The run's public id.

    Raises:
        NotAllowed: `settlement:draft` is needed.
        NotFound: there is no such cooperative or purchase.
        DaysTurned: the span ends before it begins.
        NothingToSettle: there is nothing to post.
    """
    actor.require(Permission.SETTLEMENT_DRAFT)
    if packed_from and packed_to and packed_to < packed_from:
        raise DaysTurned()
    run = SettlementRun(
        state=RunState.DRAFT,
        cooperative_id=_cooperative_key(tx, cooperative_id) if cooperative_id else None,
        purchase_id=_purchase_key(tx, purchase) if purchase else None,
        packed_from=packed_from,
        packed_to=packed_to,
        drafted_at=now,
    )
    run.number, run.seen_hash, run.total = next_number(tx, "JS", now), "", ZERO
    tx.add(run)
    tx.flush()
    draft_lots(tx, run)
    reserving.plan(tx, run, now)
    lot = SettlementLot.__table__.c
    lots, fen = tx.execute(
        select(func.count(), db.total(lot.change_fen)).where(lot.run_id == run.id)
    ).one()
    if not lots:
        raise NothingToSettle()
    run.lots, run.total = lots, Money(fen)
    run.households = households_of(tx, run)
    run.seen_hash = hash_of(tx, run)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="settlement",
        thing=run.public_id,
        action="draft",
        to_state=run.state.value,
        total_fen=run.total.fen,
        lots=run.lots,
    )
    return run.public_id


@command
def approve_run(tx: Session, *, run_id: str, seen_hash: str, actor: Actor, now: datetime) -> None:
    """Approve a run as it was seen, and post it: who is owed what. Nothing moves at a bank.

    A large run is posted by a job, some lots at a time; a lot whose figures change before its
    turn comes is left out, and the next run finds it. Running again posts nothing; a return since
    simply makes differences negative.

    Args:
        seen_hash: the hash the approver's page carried.

    Raises:
        NotFound, NotAllowed: `settlement:approve` is needed.
        SamePerson: whoever drafted it may not approve it.
        WrongState: posted or withdrawn already.
        FiguresChanged: the figures differ from those that were seen, or a lot is frozen.

    Rule: docs/money.md, “Sharing a lot's revenue”.
    """
    # One approval at a time: two runs may hold the same lot, and the later must see the earlier.
    tx.execute(
        select(SettlementRun.id)
        .where(SettlementRun.state.in_((RunState.DRAFT, RunState.POSTING)))
        .order_by(SettlementRun.id)
        .with_for_update()
    ).all()
    run = _locked(tx, run_id)
    RUN.move(tx, run, "approve", actor=actor, now=now, organisation_id=None)
    run.approved_at = now
    lots = select(SettlementLot.lot_id).where(SettlementLot.run_id == run.id)
    tx.execute(select(Lot.id).where(Lot.id.in_(lots)).order_by(Lot.id).with_for_update()).all()
    if not run.seen_hash == seen_hash == hash_of(tx, run) or is_outdated(tx, run):
        raise FiguresChanged()
    if run.lots <= booking.LOTS_AT_ONCE:
        booking.post_next(tx, run, actor=actor, now=now, checked=True)
        booking.finish(tx, run, actor=actor, now=now)
        return
    run.job = queue.ask(
        tx, booking.JOB, total=run.lots, organisation_id=None, actor=actor, now=now, run=run.id
    )


@command
def withdraw_run(tx: Session, *, run_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Withdraw a draft; nothing was posted and nothing is.

    Raises:
        ReasonMissing: the reason is kept with it.
        NotFound, NotAllowed, WrongState: `settlement:draft` is needed, and a draft.
    """
    if not reason.strip():
        raise ReasonMissing()
    run = _locked(tx, run_id)
    RUN.move(tx, run, "withdraw", actor=actor, now=now, organisation_id=None, reason=reason.strip())


def _cooperative_key(tx: Session, cooperative_id: str) -> int:
    key = tx.execute(
        select(Organisation.id).where(
            Organisation.public_id == cooperative_id,
            Organisation.kind == OrganisationKind.COOPERATIVE,
        )
    ).scalar_one_or_none()
    if key is None:
        raise NotFound()
    return key


def _purchase_key(tx: Session, number: str) -> int:
    key = tx.execute(
        select(Purchase.id).where(Purchase.number == number.strip())
    ).scalar_one_or_none()
    if key is None:
        raise NotFound(field="purchase")
    return key


def _locked(tx: Session, run_id: str) -> SettlementRun:
    run = tx.execute(
        select(SettlementRun).where(SettlementRun.public_id == run_id).with_for_update()
    ).scalar_one_or_none()
    if run is None:
        raise NotFound()
    return run
