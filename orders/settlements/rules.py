"""Sharing what a lot has earned: the formula of settlement, as pure functions.

Rule: docs/money.md, “Sharing a lot's revenue” and “When a difference is below zero”.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shop.core.money import ZERO, Money, largest_remainder

#: A sum is worth a second look above so many times the median of the run, and from so much on:
#: against a median of a few fen nearly every household would stand out.
TIMES_MEDIAN = 3
LARGE_FROM = Money(5_000)

_NEVER = Money(2**63 - 1)


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


def rises(revenue: Money, growers: Sequence[Grower]) -> list[tuple[int, Money]]:
    """What settling a lot adds to whose payable, before anything is given up.

    Args:
        revenue: the pool value of accepted, paid and kept units of the lot so far; ≥ 0.
        growers: ordered by public id.
    """
    found = []
    for grower, share in zip(growers, shares(revenue, growers), strict=True):
        _set_off, second = _split(grower, share)
        if second > grower.uncovered:
            found.append((grower.household_id, second - grower.uncovered))
    return found


def changes(revenue: Money, growers: Sequence[Grower], unpaid: dict[int, Money]) -> list[Change]:
    """What settling a lot at this cumulative revenue changes for each of its households.

    Of a share, the first part up to what was paid at the gate returns to the cooperative that
    advanced it (set-off), the rest is the household's second payment. Where the second payment
    falls, the household gives up what it has not been paid yet and never more: the rest is
    covered, and recovered only from its later rises in this lot.

    Args:
        revenue, growers: as for `rises`.
        unpaid: per household key, what lies in its payable account with every rise of the run,
            so that it does not matter which lot comes first; lowered as it is drawn upon.

    Returns:
        One change per household whose share or set-off has changed; none for the others.
    """
    found = []
    for grower, share in zip(growers, shares(revenue, growers), strict=True):
        set_off, second = _split(grower, share)
        if not set_off and not second:
            continue
        recovered = covered = ZERO
        if second > ZERO:
            recovered = min(second, grower.uncovered)
            second -= recovered
        elif second < ZERO:
            given_up = min(-second, unpaid.get(grower.household_id, ZERO))
            unpaid[grower.household_id] = unpaid.get(grower.household_id, ZERO) - given_up
            covered = -second - given_up
            second = -given_up
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


def _split(grower: Grower, share: Money) -> tuple[Money, Money]:
    """How set-off and second payment move to a new share; either may be below zero.

    Against what was posted, not against the same formula: a correction may have changed both the
    weight and what was paid at the gate.
    """
    set_off = min(share, grower.paid) - grower.set_off
    return set_off, share - grower.posted - set_off


def high_from(median: Money) -> Money:
    """From which second payment on a household's line wants a second look, in a run of this median.

    Nothing stands out against a median of nothing.
    """
    return max(LARGE_FROM, median * TIMES_MEDIAN + Money(1)) if median > ZERO else _NEVER
