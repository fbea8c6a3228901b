"""Facts of the trade in the words of EPCIS 2.0: one event of the standard for each of ours.

Pure functions. A lot is a class of things; kilograms and units are its quantities. Households,
plots and people stand in no event except under a pseudonym. Kinds that are not known give nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from products.epcis.rules import timestamp
from shop.core.clock import day_of

OFFSET = "+08:00"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as `shop.core.events` keeps it; `cooperative` is the code of whose it is."""

    id: str
    kind: str
    thing: str
    at: datetime
    cooperative: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Names:
    """How things are called outside: under the shop's public address.

    Args:
        base: the public address without a slash at its end.
        gtins: public id of a packed lot → its 14 digits, where it has any.
        lots: number of a lot → its public id, for facts that give the number alone.
    """

    base: str
    gtins: Mapping[str, str] = field(default_factory=dict)
    lots: Mapping[str, str] = field(default_factory=dict)

    def lot(self, thing: str | None, number: str) -> str:
        """A lot as a class: a GS1 Digital Link where it has a GTIN."""
        thing = thing or self.lots.get(number, number)
        gtin = self.gtins.get(thing)
        return (
            f"{self.base}/01/{gtin}/10/{_safe(number)}"
            if gtin and number
            else self.id("lot", thing)
        )

    def id(self, kind: str, name: str) -> str:
        """Any other thing: a place, a party, a paper, a box."""
        return f"{self.base}/id/{kind}/{_safe(name)}"

    @property
    def context(self) -> list[Any]:
        """The prefix of our own fields, for the document around the events."""
        return [{"shanhuo": f"{self.base}/ns/epcis/"}]


@dataclass(frozen=True, slots=True)
class Mapped:
    """An event of the standard, and the lots it is about (as classes)."""

    event: dict[str, Any]
    lots: tuple[str, ...]


Rule = Callable[[Fact, Names], dict[str, Any]]


def mapped(fact: Fact, names: Names, original: Fact | None = None) -> Mapped | None:
    """A fact as an event of EPCIS, or None for kinds that are none of the goods'.

    Args:
        original: for a ``void``, the delivery it takes back: the event is told again under its
            own id with an error declaration, as the standard asks.
    """
    if fact.kind == "void":
        return _void(fact, names, original)
    rule = RULES.get(fact.kind)
    if rule is None:
        return None
    event = {**_frame(fact, names), **rule(fact, names)}
    return Mapped(event, _about(fact, names))


def _frame(fact: Fact, names: Names) -> dict[str, Any]:
    where = names.id("place", fact.cooperative) if fact.cooperative else ""
    return {
        "eventID": names.id("event", fact.id),
        "eventTime": timestamp(fact.at),
        "eventTimeZoneOffset": OFFSET,
        **({"readPoint": {"id": where}, "bizLocation": {"id": where}} if where else {}),
    }


def _about(fact: Fact, names: Names) -> tuple[str, ...]:
    """The lots whose step it is; what went into a lot is no step of the lots it came from."""
    found = [names.lot(item.get("thing"), item.get("lot", "")) for item in _lots(fact)]
    if fact.facts.get("lot"):
        found.append(_own_lot(fact, names))
    return tuple(dict.fromkeys(found))


def _own_lot(fact: Fact, names: Names) -> str:
    """The lot of a fact about one lot, whether the fact hangs on it or, say, on a box of it."""
    return names.lot(fact.thing if fact.thing.startswith("lot_") else None, fact.facts["lot"])


def _lots(fact: Fact) -> list[Mapping[str, Any]]:
    return list(fact.facts.get("lots", ()))


def _grams(lot: str, grams: int) -> dict[str, Any]:
    return {"epcClass": lot, "quantity": Decimal(grams).scaleb(-3), "uom": "KGM"}


def _units(lot: str, units: int | None) -> dict[str, Any]:
    return {"epcClass": lot} if units is None else {"epcClass": lot, "quantity": units}


def _object(action: str, step: str, disposition: str, things: list[Any]) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "action": action,
        "bizStep": step,
        "disposition": disposition,
        "quantityList": things,
    }


def _ours(**values: Any) -> dict[str, Any]:
    """Fields of our own namespace; what is empty is left out."""
    return {f"shanhuo:{name}": v for name, v in values.items() if v not in (None, "", [])}


def _certificate(fact: Fact, names: Names) -> dict[str, Any]:
    number = fact.facts.get("certificate") or fact.facts.get("number")
    return {"certificationInfo": [names.id("certificate", number)]} if number else {}


def _paper(kind: str, uri: str) -> dict[str, Any]:
    return {"bizTransactionList": [{"type": kind, "bizTransaction": uri}]}


def _delivery(fact: Fact, names: Names) -> dict[str, Any]:
    told = fact.facts
    village = told.get("village")
    return {
        **_object("ADD", "commissioning", "active", [_grams(_own_lot(fact, names), told["grams"])]),
        **({"readPoint": {"id": names.id("place", village)}} if village else {}),
        **_certificate(fact, names),
        "ilmd": _ours(
            lot=told["lot"],
            goods=told.get("goods"),
            category=told.get("category"),
            grade=told.get("grade"),
            harvestDate=day_of(fact.at).isoformat(),
            certificate=told.get("certificate"),
            household=told.get("household"),
            plot=told.get("plot"),
        ),
    }


def _made(fact: Fact, names: Names) -> dict[str, Any]:
    told, lot = fact.facts, _own_lot(fact, names)
    packed = told.get("units")
    return {
        "type": "TransformationEvent",
        "bizStep": "commissioning",
        "disposition": "active",
        "inputQuantityList": [
            _grams(names.lot(item["thing"], item.get("lot", "")), item["grams"])
            for item in told["inputs"]
        ],
        "outputQuantityList": [_units(lot, packed) if packed else _grams(lot, told["grams"])],
        **_certificate(fact, names),
        "ilmd": _ours(
            lot=told["lot"],
            goods=told.get("goods"),
            category=told.get("category"),
            grade=told.get("grade"),
            grams=told["grams"],
            netGrams=told.get("net_grams"),
            harvestFrom=told.get("harvest_from"),
            harvestTo=told.get("harvest_to"),
            bestBefore=told.get("best_before"),
            certificate=told.get("certificate"),
            process=told.get("process"),
            steps=list(told.get("steps") or ()),
        ),
        **_ours(made=fact.kind),
    }


def _loss(fact: Fact, names: Names) -> dict[str, Any]:
    lost = [_grams(_own_lot(fact, names), fact.facts["grams"])]
    return {**_object("DELETE", "decommissioning", "inactive", lost), **_ours(made="loss")}


def _test(fact: Fact, names: Names) -> dict[str, Any]:
    told = fact.facts
    passed = "conformant" if told["passed"] else "non_conformant"
    return {
        **_object("OBSERVE", "inspecting", passed, [_units(_own_lot(fact, names), None)]),
        **(_paper("testres", names.id("test", told["report"])) if told.get("report") else {}),
        **_ours(
            test=told.get("test"),
            agency=told.get("agency"),
            report=told.get("report"),
            on=told.get("on"),
            validUntil=told.get("valid_until"),
        ),
    }


def _certified(fact: Fact, names: Names) -> dict[str, Any]:
    told = fact.facts
    return {
        **_object("OBSERVE", "inspecting", "conformant", [_units(_own_lot(fact, names), None)]),
        **_paper("cert", names.id("certificate", told["number"])),
        **_certificate(fact, names),
        **_ours(certificate=told["number"], on=told.get("on")),
    }


def _labelled(fact: Fact, names: Names) -> dict[str, Any]:
    told = fact.facts
    return {
        "type": "AggregationEvent",
        "action": "ADD",
        "bizStep": "packing",
        "parentID": names.id("labels", told["batch"]),
        "childQuantityList": [_units(_own_lot(fact, names), told["count"])],
        **_ours(
            allocation=told.get("allocation"), labels=told.get("kind"), codes=told.get("codes_root")
        ),
    }


def _boxing(fact: Fact, names: Names) -> dict[str, Any]:
    told = fact.facts
    return {
        "type": "AggregationEvent",
        "action": "ADD",
        "bizStep": "packing",
        "disposition": "container_closed",
        "parentID": names.id("box", told["box"]),
        "childEPCs": [names.id("unit", unit) for unit in told["units"]],
        **_ours(lot=told.get("lot")),
    }


def _held_as(cause: str) -> str:
    return "recalled" if cause == "recall" else "non_sellable_other"


def _freeze(fact: Fact, names: Names) -> dict[str, Any]:
    held = _held_as(fact.facts["cause"])
    return {
        **_object("OBSERVE", "holding", held, [_units(_own_lot(fact, names), None)]),
        "persistentDisposition": {"set": [held]},
        **_ours(cause=fact.facts["cause"]),
    }


def _lift(fact: Fact, names: Names) -> dict[str, Any]:
    lot = [_units(_own_lot(fact, names), None)]
    return {
        **_object("OBSERVE", "storing", "sellable_not_accessible", lot),
        "persistentDisposition": {"unset": [_held_as(fact.facts["cause"])]},
        **_ours(cause=fact.facts["cause"]),
    }


def _shares(fact: Fact, names: Names) -> dict[str, Any]:
    lot = [_units(_own_lot(fact, names), None)]
    return {
        **_object("OBSERVE", "other", "active", lot),
        **_ours(shareVersion=fact.facts["version"]),
    }


def _moving(step: str, disposition: str, paper: str) -> Rule:
    """Goods on their way between the cooperative and a buyer."""

    def rule(fact: Fact, names: Names) -> dict[str, Any]:
        told = fact.facts
        goods = [
            _units(names.lot(item["thing"], item.get("lot", "")), item["units"])
            for item in _lots(fact)
        ]
        sender, receiver = names.id("place", fact.cooperative), names.id("party", told["to"])
        if fact.kind == "returning":
            sender, receiver = receiver, sender
        event = {
            **_object("OBSERVE", step, disposition, goods),
            **_paper(paper, names.id("shipment", told["shipment"])),
            "sourceList": [{"type": "owning_party", "source": sender}],
            "destinationList": [{"type": "owning_party", "destination": receiver}],
            **_ours(shipment=told["shipment"]),
        }
        if fact.kind in ("receiving", "accepting"):
            event |= {"readPoint": {"id": receiver}, "bizLocation": {"id": receiver}}
        return event

    return rule


def _recall(fact: Fact, names: Names) -> dict[str, Any]:
    lots = [_units(names.lot(item["thing"], item.get("lot", "")), None) for item in _lots(fact)]
    return {
        **_object("OBSERVE", "holding", "recalled", lots),
        **_ours(recall=fact.facts["recall"], reason=fact.facts.get("reason_kind")),
    }


def _destroying(fact: Fact, names: Names) -> dict[str, Any]:
    gone = []
    for item in _lots(fact):
        lot = names.lot(item["thing"], item.get("lot", ""))
        gone.append(_units(lot, item["units"]) if item.get("units") else _grams(lot, item["grams"]))
    return {
        **_object("DELETE", "destroying", "destroyed", gone),
        **_ours(recall=fact.facts.get("recall")),
    }


def _void(fact: Fact, names: Names, original: Fact | None) -> Mapped:
    """A delivery that did not happen as written: the same event again, declared wrong."""
    declared = {
        "errorDeclaration": {
            "declarationTime": timestamp(fact.at),
            "reason": "did_not_occur",
        }
    }
    first = mapped(original, names) if original else None
    if first:
        return Mapped({**first.event, **declared}, first.lots)
    lot = _own_lot(fact, names)
    taken_back = [_grams(lot, fact.facts["grams"])]
    event = {
        **_frame(fact, names),
        **_object("DELETE", "decommissioning", "inactive", taken_back),
        **_ours(made="void"),
    }
    return Mapped(event, (lot,))


def _safe(name: str) -> str:
    return quote(name, safe="-._~!")


RULES: dict[str, Rule] = {
    "delivery": _delivery,
    **dict.fromkeys(("processed", "blend", "part", "byproduct", "packed"), _made),
    "loss": _loss,
    "correct_shares": _shares,
    "test": _test,
    "certificate": _certified,
    "labelled": _labelled,
    "boxing": _boxing,
    "freeze": _freeze,
    "lift": _lift,
    "shipping": _moving("shipping", "in_transit", "desadv"),
    "receiving": _moving("receiving", "in_progress", "desadv"),
    "accepting": _moving("accepting", "in_progress", "recadv"),
    "returning": _moving("shipping", "returned", "rma"),
    "recall": _recall,
    "destroying": _destroying,
}
KINDS = (*RULES, "void")
