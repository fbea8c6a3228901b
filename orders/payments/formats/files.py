"""What a statement file says, whatever its format: lines that hold together, each with a name.

Pure functions. The readers of single formats are `tables`, `mt940` and
`camt`; `reading` chooses among them.

Rule: docs/money.md, “Money in”.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

from orders.payments.formats.sheets import Fault, FileRefused, Problem
from orders.payments.states import FileFormat
from shop.core.clock import SHANGHAI
from shop.core.money import ZERO, Money, total, yuan

#: More lines than this are not read at once.
MAX_LINES = 200_000

#: How long the texts of a line may be: counterparty, account, memo, serial.
LONGEST = {"counterparty": 128, "account": 64, "memo": 255, "serial": 64}

_PLAIN_TIME = re.compile(r"\d{4}([-/])\d{2}\1\d{2}(?: \d{2}:\d{2}(?::\d{2})?)?")
#: What nearly every amount of a bank looks like; anything else is read with more care.
_PLAIN_AMOUNT = re.compile(r"-?\d{1,13}\.\d\d")
_TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d %H%M%S",
    "%Y%m%d%H%M%S",
    "%Y-%m-%d",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y年%m月%d日 %H:%M:%S",
    "%Y年%m月%d日",
)


class StatementLine(NamedTuple):
    """One line of a statement. `amount` above zero came in, below zero went out.

    `line` is where it stands in the file (the heading is line 1); `key` is its name for ever.
    """

    line: int
    at: datetime
    amount: Money
    balance: Money
    counterparty: str
    account: str
    memo: str
    serial: str
    key: str = ""


class Stated(NamedTuple):
    """The balances before and after a file, as a person read them at the bank."""

    opening: Money
    closing: Money


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A statement that holds together: opening + Σ amounts = closing, line by line.

    `layout` is the public id of the layout a table was read by. `pending` counts entries the bank
    announces but has not booked; they are left out. `reckoned`: the bank tells no balances, they
    follow from what a person stated.
    """

    file_hash: str
    format: FileFormat
    layout: str
    lines: tuple[StatementLine, ...]
    opening: Money
    closing: Money
    pending: int = 0
    reckoned: bool = False

    @property
    def credits(self) -> Money:
        """What came in."""
        return total([line.amount for line in self.lines if line.amount > ZERO])

    @property
    def debits(self) -> Money:
        """What went out, above zero."""
        return -total([line.amount for line in self.lines if line.amount < ZERO])


@dataclass(frozen=True, slots=True)
class Names:
    """What a format calls the places of a line, for naming faults."""

    time: str
    balance: str
    serial: str


def checked(
    content: bytes,
    lines: Sequence[StatementLine],
    names: Names,
    file_format: FileFormat,
    *,
    layout: str = "",
    pending: int = 0,
    reckoned: bool = False,
) -> StatementFile:
    """A statement of these lines, which stand from early to late.

    The opening balance is what stood before the first line; every balance has to follow from the
    line before it.

    Raises:
        FileRefused: they do not hold together; with every fault found.
    """
    if not lines:
        raise FileRefused([Fault(1, "", Problem.EMPTY)])
    if len(lines) > MAX_LINES:
        raise FileRefused([Fault(lines[MAX_LINES].line, "", Problem.TOO_MANY)])
    faults = [
        *_out_of_order(lines, names.time),
        *([] if reckoned else _not_running(lines, names.balance)),
        *_serials_twice(lines, names.serial),
    ]
    if faults:
        raise FileRefused(faults)
    return StatementFile(
        file_hash=hashlib.sha256(content).hexdigest(),
        format=file_format,
        layout=layout,
        lines=tuple(_keyed(lines, reckoned=reckoned)),
        opening=lines[0].balance - lines[0].amount,
        closing=lines[-1].balance,
        pending=pending,
        reckoned=reckoned,
    )


def read_time(text: str) -> datetime | None:
    """A moment as banks write it, taken as Shanghai time; None when it cannot be read."""
    if _PLAIN_TIME.fullmatch(text):
        try:
            return datetime.fromisoformat(text.replace("/", "-")).replace(tzinfo=SHANGHAI)
        except ValueError:
            return None
    for pattern in _TIMES:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    return None


def read_amount(text: str) -> Money | None:
    """An amount with at most two decimals, of either sign; None when it cannot be read."""
    if _PLAIN_AMOUNT.fullmatch(text):
        return Money(int(text.replace(".", "")))
    try:
        return yuan(text.removeprefix("+"))
    except ValueError:
        return None


def _out_of_order(lines: Sequence[StatementLine], column: str) -> list[Fault]:
    return [
        Fault(line.line, column, Problem.ORDER, f"{line.at:%Y-%m-%d %H:%M:%S}")
        for before, line in pairwise(lines)
        if line.at < before.at
    ]


def _not_running(lines: Sequence[StatementLine], column: str) -> list[Fault]:
    return [
        Fault(line.line, column, Problem.RUNNING, str(line.balance))
        for before, line in pairwise(lines)
        if before.balance.fen + line.amount.fen != line.balance.fen
    ]


def _serials_twice(lines: Sequence[StatementLine], column: str) -> list[Fault]:
    # A bank gives each serial once; even an equal line under the same one is somebody's paste.
    seen: set[str] = set()
    faults = []
    for line in lines:
        if line.serial and line.serial in seen:
            faults.append(Fault(line.line, column, Problem.SERIAL_TWICE, line.serial))
        seen.add(line.serial)
    return faults


def _keyed(lines: Sequence[StatementLine], *, reckoned: bool) -> list[StatementLine]:
    """Name the lines: by the bank's serial, else by content and ordinal in the file.

    The running balance is part of the content. Two equal transfers differ in it, so that each
    keeps its name in a later file that begins between them. A balance that is only reckoned is
    left out: it is as wrong as what a person typed, and then every line would be booked again.
    """
    ordinals: Counter[str] = Counter()
    keyed = []
    for line in lines:
        if line.serial:
            key = f"serial:{line.serial}"
        else:
            content = "\x1f".join(
                [
                    line.at.isoformat(),
                    str(line.amount),
                    "" if reckoned else str(line.balance),
                    line.counterparty,
                    line.account,
                    line.memo,
                ]
            )
            digest = hashlib.sha256(content.encode()).hexdigest()
            ordinals[digest] += 1
            key = f"content:{digest}:{ordinals[digest]}"
        keyed.append(StatementLine(*line[:-1], key))
    return keyed


# --- formats that state balances around their entries, not after each ---------------------------


@dataclass(frozen=True, slots=True)
class Stretch:
    """One statement of a file that may hold several: entries between two stated balances.

    `line` is where it begins, `end` where its closing balance stands. The entries' own balances
    are not read: `chained` computes them.
    """

    line: int
    end: int
    account: str
    opening: Money
    closing: Money
    entries: tuple[StatementLine, ...]


def chained(stretches: Sequence[Stretch], opening: str, closing: str) -> list[StatementLine]:
    """The entries of statements that follow each other, with running balances.

    Args:
        opening, closing: what the format calls the balances, for naming faults.

    Raises:
        FileRefused: two accounts, a statement that does not begin where the one before ended, or
            whose entries do not lead from its opening to its closing balance.
    """
    faults: list[Fault] = []
    lines: list[StatementLine] = []
    before: Stretch | None = None
    for stretch in stretches:
        if before and stretch.account != before.account:
            faults.append(Fault(stretch.line, "", Problem.TWO_ACCOUNTS, stretch.account[-4:]))
        if before and stretch.opening != before.closing:
            faults.append(Fault(stretch.line, opening, Problem.OPENING, str(stretch.opening)))
        balance = stretch.opening
        for entry in stretch.entries:
            balance += entry.amount
            lines.append(entry._replace(balance=balance))
        if balance != stretch.closing:
            faults.append(Fault(stretch.end, closing, Problem.CLOSING, str(stretch.closing)))
        before = stretch
    if faults:
        raise FileRefused(faults)
    return lines


def too_long(line: StatementLine) -> list[Fault]:
    """A fault for each text of a line that is longer than the books keep."""
    return [
        Fault(line.line, name, Problem.TOO_LONG, getattr(line, name)[:40])
        for name, longest in LONGEST.items()
        if len(getattr(line, name)) > longest
    ]
