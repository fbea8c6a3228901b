"""What may become of a payee's account."""

from __future__ import annotations

from shop.core.labels import N_, Labelled
from shop.core.states import Move, StateTable


class AccountState(Labelled):
    """Whether a bank account can be paid to."""

    ACTIVE = "active", N_("可用")
    REFUSED = "refused", N_("银行退回")
    REPLACED = "replaced", N_("已更换")


ACCOUNT = StateTable(
    "payee_account",
    Move(AccountState.ACTIVE, "refuse", AccountState.REFUSED),
    Move(AccountState.ACTIVE, "replace", AccountState.REPLACED),
    Move(AccountState.REFUSED, "replace", AccountState.REPLACED),
)
