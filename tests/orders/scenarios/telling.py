"""Making up stories: beginnings and events that can happen, drawn by Hypothesis."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from tests.auditor import Auditor, Impossible

Json = dict[str, Any]

#: Names whose order by bytes is neither that of the alphabet nor that of the file.
HOUSEHOLDS = ("b", "a", "Z", "é", "李", "张", "~", "aa")
PARTS = ("households", "processing", "packing", "freight", "cooperative", "platform", "tax")


@st.composite
def beginnings(draw: st.DrawFn) -> Json:
    """Deliveries, lots of several generations and a price: a story before anything happens."""
    amounts = draw(st.lists(st.integers(0, 3000), min_size=7, max_size=7).filter(any))
    deliveries = [
        {
            "id": f"leaf{i}",
            "household": draw(st.sampled_from(HOUSEHOLDS)),
            "grams": draw(st.integers(1, 30_000)),
            "fen_per_kg": draw(st.integers(1000, 20_000)),
            "paid": draw(st.booleans()),
        }
        for i in range(draw(st.integers(1, 6)))
    ]
    left = {one["id"]: one["grams"] for one in deliveries}
    lots: list[Json] = []
    for i in range(draw(st.integers(0, 2))):
        lots.append(draw(_lot(f"blend{i}", left, packed=False)))
    for i in range(draw(st.integers(1, 3))):
        if any(left.values()):
            lots.append(draw(_lot(f"lot{i}", left, packed=True)))
    return {
        "deliveries": deliveries,
        "lots": lots,
        "price_fen": sum(amounts),
        "composition": dict(zip(PARTS, amounts, strict=True)),
        "events": [],
    }


@st.composite
def _lot(draw: st.DrawFn, name: str, left: dict[str, int], *, packed: bool) -> Json:
    sources = [source for source, grams in left.items() if grams]
    chosen = draw(st.lists(st.sampled_from(sources), min_size=1, max_size=4, unique=True))
    inputs = []
    for source in chosen:
        grams = draw(st.one_of(st.just(left[source]), st.integers(1, left[source])))
        left[source] -= grams
        inputs.append({"from": source, "grams": grams})
    taken = sum(one["grams"] for one in inputs)
    lot = {
        "id": name,
        "inputs": inputs,
        "grams": draw(st.one_of(st.just(taken), st.integers(-(-taken // 4), taken))),
    }
    if packed:
        lot["units"] = draw(st.integers(1, min(lot["grams"], 40)))
    else:
        left[name] = lot["grams"]
    return lot


def worth_telling(story: Json) -> bool:
    """Whether somebody stands behind every packed lot; the shop refuses to pack one otherwise."""
    audit = Auditor(story)
    return bool(audit.shelves) and all(sum(s.weights.values()) for s in audit.shelves.values())


STORIES = beginnings().filter(worth_telling)


def possible(audit: Auditor, number: int) -> dict[str, list[Json]]:
    """Every kind of event that can happen now, with events of it; `number` names new orders."""
    found: dict[str, list[Json]] = {"settle": [{"do": "settle"}], "payout": [{"do": "payout"}]}

    def can(**event: Any) -> None:
        found.setdefault(event["do"], []).append(event)

    for name, shelf in audit.shelves.items():
        if shelf.left:
            can(do="order", id=f"o{number}", lot=name, units=shelf.left)
    for name, order in audit.orders.items():
        if audit.open_fen(name):
            can(do="pay", order=name, fen=audit.open_fen(name))
        if order.open:
            can(do="accept", order=name, units=order.open)
            can(do="short", order=name, units=order.open)
        if order.kept:
            can(do="return", order=name, units=order.kept)
    for who in audit.names:
        if audit.in_transit[who]:
            can(do="payout_result", household=who, ok=True)
            can(do="payout_result", household=who, ok=False)
    return found


@st.composite
def whole_stories(draw: st.DrawFn, *, longest: int = 30) -> Json:
    """A story from its beginning to some end."""
    story = draw(STORIES)
    audit = Auditor(story)
    for number in range(draw(st.integers(1, longest))):
        event = draw(next_event(audit, number))
        audit.happen(event)
        story["events"].append(event)
    return story


@st.composite
def next_event(
    draw: st.DrawFn, audit: Auditor, number: int, kinds: Sequence[str] | None = None
) -> Json:
    """One event that can happen now; as a rule a part of what could.

    `kinds` may name a kind more than once, to have it more often.
    """
    choices = possible(audit, number)
    kind = draw(st.sampled_from([one for one in kinds or sorted(choices) if one in choices]))
    event = dict(draw(st.sampled_from(choices[kind])))
    for measure in ("units", "fen"):
        if measure in event and draw(st.booleans()):
            event[measure] = draw(st.integers(1, event[measure]))
    return event


# --- the same events in another order ---------------------------------------------------------

_OFTEN = ("pay", "pay", "return", "accept", "settle", "payout", "payout_result", "order", "short")


@st.composite
def two_orders(draw: st.DrawFn, *, longest: int = 25) -> tuple[Json, Json]:
    """One story in two lawful orders, both settled at the end.

    Every order is accepted in parts and then paid and sent back in parts; between them comes
    whatever may.
    """
    story = draw(STORIES)
    audit = Auditor(story)

    def tell(event: Json) -> None:
        audit.happen(event)
        story["events"].append(event)

    for number in range(draw(st.integers(1, 2))):
        lots = [name for name, shelf in audit.shelves.items() if shelf.left]
        if lots:
            lot = draw(st.sampled_from(lots))
            units = draw(st.integers(1, min(audit.shelves[lot].left, 12)))
            tell({"do": "order", "id": f"early{number}", "lot": lot, "units": units})
            while audit.orders[f"early{number}"].open > 1 and draw(st.booleans()):
                most = audit.orders[f"early{number}"].open
                units = draw(st.integers(1, most))
                tell({"do": "accept", "order": f"early{number}", "units": units})
    for number in range(draw(st.integers(4, longest))):
        events = next_event(audit, number, kinds=_OFTEN)
        tell(draw(events.filter(lambda event: not _too_early(event, audit))))
    other = story | {"events": _shuffled(draw, story)}
    end = [{"do": "settle"}]
    return story | {"events": story["events"] + end}, other | {"events": other["events"] + end}


def _too_early(event: Json, audit: Auditor) -> bool:
    """Whether goods come back while others of the order are still awaited.

    What is refunded then would have counted for what is accepted later, had it been paid later:
    the buyer's account differs, and with it what is paid in full.
    """
    return event["do"] == "return" and audit.orders[event["order"]].open > 0


def _shuffled(draw: st.DrawFn, story: Json) -> list[Json]:
    """The events in an order drawn anew that keeps causes before effects."""
    audit, left, found = Auditor(story), list(enumerate(story["events"])), []
    while left:
        free = [
            place
            for place, (number, event) in enumerate(left)
            if not any(_causes(earlier, event) for n, earlier in left[:place] if n < number)
            and _can(audit, event)
        ]
        assume(free)
        _number, event = left.pop(draw(st.sampled_from(free)))
        audit.happen(event)
        found.append(event)
    return found


def _causes(earlier: Json, later: Json) -> bool:
    """Whether of these two the earlier one has to stay before the later."""
    if earlier["do"] == "order":
        # Units given up as short may be what the next one ordered.
        return later.get("order") == earlier["id"] or later["do"] == "order"
    if {earlier["do"], later["do"]} <= {"accept", "short", "return"}:
        return bool(earlier["order"] == later["order"])
    return earlier["do"] == "short" and later["do"] == "order"


def _can(audit: Auditor, event: Json) -> bool:
    try:
        copy.deepcopy(audit).happen(event)
    except (Impossible, KeyError):
        return False
    return True
