"""What the trace page shows of money and of papers, filled in by whoever keeps it.

Products know no ledger. Whoever settles lots says at start-up what may be told of one
(`orders/register.py` does, with `orders.statements.queries.lot_money`); without it the page
simply has no such paragraph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class LotMoney:
    """What the households behind a lot had from it by now; three figures, never added up.

    `leaf_paid` at the gate, `second_payment` settled to them, `attributed` their share of the
    price of `sold_units` accepted units, which is not income.
    """

    sold_units: int
    leaf_paid: Money
    second_payment: Money
    attributed: Money


Provider = Callable[[Session, int], LotMoney | None]

_provider: Provider | None = None


def provide(provider: Provider) -> None:
    """Say who answers for the money of a lot (given its internal key); called at start-up."""
    global _provider
    _provider = provider


def lot_money(tx: Session, lot_id: int) -> LotMoney | None:
    """What the households behind a lot had from it, or None while nobody can tell."""
    return _provider(tx, lot_id) if _provider else None
