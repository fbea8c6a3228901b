"""Lifecycle of a rate of reserve."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class RateState(Labelled):
    """A rate of reserve (计提比例) counts once a second person has approved it."""

    PROPOSED = "proposed", N_("待复核")
    APPROVED = "approved", N_("已批准")
    REFUSED = "refused", N_("未批准")


RATE = StateTable(
    "reserve_rate",
    Move(RateState.PROPOSED, "approve", RateState.APPROVED, P.SETTLEMENT_APPROVE, ("propose",)),
    Move(RateState.PROPOSED, "refuse", RateState.REFUSED, P.SETTLEMENT_APPROVE, ("propose",)),
    Move(RateState.PROPOSED, "withdraw", RateState.REFUSED, P.SETTLEMENT_DRAFT),
)
