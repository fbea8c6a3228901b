"""What the bank is told and what it answers; what stands out in a batch. Pure functions.

Rule: docs/money.md, “Payouts”.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.payments.files import read_time
from orders.payments.sheets import Fault, FileRefused, Problem, Row, read_rows
from shop.core.labels import N_, Labelled
from shop.core.money import Money
from shop.core.reference import read_reference

#: The columns of the neutral payout file; a bank's own format is made from the same rows.
FILE_COLUMNS = (
    "序号",
    "收款账号",
    "收款户名",
    "开户行",
    "联行号",
    "金额",
    "用途",
    "业务参考号",
)

REFERENCE, OUTCOME, REASON, AT = "业务参考号", "状态", "原因", "处理时间"

#: The columns of the bank's answer.
RESULT_COLUMNS = (REFERENCE, OUTCOME, REASON, AT)


class Obstacle(Labelled):
    """Why somebody who is owed money is left out of a batch."""

    NO_ACCOUNT = "no_account", N_("还没有收款账户")
    ACCOUNT_REFUSED = "account_refused", N_("账户上次被银行退回，等更换")
    IN_FLIGHT = "in_flight", N_("已在另一批里，还没有结果")


class Flag(Labelled):
    """What a person should look at before approving."""

    NEW_ACCOUNT = "new_account", N_("上次打款后换了账户")
    LARGE = "large", N_("超过同类中位数的三倍")
    RETRY = "retry", N_("上次被退回，这次重打")


class Outcome(Labelled):
    """What the bank says of one payment."""

    PAID = "成功", N_("成功")
    REFUSED = "失败", N_("失败")
    PROCESSING = "处理中", N_("处理中")


@dataclass(frozen=True, slots=True)
class BankRow:
    """One payment as the bank is told it; the account number in clear."""

    position: int
    number: str
    holder: str
    bank: str
    cnaps: str
    amount: Money
    purpose: str
    reference: str


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One line of the bank's answer; `line` as the file counts it."""

    line: int
    reference: str
    outcome: Outcome
    reason: str
    at: datetime | None


def bank_file(rows: Sequence[BankRow]) -> bytes:
    """The payout file: CSV in GB18030, every cell as text, the same bytes for the same rows.

    GB18030 writes every character a name may have (GBK does not). A cell that a spreadsheet
    would take for a formula is defused.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(FILE_COLUMNS)
    for row in rows:
        cells = (
            str(row.position),
            row.number,
            row.holder,
            row.bank,
            row.cnaps,
            str(row.amount),
            row.purpose,
            row.reference,
        )
        writer.writerow([defused(cell) for cell in cells])
    return out.getvalue().encode("gb18030")


def defused(cell: str) -> str:
    """A cell that no spreadsheet runs: NUL and line ends gone, a quote before ``= + - @``."""
    plain = "".join(" " if ch in "\r\n\t\0" else ch for ch in cell)
    return f"'{plain}" if plain.lstrip()[:1] in ("=", "+", "-", "@") else plain


def file_hash(content: bytes) -> str:
    """The hash by which a file is frozen."""
    return hashlib.sha256(content).hexdigest()


def seen_hash(items: Sequence[Sequence[object]]) -> str:
    """The hash over what a second person sees and approves; `items` in the order of the batch."""
    content = json.dumps([[str(value) for value in item] for item in items], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()


#: Smaller payments need no second look, however small the others are.
LARGE_FROM = Money(5_000)


def is_large(amount: Money, others: Sequence[Money]) -> bool:
    """Whether an amount is over three times the median of all of its kind, itself among them.

    Never below `LARGE_FROM`.
    """
    if amount < LARGE_FROM:
        return False
    ordered = sorted(others)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    return amount * 2 > (low + high) * 3


def read_results(content: bytes) -> tuple[ResultLine, ...]:
    """Read the bank's answer whole.

    Raises:
        FileRefused: with every fault found, by line and column.
    """
    faults: list[Fault] = []
    seen: set[str] = set()
    lines = []
    for row in read_rows(content, RESULT_COLUMNS):
        line = _result(row, faults)
        if line is None:
            continue
        if line.reference in seen:
            faults.append(Fault(row.line, REFERENCE, Problem.REFERENCE_TWICE, row[REFERENCE]))
        seen.add(line.reference)
        lines.append(line)
    if faults:
        raise FileRefused(faults)
    return tuple(lines)


def _result(row: Row, faults: list[Fault]) -> ResultLine | None:
    before = len(faults)
    reference = read_reference(row[REFERENCE])
    if reference is None:
        faults.append(Fault(row.line, REFERENCE, Problem.REFERENCE, row[REFERENCE]))
    outcome = {known.value: known for known in Outcome}.get(row[OUTCOME])
    if outcome is None:
        faults.append(Fault(row.line, OUTCOME, Problem.OUTCOME, row[OUTCOME]))
    at = read_time(row[AT])
    if at is None and (row[AT] or outcome is not Outcome.PROCESSING):
        faults.append(Fault(row.line, AT, Problem.TIME, row[AT]))
    if len(row[REASON]) > 200:
        faults.append(Fault(row.line, REASON, Problem.TOO_LONG, row[REASON][:20]))
    if len(faults) > before or reference is None or outcome is None:
        return None
    return ResultLine(row.line, reference, outcome, row[REASON], at)
