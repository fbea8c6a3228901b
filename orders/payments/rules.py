"""What a bank statement says, and what each of its lines would do; pure functions.

Rule: docs/money.md, “Money in”.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from orders.payments.sheets import Fault, FileRefused, Problem, Row, read_rows
from shop.core.clock import SHANGHAI
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO, Money, total, yuan
from shop.core.reference import find_references

TIME, DIRECTION, AMOUNT, BALANCE = "交易时间", "收支方向", "金额", "余额"
NAME, ACCOUNT, MEMO, SERIAL = "对方户名", "对方账号", "附言", "流水号"

#: The columns of a demo bank's statement, in the order the bank writes them.
COLUMNS = (TIME, DIRECTION, AMOUNT, BALANCE, NAME, ACCOUNT, MEMO, SERIAL)

_IN, _OUT = ("收入", "贷"), ("支出", "借")
_LONGEST = {NAME: 128, ACCOUNT: 64, MEMO: 255, SERIAL: 64}
_TIMES = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%Y%m%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y-%m-%d",
    "%Y/%m/%d",
)


@dataclass(frozen=True, slots=True)
class StatementLine:
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


@dataclass(frozen=True, slots=True)
class StatementFile:
    """A statement that holds together: opening + Σ amounts = closing, line by line."""

    file_hash: str
    lines: tuple[StatementLine, ...]
    opening: Money
    credits: Money
    debits: Money
    closing: Money


def read_statement(content: bytes) -> StatementFile:
    """Read a statement file whole.

    The opening balance is what stood before the first line; every balance has to follow from the
    line before it.

    Raises:
        FileRefused: with every fault found, by line and column.
    """
    rows = read_rows(content, COLUMNS)
    faults: list[Fault] = []
    read = [_line(row, faults) for row in rows]
    lines = [line for line in read if line is not None]
    if faults:
        raise FileRefused(faults)
    faults = [*_out_of_order(lines), *_not_running(lines), *_serials_twice(lines)]
    if faults:
        raise FileRefused(faults)
    credits = total([line.amount for line in lines if line.amount > ZERO])
    debits = -total([line.amount for line in lines if line.amount < ZERO])
    return StatementFile(
        file_hash=hashlib.sha256(content).hexdigest(),
        lines=tuple(_keyed(lines)),
        opening=lines[0].balance - lines[0].amount,
        credits=credits,
        debits=debits,
        closing=lines[-1].balance,
    )


def _line(row: Row, faults: list[Fault]) -> StatementLine | None:
    before = len(faults)

    def wrong(column: str, problem: Problem) -> None:
        faults.append(Fault(row.line, column, problem, row[column]))

    at = read_time(row[TIME])
    if at is None:
        wrong(TIME, Problem.TIME)
    if row[DIRECTION] not in _IN + _OUT:
        wrong(DIRECTION, Problem.DIRECTION)
    amount, balance = _amount(row[AMOUNT]), _amount(row[BALANCE])
    if amount is None or amount <= ZERO:
        wrong(AMOUNT, Problem.AMOUNT)
    if balance is None:
        wrong(BALANCE, Problem.BALANCE)
    for column, longest in _LONGEST.items():
        if len(row[column]) > longest:
            wrong(column, Problem.TOO_LONG)
    if len(faults) > before:
        return None
    assert at is not None
    assert amount is not None
    assert balance is not None
    return StatementLine(
        line=row.line,
        at=at,
        amount=amount if row[DIRECTION] in _IN else -amount,
        balance=balance,
        counterparty=row[NAME],
        account=row[ACCOUNT],
        memo=row[MEMO],
        serial=row[SERIAL],
    )


def read_time(text: str) -> datetime | None:
    """A moment as banks write it, taken as Shanghai time; None when it cannot be read."""
    for pattern in _TIMES:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=SHANGHAI)
        except ValueError:
            continue
    return None


def _amount(text: str) -> Money | None:
    try:
        return yuan(text)
    except ValueError:
        return None


def _out_of_order(lines: Sequence[StatementLine]) -> list[Fault]:
    return [
        Fault(line.line, TIME, Problem.ORDER, f"{line.at:%Y-%m-%d %H:%M:%S}")
        for before, line in pairwise(lines)
        if line.at < before.at
    ]


def _not_running(lines: Sequence[StatementLine]) -> list[Fault]:
    return [
        Fault(line.line, BALANCE, Problem.RUNNING, str(line.balance))
        for before, line in pairwise(lines)
        if before.balance + line.amount != line.balance
    ]


def _serials_twice(lines: Sequence[StatementLine]) -> list[Fault]:
    # A bank gives each serial once; even an equal line under the same one is somebody's paste.
    seen: set[str] = set()
    faults = []
    for line in lines:
        if line.serial and line.serial in seen:
            faults.append(Fault(line.line, SERIAL, Problem.SERIAL_TWICE, line.serial))
        seen.add(line.serial)
    return faults


def _keyed(lines: Sequence[StatementLine]) -> list[StatementLine]:
    """Name the lines: by the bank's serial, else by content and ordinal in the file.

    The running balance is part of the content. Two equal transfers differ in it, so that each
    keeps its name in a later file that begins between them.
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
                    str(line.balance),
                    line.counterparty,
                    line.account,
                    line.memo,
                ]
            )
            digest = hashlib.sha256(content.encode()).hexdigest()
            ordinals[digest] += 1
            key = f"content:{digest}:{ordinals[digest]}"
        keyed.append(replace(line, key=key))
    return keyed


def already_booked(file: StatementFile, keys: Collection[str]) -> list[Fault]:
    """A fault for each line whose key has been booked before."""
    return [
        Fault(line.line, SERIAL if line.serial else "", Problem.LINE_BOOKED, line.serial)
        for line in file.lines
        if line.key in keys
    ]


# --- what each line would do --------------------------------------------------------------------


class Finding(Labelled):
    """What a line turns out to be, before anybody has looked at it."""

    MATCHED = "matched", N_("与采购单应付款一致，直接入账")
    PARTIAL = "partial", N_("少于采购单应付款，先挂待认领")
    OVER = "over", N_("多于采购单应付款，先挂待认领")
    NOT_PAYABLE = "not_payable", N_("采购单现在不能收款，先挂待认领")
    SEVERAL = "several", N_("附言里有几张采购单的识别码，先挂待认领")
    UNKNOWN = "unknown", N_("没有认出识别码，先挂待认领")
    PAYOUT = "payout", N_("打款付出，确认到账")
    OUTGOING = "outgoing", N_("支出没有对应的打款，等人说明")


@dataclass(frozen=True, slots=True)
class Claim:
    """A purchase that a reference code in a memo names, and what it still waits for."""

    purchase_id: int
    number: str
    open: Money
    payable: bool


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A payout item or refund on its way that a debit line may show leaving."""

    item_id: int
    number: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Decision:
    """What one line does at import: `number` of the purchase or payout it names, if one."""

    finding: Finding
    claim: Claim | None = None
    outgoing: Outgoing | None = None

    @property
    def number(self) -> str:
        """The number on the paper the line belongs to; empty when it is not known."""
        named = self.claim or self.outgoing
        return named.number if named else ""


def references_in(lines: Sequence[StatementLine]) -> set[str]:
    """Every reference code in the memos."""
    return {code for line in lines for code in find_references(line.memo)}


def decide(
    lines: Sequence[tuple[Money, str]],
    claims: Mapping[str, Claim],
    outgoing: Mapping[str, Outgoing],
) -> list[Decision]:
    """Say for each line what it does, in the order of the file.

    A purchase paid by one line is not paid again by a later one; an item leaves once.

    Args:
        lines: amount (above zero in, below zero out) and memo of each.
        claims: purchases by their reference code.
        outgoing: items in transit or unknown, by theirs.
    """
    open_now = {claim.purchase_id: claim.open for claim in claims.values()}
    left = dict(outgoing)
    decisions = []
    for amount, memo in lines:
        codes = find_references(memo)
        if amount < ZERO:
            item = next((left[c] for c in codes if c in left and left[c].amount == -amount), None)
            if item is None:
                decisions.append(Decision(Finding.OUTGOING))
            else:
                left = {code: other for code, other in left.items() if other is not item}
                decisions.append(Decision(Finding.PAYOUT, outgoing=item))
            continue
        named = [claims[code] for code in codes if code in claims]
        decision = _credit(amount, named, open_now)
        if decision.finding is Finding.MATCHED and decision.claim:
            open_now[decision.claim.purchase_id] = ZERO
        decisions.append(decision)
    return decisions


def _credit(amount: Money, named: Sequence[Claim], open_now: Mapping[int, Money]) -> Decision:
    if not named:
        return Decision(Finding.UNKNOWN)
    if len({claim.purchase_id for claim in named}) > 1:
        return Decision(Finding.SEVERAL)
    claim = named[0]
    if not claim.payable:
        return Decision(Finding.NOT_PAYABLE, claim)
    due = open_now[claim.purchase_id]
    if amount == due:
        return Decision(Finding.MATCHED, claim)
    return Decision(Finding.PARTIAL if amount < due else Finding.OVER, claim)
