"""Valid EPCIS 2.0 documents of every shape, and every way to spoil one."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

GS1 = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
CONTEXT = [GS1, {"ex": "https://partner.example/ns/"}]

WHEN = {"eventTime": "2026-04-08T01:30:00Z", "eventTimeZoneOffset": "+08:00"}
WHERE = {
    "bizStep": "receiving",
    "disposition": "in_progress",
    "readPoint": {"id": "https://partner.example/414/9521234000013", "ex:gate": 3},
    "bizLocation": {"id": "urn:epc:id:sgln:9521234.00001.0"},
    "bizTransactionList": [
        {"type": "po", "bizTransaction": "urn:epc:id:gdti:9521234.00001.1618034"},
        {"bizTransaction": "https://partner.example/paper/7"},
    ],
    "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:9521234.00002"}],
    "destinationList": [
        {"type": "https://partner.example/ns/kind", "destination": "urn:epc:id:pgln:9521234.3"}
    ],
}
ERROR = {
    "errorDeclaration": {
        "declarationTime": "2026-04-09T08:00:00.000+08:00",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["urn:uuid:0b5f1a3e-3a1c-4a52-9b5e-6f1f5b1f7a11"],
        "ex:who": "desk 2",
    }
}
SENSORS = {
    "sensorElementList": [
        {
            "sensorMetadata": {
                "time": "2026-04-08T01:30:00Z",
                "deviceID": "urn:epc:id:giai:9521234.1",
                "dataProcessingMethod": "https://partner.example/253/1",
                "ex:lid": "open",
            },
            "sensorReport": [
                {
                    "type": "Temperature",
                    "value": 26.10,
                    "minValue": -1,
                    "sDev": 0.1,
                    "uom": "CEL",
                    "component": "x",
                    "exception": "ALARM_CONDITION",
                    "hexBinaryValue": "f0f0",
                    "booleanValue": True,
                    "stringValue": "warm",
                    "uriValue": "urn:ex:warm",
                    "time": "2026-04-08T01:30:00Z",
                    "ex:kept": {"deep": [1, {"deeper": None}]},
                },
                {"type": "https://partner.example/ns/Smell"},
            ],
            "ex:box": 1,
        }
    ]
}
KEPT = {"ex:note": {"ex:lines": ["一", 2, 3.5, None, True, {"ex:x": []}]}}
QUANTITY = {"epcClass": "urn:epc:class:lgtin:9521234.012345.998877", "quantity": 20.5, "uom": "KGM"}

OBJECT = {
    "type": "ObjectEvent",
    **WHEN,
    "recordTime": "2026-04-08T02:00:00Z",
    "eventID": "ni:///sha-256;df7bb3c352fef055578554f09f5e2aa41782150ced7bd0b8af24dd3ccb30ba69"
    "?ver=CBV2.0",
    "action": "ADD",
    **WHERE,
    "epcList": ["urn:epc:id:sgtin:9521234.012345.1", "urn:epc:id:sgtin:9521234.012345.2"],
    "quantityList": [QUANTITY, {"epcClass": "https://id.example/01/09521234567899"}],
    "persistentDisposition": {"set": ["completeness_verified"], "unset": ["ex:doubtful"]},
    "certificationInfo": ["https://partner.example/certificate/1", "urn:ex:certificate"],
    "ilmd": {"ex:harvest": "2026-04-07", "ex:grade": {"en": "first"}},
    **SENSORS,
    **ERROR,
    **KEPT,
}
SENSED = {
    "type": "ObjectEvent",
    **WHEN,
    "action": "OBSERVE",
    "readPoint": {"id": "urn:ex:gate"},
    "sensorElementList": [{"sensorReport": [{"type": "Mass", "value": 1}]}],
    "certificationInfo": "urn:ex:one",
}
AGGREGATION = {
    "type": "AggregationEvent",
    **WHEN,
    "action": "ADD",
    "parentID": "urn:epc:id:sscc:9521234.1234567890",
    "childEPCs": ["urn:epc:id:sgtin:9521234.012345.1"],
    "childQuantityList": [QUANTITY],
    **WHERE,
    **SENSORS,
    **KEPT,
}
EMPTIED = {"type": "AggregationEvent", **WHEN, "action": "DELETE", "parentID": "urn:ex:pallet"}
ASSOCIATION = {**AGGREGATION, "type": "AssociationEvent"}
TRANSACTION = {
    "type": "TransactionEvent",
    **WHEN,
    "action": "OBSERVE",
    "parentID": "urn:ex:pallet",
    "epcList": ["urn:ex:1", "urn:ex:1"],
    "quantityList": [QUANTITY],
    **WHERE,
    **SENSORS,
    **KEPT,
}
TRANSFORMATION = {
    "type": "TransformationEvent",
    **WHEN,
    "inputEPCList": ["urn:ex:in"],
    "inputQuantityList": [QUANTITY],
    "outputEPCList": ["urn:ex:out"],
    "outputQuantityList": [QUANTITY],
    "transformationID": "urn:epc:id:gdti:9521234.5.1",
    "persistentDisposition": {"set": ["active"]},
    "ilmd": {"ex:kiln": 7},
    **WHERE,
    **SENSORS,
    **KEPT,
}
ROASTED = {
    "type": "TransformationEvent",
    **WHEN,
    "inputQuantityList": [QUANTITY],
    "outputQuantityList": [QUANTITY],
}
FOREIGN = {"type": "ex:TastingEvent", **WHEN, "ex:cups": 3, "anything": "goes"}

EVENTS: dict[str, dict[str, Any]] = {
    "object": OBJECT,
    "sensed": SENSED,
    "aggregation": AGGREGATION,
    "emptied": EMPTIED,
    "association": ASSOCIATION,
    "transaction": TRANSACTION,
    "transformation": TRANSFORMATION,
    "roasted": ROASTED,
    "foreign": FOREIGN,
}

HEADER = {
    "epcisMasterData": {
        "vocabularyList": [
            {
                "type": "urn:epcglobal:epcis:vtype:BusinessLocation",
                "vocabularyElementList": [
                    {
                        "id": "urn:epc:id:sgln:9521234.00001.0",
                        "attributes": [
                            {"id": "urn:epcglobal:cbv:mda#name", "attribute": "Warehouse"},
                            {"id": "urn:ex:size", "attribute": 3},
                            {"id": "urn:ex:more", "attribute": {"a": 1}},
                        ],
                        "children": ["urn:epc:id:sgln:9521234.00001.1"],
                    }
                ],
            }
        ]
    },
    "ex:sealed": "no",
}


def document(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An EPCISDocument around events."""
    return {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-04-08T03:00:00+08:00",
        "epcisBody": {"eventList": list(events)},
        **more,
    }


def query_document(*events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An EPCISQueryDocument around events."""
    return {
        "@context": CONTEXT,
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-04-08T03:00:00+08:00",
        "epcisBody": {
            "queryResults": {
                "queryName": "SimpleEventQuery",
                "subscriptionID": "7",
                "resultsBody": {"eventList": list(events), **more},
            }
        },
    }


def lone(event: dict[str, Any]) -> dict[str, Any]:
    """An event by itself brings its context along."""
    return {"@context": CONTEXT, **event}


#: One of each shape: lone events, and both kinds of document around small ones.
SHAPES: dict[str, dict[str, Any]] = {
    **{name: lone(event) for name, event in EVENTS.items()},
    "document": document(
        SENSED,
        ROASTED,
        FOREIGN,
        id="urn:uuid:1",
        sender="s",
        receiver="r",
        instanceIdentifier="i",
        epcisHeader=HEADER,
        **KEPT,
    ),
    "query": query_document(
        EMPTIED, vocabularyList=HEADER["epcisMasterData"]["vocabularyList"], **KEPT
    ),
}

JUNK: tuple[Any, ...] = (
    None, True, 5, -1.5, "", "word", "a:b", "urn:epcglobal:cbv:bizstep:shipping",
    "https://ns.gs1.org/cbv/x", "https://gs1.org/voc/Mass", "https://ref.gs1.org/cbv/BizStep-x",
    "2026-04-08T01:30:00Z", "2026-04-08T01:30:00", "shipping", "ADD", "DELETE", "+14:00", "-13:59",
    "+14:01", "KGM", "2.0", "ObjectEvent", "TransformationEvent", "EPCISDocument", "中:文",
    [], {}, [1], ["a:b"], ["a:b", "a:b"], ["word"], [{}], [[]], {"id": "a:b"}, {"x": 1},
    {"ex:x": 1}, {"epcClass": "a:b"}, [{"epcClass": "a:b", "quantity": True}],
    ["active"], {"set": []}, {"unset": ["active"]}, ["a:b", {}, {}],
)  # fmt: skip


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of every value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in inner:
        yield (*path, step)
        if isinstance(item, dict | list):
            yield from places(item, (*path, step))


def without(document: Any, path: tuple[str | int, ...]) -> Any:
    """A copy that lacks one value."""
    changed, holder = _copied(document, path)
    del holder[path[-1]]
    return changed


def replaced(document: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """A copy with another value in one place; the place may be new."""
    changed, holder = _copied(document, path)
    holder[path[-1]] = copy.deepcopy(value)
    return changed


def _copied(document: Any, path: tuple[str | int, ...]) -> tuple[Any, Any]:
    changed = copy.deepcopy(document)
    holder = changed
    for step in path[:-1]:
        holder = holder[step]
    return changed, holder


def spoilt(document: dict[str, Any], sample: int | None = None) -> Iterator[Any]:
    """Documents one change away: a value less, another value, a field more, a list twice over.

    Args:
        sample: so many of them, drawn the same each time; else all, in order.
    """
    changes = list(_changes(document))
    if sample is not None:
        changes = random.Random(20260408).sample(changes, min(sample, len(changes)))
    for path, how in changes:
        yield how(document, path)


Change = Callable[[Any, "tuple[str | int, ...]"], Any]


def _changes(document: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Change]]:
    for path in places(document):
        yield path, without
        yield from ((path, partial(replaced, value=junk)) for junk in JUNK)
        value = at(document, path)
        if isinstance(value, list) and value:
            yield path, partial(replaced, value=value * 2)
    for path in [(), *(p for p in places(document) if isinstance(at(document, p), dict))]:
        for name in ("extra", "ex:extra", "bizStep", "action", "@context", "ilmd"):
            value = {"ex:x": 1} if name == "ilmd" else "a:b"
            yield (*path, name), partial(replaced, value=value)


def at(document: Any, path: tuple[str | int, ...]) -> Any:
    """What stands in one place."""
    for step in path:
        document = document[step]
    return document
