"""Kinds of accounts and journals."""

from __future__ import annotations

from shop.core.labels import N_, Labelled


class AccountKind(Labelled):
    """What an account stands for; `DEBIT_NORMAL` names those that grow on the debit side.

    The owner of an account is the internal key of the thing its kind names: an order, an
    acceptance, a lot, a household, an organisation; 0 where there is only one.
    """

    CUSTODY = "custody", N_("监管账户存款")
    PROVIDER_RECEIVABLE = "provider_receivable", N_("应收支付机构")
    BUYER_RECEIVABLE = "buyer_receivable", N_("应收货款")
    DUE_FROM_COOPERATIVE = "due_from_cooperative", N_("应收合作社")
    BANK_FEE = "bank_fee", N_("银行手续费")
    ESCROW = "escrow", N_("待结算款")
    SUSPENSE = "suspense", N_("待认领款")
    LOT_POOL = "lot_pool", N_("批次农户份额")
    HOUSEHOLD_PAYABLE = "household_payable", N_("应付农户")
    COOPERATIVE_PAYABLE = "cooperative_payable", N_("应付合作社")
    CARRIER_PAYABLE = "carrier_payable", N_("应付承运商")
    PAYOUT_IN_TRANSIT = "payout_in_transit", N_("在途打款")
    REFUND_IN_TRANSIT = "refund_in_transit", N_("在途退款")
    RISK_RESERVE = "risk_reserve", N_("风险准备金")
    PLATFORM_FEE = "platform_fee", N_("平台服务费")


DEBIT_NORMAL = frozenset(
    {
        AccountKind.CUSTODY,
        AccountKind.PROVIDER_RECEIVABLE,
        AccountKind.BUYER_RECEIVABLE,
        AccountKind.DUE_FROM_COOPERATIVE,
        AccountKind.BANK_FEE,
    }
)

#: May go below zero: the pool of a lot, between a return and the next settlement.
MAY_BE_NEGATIVE = frozenset({AccountKind.LOT_POOL})


class MonthState(Labelled):
    """Where a month of the books (会计月份) stands; while in `SHUT` it takes no journal."""

    OPEN = "open", N_("未结")
    PROPOSED = "proposed", N_("待复核")
    CLOSED = "closed", N_("已结账")
    REOPENING = "reopening", N_("申请反结账")


#: The states in which the database refuses journals of the month.
SHUT = (MonthState.CLOSED, MonthState.REOPENING)


class JournalKind(Labelled):
    """Which event of the trade a journal (凭证) writes down."""

    BANK_CREDIT = "bank_credit", N_("银行来款")
    BANK_CREDIT_MATCHED = "bank_credit_matched", N_("来款认领")
    BANK_FEE = "bank_fee", N_("银行手续费")
    ACCEPTANCE = "acceptance", N_("验收")
    SHORTAGE_REFUND = "shortage_refund", N_("短少退款")
    CANCELLATION_REFUND = "cancellation_refund", N_("取消退款")
    SUSPENSE_REFUND = "suspense_refund", N_("多付退回")
    RETURN = "return", N_("退货")
    SETTLEMENT = "settlement", N_("结算")
    PAYOUT_APPROVED = "payout_approved", N_("打款复核")
    PAYOUT_CONFIRMED = "payout_confirmed", N_("打款成功")
    PAYOUT_FAILED = "payout_failed", N_("打款退回")
    PAYOUT_RETURNED = "payout_returned", N_("打款退汇")
    REFUND_LEFT = "refund_left", N_("退款付出")
    INTEREST_PAID = "interest_paid", N_("收到逾期利息")
    DUE_PAID = "due_paid", N_("合作社交款")
    REVERSAL = "reversal", N_("冲正")
