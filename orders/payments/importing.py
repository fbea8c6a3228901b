"""Steps of importing a statement: what is new, what does each line do, write it down, book it.

All of it by sets: a hundred thousand lines take a few statements for each kind of row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.ledger import many
from orders.ledger.states import JournalKind
from orders.payments import booking, hooks
from orders.payments.booking import Booking, LineRef
from orders.payments.formats.files import Stated, StatementFile, StatementLine
from orders.payments.formats.reading import read_statement
from orders.payments.formats.sheets import Fault, FileRefused, Problem
from orders.payments.layouts import store as layouts
from orders.payments.models import BankLine, BankStatement
from orders.payments.open_amounts import claims
from orders.payments.rules import (
    Booked,
    Decision,
    Explained,
    Finding,
    NewPart,
    decide,
    new_part,
    unnamed,
)
from orders.payments.states import LineState, StatementState
from orders.purchasing.models import Purchase
from shop.core import bulk
from shop.core.actors import Actor
from shop.core.ids import new_ids
from shop.core.money import ZERO
from shop.core.reference import find_references
from shop.core.vault import vault

#: How long an uploaded file waits between preview and import.
UPLOAD_KEPT = timedelta(days=1)

#: In which state a line starts out.
_STATES = {
    Finding.MATCHED: LineState.MATCHED,
    Finding.MATCHED_SEVERAL: LineState.MATCHED,
    Finding.PAYOUT: LineState.PAYOUT,
    Finding.EXPLAINED: LineState.EXPLAINED,
    Finding.OUTGOING: LineState.UNEXPLAINED,
} | dict.fromkeys(
    (Finding.PARTIAL, Finding.OVER, Finding.NOT_PAYABLE, Finding.SEVERAL, Finding.UNKNOWN),
    LineState.SUSPENSE,
)


@dataclass(frozen=True, slots=True)
class Given:
    """A file as a person gave it: its name and bytes, and what was said of it beside.

    `layout_id` is the public id of the layout chosen, None to recognise it; `stated` the balances
    before and after it, where they were typed.
    """

    name: str
    content: bytes
    layout_id: str | None = None
    stated: Stated | None = None


#: Called with the part that is done, from 0 to 1, while a long import is under way.
Tell = Callable[[float], None]


def nobody(_part: float) -> None:
    """Tell nobody how far it is."""


def read(tx: Session, given: Given) -> tuple[StatementFile, NewPart]:
    """Read a file by the layouts in use, and say what of it is new.

    Raises:
        FileRefused: it cannot be read, or nothing of it is new, or not by itself.
        NotFound: the named layout is not in use.
    """
    chosen = layouts.chosen(tx, given.layout_id)
    file = read_statement(given.content, layouts.active(tx), chosen, given.stated)
    return file, _new_of(tx, file)


def _new_of(tx: Session, file: StatementFile) -> NewPart:
    same = tx.execute(
        select(BankStatement.id).where(
            BankStatement.file_hash == file.file_hash,
            BankStatement.state == StatementState.IMPORTED,
        )
    ).first()
    if same:
        raise FileRefused([Fault(1, "", Problem.FILE_BOOKED)])
    booked = {
        key: Booked(amount, balance)
        for key, amount, balance in tx.execute(
            select(BankLine.line_key, BankLine.amount, BankLine.balance).where(
                bulk.among(tx, BankLine.line_key, [line.key for line in file.lines]),
                BankLine.undone.is_(False),
            )
        )
    }
    return new_part(file, booked)


def decided(tx: Session, lines: Sequence[StatementLine], *, lock: bool = False) -> list[Decision]:
    """What each line does as things stand now; `lock` holds the purchases they name."""
    found = {memo: find_references(memo) for memo in {line.memo for line in lines}}
    codes = {code for codes in found.values() for code in codes}
    if lock:
        named = bulk.among(tx, Purchase.reference, codes)
        booking.lock_orders(tx, list(tx.execute(select(Purchase.id).where(named)).scalars()))
    decisions = decide(
        [(line.amount, line.memo) for line in lines],
        claims(tx, codes),
        hooks.find_outgoing(tx, codes),
        look=found.__getitem__,
    )
    if not hooks.explainers():
        return decisions
    left = {
        index: hooks.Unnamed(line.amount, line.counterparty, line.memo, tuple(found[line.memo]))
        for index, (line, decision) in enumerate(zip(lines, decisions, strict=True))
        if unnamed(decision)
    }
    for index, explained in hooks.find_explained(tx, left).items():
        decisions[index] = Decision(Finding.EXPLAINED, explained=explained)
    return decisions


_COLUMNS = (
    "id",
    "public_id",
    "statement_id",
    "position",
    "line_key",
    "undone",
    "state",
    "at",
    "amount_fen",
    "balance_fen",
    "counterparty",
    "account_sealed",
    "account_last4",
    "memo",
    "serial",
    "purchase_id",
    "explained_as",
    "explained_number",
)


def write_down(
    tx: Session,
    file: StatementFile,
    new: NewPart,
    decisions: Sequence[Decision],
    file_name: str,
    actor: Actor,
    now: datetime,
    tell: Tell = nobody,
) -> tuple[BankStatement, list[LineRef]]:
    """Write the statement and its new lines, account numbers sealed; nothing is booked yet."""
    statement = BankStatement(
        state=StatementState.IMPORTED,
        file_name=short_name(file_name),
        file_hash=file.file_hash,
        format=file.format,
        layout_id=layouts.key_of(tx, file.layout),
        repeats=new.repeats,
        pending=file.pending,
        reckoned=file.reckoned,
        lines=len(new.lines),
        first_at=new.lines[0].at,
        last_at=new.lines[-1].at,
        opening=new.opening,
        credits=new.credits,
        debits=new.debits,
        closing=new.closing,
        imported_at=now,
        imported_by_id=actor.user_id,
    )
    tx.add(statement)
    tx.flush()
    keys = bulk.next_ids(tx, BankLine, len(new.lines))
    refs = [
        LineRef(key, public_id, line.at, line.amount)
        for key, public_id, line in zip(
            keys, sorted(new_ids("bankline", len(keys))), new.lines, strict=True
        )
    ]
    rows = zip(range(1, len(refs) + 1), refs, new.lines, decisions, strict=True)
    done = 0
    for part in bulk.in_parts(rows):
        accounts = vault().seal_all(
            [(line.account, line_place(ref.public_id)) for _at, ref, line, _decision in part]
        )
        cells = [
            _row(statement.id, *row, sealed) for row, sealed in zip(part, accounts, strict=True)
        ]
        bulk.insert_typed(tx, BankLine, _COLUMNS, cells)
        done += len(part)
        tell(done / len(refs))
    return statement, refs


def _row(
    statement_id: int,
    position: int,
    ref: LineRef,
    line: StatementLine,
    decision: Decision,
    account_sealed: str,
) -> tuple[object, ...]:
    explained = decision.explained
    return (
        ref.id,
        ref.public_id,
        statement_id,
        position,
        line.key,
        False,
        _STATES[decision.finding],
        line.at,
        line.amount,
        line.balance,
        line.counterparty,
        account_sealed,
        _last4(line.account),
        line.memo,
        line.serial,
        decision.claim.purchase_id if decision.claim else None,
        explained.by if explained else None,
        explained.number if explained else None,
    )


def book(
    tx: Session,
    lines: Sequence[LineRef],
    decisions: Sequence[Decision],
    actor: Actor,
    now: datetime,
    tell: Tell = nobody,
) -> None:
    """Post what was decided: to orders, to suspense, or to what other parts know."""
    leaving: dict[int, int] = {}
    explained: list[hooks.Shown] = []
    held_ids: list[int] = []
    done = 0
    for part in bulk.in_parts(zip(lines, decisions, strict=True)):
        held_ids += _book_credits(tx, part, actor, now)
        for line, decision in part:
            if decision.outgoing:
                leaving[decision.outgoing.item_id] = line.id
            elif decision.explained:
                explained.append(_shown(line, decision.explained))
        done += len(part)
        tell(done / len(lines))
    hooks.confirm_outgoing(tx, leaving, actor, now)
    hooks.held(tx, held_ids, actor, now)
    hooks.book_explained(tx, explained, actor, now)


def _book_credits(
    tx: Session, part: Sequence[tuple[LineRef, Decision]], actor: Actor, now: datetime
) -> list[int]:
    """Post the credits that go to orders and those that wait; returns the keys of the latter."""
    paying: list[Booking] = []
    waiting: list[LineRef] = []
    for line, decision in part:
        if decision.paid:
            orders = [order for claim in decision.paid for order in claim.orders]
            paying.append(
                Booking(
                    line,
                    line.amount,
                    orders,
                    booking.CUSTODY,
                    JournalKind.BANK_CREDIT,
                    _event_key(line),
                    line.at,
                )
            )
        elif line.amount > ZERO and not decision.outgoing and not decision.explained:
            waiting.append(line)
    booking.pay_orders(tx, paying, actor=actor, now=now)
    held = [
        booking.held(line, event_key=_event_key(line), effective_at=line.at) for line in waiting
    ]
    many.write_many(tx, held, actor=actor, now=now)
    return [line.id for line in waiting]


def _event_key(line: LineRef) -> str:
    return f"bank_credit:{line.public_id}"


def _shown(line: LineRef, explained: Explained) -> hooks.Shown:
    return hooks.Shown(line.id, line.public_id, line.at, line.amount, explained, booking.CUSTODY)


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
