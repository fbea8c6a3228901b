"""Steps of commands on batches: writing items, hashing what is seen, making the bank's file."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payments.importing import line_place
from orders.payments.models import BankLine
from orders.payouts import rules
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.ready import Ready
from orders.payouts.states import ItemState
from shop.core.ids import new_id
from shop.core.reference import new_reference
from shop.core.vault import vault
from shop.organisations.commands import account_place
from shop.organisations.models import PayeeAccount
from shop.organisations.states import AccountState


def write_items(tx: Session, batch: PayoutBatch, rows: Sequence[Ready]) -> list[PayoutItem]:
    """Write one draft item per row, in order, each with its own copy of the account number."""
    numbers = _numbers(tx, rows)
    items = []
    for position, row in enumerate(rows, start=1):
        public_id = new_id("pay")
        items.append(
            PayoutItem(
                public_id=public_id,
                reference=new_reference(),
                batch_id=batch.id,
                position=position,
                kind=row.kind,
                state=ItemState.DRAFT,
                payee_id=row.payee_id,
                refund_id=row.refund_id,
                account_id=row.account_id,
                paid_from_id=row.paid_from_id,
                holder=row.holder,
                number_sealed=vault().seal(
                    numbers[row.account_id, row.paid_from_id], place=item_place(public_id)
                ),
                number_last4=row.last4,
                bank=row.bank,
                cnaps=row.cnaps,
                amount=row.amount,
                purpose=row.purpose,
                retries_id=row.retries_id,
            )
        )
    tx.add_all(items)
    tx.flush()
    return items


def _numbers(tx: Session, rows: Sequence[Ready]) -> dict[tuple[int | None, int | None], str]:
    accounts = tx.execute(
        select(PayeeAccount.id, PayeeAccount.public_id, PayeeAccount.number_sealed).where(
            PayeeAccount.id.in_([row.account_id for row in rows])
        )
    )
    lines = tx.execute(
        select(BankLine.id, BankLine.public_id, BankLine.account_sealed).where(
            BankLine.id.in_([row.paid_from_id for row in rows])
        )
    )
    numbers: dict[tuple[int | None, int | None], str] = {}
    for key, public_id, sealed in accounts:
        numbers[key, None] = vault().open(sealed, place=account_place(public_id))
    for key, public_id, sealed in lines:
        number = vault().open(sealed, place=line_place(public_id))
        numbers[None, key] = "".join(number.split())
    return numbers


def items_of(tx: Session, batch: PayoutBatch) -> list[PayoutItem]:
    """The items of a batch in the order of its file."""
    return list(
        tx.execute(
            select(PayoutItem).where(PayoutItem.batch_id == batch.id).order_by(PayoutItem.position)
        ).scalars()
    )


def hash_of(items: Sequence[PayoutItem]) -> str:
    """The hash over what a second person approves: payee, account and amount of every item."""
    return rules.seen_hash(
        [
            (
                item.position,
                item.kind.value,
                item.payee_id,
                item.refund_id,
                item.account_id,
                item.holder,
                item.number_sealed,
                item.bank,
                item.cnaps,
                item.amount,
                item.purpose,
                item.reference,
            )
            for item in items
        ]
    )


def changed_accounts(tx: Session, items: Sequence[PayoutItem]) -> int:
    """How many items of the batch point to an account that is no longer to be paid on."""
    keys = {item.account_id for item in items if item.account_id is not None}
    good = tx.execute(
        select(PayeeAccount.id).where(
            PayeeAccount.id.in_(keys), PayeeAccount.state == AccountState.ACTIVE
        )
    ).scalars()
    return len(keys - set(good))


def bank_file(items: Sequence[PayoutItem]) -> bytes:
    """The file for the bank; opens every account number."""
    return rules.bank_file(
        [
            rules.BankRow(
                position=item.position,
                number=vault().open(item.number_sealed, place=item_place(item.public_id)),
                holder=item.holder,
                bank=item.bank,
                cnaps=item.cnaps,
                amount=item.amount,
                purpose=item.purpose,
                reference=item.reference,
            )
            for item in items
        ]
    )


def item_place(public_id: str) -> str:
    """What the ciphertext of an item's account number is bound to."""
    return f"payout_item.number:{public_id}"
