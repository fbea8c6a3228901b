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
    shipped_units: int
    accepted_units: int
    short_units: int
    damaged_units: int
    returned_units: int

    @property
    def to_ship(self) -> int:
        """Units still in the store."""
        return self.units - self.shipped_units


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
        """What of the total was asked for freight on top."""
        return total([line.surcharge * line.units for line in self.lines])
