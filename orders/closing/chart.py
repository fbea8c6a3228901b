"""The accountant's chart of accounts (科目表): a code and a name for every kind of account."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.closing.models import ChartEntry
from orders.closing.states import DEFAULT_CODES
from orders.ledger.states import AccountKind


def codes(tx: Session) -> dict[AccountKind, tuple[str, str]]:
    """Code and name of every kind of account, the accountant's before the defaults."""
    chosen = {row.kind: (row.code, row.name) for row in tx.execute(select(ChartEntry)).scalars()}
    return {kind: chosen.get(kind, DEFAULT_CODES[kind]) for kind in AccountKind}
