"""What the mass balance of a cooperative shows: frozen rows, everything in whole grams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from products.catalogue.states import Category
from products.lots.flow import Chart
from products.lots.rows import ratio_text
from products.lots.states import AlarmState, LotKind
from shop.core.weight import kg_text


@dataclass(frozen=True, slots=True)
class Made:
    """The lots of one kind, goods and grade together.

    `taken` went into them, `grams` is what they weighed; of that `out` went into later lots and
    `gone` was lost, as withdrawals and losses are written down; `used` and `lost` are what the
    lots themselves count. Packed lots are sold by units instead: `sold`, `reserved`,
    `written_off` in grams.
    """

    category: Category
    kind: LotKind
    goods: str
    grade: str
    lots: int
    taken: int
    grams: int
    out: int
    gone: int
    used: int
    lost: int
    sold: int
    reserved: int
    written_off: int

    @property
    def left(self) -> int:
        """What is still there, promised or not."""
        return self.grams - self.used - self.lost - self.sold - self.written_off

    @property
    def difference(self) -> int:
        """What is missing: recorded − withdrawn − lost − sold − written off − left. Always 0."""
        return self.grams - self.out - self.gone - self.sold - self.written_off - self.left

    @property
    def shrunk(self) -> int:
        """What went in and did not come out."""
        return max(0, self.taken - self.grams) if self.kind is not LotKind.DELIVERY else 0

    @property
    def ratio(self) -> str:
        """What went in for one of what came out, where goods were processed."""
        if self.kind is not LotKind.PROCESSED or not self.grams:
            return ""
        return ratio_text(self.taken, self.grams)


class Kilograms(NamedTuple):
    """The five stages of one category: what a glance asks for, in grams."""

    harvested: int
    made: int
    packed: int
    sold: int
    left: int


@dataclass(frozen=True, slots=True)
class Stage:
    """One category: its five sums, and the chart of what flowed where.

    `weights` is what the box of each key weighs: lots what they weighed when recorded.
    """

    category: Category
    sums: Kilograms
    chart: Chart
    weights: dict[str, int]


@dataclass(frozen=True, slots=True)
class OddLot:
    """A processed lot outside the window of its day; `alarm` is how its alarm stands."""

    lot_id: str
    number: str
    goods: str
    grade: str
    taken: int
    grams: int
    window: tuple[int, int]
    alarm: AlarmState | None

    @property
    def ratio(self) -> str:
        """What went in for one of what came out."""
        return ratio_text(self.taken, self.grams)


@dataclass(frozen=True, slots=True)
class WrongLot:
    """A lot whose own count differs from what is written down of it. There is none."""

    lot_id: str
    number: str
    grams: int
    counted: int
    written: int


@dataclass(frozen=True, slots=True)
class OverHousehold:
    """A household that brought more in the year before the last day than its land bears."""

    household_id: str
    name: str
    village: str
    category: Category
    grams: int
    area_m2: int
    needed_m2: int


@dataclass(frozen=True, slots=True)
class Balance:
    """The mass balance of one cooperative for some days; `until` is the first day after.

    `names`: whether this reader may see households' names.
    """

    since: date
    until: date
    made: tuple[Made, ...]
    stages: tuple[Stage, ...]
    wrong: tuple[WrongLot, ...]
    odd: tuple[OddLot, ...]
    over: tuple[OverHousehold, ...]
    open_alarms: int
    names: bool

    @property
    def adds_up(self) -> bool:
        """Whether nothing asks for an explanation."""
        return not (self.wrong or self.odd or self.over or self.open_alarms)


def kilograms(grams: int) -> str:
    """Grams as kilograms for a file: without thousands."""
    return kg_text(grams).replace(",", "")
