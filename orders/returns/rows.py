"""Returns as pages see them: frozen facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orders.returns.arriving import MoneyBack
from orders.returns.states import RequestState
from shop.core.audit import Act
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request for a return. Keys of union, buyer and cooperative never leave the server."""

    public_id: str
    number: str
    state: RequestState
    reason: str
    asked_at: datetime
    answer: str
    waybill: str
    acceptance_id: str
    acceptance: str
    order: str
    cooperative_id: int
    cooperative: str
    cooperative_en: str
    union_id: int | None
    buyer_id: int
    buyer: str
    buyer_en: str
    units: int
    value: Money
    return_id: str
    returned: Money


@dataclass(frozen=True, slots=True)
class LineRow:
    """Units of one line, asked for or come back, and what inspection made of them."""

    line_id: str
    name: str
    name_en: str
    unit: str
    unit_en: str
    lot: str
    units: int
    restocked: int
    written_off: int

    @property
    def open(self) -> int:
        """Units nobody has inspected."""
        return self.units - self.restocked - self.written_off


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request with its lines, what happened, its money and what the actor may do."""

    row: RequestRow
    lines: tuple[LineRow, ...]
    acts: tuple[Act, ...]
    refunds: tuple[MoneyBack, ...]
    buyers_own: bool
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoodsBack:
    """A return, whose units stand apart from the shelf as far as nobody has inspected them.

    `request_id` is empty where nobody asked: it was registered at once, as in a recall.
    """

    public_id: str
    number: str
    at: datetime
    reason: str
    order: str
    cooperative_id: int
    cooperative: str
    cooperative_en: str
    union_id: int | None
    buyer_id: int
    buyer: str
    buyer_en: str
    value: Money
    request_id: str
    units: int
    open: int


@dataclass(frozen=True, slots=True)
class GoodsPage:
    """A return with its lines and its money."""

    row: GoodsBack
    lines: tuple[LineRow, ...]
    refunds: tuple[MoneyBack, ...]
    buyers_own: bool
    may_inspect: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Requests to answer, goods to come, to inspect, and what is over.

    What waits is there whole, oldest first; of what is over, the latest. `registered` are
    returns nobody asked for that are inspected.
    """

    to_answer: tuple[RequestRow, ...]
    coming: tuple[RequestRow, ...]
    over: tuple[RequestRow, ...]
    to_inspect: tuple[GoodsBack, ...]
    registered: tuple[GoodsBack, ...]
