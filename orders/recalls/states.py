"""What a recall begins with, what becomes of it, and of what is told and destroyed in it."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class ScopeKind(Labelled):
    """Where a recall begins."""

    LOT = "lot", N_("一个批次")
    DELIVERY = "delivery", N_("一次投售")
    TEST = "test", N_("检测不合格的批次")
    HOUSEHOLD = "household", N_("一户在一段日子里交的货")
    VILLAGE = "village", N_("一个村在一段日子里交的货")
    HARVEST = "harvest", N_("一段日子里收的货")
    PACKED = "packed", N_("一段日子里装的货")
    CODES = "codes", N_("盒上的溯源码")


class RecallReason(Labelled):
    """Why goods are called back; public."""

    SAFETY = "safety", N_("食品安全有疑问")
    TEST = "test", N_("检测不合格")
    LABEL = "label", N_("标签或品名有误")
    QUALITY = "quality", N_("品质达不到标准")
    SOURCE = "source", N_("来源记录有误")
    OTHER = "other", N_("其他原因")


class RecallState(Labelled):
    """A recall is open from the moment it freezes its lots until a second person ends it."""

    OPEN = "open", N_("正在召回")
    CLOSED = "closed", N_("召回结束")
    CANCELLED = "cancelled", N_("召回已撤销")


class NoticeState(Labelled):
    """What was told to a buyer or a cooperative, until every unit is accounted for."""

    TOLD = "told", N_("已通知，没有回复")
    ANSWERED = "answered", N_("已回复")
    DONE = "done", N_("已跟进完")


class Fate(Labelled):
    """What became of recalled units, as somebody found out; a contact alone counts none."""

    CONTACTED = "contacted", N_("联系过")
    RETURNED = "returned", N_("已退回")
    DESTROYED = "destroyed", N_("当地销毁")
    KEPT = "kept", N_("已食用或自留")
    UNREACHED = "unreached", N_("联系不上")


class Channel(Labelled):
    """How somebody was reached."""

    PHONE = "phone", N_("电话")
    LETTER = "letter", N_("通知书")
    VISIT = "visit", N_("上门")
    PAGE = "page", N_("网页回复")


class DestructionState(Labelled):
    """What is left in the store is destroyed by two people."""

    PROPOSED = "proposed", N_("等第二人到场")
    DONE = "done", N_("已销毁")
    WITHDRAWN = "withdrawn", N_("已撤回")


_S, _N, _D = RecallState, NoticeState, DestructionState

RECALL = StateTable(
    "recall",
    Move(_S.OPEN, "close", _S.CLOSED, P.RECALL_CLOSE, ("open",)),
    Move(_S.OPEN, "cancel", _S.CANCELLED, P.RECALL_CLOSE, ("open",)),
)

NOTICE = StateTable(
    "recall_notice",
    Move(_N.TOLD, "answer", _N.ANSWERED),
    Move(_N.TOLD, "finish", _N.DONE),
    Move(_N.ANSWERED, "finish", _N.DONE),
    Move(_N.DONE, "reopen", _N.ANSWERED),
)

DESTRUCTION = StateTable(
    "destruction",
    Move(_D.PROPOSED, "destroy", _D.DONE, P.RECALL_FOLLOW, ("propose",)),
    Move(_D.PROPOSED, "withdraw", _D.WITHDRAWN, P.RECALL_FOLLOW),
    Move(_D.PROPOSED, "lapse", _D.WITHDRAWN),
)
