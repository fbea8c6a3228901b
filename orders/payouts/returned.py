"""Money the bank sends back after it had confirmed a payout (退汇): by its memo, or by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.models import Journal
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.payments import booking
from orders.payments.models import BankLine
from orders.payments.states import LINE, LineState
from orders.payouts import confirming
from orders.payouts.batches import locked_items
from orders.payouts.covering import PAYABLE
from orders.payouts.drafting import in_chunks
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.states import ITEM, ItemState, PayoutKind
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, WrongState
from shop.core.labels import N_
from shop.core.money import ZERO
from shop.core.permissions import Permission
from shop.core.reference import find_references, read_reference


class NotThisAmount(Refusal):
    """What came back is not what the payout was; somebody has to ask the bank."""

    code = "not_this_amount"
    sentence = N_("这笔来款是 %(came)s 元，那笔打款是 %(went)s 元，不能当作退汇。请先向银行问清。")
    status = 422
    field = "reference"


class NotPaidOut(Refusal):
    """Only what the bank confirmed can come back."""

    code = "not_paid_out"
    sentence = N_("那笔打款现在是“%(state)s”，不能退汇。")
    field = "reference"


class PaidAgain(Refusal):
    """What came back has gone out again; undoing its return would have it paid twice."""

    code = "paid_again"
    sentence = N_("不能撤销：退回的这笔钱已经编进另一批打款。还没有导出的，请先撤回那一批。")


def take_back(tx: Session, line_ids: Sequence[int], actor: Actor, now: datetime) -> None:
    """Of lines that went to suspense, take those that name a confirmed payout of their amount."""
    lines: list[BankLine] = []
    for some in in_chunks(line_ids):
        lines += tx.execute(
            select(BankLine).where(BankLine.id.in_(some)).order_by(BankLine.id)
        ).scalars()
    named = {line.id: find_references(line.memo) for line in lines}
    references = sorted({code for codes in named.values() for code in codes})
    items: dict[str, PayoutItem] = {}
    for some_codes in in_chunks(references):
        found = locked_items(
            tx,
            PayoutItem.reference.in_(some_codes),
            PayoutItem.state == ItemState.CONFIRMED,
        )
        items |= {item.reference: item for item in found}
    for line in lines:
        fits = [items[code] for code in named[line.id] if code in items]
        if len(fits) == 1 and fits[0].amount == line.amount:
            _send_back(tx, items.pop(fits[0].reference), line, line.memo, actor, now)


@command
def take_back_by_hand(
    tx: Session, *, line_id: str, reference: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Say that money in suspense is a payout sent back (退汇); the payout is payable again.

    Args:
        line_id: public id of a credit line that waits in suspense, untouched.
        reference: the payout's, as it stands in the bank's file.

    Raises:
        NotFound: there is no such line, or no such payout.
        NotAllowed: the actor may not match.
        WrongState: the line does not wait, or a part of it was given away.
        ReasonMissing, NotPaidOut, NotThisAmount: see there.
    """
    actor.require(Permission.BANK_MATCH)
    if not reason.strip():
        raise ReasonMissing()
    found = locked_items(tx, PayoutItem.reference == (read_reference(reference) or ""))
    if not found:
        raise NotFound(field="reference")
    (item,) = found
    line = _held_line(tx, line_id, lock=True)
    posting.lock(tx, (K.SUSPENSE, line.id))
    whole = booking.remaining(tx, [line.id])[line.id] == line.amount
    if line.state is not LineState.SUSPENSE or line.amount < ZERO or not whole:
        raise WrongState(state=line.state.label)
    if item.state is not ItemState.CONFIRMED:
        raise NotPaidOut(state=item.state.label)
    if item.amount != line.amount:
        raise NotThisAmount(came=str(line.amount), went=str(item.amount))
    _send_back(tx, item, line, reason.strip(), actor, now)


@command
def undo_return(tx: Session, *, line_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Say that a line was no payout sent back after all (撤销退汇), by reversal.

    The money waits in suspense again, the payout has arrived as the bank had said, and its
    account may be paid on, unless it was replaced. Whether a person or the line's memo had named
    the payout makes no difference.

    Raises:
        NotFound: there is no such line.
        NotAllowed: the actor may not match.
        WrongState: the line is no payout sent back.
        ReasonMissing: it says nothing.
        PaidAgain: another item pays it again, or what came back was paid with another one.
    """
    actor.require(Permission.BANK_MATCH)
    if not reason.strip():
        raise ReasonMissing()
    line = _held_line(tx, line_id, lock=False)
    items = locked_items(tx, PayoutItem.returned_line_id == line.id)
    line = _held_line(tx, line_id, lock=True)
    if not items:
        raise WrongState(state=line.state.label)
    (item,) = items
    again = select(PayoutItem.id).where(PayoutItem.retries_id == item.id)
    if tx.execute(again.limit(1)).first():
        raise PaidAgain()
    why = reason.strip()
    item.returned_line_id, item.reason = None, ""
    ITEM.move(tx, item, "undo_send_back", actor=actor, now=now, organisation_id=None, reason=why)
    LINE.move(
        tx,
        line,
        "undo_come_back",
        actor=actor,
        now=now,
        organisation_id=None,
        reason=why,
        number=item.reference,
    )
    try:
        posting.reverse(tx, _journal_of(tx, item), reason=reason, actor=actor, now=now)
    except posting.Overdrawn:
        raise PaidAgain() from None
    confirming.reinstate_account(tx, item, actor, now)


def _held_line(tx: Session, line_id: str, *, lock: bool) -> BankLine:
    found = select(BankLine).where(BankLine.public_id == line_id, BankLine.undone.is_(False))
    if lock:
        found = found.with_for_update().execution_options(populate_existing=True)
    line = tx.execute(found).scalar_one_or_none()
    if line is None:
        raise NotFound()
    return line


def _key(item: PayoutItem) -> str:
    return f"payout_returned:{item.public_id}"


def _journal_of(tx: Session, item: PayoutItem) -> int:
    """The journal by which an item came back, the latest of them."""
    return tx.execute(
        select(Journal.id)
        .where(Journal.event_key.startswith(_key(item), autoescape=True))
        .order_by(Journal.id.desc())
        .limit(1)
    ).scalar_one()


def _send_back(
    tx: Session, item: PayoutItem, line: BankLine, reason: str, actor: Actor, now: datetime
) -> None:
    """Reopen one item: suspense → payable (a refund: in transit again), its account refused."""
    item.returned_line_id, item.reason = line.id, reason
    ITEM.move(tx, item, "send_back", actor=actor, now=now, organisation_id=None, reason=reason)
    LINE.move(
        tx, line, "come_back", actor=actor, now=now, organisation_id=None, number=item.reference
    )
    batch = tx.get_one(PayoutBatch, item.batch_id)
    came_before = tx.execute(
        select(func.count())
        .select_from(Journal)
        .where(Journal.event_key.startswith(_key(item), autoescape=True))
    ).scalar_one()
    back_to = (
        (K.REFUND_IN_TRANSIT, item.payee_id)
        if item.kind is PayoutKind.REFUND
        else (PAYABLE[item.kind], item.payee_id)
    )
    with posting.journal(
        tx,
        JournalKind.PAYOUT_RETURNED,
        event_key=f"{_key(item)}:{came_before + 1}",
        about=batch.public_id,
        actor=actor,
        now=now,
        happened_at=line.at,
    ) as journal:
        journal.move((K.SUSPENSE, line.id), back_to, item.amount)
    tx.flush()
    confirming.refuse_accounts(tx, PayoutItem.id == item.id, actor, now)
