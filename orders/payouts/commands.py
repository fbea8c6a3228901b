"""Paying out: draft, approve by a second person, export, take in the bank's answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.models import Journal
from orders.ledger.states import AccountKind, JournalKind
from orders.payments.importing import short_name
from orders.payments.sheets import Fault, FileRefused, Problem
from orders.payouts import confirming, drafting
from orders.payouts.confirming import UNDECIDED
from orders.payouts.models import PayoutBatch, PayoutItem, ResultFile
from orders.payouts.ready import PAYABLE, ready
from orders.payouts.rules import OUTCOME, REFERENCE, Outcome, ResultLine, file_hash, read_results
from orders.payouts.states import BATCH, BatchState, ItemState, PayoutKind
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, WrongState
from shop.core.labels import N_
from shop.core.money import total
from shop.core.numbering import next_number
from shop.core.permissions import Permission


class NothingToPay(Refusal):
    """Of what was chosen, nobody can be paid now."""

    code = "nothing_to_pay"
    sentence = N_("所选的类别里，现在没有可以打出的款项。")
    field = "kinds"


class ChangedSinceSeen(Refusal):
    """What is approved has to be what was seen (内容已变)."""

    code = "changed_since_seen"
    sentence = N_("这批打款和您看到的不一样了，没有复核通过。请刷新后重新核对。")


class AccountsChanged(Refusal):
    """An account was replaced or refused after the batch was drafted; that voids it."""

    code = "accounts_changed"
    sentence = N_("有 %(count)s 个收款账户在编制之后换过。请撤回这批，重新编制。")


class LessIsOwed(Refusal):
    """Since the draft somebody is owed less than the batch would pay."""

    code = "less_is_owed"
    sentence = N_("编制之后应付金额变少了。请撤回这批，重新编制。")


class ChangedSinceApproval(Refusal):
    """The file would not be what was approved, or not what was exported before."""

    code = "changed_since_approval"
    sentence = N_("文件内容和复核时不一致，没有导出。请撤回这批并查明原因。")


@command
def draft_batch(tx: Session, *, kinds: tuple[PayoutKind, ...], actor: Actor, now: datetime) -> str:
    """Draft one batch of everything that can be paid now of these kinds (编制打款).

    Who has no account, whose account the bank refused, or whose last payment is still on its
    way is left out and stays owed. Nothing is posted before a second person approves.

    Returns:
        The batch's public id.

    Raises:
        NotAllowed: the actor may not draft.
        NothingToPay: nobody is left.
    """
    actor.require(Permission.PAYOUT_DRAFT)
    number = next_number(tx, "DK", now)  # also lets one draft wait for another
    rows = [row for row in ready(tx) if row.kind in kinds and row.obstacle is None]
    if not rows:
        raise NothingToPay()
    batch = PayoutBatch(
        number=number,
        state=BatchState.DRAFT,
        drafted_at=now,
        items=len(rows),
        total=total([row.amount for row in rows]),
        seen_hash="",
    )
    tx.add(batch)
    tx.flush()
    batch.seen_hash = drafting.hash_of(drafting.write_items(tx, batch, rows))
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
    tx: Session, *, batch_id: str, seen_hash: str, actor: Actor, now: datetime
) -> None:
    """Approve a batch as it was seen (复核打款); money leaves the payables and is in transit.

    Args:
        seen_hash: the hash on the page the person looked at.

    Raises:
        NotFound, NotAllowed, WrongState: see `StateTable.move`.
        SamePerson: this person drafted it.
        ChangedSinceSeen, AccountsChanged, LessIsOwed: see there.
    """
    batch = _locked(tx, batch_id)
    BATCH.move(tx, batch, "approve", actor=actor, now=now, organisation_id=None)
    items = confirming.locked_items(tx, PayoutItem.batch_id == batch.id)
    if seen_hash != batch.seen_hash or drafting.hash_of(items) != batch.seen_hash:
        raise ChangedSinceSeen()
    if changed := drafting.changed_accounts(tx, items):
        raise AccountsChanged(count=changed)
    batch.approved_at = now
    confirming.step(tx, items, "approve", actor=actor, now=now)
    try:
        with posting.journal(
            tx,
            JournalKind.PAYOUT_APPROVED,
            event_key=f"payout_approved:{batch.public_id}",
            about=batch.public_id,
            actor=actor,
            now=now,
        ) as journal:
            for item in items:
                if item.kind is not PayoutKind.REFUND:
                    journal.move(
                        (PAYABLE[item.kind], item.payee_id),
                        (AccountKind.PAYOUT_IN_TRANSIT, item.id),
                        item.amount,
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
    batch = _locked(tx, batch_id)
    if not reason.strip():
        raise ReasonMissing()
    action = "withdraw" if actor.may(Permission.PAYOUT_DRAFT) else "return"
    BATCH.move(tx, batch, action, actor=actor, now=now, organisation_id=None, reason=reason.strip())
    items = confirming.locked_items(tx, PayoutItem.batch_id == batch.id)
    confirming.step(tx, items, "withdraw", actor=actor, now=now)
    for item in items:
        item.retries_id = None  # what it would have paid again is free for the next batch
    approved = tx.execute(
        select(Journal.id).where(Journal.event_key == f"payout_approved:{batch.public_id}")
    ).scalar_one_or_none()
    if approved is not None:
        posting.reverse(tx, approved, reason=reason, actor=actor, now=now)


@command
def export_batch(tx: Session, *, batch_id: str, actor: Actor, now: datetime) -> None:
    """Freeze the file of an approved batch by its hash (导出); it is fetched by `take_file`.

    Raises:
        NotFound, NotAllowed, WrongState: see `StateTable.move`.
        ChangedSinceApproval: an item is not what was approved.
        AccountsChanged: an account was replaced after approval, which voids it.
    """
    batch = _locked(tx, batch_id)
    BATCH.move(tx, batch, "export", actor=actor, now=now, organisation_id=None)
    items = drafting.items_of(tx, batch)
    if drafting.hash_of(items) != batch.seen_hash:
        raise ChangedSinceApproval()
    if changed := drafting.changed_accounts(tx, items):
        raise AccountsChanged(count=changed)
    batch.exported_at = now
    batch.file_hash = file_hash(drafting.bank_file(items))


@command
def take_file(tx: Session, *, batch_id: str, actor: Actor, now: datetime) -> bytes:
    """The bank's file of an exported batch, byte for byte as frozen; the look is written down.

    Raises:
        NotFound, NotAllowed: the actor may not draft payouts.
        WrongState: it was not exported.
        ChangedSinceApproval: its bytes are no longer those that were frozen.
    """
    actor.require(Permission.PAYOUT_DRAFT)
    batch = _locked(tx, batch_id)
    if batch.state not in (BatchState.EXPORTED, BatchState.CLOSED):
        raise WrongState(state=batch.state.label)
    content = drafting.bank_file(drafting.items_of(tx, batch))
    if file_hash(content) != batch.file_hash:
        raise ChangedSinceApproval()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=BATCH.kind,
        thing=batch.public_id,
        action="download",
        file_hash=batch.file_hash,
    )
    return content


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
    batch = _locked(tx, batch_id)
    if batch.state not in (BatchState.EXPORTED, BatchState.CLOSED):
        raise WrongState(state=batch.state.label)
    lines = read_results(content)
    digest = file_hash(content)
    if tx.execute(select(ResultFile.id).where(ResultFile.file_hash == digest)).first():
        raise FileRefused([Fault(1, "", Problem.FILE_BOOKED)])
    items = {
        item.reference: item
        for item in confirming.locked_items(
            tx, PayoutItem.reference.in_([line.reference for line in lines])
        )
    }
    faults = [fault for line in lines if (fault := _misfit(line, items, batch))]
    if faults:
        raise FileRefused(faults)
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
    _apply(tx, batch, result, lines, items, actor, now)
    return result.public_id


_ENDS = {ItemState.CONFIRMED: Outcome.PAID, ItemState.FAILED: Outcome.REFUSED}


def _misfit(line: ResultLine, items: dict[str, PayoutItem], batch: PayoutBatch) -> Fault | None:
    item = items.get(line.reference)
    if item is None:
        return Fault(line.line, REFERENCE, Problem.REFERENCE, line.reference)
    if item.batch_id != batch.id:
        return Fault(line.line, REFERENCE, Problem.OTHER_BATCH, line.reference)
    if item.state not in UNDECIDED and _ENDS.get(item.state) is not line.outcome:
        return Fault(line.line, OUTCOME, Problem.DECIDED, line.outcome.value)
    return None


def _apply(
    tx: Session,
    batch: PayoutBatch,
    result: ResultFile,
    lines: tuple[ResultLine, ...],
    items: dict[str, PayoutItem],
    actor: Actor,
    now: datetime,
) -> None:
    def chosen(outcome: Outcome, *states: ItemState) -> list[PayoutItem]:
        named = [items[line.reference] for line in lines if line.outcome is outcome]
        return [item for item in named if item.state in states]

    by_key = {items[line.reference].id: line for line in lines}
    reasons = {key: line.reason for key, line in by_key.items()}
    at = {key: line.at for key, line in by_key.items() if line.at}
    left = chosen(Outcome.PAID, *UNDECIDED)
    failed = chosen(Outcome.REFUSED, *UNDECIDED)
    held = chosen(Outcome.PROCESSING, ItemState.IN_TRANSIT)
    for moved, action in ((left, "confirm"), (failed, "fail"), (held, "hold")):
        confirming.step(tx, moved, action, actor=actor, now=now, reasons=reasons, at=at)
    key = f"payout_result:{result.public_id}"
    confirming.post_left(tx, left, key, batch.public_id, actor, now)
    confirming.post_failed(tx, failed, key, batch.public_id, actor, now)
    confirming.refuse_accounts(tx, failed, actor, now)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=BATCH.kind,
        thing=batch.public_id,
        action="results",
        result=result.public_id,
        confirmed=len(left),
        failed=len(failed),
        unknown=len(held),
    )
    confirming.close_decided(tx, {batch.id}, actor, now)


def _locked(tx: Session, batch_id: str) -> PayoutBatch:
    batch = tx.execute(
        select(PayoutBatch).where(PayoutBatch.public_id == batch_id).with_for_update()
    ).scalar_one_or_none()
    if batch is None:
        raise NotFound()
    return batch
