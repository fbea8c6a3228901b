"""Reading events: what they name, when they happened, in which words; and the limits of capture."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from products.epcis import json_text
from shop.core.labels import N_, Labelled

#: One document: so many bytes, and so many events.
MAX_BYTES = 5 * 1024 * 1024
MAX_EVENTS = 1000

EVENT_TYPES = (
    "ObjectEvent",
    "AggregationEvent",
    "AssociationEvent",
    "TransactionEvent",
    "TransformationEvent",
)


class Step(Labelled):
    """The business steps our own events use, as the page of a lot names them."""

    COMMISSIONING = "commissioning", N_("称重、加工或分装")
    DECOMMISSIONING = "decommissioning", N_("损耗")
    INSPECTING = "inspecting", N_("检测或开合格证")
    PACKING = "packing", N_("贴码或装箱")
    SHIPPING = "shipping", N_("发出")
    RECEIVING = "receiving", N_("到货")
    ACCEPTING = "accepting", N_("验收")
    HOLDING = "holding", N_("冻结或召回")
    STORING = "storing", N_("解冻")
    DESTROYING = "destroying", N_("销毁")
    OTHER = "other", N_("更正份额")


#: A step by the standard's word for it.
STEPS = {step.value: step for step in Step}


class Part(StrEnum):
    """What an EPC or a class is in its event; `ABOUT` is ours: the lot an event is about."""

    OBJECT = "object"
    PARENT = "parent"
    INPUT = "input"
    OUTPUT = "output"
    ABOUT = "about"


@dataclass(frozen=True, slots=True)
class Named:
    """An EPC (one thing), or a class with a quantity, as an event names it."""

    part: Part
    is_class: bool
    epc: str


_EPCS = {
    "epcList": Part.OBJECT,
    "childEPCs": Part.OBJECT,
    "inputEPCList": Part.INPUT,
    "outputEPCList": Part.OUTPUT,
}
_CLASSES = {
    "quantityList": Part.OBJECT,
    "childQuantityList": Part.OBJECT,
    "inputQuantityList": Part.INPUT,
    "outputQuantityList": Part.OUTPUT,
}


def named(event: dict[str, Any]) -> list[Named]:
    """Everything an event names, each once; of an event of somebody's own type, what is plain."""
    return list(dict.fromkeys(_named(event)))


def _named(event: dict[str, Any]) -> Iterator[Named]:
    if isinstance(event.get("parentID"), str):
        yield Named(Part.PARENT, False, event["parentID"])
    for field, part in _EPCS.items():
        yield from (Named(part, False, epc) for epc in _items(event, field) if isinstance(epc, str))
    for field, part in _CLASSES.items():
        for item in _items(event, field):
            if isinstance(item, dict) and isinstance(item.get("epcClass"), str):
                yield Named(part, True, item["epcClass"])


def _items(event: dict[str, Any], field: str) -> list[Any]:
    found = event.get(field)
    return found if isinstance(found, list) else []


def key_of(uri: str) -> str:
    """What a URI of any length is looked up by: 128 bits of its SHA-256, in hex."""
    return hashlib.sha256(uri.encode()).hexdigest()[:32]


def content_digest(event: dict[str, Any]) -> str:
    """The hash of what an event says; when it was recorded and under which name do not count."""
    said = {name: v for name, v in event.items() if name not in ("recordTime", "eventID")}
    return hashlib.sha256(json_text.sorted_text(said).encode()).hexdigest()


def moment(text: str) -> datetime:
    """An RFC 3339 time as a moment, to the microsecond; what lies outside the calendar, at its end.

    Raises:
        ValueError: no such time.
    """
    given = datetime.fromisoformat(text.upper())
    if given.tzinfo is None:
        raise ValueError(text)
    try:
        return given.astimezone(UTC)
    except OverflowError:
        return (
            datetime(1, 1, 1, tzinfo=UTC) if given.year == 1 else datetime(9999, 12, 31, tzinfo=UTC)
        )


def timestamp(at: datetime) -> str:
    """A moment as it stands in events: UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_WRITTEN_OUT = (
    "https://ref.gs1.org/cbv/BizStep-",
    "https://ref.gs1.org/cbv/Disp-",
    "urn:epcglobal:cbv:bizstep:",
    "urn:epcglobal:cbv:disp:",
)


def bare(term: str) -> str:
    """A bizStep or disposition as the bare word it stands for; others' URIs stay as they are."""
    start = next((start for start in _WRITTEN_OUT if term.startswith(start)), "")
    return term.removeprefix(start)


def text_at(event: dict[str, Any], *path: str) -> str | None:
    """A text inside an event, or None when there is none."""
    found: Any = event
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found if isinstance(found, str) else None
