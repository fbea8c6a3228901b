"""Steps of taking in a bank's answer: which items it names, what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from sqlalchemy import ColumnElement, String, select, type_coerce
from sqlalchemy.orm import Session

from orders.ledger.states import JournalKind
from orders.payments.formats.sheets import Fault, FileRefused, Problem
from orders.payouts import confirming
from orders.payouts.answers import ResultLine as Answer
from orders.payouts.drafting import in_chunks
from orders.payouts.layouts import NEUTRAL, layouts
from orders.payouts.models import PayoutBatch, PayoutItem, ResultFile, ResultLine
from orders.payouts.states import BATCH, ITEM, UNDECIDED, ItemState, Outcome
from shop.core import audit, bulk
from shop.core.actors import Actor

_ENDS = {
    ItemState.CONFIRMED: Outcome.PAID,
    ItemState.RETURNED: Outcome.PAID,
    ItemState.FAILED: Outcome.REFUSED,
}


#: Of each item of a batch, by reference: its key and state.
Known = dict[str, tuple[int, ItemState]]


def known_items(tx: Session, batch: PayoutBatch) -> Known:
    """The items of a batch by their references."""
    states = {state.value: state for state in ItemState}
    rows = tx.connection().execute(
        select(PayoutItem.reference, PayoutItem.id, type_coerce(PayoutItem.state, String)).where(
            PayoutItem.batch_id == batch.id
        )
    )
    return {reference: (key, states[state]) for reference, key, state in rows}


def item_keys(tx: Session, batch: PayoutBatch, known: Known, lines: Sequence[Answer]) -> list[int]:
    """The keys of the items an answer names, line by line.

    Raises:
        FileRefused: a line names no item, one of another batch, or contradicts what is known.
    """
    strange = [line.reference for line in lines if line.reference not in known]
    elsewhere: set[str] = set()
    for some in in_chunks(strange):
        of_others = select(PayoutItem.reference).where(PayoutItem.reference.in_(some))
        elsewhere |= set(tx.execute(of_others).scalars())
    result = layouts()[batch.layout or NEUTRAL].result
    reference, outcome = result.heading_of("reference"), result.heading_of("outcome")
    faults, keys = [], []
    for line in lines:
        if line.reference not in known:
            other = line.reference in elsewhere
            problem = Problem.OTHER_BATCH if other else Problem.REFERENCE
            faults.append(Fault(line.line, reference, problem, line.reference))
            continue
        key, state = known[line.reference]
        if state not in UNDECIDED and _ENDS.get(state) is not line.outcome:
            faults.append(Fault(line.line, outcome, Problem.DECIDED, line.outcome.label))
        keys.append(key)
    if faults:
        raise FileRefused(faults)
    return keys


def write_lines(
    tx: Session, result: ResultFile, lines: Sequence[Answer], keys: Sequence[int]
) -> None:
    """Write down what the bank said of each item."""
    bulk.insert_typed(
        tx,
        ResultLine,
        ("result_id", "item_id", "outcome", "reason", "at"),
        (
            (result.id, key, line.outcome, line.reason, line.at)
            for line, key in sorted(zip(lines, keys, strict=True), key=itemgetter(1))
        ),
    )


def apply(tx: Session, batch: PayoutBatch, result: ResultFile, actor: Actor, now: datetime) -> None:
    """Let the items go where the answer says, and post it.

    成功: the money left custody. 失败: it is payable again, and the account waits to be replaced.
    处理中: held as unknown. What has ended before only has the line more.
    """
    key = f"payout_result:{result.public_id}"
    paid, refused = _said(result, Outcome.PAID), _said(result, Outcome.REFUSED)
    left, refunds = confirming.sums_of(tx, paid)
    confirming.post_left(tx, batch, left, refunds, key, actor, now)
    confirming.post_between_payables(
        tx,
        JournalKind.PAYOUT_FAILED,
        batch,
        refused,
        back=True,
        key=f"{key}:failed",
        actor=actor,
        now=now,
    )
    confirming.refuse_accounts(tx, refused, actor, now)
    moved = {}
    for outcome, action in (
        (Outcome.PAID, "confirm"),
        (Outcome.REFUSED, "fail"),
        (Outcome.PROCESSING, "hold"),
    ):
        moved[action] = ITEM.move_all(
            tx,
            PayoutItem,
            _said(result, outcome),
            action,
            actor=actor,
            now=now,
            reason=ResultLine.reason,
            values={"reason": ResultLine.reason}
            | ({"decided_at": ResultLine.at} if action != "hold" else {})
            | ({"left_at": now} if action == "confirm" else {}),
        )
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=BATCH.kind,
        thing=batch.public_id,
        action="results",
        result=result.public_id,
        confirmed=moved["confirm"],
        failed=moved["fail"],
        unknown=moved["hold"],
    )
    confirming.close_decided(tx, {batch.id}, actor, now)


def _said(result: ResultFile, outcome: Outcome) -> ColumnElement[bool]:
    """The undecided items of which an answer says this, each with its line."""
    return (
        (ResultLine.result_id == result.id)
        & (ResultLine.outcome == outcome)
        & (ResultLine.item_id == PayoutItem.id)
        & PayoutItem.state.in_(UNDECIDED)
    )
