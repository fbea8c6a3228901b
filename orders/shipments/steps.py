"""Steps that accepting and returning share: what is locked, and in which order."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.shipments.models import Acceptance, AcceptanceLine, Shipment
from shop.core.errors import NotFound


def locked_shipment(tx: Session, shipment_id: str) -> tuple[Shipment, Order, Purchase]:
    """A shipment with its order and purchase, locked from the purchase down.

    Raises:
        NotFound: there is none of this id.
    """
    keys = tx.execute(
        select(Shipment.id, Order.id, Order.purchase_id)
        .join(Order, Order.id == Shipment.order_id)
        .where(Shipment.public_id == shipment_id)
    ).first()
    if keys is None:
        raise NotFound()
    shipment_key, order_key, purchase_key = keys
    purchase = tx.execute(
        select(Purchase).where(Purchase.id == purchase_key).with_for_update()
    ).scalar_one()
    order = tx.execute(select(Order).where(Order.id == order_key).with_for_update()).scalar_one()
    shipment = tx.execute(
        select(Shipment).where(Shipment.id == shipment_key).with_for_update()
    ).scalar_one()
    return shipment, order, purchase


def locked_acceptance(tx: Session, acceptance_id: str) -> tuple[Acceptance, Order, Purchase]:
    """An acceptance with its order and purchase, locked from the purchase down.

    Raises:
        NotFound: there is none of this id.
    """
    shipment_id = tx.execute(
        select(Shipment.public_id)
        .join(Acceptance, Acceptance.shipment_id == Shipment.id)
        .where(Acceptance.public_id == acceptance_id)
    ).scalar_one_or_none()
    if shipment_id is None:
        raise NotFound()
    _shipment, order, purchase = locked_shipment(tx, shipment_id)
    acceptance = tx.execute(
        select(Acceptance).where(Acceptance.public_id == acceptance_id).with_for_update()
    ).scalar_one()
    return acceptance, order, purchase


def locked_lines(
    tx: Session, acceptance: Acceptance
) -> list[tuple[AcceptanceLine, Allocation, OrderLine]]:
    """The lines of an acceptance with what they are about, locked in the order of their lots."""
    rows = tx.execute(
        select(AcceptanceLine, Allocation, OrderLine)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(AcceptanceLine.acceptance_id == acceptance.id)
        .order_by(Allocation.lot_id, AcceptanceLine.id)
        .with_for_update()
    )
    return [(line, allocation, order_line) for line, allocation, order_line in rows]
