"""Setting labels: which link and how large a picture, and the sheets as PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import segno

from products.traceability import digital_link
from products.traceability.papers import Paper
from products.traceability.rules import spelled
from products.traceability.states import CodeKind
from shop.printing import pdf

#: Pages set at once, and so in one file: a few seconds of work, and what a printer takes well.
PAGES_AT_ONCE = 20
#: The same for papers with one label on each page.
LABELS_AT_ONCE = 240


@dataclass(frozen=True, slots=True)
class Content:
    """What stands on every label of a print, in the language it was asked for.

    `site` is the public address without a slash at its end; without a `gtin` links are short.
    `inside` names what a box holds, with
    a ``%s`` for how many, and is empty for units.
    """

    site: str
    gtin: str
    lot: str
    product: str
    lines: tuple[str, ...]
    inside: str = ""

    def short_link(self, code: str) -> str:
        """The short address of a code."""
        return f"{self.site}/t/{code}"

    def full_link(self, code: str) -> str:
        """Its GS1 Digital Link."""
        return self.site + digital_link.path_of(self.gtin, self.lot, code)

    def links_for(self, codes: Sequence[str], paper: Paper) -> list[str]:
        """Full links where their pictures have room on the paper, else short ones.

        All codes are of one length, so the picture of the first tells the size of all.
        """
        longest = self.full_link(codes[0])
        has_room = bool(self.gtin) and modules(longest) <= 2 * paper.picture_mm
        return [self.full_link(one) if has_room else self.short_link(one) for one in codes]


@dataclass(frozen=True, slots=True)
class Sticker:
    """One label: its serial, its code, and for a box how many units are in it (0: not yet)."""

    serial: int
    code: str
    units: int = 0


def modules(link: str) -> int:
    """The side of a link's picture in modules, with its quiet zone."""
    return int(segno.make(link, error="m", micro=False).symbol_size(border=4)[0])


def quarter_mm(link: str, paper: Paper) -> int:
    """The side of a picture in quarter millimetres: half a millimetre for each module.

    On a box, which is read from further away, as much as the paper has room for.
    """
    side = modules(link)
    each = 4 * paper.picture_mm // side if paper.kind is CodeKind.BOX else 2
    return max(each, 2) * side


def as_facts(content: Content) -> dict[str, Any]:
    """A content as plain values, to be kept with its print."""
    return asdict(content)


def from_facts(facts: dict[str, Any]) -> Content:
    """The content of a print that was kept."""
    return Content(**{**facts, "lines": tuple(facts["lines"])})


def label_data(
    content: Content, paper: Paper, stickers: Sequence[Sticker], skip: int = 0
) -> dict[str, Any]:
    """What `templates/papers/labels.typ` prints.

    Args:
        skip: places left empty at the head of the first sheet, which others have used.
    """
    links = content.links_for([sticker.code for sticker in stickers], paper)
    return {
        "width": paper.width_mm,
        "height": paper.height_mm,
        "columns": paper.columns,
        "rows": paper.rows,
        "page_width": paper.page_width_mm,
        "page_height": paper.page_height_mm,
        "skip": skip,
        "picture_quarter_mm": quarter_mm(links[0], paper),
        "large": bool(content.inside),
        "product": content.product,
        "lines": list(content.lines),
        "stickers": [
            {
                "qr": pdf.qr_svg(link),
                "code": spelled(sticker.code),
                "serial": str(sticker.serial),
                "inside": _inside(content, sticker),
            }
            for link, sticker in zip(links, stickers, strict=True)
        ],
    }


def _inside(content: Content, sticker: Sticker) -> str:
    return content.inside.replace("%s", str(sticker.units or "____")) if content.inside else ""


def sheets(content: Content, paper: Paper, stickers: Sequence[Sticker], skip: int = 0) -> bytes:
    """The labels as PDF."""
    return pdf.render("labels", label_data(content, paper, stickers, skip))


def parts(paper: Paper, first_serial: int, count: int, skip: int) -> Iterator[tuple[range, int]]:
    """The files of a print: serials of each, and how many places its first sheet leaves empty."""
    room = paper.per_page * PAGES_AT_ONCE if paper.per_page > 1 else LABELS_AT_ONCE
    serial, end = first_serial, first_serial + count
    while serial < end:
        last = min(serial + room - skip, end)
        yield range(serial, last), skip
        serial, skip = last, 0
