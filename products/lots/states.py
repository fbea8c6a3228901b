"""What lots and deliveries are, and what may become of them."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class LotKind(Labelled):
    """A step on the way from the slope to the box."""

    DELIVERY = "delivery", N_("投售")
    PROCESSED = "processed", N_("初加工")
    BLEND = "blend", N_("拼配")
    PART = "part", N_("分堆")
    BYPRODUCT = "byproduct", N_("副产品")
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
    CORRECT_SHARES = "correct_shares", N_("更正份额")
    VOID = "void", N_("作废")
    PROCESSED = "processed", N_("初加工")
    BLEND = "blend", N_("拼配")
    PART = "part", N_("分堆")
    BYPRODUCT = "byproduct", N_("分出副产品")
    LOSE = "lose", N_("登记损耗")
    PACKED = "packed", N_("分装并封存份额")
    FREEZE = "freeze", N_("冻结")
    LIFT = "lift", N_("解冻")
    RAISE = "raise", N_("物料平衡报警")
    ALLOCATE_CODES = "allocate_codes", N_("赋码")
    WITHDRAW_CODE = "withdraw_code", N_("作废一个码")
    PACK_BOX = "pack_box", N_("装箱")
    ADD_EXTERNAL_CODE = "add_external_code", N_("登记外部码")


class FreezeCause(Labelled):
    """Why a lot stands still: nothing of it is used, sold, shipped or settled."""

    ALARM = "alarm", N_("物料平衡待复核")
    DISPUTE = "dispute", N_("来源有争议")
    RECALL = "recall", N_("召回")
    QUALITY = "quality", N_("检验不合格")


class Season(Labelled):
    """The part of a year that a mass balance is about; by the month things were recorded in."""

    YEAR = "year", N_("全年")
    SPRING = "spring", N_("春（3–5 月）")
    SUMMER = "summer", N_("夏（6–8 月）")
    AUTUMN = "autumn", N_("秋（9–11 月）")
    WINTER = "winter", N_("冬（12 月到次年 2 月）")


class AlarmKind(Labelled):
    """What does not add up."""

    RATIO = "ratio", N_("投料与出料之比不寻常")
    YIELD = "yield", N_("交来的多过地里能产的")


class AlarmState(Labelled):
    """An alarm waits for a second person, who explains it or confirms that something is wrong."""

    OPEN = "open", N_("待复核")
    CLEARED = "cleared", N_("复核无误")
    CONFIRMED = "confirmed", N_("确认有问题")


LOT = StateTable(
    "lot",
    Move(LotState.RECORDED, "void", LotState.VOIDED, P.DELIVERY_WEIGH),
)

ALARM = StateTable(
    "alarm",
    Move(AlarmState.OPEN, "clear", AlarmState.CLEARED, P.ALARM_DECIDE, ("raise",)),
    Move(AlarmState.OPEN, "confirm", AlarmState.CONFIRMED, P.ALARM_DECIDE, ("raise",)),
)
