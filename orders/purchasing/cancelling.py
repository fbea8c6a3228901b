"""Giving up units of an order before they are shipped (部分取消), paid or not, repeatedly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.budgets.states import BudgetStep
from orders.ledger import posting
from orders.ledger.states import AccountKind, JournalKind
from orders.purchasing.models import (
    Allocation,
    Cancellation,
    CancellationLine,
    Order,
    OrderLine,
    Purchase,
)
from orders.purchasing.rules import give_up
from orders.purchasing.states import ORDER, PURCHASE, OrderState, PurchaseState, Side
from orders.purchasing.steps import budget_step, locked_orders, require_buyer
from orders.purchasing.values import open_value
from orders.refunds.writing import refund_from_escrow
from products.catalogue.models import Specification
from products.lots import stock
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, Refusal, WrongState
from shop.core.labels import N_
from shop.core.money import ZERO, Money, total
from shop.core.numbering import next_number
from shop.core.permissions import Permission

#: Orders of which units can be given up.
OPEN = (OrderState.CONFIRMED, OrderState.SHIPPING)


class NothingToCancel(Refusal):
    """A cancellation without units."""

    code = "nothing_to_cancel"
    sentence = N_("请至少填一行取消数量。")
    status = 422
    field = "lines"


class MoreThanUnshipped(Refusal):
    """More units than are still in the store; meanwhile some may have left it."""

    code = "more_than_unshipped"
    sentence = N_("“%(name)s”没发的只剩 %(left)s %(unit)s，最多取消这么多。没有取消。")
    field = "lines"


class RefundDiffers(Refusal):
    """The order changed since the refund was shown; nothing was cancelled."""

    code = "refund_differs"
    sentence = N_("订单刚有变动，现在会退 %(refund)s 元，和刚才看到的不同。请再看一遍后确认。")


@dataclass(frozen=True, slots=True)
class _Given:
    """Units one allocation of a line gives up."""

    allocation: Allocation
    line: OrderLine
    units: int


@command
def cancel_units(
    tx: Session,
    *,
    order_id: str,
    lines: tuple[tuple[str, int], ...],
    reason: str,
    seen_refund: Money | None,
    actor: Actor,
    now: datetime,
) -> str:
    """Give up units that are not shipped: stock and budget go back, and what is paid too much.

    Prices stay as frozen on the lines, ladder and discount included, whatever is left of them.

    Args:
        lines: (specification public id, units above zero), each once.
        seen_refund: the refund the person was shown; None where nobody was.

    Returns:
        The cancellation's public id.

    Raises:
        NotFound, NotAllowed: `purchase:draft` in the buying union, or one's own purchase, else
            `order:cancel` in the selling cooperative.
        ReasonMissing, NothingToCancel, MoreThanUnshipped, RefundDiffers: see the classes.
        WrongState: the order is not confirmed, or shipped or cancelled whole.

    Rule: docs/money.md, “What a partial cancellation does”.
    """
    if not reason.strip():
        raise ReasonMissing()
    if not lines or any(units <= 0 for _line, units in lines):
        raise NothingToCancel()
    purchase, order = _locked(tx, order_id)
    side = side_of(actor, purchase, order.cooperative_id)
    if order.state not in OPEN:
        raise WrongState(state=order.state.label)
    given = _give_up(tx, order, dict(lines))
    cancellation = Cancellation(
        number=next_number(tx, "QX", now),
        order_id=order.id,
        side=side,
        by_id=actor.user_id,
        at=now,
        reason=reason.strip(),
        value=total([one.line.price * one.units for one in given]),
    )
    tx.add(cancellation)
    tx.flush()
    tx.add_all(
        CancellationLine(
            cancellation_id=cancellation.id, allocation_id=one.allocation.id, units=one.units
        )
        for one in given
    )
    tx.flush()
    for one in sorted(given, key=lambda one: one.allocation.lot_id):
        stock.release(tx, one.allocation.lot_id, one.units)
    _refund(tx, cancellation, order, seen_refund, actor, now)
    budget_step(tx, purchase, BudgetStep.UNCOMMIT, cancellation.value, cancellation.public_id, now)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="cancellation",
        thing=cancellation.public_id,
        action="cancel_units",
        organisation_id=purchase.union_id if side is Side.BUYER else order.cooperative_id,
        reason=cancellation.reason,
        number=cancellation.number,
        units=sum(one.units for one in given),
        value_fen=cancellation.value.fen,
    )
    _close(tx, purchase, order, actor, now)
    return cancellation.public_id


def side_of(actor: Actor, purchase: Purchase, cooperative_id: int) -> Side:
    """For whom a person gives up units: the buyer, else the cooperative, else the platform.

    Raises:
        NotFound, NotAllowed: for none of them.
    """
    try:
        require_buyer(actor, purchase, Permission.PURCHASE_DRAFT)
    except (NotFound, NotAllowed) as refusal:
        if not actor.may(Permission.ORDER_CANCEL, cooperative_id):
            if actor.belongs_to(cooperative_id):
                raise NotAllowed(permission=Permission.ORDER_CANCEL.label) from None
            raise refusal
        return Side.COOPERATIVE if actor.works_in(cooperative_id) else Side.PLATFORM
    return Side.BUYER


def excess(escrow: Money, still_open: Money) -> Money:
    """What of an order's escrow is beyond the units still open."""
    return max(escrow - still_open, ZERO)


def _give_up(tx: Session, order: Order, wanted: dict[str, int]) -> list[_Given]:
    rows = tx.execute(
        select(Specification.public_id, OrderLine, Allocation)
        .join(OrderLine, OrderLine.specification_id == Specification.id)
        .join(Allocation, Allocation.line_id == OrderLine.id)
        .where(OrderLine.order_id == order.id)
        .order_by(Allocation.id)
        .with_for_update(of=(OrderLine, Allocation))
    ).all()
    if set(wanted) - {key for key, _line, _allocation in rows}:
        raise NotFound()
    given: list[_Given] = []
    for key, units in wanted.items():
        given += _of_line([(line, taken) for one, line, taken in rows if one == key], units)
    return given


def _of_line(taken: Sequence[tuple[OrderLine, Allocation]], units: int) -> list[_Given]:
    line = taken[0][0]
    left = [one.units - one.cancelled_units - one.shipped_units for _line, one in taken]
    if units > sum(left):
        raise MoreThanUnshipped(name=line.product_name, left=sum(left), unit=line.unit)
    given = []
    for (_line, allocation), part in zip(taken, give_up(units, left), strict=True):
        if part:
            allocation.cancelled_units += part
            given.append(_Given(allocation, line, part))
    return given


def _refund(
    tx: Session,
    cancellation: Cancellation,
    order: Order,
    seen: Money | None,
    actor: Actor,
    now: datetime,
) -> None:
    # The order is locked, and no money of an order moves without; an account is not made here,
    # since having one tells a purchase that money reached from one that may lapse.
    refund = excess(posting.balance(tx, AccountKind.ESCROW, order.id), open_value(tx, order.id))
    if seen is not None and seen != refund:
        raise RefundDiffers(refund=str(refund))
    refund_from_escrow(
        tx,
        kind=JournalKind.CANCELLATION_REFUND,
        order_id=order.id,
        amount=refund,
        reason=cancellation.reason,
        about=cancellation.public_id,
        actor=actor,
        now=now,
    )


def _close(tx: Session, purchase: Purchase, order: Order, actor: Actor, now: datetime) -> None:
    """Move on an order with nothing left to ship, and a purchase of which nothing is left."""
    taken = list(
        tx.execute(
            select(Allocation)
            .join(OrderLine, OrderLine.id == Allocation.line_id)
            .where(OrderLine.order_id == order.id)
        ).scalars()
    )
    if any(one.units > one.cancelled_units + one.shipped_units for one in taken):
        return
    if any(one.shipped_units for one in taken):
        ORDER.move(tx, order, "cancel_rest", actor=actor, now=now, organisation_id=None)
        if all(
            one.shipped_units == one.accepted_units + one.short_units + one.damaged_units
            for one in taken
        ):
            ORDER.move(tx, order, "accept", actor=actor, now=now, organisation_id=None)
        return
    ORDER.move(tx, order, "cancel", actor=actor, now=now, organisation_id=None)
    if purchase.state is PurchaseState.APPROVED and all(
        one.state is OrderState.CANCELLED for one in locked_orders(tx, purchase)
    ):
        PURCHASE.move(tx, purchase, "nothing_left", actor=actor, now=now, organisation_id=None)


def _locked(tx: Session, order_id: str) -> tuple[Purchase, Order]:
    purchase_id = tx.execute(
        select(Order.purchase_id).where(Order.public_id == order_id)
    ).scalar_one_or_none()
    if purchase_id is None:
        raise NotFound()
    purchase = tx.execute(
        select(Purchase).where(Purchase.id == purchase_id).with_for_update()
    ).scalar_one()
    order = tx.execute(
        select(Order).where(Order.public_id == order_id).with_for_update()
    ).scalar_one()
    return purchase, order
