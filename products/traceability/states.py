"""What codes are, what a page says of one, and what becomes of a complaint."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class CodeKind(Labelled):
    """What a code is stuck on: one unit, or a box with several of them."""

    UNIT = "unit", N_("单件码")
    BOX = "box", N_("箱码")


class Verdict(Labelled):
    """The first line of the page behind a code."""

    GENUINE = "genuine", N_("是这一批")
    RECALLED = "recalled", N_("此批已召回")
    FROZEN = "frozen", N_("是这一批，正在核实")
    ODD = "odd", N_("扫得异常多，请留意")
    UNKNOWN = "unknown", N_("查不到这个码，请勿当作正品")
    MISTYPED = "mistyped", N_("这个码抄错了，请再核对")
    NOT_YET = "not_yet", N_("这个码还没有用在货上，请勿当作正品")
    WITHDRAWN = "withdrawn", N_("这个码已经作废，请勿当作正品")

    @property
    def tone(self) -> str:
        """The colour of its line."""
        calm = {Verdict.GENUINE: "ok", Verdict.FROZEN: "warn", Verdict.ODD: "warn"}
        return calm.get(self, "warn" if self is Verdict.MISTYPED else "bad")


class NoticeKind(Labelled):
    """What the cooperative is told of a code."""

    FIRST = "first", N_("第一次确认")
    ODD = "odd", N_("扫得异常多")


class ComplaintState(Labelled):
    """A complaint waits for an answer; answered or not, it can be closed."""

    OPEN = "open", N_("待答复")
    ANSWERED = "answered", N_("已答复")
    CLOSED = "closed", N_("已结案")


S = ComplaintState

COMPLAINT = StateTable(
    "complaint",
    Move(S.OPEN, "answer", S.ANSWERED, P.COMPLAINT_ANSWER),
    Move(S.ANSWERED, "answer", S.ANSWERED, P.COMPLAINT_ANSWER),
    Move(S.OPEN, "close", S.CLOSED, P.COMPLAINT_ANSWER),
    Move(S.ANSWERED, "close", S.CLOSED, P.COMPLAINT_ANSWER),
)
