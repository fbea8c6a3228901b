"""Posting the lots of an approved run, some at a time; steps of commands, in their transaction.

A lot is posted as it was approved, or left out. What is posted is marked in the same transaction,
so whoever goes on after a crash begins where the last finished step ended.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, literal, select, union_all, update
from sqlalchemy.orm import Session

from orders.ledger import bulk, posting
from orders.ledger.posting import Draft
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.settlements import kernel, reserving
from orders.settlements.figures import falling_lines, kept, outdated, sums_of
from orders.settlements.models import SettlementItem, SettlementLot, SettlementRun
from orders.settlements.proving import differences
from orders.settlements.rules import Change
from orders.settlements.states import RUN, LotState
from products.lots.models import Lot
from shop.core import db
from shop.core.actors import CLOCK, Actor
from shop.core.money import ZERO, total
from shop.jobs import queue
from shop.jobs.models import Job

log = logging.getLogger("shop.settlements")

JOB = "settlement"

#: Lots posted in one transaction; a run of no more is posted with its approval.
LOTS_AT_ONCE = 5_000


@queue.step_of(JOB)
def post_some(tx: Session, job: Job, now: datetime) -> None:
    """One step of the job that posts a large run."""
    run = tx.get_one(SettlementRun, job.facts["run"], with_for_update=True)
    approver = replace(CLOCK, user_id=job.user_id)
    job.done += post_next(tx, run, actor=approver, now=now)
    if job.done == job.total:
        db.join_whole_tables(tx)
        finish(tx, run, actor=approver, now=now)
        job.finish(run=run.public_id)


def post_next(
    tx: Session, run: SettlementRun, *, actor: Actor, now: datetime, checked: bool = False
) -> int:
    """Post the next lots of a run, or leave them out; returns how many lots were dealt with.

    Args:
        checked: their figures have been compared in this transaction, under the locks of the lots.
    """
    plain = list(tx.execute(_pending(run, falls=False).limit(LOTS_AT_ONCE)).scalars())
    _settle(tx, run, plain, _post_plain, actor=actor, now=now, checked=checked)
    falling: list[int] = []
    if len(plain) < LOTS_AT_ONCE:
        # Last of all, so that every household's second payments are there to be given up.
        falling = list(tx.execute(_pending(run, falls=True)).scalars())
        _settle(tx, run, falling, _post_falling, actor=actor, now=now, checked=checked)
    return len(plain) + len(falling)


def _pending(run: SettlementRun, *, falls: bool) -> Select[int]:
    return (
        select(SettlementLot.lot_id)
        .where(
            SettlementLot.run_id == run.id,
            SettlementLot.state == LotState.PENDING,
            SettlementLot.falls.is_(falls),
        )
        .order_by(SettlementLot.lot_id)
    )


def _settle(
    tx: Session,
    run: SettlementRun,
    keys: list[int],
    post: Callable[..., None],
    *,
    actor: Actor,
    now: datetime,
    checked: bool,
) -> None:
    """Lock lots, leave out those whose figures have changed, post the others.

    Args:
        keys: all pending lots of one sort between the first and the last of them.
    """
    if not keys:
        return
    span = Lot.id.between(keys[0], keys[-1])
    mine = select(SettlementLot.lot_id).where(SettlementLot.run_id == run.id)
    # No lot freezes, is corrected or settled by another run while it is posted.
    tx.execute(
        select(Lot.id).where(span, Lot.id.in_(mine)).order_by(Lot.id).with_for_update()
    ).all()
    if not checked:
        left_out = list(tx.execute(outdated(run, keys)).scalars())
        _mark(tx, run, LotState.LEFT_OUT, SettlementLot.lot_id.in_(left_out))
    post(tx, run, keys[0], keys[-1], actor=actor, now=now)


def finish(tx: Session, run: SettlementRun, *, actor: Actor, now: datetime) -> None:
    """Close a run whose every lot was dealt with, and prove it."""
    reserving.feed(tx, run, actor=actor, now=now)
    RUN.move(tx, run, "post", actor=actor, now=now, organisation_id=None)
    run.posted_at = now
    found = differences(tx, run)
    run.differences = len(found)
    for difference in found:
        log.error("settlement %s: %s", run.number, difference)


def _mark(tx: Session, run: SettlementRun, state: LotState, *which: ColumnElement[bool]) -> None:
    tx.execute(
        update(SettlementLot)
        .where(SettlementLot.run_id == run.id, SettlementLot.state == LotState.PENDING, *which)
        .values(state=state)
        .execution_options(synchronize_session=False)
    )


def _post_plain(
    tx: Session, run: SettlementRun, first: int, last: int, *, actor: Actor, now: datetime
) -> None:
    """Post lots in which everybody gets more or the same; first and last are their keys."""
    chunk = (
        SettlementLot.falls.is_(False),
        SettlementLot.lot_id.between(first, last),
        SettlementLot.state == LotState.PENDING,
    )
    found = kernel.lines(kept(run, *chunk)).subquery("found")
    zero = literal(0)
    tx.execute(
        insert(SettlementItem).from_select(
            [
                *("run_id", "lot_id", "household_id", "share_version", "share_fen", "change_fen"),
                *("set_off_fen", "second_payment_fen", "recovered_fen", "covered_fen"),
            ],
            select(
                literal(run.id),
                found.c.lot_id,
                found.c.household_id,
                found.c.version,
                found.c.share,
                found.c.share - found.c.before,
                found.c.set_off,
                found.c.second,
                zero,
                zero,
            )
            .where(kernel.changed(found))
            .order_by(found.c.lot_id, found.c.household_id),
        )
    )
    _mark(tx, run, LotState.POSTED, *chunk)
    bulk.post(
        tx,
        JournalKind.SETTLEMENT,
        bulk.between_owners(tx, _plain_moves(run, first, last)),
        event_key=f"settlement:{run.public_id}:from:{first}",
        about=run.public_id,
        content=f"{run.seen_hash}:{first}:{last}",
        actor=actor,
        now=now,
    )


def _plain_moves(run: SettlementRun, first: int, last: int) -> Select[Any]:
    """Pool → cooperative for what is set off, lot by lot; pool → household for the rest."""
    item, lot = SettlementItem.__table__.c, SettlementLot.__table__.c
    moves = union_all(
        select(
            literal(K.LOT_POOL.value).label("debit_kind"),
            lot.lot_id.label("debit_owner"),
            literal(K.COOPERATIVE_PAYABLE.value).label("credit_kind"),
            Lot.cooperative_id.label("credit_owner"),
            lot.set_off_fen.label("amount"),
        )
        .join(Lot, Lot.id == lot.lot_id)
        .where(
            lot.run_id == run.id,
            lot.lot_id.between(first, last),
            lot.falls.is_(False),
            lot.state == LotState.POSTED,
            lot.set_off_fen > ZERO,
        ),
        # Of lots that fall nothing is posted yet.
        select(
            literal(K.LOT_POOL.value),
            item.lot_id,
            literal(K.HOUSEHOLD_PAYABLE.value),
            item.household_id,
            item.second_payment_fen,
        ).where(
            item.run_id == run.id,
            item.lot_id.between(first, last),
            item.second_payment_fen > ZERO,
        ),
    ).subquery()
    return select(*moves.c)


def _post_falling(
    tx: Session, run: SettlementRun, first: int, last: int, *, actor: Actor, now: datetime
) -> None:
    """Post lots in which somebody gives back or recovers, as they were approved or not at all."""
    posting.lock(tx, *_payables(tx, run))
    cooperatives: dict[int, int] = dict(
        tx.execute(
            select(Lot.id, Lot.cooperative_id).where(
                Lot.id.in_(
                    select(SettlementLot.lot_id).where(
                        SettlementLot.run_id == run.id, SettlementLot.falls
                    )
                )
            )
        ).all()
    )
    posted = []
    for lot, some in falling_lines(tx, run):
        assert first <= lot.lot_id <= last
        if sums_of(some) != (lot.second_payment, lot.recovered, lot.covered):
            _mark(tx, run, LotState.LEFT_OUT, SettlementLot.lot_id == lot.lot_id)
            continue
        _mark(tx, run, LotState.POSTED, SettlementLot.lot_id == lot.lot_id)
        tx.execute(insert(SettlementItem), [_item(run, lot, change) for change in some])
        posted.append((lot, some))
    # What one lot takes back may be what another one brings: everybody's rises come first.
    with posting.journal(
        tx,
        JournalKind.SETTLEMENT,
        event_key=f"settlement:{run.public_id}:rises",
        about=run.public_id,
        actor=actor,
        now=now,
    ) as journal:
        for lot, some in posted:
            for change in some:
                journal.move(
                    (K.LOT_POOL, lot.lot_id), _payable(change), max(change.second_payment, ZERO)
                )
    for lot, some in posted:
        with posting.journal(
            tx,
            JournalKind.SETTLEMENT,
            event_key=f"settlement:{run.public_id}:{lot.lot_id}",
            about=run.public_id,
            actor=actor,
            now=now,
        ) as journal:
            _move_falling(tx, journal, lot, cooperatives[lot.lot_id], some)
    tx.flush()


def _payables(tx: Session, run: SettlementRun) -> list[posting.AccountKey]:
    """The accounts of everybody behind falling lots: what is unpaid must not move meanwhile."""
    falling = kept(run, SettlementLot.falls.is_(True), SettlementLot.state == LotState.PENDING)
    people = tx.execute(select(kernel.lines(falling).subquery().c.household_id)).scalars()
    return [(K.HOUSEHOLD_PAYABLE, key) for key in sorted(set(people))]


def _item(run: SettlementRun, lot: SettlementLot, change: Change) -> dict[str, Any]:
    return {
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


def _move_falling(
    tx: Session, journal: Draft, lot: SettlementLot, cooperative_id: int, some: Sequence[Change]
) -> None:
    """The transfers of one lot but for its households' rises: what the cooperative gets first."""
    pool = (K.LOT_POOL, lot.lot_id)
    cooperative = (K.COOPERATIVE_PAYABLE, cooperative_id)
    due = (K.DUE_FROM_COOPERATIVE, cooperative_id)
    posting.lock(tx, cooperative, due)
    payable = posting.balance(tx, *cooperative)
    owed = posting.balance(tx, *due)

    set_off = total([change.set_off for change in some])
    recovered = total([change.recovered for change in some])
    journal.move(pool, cooperative, max(set_off, ZERO))
    payable += max(set_off, ZERO)
    # What was covered for a household comes back to whoever still owes it, else to who paid it.
    to_due = min(recovered, owed)
    journal.move(pool, due, to_due)
    to_reserve = reserving.give_back(tx, lot, recovered - to_due)
    journal.move(pool, (K.RISK_RESERVE, cooperative_id), to_reserve)
    to_payable = recovered - to_due - to_reserve
    journal.move(pool, cooperative, to_payable)
    payable += to_payable
    for change in some:
        journal.move(_payable(change), pool, max(-change.second_payment, ZERO))
    fallen = max(-set_off, ZERO)
    from_payable = min(fallen, payable)
    journal.move(cooperative, pool, from_payable)
    journal.move(due, pool, fallen - from_payable)
    reserving.cover(tx, journal, lot, cooperative_id)


def _payable(change: Change) -> tuple[K, int]:
    return (K.HOUSEHOLD_PAYABLE, change.household_id)
