"""Bank layouts (流水版式): how a bank's table is read, as data. Pure functions.

Rule: docs/money.md, “Money in”.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orders.payments.formats.files import (
    LONGEST,
    MAX_LINES,
    Names,
    StatementFile,
    StatementLine,
    checked,
    read_amount,
    read_time,
)
from orders.payments.formats.sheets import (
    DELIMITERS,
    Fault,
    FileRefused,
    Problem,
    Row,
    refuse_heading,
    rows_of,
    under_heading,
)
from orders.payments.states import AmountWay, Encoding, FileFormat
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO, Money

#: How far down a heading may stand.
MAX_SKIPPED = 30


class Field(Labelled):
    """What a column of a statement may be for us."""

    TIME = "time", N_("交易时间")
    DATE = "date", N_("交易日期")
    CLOCK = "clock", N_("几点几分")
    AMOUNT = "amount", N_("金额")
    DIRECTION = "direction", N_("收支方向")
    CREDIT = "credit", N_("收入金额")
    DEBIT = "debit", N_("支出金额")
    BALANCE = "balance", N_("余额")
    NAME = "name", N_("对方户名")
    ACCOUNT = "account", N_("对方账号")
    MEMO = "memo", N_("附言")
    SERIAL = "serial", N_("流水号")


#: The columns each way of stating amounts needs.
AMOUNT_FIELDS = {
    AmountWay.DIRECTION: (Field.AMOUNT, Field.DIRECTION),
    AmountWay.SIGNED: (Field.AMOUNT,),
    AmountWay.SIDES: (Field.CREDIT, Field.DEBIT),
}
_TEXTS = {
    "counterparty": Field.NAME,
    "account": Field.ACCOUNT,
    "memo": Field.MEMO,
    "serial": Field.SERIAL,
}
_JOINED = "+"


class LayoutFlaw(Labelled):
    """Why a layout cannot be used."""

    NO_TIME = "no_time", N_("要有“交易时间”一列，或“交易日期”一列")
    NO_BALANCE = "no_balance", N_("要有“余额”一列：没有余额就核对不了期初和期末")
    NO_AMOUNT = "no_amount", N_("金额的列和所选的写法不符")
    NO_WORDS = "no_words", N_("请写明表示收入和支出的用词，两边不能相同")
    COLUMN_TWICE = "column_twice", N_("同一列不能当两样用")
    SKIP = "skip", N_("表头前后要跳过的行数应在 0 到 30 之间")
    DELIMITER = "delimiter", N_("分隔符只能是逗号、制表符、分号或竖线")


@dataclass(frozen=True, slots=True)
class Layout:
    """How one bank's table is read.

    `columns` are the bank's names by our fields; several columns that make up the memo are joined
    by “+”. `skip` lines stand above the heading and `skip_after` below the last line.
    `others`: columns not named here are passed over; else they are a fault.
    """

    name: str
    bank: str
    way: AmountWay
    columns: Mapping[Field, str]
    format: FileFormat | None = None
    encoding: Encoding = Encoding.AUTO
    delimiter: str = ","
    skip: int = 0
    skip_after: int = 0
    words_in: tuple[str, ...] = ()
    words_out: tuple[str, ...] = ()
    newest_first: bool = False
    others: bool = True
    public_id: str = ""

    @property
    def wanted(self) -> list[str]:
        """The names its heading must have."""
        return [
            part.strip() for name in self.columns.values() for part in name.split(_JOINED) if part
        ]

    def flaw(self) -> LayoutFlaw | None:
        """The first thing wrong with it; None when it can be used."""
        has = set(self.columns)
        own = set(AMOUNT_FIELDS[self.way])
        amounts = {field for fields in AMOUNT_FIELDS.values() for field in fields}
        both = set(self.words_in) & set(self.words_out)
        checks = (
            (LayoutFlaw.NO_TIME, (Field.TIME in has) == (Field.DATE in has)),
            (LayoutFlaw.NO_TIME, Field.CLOCK in has and Field.DATE not in has),
            (LayoutFlaw.NO_BALANCE, Field.BALANCE not in has),
            (LayoutFlaw.NO_AMOUNT, has & amounts != own),
            (
                LayoutFlaw.NO_WORDS,
                self.way is AmountWay.DIRECTION
                and (not self.words_in or not self.words_out or bool(both)),
            ),
            (LayoutFlaw.COLUMN_TWICE, len(set(self.wanted)) < len(self.wanted)),
            (
                LayoutFlaw.SKIP,
                not (0 <= self.skip <= MAX_SKIPPED and 0 <= self.skip_after <= MAX_SKIPPED),
            ),
            (LayoutFlaw.DELIMITER, self.delimiter not in DELIMITERS),
        )
        return next((flaw for flaw, holds in checks if holds), None)

    def heading(self, rows: Sequence[tuple[int, list[str]]]) -> tuple[int, list[str]] | None:
        """The row its heading stands in; None when there is none."""
        return next((row for row in rows if row[0] > self.skip and any(row[1])), None)

    def fits(self, heading: Sequence[str]) -> bool:
        """Whether a heading is that of this layout."""
        names = self.wanted
        known = all(heading.count(name) == 1 for name in names)
        return known and (self.others or set(heading) <= set(names))

    def takes(self, file_format: FileFormat) -> bool:
        """Whether files of a format may be of this layout."""
        return self.format in (None, file_format)


def read(content: bytes, layout: Layout, file_format: FileFormat) -> StatementFile:
    """Read a table whole by a layout.

    Raises:
        FileRefused: with every fault found, by line and column.
    """
    lines = lines_of(content, layout)
    names = Names(
        time=layout.columns.get(Field.TIME) or layout.columns[Field.DATE],
        balance=layout.columns[Field.BALANCE],
        serial=layout.columns.get(Field.SERIAL, ""),
    )
    return checked(content, lines, names, file_format, layout=layout.public_id)


def lines_of(content: bytes, layout: Layout) -> list[StatementLine]:
    """The lines of a table from early to late; whether they hold together is not looked at yet.

    Raises:
        FileRefused: encoding, columns or cells, with every fault found.
    """
    rows = rows_of(
        content,
        encoding=layout.encoding.value,
        delimiter=layout.delimiter,
        max_rows=MAX_LINES + 2 * MAX_SKIPPED + 1,
    )
    heading = layout.heading(rows)
    if heading is None:
        raise FileRefused([Fault(1, "", Problem.EMPTY)])
    number, names = heading
    refuse_heading(number, names, layout.wanted, others=layout.others)
    body = [row for row in rows if row[0] > number and any(row[1])]
    if layout.skip_after:
        body = body[: -layout.skip_after]
    faults: list[Fault] = []
    read_rows = under_heading(number, names, body, max_rows=MAX_LINES)
    read_lines = [_line(row, layout, faults) for row in read_rows]
    if faults:
        raise FileRefused(faults)
    lines = [line for line in read_lines if line is not None]
    return lines[::-1] if layout.newest_first else lines


def _line(row: Row, layout: Layout, faults: list[Fault]) -> StatementLine | None:
    before = len(faults)
    columns = layout.columns
    column = columns.get(Field.TIME) or columns[Field.DATE]
    written = row[column]
    if clock := columns.get(Field.CLOCK):
        written = f"{written} {row[clock]}".strip()
    at = read_time(written)
    if at is None:
        faults.append(Fault(row.line, column, Problem.TIME, written))
    amount = _amount(row, layout, faults)
    balance = read_amount(row[columns[Field.BALANCE]])
    if balance is None:
        found = row[columns[Field.BALANCE]]
        faults.append(Fault(row.line, columns[Field.BALANCE], Problem.BALANCE, found))
    texts = {name: _text(row, columns.get(field)) for name, field in _TEXTS.items()}
    for name, longest in LONGEST.items():
        if len(texts[name]) > longest:
            column = columns[_TEXTS[name]]
            faults.append(Fault(row.line, column, Problem.TOO_LONG, texts[name]))
    if len(faults) > before:
        return None
    assert at is not None
    assert balance is not None
    return StatementLine(line=row.line, at=at, amount=amount, balance=balance, **texts)


def _text(row: Row, column: str | None) -> str:
    if column is None:
        return ""
    if _JOINED not in column:
        return row[column]
    return " ".join(filter(None, (row[part.strip()] for part in column.split(_JOINED) if part)))


def _amount(row: Row, layout: Layout, faults: list[Fault]) -> Money:
    """What a row moved, in above zero and out below; zero once it is at fault."""
    columns = layout.columns
    if layout.way is AmountWay.SIDES:
        return _of_two_sides(row, columns[Field.CREDIT], columns[Field.DEBIT], faults)
    column = columns[Field.AMOUNT]
    amount = read_amount(row[column])
    if layout.way is AmountWay.SIGNED:
        if not amount:
            faults.append(Fault(row.line, column, Problem.SIGNED, row[column]))
        return amount or ZERO
    direction = columns[Field.DIRECTION]
    word = row[direction]
    if word not in layout.words_in + layout.words_out:
        faults.append(Fault(row.line, direction, Problem.DIRECTION, word))
    if amount is None or amount <= ZERO:
        faults.append(Fault(row.line, column, Problem.AMOUNT, row[column]))
        return ZERO
    return amount if word in layout.words_in else -amount


def _of_two_sides(row: Row, credit: str, debit: str, faults: list[Fault]) -> Money:
    # Banks leave the other side empty, write a dash, or fill it with 0.00.
    sides = [
        ZERO if row[column] in ("", "-", "--") else read_amount(row[column])
        for column in (credit, debit)
    ]
    for column, side in zip((credit, debit), sides, strict=True):
        if side is None or side < ZERO:
            faults.append(Fault(row.line, column, Problem.AMOUNT, row[column]))
            return ZERO
    came, went = sides
    assert came is not None
    assert went is not None
    if bool(came) == bool(went):
        faults.append(Fault(row.line, credit, Problem.BOTH_SIDES, f"{came} / {went}"))
        return ZERO
    return came or -went
