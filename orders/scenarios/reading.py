"""Reading JSON strictly: no field too many or too few, whole numbers, each with its place."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NoReturn

#: No figure of a scenario is larger: a thousand million yuan, a million tonnes.
WHOLE_AT_MOST = 10**12


class Refused(Exception):
    """A scenario that is none. `place` is where in the file, such as ``events[3].units``."""

    def __init__(self, place: str, reason: str) -> None:
        self.place, self.reason = place, reason
        super().__init__(f"{place}: {reason}" if place else reason)


def parsed(content: bytes) -> Any:
    """The one value of a JSON file; no field twice, no NaN."""

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


def an_object(
    value: Any, place: str, needed: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """An object with all of the needed fields, and none that is unknown."""
    if not isinstance(value, dict):
        raise Refused(place, f"an object is needed, not {kind_of(value)}")
    before = f"{place}." if place else ""
    for name in value:
        if name not in needed and name not in optional:
            raise Refused(f"{before}{name}", "unknown field")
    for name in needed:
        if name not in value:
            raise Refused(f"{before}{name}", "missing")
    return value


def a_list(value: Any, place: str) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise Refused(place, f"a list is needed, not {kind_of(value)}")
    return value


def a_text(value: Any, place: str) -> str:
    """Text that is not empty and can be written as UTF-8."""
    if not isinstance(value, str):
        raise Refused(place, f"text is needed, not {kind_of(value)}")
    if not value:
        raise Refused(place, "empty")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise Refused(place, "half of a character") from None
    return value


def a_whole(value: Any, place: str, *, least: int = 1, most: int = WHOLE_AT_MOST) -> int:
    """A whole number within bounds: no fraction, nor true or false."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(place, f"a whole number is needed, not {kind_of(value)}")
    if value < least:
        raise Refused(place, f"at least {least}, not {value}")
    if value > most:
        raise Refused(place, f"at most {most}")
    return value


def a_flag(value: Any, place: str) -> bool:
    """True or false, and nothing that only looks like it."""
    if not isinstance(value, bool):
        raise Refused(place, f"true or false is needed, not {kind_of(value)}")
    return value


def kind_of(value: Any) -> str:
    """What a value is, in words."""
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


def all_different(named: Iterable[tuple[str, str]], known: Iterable[str] = ()) -> None:
    """Refuse a name that stands twice, or is known already."""
    seen = set(known)
    for place, name in named:
        if name in seen:
            raise Refused(place, f"{name!r} stands twice")
        seen.add(name)
