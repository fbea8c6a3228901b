"""Payments the bank has not decided: a person may end one when the statement shows it never left.

Never before: paying again what is only late would pay it twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from orders.calendar.queries import banking_days
from orders.ledger.states import JournalKind
from orders.payments.models import BankLine, BankStatement
from orders.payments.states import LineState, StatementState
from orders.payouts import confirming
from orders.payouts.batches import locked_items
from orders.payouts.models import PayoutBatch, PayoutItem, ResultFile, ResultLine
from orders.payouts.states import ITEM, BatchState
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, WrongState
from shop.core.labels import N_
from shop.core.money import Money
from shop.core.permissions import Permission


class StatementMissing(Refusal):
    """The bank's statements do not yet show the days on which the money could have left."""

    code = "statement_missing"
    sentence = N_(
        "还不能认定没有付出：要先导入从 %(first)s 到 %(last)s 两天都完整、中间不缺的银行流水。"
    )


class DebitUnexplained(Refusal):
    """The statements show a debit that may be this payment."""

    code = "debit_unexplained"
    sentence = N_("不能认定没有付出：流水里有 %(count)s 笔支出可能就是它，请先查明那几笔。")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What decides about an undecided item: the days a statement must show, and what it shows.

    `covered`: statements without a gap show both days whole. `debits`: unexplained debits since
    the file went out that have its amount or name it. `holidays_known`: the notice of public
    holidays is known for those days, else weekends alone were counted.
    """

    item_id: str
    reference: str
    batch_id: str
    amount: Money
    holder: str
    last4: str
    first: date
    last: date
    covered: bool
    debits: int
    holidays_known: bool


@command
def resolve_unknown(tx: Session, *, item_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """End an undecided payment as not made (认定未付出); it is payable again.

    The account is not refused: nobody said that it is wrong.

    Raises:
        NotFound: there is no such item.
        NotAllowed, WrongState: see `StateTable.move`.
        ReasonMissing: it says nothing.
        StatementMissing: its day and the banking day after are not whole in the statements.
        DebitUnexplained: a debit there may be this payment.
    """
    if not reason.strip():
        raise ReasonMissing()
    found = locked_items(tx, PayoutItem.public_id == item_id)
    if not found:
        raise NotFound()
    (item,) = found
    batch = tx.get_one(PayoutBatch, item.batch_id)
    if batch.state is not BatchState.EXPORTED:
        raise WrongState(state=batch.state.label)
    ITEM.move(
        tx, item, "resolve", actor=actor, now=now, organisation_id=None, reason=reason.strip()
    )
    evidence = _evidence(tx, item, batch)
    if not evidence.covered:
        raise StatementMissing(first=evidence.first.isoformat(), last=evidence.last.isoformat())
    if evidence.debits:
        raise DebitUnexplained(count=evidence.debits)
    item.reason, item.decided_at = reason.strip(), now
    tx.flush()
    confirming.post_between_payables(
        tx,
        JournalKind.PAYOUT_FAILED,
        batch,
        PayoutItem.id == item.id,
        back=True,
        key=f"payout_resolved:{item.public_id}",
        actor=actor,
        now=now,
    )
    confirming.close_decided(tx, {batch.id}, actor, now)


def evidence_of(tx: Session, item_id: str, actor: Actor) -> Evidence:
    """What the statements say about an undecided item.

    Raises:
        NotFound: there is no such item, or its end is known.
    """
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(
        select(PayoutItem, PayoutBatch)
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(PayoutItem.public_id == item_id, PayoutBatch.state == BatchState.EXPORTED)
    ).one_or_none()
    if found is None or ITEM.find(found[0].state, "resolve") is None:
        raise NotFound()
    return _evidence(tx, *found)


def _evidence(tx: Session, item: PayoutItem, batch: PayoutBatch) -> Evidence:
    assert batch.exported_at is not None
    last_word = tx.execute(
        select(func.max(func.coalesce(ResultLine.at, ResultFile.imported_at)))
        .join(ResultFile, ResultFile.id == ResultLine.result_id)
        .where(ResultLine.item_id == item.id)
    ).scalar_one()
    spoken = max(batch.exported_at, last_word) if last_word else batch.exported_at
    first = day_of(spoken)
    calendar = banking_days(tx)
    last = calendar.after(first)
    statements = tx.execute(
        select(BankStatement)
        .where(BankStatement.state == StatementState.IMPORTED)
        .order_by(BankStatement.first_at, BankStatement.last_at, BankStatement.id)
    ).scalars()
    debits = tx.execute(
        select(func.count())
        .select_from(BankLine)
        .where(
            BankLine.undone.is_(False),
            BankLine.state == LineState.UNEXPLAINED,
            BankLine.at >= batch.exported_at - timedelta(days=1),
            or_(BankLine.amount == -item.amount, BankLine.memo.contains(item.reference)),
        )
    ).scalar_one()
    return Evidence(
        item.public_id,
        item.reference,
        batch.public_id,
        item.amount,
        item.holder,
        item.number_last4,
        first,
        last,
        is_covered(list(statements), batch.exported_at, last),
        debits,
        calendar.knows(first, last),
    )


def is_covered(statements: Sequence[BankStatement], start: datetime, last: date) -> bool:
    """Whether statements without a gap show everything from a moment to the end of a day.

    A statement ends with its last line; that nothing came after it on that day is known when a
    later line follows it without a gap, or when the file was brought on a later day.

    Args:
        statements: imported ones, in the order of their first lines.
    """
    before = [one for one in statements if one.first_at <= start]
    if not before:
        return False
    chain = statements[statements.index(before[-1]) :]
    whole = 1
    for earlier, later in pairwise(chain):
        if earlier.closing != later.opening:
            break
        whole += 1
    end = chain[whole - 1]
    ended = day_of(end.last_at)
    return ended > last or (ended == last and day_of(end.imported_at) > last)
