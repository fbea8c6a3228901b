"""What becomes of bank statements and of their lines."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class StatementState(Labelled):
    """A bank statement (银行流水) is imported, or was undone by reversal."""

    IMPORTED = "imported", N_("已导入")
    UNDONE = "undone", N_("已撤销")


class FileFormat(Labelled):
    """In what format a statement came."""

    CSV = "csv", N_("CSV 表格")
    XLSX = "xlsx", N_("xlsx 工作簿")
    MT940 = "mt940", N_("MT940")
    CAMT = "camt", N_("CAMT.053")


class Encoding(Labelled):
    """How a table's text is written."""

    AUTO = "auto", N_("自动识别")
    UTF8 = "utf-8", N_("UTF-8")
    GB18030 = "gb18030", N_("GB18030")


class AmountWay(Labelled):
    """How a table says whether money came in or went out."""

    DIRECTION = "direction", N_("一列金额，另一列写收支方向")
    SIGNED = "signed", N_("一列发生额，带正负号")
    SIDES = "sides", N_("收入、支出各一列")


class BuyerWish(Labelled):
    """What a buyer wants done with money that names its purchase and is not the right amount."""

    BOOK = "book", N_("先入账，差的再付")
    SEND_BACK = "send_back", N_("多的或整笔退回付款账户")


class LayoutState(Labelled):
    """A layout (流水版式) is in use, or was retired; a newer version may have taken its place."""

    ACTIVE = "active", N_("在用")
    RETIRED = "retired", N_("已停用")


class LineState(Labelled):
    """What a line of a bank statement turned out to be."""

    SUSPENSE = "suspense", N_("待认领")
    EXPLAINED = "explained", N_("已说明")
    MATCHED = "matched", N_("已匹配")
    PAYOUT = "payout", N_("打款付出")
    REFUNDED = "refunded", N_("已原路退回")
    FEE = "fee", N_("手续费")
    UNEXPLAINED = "unexplained", N_("待说明")
    RETURNED = "returned", N_("打款退汇")


STATEMENT = StateTable(
    "bank_statement",
    Move(StatementState.IMPORTED, "undo", StatementState.UNDONE, P.BANK_IMPORT),
)

LAYOUT = StateTable(
    "bank_layout",
    Move(LayoutState.ACTIVE, "retire", LayoutState.RETIRED, P.BANK_IMPORT),
)

LINE = StateTable(
    "bank_line",
    Move(LineState.SUSPENSE, "match", LineState.MATCHED, P.BANK_MATCH),
    Move(LineState.MATCHED, "undo_match", LineState.SUSPENSE, P.BANK_MATCH),
    Move(LineState.SUSPENSE, "undo_match", LineState.SUSPENSE, P.BANK_MATCH),
    Move(LineState.SUSPENSE, "explain", LineState.EXPLAINED, P.BANK_MATCH),
    Move(LineState.UNEXPLAINED, "explain", LineState.EXPLAINED, P.BANK_MATCH),
    Move(LineState.SUSPENSE, "come_back", LineState.RETURNED),
    Move(LineState.RETURNED, "undo_come_back", LineState.SUSPENSE),
    Move(LineState.SUSPENSE, "take_interest", LineState.MATCHED, P.BANK_MATCH),
    Move(LineState.SUSPENSE, "take_due", LineState.MATCHED, P.BANK_MATCH),
    Move(LineState.SUSPENSE, "refund", LineState.REFUNDED, P.BANK_MATCH),
    Move(LineState.UNEXPLAINED, "book_fee", LineState.FEE, P.BANK_MATCH),
)
