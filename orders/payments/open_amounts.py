"""What buyers still owe: the one place that computes it.

Open of an order = its total − price × (cancelled + short + damaged + returned) units −
(paid − refunded).
A cancelled order owes nothing. The ledger says the same in its own words: what is receivable on
the order's acceptances, and the price of units still to come, less what lies in escrow.

Rule: docs/money.md, “Money in”.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import BigInteger, Select, func, select, type_coerce
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind
from orders.payments.models import Payment
from orders.payments.rules import Claim, OpenOrder
from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.states import OrderState, PurchaseState
from orders.refunds.models import Refund
from orders.shipments.models import Acceptance
from orders.shipments.states import AcceptanceState
from shop.core import bulk, db
from shop.core.money import ZERO, Money, largest_remainder, total
from shop.identity.models import User
from shop.organisations.models import Organisation


def open_amounts(tx: Session, order_ids: Collection[int]) -> dict[int, Money]:
    """What is still to be paid for each of these orders (internal keys), never below zero."""
    lost = (
        Allocation.cancelled_units
        + Allocation.short_units
        + Allocation.damaged_units
        + Allocation.returned_units
    )
    gone = _sums(
        tx,
        select(OrderLine.order_id, db.total(lost * OrderLine.price))
        .join(Allocation, Allocation.line_id == OrderLine.id)
        .where(bulk.among(tx, OrderLine.order_id, order_ids))
        .group_by(OrderLine.order_id),
    )
    paid = _sums(
        tx,
        select(Payment.order_id, db.total(type_coerce(Payment.amount, BigInteger)))
        .where(bulk.among(tx, Payment.order_id, order_ids), Payment.undone.is_(False))
        .group_by(Payment.order_id),
    )
    back = _sums(
        tx,
        select(Order.id, db.total(type_coerce(Refund.amount, BigInteger)))
        .join(Order, Order.id == Refund.order_id)
        .where(bulk.among(tx, Order.id, order_ids))
        .group_by(Order.id),
    )
    rows = tx.execute(
        select(Order.id, type_coerce(Order.total, BigInteger)).where(
            bulk.among(tx, Order.id, order_ids), Order.state != OrderState.CANCELLED
        )
    )
    found = dict.fromkeys(order_ids, ZERO)
    for key, whole in rows:
        found[key] = Money(max(0, whole - gone.get(key, 0) - paid.get(key, 0) + back.get(key, 0)))
    return found


def open_amount(tx: Session, order_id: int) -> Money:
    """What is still to be paid for one order; see `open_amounts`."""
    return open_amounts(tx, [order_id])[order_id]


def open_orders(tx: Session, purchase_ids: Collection[int]) -> dict[int, list[OpenOrder]]:
    """The orders of these purchases with what each still waits for, in public-id order."""
    found: dict[int, list[OpenOrder]] = defaultdict(list)
    if not purchase_ids:
        return found
    rows = tx.execute(
        select(Order.purchase_id, Order.id, Order.public_id)
        .where(bulk.among(tx, Order.purchase_id, purchase_ids))
        .order_by(Order.public_id)
    ).all()
    open_now = open_amounts(tx, [order_id for _purchase, order_id, _public in rows])
    for purchase_id, order_id, public_id in rows:
        found[purchase_id].append(OpenOrder(order_id, public_id, open_now[order_id]))
    return found


def claims(tx: Session, references: Collection[str]) -> dict[str, Claim]:
    """Purchases of these reference codes, by code, as a bank line's memo names them.

    Only an approved purchase takes money; one that waits, lapsed, or was returned or cancelled
    does not.
    """
    rows = tx.execute(
        select(
            Purchase.id,
            Purchase.reference,
            Purchase.number,
            Purchase.state,
            func.coalesce(Organisation.name, User.name),
        )
        .join(User, User.id == Purchase.buyer_id)
        .outerjoin(Organisation, Organisation.id == Purchase.union_id)
        .where(bulk.among(tx, Purchase.reference, references))
    ).all()
    waiting = open_orders(tx, [key for key, *_rest in rows])
    return {
        reference: Claim(
            key,
            number,
            open=total([order.open for order in waiting[key]]),
            orders=tuple(waiting[key]),
            payable=state is PurchaseState.APPROVED,
            buyer=buyer,
        )
        for key, reference, number, state, buyer in rows
    }


def buyers(tx: Session, purchase_ids: Collection[int]) -> dict[int, str]:
    """The name a transfer for each of these purchases would come from: a union's or a member's."""
    rows = tx.execute(
        select(Purchase.id, func.coalesce(Organisation.name, User.name))
        .join(User, User.id == Purchase.buyer_id)
        .outerjoin(Organisation, Organisation.id == Purchase.union_id)
        .where(Purchase.id.in_(purchase_ids))
    )
    return {key: name for key, name in rows}


def spread(amount: Money, orders: list[OpenOrder]) -> list[tuple[int, Money]]:
    """Share a payment over a purchase's orders by what each still waits for, exact to the fen.

    An amount up to the sum of them never gives an order more than it waits for.
    """
    if amount == total([order.open for order in orders]):
        return [(order.order_id, order.open) for order in orders if order.open]
    shares = largest_remainder(amount, [order.open.fen for order in orders])
    return [(order.order_id, share) for order, share in zip(orders, shares, strict=True) if share]


def receivables(tx: Session, order_ids: Collection[int]) -> dict[int, list[tuple[int, Money]]]:
    """What is receivable on the signed acceptances of each order: (acceptance key, amount).

    The acceptance signed first stands first; a payment clears them in this order.
    """
    rows = tx.execute(
        select(Acceptance.order_id, Acceptance.id)
        .where(
            bulk.among(tx, Acceptance.order_id, order_ids),
            Acceptance.state == AcceptanceState.SIGNED,
        )
        .order_by(Acceptance.signed_at, Acceptance.id)
    ).all()
    balances = posting.balances(
        tx, AccountKind.BUYER_RECEIVABLE, [acceptance_id for _order, acceptance_id in rows]
    )
    found: dict[int, list[tuple[int, Money]]] = defaultdict(list)
    for order_id, acceptance_id in rows:
        if balances[acceptance_id] > ZERO:
            found[order_id].append((acceptance_id, balances[acceptance_id]))
    return found


def _sums(tx: Session, statement: Select[int, int]) -> dict[int, int]:
    return {key: int(fen) for key, fen in tx.execute(statement)}
