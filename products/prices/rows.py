"""Prices, discounts and freight tables as pages see them: frozen facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from products.catalogue.rules import Composition
from products.catalogue.states import PriceState, TaxClass
from products.prices.rules import Difference, Zone
from shop.core.audit import Act
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class GoodsRow:
    """A specification of a cooperative with what it costs today and what is to come."""

    specification_id: str
    product: str
    product_en: str
    specification: str
    specification_en: str
    price: Money | None
    tax_class: TaxClass | None
    from_day: date | None
    next_price: Money | None
    next_day: date | None


@dataclass(frozen=True, slots=True)
class PaperRow:
    """Something that is approved by two. `kind` is price, discount or freight.

    `goods` is empty for a freight table. `price` and `percent` are a price's or a discount's.
    """

    public_id: str
    kind: str
    state: PriceState
    from_day: date
    until_day: date | None
    cooperative: str
    cooperative_en: str
    goods: str
    goods_en: str
    union: str
    union_en: str
    price: Money | None
    percent: int | None
    drafted_by: str
    drafted_at: datetime
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a rung costs before and after a discount, and the households' part of either."""

    from_units: int
    before: Composition
    after: Composition


@dataclass(frozen=True, slots=True)
class PaperPage:
    """One of them with all that a second pair of eyes looks at, and what was done to it.

    Of a price: `composition`, `tax_class`, `steps`, and `differences` from the price before.
    Of a discount: `effects`. Of a freight table: `zones`. `actions` are what this reader may do.
    """

    paper: PaperRow
    specification_id: str
    unit: str
    unit_en: str
    composition: Composition | None
    tax_class: TaxClass | None
    steps: tuple[tuple[int, Composition], ...]
    differences: tuple[Difference, ...]
    effects: tuple[Effect, ...]
    zones: tuple[Zone, ...]
    history: tuple[Act, ...]
    actions: tuple[str, ...]
