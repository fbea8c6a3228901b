"""Lifecycle of a request for a return."""

from __future__ import annotations

from datetime import timedelta

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable

#: So long the cooperative alone answers; after that the platform may as well.
COOPERATIVE_FIRST = timedelta(days=5)


class RequestState(Labelled):
    """Where a request for a return (退货申请) stands; its money moves when it is done."""

    ASKED = "asked", N_("待答复")
    AGREED = "agreed", N_("已同意，待寄回")
    SENT = "sent", N_("已寄回，待验收")
    DONE = "done", N_("已退款")
    REFUSED = "refused", N_("未同意")
    WITHDRAWN = "withdrawn", N_("已撤回")


class Answer(Labelled):
    """How a request is answered."""

    AGREE = "agree", N_("同意，货寄回来验收后退款")
    REFUND = "refund", N_("同意，不用寄回，马上退款")
    REFUSE = "refuse", N_("不同意")


#: Requests that still hold their units.
OPEN = (RequestState.ASKED, RequestState.AGREED, RequestState.SENT)

_S = RequestState

REQUEST = StateTable(
    "return_request",
    Move(_S.ASKED, "agree", _S.AGREED, P.RETURN_DECIDE, ("ask",)),
    Move(_S.ASKED, "refund", _S.DONE, P.RETURN_DECIDE, ("ask",)),
    Move(_S.ASKED, "refuse", _S.REFUSED, P.RETURN_DECIDE),
    Move(_S.ASKED, "withdraw", _S.WITHDRAWN, P.RETURN_REQUEST),
    Move(_S.AGREED, "withdraw", _S.WITHDRAWN, P.RETURN_REQUEST),
    Move(_S.AGREED, "send", _S.SENT, P.RETURN_REQUEST),
    Move(_S.AGREED, "inspect", _S.DONE, P.RETURN_DECIDE, ("ask",)),
    Move(_S.SENT, "inspect", _S.DONE, P.RETURN_DECIDE, ("ask",)),
    Move(_S.SENT, "reject", _S.REFUSED, P.RETURN_DECIDE),
)
