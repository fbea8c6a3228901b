"""Writing many journals at once: an import brings a hundred thousand, each sealed like any other.

The second door beside `posting`; both share their steps, and whatever they write keeps the same
promises.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from orders.ledger.bulk import refuse_overdrawn
from orders.ledger.models import Journal, Transfer
from orders.ledger.months import closed_until, month_of
from orders.ledger.posting import (
    AlreadyPosted,
    Draft,
    _accounts,
    _content_hash,
    _refuse_overdraft,
)
from orders.ledger.states import JournalKind
from shop.core import bulk
from shop.core.actors import Actor
from shop.core.ids import new_ids


@dataclass(slots=True)
class Entry:
    """One of many journals written together; see `write` for its parts.

    `happened_at` is when it happened by another's word: of a closed month, it takes effect at the
    first open moment.
    """

    draft: Draft
    kind: JournalKind
    event_key: str
    about: str
    happened_at: datetime


def write_many(tx: Session, entries: Sequence[Entry], *, actor: Actor, now: datetime) -> list[int]:
    """Write and seal many journals with a few statements; their keys, in the same order.

    What `write` promises holds of each, except that accounts are looked at once, at the end: the
    journals stand or fall together.

    Raises:
        AlreadyPosted: a journal with one of these keys exists.
        Overdrawn: an account that may not would end below zero.
    """
    if not entries:
        return []
    tx.flush()
    _refuse_posted(tx, {entry.event_key: entry for entry in entries})
    whole = Draft([transfer for entry in entries for transfer in entry.draft.transfers])
    accounts = _accounts(tx, whole)
    closed = closed_until(tx)
    journal_ids = bulk.next_ids(tx, Journal, len(entries))
    # In order, since an index takes what comes in order several times as fast.
    public_ids = sorted(new_ids("journal", len(entries)))
    bulk.insert_typed(
        tx,
        Transfer,
        ("journal_id", "position", "debit_id", "credit_id", "amount_fen"),
        (
            (journal_id, position, accounts[debit], accounts[credit], amount)
            for journal_id, entry in zip(journal_ids, entries, strict=True)
            for position, (debit, credit, amount) in enumerate(entry.draft.transfers, start=1)
        ),
    )
    _refuse_overdraft(tx, whole, accounts)
    bulk.insert_typed(
        tx,
        Journal,
        _HEADER,
        (
            _header(*written, closed, actor, now)
            for written in zip(journal_ids, public_ids, entries, strict=True)
        ),
    )
    return journal_ids


_HEADER = (
    "id",
    "public_id",
    "kind",
    "event_key",
    "content_hash",
    "about",
    "effective_at",
    "posted_at",
    "posted_by_id",
    "reverses_id",
    "corrects_month",
    "transfer_count",
    "total_fen",
)


def _header(
    journal_id: int,
    public_id: str,
    entry: Entry,
    closed: datetime | None,
    actor: Actor,
    now: datetime,
) -> tuple[object, ...]:
    late = closed is not None and entry.happened_at < closed
    return (
        journal_id,
        public_id,
        entry.kind,
        entry.event_key,
        _content_hash(entry.draft),
        entry.about,
        closed if late else entry.happened_at,
        now,
        actor.user_id,
        None,
        month_of(entry.happened_at) if late else None,
        len(entry.draft.transfers),
        entry.draft.total,
    )


def _refuse_posted(tx: Session, entries: dict[str, Entry]) -> None:
    earlier = tx.execute(
        select(Journal.event_key, Journal.content_hash).where(
            bulk.among(tx, Journal.event_key, entries)
        )
    ).first()
    if earlier is not None:
        key, told = earlier
        assert told == _content_hash(entries[key].draft), f"{key} was posted with other content"
        raise AlreadyPosted(event_key=key)


def reverse_many(tx: Session, journal_ids: Sequence[int], *, actor: Actor, now: datetime) -> None:
    """Write every transfer of these journals the other way (冲正), set by set; see `reverse`.

    Raises:
        AlreadyPosted: one of them was reversed before.
        Overdrawn: an account that may not would end below zero.
    """
    if not journal_ids:
        return
    tx.flush()
    originals = {
        row.id: row
        for row in tx.execute(
            select(
                Journal.id,
                Journal.public_id,
                Journal.about,
                Journal.effective_at,
                Journal.corrects_month,
                Journal.content_hash,
                Journal.transfer_count,
                Journal.total,
            ).where(bulk.among(tx, Journal.id, journal_ids))
        )
    }
    _refuse_reversed(tx, journal_ids)
    closed = closed_until(tx)
    new_keys = bulk.next_ids(tx, Journal, len(journal_ids))
    _transfers_back(tx, journal_ids, new_keys)
    refuse_overdrawn(tx, bulk.among(tx, Transfer.journal_id, new_keys))
    written = zip(new_keys, sorted(new_ids("journal", len(new_keys))), journal_ids, strict=True)
    bulk.insert_typed(
        tx,
        Journal,
        _HEADER,
        (_reversal(key, name, originals[old], closed, actor, now) for key, name, old in written),
    )


def _reversal(
    journal_id: int,
    public_id: str,
    original: Row[*tuple[Any, ...]],
    closed: datetime | None,
    actor: Actor,
    now: datetime,
) -> tuple[object, ...]:
    late = closed is not None and original.effective_at < closed
    return (
        journal_id,
        public_id,
        JournalKind.REVERSAL,
        f"reversal:{original.public_id}",
        hashlib.sha256(original.content_hash.encode()).hexdigest(),
        original.about,
        now,
        now,
        actor.user_id,
        original.id,
        month_of(original.effective_at) if late else original.corrects_month,
        original.transfer_count,
        original.total,
    )


def _refuse_reversed(tx: Session, journal_ids: Sequence[int]) -> None:
    before = tx.execute(
        select(Journal.event_key).where(bulk.among(tx, Journal.reverses_id, journal_ids)).limit(1)
    ).scalar()
    if before is not None:
        raise AlreadyPosted(event_key=before)


def _transfers_back(tx: Session, old: Sequence[int], new: Sequence[int]) -> None:
    """Write the transfers of old journals the other way, under new keys, in the same places."""
    pairs = bulk.pairs(tx, old, new)
    rows = (
        select(
            pairs.c.new,
            Transfer.position,
            Transfer.credit_id,
            Transfer.debit_id,
            Transfer.amount,
        )
        .join(pairs, pairs.c.old == Transfer.journal_id)
        .order_by(pairs.c.new, Transfer.position)
    )
    columns: list[Any] = [
        Transfer.journal_id,
        Transfer.position,
        Transfer.debit_id,
        Transfer.credit_id,
        Transfer.amount,
    ]
    tx.execute(insert(Transfer).from_select(columns, rows))
