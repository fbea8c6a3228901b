"""Lifecycles of purchases and orders."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class PurchaseKind(Labelled):
    """Who buys: a union for its members, or a person for themselves."""

    BULK = "bulk", N_("单位采购")
    RETAIL = "retail", N_("个人购买")


class PaymentTerms(Labelled):
    """When the buyer pays."""

    BEFORE = "before", N_("先付款后发货")
    AFTER = "after", N_("验收后付款")


class PurchaseState(Labelled):
    """Where a purchase (采购单) stands before its orders take over."""

    SUBMITTED = "submitted", N_("待审批")
    RETURNED = "returned", N_("已退回")
    APPROVED = "approved", N_("已批准")
    CANCELLED = "cancelled", N_("已取消")
    LAPSED = "lapsed", N_("已失效")


class OrderState(Labelled):
    """Where one cooperative's order (订单) stands. Whether it is paid is the ledger's to say."""

    WAITING = "waiting", N_("待确认")
    CONFIRMED = "confirmed", N_("待发货")
    SHIPPING = "shipping", N_("部分发货")
    SHIPPED = "shipped", N_("已发货")
    ACCEPTED = "accepted", N_("已验收")
    CANCELLED = "cancelled", N_("已取消")


#: Orders of which nothing has left the store.
NOTHING_SHIPPED = (OrderState.WAITING, OrderState.CONFIRMED, OrderState.CANCELLED)


class Side(Labelled):
    """Who gives up units of an order."""

    BUYER = "buyer", N_("采购方")
    COOPERATIVE = "cooperative", N_("合作社")
    PLATFORM = "platform", N_("平台")


_S = PurchaseState

PURCHASE = StateTable(
    "purchase",
    Move(_S.SUBMITTED, "approve", _S.APPROVED, P.PURCHASE_APPROVE, ("submit",)),
    Move(_S.SUBMITTED, "return", _S.RETURNED, P.PURCHASE_APPROVE, ("submit",)),
    Move(_S.SUBMITTED, "cancel", _S.CANCELLED, P.PURCHASE_DRAFT),
    Move(_S.APPROVED, "cancel", _S.CANCELLED, P.PURCHASE_DRAFT),
    Move(_S.APPROVED, "nothing_left", _S.CANCELLED),
    Move(_S.SUBMITTED, "lapse", _S.LAPSED),
    Move(_S.APPROVED, "lapse", _S.LAPSED),
)

_O = OrderState

ORDER = StateTable(
    "order",
    Move(_O.WAITING, "confirm", _O.CONFIRMED),
    Move(_O.WAITING, "cancel", _O.CANCELLED),
    Move(_O.CONFIRMED, "cancel", _O.CANCELLED),
    Move(_O.CONFIRMED, "ship_part", _O.SHIPPING, P.ORDER_SHIP),
    Move(_O.SHIPPING, "ship_part", _O.SHIPPING, P.ORDER_SHIP),
    Move(_O.CONFIRMED, "ship", _O.SHIPPED, P.ORDER_SHIP),
    Move(_O.SHIPPING, "ship", _O.SHIPPED, P.ORDER_SHIP),
    Move(_O.SHIPPING, "cancel_rest", _O.SHIPPED),
    Move(_O.SHIPPED, "accept", _O.ACCEPTED),
)
