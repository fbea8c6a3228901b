"""Writing a journal of very many transfers, set by set; else as `orders.ledger.posting` does."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    insert,
    literal,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.posting import Overdrawn
from orders.ledger.states import DEBIT_NORMAL, MAY_BE_NEGATIVE, AccountKind, JournalKind
from shop.core import bulk, db
from shop.core.actors import Actor
from shop.core.money import Money


def post(
    tx: Session,
    kind: JournalKind,
    moves: Select[*tuple[Any, ...]],
    *,
    event_key: str,
    about: str,
    content: str,
    actor: Actor,
    now: datetime,
    reverses_id: int | None = None,
) -> int | None:
    """Write the transfers a query yields and seal them; nothing is posted when it yields none.

    Args:
        moves: yields position (1, 2, 3…), debit account, credit account, amount; the accounts
            exist.
        content: what decides the transfers; the same event key with another is a mistake.

    Returns:
        The journal's key, None when nothing moved.

    Raises:
        AlreadyPosted: a journal with this key exists.
        Overdrawn: an account that may not would end below zero.
    """
    tx.flush()
    content_hash = hashlib.sha256(content.encode()).hexdigest()
    posting.refuse_posted(tx, event_key, content_hash)
    journal_id = db.next_id(tx, Journal)
    rows = moves.subquery()
    position, debit, credit, amount = rows.c
    columns: list[Any] = [
        Transfer.journal_id,
        Transfer.position,
        Transfer.debit_id,
        Transfer.credit_id,
        Transfer.amount,
    ]
    tx.execute(
        insert(Transfer).from_select(
            columns,
            select(literal(journal_id), position, debit, credit, amount).order_by(position),
        )
    )
    count, fen = tx.execute(
        select(func.count(), db.total(type_coerce(Transfer.amount, BigInteger))).where(
            Transfer.journal_id == journal_id
        )
    ).one()
    if not count:
        return None
    refuse_overdrawn(tx, Transfer.journal_id == journal_id)
    posting.seal(
        tx,
        journal_id,
        kind,
        event_key=event_key,
        content_hash=content_hash,
        about=about,
        actor=actor,
        now=now,
        effective_at=now,
        count=count,
        total=Money(int(fen)),
        reverses_id=reverses_id,
    )
    return journal_id


def between_owners(tx: Session, moves: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Make of moves between kinds and owners what `post` takes; opens the accounts there are not.

    Args:
        moves: `debit_kind`, `debit_owner`, `credit_kind`, `credit_owner` and `amount` in fen,
            above zero; they are numbered in that order.
    """
    rows = moves.subquery("moves")
    for side in ("debit", "credit"):
        keys = (rows.c[f"{side}_kind"], rows.c[f"{side}_owner"])
        known = exists().where(Account.kind == keys[0], Account.owner_id == keys[1])
        new = select(*keys).where(~known).distinct().order_by(*keys)
        db.insert_new(tx, Account, ("kind", "owner_id"), new)
    debit, credit = Account.__table__.alias("debit"), Account.__table__.alias("credit")
    order = (rows.c.debit_kind, rows.c.debit_owner, rows.c.credit_kind, rows.c.credit_owner)
    return (
        select(
            func.row_number().over(order_by=order).label("position"),
            debit.c.id.label("debit_id"),
            credit.c.id.label("credit_id"),
            rows.c.amount,
        )
        .join(
            debit, and_(debit.c.kind == rows.c.debit_kind, debit.c.owner_id == rows.c.debit_owner)
        )
        .join(
            credit,
            and_(credit.c.kind == rows.c.credit_kind, credit.c.owner_id == rows.c.credit_owner),
        )
    )


def reverse(tx: Session, journal_id: int, *, actor: Actor, now: datetime) -> None:
    """Write every transfer of a journal the other way (冲正); a journal is reversed once."""
    original = tx.get_one(Journal, journal_id)
    post(
        tx,
        JournalKind.REVERSAL,
        select(Transfer.position, Transfer.credit_id, Transfer.debit_id, Transfer.amount).where(
            Transfer.journal_id == journal_id
        ),
        event_key=f"reversal:{original.public_id}",
        about=original.about,
        content=original.content_hash,
        actor=actor,
        now=now,
        reverses_id=journal_id,
    )


def refuse_overdrawn(tx: Session, written: ColumnElement[bool]) -> None:
    """Hold every account that these transfers lower, and refuse if one of them ends below zero.

    Args:
        written: on `Transfer`, which ones.

    Raises:
        Overdrawn: an account that may not is below zero.
    """
    held = [kind for kind in AccountKind if kind not in DEBIT_NORMAL | MAY_BE_NEGATIVE]
    owed = [kind for kind in DEBIT_NORMAL if kind is not AccountKind.CUSTODY]
    fen = type_coerce(Transfer.amount, BigInteger)
    for side, kinds, sign in ((Transfer.debit_id, held, 1), (Transfer.credit_id, owed, -1)):
        lowered = select(Account.id).where(
            Account.id.in_(select(side).where(written)), Account.kind.in_(kinds)
        )
        # Told by their keys from here on: PostgreSQL, which knows nothing yet of what was just
        # written, would else look for them anew for each row.
        keys = list(tx.execute(lowered.order_by(Account.id).with_for_update()).scalars())
        if not keys:
            continue
        moved = union_all(
            select(Transfer.debit_id.label("id"), (-fen).label("fen")).where(
                bulk.among(tx, Transfer.debit_id, keys)
            ),
            select(Transfer.credit_id, fen).where(bulk.among(tx, Transfer.credit_id, keys)),
        ).subquery("moved")
        left = sign * db.total(moved.c.fen)
        short = tx.execute(
            select(moved.c.id, left).group_by(moved.c.id).having(left < 0).limit(1)
        ).first()
        if short is not None:
            kind = tx.get_one(Account, short[0]).kind
            raise Overdrawn(account=kind.label, missing=str(Money(-int(short[1]))))
