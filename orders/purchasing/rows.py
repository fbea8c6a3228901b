"""Purchases, orders and lines as pages and papers see them: frozen facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from orders.purchasing.states import OrderState, PaymentTerms, PurchaseKind, PurchaseState
from products.catalogue.states import TaxClass
from shop.core.money import Money, total


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """A purchase as pages show it. `id`, `union_id`, `budget_id` never leave the server.

    Where the reader is neither of the union nor the buyer, names and phone come masked.
    """

    id: int
    public_id: str
    number: str
    reference: str
    kind: PurchaseKind
    state: PurchaseState
    terms: PaymentTerms
    union_id: int | None
    union_public_id: str
    union_name: str
    budget_id: int | None
    buyer: str
    total: Money
    recipient: str
    phone: str
    address: str
    note: str
    submitted_at: datetime
    approved_at: datetime | None
    lapses_at: datetime | None
    province: str


@dataclass(frozen=True, slots=True)
class LotTaken:
    """Units of a line put by in one packed lot, and what became of them. `id` stays inside."""

    id: int
    public_id: str
    lot_id: int
    lot_number: str
    trace_code: str
    best_before: date | None
    units: int
    cancelled_units: int
    shipped_units: int
    accepted_units: int
    short_units: int
    damaged_units: int
    returned_units: int

    @property
    def kept_units(self) -> int:
        """Units not given up before they were shipped."""
        return self.units - self.cancelled_units

    @property
    def to_ship(self) -> int:
        """Units still in the store."""
        return self.kept_units - self.shipped_units


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a price: its key in the composition, and fen per unit."""

    key: str
    amount: Money


@dataclass(frozen=True, slots=True)
class LineRow:
    """One specification in an order; `parts` sum to `price`, `amount` is price × units.

    A unit's `price` is `list_price` − ladder − `discount` + `surcharge`; the surcharge is freight.
    """

    specification_id: str
    slug: str
    product_name: str
    specification_name: str
    unit: str
    units: int
    price: Money
    amount: Money
    parts: tuple[Part, ...]
    lots: tuple[LotTaken, ...]
    name_en: str
    unit_en: str
    list_price: Money
    discount: Money
    surcharge: Money
    tax_class: TaxClass
    tax_rate_bp: int

    @property
    def cancelled_units(self) -> int:
        """Units of the line given up before they were shipped."""
        return sum(lot.cancelled_units for lot in self.lots)

    @property
    def kept_units(self) -> int:
        """Units of the line not given up."""
        return self.units - self.cancelled_units

    @property
    def kept(self) -> Money:
        """What they cost."""
        return self.price * self.kept_units

    @property
    def to_ship(self) -> int:
        """Units of the line still in the store."""
        return sum(lot.to_ship for lot in self.lots)

    @property
    def ladder_off(self) -> Money:
        """What the ladder took off each unit."""
        return self.list_price + self.surcharge - self.discount - self.price

    @property
    def name(self) -> str:
        """Product and specification, as papers name goods."""
        return f"{self.product_name} {self.specification_name}"


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One cooperative's order with its lines. `id`, `cooperative_id` never leave the server."""

    id: int
    public_id: str
    number: str
    state: OrderState
    total: Money
    fresh: bool
    placed_at: datetime
    purchase_id: int
    cooperative_id: int
    cooperative: str
    cooperative_en: str
    lines: tuple[LineRow, ...]

    @property
    def surcharge(self) -> Money:
        """What of `kept` was asked for freight on top."""
        return total([line.surcharge * line.kept_units for line in self.lines])

    @property
    def kept(self) -> Money:
        """What the order costs without the units given up before they were shipped."""
        return total([line.kept for line in self.lines])

    @property
    def cancelled(self) -> Money:
        """What the units given up cost."""
        return self.total - self.kept
