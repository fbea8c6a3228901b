"""Bank layouts (流水版式): how a bank's table is read, as data. Pure functions.

Rule: docs/money.md, “Money in”.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.payments.formats.files import (
    LONGEST,
    MAX_LINES,
    Names,
    Stated,
    StatementFile,
    StatementLine,
    Stretch,
    chained,
    checked,
    read_amount,
    read_time,
)
from orders.payments.formats.sheets import (
    DELIMITERS,
    Fault,
    FileRefused,
    Problem,
    other_widths,
    refuse_heading,
    rows_of,
    without_last,
)
from orders.payments.states import AmountWay, Encoding, FileFormat
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO, Money

#: So many rows are read at a time; of the text of a large file little is held at once.
STRETCH = 10_000

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

    @property
    def names(self) -> Names:
        """What the bank calls the places of a line, for naming faults."""
        return Names(
            time=self.columns.get(Field.TIME) or self.columns[Field.DATE],
            balance=self.columns.get(Field.BALANCE, ""),
            serial=self.columns.get(Field.SERIAL, ""),
        )

    def flaw(self) -> LayoutFlaw | None:
        """The first thing wrong with it; None when it can be used."""
        has = set(self.columns)
        own = set(AMOUNT_FIELDS[self.way])
        amounts = {field for fields in AMOUNT_FIELDS.values() for field in fields}
        both = set(self.words_in) & set(self.words_out)
        checks = (
            (LayoutFlaw.NO_TIME, (Field.TIME in has) == (Field.DATE in has)),
            (LayoutFlaw.NO_TIME, Field.CLOCK in has and Field.DATE not in has),
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

    def heading(self, rows: Iterable[tuple[int, list[str]]]) -> tuple[int, list[str]] | None:
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


def read(
    content: bytes, layout: Layout, file_format: FileFormat, stated: Stated | None = None
) -> StatementFile:
    """Read a table whole by a layout.

    Args:
        stated: what a person read at the bank; asked for where the layout has no balances, from
            which they are reckoned then.

    Raises:
        FileRefused: with every fault found, by line and column.
    """
    lines = lines_of(content, layout)
    if Field.BALANCE in layout.columns:
        return checked(content, lines, layout.names, file_format, layout=layout.public_id)
    if stated is None:
        raise FileRefused([Fault(1, "", Problem.NOT_STATED, layout.name)])
    return checked(
        content,
        reckoned(lines, stated),
        layout.names,
        file_format,
        layout=layout.public_id,
        reckoned=True,
    )


def reckoned(lines: Sequence[StatementLine], stated: Stated) -> list[StatementLine]:
    """Lines without balances of their own, with those that follow from the opening balance.

    Raises:
        FileRefused: they do not lead to the closing balance.
    """
    first, last = (lines[0].line, lines[-1].line) if lines else (1, 1)
    whole = Stretch(first, last, "", stated.opening, stated.closing, tuple(lines))
    return chained([whole], "", "")


def lines_of(content: bytes, layout: Layout) -> list[StatementLine]:
    """The lines of a table from early to late; whether they hold together is not looked at yet.

    A layout without a balance column leaves every balance at zero.

    Raises:
        FileRefused: encoding, columns or cells, with every fault found.
    """
    faults: list[Fault] = []
    lines: list[StatementLine] = []
    for columns in _columns(content, layout, faults):
        times = _times(columns, layout, faults)
        amounts = _amounts(columns, layout, faults)
        balances = _balances(columns, layout, faults)
        texts = [_texts(columns, layout, name, faults) for name in LONGEST]
        if not faults:
            lines += map(StatementLine, columns.numbers, times, amounts, balances, *texts)
    if faults:
        raise FileRefused(faults)
    return lines[::-1] if layout.newest_first else lines


@dataclass(frozen=True, slots=True)
class Columns:
    """A stretch of a table turned on its side, to be read column by column.

    `numbers` are the rows as the file counts them.
    """

    numbers: Sequence[int]
    cells: Mapping[str, Sequence[str]]

    def wrong(
        self, column: str, problem: Problem, which: Iterable[bool], found: Iterable[str]
    ) -> list[Fault]:
        """A fault for each row of which it is true, with what was found there."""
        return [
            Fault(number, column, problem, text)
            for number, text, is_wrong in zip(self.numbers, found, which, strict=True)
            if is_wrong
        ]


def _columns(content: bytes, layout: Layout, faults: list[Fault]) -> Iterator[Columns]:
    """The wanted columns of the rows below the heading, a stretch of rows at a time."""
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
    wanted = [(name, names.index(name)) for name in layout.wanted]
    body = without_last((row for row in rows if any(row[1])), layout.skip_after)
    count = 0
    while part := list(itertools.islice(body, STRETCH)):
        count += len(part)
        if count > MAX_LINES:
            raise FileRefused([Fault(part[MAX_LINES - count][0], "", Problem.TOO_MANY)])
        refused = other_widths(names, part)
        if not refused:
            numbers, cells = zip(*part, strict=True)
            columns = list(zip(*cells, strict=True))
            yield Columns(numbers, {name: columns[place] for name, place in wanted})
        faults += refused
    if not count:
        raise FileRefused([Fault(number + 1, "", Problem.EMPTY)])


def _times(columns: Columns, layout: Layout, faults: list[Fault]) -> list[datetime]:
    name = layout.names.time
    written = columns.cells[name]
    if clock := layout.columns.get(Field.CLOCK):
        both = zip(written, columns.cells[clock], strict=True)
        written = [f"{day} {time}".strip() for day, time in both]
    times = [read_time(text) for text in written]
    faults += columns.wrong(name, Problem.TIME, (time is None for time in times), written)
    return [time for time in times if time is not None]


def _balances(columns: Columns, layout: Layout, faults: list[Fault]) -> list[Money]:
    name = layout.columns.get(Field.BALANCE)
    if name is None:
        return [ZERO] * len(columns.numbers)
    return _money(columns, name, Problem.BALANCE, lambda _amount: True, faults)


def _texts(columns: Columns, layout: Layout, name: str, faults: list[Fault]) -> Sequence[str]:
    """One of the texts of all lines; empty where the bank has no such column."""
    joined = layout.columns.get(_TEXTS[name])
    if joined is None:
        return [""] * len(columns.numbers)
    parts = [columns.cells[part.strip()] for part in joined.split(_JOINED) if part]
    texts = parts[0]
    if len(parts) > 1:
        texts = [" ".join(filter(None, row)) for row in zip(*parts, strict=True)]
    longest = LONGEST[name]
    faults += columns.wrong(
        joined, Problem.TOO_LONG, (len(text) > longest for text in texts), texts
    )
    return texts


def _money(
    columns: Columns,
    name: str,
    problem: Problem,
    lawful: Callable[[Money], bool],
    faults: list[Fault],
) -> list[Money]:
    """A column of amounts; zero stands for those at fault."""
    read = [read_amount(text) for text in columns.cells[name]]
    wrong = (amount is None or not lawful(amount) for amount in read)
    faults += columns.wrong(name, problem, wrong, columns.cells[name])
    return [amount or ZERO for amount in read]


def _amounts(columns: Columns, layout: Layout, faults: list[Fault]) -> list[Money]:
    """What each row moved, in above zero and out below."""
    if layout.way is AmountWay.SIDES:
        return _of_two_sides(columns, layout, faults)
    name = layout.columns[Field.AMOUNT]
    if layout.way is AmountWay.SIGNED:
        return _money(columns, name, Problem.SIGNED, bool, faults)
    amounts = _money(columns, name, Problem.AMOUNT, lambda amount: amount.fen > 0, faults)
    direction = layout.columns[Field.DIRECTION]
    signs = dict.fromkeys(layout.words_in, 1) | dict.fromkeys(layout.words_out, -1)
    words = columns.cells[direction]
    faults += columns.wrong(
        direction, Problem.DIRECTION, (word not in signs for word in words), words
    )
    return [
        amount if signs.get(word, 1) > 0 else -amount
        for amount, word in zip(amounts, words, strict=True)
    ]


def _of_two_sides(columns: Columns, layout: Layout, faults: list[Fault]) -> list[Money]:
    credit, debit = layout.columns[Field.CREDIT], layout.columns[Field.DEBIT]
    # Banks leave the other side empty, write a dash, or fill it with 0.00.
    empty = {
        name: ["0" if text in ("", "-", "--") else text for text in columns.cells[name]]
        for name in (credit, debit)
    }
    sides = Columns(columns.numbers, empty)
    before = len(faults)
    came, went = (
        _money(sides, name, Problem.AMOUNT, lambda amount: amount.fen >= 0, faults)
        for name in (credit, debit)
    )
    at_fault = {fault.line for fault in faults[before:]}
    rows = list(zip(columns.numbers, came, went, strict=True))
    faults += columns.wrong(
        credit,
        Problem.BOTH_SIDES,
        (number not in at_fault and bool(c) == bool(w) for number, c, w in rows),
        (f"{c} / {w}" for _number, c, w in rows),
    )
    return [c or -w for _number, c, w in rows]
