"""The door to statement files: recognises the format and the layout, and reads the file whole.

Rule: docs/money.md, “Money in”.
"""

from __future__ import annotations

from collections.abc import Sequence

from orders.payments.formats import camt, mt940, workbooks
from orders.payments.formats.files import MAX_LINES, Stated, StatementFile
from orders.payments.formats.sheets import Fault, FileRefused, Problem, first_rows, refuse_heading
from orders.payments.formats.tables import MAX_SKIPPED, Layout, read
from orders.payments.states import FileFormat

#: Rows that are looked at to find the heading.
_LOOKED_AT = MAX_SKIPPED + 10


def read_statement(
    content: bytes,
    layouts: Sequence[Layout],
    chosen: Layout | None = None,
    stated: Stated | None = None,
) -> StatementFile:
    """Read a statement file whole.

    Args:
        layouts: those in use, for recognising a table.
        chosen: the layout a person named; None to recognise it.
        stated: the balances before and after it, where a person said them; a file that tells
            others is refused.

    Raises:
        FileRefused: nothing recognises it, or it has faults, each by line and column; or it has no
            balances, and nobody stated them.
    """
    file = _read(content, layouts, chosen, stated)
    if stated is not None:
        _refuse_others(file, stated)
    return file


def _refuse_others(file: StatementFile, stated: Stated) -> None:
    """Refuse a file whose first and last balance are not those a person read at the bank."""
    first, last = file.lines[0].line, file.lines[-1].line
    if file.opening != stated.opening:
        raise FileRefused([Fault(first, "", Problem.OPENING_STATED, str(file.opening))])
    if file.closing != stated.closing:
        raise FileRefused([Fault(last, "", Problem.CLOSING_STATED, str(file.closing))])


def _read(
    content: bytes, layouts: Sequence[Layout], chosen: Layout | None, stated: Stated | None
) -> StatementFile:
    file_format = format_of(content)
    if file_format is FileFormat.MT940 and chosen is None:
        return mt940.read(content)
    if file_format is FileFormat.CAMT and chosen is None:
        return camt.read(content)
    if chosen is not None and not chosen.takes(file_format):
        raise FileRefused([Fault(1, "", Problem.OTHER_FORMAT)])
    layout = chosen or recognised(content, file_format, layouts)
    return read(content, layout, file_format, stated)


def format_of(content: bytes) -> FileFormat:
    """What a file is, by how it begins; anything unknown is taken for CSV."""
    if workbooks.looks_like(content):
        return FileFormat.XLSX
    if mt940.looks_like(content):
        return FileFormat.MT940
    if camt.looks_like(content):
        return FileFormat.CAMT
    return FileFormat.CSV


def recognised(content: bytes, file_format: FileFormat, layouts: Sequence[Layout]) -> Layout:
    """The one layout whose heading the file has; the one that asks for most, if some ask for less.

    Raises:
        FileRefused: none has (with what the nearest one misses), or several alike.
    """
    looks: dict[tuple[str, str], list[tuple[int, list[str]]]] = {}
    fitting: list[Layout] = []
    nearest: tuple[int, int, list[str], Layout] | None = None
    unread: FileRefused | None = None
    for layout in layouts:
        if not layout.takes(file_format):
            continue
        # A workbook looks the same to all of them.
        table = file_format is FileFormat.CSV
        how = (layout.encoding.value, layout.delimiter) if table else ("auto", ",")
        try:
            if how not in looks:
                looks[how] = first_rows(
                    content, _LOOKED_AT, encoding=how[0], delimiter=how[1], max_rows=MAX_LINES
                )
        except FileRefused as refusal:
            unread = unread or refusal
            continue
        heading = layout.heading(looks[how])
        if heading is None:
            continue
        if layout.fits(heading[1]):
            fitting.append(layout)
        alike = len(set(layout.wanted) & set(heading[1]))
        if nearest is None or alike > nearest[0]:
            nearest = (alike, *heading, layout)
    if not fitting:
        raise _unrecognised(nearest, unread, has_rows=any(map(any, looks.values())))
    most = max(len(layout.wanted) for layout in fitting)
    best = [layout for layout in fitting if len(layout.wanted) == most]
    if len(best) > 1:
        raise FileRefused([Fault(1, "", Problem.SEVERAL_LAYOUTS, best[0].name)])
    return best[0]


def _unrecognised(
    nearest: tuple[int, int, list[str], Layout] | None,
    unread: FileRefused | None,
    *,
    has_rows: bool,
) -> FileRefused:
    """What to say of a table no layout fits: the nearest one's faults, where one comes near."""
    if nearest is None or nearest[0] == 0:
        if unread is not None and not has_rows:
            return unread
        line = nearest[1] if nearest else 1
        return FileRefused([Fault(line, "", Problem.NO_LAYOUT if nearest else Problem.EMPTY)])
    _alike, line, heading, layout = nearest
    try:
        refuse_heading(line, heading, layout.wanted, others=layout.others)
    except FileRefused as refusal:
        return refusal
    raise AssertionError("a heading without faults fits")
