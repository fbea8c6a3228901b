"""Reading payouts: what is owed now, batches and their items."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, case, func, select, type_coerce
from sqlalchemy.orm import Session

from orders.payouts import drafting
from orders.payouts.covering import cover
from orders.payouts.layouts import layouts
from orders.payouts.models import PayoutBatch, PayoutFile, PayoutItem, ResultFile
from orders.payouts.owing import PAGE, KindSum, shown
from orders.payouts.rules import Cover, Flag
from orders.payouts.states import (
    BATCH,
    CAME_BACK,
    ITEM,
    BatchState,
    ItemState,
    PayoutKind,
)
from products.households.models import Household
from shop.core import db
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.money import Money
from shop.core.permissions import Permission
from shop.organisations.models import Organisation


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
class Link:
    """Another item of the same chain: its reference, and the batch it stands in."""

    reference: str
    batch_id: str
    number: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """One of a batch's files, frozen by hash."""

    part: int
    name: str
    items: int
    total: Money
    file_hash: str


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
    retries: Link | None
    paid_again: Link | None
    may_resolve: bool


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

    `items` are one `page` of `pages`, those that need a person first; `before` is the total of
    the batch before it; `custody` is what lies there for whom, while the batch waits for approval;
    `changed` counts accounts replaced since the draft, which void it.
    """

    row: BatchRow
    seen_hash: str
    layout: str | None
    files: tuple[FileRow, ...]
    has_phrase: bool
    sums: tuple[KindSum, ...]
    items: tuple[ItemRow, ...]
    page: int
    pages: int
    changed: int
    before: Money | None
    custody: Cover | None
    results: tuple[ResultRow, ...]
    history: tuple[Act, ...]
    may_approve: bool
    may_withdraw: bool
    may_export: bool
    may_take_file: bool
    may_answer: bool


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


def batch(tx: Session, batch_id: str, actor: Actor, page: int = 1) -> BatchPage:
    """One batch with a page of its items, exceptions first.

    Raises:
        NotFound: there is none of this id.
    """
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(
        select(PayoutBatch).where(PayoutBatch.public_id == batch_id)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound()
    pages = max(1, -(-found.items // PAGE))
    page = min(max(page, 1), pages)
    acts = history(tx, batch_id)
    may_draft = actor.may(Permission.PAYOUT_DRAFT)
    can = BATCH.actions(found.state)
    exported = found.state in (BatchState.EXPORTED, BatchState.CLOSED)
    waits = found.state in (BatchState.DRAFT, BatchState.APPROVED)
    return BatchPage(
        row=_batch_rows(tx, [found])[0],
        seen_hash=found.seen_hash,
        layout=layouts()[found.layout].name if found.layout else None,
        files=_files(tx, found.id),
        has_phrase=found.phrase_sealed is not None,
        sums=_sums(tx, found.id),
        items=_item_rows(tx, _page_of(tx, found.id, page), actor),
        page=page,
        pages=pages,
        changed=drafting.changed_accounts(tx, found) if waits else 0,
        before=_total_before(tx, found.id),
        custody=cover(tx, approving=True) if found.state is BatchState.DRAFT else None,
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


#: What needs a person stands first: the bank has sent it back, or does not know, or a flag.
_FIRST = case(
    (PayoutItem.state.in_((*CAME_BACK, ItemState.UNKNOWN)), 0), (PayoutItem.flags != "", 1), else_=2
)


def _page_of(tx: Session, batch_key: int, page: int) -> list[PayoutItem]:
    return list(
        tx.execute(
            select(PayoutItem)
            .where(PayoutItem.batch_id == batch_key)
            .order_by(_FIRST, PayoutItem.position)
            .limit(PAGE)
            .offset((page - 1) * PAGE)
        ).scalars()
    )


def _sums(tx: Session, batch_key: int) -> tuple[KindSum, ...]:
    fen = db.total(type_coerce(PayoutItem.amount, BigInteger))
    rows = tx.execute(
        select(PayoutItem.kind, func.count(), fen)
        .where(PayoutItem.batch_id == batch_key)
        .group_by(PayoutItem.kind)
    )
    found = {kind: KindSum(kind, count, Money(int(fen))) for kind, count, fen in rows}
    return tuple(found[kind] for kind in PayoutKind if kind in found)


def _files(tx: Session, batch_key: int) -> tuple[FileRow, ...]:
    rows = tx.execute(
        select(
            PayoutFile.part,
            PayoutFile.file_name,
            PayoutFile.items,
            PayoutFile.total,
            PayoutFile.file_hash,
        )
        .where(PayoutFile.batch_id == batch_key)
        .order_by(PayoutFile.part)
    )
    return tuple(FileRow(*row) for row in rows)


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


def _item_rows(tx: Session, items: Sequence[PayoutItem], actor: Actor) -> tuple[ItemRow, ...]:
    names = payees(tx, items)
    before = _links(tx, [item.retries_id for item in items if item.retries_id], later=False)
    after = _links(tx, [item.id for item in items if item.state in CAME_BACK], later=True)
    return tuple(
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
            tuple(_FLAGS[value] for value in item.flags.split(",") if value),
            item.bank_line_id is not None,
            before.get(item.retries_id or 0),
            after.get(item.id),
            ITEM.find(item.state, "resolve") is not None and actor.may(Permission.PAYOUT_APPROVE),
        )
        for item in items
    )


_FLAGS = {flag.value: flag for flag in Flag}


def _links(tx: Session, keys: Sequence[int], *, later: bool) -> dict[int, Link]:
    """The items of these keys, or by the key of what they pay again, `later` ones."""
    by = PayoutItem.retries_id if later else PayoutItem.id
    rows = tx.execute(
        select(by, PayoutItem.reference, PayoutBatch.public_id, PayoutBatch.number)
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(by.in_(keys))
    )
    return {
        key or 0: Link(reference, batch_id, number) for key, reference, batch_id, number in rows
    }


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
