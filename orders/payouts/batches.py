"""Steps the commands on batches share."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from orders.payouts.models import PayoutBatch, PayoutItem
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_


class AccountsChanged(Refusal):
    """An account was replaced or refused after the batch was drafted; that voids it."""

    code = "accounts_changed"
    sentence = N_("有 %(count)s 个收款账户在编制之后换过。请撤回这批，重新编制。")


def locked_batch(tx: Session, batch_id: str) -> PayoutBatch:
    """One batch, locked.

    Raises:
        NotFound: there is none.
    """
    batch = tx.execute(
        select(PayoutBatch).where(PayoutBatch.public_id == batch_id).with_for_update()
    ).scalar_one_or_none()
    if batch is None:
        raise NotFound()
    return batch


def locked_items(tx: Session, *which: ColumnElement[bool]) -> list[PayoutItem]:
    """Items by their keys, held with their batches until the end of the transaction.

    A batch is always held before any of its items is decided, so that no one else decides it.
    """
    batches = select(PayoutItem.batch_id).where(*which)
    lock_batches(tx, set(tx.execute(batches).scalars()))
    return list(
        tx.execute(
            select(PayoutItem)
            .where(*which)
            .order_by(PayoutItem.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).scalars()
    )


def lock_batches(tx: Session, keys: Collection[int]) -> None:
    """Hold batches until the end of the transaction, in the order of their keys."""
    tx.execute(
        select(PayoutBatch.id)
        .where(PayoutBatch.id.in_(keys))
        .order_by(PayoutBatch.id)
        .with_for_update()
    ).all()
