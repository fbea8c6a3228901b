"""Buying: submitting, approving, returning, cancelling, lapsing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from orders.budgets.models import Budget
from orders.budgets.states import BudgetStep
from orders.ledger import posting
from orders.ledger.models import Account
from orders.ledger.states import AccountKind, JournalKind
from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.placing import Line, add_orders, priced
from orders.purchasing.states import (
    NOTHING_SHIPPED,
    ORDER,
    PURCHASE,
    OrderState,
    PaymentTerms,
    PurchaseKind,
    PurchaseState,
)
from orders.purchasing.steps import budget_step, locked_orders
from orders.purchasing.values import uncancelled_value
from orders.refunds.writing import refund_from_escrow
from products.lots import stock
from products.prices.rules import province_of
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.money import total
from shop.core.numbering import next_number
from shop.core.permissions import Permission
from shop.core.policy import policy
from shop.core.reference import new_reference
from shop.organisations.models import Organisation, OrganisationKind


class AlreadyShipped(Refusal):
    """Something of the purchase is on its way; it can only be returned after acceptance."""

    code = "already_shipped"
    sentence = N_("已有货物发出，不能再取消。请在验收时登记短少，或验收后退货。")


@command
def submit_purchase(
    tx: Session,
    *,
    union_id: str,
    budget_id: str | None,
    terms: PaymentTerms,
    recipient: str,
    phone: str,
    address: str,
    note: str,
    lines: tuple[Line, ...],
    actor: Actor,
    now: datetime,
) -> str:
    """Submit a union's bulk purchase for approval; stock is put by and the budget reserved.

    Both are given back when it is returned, cancelled, or lapses (7 days unapproved, 10 days
    unpaid; `shop.core.policy`).

    Args:
        union_id, budget_id: public ids; without a budget nothing is reserved.
        lines: specification public ids with whole units; what they cost is found here.

    Returns:
        The purchase's public id.

    Raises:
        NotFound, NotAllowed: `purchase:draft` in this union is needed.
        NothingToBuy, NotOnSale, SoldOut, ProvinceUnknown: see `orders.purchasing.placing`.
        OverBudget: the budget has less left than the purchase costs.
    """
    union = _union(tx, union_id)
    actor.require(Permission.PURCHASE_DRAFT, union.id)
    assert actor.user_id is not None
    budget = _budget(tx, budget_id, union) if budget_id else None
    goods = priced(tx, lines, now, address=address, union_id=union.id)
    purchase = Purchase(
        number=next_number(tx, f"CG-{union.code}", now),
        reference=new_reference(),
        kind=PurchaseKind.BULK,
        state=PurchaseState.SUBMITTED,
        terms=terms,
        union_id=union.id,
        buyer_id=actor.user_id,
        budget_id=budget.id if budget else None,
        total=total([one.amount for one in goods]),
        recipient=recipient,
        phone=phone,
        address=address,
        province=province_of(address),
        note=note,
        submitted_at=now,
        lapses_at=now + policy().reserve,
    )
    tx.add(purchase)
    tx.flush()
    budget_step(tx, purchase, BudgetStep.RESERVE, purchase.total, purchase.public_id, now)
    add_orders(tx, purchase, goods, now)
    _record_submit(tx, purchase, actor, now)
    return purchase.public_id


@command
def place_retail(
    tx: Session,
    *,
    lines: tuple[Line, ...],
    recipient: str,
    phone: str,
    address: str,
    note: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Place a person's own purchase; stock is put by until it is paid or lapses.

    Returns the purchase's public id.

    Raises:
        NotFound: a visitor has to sign in first.
        NothingToBuy, NotOnSale, SoldOut, ProvinceUnknown: see `orders.purchasing.placing`.
    """
    if actor.user_id is None:
        raise NotFound()
    goods = priced(tx, lines, now, address=address)
    purchase = Purchase(
        number=next_number(tx, "CG-GR", now),
        reference=new_reference(),
        kind=PurchaseKind.RETAIL,
        state=PurchaseState.APPROVED,
        terms=PaymentTerms.BEFORE,
        buyer_id=actor.user_id,
        total=total([one.amount for one in goods]),
        recipient=recipient,
        phone=phone,
        address=address,
        province=province_of(address),
        note=note,
        submitted_at=now,
        approved_at=now,
        lapses_at=now + policy().pay,
    )
    tx.add(purchase)
    tx.flush()
    add_orders(tx, purchase, goods, now)
    _record_submit(tx, purchase, actor, now)
    for order in locked_orders(tx, purchase):
        ORDER.move(tx, order, "confirm", actor=actor, now=now, organisation_id=None)
    return purchase.public_id


@command
def approve_purchase(tx: Session, *, purchase_id: str, actor: Actor, now: datetime) -> None:
    """Approve a submitted purchase; its budget is committed and its orders may be filled.

    Raises:
        NotFound, NotAllowed: `purchase:approve` in its union is needed.
        SamePerson: whoever submitted it may not approve it.
        WrongState: it is not waiting for approval.
    """
    purchase = _locked(tx, purchase_id, actor)
    PURCHASE.move(tx, purchase, "approve", actor=actor, now=now, organisation_id=purchase.union_id)
    purchase.approved_at = now
    purchase.lapses_at = now + policy().pay if purchase.terms is PaymentTerms.BEFORE else None
    budget_step(tx, purchase, BudgetStep.COMMIT, purchase.total, purchase.public_id, now)
    for order in locked_orders(tx, purchase):
        ORDER.move(tx, order, "confirm", actor=actor, now=now, organisation_id=None)


@command
def return_purchase(
    tx: Session, *, purchase_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Send a submitted purchase back to its clerk; stock and budget are given back.

    Raises:
        ReasonMissing: the clerk must know why.
        NotFound, NotAllowed, SamePerson, WrongState: as for approving.
    """
    if not reason.strip():
        raise ReasonMissing()
    purchase = _locked(tx, purchase_id, actor)
    PURCHASE.move(
        tx,
        purchase,
        "return",
        actor=actor,
        now=now,
        organisation_id=purchase.union_id,
        reason=reason.strip(),
    )
    _give_back(tx, purchase, BudgetStep.UNRESERVE, actor=actor, now=now)


@command
def cancel_purchase(
    tx: Session, *, purchase_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Cancel a purchase before anything was shipped; what was paid goes back to the buyer.

    Raises:
        ReasonMissing: a reason is kept with it.
        AlreadyShipped: something is on its way.
        NotFound, NotAllowed, WrongState: as for submitting; a person cancels only their own.
    """
    if not reason.strip():
        raise ReasonMissing()
    purchase = _locked(tx, purchase_id, actor)
    orders = locked_orders(tx, purchase)
    if purchase.state is PurchaseState.APPROVED and any(
        order.state not in NOTHING_SHIPPED for order in orders
    ):
        raise AlreadyShipped()
    step = (
        BudgetStep.UNRESERVE if purchase.state is PurchaseState.SUBMITTED else BudgetStep.UNCOMMIT
    )
    PURCHASE.move(
        tx,
        purchase,
        "cancel",
        actor=actor,
        now=now,
        organisation_id=purchase.union_id,
        own=purchase.kind is PurchaseKind.RETAIL,
        reason=reason.strip(),
    )
    posting.lock(tx, *((AccountKind.ESCROW, order.id) for order in orders))
    for order in orders:
        refund_from_escrow(
            tx,
            kind=JournalKind.CANCELLATION_REFUND,
            order_id=order.id,
            amount=posting.balance(tx, AccountKind.ESCROW, order.id),
            reason=reason.strip(),
            about=purchase.public_id,
            actor=actor,
            now=now,
        )
    _give_back(tx, purchase, step, actor=actor, now=now)


@command
def lapse_due(tx: Session, *, actor: Actor, now: datetime) -> int:
    """Let purchases lapse whose time is over: unapproved, or approved and wholly unpaid.

    One with a part payment waits for a person instead. Returns how many lapsed.
    """
    due = list(
        tx.execute(
            select(Purchase)
            .where(
                Purchase.lapses_at <= now,
                Purchase.state.in_((PurchaseState.SUBMITTED, PurchaseState.APPROVED)),
                Purchase.id.not_in(_touched()),
            )
            .order_by(Purchase.id)
            .with_for_update()
        ).scalars()
    )
    ids = [purchase.id for purchase in due]
    tx.execute(
        select(Order.id).where(Order.purchase_id.in_(ids)).order_by(Order.id).with_for_update()
    ).all()
    # A payment may have come in while we waited for the orders.
    paid_meanwhile = set(tx.execute(_touched().where(Order.purchase_id.in_(ids))).scalars())
    lapsed = [purchase for purchase in due if purchase.id not in paid_meanwhile]
    for purchase in lapsed:
        step = (
            BudgetStep.UNRESERVE
            if purchase.state is PurchaseState.SUBMITTED
            else BudgetStep.UNCOMMIT
        )
        PURCHASE.move(tx, purchase, "lapse", actor=actor, now=now, organisation_id=None)
        _give_back(tx, purchase, step, actor=actor, now=now)
    return len(lapsed)


def _touched() -> Select[int]:
    """Purchases (internal keys) that money has reached, or of which something was shipped."""
    return (
        select(Order.purchase_id)
        .outerjoin(Account, and_(Account.kind == AccountKind.ESCROW, Account.owner_id == Order.id))
        .where(
            or_(
                Account.id.is_not(None),
                Order.state.not_in(NOTHING_SHIPPED),
            )
        )
    )


def _give_back(
    tx: Session, purchase: Purchase, step: BudgetStep, *, actor: Actor, now: datetime
) -> None:
    """Return the budget and the reserved units of a purchase that will not happen.

    What was given up of it before went back then.
    """
    budget_step(tx, purchase, step, uncancelled_value(tx, purchase.id), purchase.public_id, now)
    for order in locked_orders(tx, purchase):
        if order.state is not OrderState.CANCELLED:
            ORDER.move(tx, order, "cancel", actor=actor, now=now, organisation_id=None)
    held = tx.execute(
        select(Allocation.lot_id, Allocation.units - Allocation.cancelled_units)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.purchase_id == purchase.id, Allocation.cancelled_units < Allocation.units)
        .order_by(Allocation.lot_id, Allocation.id)
    )
    for lot_id, units in held.all():
        stock.release(tx, lot_id, units)


def _record_submit(tx: Session, purchase: Purchase, actor: Actor, now: datetime) -> None:
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="purchase",
        thing=purchase.public_id,
        action="submit",
        organisation_id=purchase.union_id,
        to_state=purchase.state.value,
        total_fen=purchase.total.fen,
        number=purchase.number,
    )


def _union(tx: Session, union_id: str) -> Organisation:
    union = tx.execute(
        select(Organisation).where(
            Organisation.public_id == union_id, Organisation.kind == OrganisationKind.UNION
        )
    ).scalar_one_or_none()
    if union is None:
        raise NotFound()
    return union


def _budget(tx: Session, budget_id: str, union: Organisation) -> Budget:
    budget = tx.execute(
        select(Budget).where(Budget.public_id == budget_id, Budget.union_id == union.id)
    ).scalar_one_or_none()
    if budget is None:
        raise NotFound()
    return budget


def _locked(tx: Session, purchase_id: str, actor: Actor) -> Purchase:
    """The purchase, locked; not found unless its union's or its own buyer's eyes look for it."""
    purchase = tx.execute(
        select(Purchase).where(Purchase.public_id == purchase_id).with_for_update()
    ).scalar_one_or_none()
    if purchase is None or not (
        purchase.buyer_id == actor.user_id
        if purchase.union_id is None
        else actor.belongs_to(purchase.union_id)
    ):
        raise NotFound()
    return purchase
