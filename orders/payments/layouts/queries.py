"""Reading layouts, and trying one out on a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.payments.formats.files import StatementLine, checked
from orders.payments.formats.reading import format_of
from orders.payments.formats.sheets import Fault, FileRefused, Problem
from orders.payments.formats.tables import Field, Layout, lines_of
from orders.payments.layouts import store
from orders.payments.models import BankLayout, BankStatement
from orders.payments.states import LayoutState
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.identity.models import User

#: So many lines of a sample are shown.
TRIED = 20


@dataclass(frozen=True, slots=True)
class LayoutRow:
    """One version of a layout; `used` by so many statements."""

    public_id: str
    state: LayoutState
    version: int
    layout: Layout
    added_at: datetime
    added_by: str
    used: int


@dataclass(frozen=True, slots=True)
class LayoutPage:
    """One version, the other versions under its name, and its history."""

    row: LayoutRow
    versions: tuple[LayoutRow, ...]
    history: tuple[Act, ...]
    may_change: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """How a sample would be read: its first lines, how many there are, and every fault.

    `balances`: the layout has them, so that they were checked line by line.
    """

    lines: tuple[StatementLine, ...]
    count: int
    faults: tuple[Fault, ...]
    balances: bool


def layouts(tx: Session, actor: Actor) -> list[LayoutRow]:
    """Every version of every layout: those in use first, then by name, the newest first."""
    actor.require(Permission.PLATFORM_READ)
    rows = _rows(tx)
    return sorted(rows, key=lambda r: (r.state is LayoutState.RETIRED, r.layout.name, -r.version))


def layout(tx: Session, layout_id: str, actor: Actor) -> LayoutPage:
    """One version of a layout.

    Raises:
        NotFound: there is none of this id.
    """
    actor.require(Permission.PLATFORM_READ)
    rows = _rows(tx)
    row = next((row for row in rows if row.public_id == layout_id), None)
    if row is None:
        raise NotFound()
    return LayoutPage(
        row,
        tuple(r for r in rows if r.layout.name == row.layout.name and r is not row),
        tuple(history(tx, layout_id)),
        row.state is LayoutState.ACTIVE and actor.may(Permission.BANK_IMPORT),
    )


def choices(tx: Session, actor: Actor) -> list[tuple[str, str]]:
    """The layouts in use as (public id, name), for a form."""
    actor.require(Permission.BANK_IMPORT)
    return [(one.public_id, one.name) for one in store.active(tx)]


def tried(content: bytes, layout: Layout) -> Trial:
    """How a sample file would be read by a layout; nothing is kept of it."""
    file_format = format_of(content)
    balances = Field.BALANCE in layout.columns
    if not layout.takes(file_format):
        return Trial((), 0, (Fault(1, "", Problem.OTHER_FORMAT),), balances)
    lines: list[StatementLine] = []
    try:
        lines = lines_of(content, layout)
        checked(content, lines, layout.names, file_format, reckoned=not balances)
    except FileRefused as refusal:
        return Trial(tuple(lines[:TRIED]), len(lines), refusal.faults, balances)
    return Trial(tuple(lines[:TRIED]), len(lines), (), balances)


def _rows(tx: Session) -> list[LayoutRow]:
    used: Counter[int | None] = Counter(
        {
            key: count
            for key, count in tx.execute(
                select(BankStatement.layout_id, func.count()).group_by(BankStatement.layout_id)
            )
        }
    )
    rows = tx.execute(
        select(BankLayout, User.name)
        .outerjoin(User, User.id == BankLayout.added_by_id)
        .order_by(BankLayout.name, BankLayout.version.desc())
    )
    return [
        LayoutRow(
            row.public_id,
            row.state,
            row.version,
            store.as_layout(row),
            row.added_at,
            name or "",
            used[row.id],
        )
        for row, name in rows
    ]
