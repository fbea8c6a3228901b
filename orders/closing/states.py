"""Lifecycles of reconciliations and months, why ledger and bank may differ, and account codes."""

from __future__ import annotations

from orders.ledger.states import AccountKind as K
from orders.ledger.states import MonthState as M
from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class ReconciliationState(Labelled):
    """Where a signed reconciliation (余额调节表) stands."""

    SIGNED = "signed", N_("待复核")
    CONFIRMED = "confirmed", N_("已复核")
    WITHDRAWN = "withdrawn", N_("已撤回")


class Cause(Labelled):
    """Why all books were checked (核账)."""

    ASKED = "asked", N_("有人要核")
    NIGHTLY = "nightly", N_("每天一次")
    CLOSING = "closing", N_("月结时核")


class Report(Labelled):
    """A file for the accountant (账表)."""

    TRIAL = "trial", N_("科目余额表")
    BALANCES = "balances", N_("辅助余额表")
    JOURNAL = "journal", N_("序时账")
    ACCOUNTS = "accounts", N_("明细账")
    VOUCHERS = "vouchers", N_("凭证导入表")


class Ending(Labelled):
    """How a file is written."""

    CSV = "csv", N_("CSV")
    XLSX = "xlsx", N_("XLSX")


class Why(Labelled):
    """Why the ledger and the bank may differ on one item, and both be right."""

    PAID_UNSEEN = "paid_unseen", N_("账上已付、流水未见的打款")
    LATE = "late", N_("流水已有、账上以后才记")
    UNEXPLAINED = "unexplained", N_("流水已付出、还没有说明的支出")
    UNDONE = "undone", N_("撤销导入的流水，账上以后才冲正")
    OPENING = "opening", N_("第一份流水之前就有的余额")
    GAP = "gap", N_("两份流水之间缺的一段")


RECONCILIATION = StateTable(
    "reconciliation",
    Move(
        ReconciliationState.SIGNED,
        "confirm",
        ReconciliationState.CONFIRMED,
        P.BOOKS_CLOSE,
        ("sign",),
    ),
    Move(ReconciliationState.SIGNED, "withdraw", ReconciliationState.WITHDRAWN, P.BOOKS_CLOSE),
    Move(ReconciliationState.CONFIRMED, "withdraw", ReconciliationState.WITHDRAWN, P.BOOKS_CLOSE),
)

#: Two people are told apart by the month's own columns: it may be closed more than once.
MONTH = StateTable(
    "ledger_month",
    Move(M.OPEN, "propose", M.PROPOSED, P.BOOKS_CLOSE),
    Move(M.PROPOSED, "confirm", M.CLOSED, P.BOOKS_CLOSE),
    Move(M.PROPOSED, "withdraw", M.OPEN, P.BOOKS_CLOSE),
    Move(M.CLOSED, "ask_reopen", M.REOPENING, P.BOOKS_CLOSE),
    Move(M.REOPENING, "reopen", M.OPEN, P.BOOKS_CLOSE),
    Move(M.REOPENING, "keep", M.CLOSED, P.BOOKS_CLOSE),
)

#: Codes and names of the Chinese chart of accounts (科目) unless the accountant sets others.
DEFAULT_CODES: dict[K, tuple[str, str]] = {
    K.CUSTODY: ("101201", "其他货币资金—监管账户"),
    K.PROVIDER_RECEIVABLE: ("101202", "其他货币资金—支付机构"),
    K.BUYER_RECEIVABLE: ("1122", "应收账款"),
    K.DUE_FROM_COOPERATIVE: ("1221", "其他应收款—合作社"),
    K.ESCROW: ("220301", "预收账款—待结算款"),
    K.HOUSEHOLD_PAYABLE: ("220201", "应付账款—农户"),
    K.COOPERATIVE_PAYABLE: ("220202", "应付账款—合作社"),
    K.CARRIER_PAYABLE: ("220203", "应付账款—承运商"),
    K.SUSPENSE: ("224101", "其他应付款—待认领款"),
    K.LOT_POOL: ("224102", "其他应付款—批次农户份额"),
    K.PAYOUT_IN_TRANSIT: ("224103", "其他应付款—在途打款"),
    K.REFUND_IN_TRANSIT: ("224104", "其他应付款—在途退款"),
    K.RISK_RESERVE: ("224105", "其他应付款—风险准备金"),
    K.PLATFORM_FEE: ("6051", "其他业务收入—平台服务费"),
    K.BANK_FEE: ("660301", "财务费用—手续费"),
}

#: The members by the values that stand in the database and in addresses.
KINDS = {kind.value: kind for kind in K}
WHYS = {why.value: why for why in Why}
