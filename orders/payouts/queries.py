"""Reading payouts: what is owed now, batches and their items."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.payouts.models import PayoutBatch, PayoutItem, ResultFile
from orders.payouts.ready import Ready, flags_of, last_accounts, ready
from orders.payouts.rules import Flag
from orders.payouts.states import BATCH, BatchState, ItemState, PayoutKind
from products.households.models import Household
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.money import Money, total
from shop.core.permissions import Permission
from shop.organisations.models import Organisation

PAGE = 100


@dataclass(frozen=True, slots=True)
class KindSum:
    """What of one kind can be paid now."""

    kind: PayoutKind
    count: int
    total: Money


@dataclass(frozen=True, slots=True)
class ReadyPage:
    """What a batch drafted now would hold: sums by kind, exceptions, who is left out."""

    sums: tuple[KindSum, ...]
    total: Money
    left_out: tuple[Ready, ...]
    flagged: tuple[Ready, ...]
    plain: tuple[Ready, ...]


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch in the list; `tally` counts its items by state."""

    public_id: str
    number: str
    state: BatchState
    drafted_at: datetime
    items: int
    total: Money
    tally: tuple[tuple[ItemState, int], ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item of a batch."""

    public_id: str
    position: int
    kind: PayoutKind
    state: ItemState
    reference: str
    payee: str
    holder: str
    last4: str
    bank: str
    amount: Money
    purpose: str
    reason: str
    decided_at: datetime | None
    flags: tuple[Flag, ...]
    in_statement: bool


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One answer of the bank that was taken in."""

    file_name: str
    imported_at: datetime
    confirmed: int
    failed: int
    unknown: int


@dataclass(frozen=True, slots=True)
class BatchPage:
    """One batch: what a second person has to see, and what can be done with it.

    `items` stand with the flagged ones first; `before` is the total of the batch before it.
    """

    row: BatchRow
    seen_hash: str
    file_hash: str | None
    sums: tuple[KindSum, ...]
    items: tuple[ItemRow, ...]
    before: Money | None
    results: tuple[ResultRow, ...]
    history: tuple[Act, ...]
    may_approve: bool
    may_withdraw: bool
    may_export: bool
    may_take_file: bool
    may_answer: bool


def owed_now(tx: Session, actor: Actor) -> ReadyPage:
    """What a batch drafted now would hold, exceptions first."""
    actor.require(Permission.PLATFORM_READ)
    rows = [replace(row, name=shown(row.name, actor)) for row in ready(tx)]
    good = [row for row in rows if row.obstacle is None]
    return ReadyPage(
        sums=_sums([(row.kind, row.amount) for row in good]),
        total=total([row.amount for row in good]),
        left_out=tuple(row for row in rows if row.obstacle is not None),
        flagged=tuple(row for row in good if row.flags),
        plain=tuple(row for row in good if not row.flags),
    )


def _sums(amounts: Sequence[tuple[PayoutKind, Money]]) -> tuple[KindSum, ...]:
    by_kind: dict[PayoutKind, list[Money]] = defaultdict(list)
    for kind, amount in amounts:
        by_kind[kind].append(amount)
    return tuple(
        KindSum(kind, len(by_kind[kind]), total(by_kind[kind]))
        for kind in PayoutKind
        if kind in by_kind
    )


def batches(tx: Session, actor: Actor) -> list[BatchRow]:
    """The latest batches, newest first."""
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(select(PayoutBatch).order_by(PayoutBatch.id.desc()).limit(PAGE)).scalars()
    return _batch_rows(tx, list(found))


def _batch_rows(tx: Session, found: Sequence[PayoutBatch]) -> list[BatchRow]:
    rows = tx.execute(
        select(PayoutItem.batch_id, PayoutItem.state, func.count())
        .where(PayoutItem.batch_id.in_([batch.id for batch in found]))
        .group_by(PayoutItem.batch_id, PayoutItem.state)
    )
    tally: dict[int, Counter[ItemState]] = defaultdict(Counter)
    for batch_id, state, count in rows:
        tally[batch_id][state] = count
    return [
        BatchRow(
            batch.public_id,
            batch.number,
            batch.state,
            batch.drafted_at,
            batch.items,
            batch.total,
            tuple((state, tally[batch.id][state]) for state in ItemState if tally[batch.id][state]),
        )
        for batch in found
    ]


def batch(tx: Session, batch_id: str, actor: Actor) -> BatchPage:
    """One batch with its items, exceptions first.

    Raises:
        NotFound: there is none of this id.
    """
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(
        select(PayoutBatch).where(PayoutBatch.public_id == batch_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound()
    items = list(
        tx.execute(
            select(PayoutItem).where(PayoutItem.batch_id == found.id).order_by(PayoutItem.position)
        ).scalars()
    )
    acts = history(tx, batch_id)
    may_draft = actor.may(Permission.PAYOUT_DRAFT)
    can = BATCH.actions(found.state)
    exported = found.state in (BatchState.EXPORTED, BatchState.CLOSED)
    return BatchPage(
        row=_batch_rows(tx, [found])[0],
        seen_hash=found.seen_hash,
        file_hash=found.file_hash,
        sums=_sums([(item.kind, item.amount) for item in items]),
        items=tuple(sorted(_item_rows(tx, items, actor), key=lambda row: not row.flags)),
        before=_total_before(tx, found.id),
        results=_results(tx, found.id),
        history=tuple(acts),
        may_approve="approve" in can
        and actor.may(Permission.PAYOUT_APPROVE)
        and not any(act.action == "draft" and act.user_id == actor.user_id for act in acts),
        may_withdraw=("withdraw" in can and may_draft)
        or ("return" in can and actor.may(Permission.PAYOUT_APPROVE)),
        may_export="export" in can and may_draft,
        may_take_file=exported and may_draft,
        may_answer=found.state is BatchState.EXPORTED and may_draft,
    )


def _total_before(tx: Session, key: int) -> Money | None:
    return tx.execute(
        select(PayoutBatch.total)
        .where(PayoutBatch.id < key, PayoutBatch.state != BatchState.WITHDRAWN)
        .order_by(PayoutBatch.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def _results(tx: Session, batch_key: int) -> tuple[ResultRow, ...]:
    rows = tx.execute(
        select(
            ResultFile.file_name,
            ResultFile.imported_at,
            ResultFile.confirmed,
            ResultFile.failed,
            ResultFile.unknown,
        )
        .where(ResultFile.batch_id == batch_key)
        .order_by(ResultFile.id)
    )
    return tuple(ResultRow(*row) for row in rows)


def _item_rows(tx: Session, items: Sequence[PayoutItem], actor: Actor) -> list[ItemRow]:
    names = payees(tx, items)
    paid_on = last_accounts(tx, before=min((item.id for item in items), default=None))
    amounts: dict[PayoutKind, list[Money]] = defaultdict(list)
    for item in items:
        amounts[item.kind].append(item.amount)
    return [
        ItemRow(
            item.public_id,
            item.position,
            item.kind,
            item.state,
            item.reference,
            shown(names.get((item.kind, item.payee_id), item.holder), actor),
            shown(item.holder, actor),
            item.number_last4,
            item.bank,
            item.amount,
            item.purpose,
            item.reason,
            item.decided_at,
            flags_of(
                item.amount,
                amounts[item.kind],
                account_id=item.account_id,
                paid_on=paid_on.get((item.kind, item.payee_id)),
                retries=item.retries_id is not None,
            ),
            item.bank_line_id is not None,
        )
        for item in items
    ]


def payees(tx: Session, items: Collection[PayoutItem]) -> dict[tuple[PayoutKind, int], str]:
    """The names of those who are paid; a refund's is its account holder, and not among them."""
    households = [item.payee_id for item in items if item.kind is PayoutKind.HOUSEHOLD]
    others = (PayoutKind.COOPERATIVE, PayoutKind.CARRIER)
    organisations = [item.payee_id for item in items if item.kind in others]
    found: dict[tuple[PayoutKind, int], str] = {}
    for key, name in tx.execute(
        select(Household.id, Household.name).where(Household.id.in_(households))
    ):
        found[PayoutKind.HOUSEHOLD, key] = name
    for key, name in tx.execute(
        select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisations))
    ):
        found[PayoutKind.COOPERATIVE, key] = found[PayoutKind.CARRIER, key] = name
    return found


def shown(name: str, actor: Actor) -> str:
    """A payee's name; a person's (up to four characters) is masked for who only reads."""
    works = actor.may(Permission.PAYOUT_DRAFT) or actor.may(Permission.PAYOUT_APPROVE)
    return name if works or len(name) > 4 else name[:1] + "*" * (len(name) - 1)


def file_name(tx: Session, batch_id: str, actor: Actor) -> str:
    """What the bank's file of a batch is called."""
    return f"{batch(tx, batch_id, actor).row.number}.csv"
