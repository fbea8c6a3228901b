"""What stands out in a batch, and who has to wait. Pure functions.

Rule: docs/money.md, “Payouts”.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from shop.core.labels import N_, Labelled
from shop.core.money import Money


class Obstacle(Labelled):
    """Why somebody who is owed money is left out of a batch."""

    NO_ACCOUNT = "no_account", N_("还没有收款账户")
    ACCOUNT_REFUSED = "account_refused", N_("账户上次被银行退回，等更换")
    IN_FLIGHT = "in_flight", N_("已在另一批里，还没有结果")


class Flag(Labelled):
    """What a person should look at before approving."""

    NEW_ACCOUNT = "new_account", N_("上次打款后换了账户")
    LARGE = "large", N_("超过同类中位数的三倍")
    RETRY = "retry", N_("上次被退回，这次重打")


def file_hash(content: bytes) -> str:
    """The hash by which a file is frozen."""
    return hashlib.sha256(content).hexdigest()


#: Smaller payments need no second look, however small the others are.
LARGE_FROM = Money(5_000)


def six_medians(fen: Sequence[int]) -> int:
    """Six times the median of some amounts: a whole number, also between two of them."""
    ordered = sorted(fen)
    return 3 * (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2])


def is_large(fen: int, six_medians_fen: int) -> bool:
    """Whether an amount is over three times the median of all of its kind, itself among them.

    Never below `LARGE_FROM`.
    """
    return fen >= LARGE_FROM.fen and 2 * fen > six_medians_fen
