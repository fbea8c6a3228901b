"""Paying out: draft, approve by a second person, take in the bank's answer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.ledger import bulk as ledger_bulk
from orders.ledger import posting
from orders.ledger.models import Journal
from orders.ledger.states import JournalKind
from orders.payments.formats.sheets import Fault, FileRefused, Problem
from orders.payments.importing import short_name
from orders.payouts import confirming, drafting, results
from orders.payouts.answers import read_results
from orders.payouts.batches import AccountsChanged, locked_batch
from orders.payouts.covering import LessIsOwed, NotCovered, refuse_uncovered
from orders.payouts.drafting import ChangedSinceApproval
from orders.payouts.files import export_batch, renew_phrase, take_archive, take_file
from orders.payouts.layouts import NEUTRAL, layouts
from orders.payouts.models import PayoutBatch, PayoutItem, ResultFile
from orders.payouts.ready import ready
from orders.payouts.rules import file_hash
from orders.payouts.states import BATCH, ITEM, BatchState, Outcome, PayoutKind
from shop.core import audit, bulk
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import ReasonMissing, Refusal, WrongState
from shop.core.labels import N_
from shop.core.money import Money
from shop.core.numbering import next_number
from shop.core.permissions import Permission

__all__ = [
    "AccountsChanged",
    "ChangedSinceApproval",
    "LessIsOwed",
    "NotCovered",
    "approve_batch",
    "draft_batch",
    "export_batch",
    "import_results",
    "renew_phrase",
    "take_archive",
    "take_file",
    "withdraw_batch",
]


class NothingToPay(Refusal):
    """Of what was chosen, nobody can be paid now."""

    code = "nothing_to_pay"
    sentence = N_("所选的类别里，现在没有可以打出的款项。")
    field = "kinds"


class ChangedSinceSeen(Refusal):
    """What is approved has to be what was seen (内容已变)."""

    code = "changed_since_seen"
    sentence = N_("这批打款和您看到的不一样了，没有复核通过。请刷新后重新核对。")


@command
def draft_batch(
    tx: Session,
    *,
    kinds: tuple[PayoutKind, ...],
    actor: Actor,
    now: datetime,
    beyond_custody: bool = False,
) -> str:
    """Draft one batch of everything that can be paid now of these kinds (编制打款).

    Who has no account, whose account the bank refused, or whose last payment is still on its
    way is left out and stays owed; so does what buyers have not paid yet, and what custody does
    not cover. Nothing is posted before a second person approves.

    Args:
        beyond_custody: pay also what custody does not cover; for scenarios alone, whose refunds
            leave at once by what their files mean. No bank would do it.

    Returns:
        The batch's public id.

    Raises:
        NotAllowed: the actor may not draft.
        NothingToPay: nobody is left.
    """
    actor.require(Permission.PAYOUT_DRAFT)
    return draft_step(tx, kinds, actor, now, beyond_custody)


def draft_step(
    tx: Session,
    kinds: Iterable[PayoutKind],
    actor: Actor,
    now: datetime,
    beyond_custody: bool = False,
) -> str:
    """The step of drafting; see `draft_batch`."""
    with bulk.many_rows():
        return _draft(tx, kinds, actor, now, beyond_custody)


def _draft(
    tx: Session, kinds: Iterable[PayoutKind], actor: Actor, now: datetime, beyond_custody: bool
) -> str:
    number = next_number(tx, "DK", now)  # also lets one draft wait for another
    owed = ready(tx, _in_order(kinds), beyond_custody=beyond_custody)
    rows = [row for row in owed if row.obstacle is None]
    if not rows:
        raise NothingToPay()
    batch = PayoutBatch(
        number=number,
        state=BatchState.DRAFT,
        drafted_at=now,
        items=len(rows),
        total=Money(sum(row.fen for row in rows)),
        seen_hash="",
    )
    tx.add(batch)
    tx.flush()
    drafting.write_items(tx, batch, rows)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=BATCH.kind,
        thing=batch.public_id,
        action="draft",
        to_state=batch.state.value,
        items=batch.items,
        total_fen=batch.total.fen,
    )
    return batch.public_id


@command
def approve_batch(
    tx: Session,
    *,
    batch_id: str,
    seen_hash: str,
    actor: Actor,
    now: datetime,
    beyond_custody: bool = False,
) -> None:
    """Approve a batch as it was seen (复核打款); money leaves the payables and is in transit.

    Args:
        seen_hash: the hash on the page the person looked at.
        beyond_custody: see `draft_batch`.

    Raises:
        NotFound, NotAllowed, WrongState: see `StateTable.move`.
        SamePerson: this person drafted it.
        ChangedSinceSeen, AccountsChanged, LessIsOwed, NotCovered: see there.

    Rule: docs/money.md, “What custody covers”.
    """
    batch = locked_batch(tx, batch_id)
    BATCH.move(
        tx, batch, "approve", actor=actor, now=now, organisation_id=None, seen_hash=seen_hash
    )
    items = PayoutItem.batch_id == batch.id
    if seen_hash != batch.seen_hash or drafting.hash_of(tx, batch) != batch.seen_hash:
        raise ChangedSinceSeen()
    if changed := drafting.changed_accounts(tx, batch):
        raise AccountsChanged(count=changed)
    if not beyond_custody:
        refuse_uncovered(tx, batch)
    batch.approved_at = now
    ITEM.move_all(tx, PayoutItem, items, "approve", actor=actor, now=now)
    try:
        confirming.post_between_payables(
            tx,
            JournalKind.PAYOUT_APPROVED,
            batch,
            items,
            back=False,
            key=f"payout_approved:{batch.public_id}",
            actor=actor,
            now=now,
        )
    except posting.Overdrawn:
        raise LessIsOwed() from None


@command
def withdraw_batch(tx: Session, *, batch_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take back a batch that has not been exported (撤回打款); its money is payable again.

    Who drafts may withdraw; who approves may send it back before approving.

    Raises:
        NotFound, NotAllowed, WrongState: see `StateTable.move`.
        ReasonMissing: it says nothing.
    """
    batch = locked_batch(tx, batch_id)
    if not reason.strip():
        raise ReasonMissing()
    action = "withdraw" if actor.may(Permission.PAYOUT_DRAFT) else "return"
    BATCH.move(tx, batch, action, actor=actor, now=now, organisation_id=None, reason=reason.strip())
    # What they would have paid again is free for the next batch.
    ITEM.move_all(
        tx,
        PayoutItem,
        PayoutItem.batch_id == batch.id,
        "withdraw",
        actor=actor,
        now=now,
        values={"retries_id": None},
    )
    approved = tx.execute(
        select(Journal.id).where(Journal.event_key == f"payout_approved:{batch.public_id}")
    ).scalar_one_or_none()
    if approved is not None:
        ledger_bulk.reverse(tx, approved, actor=actor, now=now)


@command
def import_results(
    tx: Session, *, batch_id: str, file_name: str, content: bytes, actor: Actor, now: datetime
) -> str:
    """Take in the bank's answer to a batch (导入回盘), whole or not at all.

    成功: the money left custody. 失败: it is payable again and the account waits to be replaced
    (a refund waits for the next batch). 处理中: held as unknown until the bank has spoken.
    What the statement confirmed before is not posted again.

    Returns:
        The result file's public id.

    Raises:
        NotFound, NotAllowed: the actor may not draft payouts.
        WrongState: the batch was not exported.
        FileRefused: it is not what it claims, was imported before, names an item of another
            batch, or contradicts what is already known; with line numbers.
    """
    actor.require(Permission.PAYOUT_DRAFT)
    with bulk.many_rows():
        return _take_in(tx, locked_batch(tx, batch_id), file_name, content, actor, now)


def _take_in(
    tx: Session, batch: PayoutBatch, file_name: str, content: bytes, actor: Actor, now: datetime
) -> str:
    if batch.state not in (BatchState.EXPORTED, BatchState.CLOSED):
        raise WrongState(state=batch.state.label)
    known = results.known_items(tx, batch)
    lines = read_results(layouts()[batch.layout or NEUTRAL].result, content, known)
    digest = file_hash(content)
    if tx.execute(select(ResultFile.id).where(ResultFile.file_hash == digest)).first():
        raise FileRefused([Fault(1, "", Problem.FILE_BOOKED)])
    keys = results.item_keys(tx, batch, known, lines)
    result = ResultFile(
        batch_id=batch.id,
        file_name=short_name(file_name),
        file_hash=digest,
        content=content,
        imported_at=now,
        confirmed=sum(line.outcome is Outcome.PAID for line in lines),
        failed=sum(line.outcome is Outcome.REFUSED for line in lines),
        unknown=sum(line.outcome is Outcome.PROCESSING for line in lines),
    )
    tx.add(result)
    tx.flush()
    results.write_lines(tx, result, lines, keys)
    results.apply(tx, batch, result, actor, now)
    return result.public_id


def _in_order(kinds: Iterable[PayoutKind]) -> list[PayoutKind]:
    return [kind for kind in PayoutKind if kind in kinds]
