"""Tables of buying."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from orders.purchasing.states import (
    OrderState,
    PaymentTerms,
    PurchaseKind,
    PurchaseState,
    Side,
)
from products.catalogue.states import TaxClass
from shop.core import db
from shop.core.money import Money


class CartLine(db.Model):
    """What somebody means to buy: for a union (`union_id`), or for themselves (none).

    A visitor's cart belongs to a random `visitor_key` until they sign in. `seen_price` is the
    price of one unit when it was put in, so that a change can be pointed out.
    """

    __tablename__ = "cart_line"
    __table_args__ = (
        CheckConstraint("units > 0", name="some"),
        CheckConstraint("(user_id IS NULL) <> (visitor_key IS NULL)", name="one_owner"),
        Index(
            "uq_cart_line_union",
            "user_id",
            "union_id",
            "specification_id",
            unique=True,
            sqlite_where=text("union_id IS NOT NULL"),
            postgresql_where=text("union_id IS NOT NULL"),
        ),
        Index(
            "uq_cart_line_own",
            "user_id",
            "specification_id",
            unique=True,
            sqlite_where=text("union_id IS NULL AND user_id IS NOT NULL"),
            postgresql_where=text("union_id IS NULL AND user_id IS NOT NULL"),
        ),
        UniqueConstraint("visitor_key", "specification_id"),
    )

    id: Mapped[db.Id]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"), index=True)
    visitor_key: Mapped[str | None] = mapped_column(String(32))
    union_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    specification_id: Mapped[int] = mapped_column(ForeignKey("specification.id"))
    units: Mapped[int]
    seen_price: Mapped[Money] = mapped_column("seen_price_fen")
    added_at: Mapped[datetime]


class Purchase(db.Model):
    """A purchase (采购单): one checkout, one reference code, one order per cooperative."""

    __tablename__ = "purchase"
    __table_args__ = (
        CheckConstraint("total_fen > 0", name="costs_something"),
        CheckConstraint("(kind = 'bulk') = (union_id IS NOT NULL)", name="bulk_is_a_unions"),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("purchase")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    reference: Mapped[str] = mapped_column(String(9), unique=True)
    kind: Mapped[PurchaseKind] = mapped_column(db.labelled(PurchaseKind, "kind"))
    state: Mapped[PurchaseState] = mapped_column(db.labelled(PurchaseState, "state"), index=True)
    terms: Mapped[PaymentTerms] = mapped_column(db.labelled(PaymentTerms, "terms"))
    union_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("app_user.id"), index=True)
    budget_id: Mapped[int | None] = mapped_column(ForeignKey("budget.id"))
    total: Mapped[Money] = mapped_column("total_fen")
    recipient: Mapped[str] = mapped_column(String(32))
    phone: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(200))
    province: Mapped[str] = mapped_column(String(8), default="")
    note: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime]
    approved_at: Mapped[datetime | None]
    lapses_at: Mapped[datetime | None] = mapped_column(index=True)


class Order(db.Model):
    """An order (订单): what one cooperative sells within a purchase, as seller of record."""

    __tablename__ = "purchase_order"
    __table_args__ = (UniqueConstraint("purchase_id", "cooperative_id"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("order")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    purchase_id: Mapped[int] = mapped_column(ForeignKey("purchase.id"))
    cooperative_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[OrderState] = mapped_column(db.labelled(OrderState, "state"), index=True)
    total: Mapped[Money] = mapped_column("total_fen")
    fresh: Mapped[bool] = mapped_column(default=False)
    placed_at: Mapped[datetime]


class OrderLine(db.Model):
    """One specification in an order, with its price and composition frozen at placing.

    `price` is all one unit costs: the list price less what ladder and discount take off, plus
    the freight surcharge it bears, which is part of `freight`. Names and tax class are copied
    too: a paper printed years later says what was bought.
    """

    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "specification_id"),
        CheckConstraint("units > 0", name="some"),
        CheckConstraint(
            "price_fen = households_fen + processing_fen + packing_fen + freight_fen"
            " + cooperative_fen + platform_fen + tax_fen",
            name="sums_to_the_price",
        ),
        CheckConstraint(
            "discount_fen >= 0 AND surcharge_fen >= 0"
            " AND price_fen - surcharge_fen + discount_fen <= list_price_fen",
            name="no_dearer_than_listed",
        ),
        CheckConstraint(
            "tax_rate_bp = CASE tax_class WHEN '9' THEN 900 WHEN '13' THEN 1300 ELSE 0 END",
            name="rate_of_the_class",
        ),
    )

    id: Mapped[db.Id]
    order_id: Mapped[int] = mapped_column(ForeignKey("purchase_order.id"))
    specification_id: Mapped[int] = mapped_column(ForeignKey("specification.id"), index=True)
    product_name: Mapped[str] = mapped_column(String(64))
    specification_name: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(8))
    units: Mapped[int]
    price: Mapped[Money] = mapped_column("price_fen")
    households: Mapped[Money] = mapped_column("households_fen")
    processing: Mapped[Money] = mapped_column("processing_fen")
    packing: Mapped[Money] = mapped_column("packing_fen")
    freight: Mapped[Money] = mapped_column("freight_fen")
    cooperative: Mapped[Money] = mapped_column("cooperative_fen")
    platform: Mapped[Money] = mapped_column("platform_fen")
    tax: Mapped[Money] = mapped_column("tax_fen")
    list_price: Mapped[Money] = mapped_column("list_price_fen")
    discount: Mapped[Money] = mapped_column("discount_fen")
    surcharge: Mapped[Money] = mapped_column("surcharge_fen")
    tax_class: Mapped[TaxClass] = mapped_column(db.labelled(TaxClass, "tax_class"))
    tax_rate_bp: Mapped[int]


class Allocation(db.Model):
    """Units of an order line taken from one packed lot, and what became of them.

    Each is cancelled before it is shipped, or shipped. Shipped units are later accepted, short or
    damaged; accepted ones may be returned.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        UniqueConstraint("line_id", "lot_id"),
        CheckConstraint(
            "units > 0 AND shipped_units >= 0 AND cancelled_units >= 0"
            " AND shipped_units + cancelled_units <= units"
            " AND accepted_units >= 0 AND short_units >= 0 AND damaged_units >= 0"
            " AND accepted_units + short_units + damaged_units <= shipped_units"
            " AND returned_units >= 0 AND returned_units <= accepted_units",
            name="adds_up",
        ),
        # All that what is left of a lot is proved by.
        Index(
            "ix_allocation_of_lot",
            *(
                "lot_id",
                "units",
                "cancelled_units",
                "shipped_units",
                "short_units",
                "damaged_units",
            ),
        ),
    )

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("alloc")
    line_id: Mapped[int] = mapped_column(ForeignKey("order_line.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"))
    units: Mapped[int]
    cancelled_units: Mapped[int] = mapped_column(default=0)
    shipped_units: Mapped[int] = mapped_column(default=0)
    accepted_units: Mapped[int] = mapped_column(default=0)
    short_units: Mapped[int] = mapped_column(default=0)
    damaged_units: Mapped[int] = mapped_column(default=0)
    returned_units: Mapped[int] = mapped_column(default=0)


class Cancellation(db.Model):
    """Units of an order given up before they were shipped (部分取消), and what they cost.

    What was ordered stays as it was placed; the units are counted in
    `Allocation.cancelled_units`, and every figure of what is open leaves them out.
    """

    __tablename__ = "cancellation"
    __table_args__ = (CheckConstraint("value_fen > 0", name="worth_something"),)

    id: Mapped[db.Id]
    public_id: Mapped[str] = db.public_id("cancel")
    number: Mapped[str] = mapped_column(String(32), unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("purchase_order.id"), index=True)
    side: Mapped[Side] = mapped_column(db.labelled(Side, "side"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("app_user.id"))
    at: Mapped[datetime]
    reason: Mapped[str]
    value: Mapped[Money] = mapped_column("value_fen")


class CancellationLine(db.Model):
    """Units of one allocation that a cancellation gave up."""

    __tablename__ = "cancellation_line"
    __table_args__ = (
        UniqueConstraint("cancellation_id", "allocation_id"),
        CheckConstraint("units > 0", name="some"),
    )

    id: Mapped[db.Id]
    cancellation_id: Mapped[int] = mapped_column(ForeignKey("cancellation.id"))
    allocation_id: Mapped[int] = mapped_column(ForeignKey("allocation.id"), index=True)
    units: Mapped[int]
