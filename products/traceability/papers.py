"""Label papers, and how large the picture of a code may be on each; sizes in millimetres."""

from __future__ import annotations

from dataclasses import dataclass

from products.traceability.states import CodeKind
from shop.core.labels import N_


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of label paper: labels of one size in columns and rows on each page.

    `picture_mm` is the largest picture that leaves room for the words beside it.
    """

    key: str
    label: str
    kind: CodeKind
    width_mm: int
    height_mm: int
    columns: int
    rows: int
    page_width_mm: int
    page_height_mm: int
    picture_mm: int

    @property
    def per_page(self) -> int:
        """Labels on one page."""
        return self.columns * self.rows


UNIT, BOX = CodeKind.UNIT, CodeKind.BOX

#: Sheets of 3 × 8 labels of 70 × 37 mm and of 2 × 7 of 99 × 38 mm, thermal labels of 60 × 40 mm
#: (trace.md 4); boxes get larger ones.
PAPERS = (
    Paper("a4", N_("A4 不干胶，70×37 毫米，每页 24 张"), UNIT, 70, 37, 3, 8, 210, 297, 27),
    Paper("a4-wide", N_("A4 不干胶，99×38 毫米，每页 14 张"), UNIT, 99, 38, 2, 7, 210, 297, 28),
    Paper("thermal", N_("热敏标签机，60×40 毫米，每张一页"), UNIT, 60, 40, 1, 1, 60, 40, 26),
    Paper("box-a4", N_("A4 不干胶箱标，105×74 毫米，每页 8 张"), BOX, 105, 74, 2, 4, 210, 297, 45),
    Paper("box-thermal", N_("热敏箱标，100×70 毫米，每张一页"), BOX, 100, 70, 1, 1, 100, 70, 45),
)


def papers_for(kind: CodeKind) -> tuple[Paper, ...]:
    """The papers for codes of a kind."""
    return tuple(paper for paper in PAPERS if paper.kind is kind)


def paper_of(key: str) -> Paper:
    """The paper of that key; the first one for an unknown key."""
    return next((paper for paper in PAPERS if paper.key == key), PAPERS[0])
