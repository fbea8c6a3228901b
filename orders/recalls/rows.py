"""What the pages, papers and sheets of recalls show: frozen rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from orders.purchasing.states import OrderState
from orders.recalls.states import (
    Channel,
    DestructionState,
    Fate,
    NoticeState,
    RecallReason,
    RecallState,
    ScopeKind,
)
from products.lots.states import LotKind
from shop.core.audit import Act
from shop.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class ReachedLot:
    """A lot in the reach of a recall, as it stands. `id`, `cooperative_id` stay inside."""

    id: int
    public_id: str
    number: str
    kind: LotKind
    goods: str
    goods_en: str
    unit: str
    unit_en: str
    cooperative_id: int
    cooperative: str
    cooperative_en: str
    grams: int
    left_grams: int
    units: int
    reserved_units: int
    shipped_units: int
    written_off_units: int
    freezes: int
    harvest_from: date
    harvest_to: date
    made_at: datetime
    best_before: date | None
    certificate: str
    trace_code: str

    @property
    def units_free(self) -> int:
        """Units in the store nobody has a claim on."""
        return self.units - self.reserved_units - self.shipped_units - self.written_off_units

    @property
    def packed(self) -> bool:
        """Whether it counts in units."""
        return self.kind is LotKind.PACKED

    @property
    def gone(self) -> bool:
        """Whether nothing of it is left in the store."""
        return not (self.units_free + self.reserved_units if self.packed else self.left_grams)


@dataclass(frozen=True, slots=True)
class ReachedOrder:
    """An order with units of reached lots, and where it went. Masked for who need not call."""

    id: int
    public_id: str
    number: str
    state: OrderState
    purchase_id: str
    purchase: str
    union: str
    buyer: str
    recipient: str
    phone: str
    address: str
    cooperative_id: int
    cooperative: str
    cooperative_en: str
    goods: str
    lots: tuple[str, ...]
    units: int
    shipped_units: int
    held_units: int
    returned_units: int

    @property
    def waiting_units(self) -> int:
        """Units not shipped yet."""
        return self.units - self.shipped_units

    @property
    def who(self) -> str:
        """The union, or the person who bought for themselves."""
        return self.union or self.buyer


@dataclass(frozen=True, slots=True)
class Reach:
    """Everything a recall reaches, as it stands."""

    lots: tuple[ReachedLot, ...]
    orders: tuple[ReachedOrder, ...]
    households: int

    @property
    def left_grams(self) -> int:
        """Grams of goods not packed yet."""
        return sum(lot.left_grams for lot in self.lots if not lot.packed)

    @property
    def free_units(self) -> int:
        """Units in the store nobody has a claim on."""
        return sum(lot.units_free for lot in self.lots)

    @property
    def waiting_units(self) -> int:
        """Units orders still wait for."""
        return sum(order.waiting_units for order in self.orders)

    @property
    def held_units(self) -> int:
        """Units that have reached buyers and were not returned."""
        return sum(order.held_units for order in self.orders)

    @property
    def people(self) -> int:
        """Buyers: unions and persons, each once."""
        return len({(order.union, order.buyer if not order.union else "") for order in self.orders})

    @property
    def waiting(self) -> tuple[ReachedOrder, ...]:
        """Orders with units still to be shipped."""
        return tuple(order for order in self.orders if order.waiting_units)


@dataclass(frozen=True, slots=True)
class RecallRow:
    """A recall on a list, with how far its following up is."""

    id: int
    public_id: str
    number: str
    drill: bool
    state: RecallState
    scope: ScopeKind
    began_with: str
    reason_kind: RecallReason
    reason: str
    advice: str
    households: int
    opened_at: datetime
    elapsed_ms: int | None
    ended_at: datetime | None
    ending: str
    lots: int = 0
    orders: int = 0
    units: int = 0
    accounted: int = 0


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of following up."""

    fate: Fate
    units: int
    channel: Channel
    words: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """What was told of one order (or to a cooperative), and what came of it."""

    id: int
    public_id: str
    state: NoticeState
    order: ReachedOrder | None
    cooperative_id: int
    cooperative: str
    cooperative_en: str
    units: int
    waiting_units: int
    told_at: datetime
    answered_at: datetime | None
    holds: int | None
    words: str
    fates: tuple[tuple[Fate, int], ...]
    entries: tuple[EntryRow, ...]

    @property
    def accounted(self) -> int:
        """Units of which it is known what became of them."""
        return sum(units for _fate, units in self.fates)

    @property
    def open_units(self) -> int:
        """Units of which nobody knows yet."""
        return self.units - self.accounted


@dataclass(frozen=True, slots=True)
class RecalledLot:
    """A lot of a recall: as it was found, as it stands, and whether it was spared."""

    lot: ReachedLot
    started: bool
    left_grams: int
    left_units: int
    reserved_units: int
    shipped_units: int
    spared_at: datetime | None
    spared_because: str


@dataclass(frozen=True, slots=True)
class DestructionRow:
    """What is or was to be destroyed of a lot."""

    public_id: str
    lot: str
    unit: str
    unit_en: str
    state: DestructionState
    grams: int
    units: int
    words: str
    proposed_at: datetime
    done_at: datetime | None
    proposed_by: str
    mine: bool


@dataclass(frozen=True, slots=True)
class RecallPage:
    """One recall, or a cooperative's part of it; `actions` are this actor's."""

    row: RecallRow
    lots: tuple[RecalledLot, ...]
    notices: tuple[NoticeRow, ...]
    destructions: tuple[DestructionRow, ...]
    history: tuple[Act, ...]
    actions: tuple[str, ...]
    may_follow: bool

    def lot(self, lot_id: str) -> RecalledLot:
        """One of its lots, by public id.

        Raises:
            NotFound: it is not in this recall, or not in this part of it.
        """
        for one in self.lots:
            if one.lot.public_id == lot_id:
                return one
        raise NotFound()

    @property
    def to_buyers(self) -> tuple[NoticeRow, ...]:
        """The notices of orders; those without an answer first, the longest told before."""
        return tuple(
            sorted(
                (one for one in self.notices if one.order is not None),
                key=lambda one: (
                    [NoticeState.TOLD, NoticeState.ANSWERED, NoticeState.DONE].index(one.state),
                    one.told_at,
                    one.id,
                ),
            )
        )

    @property
    def to_cooperatives(self) -> tuple[NoticeRow, ...]:
        """The notices of cooperatives."""
        return tuple(one for one in self.notices if one.order is None)

    @property
    def unanswered(self) -> int:
        """Buyers who have not answered yet."""
        return sum(one.state is NoticeState.TOLD for one in self.to_buyers)

    @property
    def units(self) -> int:
        """Units that had reached buyers."""
        return sum(one.units for one in self.to_buyers)

    @property
    def accounted(self) -> int:
        """Units of which it is known what became of them."""
        return sum(one.accounted for one in self.to_buyers)

    @property
    def fates(self) -> dict[Fate, int]:
        """Units by what became of them."""
        found: dict[Fate, int] = {}
        for one in self.to_buyers:
            for fate, units in one.fates:
                found[fate] = found.get(fate, 0) + units
        return found
