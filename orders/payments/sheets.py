"""Files that banks send, read into numbered rows of text: CSV in two encodings, or a workbook.

A file is read whole or refused whole; every fault names its line and column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from orders.payments import workbooks
from shop.core.errors import Refusal
from shop.core.labels import N_, Labelled

#: More rows than this are not one day's statement; split the file.
MAX_ROWS = 5_000


class Problem(Labelled):
    """What can be wrong in one place of a bank's file."""

    ENCODING = "encoding", N_("文件的编码读不出来，请存成 UTF-8 或 GB18030")
    WORKBOOK = "workbook", N_("这不是可以读的 xlsx 工作簿，请重新导出，或存成 CSV")
    TOO_BIG = "too_big", N_("工作簿展开后过大，请只留流水一张表")
    EMPTY = "empty", N_("文件里没有一行内容")
    TOO_MANY = "too_many", N_("行数超过 5000，请按日期分开导出")
    QUOTING = "quoting", N_("引号没有成对")
    COLUMN_MISSING = "column_missing", N_("缺少这一列")
    COLUMN_UNKNOWN = "column_unknown", N_("多出了这一列")
    COLUMN_TWICE = "column_twice", N_("这一列出现了两次")
    CELLS = "cells", N_("这一行的格数和表头不一样")
    LOST_DIGITS = "lost_digits", N_("长数字被表格存成了数值，末几位可能丢了，请设成文本再导出")
    BLANK = "blank", N_("这一格不能空")
    TOO_LONG = "too_long", N_("这一格太长")
    TIME = "time", N_("时间看不懂，应像 2026-04-05 10:20:30")
    ORDER = "order", N_("时间早于上一行，流水应从早到晚")
    DIRECTION = "direction", N_("应为“收入”或“支出”")
    AMOUNT = "amount", N_("金额应大于零，最多两位小数")
    BALANCE = "balance", N_("余额应是数字，最多两位小数")
    RUNNING = "running", N_("余额和上一行接不上")
    SERIAL_TWICE = "serial_twice", N_("流水号在这份文件里出现了两次")
    FILE_BOOKED = "file_booked", N_("这份文件已经导入过")
    LINE_BOOKED = "line_booked", N_("这一笔已经导入过")
    REFERENCE = "reference", N_("业务参考号不认识")
    REFERENCE_TWICE = "reference_twice", N_("业务参考号在这份文件里出现了两次")
    OTHER_BATCH = "other_batch", N_("这一笔属于另一个批次")
    OUTCOME = "outcome", N_("状态应为“成功”“失败”或“处理中”")
    DECIDED = "decided", N_("这一笔已有结果，和这里写的不一样")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: the line as the file counts it (1 is the heading), the column, the text."""

    line: int
    column: str
    problem: Problem
    found: str = ""


class FileRefused(Refusal):
    """A bank's file is not what it claims to be; nothing of it was taken (整份退回)."""

    code = "file_refused"
    sentence = N_("这份文件没有导入，账上没有变化：共 %(count)s 处问题，第一处在第 %(line)s 行。")
    status: ClassVar[int] = 422
    field = "file"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__(count=len(self.faults), line=self.faults[0].line)


@dataclass(frozen=True, slots=True)
class Row:
    """One row below the heading, by column name; `line` as the file counts it."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


def read_rows(content: bytes, columns: Sequence[str]) -> list[Row]:
    """Read a file whose heading has exactly these columns, in any order.

    Args:
        content: the file; CSV in UTF-8 (with or without a mark) or GB18030, or xlsx.
        columns: the names its heading must have.

    Returns:
        At least one row; empty lines are passed over; cells carry no outer spaces.

    Raises:
        FileRefused: encoding, columns, or a row that does not fit the heading.
    """
    lines = list(_workbook(content) if workbooks.looks_like(content) else _csv(content))
    lines = [(number, cells) for number, cells in lines if any(cells)]
    if not lines:
        raise FileRefused([Fault(1, "", Problem.EMPTY)])
    heading_line, heading = lines[0]
    _refuse_heading(heading_line, heading, columns)
    body = lines[1:]
    if not body:
        raise FileRefused([Fault(heading_line + 1, "", Problem.EMPTY)])
    if len(body) > MAX_ROWS:
        raise FileRefused([Fault(body[MAX_ROWS][0], "", Problem.TOO_MANY)])
    faults = [
        Fault(number, "", Problem.CELLS, str(len(cells)))
        for number, cells in body
        if len(cells) != len(heading)
    ]
    if faults:
        raise FileRefused(faults)
    return [Row(number, dict(zip(heading, cells, strict=True))) for number, cells in body]


def _refuse_heading(line: int, heading: Sequence[str], columns: Sequence[str]) -> None:
    faults = [Fault(line, name, Problem.COLUMN_MISSING) for name in columns if name not in heading]
    faults += [Fault(line, name, Problem.COLUMN_UNKNOWN) for name in heading if name not in columns]
    faults += [
        Fault(line, name, Problem.COLUMN_TWICE) for name in columns if heading.count(name) > 1
    ]
    if faults:
        raise FileRefused(faults)


def decode(content: bytes) -> str:
    """The text of a file in UTF-8 or GB18030.

    Raises:
        FileRefused: neither fits, or it holds NUL (UTF-16 without its mark, say).
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileRefused([Fault(1, "", Problem.ENCODING)])


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(decode(content), newline=""), strict=True)
    started = 1
    try:
        for cells in reader:
            yield started, [cell.strip() for cell in cells]
            started = reader.line_num + 1
    except csv.Error:
        raise FileRefused([Fault(started, "", Problem.QUOTING)]) from None


def _workbook(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        rows = workbooks.first_sheet(content, max_rows=MAX_ROWS + 1)
    except workbooks.TooBig:
        raise FileRefused([Fault(1, "", Problem.TOO_BIG)]) from None
    except workbooks.NotAWorkbook:
        raise FileRefused([Fault(1, "", Problem.WORKBOOK)]) from None
    width = max((i for row in rows for i, cell in enumerate(row, start=1) if cell != ""), default=0)
    for number, row in enumerate(rows, start=1):
        cells = row[:width]
        if None in cells:
            raise FileRefused([Fault(number, "", Problem.LOST_DIGITS)])
        yield number, [(cell or "").strip() for cell in cells]
