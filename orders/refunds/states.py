"""The lifecycle of another account for a refund."""

from __future__ import annotations

from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable
from shop.organisations.states import ChangeState as _S

REFUND_ACCOUNT = StateTable(
    "refund_account",
    Move(_S.PROPOSED, "confirm", _S.CONFIRMED, P.PAYOUT_APPROVE, ("propose",)),
    Move(_S.PROPOSED, "decline", _S.DECLINED, P.PAYOUT_APPROVE),
    Move(_S.PROPOSED, "withdraw", _S.DECLINED, P.PAYOUT_DRAFT),
)
