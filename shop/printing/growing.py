"""A workbook written piece by piece, so that a job can write a large one in short steps.

A workbook is a ZIP of XML. Its parts follow each other as they are written; each piece ends on a
whole byte of its part's deflate stream (RFC 1951: a full flush), so the next one goes on from a
few plain numbers. Nothing is held but the piece at hand.
"""

from __future__ import annotations

import json
import re
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from xml.sax.saxutils import escape

from shop.core.money import Money

Cell = str | int | Money

#: A worksheet holds 1,048,576 rows; then the next one begins.
SHEET_ROWS = 1_000_000

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

#: Styles by their place: plain, amounts with two decimals, bold heads.
_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}">\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill>\
<fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>\
</styleSheet>"""

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DATE = 0x21  # the first day ZIP knows: equal rows give equal bytes
_UTF8, _SIZES_FOLLOW, _DEFLATED = 0x0800, 0x0008, 8
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class _Part:
    """A part of the ZIP: where it begins, and what is known of its content so far."""

    name: str
    offset: int
    flags: int = _UTF8
    crc: int = 0
    packed: int = 0
    size: int = 0


@dataclass(slots=True)
class GrowingWorkbook:
    """Where a workbook stands between two pieces.

    Args:
        title: of its sheets, which are numbered where there are several.
        head: the first row of each sheet.
        sheets: how many there will be; see `sheets_for`.
    """

    title: str
    head: list[str]
    sheets: int
    written: int = 0
    rows: int = 0
    parts: list[_Part] = field(default_factory=list)

    def dumped(self) -> str:
        """All of it as JSON, for `loaded`."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @staticmethod
    def loaded(dumped: str) -> GrowingWorkbook:
        """What `dumped` gave."""
        known = json.loads(dumped)
        known["parts"] = [_Part(**part) for part in known["parts"]]
        return GrowingWorkbook(**known)

    def begin(self) -> bytes:
        """The first bytes: what the workbook is made of, and the head of its first sheet."""
        return b"".join(self._whole(*part) for part in self._around()) + self._open()

    def add(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """The bytes of the next rows; amounts are numbers with two decimals."""
        pieces: list[bytes] = []
        lines: list[str] = []
        for row in rows:
            if self.rows and self.rows % SHEET_ROWS == 0:
                pieces += [self._packed(lines), self._close(), self._open()]
                lines = []
            lines.append(_row(self.rows % SHEET_ROWS + 2, row))
            self.rows += 1
        return b"".join(pieces) + self._packed(lines)

    def end(self) -> bytes:
        """The last bytes."""
        closing = self._close()
        begins = self.written
        index = b"".join(_entry(part) for part in self.parts)
        count = len(self.parts)
        return (
            closing
            + index
            + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, len(index), begins, 0)
        )

    def _around(self) -> list[tuple[str, str]]:
        numbers = range(1, self.sheets + 1)
        title = escape(self.title[:24], {'"': "&quot;"})
        names = {n: title if self.sheets == 1 else f"{title} {n}" for n in numbers}
        sheets = "".join(f'<sheet name="{names[n]}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml"'
            f' ContentType="{_TYPE}.worksheet+xml"/>'
            for n in numbers
        )
        relations = "".join(
            f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet"'
            f' Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        related = f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
        return [
            (
                "[Content_Types].xml",
                f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
                '<Default Extension="rels"'
                ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                '<Default Extension="xml" ContentType="application/xml"/>'
                f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
                f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/>'
                f"{overrides}</Types>",
            ),
            (
                "_rels/.rels",
                f'{related}<Relationship Id="rId1" Type="{_OFFICE}/officeDocument"'
                ' Target="xl/workbook.xml"/></Relationships>',
            ),
            (
                "xl/workbook.xml",
                f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
                f"<sheets>{sheets}</sheets></workbook>",
            ),
            (
                "xl/_rels/workbook.xml.rels",
                f"{related}{relations}"
                f'<Relationship Id="rId{self.sheets + 1}" Type="{_OFFICE}/styles"'
                ' Target="styles.xml"/></Relationships>',
            ),
            ("xl/styles.xml", _STYLES),
        ]

    def _whole(self, name: str, content: str) -> bytes:
        """A part whose content is all there."""
        part = _Part(name, self.written)
        raw = content.encode()
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(raw) + packer.flush()
        part.crc, part.packed, part.size = zlib.crc32(raw), len(packed), len(raw)
        self.parts.append(part)
        return self._out(_header(part) + packed)

    def _open(self) -> bytes:
        number = sum(part.name.startswith("xl/worksheets/") for part in self.parts) + 1
        part = _Part(f"xl/worksheets/sheet{number}.xml", self.written, _UTF8 | _SIZES_FOLLOW)
        self.parts.append(part)
        cells = "".join(
            f'<c r="{_column(n)}1" s="2" t="inlineStr"><is><t>{_text(name)}</t></is></c>'
            for n, name in enumerate(self.head)
        )
        return self._out(_header(part)) + self._packed(
            [
                f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
                '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
                f'</sheetView></sheetViews><cols><col min="1" max="{len(self.head)}" width="18"'
                f' customWidth="1"/></cols><sheetData><row r="1">{cells}</row>'
            ]
        )

    def _close(self) -> bytes:
        last = self._packed(["</sheetData></worksheet>"], zlib.Z_FINISH)
        part = self.parts[-1]
        return last + self._out(struct.pack("<IIII", 0x08074B50, part.crc, part.packed, part.size))

    def _packed(self, lines: list[str], flush: int = zlib.Z_FULL_FLUSH) -> bytes:
        """The next bytes of the part that is open."""
        if not lines:
            return b""
        part, raw = self.parts[-1], "".join(lines).encode()
        packer = zlib.compressobj(3, zlib.DEFLATED, -15)
        packed = packer.compress(raw) + packer.flush(flush)
        part.crc = zlib.crc32(raw, part.crc)
        part.packed += len(packed)
        part.size += len(raw)
        return self._out(packed)

    def _out(self, content: bytes) -> bytes:
        self.written += len(content)
        return content


def sheets_for(rows: int) -> int:
    """How many sheets so many rows take, heads aside; at least one."""
    return max(1, -(-rows // SHEET_ROWS))


def _header(part: _Part) -> bytes:
    name = part.name.encode()
    known = (part.crc, part.packed, part.size)
    return (
        struct.pack(
            "<IHHHHHIIIHH",
            *(0x04034B50, 20, part.flags, _DEFLATED, 0, _DATE, *known, len(name), 0),
        )
        + name
    )


def _entry(part: _Part) -> bytes:
    name = part.name.encode()
    known = (part.crc, part.packed, part.size)
    return (
        struct.pack(
            "<IHHHHHHIIIHHHHHII",
            *(0x02014B50, 20, 20, part.flags, _DEFLATED, 0, _DATE, *known),
            *(len(name), 0, 0, 0, 0, 0, part.offset),
        )
        + name
    )


def _row(number: int, row: Sequence[Cell]) -> str:
    cells = [_cell(f"{_column(n)}{number}", cell) for n, cell in enumerate(row) if cell != ""]
    return f'<row r="{number}">{"".join(cells)}</row>'


def _cell(place: str, cell: Cell) -> str:
    if isinstance(cell, Money):
        return f'<c r="{place}" s="1"><v>{cell}</v></c>'
    if isinstance(cell, int):
        return f'<c r="{place}"><v>{cell}</v></c>'
    kept = ' xml:space="preserve"' if cell != cell.strip() else ""
    return f'<c r="{place}" t="inlineStr"><is><t{kept}>{_text(cell)}</t></is></c>'


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


def _column(number: int) -> str:
    """The name of one of the first 26 columns."""
    return chr(ord("A") + number)
