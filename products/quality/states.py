"""What a test says of a lot, and what becomes of a lot that failed (检验)."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class LotTestState(Labelled):
    """A failed test keeps its lot frozen until a second person has found out why."""

    PASSED = "passed", N_("合格")
    FAILED = "failed", N_("不合格，已冻结")
    CLEARED = "cleared", N_("不合格，复核后解冻")


LOT_TEST = StateTable(
    "lot_test",
    Move(LotTestState.FAILED, "clear", LotTestState.CLEARED, P.ALARM_DECIDE, ("record",)),
)
