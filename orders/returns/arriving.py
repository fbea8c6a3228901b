"""How far the money of a return has come: waiting, in a payout, arrived, and the bank's line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payments.models import BankLine
from orders.payouts.models import PayoutItem
from orders.payouts.states import ItemState
from orders.refunds.models import Refund
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """A refund on its way: `state` of the payout item that carries it, if one does."""

    public_id: str
    number: str
    amount: Money
    at: datetime
    state: ItemState | None
    holder: str
    last4: str
    arrived_at: datetime | None
    bank_at: datetime | None
    serial: str


def money_back(tx: Session, return_id: str) -> list[MoneyBack]:
    """The refunds of a return with the payout item that carries each, and the bank's line."""
    refunds = list(
        tx.execute(select(Refund).where(Refund.about == return_id).order_by(Refund.id)).scalars()
    )
    carried = carriers(tx, [refund.id for refund in refunds])
    found = []
    for refund in refunds:
        item, line = carried.get(refund.id, (None, None))
        found.append(
            MoneyBack(
                refund.public_id,
                refund.number,
                refund.amount,
                refund.at,
                item.state if item else None,
                item.holder if item else "",
                item.number_last4 if item else "",
                item.decided_at if item and item.state is ItemState.CONFIRMED else None,
                line.at if line else None,
                line.serial if line else "",
            )
        )
    return found


def carriers(
    tx: Session, refund_ids: Collection[int]
) -> dict[int, tuple[PayoutItem, BankLine | None]]:
    """The payout item that carries each refund (internal key) now, and the bank's line of it."""
    rows = tx.execute(
        select(PayoutItem, BankLine)
        .outerjoin(BankLine, BankLine.id == PayoutItem.bank_line_id)
        .where(PayoutItem.refund_id.in_(refund_ids), PayoutItem.state != ItemState.WITHDRAWN)
        .order_by(PayoutItem.id)
    )
    found: dict[int, tuple[PayoutItem, BankLine | None]] = {}
    for item, line in rows:
        assert item.refund_id is not None
        found[item.refund_id] = (item, line)
    return found
