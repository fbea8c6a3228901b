"""Which lots were made of which, followed in either direction by one recursive query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CTE, Select, select
from sqlalchemy.orm import Session

from products.lots.models import LotInput


def onward(start: Select[Any]) -> CTE:
    """The lots of `start` and every lot made of them, each once; its column is `lot_id`.

    Args:
        start: one column of internal keys, labelled `lot_id`.
    """
    found = start.cte("onward", recursive=True)
    return found.union(select(LotInput.child_id).join(found, LotInput.parent_id == found.c.lot_id))


def backward(start: Select[Any]) -> CTE:
    """The lots of `start` and every lot they were made of, each once; its column is `lot_id`."""
    found = start.cte("backward", recursive=True)
    return found.union(select(LotInput.parent_id).join(found, LotInput.child_id == found.c.lot_id))


def keys(tx: Session, lineage: CTE, at_most: int | None = None) -> list[int]:
    """The internal keys of a lineage, ascending; of a wider one the first `at_most`."""
    return list(
        tx.execute(select(lineage.c.lot_id).order_by(lineage.c.lot_id).limit(at_most)).scalars()
    )
