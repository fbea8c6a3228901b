"""Steps by which payout items end: the bank's answer or its statement, whichever speaks first.

An item's state says once and for all whether its money has left; a second source only adds what
it knows. The account in transit, one per item, could not be emptied twice anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.payments.models import BankLine
from orders.payments.rules import Outgoing
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.ready import PAYABLE
from orders.payouts.states import BATCH, ITEM, BatchState, ItemState, PayoutKind
from shop.core.actors import Actor
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.organisations.models import PayeeAccount
from shop.organisations.states import ACCOUNT, AccountState

CUSTODY = (K.CUSTODY, 0)


class OutcomeChanged(Refusal):
    """Between looking and booking, the bank said otherwise about an item the statement shows."""

    code = "outcome_changed"
    sentence = N_("有一笔打款的结果刚刚变了，流水没有导入。请重新看预览。")


#: What a bank has not yet spoken about.
UNDECIDED = (ItemState.IN_TRANSIT, ItemState.UNKNOWN)


def find_outgoing(tx: Session, references: Collection[str]) -> dict[str, Outgoing]:
    """Items of exported batches that a statement's debit line may show, by reference."""
    rows = tx.execute(
        select(PayoutItem.id, PayoutItem.reference, PayoutItem.amount, PayoutBatch.number)
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(
            PayoutItem.reference.in_(references),
            PayoutItem.state.in_((*UNDECIDED, ItemState.CONFIRMED)),
            PayoutItem.bank_line_id.is_(None),
            PayoutBatch.state.in_((BatchState.EXPORTED, BatchState.CLOSED)),
        )
    )
    return {row.reference: Outgoing(row.id, row.number, row.amount) for row in rows}


def confirm_outgoing(tx: Session, shown: dict[int, int], actor: Actor, now: datetime) -> None:
    """A statement shows these items leaving: confirm those not confirmed yet, note the line.

    Args:
        shown: item key → key of the debit line.

    Raises:
        OutcomeChanged: one of them has failed meanwhile.
    """
    items = locked_items(tx, PayoutItem.id.in_(shown))
    if any(item.state not in (*UNDECIDED, ItemState.CONFIRMED) for item in items):
        raise OutcomeChanged()
    for item in items:
        item.bank_line_id = shown[item.id]
    left = [item for item in items if item.state in UNDECIDED]
    lines = [shown[item.id] for item in left]
    seen = {
        key: at
        for key, at in tx.execute(select(BankLine.id, BankLine.at).where(BankLine.id.in_(lines)))
    }
    step(tx, left, "confirm", actor=actor, now=now)
    for item in left:
        key, at = f"payout_left:{item.public_id}", seen[shown[item.id]]
        post_left(tx, [item], key, item.public_id, actor, now, happened_at=at)
    close_decided(tx, {item.batch_id for item in items}, actor, now)


def locked_items(tx: Session, *which: ColumnElement[bool]) -> list[PayoutItem]:
    """Items by their keys' order, held until the end of the transaction."""
    statement = select(PayoutItem).where(*which).order_by(PayoutItem.id)
    return list(tx.execute(statement.with_for_update()).scalars())


def step(
    tx: Session,
    items: Sequence[PayoutItem],
    action: str,
    *,
    actor: Actor,
    now: datetime,
    reasons: dict[int, str] | None = None,
    at: dict[int, datetime] | None = None,
) -> None:
    """Take one step with each item; `reasons` and `at` by item key, as the bank gave them."""
    for item in items:
        reason = (reasons or {}).get(item.id, "")
        ITEM.move(tx, item, action, actor=actor, now=now, organisation_id=None, reason=reason)
        item.reason = reason
        if item.state in (ItemState.CONFIRMED, ItemState.FAILED):
            item.decided_at = (at or {}).get(item.id, now)


def post_left(
    tx: Session,
    items: Sequence[PayoutItem],
    key: str,
    about: str,
    actor: Actor,
    now: datetime,
    *,
    happened_at: datetime | None = None,
) -> None:
    """Post that these items left the bank: out of transit, out of custody.

    Args:
        happened_at: the bank's own time, where its statement tells it.
    """
    paid = [item for item in items if item.kind is not PayoutKind.REFUND]
    refunds = [item for item in items if item.kind is PayoutKind.REFUND]
    with posting.journal(
        tx,
        JournalKind.PAYOUT_CONFIRMED,
        event_key=f"{key}:paid",
        about=about,
        actor=actor,
        now=now,
        happened_at=happened_at,
    ) as journal:
        for item in paid:
            journal.move((K.PAYOUT_IN_TRANSIT, item.id), CUSTODY, item.amount)
    with posting.journal(
        tx,
        JournalKind.REFUND_LEFT,
        event_key=f"{key}:refunded",
        about=about,
        actor=actor,
        now=now,
        happened_at=happened_at,
    ) as journal:
        for item in refunds:
            journal.move((K.REFUND_IN_TRANSIT, item.payee_id), CUSTODY, item.amount)


def post_failed(
    tx: Session, items: Sequence[PayoutItem], key: str, about: str, actor: Actor, now: datetime
) -> None:
    """Post that the bank sent these items back: payable again.

    A refund stays in transit, where it was before the batch, and waits for the next one.
    """
    with posting.journal(
        tx,
        JournalKind.PAYOUT_FAILED,
        event_key=f"{key}:failed",
        about=about,
        actor=actor,
        now=now,
    ) as journal:
        for item in items:
            if item.kind is not PayoutKind.REFUND:
                journal.move(
                    (K.PAYOUT_IN_TRANSIT, item.id), (PAYABLE[item.kind], item.payee_id), item.amount
                )


def refuse_accounts(tx: Session, items: Sequence[PayoutItem], actor: Actor, now: datetime) -> None:
    """Mark the accounts that the bank refused, unless they were replaced meanwhile."""
    keys = [item.account_id for item in items if item.account_id is not None]
    accounts = tx.execute(
        select(PayeeAccount)
        .where(PayeeAccount.id.in_(keys), PayeeAccount.state == AccountState.ACTIVE)
        .order_by(PayeeAccount.id)
        .with_for_update()
    ).scalars()
    for account in accounts:
        ACCOUNT.move(tx, account, "refuse", actor=actor, now=now, organisation_id=None)


def close_decided(tx: Session, batch_ids: Collection[int], actor: Actor, now: datetime) -> None:
    """Close those exported batches in which the bank has spoken about every item."""
    tx.flush()
    waiting = select(PayoutItem.batch_id).where(PayoutItem.state.in_(UNDECIDED))
    batches = tx.execute(
        select(PayoutBatch)
        .where(
            PayoutBatch.id.in_(batch_ids),
            PayoutBatch.state == BatchState.EXPORTED,
            PayoutBatch.id.not_in(waiting),
        )
        .order_by(PayoutBatch.id)
        .with_for_update()
    ).scalars()
    for batch in batches:
        BATCH.move(tx, batch, "close", actor=actor, now=now, organisation_id=None)
