"""Writing a journal of very many transfers, set by set; else as `orders.ledger.posting` does."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Select, func, insert, literal, select, type_coerce
from sqlalchemy.orm import Session

from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.posting import AlreadyPosted, Overdrawn
from orders.ledger.states import DEBIT_NORMAL, MAY_BE_NEGATIVE, AccountKind, JournalKind
from shop.core import db
from shop.core.actors import Actor
from shop.core.ids import new_id
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
    earlier = tx.execute(
        select(Journal.content_hash).where(Journal.event_key == event_key)
    ).scalar_one_or_none()
    if earlier is not None:
        assert earlier == content_hash, f"{event_key} was posted with other content"
        raise AlreadyPosted(event_key=event_key)
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
    _refuse_overdraft(tx, journal_id)
    tx.execute(
        insert(Journal).values(
            id=journal_id,
            public_id=new_id("journal"),
            kind=kind,
            event_key=event_key,
            content_hash=content_hash,
            about=about,
            effective_at=now,
            posted_at=now,
            posted_by_id=actor.user_id,
            reverses_id=reverses_id,
            transfer_count=count,
            total=Money(int(fen)),
        )
    )
    return journal_id


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


def _refuse_overdraft(tx: Session, journal_id: int) -> None:
    """Hold every account the journal lowers, and refuse if one of them ends below zero."""
    free = DEBIT_NORMAL | MAY_BE_NEGATIVE
    lowered: list[tuple[Any, list[AccountKind], int]] = [
        (Transfer.debit_id, [kind for kind in AccountKind if kind not in free], 1),
        (
            Transfer.credit_id,
            [kind for kind in DEBIT_NORMAL if kind is not AccountKind.CUSTODY],
            -1,
        ),
    ]
    for side, kinds, sign in lowered:
        touched = select(side).where(Transfer.journal_id == journal_id)
        these = select(Account.id).where(Account.id.in_(touched), Account.kind.in_(kinds))
        tx.execute(these.order_by(Account.id).with_for_update()).all()
        fen = sign * (_sum(Transfer.credit_id) - _sum(Transfer.debit_id))
        short = tx.execute(
            select(Account.kind, fen)
            .where(Account.id.in_(touched), Account.kind.in_(kinds), fen < 0)
            .limit(1)
        ).first()
        if short is not None:
            raise Overdrawn(account=short[0].label, missing=str(Money(-int(short[1]))))


def _sum(side: Any) -> Any:
    return (
        select(db.total(type_coerce(Transfer.amount, BigInteger)))
        .where(side == Account.id)
        .scalar_subquery()
    )
