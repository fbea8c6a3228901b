"""Opening an uploaded xlsx without trusting it.

A small file may unfold to gigabytes, lie about its sizes, or claim a cell in the last column of
the last row. So the directory is checked first, the entries are unpacked here under a limit and
packed anew, and the reader only ever sees that copy.

Rule: docs/money.md, “Papers” (declared size ≤ 50 MB, ratio ≤ 100, entries ≤ 200).
"""

from __future__ import annotations

import io
import math
import re
import zipfile
import zlib
from datetime import date, datetime

from python_calamine import CalamineError, CalamineWorkbook

MAX_ENTRIES = 200
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_COLUMNS = 64

#: What a sum of binary fractions may be off, such as 0.1 + 0.2; anything more is a third decimal.
_NOISE = 1e-11

#: Beyond this a number in a cell has lost its last digits.
_EXACT = 10**15

_PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]*)(\d+)["']""")


class NotAWorkbook(ValueError):
    """It cannot be opened: broken, locked by a password, or something else altogether."""


class TooBig(ValueError):
    """It unfolds, or claims, to more than we read."""


def looks_like(content: bytes) -> bool:
    """Whether a file is a zip archive or an old office file, by its first bytes."""
    return content.startswith((b"PK", b"\xd0\xcf\x11\xe0"))


def first_sheet(content: bytes, *, max_rows: int) -> list[list[str | None]]:
    """The first sheet's cells as text, row by row.

    Amounts come as binary fractions: whole fen are written with two decimals, anything finer as
    it stands, so that the reader of amounts refuses it. A number too long to be exact is None.

    Raises:
        NotAWorkbook, TooBig: see there.
    """
    safe = _repacked(content, max_rows=max_rows)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(safe))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError, IndexError):
        raise NotAWorkbook from None
    if len(rows) > max_rows:
        raise TooBig
    return [[_text(cell) for cell in row] for row in rows]


def _repacked(content: bytes, *, max_rows: int) -> bytes:
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _refuse_directory(entries)
            with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as copy:
                for entry in entries:
                    if entry.filename.endswith((".xml", ".rels")):
                        body = _unpacked(archive, entry)
                        _refuse_places(body, max_rows=max_rows)
                        copy.writestr(entry.filename, body)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, zlib.error, OSError):
        raise NotAWorkbook from None
    return out.getvalue()


def _refuse_directory(entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > MAX_ENTRIES:
        raise TooBig
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(packed, 1):
        raise TooBig
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names) or any(entry.flag_bits & 1 for entry in entries):
        raise NotAWorkbook
    if any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise NotAWorkbook


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as stream:
        body = stream.read(entry.file_size + 1)
    if len(body) > entry.file_size or b"\0" in body or b"<!DOCTYPE" in body:
        raise NotAWorkbook
    return body


def _refuse_places(body: bytes, *, max_rows: int) -> None:
    # Whatever a sheet's file is called, its cells stand in this element.
    if b"sheetData" not in body:
        return
    for column, row in _PLACE.findall(body):
        if int(row) > max_rows or _column(column) > MAX_COLUMNS:
            raise TooBig


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + letter - 64
    return number


def _text(cell: object) -> str | None:
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float):
        return _number(cell)
    return str(cell)


def column_letter(place: int) -> str:
    """What a workbook calls a column (0 is A); columns past Z are rare in a statement."""
    first, second = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


def _number(value: float) -> str | None:
    if abs(value) >= _EXACT:
        return None
    fen = round(value * 100)
    if not math.isclose(value, fen / 100, rel_tol=_NOISE, abs_tol=_NOISE):
        return repr(value)
    yuan, rest = divmod(abs(fen), 100)
    sign = "-" if fen < 0 else ""
    return f"{sign}{yuan}.{rest:02d}" if rest else f"{sign}{yuan}"
