"""Lifecycles of payout batches and their items."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class PayoutKind(Labelled):
    """Why an item is paid out of the custody account."""

    HOUSEHOLD = "household", N_("农户二次返利")
    COOPERATIVE = "cooperative", N_("合作社货款")
    CARRIER = "carrier", N_("运费")
    REFUND = "refund", N_("退款")


class BatchState(Labelled):
    """Where a payout batch (打款批次) stands."""

    DRAFT = "draft", N_("待复核")
    APPROVED = "approved", N_("已复核")
    EXPORTED = "exported", N_("已导出")
    CLOSED = "closed", N_("已完成")
    WITHDRAWN = "withdrawn", N_("已撤回")


class ItemState(Labelled):
    """Where one item stands; an unknown one is never retried before the bank has spoken."""

    DRAFT = "draft", N_("待复核")
    IN_TRANSIT = "in_transit", N_("在途")
    UNKNOWN = "unknown", N_("银行处理中")
    CONFIRMED = "confirmed", N_("已到账")
    FAILED = "failed", N_("已退回")
    RETURNED = "returned", N_("到账后退汇")
    WITHDRAWN = "withdrawn", N_("已撤回")


class Outcome(Labelled):
    """What the bank says of one payment."""

    PAID = "paid", N_("成功")
    REFUSED = "refused", N_("失败")
    PROCESSING = "processing", N_("处理中")


BATCH = StateTable(
    "payout",
    Move(BatchState.DRAFT, "approve", BatchState.APPROVED, P.PAYOUT_APPROVE, ("draft",)),
    Move(BatchState.DRAFT, "withdraw", BatchState.WITHDRAWN, P.PAYOUT_DRAFT),
    Move(BatchState.DRAFT, "return", BatchState.WITHDRAWN, P.PAYOUT_APPROVE, ("draft",)),
    Move(BatchState.APPROVED, "withdraw", BatchState.WITHDRAWN, P.PAYOUT_DRAFT),
    Move(BatchState.APPROVED, "export", BatchState.EXPORTED, P.PAYOUT_DRAFT),
    Move(BatchState.EXPORTED, "close", BatchState.CLOSED),
)

ITEM = StateTable(
    "payout_item",
    Move(ItemState.DRAFT, "approve", ItemState.IN_TRANSIT),
    Move(ItemState.DRAFT, "withdraw", ItemState.WITHDRAWN),
    Move(ItemState.IN_TRANSIT, "withdraw", ItemState.WITHDRAWN),
    Move(ItemState.IN_TRANSIT, "hold", ItemState.UNKNOWN),
    Move(ItemState.IN_TRANSIT, "confirm", ItemState.CONFIRMED),
    Move(ItemState.IN_TRANSIT, "fail", ItemState.FAILED),
    Move(ItemState.UNKNOWN, "confirm", ItemState.CONFIRMED),
    Move(ItemState.UNKNOWN, "fail", ItemState.FAILED),
    Move(ItemState.IN_TRANSIT, "resolve", ItemState.FAILED, P.PAYOUT_APPROVE),
    Move(ItemState.UNKNOWN, "resolve", ItemState.FAILED, P.PAYOUT_APPROVE),
    Move(ItemState.CONFIRMED, "send_back", ItemState.RETURNED),
    Move(ItemState.RETURNED, "undo_send_back", ItemState.CONFIRMED),
)

#: A payee has at the most one item in one of these.
IN_FLIGHT = (ItemState.DRAFT, ItemState.IN_TRANSIT, ItemState.UNKNOWN)

#: What a bank has not yet spoken about.
UNDECIDED = (ItemState.IN_TRANSIT, ItemState.UNKNOWN)

#: The money is with us again; the next batch pays with a pointer.
CAME_BACK = (ItemState.FAILED, ItemState.RETURNED)
