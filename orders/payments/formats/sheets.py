"""Files that banks send, read into numbered rows of text: CSV in two encodings, or a workbook.

A file is read whole or refused whole; every fault names its line and column.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from orders.payments.formats import workbooks
from shop.core.errors import Refusal
from shop.core.labels import N_, Labelled

#: More rows than this are not one day's statement; split the file.
MAX_ROWS = 5_000

#: What a delimiter may be.
DELIMITERS = (",", "\t", ";", "|")


class Problem(Labelled):
    """What can be wrong in one place of a bank's file."""

    ENCODING = "encoding", N_("文件的编码读不出来，请存成 UTF-8 或 GB18030")
    WORKBOOK = "workbook", N_("这不是可以读的 xlsx 工作簿，请重新导出，或存成 CSV")
    TOO_BIG = "too_big", N_("工作簿展开后过大，请只留流水一张表")
    EMPTY = "empty", N_("文件里没有一行内容")
    TOO_MANY = "too_many", N_("行数超过上限，请按日期分开导出")
    NO_LAYOUT = "no_layout", N_("没有一种登记过的版式认得这个表头，请先在“流水版式”里登记")
    SEVERAL_LAYOUTS = "several_layouts", N_("有几种版式都认得这个表头，请在上面选定一种")
    OTHER_FORMAT = "other_format", N_("文件的格式和选定的版式不一样")
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
    DIRECTION = "direction", N_("收支方向看不懂，不是这个版式的用词")
    BOTH_SIDES = "both_sides", N_("收入和支出应当只填一边，且大于零，最多两位小数")
    SIGNED = "signed", N_("发生额应带正负号，不为零，最多两位小数")
    CURRENCY = "currency", N_("只收人民币，这里是别的币种")
    TWO_ACCOUNTS = "two_accounts", N_("一份文件里有两个账号的流水，请分开导出")
    OPENING = "opening", N_("期初余额和上一段的期末接不上")
    CLOSING = "closing", N_("期初加减每一笔之后，和写明的期末余额不相等")
    NOT_STATED = "not_stated", N_("这个版式没有余额列，请照网上银行填期初和期末余额，一起核对")
    OPENING_STATED = "opening_stated", N_("文件里的期初余额和填写的不一样")
    CLOSING_STATED = "closing_stated", N_("文件里的期末余额和填写的不一样")
    MT940 = "mt940", N_("这一段不是看得懂的 MT940")
    XML = "xml", N_("这不是看得懂的 XML")
    XML_UNSAFE = "xml_unsafe", N_("XML 里有文档类型或实体声明，这种文件一律不读")
    CAMT = "camt", N_("这不是 CAMT.053 对账单，或缺少必要的内容")
    AMOUNT = "amount", N_("金额应大于零，最多两位小数")
    BALANCE = "balance", N_("余额应是数字，最多两位小数")
    RUNNING = "running", N_("余额和上一行接不上")
    SERIAL_TWICE = "serial_twice", N_("流水号在这份文件里出现了两次")
    FILE_BOOKED = "file_booked", N_("这份文件已经导入过")
    LINE_BOOKED = "line_booked", N_("这一笔已经导入过")
    BOOKED_OTHERWISE = "booked_otherwise", N_("流水号和已入账的一笔相同，金额或余额却不同")
    NEW_SCATTERED = "new_scattered", N_("新的几笔不连在一起，中间隔着已入账的，请分成几份导入")
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
    lines = [line for line in rows_of(content) if any(line[1])]
    if not lines:
        raise FileRefused([Fault(1, "", Problem.EMPTY)])
    heading_line, heading = lines[0]
    refuse_heading(heading_line, heading, columns)
    body = lines[1:]
    if not body:
        raise FileRefused([Fault(heading_line + 1, "", Problem.EMPTY)])
    if len(body) > MAX_ROWS:
        raise FileRefused([Fault(body[MAX_ROWS][0], "", Problem.TOO_MANY)])
    if faults := other_widths(heading, body):
        raise FileRefused(faults)
    return [Row(number, dict(zip(heading, cells, strict=True))) for number, cells in body]


def rows_of(
    content: bytes, *, encoding: str = "auto", delimiter: str = ",", max_rows: int = MAX_ROWS + 1
) -> Iterator[tuple[int, list[str]]]:
    """Every row of a file, as it comes, as numbered cells of text without outer spaces.

    Raises:
        FileRefused: at once for the encoding, on the way for quotes that do not close.
    """
    if workbooks.looks_like(content):
        return _workbook(content, max_rows)
    codec = codec_of(content, encoding)
    return _csv(io.TextIOWrapper(io.BytesIO(content), codec, newline=""), delimiter)


def first_rows(
    content: bytes, count: int, *, encoding: str, delimiter: str, max_rows: int
) -> list[tuple[int, list[str]]]:
    """Only so many rows, to look at a heading; what breaks later does not count yet."""
    if workbooks.looks_like(content):
        return list(itertools.islice(_workbook(content, max_rows), count))
    start = content[:_LOOKED_AT]
    text = codecs.getincrementaldecoder(codec_of(start, encoding, whole=False))().decode(start)
    found: list[tuple[int, list[str]]] = []
    with contextlib.suppress(FileRefused):
        found.extend(itertools.islice(_csv(io.StringIO(text, newline=""), delimiter), count))
    return found


def without_last(
    rows: Iterable[tuple[int, list[str]]], count: int
) -> Iterator[tuple[int, list[str]]]:
    """Rows as they come, but for the last so many."""
    kept: deque[tuple[int, list[str]]] = deque()
    for row in rows:
        kept.append(row)
        if len(kept) > count:
            yield kept.popleft()


def other_widths(heading: Sequence[str], rows: Sequence[tuple[int, list[str]]]) -> list[Fault]:
    """A fault for each row that is not as wide as the heading."""
    return [
        Fault(number, "", Problem.CELLS, str(len(cells)))
        for number, cells in rows
        if len(cells) != len(heading)
    ]


def refuse_heading(
    line: int, heading: Sequence[str], columns: Sequence[str], *, others: bool = False
) -> None:
    """Refuse a heading that has not exactly these columns, or (`others`) not at least these."""
    faults = [Fault(line, name, Problem.COLUMN_MISSING) for name in columns if name not in heading]
    if not others:
        faults += [
            Fault(line, name, Problem.COLUMN_UNKNOWN) for name in heading if name not in columns
        ]
    faults += [
        Fault(line, name, Problem.COLUMN_TWICE) for name in columns if heading.count(name) > 1
    ]
    if faults:
        raise FileRefused(faults)


_ENCODINGS = {
    "auto": ("utf-8-sig", "gb18030"),
    "utf-8": ("utf-8-sig",),
    "gb18030": ("gb18030",),
}


#: So many bytes are decoded at a time to see whether an encoding fits, or to find a heading.
_LOOKED_AT = 256 * 1024


def codec_of(content: bytes, encoding: str = "auto", *, whole: bool = True) -> str:
    """In which encoding a file is written, without holding all of its text.

    Args:
        whole: the content is all of it, so that it may not end within a character.

    Raises:
        FileRefused: none fits, or it holds NUL (UTF-16 without its mark, say).
    """
    for codec in _ENCODINGS[encoding]:
        decoder = codecs.getincrementaldecoder(codec)()
        with contextlib.suppress(UnicodeDecodeError):
            parts = range(0, len(content), _LOOKED_AT)
            if all("\0" not in decoder.decode(content[at : at + _LOOKED_AT]) for at in parts):
                decoder.decode(b"", final=whole)
                return codec
    raise FileRefused([Fault(1, "", Problem.ENCODING)])


def decode(content: bytes, encoding: str = "auto") -> str:
    """The text of a file in UTF-8 or GB18030.

    Raises:
        FileRefused: neither fits, or it holds NUL.
    """
    return content.decode(codec_of(content, encoding))


def _csv(text: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(text, strict=True, delimiter=delimiter)
    started = 1
    try:
        for cells in reader:
            yield started, [cell.strip() for cell in cells]
            started = reader.line_num + 1
    except csv.Error:
        raise FileRefused([Fault(started, "", Problem.QUOTING)]) from None


def _workbook(content: bytes, max_rows: int) -> Iterator[tuple[int, list[str]]]:
    try:
        rows = workbooks.first_sheet(content, max_rows=max_rows)
    except workbooks.TooBig:
        raise FileRefused([Fault(1, "", Problem.TOO_BIG)]) from None
    except workbooks.NotAWorkbook:
        raise FileRefused([Fault(1, "", Problem.WORKBOOK)]) from None
    lost = [
        Fault(number, workbooks.column_letter(place), Problem.LOST_DIGITS)
        for number, row in enumerate(rows, start=1)
        for place, cell in enumerate(row)
        if cell is None
    ]
    if lost:
        raise FileRefused(lost)
    width = max((i for row in rows for i, cell in enumerate(row, start=1) if cell != ""), default=0)
    for number, row in enumerate(rows, start=1):
        yield number, [(cell or "").strip() for cell in row[:width]]
