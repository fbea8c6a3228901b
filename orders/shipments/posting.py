"""What an acceptance or a return does to the ledger; steps of commands, in their transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.posting import AccountKey
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.purchasing.models import Order, OrderLine
from orders.purchasing.values import open_value
from orders.refunds.writing import refund_from_escrow, write_refund
from orders.shipments.models import Acceptance
from shop.core.actors import Actor
from shop.core.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class Counted:
    """Units of one allocation with the frozen composition of their line."""

    lot_id: int
    line: OrderLine
    units: int


def total_of(goods: Sequence[Counted]) -> Money:
    """What the buyer pays for these units."""
    return Money(sum(item.line.price.fen * item.units for item in goods))


def units_per_lot(goods: Sequence[Counted]) -> dict[int, int]:
    """Units of each lot (internal key) among these."""
    found: dict[int, int] = {}
    for item in goods:
        found[item.lot_id] = found.get(item.lot_id, 0) + item.units
    return found


def post_acceptance(
    tx: Session,
    acceptance: Acceptance,
    order: Order,
    carrier_id: int,
    goods: Sequence[Counted],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Give everyone their part of the accepted units: from escrow first, then owed by the buyer.

    Fills in the acceptance's `value` and `receivable`.

    Rule: docs/money.md, “What an acceptance does”.
    """
    acceptance.value = total_of(goods)
    escrow: AccountKey = (K.ESCROW, order.id)
    posting.lock(tx, escrow)
    from_escrow = min(posting.balance(tx, *escrow), acceptance.value)
    acceptance.receivable = acceptance.value - from_escrow
    with posting.journal(
        tx,
        JournalKind.ACCEPTANCE,
        event_key=f"acceptance:{acceptance.public_id}",
        about=acceptance.public_id,
        actor=actor,
        now=now,
    ) as journal:
        journal.spread(
            [
                (escrow, from_escrow),
                ((K.BUYER_RECEIVABLE, acceptance.id), acceptance.receivable),
            ],
            [
                *_pools(goods),
                ((K.COOPERATIVE_PAYABLE, order.cooperative_id), _sellers_part(goods)),
                ((K.CARRIER_PAYABLE, carrier_id), _sum(goods, "freight")),
                ((K.PLATFORM_FEE, 0), _sum(goods, "platform")),
            ],
        )


def refund_excess(
    tx: Session,
    acceptance: Acceptance,
    order: Order,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Send back what escrow holds beyond the units still open (短少、破损退款)."""
    excess = posting.balance(tx, K.ESCROW, order.id) - open_value(tx, order.id)
    refund_from_escrow(
        tx,
        kind=JournalKind.SHORTAGE_REFUND,
        order_id=order.id,
        amount=max(excess, ZERO),
        reason="验收短少或破损",
        about=acceptance.public_id,
        actor=actor,
        now=now,
    )


def post_return(
    tx: Session,
    acceptance: Acceptance,
    order: Order,
    return_id: str,
    goods: Sequence[Counted],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Take returned units back out of the pools and the seller's parts, and credit the buyer.

    The carrier keeps its freight; the cooperative bears it. What the cooperative's payable
    cannot cover, it owes. What the buyer still owes for the acceptance is credited first, the
    rest is refunded.

    Rule: docs/money.md, “What a return does”.
    """
    value = total_of(goods)
    cooperative: AccountKey = (K.COOPERATIVE_PAYABLE, order.cooperative_id)
    receivable: AccountKey = (K.BUYER_RECEIVABLE, acceptance.id)
    posting.lock(tx, cooperative, receivable)
    seller = _sellers_part(goods) + _sum(goods, "freight")
    covered = min(posting.balance(tx, *cooperative), seller)
    credited = min(posting.balance(tx, *receivable), value)
    with posting.journal(
        tx,
        JournalKind.RETURN,
        event_key=f"return:{return_id}",
        about=return_id,
        actor=actor,
        now=now,
    ) as journal:
        journal.spread(
            [
                *_pools(goods),
                (cooperative, covered),
                ((K.DUE_FROM_COOPERATIVE, order.cooperative_id), seller - covered),
                ((K.PLATFORM_FEE, 0), _sum(goods, "platform")),
            ],
            [(receivable, credited), ((K.REFUND_IN_TRANSIT, order.id), value - credited)],
        )
    if value > credited:
        write_refund(
            tx,
            order_id=order.id,
            amount=value - credited,
            reason=reason,
            about=return_id,
            now=now,
        )


def _pools(goods: Sequence[Counted]) -> list[tuple[AccountKey, Money]]:
    pools: dict[int, int] = {}
    for item in goods:
        pools[item.lot_id] = pools.get(item.lot_id, 0) + item.line.households.fen * item.units
    return [((K.LOT_POOL, lot_id), Money(fen)) for lot_id, fen in sorted(pools.items())]


def _sellers_part(goods: Sequence[Counted]) -> Money:
    """Everything but pool, freight and platform fee falls to the seller of record, tax included."""
    return (
        _sum(goods, "processing")
        + _sum(goods, "packing")
        + _sum(goods, "cooperative")
        + _sum(goods, "tax")
    )


def _sum(goods: Sequence[Counted], part: str) -> Money:
    return Money(sum(getattr(item.line, part).fen * item.units for item in goods))
