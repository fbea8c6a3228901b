"""What a scenario file may say: read whole, and refused with the place and the reason.

Pure. What only money can decide (paying more than is open, a bank's result without a payment) is
refused while the story is played.

Rule: docs/money.md, “Scenario files”.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NoReturn, Protocol, TypeVar

from products.catalogue.rules import Composition
from products.lots.rules import FEN_PER_KG_AT_MOST, GRAMS_AT_MOST, leaf_value
from shop.core.money import Money

#: No figure of a story is larger: a thousand million yuan, a million tonnes.
WHOLE_AT_MOST = 10**12
_BIGINT_AT_MOST = 2**63 - 1


class Refused(Exception):
    """A story that is none. `place` is where in the file, such as ``events[3].units``."""

    def __init__(self, place: str, reason: str) -> None:
        self.place, self.reason = place, reason
        super().__init__(f"{place}: {reason}" if place else reason)


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
class Story:
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


def read_story(content: bytes) -> Story:
    """Read a scenario file whole.

    Raises:
        Refused: it is not JSON, has fields too many or too few or of another type, names what is
            not there, takes more than there is, or has a composition that does not sum.
    """
    top = _object(
        _parsed(content), "", ("deliveries", "lots", "price_fen", "composition", "events")
    )
    deliveries = tuple(
        _delivery(row, f"deliveries[{i}]")
        for i, row in enumerate(_list(top["deliveries"], "deliveries"))
    )
    _all_different((f"deliveries[{i}].id", one.id) for i, one in enumerate(deliveries))
    lots = _lots(_list(top["lots"], "lots"), deliveries)
    composition = _composition(top)
    events = tuple(
        _event(row, f"events[{i}]") for i, row in enumerate(_list(top["events"], "events"))
    )
    story = Story(deliveries, lots, composition, events)
    _refuse_too_large(story)
    _refuse_units(story)
    return story


# --- JSON -------------------------------------------------------------------------------------


def _parsed(content: bytes) -> Any:
    def no_constant(word: str) -> NoReturn:
        raise Refused("", f"{word} is not a whole number")

    try:
        return json.loads(
            content.decode(), object_pairs_hook=_no_field_twice, parse_constant=no_constant
        )
    except (ValueError, RecursionError) as error:
        raise Refused("", f"not JSON in UTF-8: {error}") from None


def _no_field_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Refused(name, "stands twice in one object")
        found[name] = value
    return found


def _object(
    value: Any, place: str, needed: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Refused(place, f"an object is needed, not {_kind(value)}")
    before = f"{place}." if place else ""
    for name in value:
        if name not in needed and name not in optional:
            raise Refused(f"{before}{name}", "unknown field")
    for name in needed:
        if name not in value:
            raise Refused(f"{before}{name}", "missing")
    return value


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise Refused(place, f"a list is needed, not {_kind(value)}")
    return value


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise Refused(place, f"text is needed, not {_kind(value)}")
    if not value:
        raise Refused(place, "empty")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused(place, "half of a character") from None
    return value


def _whole(value: Any, place: str, *, least: int = 1, most: int = WHOLE_AT_MOST) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(place, f"a whole number is needed, not {_kind(value)}")
    if value < least:
        raise Refused(place, f"at least {least}, not {value}")
    if value > most:
        raise Refused(place, f"at most {most}")
    return value


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise Refused(place, f"true or false is needed, not {_kind(value)}")
    return value


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    kinds = {
        bool: "true or false",
        int: "a number",
        float: "a fraction",
        str: "text",
        list: "a list",
    }
    return kinds.get(type(value), "an object")


def _all_different(named: Iterable[tuple[str, str]], known: Iterable[str] = ()) -> None:
    seen = set(known)
    for place, name in named:
        if name in seen:
            raise Refused(place, f"{name!r} stands twice")
        seen.add(name)


# --- the parts of a story ---------------------------------------------------------------------


def _delivery(row: Any, place: str) -> Delivery:
    said = _object(row, place, ("id", "household", "grams", "fen_per_kg", "paid"))
    one = Delivery(
        _text(said["id"], f"{place}.id"),
        _text(said["household"], f"{place}.household"),
        _whole(said["grams"], f"{place}.grams", most=GRAMS_AT_MOST),
        _whole(said["fen_per_kg"], f"{place}.fen_per_kg", most=FEN_PER_KG_AT_MOST),
        _flag(said["paid"], f"{place}.paid"),
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
        said = _object(row, place, ("id", "inputs", "grams"), ("units",))
        name = _text(said["id"], f"{place}.id")
        _all_different([(f"{place}.id", name)], left)
        inputs: dict[str, int] = {}
        for k, taken in enumerate(_list(said["inputs"], f"{place}.inputs")):
            source, grams = _input(taken, f"{place}.inputs[{k}]", left, packed)
            left[source] -= grams
            inputs[source] = inputs.get(source, 0) + grams
        lot = PlannedLot(
            name,
            tuple(inputs.items()),
            _whole(said["grams"], f"{place}.grams"),
            _whole(said["units"], f"{place}.units") if "units" in said else None,
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
    said = _object(row, place, ("from", "grams"))
    source = _text(said["from"], f"{place}.from")
    grams = _whole(said["grams"], f"{place}.grams")
    if source not in left:
        raise Refused(f"{place}.from", f"no delivery and no earlier lot is called {source!r}")
    if source in packed:
        raise Refused(f"{place}.from", f"{source!r} is packed; nothing is taken out of it")
    if grams > left[source]:
        raise Refused(f"{place}.grams", f"{source!r} has {left[source]} left, not {grams}")
    return source, grams


def _composition(top: dict[str, Any]) -> Composition:
    price = _whole(top["price_fen"], "price_fen")
    said = _object(top["composition"], "composition", _PARTS)
    parts = {name: _whole(said[name], f"composition.{name}", least=0) for name in _PARTS}
    if sum(parts.values()) != price:
        raise Refused(
            "composition", f"the parts sum to {sum(parts.values())}, not to price_fen {price}"
        )
    return Composition(price=Money(price), **{name: Money(fen) for name, fen in parts.items()})


#: How each field of an event is read.
_FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "id": _text,
    "lot": _text,
    "order": _text,
    "household": _text,
    "units": _whole,
    "fen": _whole,
    "ok": _flag,
}


def _event(row: Any, place: str) -> Event:
    if not isinstance(row, dict):
        raise Refused(place, f"an object is needed, not {_kind(row)}")
    if "do" not in row:
        raise Refused(f"{place}.do", "missing")
    do = _text(row["do"], f"{place}.do")
    if do not in _EVENTS:
        raise Refused(f"{place}.do", f"one of {', '.join(_EVENTS)}, not {do!r}")
    said = _object(row, place, ("do", *_EVENTS[do]))
    read: dict[str, Any] = {
        name: _FIELDS[name](said[name], f"{place}.{name}") for name in _EVENTS[do]
    }
    return Event(do, **read)


def _refuse_too_large(story: Story) -> None:
    """Shares are computed in whole numbers of 64 bits: revenue × weights fits into them."""
    weights = sum(leaf_value(one.grams, one.fen_per_kg).fen for one in story.deliveries)
    price = story.composition.price.fen
    for i, lot in enumerate(story.lots):
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


def _refuse_units(story: Story) -> None:
    """Follow the units through the events; refuse the first event that cannot be."""
    shelf = _Shelf({lot.id: lot.units for lot in story.lots if lot.units})
    made = {lot.id for lot in story.lots}
    for i, event in enumerate(story.events):
        place = f"events[{i}]"
        if event.do == "order":
            _order(event, place, shelf, made)
        elif event.order:
            if event.order not in shelf.orders:
                raise Refused(f"{place}.order", f"nothing was ordered as {event.order!r}")
            _move(event, place, shelf)
        elif event.household and event.household not in story.households:
            raise Refused(f"{place}.household", f"{event.household!r} delivered nothing")


def _order(event: Event, place: str, shelf: _Shelf, made: set[str]) -> None:
    _all_different([(f"{place}.id", event.id)], shelf.orders)
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
    """An acceptance as a return sees it: units kept, fen the buyer still owes for it."""

    @property
    def kept(self) -> int:
        """Units accepted and not returned yet."""

    @property
    def owed(self) -> int:
        """Fen receivable on it."""


R = TypeVar("R", bound=Returnable)


def returned_from(units: int, price: int, taken: Sequence[R]) -> list[tuple[R, int]]:
    """From which acceptances of an order returned units are taken, the oldest first.

    A file's return names the order only. First come acceptances the buyer still owes for, each
    with as many units as its debt pays for in full, so that nothing is refunded while something
    is receivable; then whatever units are left.

    Args:
        units: at most what is kept altogether.
        price: fen of one unit.
        taken: the order's acceptances, the oldest first.

    Returns:
        Acceptances with units above zero, each once.
    """
    chosen = [0] * len(taken)
    for in_debt in (True, False):
        for i, one in enumerate(taken):
            most = min(one.kept, one.owed // price) if in_debt else one.kept
            take = min(units, most - chosen[i])
            chosen[i] += take
            units -= take
    return [(one, count) for one, count in zip(taken, chosen, strict=True) if count]
