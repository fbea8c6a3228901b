"""Reading what was sent, checked, returned and invoiced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from orders.purchasing.models import Allocation, OrderLine
from orders.shipments.models import (
    Acceptance,
    AcceptanceLine,
    Invoice,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
)
from orders.shipments.states import AcceptanceState, ShipmentState
from products.catalogue.models import Product, Specification
from products.lots.models import Lot
from shop.core.files import ENDINGS
from shop.core.money import Money
from shop.identity.models import User
from shop.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class SentLine:
    """Units of one lot in a shipment. `allocation_id` is public."""

    allocation_id: str
    product_name: str
    specification_name: str
    unit: str
    lot_number: str
    trace_code: str
    best_before: date | None
    units: int
    price: Money
    name_en: str
    unit_en: str

    @property
    def name(self) -> str:
        """Product and specification, as papers name goods."""
        return f"{self.product_name} {self.specification_name}"


@dataclass(frozen=True, slots=True)
class ShipmentRow:
    """One shipment with its packing list. `id` and `order_id` never leave the server."""

    id: int
    public_id: str
    number: str
    order_id: int
    carrier: str
    waybill: str
    parcels: int
    state: ShipmentState
    shipped_at: datetime
    arrived_at: datetime | None
    lines: tuple[SentLine, ...]


@dataclass(frozen=True, slots=True)
class CountedLine:
    """What was found of one lot's units; `public_id` names the line when goods go back."""

    public_id: str
    allocation_id: str
    product_name: str
    specification_name: str
    unit: str
    lot_number: str
    lot_id: int
    price: Money
    households: Money
    accepted: int
    short: int
    damaged: int
    returned: int
    asked: int
    note: str
    name_en: str
    unit_en: str

    @property
    def name(self) -> str:
        """Product and specification, as papers name goods."""
        return f"{self.product_name} {self.specification_name}"

    @property
    def delivered(self) -> int:
        """Units the packing list named."""
        return self.accepted + self.short + self.damaged

    @property
    def value(self) -> Money:
        """What the accepted units cost."""
        return self.price * self.accepted

    @property
    def returnable(self) -> int:
        """Accepted units that were neither sent back yet nor asked to be."""
        return self.accepted - self.returned - self.asked


@dataclass(frozen=True, slots=True)
class AcceptanceRow:
    """One acceptance with its lines; internal keys never leave the server.

    `value` is what was accepted, `receivable` what escrow did not cover at signing.
    """

    id: int
    public_id: str
    number: str
    state: AcceptanceState
    shipment_id: int
    order_id: int
    first_signer_id: int | None
    first_signer: str
    second_signer: str
    first_signed_at: datetime
    signed_at: datetime | None
    note: str
    value: Money
    receivable: Money
    lines: tuple[CountedLine, ...]


@dataclass(frozen=True, slots=True)
class ReturnRow:
    """Goods sent back after acceptance."""

    public_id: str
    number: str
    order_id: int
    acceptance_id: int
    at: datetime
    by: str
    reason: str
    value: Money
    units: int


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice the cooperative recorded; its file is read by `invoice_file`."""

    public_id: str
    number: str
    order_id: int
    issued_on: date
    amount: Money
    file_name: str
    media_type: str
    recorded_at: datetime

    @property
    def download_name(self) -> str:
        """A name of ours, with the ending its content deserves."""
        return f"{self.number}.{ENDINGS[self.media_type]}"


def shipments_of(tx: Session, order_keys: Iterable[int]) -> list[ShipmentRow]:
    """The shipments of these orders in the order they left, with packing lists."""
    return _shipments(tx, select(Shipment.id).where(Shipment.order_id.in_(list(order_keys))))


def shipments_by_key(tx: Session, keys: Iterable[int]) -> list[ShipmentRow]:
    """Shipments by internal key; callers have checked the actor."""
    return _shipments(tx, select(Shipment.id).where(Shipment.id.in_(list(keys))))


def acceptances_of(tx: Session, order_keys: Iterable[int]) -> list[AcceptanceRow]:
    """The acceptances of these orders, withdrawn ones too, in the order they were begun."""
    return _acceptances(tx, select(Acceptance.id).where(Acceptance.order_id.in_(list(order_keys))))


def acceptances_by_key(tx: Session, keys: Iterable[int]) -> list[AcceptanceRow]:
    """Acceptances by internal key; callers have checked the actor."""
    return _acceptances(tx, select(Acceptance.id).where(Acceptance.id.in_(list(keys))))


def returns_of(tx: Session, order_keys: Iterable[int]) -> list[ReturnRow]:
    """What was sent back of these orders, oldest first."""
    units: dict[int, int] = defaultdict(int)
    mine = (
        select(Return, Acceptance.order_id, User.name)
        .join(Acceptance, Acceptance.id == Return.acceptance_id)
        .outerjoin(User, User.id == Return.by_id)
        .where(Acceptance.order_id.in_(list(order_keys)))
        .order_by(Return.id)
    )
    rows = tx.execute(mine).all()
    for return_id, count in tx.execute(
        select(ReturnLine.return_id, ReturnLine.units).where(
            ReturnLine.return_id.in_([row[0].id for row in rows])
        )
    ):
        units[return_id] += count
    return [
        ReturnRow(
            thing.public_id,
            thing.number,
            order_id,
            thing.acceptance_id,
            thing.at,
            by or "",
            thing.reason,
            thing.value,
            units[thing.id],
        )
        for thing, order_id, by in rows
    ]


def invoices_of(tx: Session, order_keys: Iterable[int]) -> list[InvoiceRow]:
    """The invoices recorded for these orders, oldest first, without their files."""
    found = tx.execute(
        select(Invoice).where(Invoice.order_id.in_(list(order_keys))).order_by(Invoice.id)
    )
    return [_invoice(row) for row in found.scalars()]


def invoice_files(tx: Session, public_ids: Iterable[str]) -> dict[str, bytes]:
    """The files of these invoices by public id; callers have checked the actor."""
    found = tx.execute(
        select(Invoice.public_id, Invoice.content).where(Invoice.public_id.in_(list(public_ids)))
    )
    return {public_id: content for public_id, content in found}


def _invoice(row: Invoice) -> InvoiceRow:
    return InvoiceRow(
        row.public_id,
        row.number,
        row.order_id,
        row.issued_on,
        row.amount,
        row.file_name,
        row.media_type,
        row.recorded_at,
    )


def _shipments(tx: Session, keys: Select[int]) -> list[ShipmentRow]:
    lines: dict[int, list[SentLine]] = defaultdict(list)
    for sent, taken, line, lot, specification, product in tx.execute(
        select(ShipmentLine, Allocation, OrderLine, Lot, Specification, Product)
        .join(Allocation, Allocation.id == ShipmentLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .join(Specification, Specification.id == OrderLine.specification_id)
        .join(Product, Product.id == Specification.product_id)
        .join(Lot, Lot.id == Allocation.lot_id)
        .where(ShipmentLine.shipment_id.in_(keys))
        .order_by(ShipmentLine.id)
    ):
        lines[sent.shipment_id].append(
            SentLine(
                taken.public_id,
                line.product_name,
                line.specification_name,
                line.unit,
                lot.number,
                lot.trace_code or "",
                lot.best_before,
                sent.units,
                line.price,
                f"{product.name_en} {specification.name_en}",
                specification.unit_en,
            )
        )
    rows = tx.execute(
        select(Shipment, Organisation.name)
        .join(Organisation, Organisation.id == Shipment.carrier_id)
        .where(Shipment.id.in_(keys))
        .order_by(Shipment.id)
    )
    return [
        ShipmentRow(
            thing.id,
            thing.public_id,
            thing.number,
            thing.order_id,
            carrier,
            thing.waybill,
            thing.parcels,
            thing.state,
            thing.shipped_at,
            thing.arrived_at,
            tuple(lines[thing.id]),
        )
        for thing, carrier in rows
    ]


def _acceptances(tx: Session, keys: Select[int]) -> list[AcceptanceRow]:
    lines = _counted(tx, keys)
    first, second = aliased(User), aliased(User)
    rows = tx.execute(
        select(Acceptance, first.name, second.name)
        .outerjoin(first, first.id == Acceptance.first_signer_id)
        .outerjoin(second, second.id == Acceptance.second_signer_id)
        .where(Acceptance.id.in_(keys))
        .order_by(Acceptance.id)
    )
    return [
        AcceptanceRow(
            thing.id,
            thing.public_id,
            thing.number,
            thing.state,
            thing.shipment_id,
            thing.order_id,
            thing.first_signer_id,
            first_name or "",
            second_name or "",
            thing.first_signed_at,
            thing.signed_at,
            thing.note,
            thing.value,
            thing.receivable,
            tuple(lines[thing.id]),
        )
        for thing, first_name, second_name in rows
    ]


def _counted(tx: Session, keys: Select[int]) -> dict[int, list[CountedLine]]:
    lines: dict[int, list[CountedLine]] = defaultdict(list)
    rows: Any = tx.execute(
        select(AcceptanceLine, Allocation, OrderLine, Lot.number, Specification, Product)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .join(Specification, Specification.id == OrderLine.specification_id)
        .join(Product, Product.id == Specification.product_id)
        .join(Lot, Lot.id == Allocation.lot_id)
        .where(AcceptanceLine.acceptance_id.in_(keys))
        .order_by(AcceptanceLine.id)
    )
    for counted, taken, line, lot_number, specification, product in rows:
        lines[counted.acceptance_id].append(
            CountedLine(
                counted.public_id,
                taken.public_id,
                line.product_name,
                line.specification_name,
                line.unit,
                lot_number,
                taken.lot_id,
                line.price,
                line.households,
                counted.accepted_units,
                counted.short_units,
                counted.damaged_units,
                counted.returned_units,
                counted.asked_units,
                counted.note,
                f"{product.name_en} {specification.name_en}",
                specification.unit_en,
            )
        )
    return lines
