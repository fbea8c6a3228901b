"""What a scenario file may say: read whole, and refused with the place and the reason.

Pure. What only money can decide (paying more than is open, a bank's result without a payment) is
refused while the scenario is played.

Rule: docs/money.md, “Scenario files”.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Protocol, TypeVar

from orders.scenarios.reading import (
    Refused,
    a_flag,
    a_list,
    a_text,
    a_whole,
    all_different,
    an_object,
    kind_of,
    parsed,
)
from products.catalogue.rules import Composition
from products.lots.rules import FEN_PER_KG_AT_MOST, GRAMS_AT_MOST, leaf_value
from shop.core.money import Money

_BIGINT_AT_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Delivery:
    """Leaf of one household at the scale."""

    id: str
    household: str
    grams: int
    fen_per_kg: int
    paid: bool


@dataclass(frozen=True, slots=True)
class PlannedLot:
    """A lot made of deliveries and earlier lots; packed and sold if it has `units`.

    `inputs` are (delivery or lot, grams), each source once, in the order of the file.
    """

    id: str
    inputs: tuple[tuple[str, int], ...]
    grams: int
    units: int | None

    @property
    def taken(self) -> int:
        """What goes in altogether, in grams."""
        return sum(grams for _source, grams in self.inputs)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens; the fields its kind has not are empty."""

    do: str
    id: str = ""
    lot: str = ""
    order: str = ""
    household: str = ""
    units: int = 0
    fen: int = 0
    ok: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """A file that was read; every name in it is known, and every unit is there when it moves."""

    deliveries: tuple[Delivery, ...]
    lots: tuple[PlannedLot, ...]
    composition: Composition
    events: tuple[Event, ...]

    @property
    def households(self) -> list[str]:
        """Everyone who delivered, in byte order, which decides ties."""
        return sorted({one.household for one in self.deliveries}, key=str.encode)


#: What an event of each kind says besides what it does.
_EVENTS = {
    "order": ("id", "lot", "units"),
    "pay": ("order", "fen"),
    "accept": ("order", "units"),
    "short": ("order", "units"),
    "return": ("order", "units"),
    "settle": (),
    "payout": (),
    "payout_result": ("household", "ok"),
}
_PARTS = tuple(part.name for part in fields(Composition) if part.name != "price")


def read_scenario(content: bytes) -> Scenario:
    """Read a scenario file whole.

    Raises:
        Refused: it is not JSON, has fields too many or too few or of another type, names what is
            not there, takes more than there is, or has a composition that does not sum.
    """
    top = an_object(
        parsed(content), "", ("deliveries", "lots", "price_fen", "composition", "events")
    )
    deliveries = tuple(
        _delivery(row, f"deliveries[{i}]")
        for i, row in enumerate(a_list(top["deliveries"], "deliveries"))
    )
    all_different((f"deliveries[{i}].id", one.id) for i, one in enumerate(deliveries))
    lots = _lots(a_list(top["lots"], "lots"), deliveries)
    composition = _composition(top)
    events = tuple(
        _event(row, f"events[{i}]") for i, row in enumerate(a_list(top["events"], "events"))
    )
    scenario = Scenario(deliveries, lots, composition, events)
    _refuse_too_large(scenario)
    _refuse_units(scenario)
    return scenario


# --- the parts of a scenario ---------------------------------------------------------------------


def _delivery(row: Any, place: str) -> Delivery:
    said = an_object(row, place, ("id", "household", "grams", "fen_per_kg", "paid"))
    one = Delivery(
        a_text(said["id"], f"{place}.id"),
        a_text(said["household"], f"{place}.household"),
        a_whole(said["grams"], f"{place}.grams", most=GRAMS_AT_MOST),
        a_whole(said["fen_per_kg"], f"{place}.fen_per_kg", most=FEN_PER_KG_AT_MOST),
        a_flag(said["paid"], f"{place}.paid"),
    )
    if not leaf_value(one.grams, one.fen_per_kg):
        raise Refused(place, "worth less than half a fen")
    return one


def _lots(rows: list[Any], deliveries: tuple[Delivery, ...]) -> tuple[PlannedLot, ...]:
    """The lots, each taking only what deliveries and earlier lots have left."""
    left = {one.id: one.grams for one in deliveries}
    packed: set[str] = set()
    lots = []
    for i, row in enumerate(rows):
        place = f"lots[{i}]"
        said = an_object(row, place, ("id", "inputs", "grams"), ("units",))
        name = a_text(said["id"], f"{place}.id")
        all_different([(f"{place}.id", name)], left)
        inputs: dict[str, int] = {}
        for k, taken in enumerate(a_list(said["inputs"], f"{place}.inputs")):
            source, grams = _input(taken, f"{place}.inputs[{k}]", left, packed)
            left[source] -= grams
            inputs[source] = inputs.get(source, 0) + grams
        lot = PlannedLot(
            name,
            tuple(inputs.items()),
            a_whole(said["grams"], f"{place}.grams"),
            a_whole(said["units"], f"{place}.units") if "units" in said else None,
        )
        if not inputs:
            raise Refused(f"{place}.inputs", "a lot is made of something")
        if lot.grams > lot.taken:
            raise Refused(f"{place}.grams", f"weighs more than the {lot.taken} that go in")
        if lot.units is not None:
            if lot.units > lot.grams:
                raise Refused(f"{place}.units", "less than a gram each")
            packed.add(name)
        left[name] = lot.grams
        lots.append(lot)
    return tuple(lots)


def _input(row: Any, place: str, left: dict[str, int], packed: set[str]) -> tuple[str, int]:
    said = an_object(row, place, ("from", "grams"))
    source = a_text(said["from"], f"{place}.from")
    grams = a_whole(said["grams"], f"{place}.grams")
    if source not in left:
        raise Refused(f"{place}.from", f"no delivery and no earlier lot is called {source!r}")
    if source in packed:
        raise Refused(f"{place}.from", f"{source!r} is packed; nothing is taken out of it")
    if grams > left[source]:
        raise Refused(f"{place}.grams", f"{source!r} has {left[source]} left, not {grams}")
    return source, grams


def _composition(top: dict[str, Any]) -> Composition:
    price = a_whole(top["price_fen"], "price_fen")
    said = an_object(top["composition"], "composition", _PARTS)
    parts = {name: a_whole(said[name], f"composition.{name}", least=0) for name in _PARTS}
    if sum(parts.values()) != price:
        raise Refused(
            "composition", f"the parts sum to {sum(parts.values())}, not to price_fen {price}"
        )
    return Composition(price=Money(price), **{name: Money(fen) for name, fen in parts.items()})


#: How each field of an event is read.
_FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "id": a_text,
    "lot": a_text,
    "order": a_text,
    "household": a_text,
    "units": a_whole,
    "fen": a_whole,
    "ok": a_flag,
}


def _event(row: Any, place: str) -> Event:
    if not isinstance(row, dict):
        raise Refused(place, f"an object is needed, not {kind_of(row)}")
    if "do" not in row:
        raise Refused(f"{place}.do", "missing")
    do = a_text(row["do"], f"{place}.do")
    if do not in _EVENTS:
        raise Refused(f"{place}.do", f"one of {', '.join(_EVENTS)}, not {do!r}")
    said = an_object(row, place, ("do", *_EVENTS[do]))
    read: dict[str, Any] = {
        name: _FIELDS[name](said[name], f"{place}.{name}") for name in _EVENTS[do]
    }
    return Event(do, **read)


def _refuse_too_large(scenario: Scenario) -> None:
    """Shares are computed in whole numbers of 64 bits: revenue × weights fits into them."""
    weights = sum(leaf_value(one.grams, one.fen_per_kg).fen for one in scenario.deliveries)
    price = scenario.composition.price.fen
    for i, lot in enumerate(scenario.lots):
        if lot.units and lot.units * price * weights > _BIGINT_AT_MOST:
            raise Refused(f"lots[{i}].units", "too many at this price to be shared exactly")


# --- units ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Order:
    lot: str
    open: int
    kept: int = 0


@dataclass(slots=True)
class _Shelf:
    """What is left of each packed lot, and how far each order has come, in units."""

    lots: dict[str, int]
    orders: dict[str, _Order] = field(default_factory=dict)


def _refuse_units(scenario: Scenario) -> None:
    """Follow the units through the events; refuse the first event that cannot be."""
    shelf = _Shelf({lot.id: lot.units for lot in scenario.lots if lot.units})
    made = {lot.id for lot in scenario.lots}
    for i, event in enumerate(scenario.events):
        place = f"events[{i}]"
        if event.do == "order":
            _order(event, place, shelf, made)
        elif event.order:
            if event.order not in shelf.orders:
                raise Refused(f"{place}.order", f"nothing was ordered as {event.order!r}")
            _move(event, place, shelf)
        elif event.household and event.household not in scenario.households:
            raise Refused(f"{place}.household", f"{event.household!r} delivered nothing")


def _order(event: Event, place: str, shelf: _Shelf, made: set[str]) -> None:
    all_different([(f"{place}.id", event.id)], shelf.orders)
    if event.lot not in shelf.lots:
        reason = "is not packed" if event.lot in made else "is no lot of the file"
        raise Refused(f"{place}.lot", f"{event.lot!r} {reason}")
    _refuse_more(event, place, shelf.lots[event.lot], f"are left of {event.lot!r}")
    shelf.lots[event.lot] -= event.units
    shelf.orders[event.id] = _Order(event.lot, event.units)


def _move(event: Event, place: str, shelf: _Shelf) -> None:
    order = shelf.orders[event.order]
    if event.do == "return":
        _refuse_more(event, place, order.kept, "are accepted and not returned")
        order.kept -= event.units
    elif event.do in ("accept", "short"):
        _refuse_more(event, place, order.open, "are still open")
        order.open -= event.units
        if event.do == "accept":
            order.kept += event.units
        else:
            shelf.lots[order.lot] += event.units


def _refuse_more(event: Event, place: str, left: int, what: str) -> None:
    if event.units > left:
        raise Refused(f"{place}.units", f"only {left} {what}, not {event.units}")


# --- returns ----------------------------------------------------------------------------------


class Returnable(Protocol):
    """An acceptance as a return sees it."""

    @property
    def kept(self) -> int:
        """Units accepted and not returned yet."""


R = TypeVar("R", bound=Returnable)


def returned_from(units: int, taken: Sequence[R]) -> list[tuple[R, int]]:
    """From which acceptances of an order returned units are taken: the newest first.

    A file's return names the order only. Payments clear the oldest acceptances first, so what is
    still receivable is on the newest: nothing is refunded before all of it is credited, and it
    makes no difference whether the buyer paid before or after.

    Args:
        units: at most what is kept altogether.
        taken: the order's acceptances, the oldest first.

    Returns:
        Acceptances with units above zero, each once.
    """
    chosen = []
    for one in reversed(taken):
        take = min(units, one.kept)
        units -= take
        if take:
            chosen.append((one, take))
    return chosen
