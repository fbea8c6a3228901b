"""Stock of packed lots: units on sale, reserved, shipped, written off.

Plain functions that work in their caller's transaction. Every change is one guarded statement,
so that no unit is promised twice whatever else happens at the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from products.lots.freezing import moving, refuse_frozen
from products.lots.models import Lot, StandingShare, UnitLoss
from products.lots.states import LotKind, LotState
from shop.core import clock, db
from shop.core.errors import Refusal
from shop.core.labels import N_


class SoldOut(Refusal):
    """There are fewer units on sale than asked for (库存不足)."""

    code = "sold_out"
    sentence = N_("“%(name)s”现在只剩 %(left)s %(unit)s可订，没有下单。请改数量，或等下一批。")
    field = "lines"


@dataclass(frozen=True, slots=True)
class LotOnSale:
    """A packed lot with units left.

    `sold_fen` is what its households have sold this season; 0 where no other lot of the
    specification expires on the same day, since nothing hangs on it then.
    """

    lot_id: int
    public_id: str
    specification_id: int
    best_before: date
    left: int
    sold_fen: int


def units_left() -> ColumnElement[int]:
    """The units of a packed lot that nobody has a claim on."""
    return Lot.units - Lot.reserved_units - Lot.shipped_units - Lot.written_off_units


def on_sale(tx: Session, specification_ids: Sequence[int], now: datetime) -> list[LotOnSale]:
    """The packed lots of these specifications with units left, not frozen nor past, locked.

    Locked in the order of their keys, so that buyers of the same goods wait and never deadlock.
    """
    lots = tx.execute(
        select(Lot.id, Lot.public_id, Lot.specification_id, Lot.best_before, units_left())
        .where(
            Lot.specification_id.in_(specification_ids),
            Lot.kind == LotKind.PACKED,
            Lot.state == LotState.RECORDED,
            moving(),
            Lot.best_before >= clock.day_of(now),
        )
        .order_by(Lot.id)
        .with_for_update()
    ).all()
    with_units = [row for row in lots if row[4] > 0]
    # What households have sold decides only among lots that expire on the same day.
    alike = Counter((row[2], row[3]) for row in with_units)
    tied = [row[0] for row in with_units if alike[row[2], row[3]] > 1]
    sold = _sold_by_households(tx, tied, now) if tied else {}
    found = []
    for lot_id, public_id, specification_id, best_before, left in with_units:
        # A CHECK gives packed lots a specification; without a date the comparison is not true.
        assert specification_id is not None
        assert best_before is not None
        found.append(
            LotOnSale(lot_id, public_id, specification_id, best_before, left, sold.get(lot_id, 0))
        )
    return found


def _sold_by_households(tx: Session, lot_ids: list[int], now: datetime) -> dict[int, int]:
    """For each lot, what its households have sold this year on average, in fen of leaf value."""
    season = clock.start_of(date(clock.day_of(now).year, 1, 1))
    theirs = select(Lot.cooperative_id).where(Lot.id.in_(lot_ids))
    mine = select(StandingShare.household_id).where(StandingShare.lot_id.in_(lot_ids))
    sold = (
        select(
            StandingShare.household_id.label("household_id"),
            db.total(
                StandingShare.value * (Lot.shipped_units + Lot.reserved_units) // Lot.units
            ).label("fen"),
        )
        .join(Lot, Lot.id == StandingShare.lot_id)
        .where(
            Lot.kind == LotKind.PACKED,
            Lot.made_at >= season,
            Lot.cooperative_id.in_(theirs),
            StandingShare.household_id.in_(mine),
        )
        .group_by(StandingShare.household_id)
        .subquery()
    )
    rows = tx.execute(
        select(StandingShare.lot_id, db.total(sold.c.fen) // func.count())
        .join(sold, sold.c.household_id == StandingShare.household_id)
        .where(StandingShare.lot_id.in_(lot_ids))
        .group_by(StandingShare.lot_id)
    )
    return {lot_id: int(fen) for lot_id, fen in rows}


def reserve(tx: Session, lot_id: int, units: int) -> bool:
    """Put units by for an order; False when there are not so many left."""
    return _change(
        tx,
        lot_id,
        (units_left() >= units) & moving(),
        reserved_units=Lot.reserved_units + units,
    )


def release(tx: Session, lot_id: int, units: int) -> None:
    """Give reserved units back for sale."""
    _must(tx, lot_id, Lot.reserved_units >= units, reserved_units=Lot.reserved_units - units)


def ship(tx: Session, lot_id: int, units: int) -> None:
    """Reserved units leave the store.

    Raises:
        LotFrozen: not while the lot stands still.
    """
    tx.execute(select(Lot.id).where(Lot.id == lot_id).with_for_update())
    refuse_frozen(tx, [lot_id], "lines")
    _must(
        tx,
        lot_id,
        Lot.reserved_units >= units,
        reserved_units=Lot.reserved_units - units,
        shipped_units=Lot.shipped_units + units,
    )


def put_back(tx: Session, lot_id: int, units: int) -> None:
    """Units that never reached the buyer are on sale again (短少)."""
    _must(tx, lot_id, Lot.shipped_units >= units, shipped_units=Lot.shipped_units - units)


def write_off(tx: Session, lot_id: int, units: int) -> None:
    """Shipped units that broke are gone (破损)."""
    _must(
        tx,
        lot_id,
        Lot.shipped_units >= units,
        shipped_units=Lot.shipped_units - units,
        written_off_units=Lot.written_off_units + units,
    )


def destroy(tx: Session, lot_id: int, units: int, *, reason: str, now: datetime) -> bool:
    """Units in the store are gone (销毁); False when there are not so many without a claim.

    A frozen lot may be destroyed: that is how recalled goods end. Units an order waits for are
    not: the order is cancelled first.
    """
    if not _change(
        tx,
        lot_id,
        units_left() >= units,
        written_off_units=Lot.written_off_units + units,
    ):
        return False
    tx.add(UnitLoss(lot_id=lot_id, units=units, at=now, reason=reason))
    return True


def _change(
    tx: Session, lot_id: int, guard: ColumnElement[bool], **values: ColumnElement[int]
) -> bool:
    return db.rows_changed(tx, update(Lot).where(Lot.id == lot_id, guard).values(**values)) == 1


def _must(
    tx: Session, lot_id: int, guard: ColumnElement[bool], **values: ColumnElement[int]
) -> None:
    if not _change(tx, lot_id, guard, **values):
        raise AssertionError(f"stock of lot {lot_id} does not allow this")
