"""Steps of commands on batches: writing items, hashing what is seen, making the bank's files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, String, func, select, type_coerce
from sqlalchemy.orm import Session

from orders.payments.importing import line_place
from orders.payments.models import BankLine
from orders.payouts.layouts import BankRow, PayoutLayout, clean
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.ready import Ready
from orders.payouts.states import ItemState, PayoutKind
from shop.core import bulk
from shop.core.audit import AuditEntry
from shop.core.errors import Refusal
from shop.core.ids import new_ids
from shop.core.labels import N_
from shop.core.reference import new_references
from shop.core.vault import vault
from shop.organisations.accounts import account_place
from shop.organisations.models import PayeeAccount
from shop.organisations.states import AccountState


class ChangedSinceApproval(Refusal):
    """What would be handed to the bank is not what was approved, or not what was exported."""

    code = "changed_since_approval"
    sentence = N_("文件内容和复核时不一致，没有导出。请撤回这批并查明原因。")


_COLUMNS = (
    "public_id",
    "reference",
    "batch_id",
    "position",
    "kind",
    "state",
    "payee_id",
    "refund_id",
    "account_id",
    "paid_from_id",
    "holder",
    "number_last4",
    "number_digest",
    "bank",
    "cnaps",
    "amount_fen",
    "purpose",
    "flags",
    "reason",
    "retries_id",
)


def write_items(tx: Session, batch: PayoutBatch, rows: Sequence[Ready]) -> None:
    """Write one draft item per row, in order, and the batch's hash over what was written.

    The account is pointed at, not copied.

    Ids and references are drawn by chance and handed out in their order, so that each index over
    them grows at one end.
    """
    ids, references = sorted(new_ids("pay", len(rows))), _free_references(tx, len(rows))
    values = [
        (
            ids[place],
            references[place],
            batch.id,
            place + 1,
            row.kind.value,
            ItemState.DRAFT.value,
            row.payee_id,
            row.refund_id,
            row.account_id,
            row.paid_from_id,
            row.holder,
            row.last4,
            row.digest,
            row.bank,
            row.cnaps,
            row.fen,
            row.purpose,
            ",".join(flag.value for flag in row.flags),
            "",
            row.retries_id,
        )
        for place, row in enumerate(rows)
    ]
    bulk.insert_many(tx, PayoutItem, _COLUMNS, values)
    seen = itemgetter(*[_COLUMNS.index(column) for column in _SEEN])
    batch.seen_hash = _hash(map(seen, values))


def _free_references(tx: Session, count: int) -> list[str]:
    """References no item has, in their order; of a trillion some will come again one day."""
    found = new_references(count)
    some = bulk.among(tx, PayoutItem.reference, found)
    taken = set(tx.execute(select(PayoutItem.reference).where(some)).scalars())
    free = [reference for reference in found if reference not in taken]
    return sorted(free + _free_references(tx, count - len(free)) if taken else free)


#: Keys in one question to the database.
_CHUNK = 20_000


def in_chunks(keys: Sequence[Any]) -> list[Sequence[Any]]:
    """Keys, as many at a time as one question takes."""
    return [keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK)]


#: What a second person approves of every item.
_SEEN = (
    "position",
    "kind",
    "payee_id",
    "refund_id",
    "account_id",
    "paid_from_id",
    "holder",
    "number_last4",
    "number_digest",
    "bank",
    "cnaps",
    "amount_fen",
    "purpose",
    "reference",
)


def hash_of(tx: Session, batch: PayoutBatch) -> str:
    """The hash over what a second person approves: payee, account and amount of every item."""
    item = PayoutItem.__table__
    # As they lie in the table: a kind is its text, an amount its fen.
    plain: dict[str, ColumnElement[Any]] = {
        "kind": type_coerce(item.c.kind, String),
        "amount_fen": type_coerce(item.c.amount_fen, BigInteger),
    }
    rows = tx.connection().execute(
        select(*[plain.get(name, item.c[name]) for name in _SEEN])
        .where(item.c.batch_id == batch.id)
        .order_by(item.c.position)
    )
    return _hash(rows)


def _hash(rows: Iterable[Sequence[Any]]) -> str:
    return hashlib.sha256(json.dumps([list(row) for row in rows]).encode()).hexdigest()


def refuse_altered(tx: Session, batch: PayoutBatch) -> None:
    """Refuse a batch whose rows are not what was approved.

    The hash that was approved stands in the audit log, which the database lets nobody rewrite;
    the batch's own copy has to agree with it as well.

    Raises:
        ChangedSinceApproval: some row, or the stored hash, was altered since.
    """
    approved = said_first(tx, batch, "approve")["seen_hash"]
    if batch.seen_hash != approved or hash_of(tx, batch) != approved:
        raise ChangedSinceApproval()


def said_first(tx: Session, batch: PayoutBatch, action: str) -> dict[str, Any]:
    """What the audit log noted when something was first done with a batch."""
    facts: dict[str, Any] = json.loads(
        tx.execute(
            select(AuditEntry.facts)
            .where(AuditEntry.thing == batch.public_id, AuditEntry.action == action)
            .order_by(AuditEntry.id)
            .limit(1)
        ).scalar_one()
    )
    return facts


def changed_accounts(tx: Session, batch: PayoutBatch) -> int:
    """How many items of the batch point to an account that is no longer to be paid on."""
    return tx.execute(
        select(func.count())
        .select_from(PayoutItem)
        .join(PayeeAccount, PayeeAccount.id == PayoutItem.account_id)
        .where(PayoutItem.batch_id == batch.id, PayeeAccount.state != AccountState.ACTIVE)
    ).scalar_one()


def bank_rows(
    tx: Session, batch: PayoutBatch, layout: PayoutLayout, positions: range | None = None
) -> list[BankRow]:
    """The rows of the bank's files, as the layout words their purpose; opens every number."""
    opened = vault().open
    worded = {kind.value: clean(words) for kind, words in layout.purposes.items()}
    refund = PayoutKind.REFUND.value
    found = []
    for row in tx.connection().execute(_file_rows(batch, positions)):
        (position, kind, holder, bank, cnaps, fen, purpose, reference) = row[:8]
        card, card_sealed, line, line_sealed = row[8:]
        if card is not None:
            number = opened(card_sealed, place=account_place(card))
        else:
            number = "".join(opened(line_sealed, place=line_place(line)).split())
        said = worded[kind]
        if kind == refund:
            said = clean(said + purpose.removeprefix("退款"))
        found.append(
            BankRow(position, number, clean(holder), clean(bank), cnaps, fen, said, reference)
        )
    return found


def refuse_other_numbers(tx: Session, batch: PayoutBatch, rows: Sequence[BankRow]) -> None:
    """Refuse when an account's number is not the one its item was drafted and approved with.

    Raises:
        ChangedSinceApproval: naming nobody; somebody has been at the database.
    """
    fingerprint = vault().fingerprint
    digests = tx.execute(
        select(PayoutItem.number_digest)
        .where(PayoutItem.batch_id == batch.id)
        .order_by(PayoutItem.position)
    ).scalars()
    if any(fingerprint(row.number) != digest for row, digest in zip(rows, digests, strict=True)):
        raise ChangedSinceApproval()


def _file_rows(batch: PayoutBatch, positions: range | None) -> Any:
    statement = (
        select(
            PayoutItem.position,
            type_coerce(PayoutItem.kind, String),
            PayoutItem.holder,
            PayoutItem.bank,
            PayoutItem.cnaps,
            type_coerce(PayoutItem.amount, BigInteger),
            PayoutItem.purpose,
            PayoutItem.reference,
            PayeeAccount.public_id,
            PayeeAccount.number_sealed,
            BankLine.public_id,
            BankLine.account_sealed,
        )
        .outerjoin(PayeeAccount, PayeeAccount.id == PayoutItem.account_id)
        .outerjoin(BankLine, BankLine.id == PayoutItem.paid_from_id)
        .where(PayoutItem.batch_id == batch.id)
        .order_by(PayoutItem.position)
    )
    if positions is not None:
        statement = statement.where(
            PayoutItem.position.between(positions.start, positions.stop - 1)
        )
    return statement


def phrase_place(public_id: str) -> str:
    """What the ciphertext of a batch's pass phrase is bound to."""
    return f"payout_batch.phrase:{public_id}"
