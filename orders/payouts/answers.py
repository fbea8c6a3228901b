"""Reading a bank's result file by its layout: every line, or every fault; pure functions."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.payments import workbooks
from orders.payments.rules import read_time
from orders.payments.sheets import Fault, FileRefused, Problem, read_rows
from orders.payouts.layouts import ResultLayout, cells_of
from orders.payouts.states import Outcome
from shop.core.clock import SHANGHAI
from shop.core.reference import read_reference

#: How long a bank's reason may be.
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One line of the bank's answer; `line` as the file counts it."""

    line: int
    reference: str
    outcome: Outcome
    reason: str
    at: datetime | None


def read_results(layout: ResultLayout, content: bytes) -> tuple[ResultLine, ...]:
    """Read the bank's answer whole: as text in the layout's way, or as a workbook.

    Raises:
        FileRefused: with every fault found, by line and column.
    """
    faults: list[Fault] = []
    seen: set[str] = set()
    lines = []
    names = {answer: layout.heading_of(answer) for answer in ("reference", "outcome", "at")}
    for number, said in _rows(layout, content):
        line = _line(layout, number, said, names, faults)
        if line is None:
            continue
        if line.reference in seen:
            faults.append(
                Fault(number, names["reference"], Problem.REFERENCE_TWICE, line.reference)
            )
        seen.add(line.reference)
        lines.append(line)
    if faults:
        raise FileRefused(faults)
    return tuple(lines)


def _rows(layout: ResultLayout, content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows by `ANSWERS`, each with its line."""
    headings = [column.heading for column in layout.columns]
    places = {column.heading: column.of for column in layout.columns if column.of}
    if workbooks.looks_like(content):
        for row in read_rows(content, headings):
            yield row.line, {of: row[heading] for heading, of in places.items()}
        return
    try:
        rows = list(cells_of(_text(layout, content), layout.delimiter, layout.delimiter == ","))
    except csv.Error:
        raise FileRefused([Fault(1, "", Problem.QUOTING)]) from None
    if layout.heading and rows:
        headings = rows.pop(0)[1]
        _refuse_headings(headings, [column.heading for column in layout.columns])
    if not rows:
        raise FileRefused([Fault(1, "", Problem.EMPTY)])
    wanted = [(place, places[name]) for place, name in enumerate(headings) if name in places]
    faults = [
        Fault(line, "", Problem.CELLS, str(len(cells)))
        for line, cells in rows
        if len(cells) != len(headings)
    ]
    if faults:
        raise FileRefused(faults)
    for line, cells in rows:
        yield line, {of: cells[place] for place, of in wanted}


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
    said: dict[str, str],
    names: dict[str, str],
    faults: list[Fault],
) -> ResultLine | None:
    before = len(faults)
    reference = read_reference(said["reference"])
    if reference is None:
        faults.append(Fault(number, names["reference"], Problem.REFERENCE, said["reference"]))
    outcome = layout.outcomes.get(said["outcome"])
    if outcome is None:
        faults.append(Fault(number, names["outcome"], Problem.OUTCOME, said["outcome"]))
    at = moment(said["at"])
    if at is None and (said["at"] or outcome is not Outcome.PROCESSING):
        faults.append(Fault(number, names["at"], Problem.TIME, said["at"]))
    if len(said["reason"]) > LONGEST_REASON:
        faults.append(
            Fault(number, layout.heading_of("reason"), Problem.TOO_LONG, said["reason"][:20])
        )
    if len(faults) > before or reference is None or outcome is None:
        return None
    return ResultLine(number, reference, outcome, said["reason"], at)


def moment(text: str) -> datetime | None:
    """A moment as banks write it; the plainest way quickly, any other as statements read it."""
    if len(text) == 19:
        try:
            return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
        except ValueError:
            pass
    return read_time(text) if text else None
