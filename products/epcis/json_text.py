"""JSON as partners send it: read once within limits, written again without losing a digit.

Numbers with a decimal point are kept as decimals, so that 1.10 stays 1.10. Nothing here knows
EPCIS.
"""

from __future__ import annotations

import json
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

MAX_DEPTH = 64
MAX_VALUES = 100_000


class Unreadable(ValueError):
    """Not JSON in UTF-8, or JSON that could not be kept whole: a name twice, half a character."""


class TooMuch(ValueError):
    """Nested deeper, or of more values, than is taken."""


def read(raw: bytes) -> Any:
    """The value these bytes are.

    Raises:
        Unreadable: no JSON, or none that keeps its meaning when written again.
        TooMuch: more than `MAX_DEPTH` levels or `MAX_VALUES` values.
    """
    try:
        value = json.loads(
            raw.decode("utf-8"),
            parse_float=Decimal,
            parse_constant=_no_constant,
            object_pairs_hook=_each_name_once,
        )
    except RecursionError:
        raise TooMuch() from None
    except (ValueError, ArithmeticError) as error:
        raise Unreadable(str(error)) from None
    _measure(value)
    try:
        write(value).encode()
    except UnicodeEncodeError as error:
        raise Unreadable(str(error)) from None
    return value


def write(value: Any) -> str:
    """A value as JSON text: no spaces, names in the order they came, decimals as they came."""
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode_basestring(k)}:{write(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(write(item) for item in value) + "]"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value)


def sorted_text(value: Any) -> str:
    """The same text for the same content: names sorted, whatever order they came in."""
    return write(_in_order(value))


def frozen(value: Any) -> object:
    """A value that can stand in a set; equal exactly when JSON Schema calls the values equal."""
    if isinstance(value, dict):
        return ("object", frozenset((name, frozen(item)) for name, item in value.items()))
    if isinstance(value, list):
        return ("array", tuple(frozen(item) for item in value))
    return ("truth", value) if isinstance(value, bool) else value


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_in_order(item) for item in value]
    return value


def _measure(value: Any) -> None:
    level, count, depth = [value], 0, 0
    while level:
        count, depth = count + len(level), depth + 1
        if depth > MAX_DEPTH or count > MAX_VALUES:
            raise TooMuch()
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        level = below


def _each_name_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return found


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
