"""What is disputed of a lot, and how a dispute ends."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class ClaimKind(Labelled):
    """What somebody says is wrong with a lot."""

    NOT_MINE = "not_mine", N_("这批不是我家的")
    QUANTITY = "quantity", N_("数量不对")
    VILLAGE = "village", N_("用了我们村的名字")
    OTHER = "other", N_("别的不对")


class ReceivedBy(Labelled):
    """How a dispute came in."""

    STATEMENT = "statement", N_("农户自己在对账单上提的")
    PHONE = "phone", N_("电话")
    VISIT = "visit", N_("当面")
    LETTER = "letter", N_("书面")


class DisputeState(Labelled):
    """An open dispute freezes its lots until it is dismissed, or upheld and put right."""

    OPEN = "open", N_("正在核实")
    UPHELD = "upheld", N_("属实，等更正")
    DISMISSED = "dismissed", N_("核实后不成立")
    MENDED = "mended", N_("属实，已更正")


DISPUTE = StateTable(
    "dispute",
    Move(DisputeState.OPEN, "uphold", DisputeState.UPHELD, P.DISPUTE_DECIDE, ("open",)),
    Move(DisputeState.OPEN, "dismiss", DisputeState.DISMISSED, P.DISPUTE_DECIDE, ("open",)),
    Move(DisputeState.UPHELD, "mend", DisputeState.MENDED, P.DISPUTE_DECIDE),
)
