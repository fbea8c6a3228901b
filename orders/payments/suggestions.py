"""Which purchase a waiting payment may be for; only a person decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.payments.models import BankLine
from orders.payments.open_amounts import open_orders
from orders.payments.rules import plain_name
from orders.purchasing.models import Purchase
from orders.purchasing.states import PurchaseState
from shop.core.labels import N_, Labelled
from shop.core.money import ZERO, Money, total
from shop.core.reference import find_references
from shop.identity.models import User
from shop.organisations.models import Organisation

#: Only the newest approved purchases are looked through.
LOOKED_AT = 500
SHOWN = 5


class Why(Labelled):
    """What speaks for a purchase, the strongest first."""

    CODE = "code", N_("附言里有它的识别码")
    AMOUNT = "amount", N_("金额正好是它的应付款")
    PAYER = "payer", N_("付款户名是它的采购单位")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A purchase that may be meant. `amount` is what could be matched at most."""

    purchase_id: str
    number: str
    buyer: str
    open: Money
    amount: Money
    why: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class _Waiting:
    public_id: str
    number: str
    reference: str
    buyer: str
    open: Money


def suggestions(
    tx: Session, lines: Collection[BankLine], left: dict[int, Money]
) -> dict[int, tuple[Suggestion, ...]]:
    """For each waiting line (by key) the purchases that may be meant, the likeliest first.

    Args:
        left: what of each line still waits, by its key.
    """
    if not lines:
        return {}
    waiting = _waiting(tx)
    return {line.id: _for_line(line, left[line.id], waiting) for line in lines}


def _waiting(tx: Session) -> list[_Waiting]:
    rows = tx.execute(
        select(
            Purchase.id,
            Purchase.public_id,
            Purchase.number,
            Purchase.reference,
            Organisation.name,
            User.name,
        )
        .join(User, User.id == Purchase.buyer_id)
        .outerjoin(Organisation, Organisation.id == Purchase.union_id)
        .where(Purchase.state == PurchaseState.APPROVED)
        .order_by(Purchase.id.desc())
        .limit(LOOKED_AT)
    ).all()
    orders = open_orders(tx, [row[0] for row in rows])
    found = [
        _Waiting(
            public_id,
            number,
            reference,
            union or buyer,
            total([order.open for order in orders[key]]),
        )
        for key, public_id, number, reference, union, buyer in rows
    ]
    return [purchase for purchase in found if purchase.open > ZERO]


def _for_line(line: BankLine, left: Money, waiting: Sequence[_Waiting]) -> tuple[Suggestion, ...]:
    codes, payer = find_references(line.memo), plain_name(line.counterparty)
    found = []
    for purchase in waiting:
        why = tuple(
            reason
            for reason, holds in (
                (Why.CODE, purchase.reference in codes),
                (Why.AMOUNT, purchase.open == left),
                (Why.PAYER, bool(payer) and plain_name(purchase.buyer) == payer),
            )
            if holds
        )
        if why:
            found.append(
                Suggestion(
                    purchase.public_id,
                    purchase.number,
                    purchase.buyer,
                    purchase.open,
                    min(left, purchase.open),
                    why,
                )
            )
    order = {why: rank for rank, why in enumerate(Why)}
    found.sort(key=lambda s: ([order[why] for why in s.why], -len(s.why), s.number))
    return tuple(found[:SHOWN])
