"""What the pages of lots show: frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from products.catalogue.states import Category
from products.lots.rules import ratio_hundredths, ratio_is_odd
from products.lots.states import LotKind, LotState
from shop.core.weight import kg_text


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot on a list. `household` is whose delivery it is; `packing` the specification's name."""

    public_id: str
    number: str
    kind: LotKind
    state: LotState
    category: Category
    name: str
    grade: str
    grams: int
    used_grams: int
    lost_grams: int
    freezes: int
    units: int
    reserved_units: int
    shipped_units: int
    written_off_units: int
    harvest_from: date
    harvest_to: date
    made_at: datetime
    best_before: date | None
    certificate: str
    trace_code: str | None
    household: str | None
    packing: str | None
    packing_en: str | None
    unit: str | None
    unit_en: str | None

    @property
    def left_grams(self) -> int:
        """What no later lot has taken and nobody has lost."""
        return self.grams - self.used_grams - self.lost_grams

    @property
    def left_kg(self) -> str:
        """The same in kilograms, as it is typed into a form."""
        return kg_text(self.left_grams).replace(",", "")

    @property
    def units_on_sale(self) -> int:
        """Units nobody has a claim on."""
        return self.units - self.reserved_units - self.shipped_units - self.written_off_units

    @property
    def units_here(self) -> int:
        """Units still in the store: on sale or reserved."""
        return self.units_on_sale + self.reserved_units

    @property
    def stands(self) -> bool:
        """Whether the lot is on record, not voided."""
        return self.state is LotState.RECORDED

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self.freezes > 0


@dataclass(frozen=True, slots=True)
class StockGroup:
    """The lots of one step with something left, and what is left of them together."""

    kind: LotKind
    rows: tuple[LotRow, ...]

    @property
    def grams(self) -> int:
        """Grams left in the group."""
        return sum(row.left_grams for row in self.rows)

    @property
    def units_on_sale(self) -> int:
        """Units on sale in the group."""
        return sum(row.units_on_sale for row in self.rows)

    @property
    def units_reserved(self) -> int:
        """Units promised to orders in the group."""
        return sum(row.reserved_units for row in self.rows)


@dataclass(frozen=True, slots=True)
class Flow:
    """What one lot took from or gave to another."""

    lot: LotRow
    grams: int

    @property
    def left_after(self) -> int:
        """What would be left of a lot not yet taken from; below zero if too much is asked."""
        return self.lot.left_grams - self.grams


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of a process, or one that was done to a lot, with what was noted of it."""

    position: int
    name: str
    name_en: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """A process on offer. `own` says it is the cooperative's; others are offered to all."""

    public_id: str
    category: Category
    name: str
    name_en: str
    makes: str
    makes_en: str
    own: bool
    steps: tuple[StepRow, ...]


@dataclass(frozen=True, slots=True)
class Making:
    """What a lot would be, shown before it is made."""

    inputs: tuple[Flow, ...]
    grams: int
    kind: LotKind
    units: int = 0
    net_grams: int = 0
    packing: str = ""
    window: tuple[int, int] | None = None

    @property
    def taken_grams(self) -> int:
        """What would go in."""
        return sum(flow.grams for flow in self.inputs)

    @property
    def difference_grams(self) -> int:
        """What would be lost in the making."""
        return self.taken_grams - self.grams

    @property
    def ratio(self) -> str | None:
        """What would go in for one of what comes out, where goods are processed."""
        if self.kind is not LotKind.PROCESSED or not self.grams:
            return None
        return ratio_text(self.taken_grams, self.grams)

    @property
    def ratio_is_odd(self) -> bool:
        """Whether that lies outside what these goods can be."""
        return self.ratio is not None and ratio_is_odd(self.window, self.taken_grams, self.grams)


@dataclass(frozen=True, slots=True)
class Packing:
    """A specification of the cooperative to pack into."""

    public_id: str
    product: str
    grade: str
    name: str
    unit: str
    net_grams: int
    category: Category


def kilograms_of(milligrams: int) -> str:
    """Milligrams as kilograms, exact, without needless zeros."""
    whole, rest = divmod(milligrams, 1_000_000)
    return f"{whole:,}" + (f".{rest:06d}".rstrip("0") if rest else "")


def ratio_text(taken_grams: int, made_grams: int) -> str:
    """A ratio of what went in to what came out, with two decimals."""
    return hundredths_text(ratio_hundredths(taken_grams, made_grams))


def hundredths_text(hundredths: int) -> str:
    """Hundredths as a number with two decimals: 450 is 4.50."""
    whole, rest = divmod(hundredths, 100)
    return f"{whole}.{rest:02d}"
