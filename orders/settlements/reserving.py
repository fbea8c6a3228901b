"""What a cooperative sets aside of its own part at settlement, and what that covers (风险准备金).

Steps of commands, in their transaction. Rule: docs/money.md, “The risk reserve”.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, func, select, type_coerce, update
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.posting import Draft
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.purchasing.models import Allocation, OrderLine
from orders.reserves.queries import rates_on
from orders.settlements import kernel
from orders.settlements.models import SettlementLot, SettlementRun
from orders.settlements.states import LotState
from orders.shipments.models import AcceptanceLine
from products.lots.models import Lot
from shop.core import clock, db
from shop.core.actors import Actor
from shop.core.money import ZERO, Money

_BASIS_POINTS = 10_000


def plan(tx: Session, run: SettlementRun, now: datetime) -> None:
    """Say of each lot of a draft what its cooperative sets aside, by the rates of the day.

    A rate of its part of all counted units, rounded down, less what earlier runs set aside of the
    lot; never less than nothing, so that a lower rate gives nothing back.
    """
    lots: dict[int, int] = dict(
        tx.execute(
            select(SettlementLot.lot_id, Lot.cooperative_id)
            .join(Lot, Lot.id == SettlementLot.lot_id)
            .where(SettlementLot.run_id == run.id)
        ).all()
    )
    rates = rates_on(tx, set(lots.values()), clock.day_of(now))
    feeding = [lot for lot, cooperative in lots.items() if rates[cooperative]]
    if not feeding:
        return
    before = _reserved_before(tx, feeding)
    rows = [
        {
            "run_id": run.id,
            "lot_id": lot,
            "reserved": Money(max(0, fen * rates[lots[lot]] // _BASIS_POINTS - before.get(lot, 0))),
        }
        for lot, fen in tx.execute(_sellers_part(feeding))
    ]
    tx.execute(update(SettlementLot), rows)
    tx.flush()
    tx.expire_all()


def _sellers_part(lots: list[int]) -> kernel.LotFen:
    """`lot_id` and the cooperative's own part of its counted units, in fen."""
    kept = AcceptanceLine.accepted_units - AcceptanceLine.returned_units
    part = type_coerce(OrderLine.cooperative, BigInteger)
    return (
        select(AcceptanceLine.lot_id, db.total(part * kept))
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(AcceptanceLine.lot_id.in_(lots), *kernel.counted())
        .group_by(AcceptanceLine.lot_id)
    )


def _reserved_before(tx: Session, lots: list[int]) -> dict[int, int]:
    reserved = type_coerce(SettlementLot.reserved, BigInteger)
    return dict(
        tx.execute(
            select(SettlementLot.lot_id, db.total(reserved))
            .where(SettlementLot.lot_id.in_(lots), SettlementLot.state == LotState.POSTED)
            .group_by(SettlementLot.lot_id)
        ).all()
    )


def feed(tx: Session, run: SettlementRun, *, actor: Actor, now: datetime) -> None:
    """Set aside what a run planned, of all its posted lots, as far as each payable reaches.

    Where a payable does not reach, nothing of that cooperative is set aside; the next run plans it
    again.
    """
    planned = select(SettlementLot.lot_id).where(
        SettlementLot.run_id == run.id,
        SettlementLot.state == LotState.POSTED,
        SettlementLot.reserved > ZERO,
    )
    wanted: dict[int, int] = dict(
        tx.execute(
            select(Lot.cooperative_id, db.total(type_coerce(SettlementLot.reserved, BigInteger)))
            .join(Lot, Lot.id == SettlementLot.lot_id)
            .where(SettlementLot.run_id == run.id, SettlementLot.lot_id.in_(planned))
            .group_by(Lot.cooperative_id)
        ).all()
    )
    payables = [(K.COOPERATIVE_PAYABLE, key) for key in sorted(wanted)]
    posting.lock(tx, *payables)
    there = posting.balances(tx, K.COOPERATIVE_PAYABLE, wanted)
    with posting.journal(
        tx,
        JournalKind.SETTLEMENT,
        event_key=f"settlement:{run.public_id}:reserve",
        about=run.public_id,
        actor=actor,
        now=now,
    ) as journal:
        for key, fen in sorted(wanted.items()):
            if there[key].fen >= fen:
                journal.move((K.COOPERATIVE_PAYABLE, key), (K.RISK_RESERVE, key), Money(fen))
            else:
                _plan_nothing(tx, run, key)


def _plan_nothing(tx: Session, run: SettlementRun, cooperative: int) -> None:
    lots = select(Lot.id).where(Lot.cooperative_id == cooperative)
    tx.execute(
        update(SettlementLot)
        .where(SettlementLot.run_id == run.id, SettlementLot.lot_id.in_(lots))
        .values(reserved=ZERO)
        .execution_options(synchronize_session=False)
    )


def cover(tx: Session, journal: Draft, lot: SettlementLot, cooperative: int) -> None:
    """Cover what households do not give back: out of the reserve first, the rest becomes due."""
    reserve, due = (K.RISK_RESERVE, cooperative), (K.DUE_FROM_COOPERATIVE, cooperative)
    posting.lock(tx, reserve)
    lot.from_reserve = min(lot.covered, posting.balance(tx, *reserve))
    journal.move(reserve, (K.LOT_POOL, lot.lot_id), lot.from_reserve)
    journal.move(due, (K.LOT_POOL, lot.lot_id), lot.covered - lot.from_reserve)


def give_back(tx: Session, lot: SettlementLot, left: Money) -> Money:
    """How much of what is recovered in a lot goes back to the reserve: what that had covered.

    Args:
        left: what is recovered and not owed by the cooperative any more.
    """
    covered = tx.execute(
        select(
            func.coalesce(
                db.total(
                    type_coerce(SettlementLot.from_reserve, BigInteger)
                    - type_coerce(SettlementLot.to_reserve, BigInteger)
                ),
                0,
            )
        ).where(SettlementLot.lot_id == lot.lot_id, SettlementLot.run_id != lot.run_id)
    ).scalar_one()
    lot.to_reserve = min(left, Money(covered))
    return lot.to_reserve
