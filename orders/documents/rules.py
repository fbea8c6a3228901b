"""Numbers of papers, and whose share an order's goods earned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orders.documents.states import PaperKind
from shop.core.money import ZERO, Money, largest_remainder

_PREFIX = {
    PaperKind.CONTRACT: "HT",
    PaperKind.PAYMENT_SLIP: "FK",
    PaperKind.SETTLEMENT_SHEET: "JSD",
}


def paper_number(kind: PaperKind, number: str) -> str:
    """The number of a paper: that of its thing, under the paper's own prefix where it has one.

    DD-THCY-2026-00012 is the order, HT-THCY-2026-00012 its contract; delivery notes and
    acceptance records carry the number of their shipment and acceptance unchanged.
    """
    prefix = _PREFIX.get(kind)
    return f"{prefix}-{number.split('-', 1)[1]}" if prefix else number


@dataclass(frozen=True, slots=True)
class Backer:
    """A household behind a lot: its weight in sharing, and what it was paid at the gate."""

    household_id: int
    weight: int
    paid: Money


@dataclass(frozen=True, slots=True)
class PoolEvent:
    """One change of a lot's household pool; `mine` when the purchase in question caused it."""

    at: datetime
    place: int
    amount: Money
    mine: bool


@dataclass(frozen=True, slots=True)
class Earned:
    """What a household earned of one purchase in one lot: `share` = `set_off` + `second`.

    `set_off` returns to the cooperative that paid for the leaf at the gate (已付鲜叶款),
    `second` is the second payment (二次返利).
    """

    household_id: int
    share: Money
    set_off: Money
    second: Money


def attribute(events: Sequence[PoolEvent], backers: Sequence[Backer]) -> list[Earned]:
    """What one purchase earned for each household of a lot, exact to the fen.

    The purchase's part is the difference it made to the cumulative shares at its place in the
    row of events, so the parts of all purchases of a lot sum to what was settled.

    Args:
        events: every change of the lot's pool, in any order.
        backers: the households, ordered by public id in byte order; at least one has a weight.

    Returns:
        One entry for each backer, in the same order.

    Rule: docs/money.md, “Sharing a lot's revenue”, per-line attribution.
    """
    weights = [backer.weight for backer in backers]
    earned = [[0, 0] for _ in backers]
    pool = ZERO
    before = largest_remainder(ZERO, weights)
    for event in sorted(events, key=lambda event: (event.at, event.place)):
        pool += event.amount
        after = largest_remainder(max(pool, ZERO), weights)
        if event.mine:
            for i, backer in enumerate(backers):
                earned[i][0] += after[i].fen - before[i].fen
                earned[i][1] += min(after[i], backer.paid).fen - min(before[i], backer.paid).fen
        before = after
    return [
        Earned(backer.household_id, Money(share), Money(set_off), Money(share - set_off))
        for backer, (share, set_off) in zip(backers, earned, strict=True)
    ]


#: Fewer households than this are never a line of their own where they are not named.
SMALLEST_GROUP = 3


@dataclass(frozen=True, slots=True)
class Getter:
    """Who got a part of an order line: one household by its masked name, or several together."""

    name: str
    village: str
    households: int
    set_off: Money
    second: Money


def told_apart(getters: Sequence[Getter]) -> list[Getter]:
    """What a buyer is shown: households that consented by name, the others as one line.

    Sums are exact, so a group of one or two unnamed households would be told by what is left of
    the whole; the smallest of the named ones join it until it has three, or nobody is named.
    """
    named = sorted(
        (one for one in getters if one.name), key=lambda one: -(one.set_off + one.second).fen
    )
    together = [one for one in getters if not one.name]
    while together and named and len(together) < SMALLEST_GROUP:
        together.append(named.pop())
    if not together:
        return named
    return [
        *named,
        Getter(
            "",
            "",
            len(together),
            Money(sum(one.set_off.fen for one in together)),
            Money(sum(one.second.fen for one in together)),
        ),
    ]
