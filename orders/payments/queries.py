"""Reading statements and their lines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.payments.gaps import Gap, gaps
from orders.payments.models import BankLayout, BankLine, BankStatement, Payment
from orders.payments.states import FileFormat, LineState, StatementState
from orders.purchasing.models import Order, Purchase
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.money import Money
from shop.core.permissions import Permission
from shop.identity.models import User

PAGE = 100

#: Lines of a statement on one page.
LINES = 500


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement in the list; `waiting` lines still need a person."""

    public_id: str
    state: StatementState
    file_name: str
    format: FileFormat
    layout: str
    repeats: int
    pending: int
    reckoned: bool
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
    explained: str


@dataclass(frozen=True, slots=True)
class StatementPage:
    """One statement, a page of its lines, and its history."""

    row: StatementRow
    page: int
    pages: int
    lines: tuple[LineRow, ...]
    history: tuple[Act, ...]
    may_undo: bool


def statements(tx: Session, actor: Actor) -> list[StatementRow]:
    """The latest statements, newest first."""
    actor.require(Permission.PLATFORM_READ)
    return _statements(tx)


def missing(tx: Session, actor: Actor) -> list[Gap]:
    """Where a stretch is missing between statements."""
    actor.require(Permission.PLATFORM_READ)
    return gaps(tx)


def _statements(tx: Session, public_id: str | None = None) -> list[StatementRow]:
    query = (
        select(BankStatement, User.name, BankLayout.name)
        .outerjoin(User, User.id == BankStatement.imported_by_id)
        .outerjoin(BankLayout, BankLayout.id == BankStatement.layout_id)
    )
    if public_id is not None:
        query = query.where(BankStatement.public_id == public_id)
    rows = tx.execute(query.order_by(BankStatement.id.desc()).limit(PAGE)).all()
    waiting = _counts(tx, [statement.id for statement, *_ in rows])
    return [
        StatementRow(
            statement.public_id,
            statement.state,
            statement.file_name,
            statement.format,
            layout or "",
            statement.repeats,
            statement.pending,
            statement.reckoned,
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
        for statement, name, layout in rows
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


def statement(tx: Session, statement_id: str, actor: Actor, page: int = 1) -> StatementPage:
    """One statement with a page of its lines.

    Raises:
        NotFound: there is none of this id.
    """
    actor.require(Permission.PLATFORM_READ)
    rows = _statements(tx, statement_id)
    if not rows:
        raise NotFound()
    pages = max(1, -(-rows[0].lines // LINES))
    page = min(max(page, 1), pages)
    lines = tx.execute(
        select(BankLine)
        .join(BankStatement, BankStatement.id == BankLine.statement_id)
        .where(BankStatement.public_id == statement_id)
        .order_by(BankLine.position)
        .offset((page - 1) * LINES)
        .limit(LINES)
    ).scalars()
    return StatementPage(
        row=rows[0],
        page=page,
        pages=pages,
        lines=tuple(line_rows(tx, list(lines), actor)),
        history=tuple(history(tx, statement_id)),
        may_undo=rows[0].state is StatementState.IMPORTED and actor.may(Permission.BANK_IMPORT),
    )


def line_rows(tx: Session, lines: Sequence[BankLine], actor: Actor) -> list[LineRow]:
    """Lines as pages show them, in the same order."""
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
            line.explained_number or "",
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
