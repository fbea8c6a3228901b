"""Which lots an order is filled from, and which give units up, as pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from products.lots.stock import LotOnSale


def choose_lots(units: int, lots: Iterable[LotOnSale]) -> list[tuple[LotOnSale, int]]:
    """Fill a number of units from the lots on sale.

    First expiring first; among equals the lot whose households have sold least this season
    (不漏一户); then by public id, so that the choice never depends on chance.

    Returns:
        Lots with the units taken from each; together fewer than asked when stock is short.

    Rule: docs/money.md, “Which lot is sold”.
    """
    chosen: list[tuple[LotOnSale, int]] = []
    for lot in sorted(lots, key=lambda lot: (lot.best_before, lot.sold_fen, lot.public_id)):
        take = min(units, lot.left)
        if take > 0:
            chosen.append((lot, take))
            units -= take
    return chosen


def give_up(units: int, left: Sequence[int]) -> list[int]:
    """Spread units of a line to give up over its allocations; what would be sold last goes first.

    Args:
        units: no more than are left.
        left: units not shipped of each allocation, in the order they were chosen.

    Returns:
        The units each gives up, in the same order.
    """
    parts = []
    for here in reversed(left):
        parts.append(min(units, here))
        units -= parts[-1]
    return parts[::-1]
