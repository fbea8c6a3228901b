"""Sending goods: shipments, their arrival, and the invoice for them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind
from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.states import ORDER, PaymentTerms
from orders.purchasing.values import open_value
from orders.shipments.models import Invoice, Shipment, ShipmentLine
from orders.shipments.states import SHIPMENT, ShipmentState
from orders.shipments.telling import shipped_units, tell
from products.lots import stock
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.money import Money
from shop.core.numbering import next_number
from shop.core.permissions import Permission
from shop.organisations.models import Organisation, OrganisationKind

INVOICE_DIGITS = 20


class NotPaid(Refusal):
    """An order to be paid before delivery is not paid in full."""

    code = "not_paid"
    sentence = N_("这张订单约定先付款，还差 %(missing)s 元到账，暂不能发货。")


class TooManyUnits(Refusal):
    """More units than are left to ship of a line."""

    code = "too_many_units"
    sentence = N_("“%(name)s”只剩 %(left)s %(unit)s没发，请改数量。")
    field = "lines"


class NothingToShip(Refusal):
    """A shipment without units."""

    code = "nothing_to_ship"
    sentence = N_("请至少填一行发货数量。")
    status = 422
    field = "lines"


class NotAnInvoiceNumber(Refusal):
    """A fully digital invoice has a number of 20 digits."""

    code = "not_an_invoice_number"
    sentence = N_("发票号码应为 20 位数字，请核对。")
    status = 422
    field = "number"


class InvoiceRecorded(Refusal):
    """An invoice number is recorded once."""

    code = "invoice_recorded"
    sentence = N_("这张发票已经登记过了。")
    field = "number"


@command
def ship(
    tx: Session,
    *,
    order_id: str,
    carrier_id: str,
    waybill: str,
    parcels: int,
    lines: tuple[tuple[str, int], ...],
    actor: Actor,
    now: datetime,
) -> str:
    """Send units of an order, all or in part, with a carrier.

    Args:
        lines: (allocation public id, units above zero), each once.
        parcels: number of pieces on the waybill.

    Returns:
        The shipment's public id.

    Raises:
        NotFound, NotAllowed: `order:ship` in the order's cooperative is needed.
        WrongState: the order is not confirmed, or shipped already.
        NotPaid: to be paid first, and not paid in full.
        NothingToShip, TooManyUnits: see the classes.
    """
    order = locked_order(tx, order_id, actor)
    actor.require(Permission.ORDER_SHIP, order.cooperative_id)
    if not lines or any(units <= 0 for _allocation, units in lines):
        raise NothingToShip()
    carrier = _carrier(tx, carrier_id)
    _refuse_unpaid(tx, order)
    shipment = Shipment(
        number=next_number(tx, f"FH-{tx.get_one(Organisation, order.cooperative_id).code}", now),
        order_id=order.id,
        carrier_id=carrier.id,
        waybill=waybill.strip(),
        parcels=parcels,
        state=ShipmentState.SENT,
        shipped_at=now,
    )
    tx.add(shipment)
    tx.flush()
    complete = _take_units(tx, order, shipment, dict(lines))
    ORDER.move(
        tx,
        order,
        "ship" if complete else "ship_part",
        actor=actor,
        now=now,
        organisation_id=order.cooperative_id,
        shipment=shipment.number,
    )
    _tell(tx, "shipping", shipment, order, now)
    return shipment.public_id


def _tell(tx: Session, kind: str, shipment: Shipment, order: Order, now: datetime) -> None:
    units = shipped_units(tx, shipment)
    tell(tx, kind, thing=shipment.public_id, shipment=shipment, order=order, units=units, now=now)


def _carrier(tx: Session, carrier_id: str) -> Organisation:
    carrier = tx.execute(
        select(Organisation).where(
            Organisation.public_id == carrier_id, Organisation.kind == OrganisationKind.CARRIER
        )
    ).scalar_one_or_none()
    if carrier is None:
        raise NotFound()
    return carrier


def _refuse_unpaid(tx: Session, order: Order) -> None:
    """Goods that are to be paid first leave when they are paid in full."""
    purchase = tx.get_one(Purchase, order.purchase_id)
    if purchase.terms is PaymentTerms.BEFORE:
        paid = posting.balance(tx, AccountKind.ESCROW, order.id)
        missing = open_value(tx, order.id) - paid
        if missing.fen > 0:
            raise NotPaid(missing=str(missing))


def _take_units(tx: Session, order: Order, shipment: Shipment, wanted: dict[str, int]) -> bool:
    """Move the units out of the store; whether the whole order is now on its way."""
    rows = tx.execute(
        select(Allocation, OrderLine)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(OrderLine.order_id == order.id)
        .order_by(Allocation.lot_id, Allocation.id)
        .with_for_update()
    ).all()
    if set(wanted) - {allocation.public_id for allocation, _line in rows}:
        raise NotFound()
    for allocation, line in rows:
        units = wanted.get(allocation.public_id, 0)
        if not units:
            continue
        left = allocation.units - allocation.cancelled_units - allocation.shipped_units
        if units > left:
            raise TooManyUnits(name=line.product_name, left=left, unit=line.unit)
        allocation.shipped_units += units
        tx.add(ShipmentLine(shipment_id=shipment.id, allocation_id=allocation.id, units=units))
        tx.flush()
        stock.ship(tx, allocation.lot_id, units)
    return all(
        allocation.shipped_units + allocation.cancelled_units == allocation.units
        for allocation, _line in rows
    )


@command
def arrive(tx: Session, *, shipment_id: str, actor: Actor, now: datetime) -> None:
    """Record that a shipment arrived; the days of silence count from here.

    Raises:
        NotFound, NotAllowed: `order:ship` in the order's cooperative is needed.
        WrongState: it arrived before, or is accepted.
    """
    shipment = tx.execute(
        select(Shipment).where(Shipment.public_id == shipment_id).with_for_update()
    ).scalar_one_or_none()
    if shipment is None:
        raise NotFound()
    order = tx.get_one(Order, shipment.order_id)
    SHIPMENT.move(
        tx, shipment, "arrive", actor=actor, now=now, organisation_id=order.cooperative_id
    )
    shipment.arrived_at = now
    _tell(tx, "receiving", shipment, order, now)


@command
def record_invoice(
    tx: Session,
    *,
    order_id: str,
    number: str,
    issued_on: date,
    amount: Money,
    file_name: str,
    media_type: str,
    content: bytes,
    actor: Actor,
    now: datetime,
) -> str:
    """Record an invoice the cooperative issued elsewhere, with its file. Returns its public id.

    Raises:
        NotFound, NotAllowed: `invoice:record` in the order's cooperative is needed.
        NotAnInvoiceNumber: not 20 digits.
        InvoiceRecorded: the number is recorded already.
    """
    order = locked_order(tx, order_id, actor)
    actor.require(Permission.INVOICE_RECORD, order.cooperative_id)
    digits = number.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) == INVOICE_DIGITS):
        raise NotAnInvoiceNumber()
    if tx.execute(select(Invoice.id).where(Invoice.number == digits)).first():
        raise InvoiceRecorded()
    invoice = Invoice(
        order_id=order.id,
        number=digits,
        issued_on=issued_on,
        amount=amount,
        file_name=file_name,
        media_type=media_type,
        content=content,
        recorded_at=now,
    )
    tx.add(invoice)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="invoice",
        thing=invoice.public_id,
        action="record",
        organisation_id=order.cooperative_id,
        number=digits,
        amount_fen=amount.fen,
    )
    return invoice.public_id


def locked_order(tx: Session, order_id: str, actor: Actor) -> Order:
    """An order of the actor's cooperative, locked, its purchase before it."""
    purchase_id = tx.execute(
        select(Order.purchase_id).where(Order.public_id == order_id)
    ).scalar_one_or_none()
    if purchase_id is None:
        raise NotFound()
    tx.execute(select(Purchase.id).where(Purchase.id == purchase_id).with_for_update())
    order = tx.execute(
        select(Order).where(Order.public_id == order_id).with_for_update()
    ).scalar_one()
    if not actor.belongs_to(order.cooperative_id):
        raise NotFound()
    return order
