"""Sharing what a lot has earned: the formula of settlement, as pure functions.

Rule: docs/money.md, “Sharing a lot's revenue” and “When a difference is below zero”.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shop.core.money import ZERO, Money, largest_remainder


@dataclass(frozen=True, slots=True)
class Grower:
    """A household behind a lot, and what earlier runs posted for it there.

    `weight` is the agreed value of its goods in fen, `paid` what of it was paid at the gate.
    `posted` is its share as last posted, `set_off` what of that returned to the cooperative;
    `uncovered` is what was covered for it and not recovered.
    """

    household_id: int
    public_id: str
    weight: int
    paid: Money
    posted: Money
    set_off: Money
    uncovered: Money


@dataclass(frozen=True, slots=True)
class Change:
    """What a run changes for one household in one lot.

    `set_off` and `second_payment` may be below zero; `change` is all of it, so that
    change = set_off + second_payment + recovered − covered.
    """

    household_id: int
    public_id: str
    share: Money
    change: Money
    set_off: Money
    second_payment: Money
    recovered: Money
    covered: Money


def shares(revenue: Money, growers: Sequence[Grower]) -> list[Money]:
    """What each household's whole share of a lot's revenue is, in the order given.

    Growers come ordered by public id, ascending in byte order, which decides ties.
    """
    assert [g.public_id for g in growers] == sorted(g.public_id for g in growers)
    return largest_remainder(revenue, [grower.weight for grower in growers])


def changes(revenue: Money, growers: Sequence[Grower], unpaid: dict[int, Money]) -> list[Change]:
    """What settling a lot at this cumulative revenue changes for each of its households.

    Of a share, the first part up to what was paid at the gate returns to the cooperative that
    advanced it (set-off), the rest is the household's second payment. Where the second payment
    falls, the household gives up what it has not been paid yet and never more: the rest is
    covered, and recovered only from its later rises in this lot.

    Args:
        revenue: the pool value of accepted, paid and kept units of the lot so far; ≥ 0.
        growers: ordered by public id.
        unpaid: per household key, what lies in its payable account now; lowered here as
            it is drawn upon, so that one dictionary serves a whole run.

    Returns:
        One change per household whose share or set-off has changed; none for the others.
    """
    found = []
    for grower, share in zip(growers, shares(revenue, growers), strict=True):
        # Against what was posted, not against the same formula: a correction may have changed
        # both the weight and what was paid at the gate.
        set_off = min(share, grower.paid) - grower.set_off
        second = share - grower.posted - set_off
        if not set_off and not second:
            continue
        recovered = covered = ZERO
        if second > ZERO:
            recovered = min(second, grower.uncovered)
            second -= recovered
        elif second < ZERO:
            given_up = min(-second, unpaid.get(grower.household_id, ZERO))
            covered = -second - given_up
            second = -given_up
        unpaid[grower.household_id] = unpaid.get(grower.household_id, ZERO) + second
        found.append(
            Change(
                household_id=grower.household_id,
                public_id=grower.public_id,
                share=share,
                change=share - grower.posted,
                set_off=set_off,
                second_payment=second,
                recovered=recovered,
                covered=covered,
            )
        )
    return found
