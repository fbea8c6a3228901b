"""What may become of a payee's account."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.permissions import Permission as P
from shop.core.states import Move, StateTable


class AccountState(Labelled):
    """Whether a bank account can be paid to."""

    ACTIVE = "active", N_("可用")
    REFUSED = "refused", N_("银行退回")
    REPLACED = "replaced", N_("已更换")


ACCOUNT = StateTable(
    "payee_account",
    Move(AccountState.ACTIVE, "refuse", AccountState.REFUSED),
    Move(AccountState.REFUSED, "reinstate", AccountState.ACTIVE),
    Move(AccountState.ACTIVE, "replace", AccountState.REPLACED),
    Move(AccountState.REFUSED, "replace", AccountState.REPLACED),
)


class ChangeState(Labelled):
    """What became of a proposed account."""

    PROPOSED = "proposed", N_("待复核")
    CONFIRMED = "confirmed", N_("已更换")
    DECLINED = "declined", N_("未采用")


CHANGE = StateTable(
    "account_change",
    Move(ChangeState.PROPOSED, "confirm", ChangeState.CONFIRMED, P.ACCOUNT_CONFIRM, ("propose",)),
    Move(ChangeState.PROPOSED, "decline", ChangeState.DECLINED, P.ACCOUNT_CONFIRM),
)
