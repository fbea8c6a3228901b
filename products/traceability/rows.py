"""What the trace page and the labels are told; frozen rows, nothing that consent does not cover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from products.lots.states import FreezeCause, LotKind
from products.quality.rows import LotPapers
from products.traceability.finding import Found
from products.traceability.rules import Behind
from products.traceability.slots import LotMoney
from products.traceability.states import Verdict
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class Named:
    """A name in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A county on the tile grid; `here` marks where the box comes from."""

    name: Named
    column: int
    row: int
    here: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One step from the scale to the box; deliveries stand together as one step.

    `grams_in` is zero for deliveries; `units` is zero but for the packing. `deeds` are the steps
    of its process that were done, by name.
    """

    kind: LotKind
    number: str
    name: str
    first: date
    last: date
    grams_in: int
    grams: int
    units: int
    deliveries: int
    deeds: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the price: what it is called and how much of one unit it is."""

    key: str
    label: str
    amount: Money


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a label: enough to know the box without scanning it. `gtin` is of a unit."""

    lot_id: str
    number: str
    gtin: str
    code: str
    spelled: str
    product: Named
    specification: Named
    unit: Named
    grade: Named
    net_grams: int
    units: int
    cooperative: Named
    harvest_from: date
    harvest_to: date
    packed_on: date
    best_before: date | None
    certificate: str


@dataclass(frozen=True, slots=True)
class Standstill:
    """Why the lot stands still today: the cause, the reason as given, and since when."""

    cause: FreezeCause
    reason: str
    since: datetime


@dataclass(frozen=True, slots=True)
class TracePage:
    """Everything the public page says about the code and the packed lot behind it.

    `scans` and `first_scan` are those of this code where it is that of one unit or box, else of
    the whole lot.
    """

    found: Found
    verdict: Verdict
    standstills: tuple[Standstill, ...]
    papers: LotPapers
    sheet: Sheet
    slug: str
    story: Named
    county: Named
    province: str
    tiles: tuple[Tile, ...]
    steps: tuple[Step, ...]
    behind: tuple[Behind, ...]
    households: int
    leaf_grams: int
    price: Money | None
    parts: tuple[Part, ...]
    money: LotMoney | None
    scans: int
    first_scan: datetime | None
