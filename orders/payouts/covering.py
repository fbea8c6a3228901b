"""What lies in custody for whom, and what of a payable buyers have not paid yet.

Rule: docs/money.md, “What custody covers”.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple

from sqlalchemy import BigInteger, select, type_coerce
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind as K
from orders.payouts import standing
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.rules import CLAIM_OF, Claim, Cover, claims_before
from orders.payouts.states import IN_FLIGHT, UNDECIDED, ItemState, PayoutKind
from orders.purchasing.models import Allocation, Order, OrderLine
from orders.settlements.kernel import open_receivables
from orders.shipments.models import Acceptance, AcceptanceLine, Shipment
from shop.core import db
from shop.core.errors import Refusal
from shop.core.labels import N_
from shop.core.money import ZERO, Money, total

CUSTODY = (K.CUSTODY, 0)

#: From which account each kind is paid; refunds lie in transit from the start.
PAYABLE = {
    PayoutKind.HOUSEHOLD: K.HOUSEHOLD_PAYABLE,
    PayoutKind.COOPERATIVE: K.COOPERATIVE_PAYABLE,
    PayoutKind.CARRIER: K.CARRIER_PAYABLE,
}

#: Who waits until buyers have paid; households are only ever owed what was paid.
SELLERS = (PayoutKind.COOPERATIVE, PayoutKind.CARRIER)

#: Claims that are whole kinds of accounts.
_WHOLE = {
    Claim.IN_TRANSIT: (K.PAYOUT_IN_TRANSIT,),
    Claim.BUYERS: (K.ESCROW, K.SUSPENSE),
    Claim.REFUNDS: (K.REFUND_IN_TRANSIT,),
    Claim.RESERVES: (K.RISK_RESERVE,),
}


class LessIsOwed(Refusal):
    """Since the draft somebody is owed less than the batch would pay, or buyers owe more of it."""

    code = "less_is_owed"
    sentence = N_("编制之后应付金额变少了，或者买家又有没付清的。请撤回这批，重新编制。")


class NotCovered(Refusal):
    """The batch would take money from custody that is not there, or lies there for others."""

    code = "not_covered"
    sentence = N_(
        "监管账户里的钱不够付这批：“%(kind)s”要付 %(asked)s 元，能动用的只有 %(free)s 元。"
        "账上共有 %(custody)s 元，其中 %(promised)s 元是别人的。"
        "请撤回这批，等钱到账后重新编制。"
    )


class Unpaid(NamedTuple):
    """What acceptances that are not paid in full have given to whom, in fen by internal key."""

    pools: Mapping[int, int]
    cooperatives: Mapping[int, int]
    carriers: Mapping[int, int]

    def of(self, kind: PayoutKind) -> Mapping[int, int]:
        """By payee of a kind; households are only ever owed what is paid."""
        return {
            PayoutKind.COOPERATIVE: self.cooperatives,
            PayoutKind.CARRIER: self.carriers,
        }.get(kind, {})


def unpaid(tx: Session) -> Unpaid:
    """What acceptances gave of which the buyer still owes something, as returns have left it.

    The carrier keeps its freight on a return, and the cooperative bears it; of one acceptance
    that never makes more of the cooperative's other money free.
    """
    price, part = OrderLine.__table__.c, AcceptanceLine.__table__.c
    kept = part.accepted_units - part.returned_units
    seller = price.price_fen - price.households_fen - price.freight_fen - price.platform_fen
    rows = tx.execute(
        select(
            AcceptanceLine.acceptance_id,
            Order.cooperative_id,
            Shipment.carrier_id,
            AcceptanceLine.lot_id,
            part.households_fen * kept,
            seller * kept - price.freight_fen * part.returned_units,
            price.freight_fen * part.accepted_units,
        )
        .join(Acceptance, Acceptance.id == AcceptanceLine.acceptance_id)
        .join(Shipment, Shipment.id == Acceptance.shipment_id)
        .join(Order, Order.id == Acceptance.order_id)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(AcceptanceLine.acceptance_id.in_(open_receivables()))
    )
    pools: dict[int, int] = defaultdict(int)
    carriers: dict[int, int] = defaultdict(int)
    sellers: dict[tuple[int, int], int] = defaultdict(int)
    for acceptance_id, cooperative_id, carrier_id, lot_id, pool, sold, freight in rows:
        pools[lot_id] += pool
        carriers[carrier_id] += freight
        sellers[cooperative_id, acceptance_id] += sold
    cooperatives: dict[int, int] = defaultdict(int)
    for (cooperative_id, _acceptance), fen in sellers.items():
        cooperatives[cooperative_id] += max(fen, 0)
    return Unpaid(pools, cooperatives, carriers)


def cover(
    tx: Session, kinds: Collection[PayoutKind] | None = None, *, approving: bool = False
) -> Cover:
    """What lies in custody, and for whom.

    Args:
        kinds: only the claims that come before these are told; None for all there are.
        approving: only what was approved counts as taken by other batches, not what is drafted.
    """
    wanted = list(Claim)
    if kinds is not None:
        wanted = max((claims_before(kind) for kind in kinds), key=len)
    of_households = Claim.HOUSEHOLDS in wanted
    whole = {account for claim in wanted for account in _WHOLE.get(claim, ())}
    lying = standing.by_kind(tx, {K.CUSTODY, *whole, *([K.HOUSEHOLD_PAYABLE] * of_households)})
    waits = unpaid(tx) if of_households else Unpaid({}, {}, {})
    claims = {}
    for claim in wanted:
        if claim in _WHOLE:
            claims[claim] = total([lying[account] for account in _WHOLE[claim]])
        elif claim is Claim.HOUSEHOLDS:
            claims[claim] = lying[K.HOUSEHOLD_PAYABLE] + _above(tx, K.LOT_POOL, waits.pools)
        else:
            (kind,) = (kind for kind in SELLERS if CLAIM_OF[kind] is claim)
            claims[claim] = _above(tx, PAYABLE[kind], waits.of(kind))
    return Cover(lying[K.CUSTODY], claims, _taken(tx, approving))


def _above(tx: Session, kind: K, waits: Mapping[int, int]) -> Money:
    """What lies in accounts of a kind beyond what waits for a buyer, none counted below zero."""
    lying = standing.by_owner(tx, kind)
    beyond = (money - Money(waits.get(owner, 0)) for owner, money in lying.items())
    return total([money for money in beyond if money > ZERO])


def _taken(tx: Session, approving: bool) -> dict[PayoutKind, Money]:
    """What batches hold of each kind that the ledger does not show as gone from it."""
    drafted = PayoutItem.state == ItemState.DRAFT
    refunds = PayoutItem.kind == PayoutKind.REFUND
    states = PayoutItem.state.in_(UNDECIDED if approving else IN_FLIGHT)
    rows = tx.execute(
        select(PayoutItem.kind, db.total(type_coerce(PayoutItem.amount, BigInteger)))
        .where(states, drafted | refunds)
        .group_by(PayoutItem.kind)
    )
    return {kind: Money(int(fen)) for kind, fen in rows}


def refuse_uncovered(tx: Session, batch: PayoutBatch) -> None:
    """Refuse a batch that takes what is not in custody, or lies there for somebody else.

    Custody is held until the batch's money is in transit, so that two batches approved at the
    same time do not both count on the same money.

    Raises:
        NotCovered: naming the kind for which there is too little.
        LessIsOwed: a seller's buyers have paid for less than it would get.
    """
    posting.lock(tx, CUSTODY)
    amount = type_coerce(PayoutItem.amount, BigInteger)
    mine = PayoutItem.batch_id == batch.id
    sums = select(PayoutItem.kind, db.total(amount)).where(mine).group_by(PayoutItem.kind)
    asked = {kind: Money(int(fen)) for kind, fen in tx.execute(sums)}
    custody = cover(tx, asked, approving=True)
    for kind, wanted in asked.items():
        if wanted > custody.free(kind):
            raise NotCovered(
                kind=kind.label,
                asked=str(wanted),
                free=str(custody.free(kind)),
                custody=str(custody.custody),
                promised=str(custody.promised(kind)),
            )
    sellers = [kind for kind in SELLERS if kind in asked]
    waits = unpaid(tx) if sellers else Unpaid({}, {}, {})
    for kind in sellers:
        rows = tx.execute(
            select(PayoutItem.payee_id, PayoutItem.amount).where(mine, PayoutItem.kind == kind)
        ).all()
        payable = posting.balances(tx, PAYABLE[kind], [payee for payee, _amount in rows])
        if any(fen > payable[payee] - Money(waits.of(kind).get(payee, 0)) for payee, fen in rows):
            raise LessIsOwed()
