"""Sending accepted goods back: units, the buyer's debt, the refund and the budget."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from orders.budgets.states import BudgetStep
from orders.purchasing.models import Order, Purchase
from orders.purchasing.steps import budget_step, require_buyer
from orders.shipments.models import Acceptance, Return, ReturnLine, Shipment
from orders.shipments.posting import Counted, post_return, total_of, units_per_lot
from orders.shipments.states import AcceptanceState
from orders.shipments.steps import locked_acceptance, locked_lines
from orders.shipments.telling import tell
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, WrongState
from shop.core.labels import N_
from shop.core.money import ZERO
from shop.core.numbering import next_number
from shop.core.permissions import Permission


class NothingToReturn(Refusal):
    """A return without units."""

    code = "nothing_to_return"
    sentence = N_("请至少填一行退货数量。")
    status = 422
    field = "lines"


class MoreThanAccepted(Refusal):
    """More units than were accepted and not returned yet."""

    code = "more_than_accepted"
    sentence = N_("这一行最多还能退 %(left)s，请改数量。")
    field = "lines"


@command
def return_goods(
    tx: Session,
    *,
    acceptance_id: str,
    lines: tuple[tuple[str, int], ...],
    reason: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Send accepted units back; the buyer's debt for them is credited first, the rest refunded.

    They go on sale again only after inspection.

    Args:
        lines: (acceptance line public id, units above zero), each once.

    Returns:
        The return's public id.

    Raises:
        NotFound, NotAllowed: `return:request` in the buying union, or one's own purchase.
        ReasonMissing, NothingToReturn, MoreThanAccepted: see the classes.
        WrongState: the acceptance is not signed by two.
    """
    if not reason.strip():
        raise ReasonMissing()
    if not lines or any(units <= 0 for _line, units in lines):
        raise NothingToReturn()
    acceptance, order, purchase = locked_acceptance(tx, acceptance_id)
    require_buyer(actor, purchase, Permission.RETURN_REQUEST)
    if acceptance.state is not AcceptanceState.SIGNED:
        raise WrongState(state=acceptance.state.label)
    return take_back(
        tx, acceptance, order, purchase, dict(lines), reason=reason.strip(), actor=actor, now=now
    ).public_id


def take_back(
    tx: Session,
    acceptance: Acceptance,
    order: Order,
    purchase: Purchase,
    wanted: dict[str, int],
    *,
    reason: str,
    actor: Actor,
    now: datetime,
) -> Return:
    """Take units back and move their money; a step of every command that ends in a return.

    Args:
        acceptance, order, purchase: locked.
        wanted: units above zero by acceptance line public id.

    Raises:
        NotFound: a line of another acceptance.
        MoreThanAccepted: a line has not so many left that nobody asked back.
    """
    sent_back = _begun(tx, acceptance, reason, actor, now)
    goods = _take_back(tx, acceptance, sent_back, wanted)
    sent_back.value = total_of(goods)
    post_return(
        tx, acceptance, order, sent_back.public_id, goods, reason=reason, actor=actor, now=now
    )
    budget_step(tx, purchase, BudgetStep.UNSPEND, sent_back.value, sent_back.public_id, now)
    tell(
        tx,
        "returning",
        thing=sent_back.public_id,
        shipment=tx.get_one(Shipment, acceptance.shipment_id),
        order=order,
        units=units_per_lot(goods),
        now=now,
    )
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="return",
        thing=sent_back.public_id,
        action="return",
        organisation_id=purchase.union_id,
        reason=reason,
        value_fen=sent_back.value.fen,
    )
    return sent_back


def _begun(tx: Session, acceptance: Acceptance, reason: str, actor: Actor, now: datetime) -> Return:
    sent_back = Return(
        number=next_number(tx, "TH", now),
        acceptance_id=acceptance.id,
        at=now,
        by_id=actor.user_id,
        reason=reason,
        value=ZERO,
    )
    tx.add(sent_back)
    tx.flush()
    return sent_back


def _take_back(
    tx: Session, acceptance: Acceptance, sent_back: Return, wanted: dict[str, int]
) -> list[Counted]:
    rows = locked_lines(tx, acceptance)
    if set(wanted) - {line.public_id for line, _allocation, _order_line in rows}:
        raise NotFound()
    goods = []
    for line, allocation, order_line in rows:
        units = wanted.get(line.public_id, 0)
        if not units:
            continue
        left = line.accepted_units - line.returned_units - line.asked_units
        if units > left:
            raise MoreThanAccepted(left=left)
        line.returned_units += units
        allocation.returned_units += units
        tx.add(ReturnLine(return_id=sent_back.id, acceptance_line_id=line.id, units=units))
        goods.append(Counted(allocation.lot_id, order_line, units))
    tx.flush()
    return goods
