"""What lots and deliveries are, and what may become of them."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class LotKind(Labelled):
    """A step on the way from the slope to the box."""

    DELIVERY = "delivery", N_("投售")
    ROUGH = "rough", N_("毛茶")
    BLEND = "blend", N_("拼配")
    PACKED = "packed", N_("成品")


class LotState(Labelled):
    """A lot is on record until it is voided; only an unused one can be."""

    RECORDED = "recorded", N_("在册")
    VOIDED = "voided", N_("作废")


class LeafPayment(Labelled):
    """How a delivery is paid: on the spot by the cooperative, or later out of what it sells for."""

    PAID = "paid", N_("现场付款")
    CONSIGNMENT = "consignment", N_("寄售")


class LotDeed(Labelled):
    """What the audit log says was done to a lot."""

    WEIGH_IN = "weigh_in", N_("称重收购")
    CORRECT = "correct", N_("更正后重新登记")
    VOID = "void", N_("作废")
    ROUGH = "rough", N_("加工成毛茶")
    BLEND = "blend", N_("拼配")
    PACKED = "packed", N_("分装并封存份额")


LOT = StateTable(
    "lot",
    Move(LotState.RECORDED, "void", LotState.VOIDED, P.DELIVERY_WEIGH),
)
