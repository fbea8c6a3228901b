"""Steps the commands on batches share."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payouts.models import PayoutBatch
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
