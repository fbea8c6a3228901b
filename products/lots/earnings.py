"""What lots have earned, asked of the package that keeps the books.

Products know no ledger. Whoever settles says at start-up how much households may share of each
lot by now (`orders/register.py` does); without it a preview simply shows no money.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from sqlalchemy.orm import Session

from shop.core.money import Money

Provider = Callable[[Session, Collection[int]], dict[int, Money]]

_provider: Provider | None = None


def provide(provider: Provider) -> None:
    """Say who answers for what lots (internal keys) have earned; called at start-up."""
    global _provider
    _provider = provider


def earned(tx: Session, lot_ids: Collection[int]) -> dict[int, Money]:
    """What the households of each lot share by now; lots that earned nothing are absent."""
    return _provider(tx, lot_ids) if _provider and lot_ids else {}
