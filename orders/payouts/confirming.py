"""Steps by which payout items end: the bank's answer or its statement, whichever speaks first.

An item's state says once and for all whether its money has left; a second source only adds what
it knows. What a batch has in transit lies in one account, which cannot be emptied twice either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    case,
    func,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from orders.ledger import bulk, months, posting
from orders.ledger.models import Account
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.payments.models import BankLine
from orders.payments.rules import Outgoing
from orders.payouts.batches import locked_items
from orders.payouts.covering import CUSTODY, PAYABLE
from orders.payouts.drafting import in_chunks
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.states import (
    BATCH,
    CAME_BACK,
    ITEM,
    UNDECIDED,
    BatchState,
    ItemState,
    PayoutKind,
)
from shop.core import db
from shop.core.actors import Actor
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.money import Money, total
from shop.organisations.models import PayeeAccount
from shop.organisations.states import ACCOUNT, AccountState


class OutcomeChanged(Refusal):
    """Between looking and booking, the bank said otherwise about an item the statement shows."""

    code = "outcome_changed"
    sentence = N_("有一笔打款的结果刚刚变了，流水没有导入。请重新看预览。")


#: The money has left us, or had before it came back.
_LEFT = (ItemState.CONFIRMED, ItemState.RETURNED)


def find_outgoing(tx: Session, references: Collection[str]) -> dict[str, Outgoing]:
    """Items of exported batches that a statement's debit line may show, by reference."""
    found: dict[str, Outgoing] = {}
    for some in in_chunks(list(references)):
        rows = tx.execute(
            select(PayoutItem.id, PayoutItem.reference, PayoutItem.amount, PayoutBatch.number)
            .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
            .where(
                PayoutItem.reference.in_(some),
                PayoutItem.state.in_((*UNDECIDED, *_LEFT)),
                PayoutItem.bank_line_id.is_(None),
                PayoutBatch.state.in_((BatchState.EXPORTED, BatchState.CLOSED)),
            )
        )
        found |= {row.reference: Outgoing(row.id, row.number, row.amount) for row in rows}
    return found


def confirm_outgoing(tx: Session, shown: dict[int, int], actor: Actor, now: datetime) -> None:
    """A statement shows these items leaving: confirm those not confirmed yet, note the line.

    Args:
        shown: item key → key of the debit line.

    Raises:
        OutcomeChanged: one of them has failed meanwhile.
    """
    items = []
    for some in in_chunks(sorted(shown)):
        items += locked_items(tx, PayoutItem.id.in_(some))
    if any(item.state not in (*UNDECIDED, *_LEFT) for item in items):
        raise OutcomeChanged()
    seen: dict[int, datetime] = {}
    for some in in_chunks(sorted(shown.values())):
        rows = tx.execute(select(BankLine.id, BankLine.at).where(BankLine.id.in_(some)))
        seen |= {key: at for key, at in rows}
    left: dict[tuple[int, datetime], list[PayoutItem]] = defaultdict(list)
    for item in items:
        item.bank_line_id = shown[item.id]
        if item.state in UNDECIDED:
            at = seen[item.bank_line_id]
            left[item.batch_id, at].append(item)
            ITEM.move(tx, item, "confirm", actor=actor, now=now, organisation_id=None)
            item.reason, item.decided_at = "", now
            item.left_at = months.first_open(tx, at, now)[0]
    for (batch_id, at), some_items in left.items():
        batch = tx.get_one(PayoutBatch, batch_id)
        key = f"payout_left:{some_items[0].public_id}"
        amounts = [item.amount for item in some_items if item.kind is not PayoutKind.REFUND]
        refunds = [
            (item.payee_id, item.amount) for item in some_items if item.kind is PayoutKind.REFUND
        ]
        post_left(tx, batch, total(amounts), refunds, key, actor, now, happened_at=at)
    close_decided(tx, {batch_id for batch_id, _at in left}, actor, now)


def post_left(
    tx: Session,
    batch: PayoutBatch,
    paid: Money,
    refunds: Sequence[tuple[int, Money]],
    key: str,
    actor: Actor,
    now: datetime,
    happened_at: datetime | None = None,
) -> None:
    """Post that money of a batch left the bank: out of transit, out of custody.

    Args:
        paid: what left of items that are no refunds.
        refunds: order and amount of those that are.
        happened_at: the bank's own time, where its statement tells it.
    """
    with posting.journal(
        tx,
        JournalKind.PAYOUT_CONFIRMED,
        event_key=f"{key}:paid",
        about=batch.public_id,
        actor=actor,
        now=now,
        happened_at=happened_at,
    ) as journal:
        journal.move((K.PAYOUT_IN_TRANSIT, batch.id), CUSTODY, paid)
    with posting.journal(
        tx,
        JournalKind.REFUND_LEFT,
        event_key=f"{key}:refunded",
        about=batch.public_id,
        actor=actor,
        now=now,
        happened_at=happened_at,
    ) as journal:
        for order_id, amount in refunds:
            journal.move((K.REFUND_IN_TRANSIT, order_id), CUSTODY, amount)


def sums_of(tx: Session, which: ColumnElement[bool]) -> tuple[Money, list[tuple[int, Money]]]:
    """What a set of items comes to: all but refunds together, and the refunds one by one."""
    paid = tx.execute(
        select(db.total(type_coerce(PayoutItem.amount, BigInteger))).where(
            which, PayoutItem.kind != PayoutKind.REFUND
        )
    ).scalar_one()
    refunds = tx.execute(
        select(PayoutItem.payee_id, PayoutItem.amount)
        .where(which, PayoutItem.kind == PayoutKind.REFUND)
        .order_by(PayoutItem.id)
    )
    return Money(int(paid)), [(order_id, amount) for order_id, amount in refunds]


#: The payable of an item, by its kind; none for a refund.
_PAYABLE = case(
    {kind.value: payable.value for kind, payable in PAYABLE.items()},
    value=type_coerce(PayoutItem.kind, String),
)


def post_between_payables(
    tx: Session,
    kind: JournalKind,
    batch: PayoutBatch,
    which: ColumnElement[bool],
    *,
    back: bool,
    key: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Move what a set of a batch's items comes to from the payables into transit, or back.

    A refund stays in transit, where it was before the batch, and waits for the next one.

    Raises:
        Overdrawn: somebody is owed less than that.
    """
    transit = (K.PAYOUT_IN_TRANSIT, batch.id)
    posting.lock(tx, transit)
    transit_id = literal(
        tx.execute(
            select(Account.id).where(Account.kind == transit[0], Account.owner_id == transit[1])
        ).scalar_one()
    )
    position = func.row_number().over(order_by=PayoutItem.id)
    debit, credit = (transit_id, Account.id) if back else (Account.id, transit_id)
    moves = (
        select(position, debit.label("debit"), credit.label("credit"), PayoutItem.amount)
        .join(
            Account,
            (type_coerce(Account.kind, String) == _PAYABLE)
            & (Account.owner_id == PayoutItem.payee_id),
        )
        .where(which, PayoutItem.kind != PayoutKind.REFUND)
    )
    bulk.post(
        tx,
        kind,
        moves,
        event_key=key,
        about=batch.public_id,
        content=key,
        actor=actor,
        now=now,
    )


def refuse_accounts(tx: Session, which: ColumnElement[bool], actor: Actor, now: datetime) -> None:
    """Mark the accounts of these items as refused, unless they were replaced meanwhile."""
    keys = select(PayoutItem.account_id).where(which, PayoutItem.account_id.is_not(None))
    accounts = PayeeAccount.id.in_(keys) & (PayeeAccount.state == AccountState.ACTIVE)
    tx.execute(
        select(PayeeAccount.id).where(accounts).order_by(PayeeAccount.id).with_for_update()
    ).all()
    ACCOUNT.move_all(tx, PayeeAccount, accounts, "refuse", actor=actor, now=now)


def reinstate_account(tx: Session, item: PayoutItem, actor: Actor, now: datetime) -> None:
    """Let an account be paid on again that was refused for this item alone."""
    others = select(PayoutItem.id).where(
        PayoutItem.account_id == PayeeAccount.id,
        PayoutItem.id != item.id,
        PayoutItem.state.in_(CAME_BACK),
    )
    account = (PayeeAccount.id == item.account_id) & ~others.exists()
    ACCOUNT.move_all(tx, PayeeAccount, account, "reinstate", actor=actor, now=now)


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
