"""How an unpaid acceptance starts its buyer's clock, without shipments knowing receivables.

Receivables stand left of shipments and may not be imported here; `orders.register` hands their
function over.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from orders.purchasing.models import Purchase
from orders.shipments.models import Acceptance

#: (tx, a signed acceptance that is not wholly paid, its purchase).
Start = Callable[[Session, Acceptance, Purchase], None]


def _start_nothing(_tx: Session, _acceptance: Acceptance, _purchase: Purchase) -> None:
    """Nobody keeps clocks."""


_start: Start = _start_nothing


def on_unpaid(start: Start) -> None:
    """Let the clock of an unpaid acceptance be started from now on; the last call counts."""
    global _start
    _start = start


def start_clock(tx: Session, acceptance: Acceptance, purchase: Purchase) -> None:
    """Tell that an acceptance was signed, if something of it is still to be paid."""
    if acceptance.receivable:
        _start(tx, acceptance, purchase)
