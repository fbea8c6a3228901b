"""Words for where a purchase is on its whole way; derived, never stored."""

from __future__ import annotations

from shop.core.labels import N_, Labelled


class Step(Labelled):
    """A step of the timeline every buyer sees."""

    PLACED = "placed", N_("已下单")
    APPROVED = "approved", N_("已批准")
    PAID = "paid", N_("已付款")
    SHIPPED = "shipped", N_("已发货")
    ACCEPTED = "accepted", N_("已验收")
    SETTLED = "settled", N_("农户已结算")


class Next(Labelled):
    """What has to happen next, and so who is waited for."""

    APPROVE = "approve", N_("等审批人审批")
    REVISE = "revise", N_("已退回，可修改后重新提交")
    PAY = "pay", N_("请付款")
    SHIP = "ship", N_("等合作社发货")
    ACCEPT = "accept", N_("货已发出，到货请验收")
    SIGN = "sign", N_("等第二人验收签字")
    SETTLE = "settle", N_("等结算到户")
    DONE = "done", N_("全部完成")
    OVER = "over", N_("已结束")
