"""What lies in the ledger's accounts: by owner within one kind, and by kind over all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import BigInteger, select, type_coerce
from sqlalchemy.orm import Session

from orders.ledger.models import Account, Transfer
from orders.ledger.states import DEBIT_NORMAL, AccountKind
from shop.core import db
from shop.core.money import ZERO, Money


def by_owner(tx: Session, kind: AccountKind) -> dict[int, Money]:
    """The owners of one kind of account in which something lies, and how much (above zero)."""
    found: dict[int, int] = defaultdict(int)
    for side, sign in ((Transfer.credit_id, 1), (Transfer.debit_id, -1)):
        rows = tx.execute(
            select(Account.owner_id, db.total(type_coerce(Transfer.amount, BigInteger)))
            .join(Transfer, side == Account.id)
            .where(Account.kind == kind)
            .group_by(Account.owner_id)
        )
        for owner_id, fen in rows:
            found[owner_id] += sign * int(fen)
    normal = -1 if kind in DEBIT_NORMAL else 1
    return {owner: Money(normal * fen) for owner, fen in found.items() if normal * fen > 0}


def by_kind(
    tx: Session, kinds: Collection[AccountKind] = tuple(AccountKind)
) -> dict[AccountKind, Money]:
    """What lies in all accounts of each of these kinds together, positive on its normal side."""
    found: dict[AccountKind, int] = defaultdict(int)
    for side, sign in ((Transfer.credit_id, 1), (Transfer.debit_id, -1)):
        rows = tx.execute(
            select(Account.kind, db.total(type_coerce(Transfer.amount, BigInteger)))
            .join(Transfer, side == Account.id)
            .where(Account.kind.in_(kinds))
            .group_by(Account.kind)
        )
        for kind, fen in rows:
            found[kind] += sign * int(fen)
    return {
        kind: Money(-found[kind] if kind in DEBIT_NORMAL else found[kind])
        if kind in found
        else ZERO
        for kind in AccountKind
        if kind in kinds
    }
