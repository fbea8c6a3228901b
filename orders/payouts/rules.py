"""What stands out in a batch, who has to wait, and whose the money in custody is. Pure functions.

Rule: docs/money.md, “Payouts”.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orders.payouts.states import PayoutKind
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO, Money, total


class Obstacle(Labelled):
    """Why somebody who is owed money is left out of a batch."""

    NO_ACCOUNT = "no_account", N_("还没有收款账户")
    ACCOUNT_REFUSED = "account_refused", N_("账户上次被银行退回，等更换")
    IN_FLIGHT = "in_flight", N_("已在另一批里，还没有结果")
    BUYERS_OWE = "buyers_owe", N_("买家还没有付清")
    NOT_COVERED = "not_covered", N_("监管账户里能动用的钱不够")


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


class Claim(Labelled):
    """For whom money lies in custody, those first who come first when there is not enough."""

    IN_TRANSIT = "in_transit", N_("已批准、还在路上的打款")
    BUYERS = "buyers", N_("买家的钱：还没有验收，或还没有认领")
    REFUNDS = "refunds", N_("要退给买家的")
    HOUSEHOLDS = "households", N_("农户的：已结算的，和买家已付清、还没有结算的")
    RESERVES = "reserves", N_("风险准备金")
    CARRIERS = "carriers", N_("承运商的：买家已付清的")
    COOPERATIVES = "cooperatives", N_("合作社的：买家已付清的")


#: As whom each kind of payout is paid.
CLAIM_OF = {
    PayoutKind.REFUND: Claim.REFUNDS,
    PayoutKind.HOUSEHOLD: Claim.HOUSEHOLDS,
    PayoutKind.CARRIER: Claim.CARRIERS,
    PayoutKind.COOPERATIVE: Claim.COOPERATIVES,
}

_RANKS = list(Claim)


def claims_before(kind: PayoutKind) -> list[Claim]:
    """Whose money a kind of payout may not touch: all who come before it."""
    return _RANKS[: _RANKS.index(CLAIM_OF[kind])]


@dataclass(frozen=True, slots=True)
class Cover:
    """What lies in custody, and for whom. `taken`: what other batches have of a kind already.

    Rule: docs/money.md, “What custody covers”.
    """

    custody: Money
    claims: Mapping[Claim, Money]
    taken: Mapping[PayoutKind, Money]

    def promised(self, kind: PayoutKind) -> Money:
        """What lies in custody for others who come before a kind, or is in other batches of it."""
        before = [self.claims[claim] for claim in claims_before(kind)]
        return total(before) + self.taken.get(kind, ZERO)

    def free(self, kind: PayoutKind) -> Money:
        """What may be paid of a kind now, never below zero."""
        return max(self.custody - self.promised(kind), ZERO)

    def left(self) -> list[tuple[Claim, Money, Money]]:
        """Each claim with what it comes to and what then is left, below zero if too little."""
        rest, found = self.custody, []
        for claim, amount in self.claims.items():
            rest -= amount
            found.append((claim, amount, rest))
        return found


def covered(fen: Sequence[int], free_fen: int, *, in_part: bool) -> list[int]:
    """What of each of some payments is paid when there may be too little: smaller ones first.

    So most people are paid.

    Args:
        in_part: the first that does not fit gets what is left; else each is whole or nothing.
    """
    paid = [0] * len(fen)
    for place in sorted(range(len(fen)), key=lambda place: (fen[place], place)):
        if fen[place] > free_fen:
            paid[place] = free_fen if in_part else 0
            break
        paid[place] = fen[place]
        free_fen -= fen[place]
    return paid
