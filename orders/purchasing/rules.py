"""Which lots an order is filled from, as a pure function."""

from __future__ import annotations

from collections.abc import Iterable

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
