"""Label sheets: which papers there are, and what stands on one label, as data for typst."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from products.traceability.queries import Sheet
from shop.core.labels import N_


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of label paper; sizes in millimetres, `per_sheet` labels on each page."""

    key: str
    label: str
    width_mm: int
    height_mm: int
    columns: int
    rows: int
    page_width_mm: int
    page_height_mm: int

    @property
    def per_sheet(self) -> int:
        """How many labels a page takes."""
        return self.columns * self.rows


#: A4 sheets of 3 × 8 labels 70 × 37 mm, and single thermal labels of 60 × 40 mm (ux.md 5).
PAPERS = (
    Paper("a4", N_("A4 不干胶，70×37 毫米，每页 24 张"), 70, 37, 3, 8, 210, 297),
    Paper("thermal", N_("热敏标签机，60×40 毫米，每张一页"), 60, 40, 1, 1, 60, 40),
)

#: 29 modules of the short link and 4 quiet ones on each side, half a millimetre each.
QR_MM = "18.5"


def paper_of(key: str) -> Paper:
    """The paper of that key; the first one for an unknown key."""
    return next((paper for paper in PAPERS if paper.key == key), PAPERS[0])


def label_data(
    sheet: Sheet, paper: Paper, *, count: int, link: str, qr: str, texts: dict[str, str]
) -> dict[str, Any]:
    """The data of `templates/papers/labels.typ`: `count` equal labels, as many pages as it takes.

    Args:
        link: the public address the QR code holds.
        qr: the QR code as SVG text, with its quiet zone.
        texts: the lines of the label as they are to be read (`product`, `weight`, `dates`…).
    """
    return {
        "width": paper.width_mm,
        "height": paper.height_mm,
        "columns": paper.columns,
        "rows": paper.rows,
        "page_width": paper.page_width_mm,
        "page_height": paper.page_height_mm,
        "count": count,
        "code": sheet.spelled,
        "link": link,
        "picture": qr,
        "picture_mm": QR_MM,
        **texts,
    }
