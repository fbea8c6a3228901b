"""Steps of importing a statement: is it new, what does each line do, write it down, book it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.ledger.states import JournalKind
from orders.payments import booking, hooks
from orders.payments.models import BankLine, BankStatement
from orders.payments.open_amounts import claims, open_orders
from orders.payments.rules import (
    Decision,
    Finding,
    StatementFile,
    already_booked,
    decide,
    references_in,
)
from orders.payments.sheets import Fault, FileRefused, Problem
from orders.payments.states import LineState, StatementState
from orders.purchasing.models import Purchase
from shop.core.actors import Actor
from shop.core.ids import new_id
from shop.core.money import ZERO
from shop.core.vault import vault

#: How long an uploaded file waits between preview and import.
UPLOAD_KEPT = timedelta(days=1)


def decided(tx: Session, file: StatementFile, *, lock: bool = False) -> list[Decision]:
    """What each line of a file does as things stand now; `lock` holds the purchases it names."""
    codes = references_in(file.lines)
    named = Purchase.reference.in_(codes)
    if lock:
        found = tx.execute(select(Purchase.id).where(named)).scalars().all()
        booking.lock_orders(tx, found)
    return decide(
        [(line.amount, line.memo) for line in file.lines],
        claims(tx, named),
        hooks.find_outgoing(tx, codes),
    )


#: In which state a line starts out.
_STATES = {
    Finding.MATCHED: LineState.MATCHED,
    Finding.PAYOUT: LineState.PAYOUT,
    Finding.OUTGOING: LineState.UNEXPLAINED,
} | dict.fromkeys(
    (Finding.PARTIAL, Finding.OVER, Finding.NOT_PAYABLE, Finding.SEVERAL, Finding.UNKNOWN),
    LineState.SUSPENSE,
)


def refuse_imported(tx: Session, file: StatementFile) -> None:
    """Refuse a file whose content, or some line of it, was imported before and not undone.

    Raises:
        FileRefused: naming every line that is booked already.
    """
    same = tx.execute(
        select(BankStatement.id).where(
            BankStatement.file_hash == file.file_hash,
            BankStatement.state == StatementState.IMPORTED,
        )
    ).first()
    if same:
        raise FileRefused([Fault(1, "", Problem.FILE_BOOKED)])
    keys = [line.key for line in file.lines]
    booked = tx.execute(
        select(BankLine.line_key).where(BankLine.line_key.in_(keys), BankLine.undone.is_(False))
    ).scalars()
    faults = already_booked(file, set(booked))
    if faults:
        raise FileRefused(faults)


def write_down(
    tx: Session,
    file: StatementFile,
    decisions: list[Decision],
    file_name: str,
    actor: Actor,
    now: datetime,
) -> tuple[BankStatement, list[BankLine]]:
    """Write the statement and its lines, account numbers sealed; nothing is booked yet."""
    statement = BankStatement(
        state=StatementState.IMPORTED,
        file_name=short_name(file_name),
        file_hash=file.file_hash,
        lines=len(file.lines),
        first_at=file.lines[0].at,
        last_at=file.lines[-1].at,
        opening=file.opening,
        credits=file.credits,
        debits=file.debits,
        closing=file.closing,
        imported_at=now,
        imported_by_id=actor.user_id,
    )
    tx.add(statement)
    tx.flush()
    lines = []
    for line, decision in zip(file.lines, decisions, strict=True):
        public_id = new_id("bankline")
        lines.append(
            BankLine(
                public_id=public_id,
                statement_id=statement.id,
                position=line.line,
                line_key=line.key,
                state=_STATES[decision.finding],
                at=line.at,
                amount=line.amount,
                balance=line.balance,
                counterparty=line.counterparty,
                account_sealed=vault().seal(line.account, place=line_place(public_id)),
                account_last4=_last4(line.account),
                memo=line.memo,
                serial=line.serial,
            )
        )
    tx.add_all(lines)
    return statement, lines


def book(
    tx: Session,
    lines: list[BankLine],
    decisions: list[Decision],
    actor: Actor,
    now: datetime,
) -> None:
    """Post what was decided: to orders, to suspense, or to payouts; the decisions are in order."""
    tx.flush()
    waiting = open_orders(tx, [d.claim.purchase_id for d in decisions if d.claim])
    shown = {}
    for line, decision in zip(lines, decisions, strict=True):
        if decision.finding is Finding.MATCHED and decision.claim:
            booking.pay_orders(
                tx,
                line,
                line.amount,
                waiting[decision.claim.purchase_id],
                source=booking.CUSTODY,
                kind=JournalKind.BANK_CREDIT,
                event_key=f"bank_credit:{line.public_id}",
                effective_at=line.at,
                actor=actor,
                now=now,
            )
        elif decision.outgoing:
            shown[decision.outgoing.item_id] = line.id
        elif line.amount > ZERO:
            booking.hold(tx, line, actor=actor, now=now)
    tx.flush()
    hooks.confirm_outgoing(tx, shown, actor, now)
    waiting_lines = [line.id for line in lines if line.state is LineState.SUSPENSE]
    hooks.held(tx, waiting_lines, actor, now)


def line_place(public_id: str) -> str:
    """What the ciphertext of a line's account number is bound to."""
    return f"bank_line.account:{public_id}"


def upload_place(public_id: str) -> str:
    """What the ciphertext of an uploaded file is bound to."""
    return f"bank_upload.content:{public_id}"


def _last4(account: str) -> str:
    return "".join(account.split())[-4:]


def short_name(file_name: str) -> str:
    """The name of a file as the person had it, without folders."""
    return file_name.strip().replace("\\", "/").rpartition("/")[2][:128] or "statement"
