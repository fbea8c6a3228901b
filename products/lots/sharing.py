"""Carrying shares down in one set: who stands behind lots, computed where the rows are.

Rule: docs/money.md, “Carrying weights through blends”; `rules.withdrawn` says the same for one lot.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import BigInteger, ColumnElement, insert, or_, select, type_coerce
from sqlalchemy.orm import Session

from products.lots.models import Lot, LotInput, LotShare, StandingShare
from shop.core import db
from shop.core.money import ZERO

_LOT, _INPUT, _SHARE = Lot.__table__, LotInput.__table__, LotShare.__table__
_FIGURES = ("milligrams", "value_fen", "paid_fen")


def build_shares(tx: Session, lot_ids: Sequence[int]) -> None:
    """Write the shares of lots from what went into them, for each lot's present version.

    Args:
        lot_ids: internal keys of lots whose inputs are written down and whose parents have their
            shares; none of them is a parent of another.
    """
    child, parent, behind = _LOT.alias("child"), _LOT.alias("parent"), _SHARE.alias("behind")
    # What is taken is little and found by key; read first, it spares PostgreSQL a look at all lots.
    taken = (
        select(
            child.c.id.label("lot_id"),
            child.c.share_version.label("version"),
            _INPUT.c.parent_id,
            parent.c.share_version.label("parent_version"),
            parent.c.grams.label("whole"),
            _INPUT.c.grams,
            _INPUT.c.before_grams,
        )
        .select_from(_INPUT)
        .join(child, child.c.id == _INPUT.c.child_id)
        .join(parent, parent.c.id == _INPUT.c.parent_id)
        .where(_INPUT.c.child_id.in_(lot_ids))
        .cte("taken")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    carried = [
        db.whole_sum(
            _ladder(
                type_coerce(behind.c[name], BigInteger),
                taken.c.before_grams,
                taken.c.grams,
                taken.c.whole,
            )
        )
        for name in _FIGURES
    ]
    key = (taken.c.lot_id, taken.c.version, behind.c.household_id)
    rows = (
        select(*key, *carried)
        .select_from(taken)
        .join(
            behind,
            (behind.c.lot_id == taken.c.parent_id) & (behind.c.version == taken.c.parent_version),
        )
        .group_by(*key)
        .having(or_(*(figure > 0 for figure in carried)))
        .order_by(*key)  # in the order of the key, which the index takes fastest
    )
    columns = ["lot_id", "version", "household_id", *_FIGURES]
    tx.execute(insert(LotShare).from_select(columns, rows))


def is_worth_something(tx: Session, lot_id: int) -> bool:
    """Whether a household behind a lot (internal key) has a share of a fen, so somebody is paid."""
    found = select(StandingShare.lot_id).where(
        StandingShare.lot_id == lot_id, StandingShare.value > ZERO
    )
    return tx.execute(found.limit(1)).first() is not None


def _ladder(
    figure: ColumnElement[int],
    before: ColumnElement[int],
    grams: ColumnElement[int],
    whole: ColumnElement[int],
) -> ColumnElement[int]:
    """`core.money.ladder` in SQL; divided before it is multiplied, so that no product overflows.

    A lot of three thousand tonnes still fits. SQLite would turn more into a float in silence.
    """

    rest = figure % whole
    return (figure // whole) * grams + rest * (before + grams) // whole - rest * before // whole
