"""What importing an uploaded file would do, line by line, before anything is booked."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payments import importing
from orders.payments.models import BankStatement, BankUpload
from orders.payments.rules import Finding, read_statement
from orders.payments.states import StatementState
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import Money
from shop.core.permissions import Permission
from shop.core.vault import vault


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that waits between preview and import."""

    file_name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What one line of a file would do."""

    line: int
    at: datetime
    amount: Money
    balance: Money
    counterparty: str
    memo: str
    finding: Finding
    number: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What importing a file would do. `before`: where the last statement ended, if there is one."""

    file_name: str
    opening: Money
    credits: Money
    debits: Money
    closing: Money
    before: Money | None
    lines: tuple[PreviewLine, ...]
    tally: tuple[tuple[Finding, int], ...]


def uploaded(tx: Session, upload_id: str, actor: Actor, now: datetime) -> Uploaded:
    """The file that waits under an upload's public id.

    Raises:
        NotFound: there is no such upload, or it has waited for more than a day.
    """
    actor.require(Permission.BANK_IMPORT)
    upload = tx.execute(
        select(BankUpload).where(
            BankUpload.public_id == upload_id, BankUpload.uploaded_at > now - importing.UPLOAD_KEPT
        )
    ).scalar_one_or_none()
    if upload is None:
        raise NotFound()
    sealed = vault().open(upload.content_sealed, place=importing.upload_place(upload_id))
    return Uploaded(upload.file_name, base64.b64decode(sealed))


def preview(tx: Session, upload_id: str, actor: Actor, now: datetime) -> Preview:
    """What importing an uploaded file would do, as things stand now.

    Raises:
        NotFound: see `uploaded`.
        FileRefused: meanwhile it, or some of it, was imported.
    """
    kept = uploaded(tx, upload_id, actor, now)
    file = read_statement(kept.content)
    importing.refuse_imported(tx, file)
    decisions = importing.decided(tx, file)
    tally = Counter(decision.finding for decision in decisions)
    return Preview(
        file_name=kept.file_name,
        opening=file.opening,
        credits=file.credits,
        debits=file.debits,
        closing=file.closing,
        before=_closing_before(tx, file.lines[0].at),
        lines=tuple(
            PreviewLine(
                line.line,
                line.at,
                line.amount,
                line.balance,
                line.counterparty,
                line.memo,
                decision.finding,
                decision.number,
            )
            for line, decision in zip(file.lines, decisions, strict=True)
        ),
        tally=tuple((finding, tally[finding]) for finding in Finding if tally[finding]),
    )


def _closing_before(tx: Session, at: datetime) -> Money | None:
    return tx.execute(
        select(BankStatement.closing)
        .where(BankStatement.state == StatementState.IMPORTED, BankStatement.last_at <= at)
        .order_by(BankStatement.last_at.desc(), BankStatement.id.desc())
        .limit(1)
    ).scalar_one_or_none()
