"""Tables of delivering and accepting."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from orders.shipments.states import AcceptanceState, ShipmentState
from shop.core import db
from shop.core.money import Money


class Shipment(db.Model):
    """What a cooperative sent at one time of one order (发货单), with carrier and waybill."""

    __tablename__ = "shipment"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("ship")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    carrier_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    waybill: Mapped[str] = mapped_column(String(64), default="")
    parcels: Mapped[int]
    state: Mapped[ShipmentState] = mapped_column(db.labelled(ShipmentState, "state"))
    shipped_at: Mapped[datetime]
    arrived_at: Mapped[datetime | None]


class ShipmentLine(db.Model):
    """Units of one allocation in a shipment."""

    __tablename__ = "shipment_line"
    __table_args__ = (
        UniqueConstraint("shipment_id", "allocation_id"),
        CheckConstraint("units > 0", name="some"),
    )

    id: Mapped[db.Id]
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id"))
    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocation.id"), index=True)
    units: Mapped[int]


class Acceptance(db.Model):
    """The buyer's check of one shipment (验收单); money moves when the second person signs.

    `second_signer_id` stays empty for a retail buyer's confirmation and for silence that counts.
    `receivable` is what escrow did not cover when it was signed; what of it is still open is
    the balance of its ledger account.
    """

    __tablename__ = "acceptance"
    __table_args__ = (
        Index(
            "uq_acceptance_live",
            "shipment_id",
            unique=True,
            sqlite_where=text("state <> 'withdrawn'"),
            postgresql_where=text("state <> 'withdrawn'"),
        ),
        CheckConstraint("first_signer_id <> second_signer_id", name="two_people"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("accept")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    shipment_id: Mapped[int] = mapped_column(ForeignKey("shipment.id"), index=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    state: Mapped[AcceptanceState] = mapped_column(db.labelled(AcceptanceState, "state"))
    first_signer_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    second_signer_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    first_signed_at: Mapped[datetime]
    signed_at: Mapped[datetime | None] = mapped_column(index=True)
    note: Mapped[str] = mapped_column(default="")
    value: Mapped[Money] = mapped_column("value_fen")
    receivable: Mapped[Money] = mapped_column("receivable_fen")


class AcceptanceLine(db.Model):
    """What was found of one allocation in the shipment: accepted, short, damaged.

    `lot_id` and `households`, what one unit brings to the lot's pool, are copies of the
    allocation's and its line's, so that what a lot has earned is one look at this table.
    `asked_units` are held by requests for a return that are still open.
    """

    __tablename__ = "acceptance_line"
    __table_args__ = (
        UniqueConstraint("acceptance_id", "allocation_id"),
        # All that a settlement asks for, in the order in which it asks.
        Index(
            "ix_acceptance_line_earned",
            *("lot_id", "acceptance_id", "households_fen", "accepted_units", "returned_units"),
        ),
        CheckConstraint(
            "accepted_units >= 0 AND short_units >= 0 AND damaged_units >= 0"
            " AND accepted_units + short_units + damaged_units > 0",
            name="counts_units",
        ),
        CheckConstraint(
            "returned_units >= 0 AND asked_units >= 0"
            " AND returned_units + asked_units <= accepted_units",
            name="returned_within",
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("accline")
    acceptance_id: Mapped[int] = mapped_column(ForeignKey("acceptance.id"))
    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocation.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    households: Mapped[Money] = mapped_column("households_fen")
    accepted_units: Mapped[int]
    short_units: Mapped[int]
    damaged_units: Mapped[int]
    returned_units: Mapped[int] = mapped_column(default=0)
    asked_units: Mapped[int] = mapped_column(default=0, server_default="0")
    note: Mapped[str] = mapped_column(default="")


class Return(db.Model):
    """Goods sent back after acceptance (退货), with the reason; refunded at once."""

    __tablename__ = "goods_return"

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("return")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    acceptance_id: Mapped[int] = mapped_column(ForeignKey("acceptance.id"), index=True)
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    reason: Mapped[str]
    value: Mapped[Money] = mapped_column("value_fen")


class ReturnLine(db.Model):
    """Units of one acceptance line sent back, and what inspection made of them.

    Those neither `restocked` nor `written_off` stand apart from the shelf.
    """

    __tablename__ = "goods_return_line"
    __table_args__ = (
        CheckConstraint("units > 0", name="some"),
        CheckConstraint(
            "restocked_units >= 0 AND written_off_units >= 0"
            " AND restocked_units + written_off_units <= units",
            name="inspected_within",
        ),
        UniqueConstraint("return_id", "acceptance_line_id"),
    )

    id: Mapped[db.Id]
    return_id: Mapped[int] = mapped_column(ForeignKey("goods_return.id"))
    acceptance_line_id: Mapped[int] = mapped_column(ForeignKey("acceptance_line.id"), index=True)
    units: Mapped[int]
    restocked_units: Mapped[int] = mapped_column(default=0, server_default="0")
    written_off_units: Mapped[int] = mapped_column(default=0, server_default="0")


class Invoice(db.Model):
    """A tax invoice (发票) the cooperative issued elsewhere and records here, with its file."""

    __tablename__ = "invoice"
    __table_args__ = (CheckConstraint("length(number) = 20", name="twenty_digits"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("invoice")
    order_id: Mapped[int] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    issued_on: Mapped[date]
    amount: Mapped[Money] = mapped_column("amount_fen")
    file_name: Mapped[str] = mapped_column(String(128))
    media_type: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    recorded_at: Mapped[datetime]
