"""Lifecycle of a settlement run, and where a lot of one stands."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class RunState(Labelled):
    """A settlement run (结算) is tried out, then approved by a second person, which posts it.

    A large run is posted by a job, lot after lot; a small one in the approval itself.
    """

    DRAFT = "draft", N_("待复核")
    POSTING = "posting", N_("记账中")
    POSTED = "posted", N_("已记账")
    WITHDRAWN = "withdrawn", N_("已撤回")


class LotState(Labelled):
    """Where one lot of a run stands; one whose figures changed after the approval is left out."""

    PENDING = "pending", N_("待记账")
    POSTED = "posted", N_("已记账")
    LEFT_OUT = "left_out", N_("未结，数字变了")


RUN = StateTable(
    "settlement",
    Move(RunState.DRAFT, "approve", RunState.POSTING, P.SETTLEMENT_APPROVE, ("draft",)),
    Move(RunState.POSTING, "post", RunState.POSTED),
    Move(RunState.DRAFT, "withdraw", RunState.WITHDRAWN, P.SETTLEMENT_DRAFT),
)
