"""What is true of following recalled units without looking anything up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from orders.recalls.states import Fate

#: A contact counts nothing; these account for units.
FATES = (Fate.RETURNED, Fate.DESTROYED, Fate.KEPT, Fate.UNREACHED)


def tally(entries: Iterable[tuple[Fate, int]]) -> dict[Fate, int]:
    """Units by what became of them; a correction is an entry with a minus."""
    found = dict.fromkeys(FATES, 0)
    for fate, units in entries:
        if fate in found:
            found[fate] += units
    return found


def adds_up(so_far: Mapping[Fate, int], fate: Fate, units: int, whole: int) -> bool:
    """Whether an entry may follow: nothing falls below zero, no more than reached the buyer."""
    if fate is Fate.CONTACTED:
        return units == 0
    after = {**so_far, fate: so_far[fate] + units}
    return units != 0 and after[fate] >= 0 and sum(after.values()) <= whole
