"""What the page of one lot shows: frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from products.lots.graph_queries import Graph
from products.lots.rows import Flow, LotRow, ProcessRow, StepRow, kilograms_of, ratio_text
from products.lots.rules import ratio_is_odd
from products.lots.states import AlarmKind, AlarmState, FreezeCause, LotDeed, LotKind
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class ShareRow:
    """What stands behind a lot of one household's goods."""

    household: str
    village: str
    milligrams: int
    value: Money
    paid: Money

    @property
    def kilograms(self) -> str:
        """The milligrams as kilograms, exact, without needless zeros."""
        return kilograms_of(self.milligrams)


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a lot's history. `deed` is None for acts of other parts."""

    at: datetime
    who: str
    deed: LotDeed | None
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class FreezeRow:
    """One reason why a lot stands or stood still."""

    cause: FreezeCause
    about: str
    reason: str
    since: datetime
    lifted_at: datetime | None
    lift_reason: str


@dataclass(frozen=True, slots=True)
class CorrectionRow:
    """A later version of a lot's shares: who made it, when and why; what it sums to.

    `delivery` is the number of what was wrong, `delivery_id` its lot's public id.
    """

    version: int
    delivery: str
    delivery_id: str
    at: datetime
    by: str
    reason: str
    milligrams: int
    value: Money

    @property
    def kilograms(self) -> str:
        """The milligrams as kilograms, exact."""
        return kilograms_of(self.milligrams)


@dataclass(frozen=True, slots=True)
class LossRow:
    """What of a lot is gone, and why."""

    grams: int
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class AlarmMark:
    """An alarm that names a lot."""

    public_id: str
    kind: AlarmKind
    state: AlarmState


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A lot on the way down to the households, with what was taken of it, and its own parents."""

    lot: LotRow
    grams: int
    parents: tuple[Ancestor, ...]


@dataclass(frozen=True, slots=True)
class LotPage:
    """Everything about one lot. `ancestors` are its parents, each with its own behind it.

    `names`: whether this reader may see households' names. `cooperative_id` is a public id.
    """

    lot: LotRow
    note: str
    inputs: tuple[Flow, ...]
    outputs: tuple[Flow, ...]
    shares: tuple[ShareRow, ...]
    history: tuple[Step, ...]
    ancestors: tuple[Ancestor, ...]
    process: ProcessRow | None
    steps: tuple[StepRow, ...]
    freezes: tuple[FreezeRow, ...]
    corrections: tuple[CorrectionRow, ...]
    losses: tuple[LossRow, ...]
    alarms: tuple[AlarmMark, ...]
    graph: Graph | None
    cooperative_id: str
    names: bool
    window: tuple[int, int] | None

    @property
    def taken_grams(self) -> int:
        """What went in altogether."""
        return sum(flow.grams for flow in self.inputs)

    @property
    def milligrams(self) -> int:
        """Delivered goods behind it altogether."""
        return sum(share.milligrams for share in self.shares)

    @property
    def kilograms(self) -> str:
        """The same in kilograms, exact."""
        return kilograms_of(self.milligrams)

    @property
    def value(self) -> Money:
        """Their agreed value altogether."""
        return Money(sum(share.value.fen for share in self.shares))

    @property
    def paid(self) -> Money:
        """What of it was paid at the gate altogether."""
        return Money(sum(share.paid.fen for share in self.shares))

    @property
    def ratio(self) -> str | None:
        """What went in for one of what came out, where goods were processed: 4.50."""
        if self.lot.kind is not LotKind.PROCESSED or not self.taken_grams:
            return None
        return ratio_text(self.taken_grams, self.lot.grams)

    @property
    def ratio_is_odd(self) -> bool:
        """Whether that lies outside what these goods can be."""
        return self.ratio is not None and ratio_is_odd(
            self.window, self.taken_grams, self.lot.grams
        )
