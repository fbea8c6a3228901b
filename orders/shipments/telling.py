"""Facts of the trade about goods on their way: which units of which lots left, arrived, were taken.

Steps of commands, in their transaction. They name the lots and the buying organisation by its
public id; a person who buys is only “a person”.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order, Purchase
from orders.shipments.models import Shipment, ShipmentLine
from products.lots.models import Lot
from shop.core import events
from shop.organisations.models import Organisation


def tell(
    tx: Session,
    kind: str,
    *,
    thing: str,
    shipment: Shipment,
    order: Order,
    units: Mapping[int, int],
    now: datetime,
) -> None:
    """Write one fact down: units per lot (internal key) that were shipped, received, accepted….

    Nothing is written when no units are left.
    """
    moved = {lot_id: count for lot_id, count in units.items() if count}
    if not moved:
        return
    lots = tx.execute(
        select(Lot.id, Lot.number, Lot.public_id).where(Lot.id.in_(moved)).order_by(Lot.id)
    ).all()
    cooperative, buyer = tx.execute(
        select(
            select(Organisation.code)
            .where(Organisation.id == order.cooperative_id)
            .scalar_subquery(),
            select(Organisation.public_id)
            .join(Purchase, Purchase.union_id == Organisation.id)
            .where(Purchase.id == order.purchase_id)
            .scalar_subquery(),
        )
    ).one()
    events.emit(
        tx,
        kind=kind,
        thing=thing,
        at=now,
        now=now,
        organisation_id=order.cooperative_id,
        shipment=shipment.number,
        cooperative=cooperative,
        lots=[{"lot": lot.number, "thing": lot.public_id, "units": moved[lot.id]} for lot in lots],
        to=buyer or "person",
    )


def shipped_units(tx: Session, shipment: Shipment) -> dict[int, int]:
    """Units per lot (internal key) in a shipment."""
    rows = tx.execute(
        select(Allocation.lot_id, func.sum(ShipmentLine.units))
        .join(Allocation, Allocation.id == ShipmentLine.allocation_id)
        .where(ShipmentLine.shipment_id == shipment.id)
        .group_by(Allocation.lot_id)
    )
    return {lot_id: int(units) for lot_id, units in rows}
