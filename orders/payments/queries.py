"""Reading statements, their lines, and the queue of money that waits for its purchase."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from orders.payments import booking
from orders.payments.models import BankLine, BankStatement, Payment
from orders.payments.open_amounts import claims
from orders.payments.rules import Finding, decide
from orders.payments.states import LineState, StatementState
from orders.payments.suggestions import Suggestion, suggestions
from orders.purchasing.models import Order, Purchase
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.money import Money
from shop.core.permissions import Permission
from shop.core.reference import find_references, read_reference
from shop.identity.models import User

PAGE = 100


class NoSuchPurchase(Refusal):
    """Nothing is called what was typed."""

    code = "no_such_purchase"
    sentence = N_("没有这张采购单。请填采购单号（CG 开头）或九位识别码。")
    status = 422
    field = "purchase"


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement in the list; `waiting` lines still need a person."""

    public_id: str
    state: StatementState
    file_name: str
    first_at: datetime
    last_at: datetime
    lines: int
    waiting: int
    opening: Money
    credits: Money
    debits: Money
    closing: Money
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of a statement; `numbers` of the purchases its money went to."""

    public_id: str
    statement_id: str
    position: int
    at: datetime
    amount: Money
    balance: Money
    counterparty: str
    last4: str
    memo: str
    serial: str
    state: LineState
    undone: bool
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StatementPage:
    """One statement, its lines and its history."""

    row: StatementRow
    lines: tuple[LineRow, ...]
    history: tuple[Act, ...]
    may_undo: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line in the queue: what of it waits, what its memo says, what it may be for."""

    line: LineRow
    left: Money
    finding: Finding
    number: str
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class LinePage:
    """One line, what can be done with it, and what was done."""

    line: LineRow
    waiting: Waiting | None
    may_book_fee: bool
    history: tuple[Act, ...]


def statements(tx: Session, actor: Actor) -> list[StatementRow]:
    """The latest statements, newest first."""
    actor.require(Permission.PLATFORM_READ)
    return _statements(tx)


def _statements(tx: Session, public_id: str | None = None) -> list[StatementRow]:
    query = select(BankStatement, User.name).outerjoin(
        User, User.id == BankStatement.imported_by_id
    )
    if public_id is not None:
        query = query.where(BankStatement.public_id == public_id)
    rows = tx.execute(query.order_by(BankStatement.id.desc()).limit(PAGE)).all()
    waiting = _counts(tx, [statement.id for statement, _name in rows])
    return [
        StatementRow(
            statement.public_id,
            statement.state,
            statement.file_name,
            statement.first_at,
            statement.last_at,
            statement.lines,
            waiting[statement.id],
            statement.opening,
            statement.credits,
            statement.debits,
            statement.closing,
            statement.imported_at,
            name or "",
        )
        for statement, name in rows
    ]


def _counts(tx: Session, statement_ids: Collection[int]) -> Counter[int]:
    rows = tx.execute(
        select(BankLine.statement_id, func.count())
        .where(
            BankLine.statement_id.in_(statement_ids),
            BankLine.undone.is_(False),
            BankLine.state.in_((LineState.SUSPENSE, LineState.UNEXPLAINED)),
        )
        .group_by(BankLine.statement_id)
    )
    return Counter({statement_id: count for statement_id, count in rows})


def statement(tx: Session, statement_id: str, actor: Actor) -> StatementPage:
    """One statement with its lines.

    Raises:
        NotFound: there is none of this id.
    """
    actor.require(Permission.PLATFORM_READ)
    rows = _statements(tx, statement_id)
    if not rows:
        raise NotFound()
    lines = tx.execute(
        select(BankLine)
        .join(BankStatement, BankStatement.id == BankLine.statement_id)
        .where(BankStatement.public_id == statement_id)
        .order_by(BankLine.position)
    ).scalars()
    return StatementPage(
        row=rows[0],
        lines=tuple(_rows(tx, list(lines), actor)),
        history=tuple(history(tx, statement_id)),
        may_undo=rows[0].state is StatementState.IMPORTED and actor.may(Permission.BANK_IMPORT),
    )


def queue(tx: Session, actor: Actor) -> list[Waiting]:
    """The money that waits for its purchase, oldest first, with suggestions."""
    actor.require(Permission.BANK_MATCH)
    return _waiting(tx, _lines(tx, LineState.SUSPENSE), actor)


def unexplained(tx: Session, actor: Actor) -> list[LineRow]:
    """The debits nobody has explained, oldest first."""
    actor.require(Permission.BANK_MATCH)
    return _rows(tx, _lines(tx, LineState.UNEXPLAINED), actor)


def _lines(tx: Session, state: LineState) -> list[BankLine]:
    return list(
        tx.execute(
            select(BankLine)
            .where(BankLine.state == state, BankLine.undone.is_(False))
            .order_by(BankLine.at, BankLine.id)
            .limit(PAGE)
        ).scalars()
    )


def _waiting(tx: Session, lines: Sequence[BankLine], actor: Actor) -> list[Waiting]:
    left = booking.remaining(tx, [line.id for line in lines])
    codes = {code for line in lines for code in find_references(line.memo)}
    named = claims(tx, Purchase.reference.in_(codes))
    likely = suggestions(tx, lines, left)
    found = []
    for line, row in zip(lines, _rows(tx, lines, actor), strict=True):
        decision = decide([(left[line.id], line.memo)], named, {})[0]
        found.append(
            Waiting(row, left[line.id], decision.finding, decision.number, likely[line.id])
        )
    return found


def line(tx: Session, line_id: str, actor: Actor) -> LinePage:
    """One line, what it may be for, and its history.

    Raises:
        NotFound: there is none of this id.
    """
    actor.require(Permission.PLATFORM_READ)
    found = tx.execute(select(BankLine).where(BankLine.public_id == line_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    may = actor.may(Permission.BANK_MATCH) and not found.undone
    waiting = None
    if may and found.state is LineState.SUSPENSE:
        waiting = _waiting(tx, [found], actor)[0]
    return LinePage(
        line=_rows(tx, [found], actor)[0],
        waiting=waiting,
        may_book_fee=may and found.state is LineState.UNEXPLAINED,
        history=tuple(history(tx, line_id)),
    )


def purchase_named(tx: Session, typed: str, actor: Actor) -> str:
    """The public id of the purchase that a person names by number or reference code.

    Raises:
        NoSuchPurchase: nothing is called that.
    """
    actor.require(Permission.BANK_MATCH)
    name = typed.strip()
    found = tx.execute(
        select(Purchase.public_id).where(
            or_(
                Purchase.number == name.upper(),
                Purchase.reference == (read_reference(name) or ""),
            )
        )
    ).scalar_one_or_none()
    if found is None:
        raise NoSuchPurchase()
    return found


def _rows(tx: Session, lines: Sequence[BankLine], actor: Actor) -> list[LineRow]:
    numbers = _numbers(tx, [line.id for line in lines])
    files = {
        key: public_id
        for key, public_id in tx.execute(
            select(BankStatement.id, BankStatement.public_id).where(
                BankStatement.id.in_({line.statement_id for line in lines})
            )
        )
    }
    return [
        LineRow(
            line.public_id,
            files[line.statement_id],
            line.position,
            line.at,
            line.amount,
            line.balance,
            payer_shown(line.counterparty, actor),
            line.account_last4,
            line.memo,
            line.serial,
            line.state,
            line.undone,
            tuple(numbers[line.id]),
        )
        for line in lines
    ]


def _numbers(tx: Session, line_ids: Collection[int]) -> dict[int, list[str]]:
    rows = tx.execute(
        select(Payment.bank_line_id, Purchase.number)
        .join(Order, Order.id == Payment.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(Payment.bank_line_id.in_(line_ids), Payment.undone.is_(False))
        .order_by(Payment.id)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for line_id, number in rows:
        if number not in found[line_id]:
            found[line_id].append(number)
    return found


def payer_shown(name: str, actor: Actor) -> str:
    """A payer's name; a person's (up to four characters) is masked for who only reads."""
    if len(name) > 4 or actor.may(Permission.BANK_MATCH):
        return name
    return name[:1] + "*" * (len(name) - 1)
