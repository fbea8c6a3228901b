"""Lifecycle of a settlement run."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class RunState(Labelled):
    """A settlement run (结算) is tried out, then approved by a second person, which posts it."""

    DRAFT = "draft", N_("待复核")
    POSTED = "posted", N_("已记账")
    WITHDRAWN = "withdrawn", N_("已撤回")


RUN = StateTable(
    "settlement",
    Move(RunState.DRAFT, "approve", RunState.POSTED, P.SETTLEMENT_APPROVE, ("draft",)),
    Move(RunState.DRAFT, "withdraw", RunState.WITHDRAWN, P.SETTLEMENT_DRAFT),
)
