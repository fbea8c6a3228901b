"""Reading a bank's result file by its layout: every line, or every fault; pure functions."""

from __future__ import annotations

import csv
import functools
from collections.abc import Container, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import NamedTuple

from orders.payments.formats import workbooks
from orders.payments.formats.files import read_time
from orders.payments.formats.sheets import Fault, FileRefused, Problem, read_rows
from orders.payouts.layouts import ANSWERS, ResultLayout, cells_of
from orders.payouts.states import Outcome
from shop.core.clock import SHANGHAI
from shop.core.reference import read_reference

#: How long a bank's reason may be.
LONGEST_REASON = 200


class ResultLine(NamedTuple):
    """One line of the bank's answer; `line` as the file counts it."""

    line: int
    reference: str
    outcome: Outcome
    reason: str
    at: datetime | None


def read_results(
    layout: ResultLayout, content: bytes, known: Container[str] = ()
) -> tuple[ResultLine, ...]:
    """Read the bank's answer whole: as text in the layout's way, or as a workbook.

    Args:
        known: references that need not be looked at again, since there is something of the name.

    Raises:
        FileRefused: with every fault found, by line and column.
    """
    faults: list[Fault] = []
    seen: set[str] = set()
    lines = []
    for number, said in _rows(layout, content):
        line = _line(layout, number, said, known, faults)
        if line is None:
            continue
        if line.reference in seen:
            faults.append(
                Fault(
                    number,
                    layout.heading_of("reference"),
                    Problem.REFERENCE_TWICE,
                    line.reference,
                )
            )
        seen.add(line.reference)
        lines.append(line)
    if faults:
        raise FileRefused(faults)
    return tuple(lines)


def _rows(layout: ResultLayout, content: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    """What each row says, in the order of `ANSWERS`, with its line."""
    names = [layout.heading_of(answer) for answer in ANSWERS]
    if workbooks.looks_like(content):
        for row in read_rows(content, [column.heading for column in layout.columns]):
            yield row.line, tuple(row[name] for name in names)
        return
    try:
        rows = list(cells_of(_text(layout, content), layout.delimiter, layout.delimiter == ","))
    except csv.Error:
        raise FileRefused([Fault(1, "", Problem.QUOTING)]) from None
    headings = [column.heading for column in layout.columns]
    if layout.heading and rows:
        found = [cell.strip() for cell in rows.pop(0)[1]]
        _refuse_headings(found, headings)
        headings = found
    if not rows:
        raise FileRefused([Fault(1, "", Problem.EMPTY)])
    faults = [
        Fault(line, "", Problem.CELLS, str(len(cells)))
        for line, cells in rows
        if len(cells) != len(headings)
    ]
    if faults:
        raise FileRefused(faults)
    pick = itemgetter(*[headings.index(name) for name in names])
    for line, cells in rows:
        yield line, pick(cells)


def _text(layout: ResultLayout, content: bytes) -> str:
    for encoding in layout.encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileRefused([Fault(1, "", Problem.ENCODING)])


def _refuse_headings(found: Sequence[str], wanted: Sequence[str]) -> None:
    faults = [Fault(1, name, Problem.COLUMN_MISSING) for name in wanted if name not in found]
    faults += [Fault(1, name, Problem.COLUMN_UNKNOWN) for name in found if name not in wanted]
    faults += [Fault(1, name, Problem.COLUMN_TWICE) for name in wanted if found.count(name) > 1]
    if faults:
        raise FileRefused(faults)


def _line(
    layout: ResultLayout,
    number: int,
    said: tuple[str, ...],
    known: Container[str],
    faults: list[Fault],
) -> ResultLine | None:
    typed, word, reason, when = map(str.strip, said)
    reference = typed if typed in known else read_reference(typed)
    outcome = layout.outcomes.get(word)
    at = moment(when)
    undated = at is None and (when or outcome is not Outcome.PROCESSING)
    if reference and outcome and not undated and len(reason) <= LONGEST_REASON:
        return ResultLine(number, reference, outcome, reason, at)
    for wrong, answer, problem, found in (
        (reference is None, "reference", Problem.REFERENCE, typed),
        (outcome is None, "outcome", Problem.OUTCOME, word),
        (undated, "at", Problem.TIME, when),
        (len(reason) > LONGEST_REASON, "reason", Problem.TOO_LONG, reason[:20]),
    ):
        if wrong:
            faults.append(Fault(number, layout.heading_of(answer), problem, found))
    return None


@functools.lru_cache(maxsize=10_000)
def moment(text: str) -> datetime | None:
    """A moment as banks write it; the plainest way quickly, any other as statements read it.

    A bank settles many payments in one second, so what was read is kept.
    """
    if len(text) == 19:
        try:
            return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
        except ValueError:
            pass
    return read_time(text) if text else None
