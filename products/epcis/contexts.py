"""The contexts an event stands in: those of its document, then its own."""

from __future__ import annotations

from typing import Any

from products.epcis.hashing import STANDARD_CONTEXT, STANDARD_CONTEXTS
from products.epcis.json_text import frozen


def joined(*given: Any) -> list[Any]:
    """Contexts as one list in their order, each once."""
    found: dict[object, Any] = {}
    for context in given:
        items = context if isinstance(context, list) else [context] if context is not None else []
        for item in items:
            found.setdefault(frozen(item), item)
    return list(found.values())


def beyond_the_standard(contexts: list[Any]) -> list[Any]:
    """What an event has to bring along besides the standard's own context; maybe nothing."""
    return [item for item in contexts if item not in STANDARD_CONTEXTS and item != {}]


def with_standard(contexts: list[Any]) -> list[Any]:
    """The contexts an event carries when it is shown by itself or among events of others."""
    return [STANDARD_CONTEXT, *beyond_the_standard(contexts)]
