"""What runs out soon, and how certificates are laid out on paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from shop.core.labels import N_

#: What runs out within so many days is put on the cooperative's desk.
SOON = timedelta(days=30)


def due_by(day: date) -> date:
    """The last day that counts as soon."""
    return day + SOON


@dataclass(frozen=True, slots=True)
class Paper:
    """A kind of paper for certificates: sizes in millimetres, so many on each page."""

    key: str
    label: str
    width_mm: int
    height_mm: int
    columns: int
    rows: int
    page_width_mm: int
    page_height_mm: int

    @property
    def on_a_page(self) -> int:
        """How many fit on one page."""
        return self.columns * self.rows


PAPERS = (
    Paper("a4", N_("A4 纸，每页 6 张，剪开用"), 95, 90, 2, 3, 210, 297),
    Paper("sticker", N_("不干胶标签，70×50 毫米，每张一页"), 70, 50, 1, 1, 70, 50),
)


def paper_of(key: str) -> Paper:
    """The paper of that key; the first one for an unknown key."""
    return next((paper for paper in PAPERS if paper.key == key), PAPERS[0])
