"""What becomes of bank statements and of their lines."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class StatementState(Labelled):
    """A bank statement (银行流水) is imported, or was undone by reversal."""

    IMPORTED = "imported", N_("已导入")
    UNDONE = "undone", N_("已撤销")


class LineState(Labelled):
    """What a line of a bank statement turned out to be."""

    SUSPENSE = "suspense", N_("待认领")
    MATCHED = "matched", N_("已匹配")
    PAYOUT = "payout", N_("打款付出")
    REFUNDED = "refunded", N_("已原路退回")
    FEE = "fee", N_("手续费")
    UNEXPLAINED = "unexplained", N_("待说明")


STATEMENT = StateTable(
    "bank_statement",
    Move(StatementState.IMPORTED, "undo", StatementState.UNDONE, P.BANK_IMPORT),
)

LINE = StateTable(
    "bank_line",
    Move(LineState.SUSPENSE, "match", LineState.MATCHED, P.BANK_MATCH),
    Move(LineState.SUSPENSE, "refund", LineState.REFUNDED, P.BANK_MATCH),
    Move(LineState.UNEXPLAINED, "book_fee", LineState.FEE, P.BANK_MATCH),
)
