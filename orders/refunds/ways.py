"""By which payments money goes back, without refunds knowing payments.

Payments stand left of refunds and may not be imported here; `orders.register` hands over the
function that takes from them.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from shop.core.money import Money

#: (tx, order key, amount) → (payment key, part of it), the newest payment first; what the
#: payments cannot give any more is missing from the parts.
Take = Callable[[Session, int, Money], list[tuple[int, Money]]]


def _take_nothing(_tx: Session, _order_id: int, _amount: Money) -> list[tuple[int, Money]]:
    return []


_take: Take = _take_nothing


def on_refund(take: Take) -> None:
    """Let refunds be taken from payments by this function from now on; the last call counts."""
    global _take
    _take = take


def take(tx: Session, order_id: int, amount: Money) -> list[tuple[int, Money]]:
    """Take an amount from the payments of an order; see `Take`."""
    return _take(tx, order_id, amount)
