"""Settling: a run is drafted by one person, approved by another as it was seen, and posted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.posting import Draft
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.settlements.figures import LotChanges, hash_of, pending
from orders.settlements.models import SettlementItem, SettlementRun
from orders.settlements.rules import Change
from orders.settlements.states import RUN, RunState
from products.lots.models import Lot
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.money import ZERO, total
from shop.core.numbering import next_number
from shop.core.permissions import Permission
from shop.organisations.models import Organisation, OrganisationKind


class NothingToSettle(Refusal):
    """Since the last run nothing was accepted and paid, and nothing returned."""

    code = "nothing_to_settle"
    sentence = N_("上次结算之后没有新的已验收、已付款货物，也没有退货，不用结算。")


class FiguresChanged(Refusal):
    """The figures are no longer those that were tried out."""

    code = "figures_changed"
    sentence = N_("试算之后又有新的验收、付款或退货，数字变了。请撤回这次试算，重新试算后再复核。")


@command
def draft_run(tx: Session, *, cooperative_id: str | None, actor: Actor, now: datetime) -> str:
    """Try out a settlement run of one cooperative, or of all, and keep what was seen.

    Nothing is posted. Returns the run's public id.

    Raises:
        NotAllowed: `settlement:draft` is needed.
        NotFound: there is no such cooperative.
        NothingToSettle: there is nothing to post.
    """
    actor.require(Permission.SETTLEMENT_DRAFT)
    key = _cooperative_key(tx, cooperative_id) if cooperative_id else None
    lots = pending(tx, key)
    if not lots:
        raise NothingToSettle()
    run = SettlementRun(
        number=next_number(tx, "JS", now),
        state=RunState.DRAFT,
        cooperative_id=key,
        seen_hash=hash_of(lots),
        drafted_at=now,
        lots=len(lots),
        households=len({change.household_id for lot in lots for change in lot.changes}),
        total=total([change.change for lot in lots for change in lot.changes]),
    )
    tx.add(run)
    tx.flush()
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

    Running again posts nothing; a return since simply makes differences negative.

    Args:
        seen_hash: the hash the approver's page carried.

    Raises:
        NotFound, NotAllowed: `settlement:approve` is needed.
        SamePerson: whoever drafted it may not approve it.
        WrongState: posted or withdrawn already.
        FiguresChanged: the figures differ from those that were seen.

    Rule: docs/money.md, “Sharing a lot's revenue”.
    """
    # One approval at a time: two runs may hold the same lot, and the later must see the earlier.
    tx.execute(
        select(SettlementRun.id)
        .where(SettlementRun.state == RunState.DRAFT)
        .order_by(SettlementRun.id)
        .with_for_update()
    ).all()
    run = _locked(tx, run_id)
    RUN.move(tx, run, "approve", actor=actor, now=now, organisation_id=None)
    _lock(tx, pending(tx, run.cooperative_id))
    lots = pending(tx, run.cooperative_id)
    if not run.seen_hash == seen_hash == hash_of(lots):
        raise FiguresChanged()
    run.posted_at = now
    tx.execute(
        insert(SettlementItem),
        [
            {
                "run_id": run.id,
                "lot_id": lot.lot_id,
                "household_id": change.household_id,
                "share_version": lot.share_version,
                "share": change.share,
                "change": change.change,
                "set_off": change.set_off,
                "second_payment": change.second_payment,
                "recovered": change.recovered,
                "covered": change.covered,
            }
            for lot in lots
            for change in lot.changes
        ],
    )
    for lot in lots:
        with posting.journal(
            tx,
            JournalKind.SETTLEMENT,
            event_key=f"settlement:{run.public_id}:{lot.public_id}",
            about=run.public_id,
            actor=actor,
            now=now,
        ) as journal:
            _post_lot(tx, journal, lot)


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


def _post_lot(tx: Session, journal: Draft, lot: LotChanges) -> None:
    """The transfers of one lot: rises first, so that falls may draw on them."""
    pool = (K.LOT_POOL, lot.lot_id)
    cooperative = (K.COOPERATIVE_PAYABLE, lot.cooperative_id)
    due = (K.DUE_FROM_COOPERATIVE, lot.cooperative_id)
    posting.lock(tx, cooperative, due)
    payable = posting.balance(tx, *cooperative)
    owed = posting.balance(tx, *due)

    set_off = total([change.set_off for change in lot.changes])
    recovered = total([change.recovered for change in lot.changes])
    covered = total([change.covered for change in lot.changes])
    journal.move(pool, cooperative, max(set_off, ZERO))
    payable += max(set_off, ZERO)
    # What was covered for a household comes back to whoever still owes it, else to who paid it.
    to_due = min(recovered, owed)
    journal.move(pool, due, to_due)
    journal.move(pool, cooperative, recovered - to_due)
    payable += recovered - to_due
    for change in lot.changes:
        journal.move(pool, _payable(change), max(change.second_payment, ZERO))
    for change in lot.changes:
        journal.move(_payable(change), pool, max(-change.second_payment, ZERO))
    fallen = max(-set_off, ZERO)
    from_payable = min(fallen, payable)
    journal.move(cooperative, pool, from_payable)
    journal.move(due, pool, fallen - from_payable)
    journal.move(due, pool, covered)


def _payable(change: Change) -> tuple[K, int]:
    return (K.HOUSEHOLD_PAYABLE, change.household_id)


def _lock(tx: Session, lots: Sequence[LotChanges]) -> None:
    """Lock what the figures rest on before they are read for good: no lot freezes meanwhile."""
    tx.execute(
        select(Lot.id)
        .where(Lot.id.in_([lot.lot_id for lot in lots]))
        .order_by(Lot.id)
        .with_for_update()
    ).all()
    falling = {
        change.household_id for lot in lots for change in lot.changes if change.change < ZERO
    }
    posting.lock(tx, *((K.HOUSEHOLD_PAYABLE, key) for key in sorted(falling)))


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


def _locked(tx: Session, run_id: str) -> SettlementRun:
    run = tx.execute(
        select(SettlementRun).where(SettlementRun.public_id == run_id).with_for_update()
    ).scalar_one_or_none()
    if run is None:
        raise NotFound()
    return run
