"""Short ways to post into the ledger."""

from __future__ import annotations

from sqlalchemy import func, select

from orders.ledger import posting
from orders.ledger.models import Journal
from orders.ledger.states import AccountKind, JournalKind
from shop.core import db
from shop.core.actors import CLOCK
from shop.core.money import Money
from tests.world import NOW

CUSTODY = (AccountKind.CUSTODY, 0)
SUSPENSE = (AccountKind.SUSPENSE, 7)
FEE = (AccountKind.BANK_FEE, 0)


def moved(
    debit: posting.AccountKey, credit: posting.AccountKey, amount: Money, *, key: str
) -> int | None:
    """Post one transfer as one event; returns its journal's key, None when it moved nothing."""
    with db.database().writing() as tx:
        with posting.journal(
            tx,
            JournalKind.BANK_CREDIT,
            event_key=key,
            about="bankline_test",
            actor=CLOCK,
            now=NOW,
        ) as journal:
            journal.move(debit, credit, amount)
        return tx.execute(select(Journal.id).where(Journal.event_key == key)).scalar_one_or_none()


def posted(number: int, amount: Money | None = None) -> int | None:
    """Post a bank credit of ¥5.00, or as said, into suspense."""
    return moved(CUSTODY, SUSPENSE, Money(500) if amount is None else amount, key=f"test:{number}")


def journals() -> int:
    """How many journals there are."""
    with db.database().reading() as tx:
        return tx.execute(select(func.count()).select_from(Journal)).scalar_one()


def lies_in(account: posting.AccountKey) -> Money:
    """What lies in an account."""
    with db.database().reading() as tx:
        return posting.balance(tx, *account)
