"""Checking what arrived: two signatures, a retail buyer's word, or silence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from orders.budgets.states import BudgetStep
from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.states import ORDER, OrderState, PurchaseKind
from orders.purchasing.steps import budget_step, require_buyer
from orders.shipments.hooks import start_clock
from orders.shipments.models import Acceptance, AcceptanceLine, Shipment, ShipmentLine
from orders.shipments.posting import Counted, post_acceptance, refund_excess, units_per_lot
from orders.shipments.states import ACCEPTANCE, SHIPMENT, AcceptanceState, ShipmentState
from orders.shipments.steps import locked_acceptance, locked_lines, locked_shipment
from orders.shipments.telling import tell
from products.lots import stock
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.money import ZERO
from shop.core.numbering import next_number
from shop.core.permissions import Permission
from shop.core.policy import policy


class CountsDiffer(Refusal):
    """Accepted, short and damaged do not add up to what was sent."""

    code = "counts_differ"
    sentence = N_("有一行对不上：发来 %(sent)s，验收、短少和破损合计 %(counted)s。")
    status = 422
    field = "counts"


class BeingChecked(Refusal):
    """Somebody has begun the acceptance of this shipment, or finished it."""

    code = "being_checked"
    sentence = N_("这批货已经有人验收了，请刷新后再看。")


@dataclass(frozen=True, slots=True)
class Count:
    """What was found of one allocation."""

    accepted: int
    short: int
    damaged: int
    note: str

    @property
    def units(self) -> int:
        """All units looked at."""
        return self.accepted + self.short + self.damaged


@command
def sign_first(
    tx: Session,
    *,
    shipment_id: str,
    counts: tuple[tuple[str, int, int, int, str], ...],
    note: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Write down what was found in a shipment and sign as the first of two; no money moves yet.

    Args:
        counts: (allocation public id, accepted, short, damaged, remark) for every line sent.

    Returns:
        The acceptance's public id.

    Raises:
        NotFound, NotAllowed: `acceptance:sign` in the buying union is needed.
        CountsDiffer: a line does not add up to what was sent.
        BeingChecked: an acceptance of this shipment exists.
    """
    shipment, order, purchase = locked_shipment(tx, shipment_id)
    require_buyer(actor, purchase, Permission.ACCEPTANCE_SIGN)
    if purchase.kind is PurchaseKind.RETAIL:
        raise NotFound()
    found = {
        key: Count(accepted, short, damaged, note) for key, accepted, short, damaged, note in counts
    }
    acceptance = _write(tx, shipment, order, found, note=note, actor=actor, now=now)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="acceptance",
        thing=acceptance.public_id,
        action="sign_first",
        organisation_id=purchase.union_id,
        to_state=acceptance.state.value,
        shipment=shipment.number,
    )
    return acceptance.public_id


@command
def sign_second(tx: Session, *, acceptance_id: str, actor: Actor, now: datetime) -> None:
    """Sign as the second person; the acceptance counts and the money of it moves.

    Raises:
        NotFound, NotAllowed: `acceptance:sign` in the buying union is needed.
        SamePerson: the first signer may not be the second.
        WrongState: signed or withdrawn already.
    """
    acceptance, order, purchase = locked_acceptance(tx, acceptance_id)
    require_buyer(actor, purchase, Permission.ACCEPTANCE_SIGN)
    ACCEPTANCE.move(
        tx, acceptance, "sign_second", actor=actor, now=now, organisation_id=purchase.union_id
    )
    acceptance.second_signer_id = actor.user_id
    _take_effect(tx, acceptance, order, purchase, actor=actor, now=now)


@command
def withdraw_acceptance(
    tx: Session, *, acceptance_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Withdraw an acceptance the second person has not signed, so that it can be counted anew.

    Raises:
        ReasonMissing: the reason is kept with it.
        NotFound, NotAllowed, WrongState: as for signing.
    """
    if not reason.strip():
        raise ReasonMissing()
    acceptance, _order, purchase = locked_acceptance(tx, acceptance_id)
    require_buyer(actor, purchase, Permission.ACCEPTANCE_SIGN)
    ACCEPTANCE.move(
        tx,
        acceptance,
        "withdraw",
        actor=actor,
        now=now,
        organisation_id=purchase.union_id,
        reason=reason.strip(),
    )


@command
def confirm_receipt(tx: Session, *, shipment_id: str, actor: Actor, now: datetime) -> str:
    """A retail buyer confirms that everything of a shipment arrived well.

    Returns the acceptance's public id.

    Raises:
        NotFound: it is not this person's purchase.
        BeingChecked: it counts as accepted already.
    """
    shipment, order, purchase = locked_shipment(tx, shipment_id)
    if purchase.kind is not PurchaseKind.RETAIL or purchase.buyer_id != actor.user_id:
        raise NotFound()
    return _accept_whole(tx, shipment, order, purchase, actor=actor, now=now)


@command
def accept_by_silence(tx: Session, *, actor: Actor, now: datetime) -> int:
    """Count retail shipments as accepted whose buyer said nothing for the agreed days.

    Ten days after arrival, seven for fresh goods (`shop.core.policy`). Returns how many.
    """
    terms = policy()
    due = tx.execute(
        select(Shipment.public_id)
        .join(Order, Order.id == Shipment.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(
            Shipment.state == ShipmentState.ARRIVED,
            Purchase.kind == PurchaseKind.RETAIL,
            or_(
                Shipment.arrived_at <= now - terms.silence,
                Order.fresh & (Shipment.arrived_at <= now - terms.silence_fresh),
            ),
        )
        .order_by(Shipment.id)
    ).scalars()
    count = 0
    for shipment_id in due.all():
        shipment, order, purchase = locked_shipment(tx, shipment_id)
        _accept_whole(tx, shipment, order, purchase, actor=actor, now=now)
        count += 1
    return count


def _accept_whole(
    tx: Session,
    shipment: Shipment,
    order: Order,
    purchase: Purchase,
    *,
    actor: Actor,
    now: datetime,
) -> str:
    """Accept everything of a shipment at once, without a second signature."""
    sent = _sent(tx, shipment)
    found = {allocation.public_id: Count(units, 0, 0, "") for units, allocation, _line in sent}
    acceptance = _write(tx, shipment, order, found, note="", actor=actor, now=now)
    ACCEPTANCE.move(
        tx,
        acceptance,
        "confirm_receipt",
        actor=actor,
        now=now,
        organisation_id=None,
        shipment=shipment.number,
    )
    _take_effect(tx, acceptance, order, purchase, actor=actor, now=now)
    return acceptance.public_id


def _write(
    tx: Session,
    shipment: Shipment,
    order: Order,
    found: dict[str, Count],
    *,
    note: str,
    actor: Actor,
    now: datetime,
) -> Acceptance:
    if tx.execute(
        select(Acceptance.id).where(
            Acceptance.shipment_id == shipment.id, Acceptance.state != AcceptanceState.WITHDRAWN
        )
    ).first():
        raise BeingChecked()
    acceptance = Acceptance(
        number=next_number(tx, "YS", now),
        shipment_id=shipment.id,
        order_id=order.id,
        state=AcceptanceState.FIRST_SIGNED,
        first_signer_id=actor.user_id,
        first_signed_at=now,
        note=note,
        value=ZERO,
        receivable=ZERO,
    )
    tx.add(acceptance)
    tx.flush()
    sent = _sent(tx, shipment)
    if set(found) != {allocation.public_id for _units, allocation, _line in sent}:
        raise NotFound()
    for units, allocation, line in sent:
        count = found[allocation.public_id]
        if min(count.accepted, count.short, count.damaged) < 0 or count.units != units:
            raise CountsDiffer(sent=units, counted=count.units)
        tx.add(
            AcceptanceLine(
                acceptance_id=acceptance.id,
                allocation_id=allocation.id,
                lot_id=allocation.lot_id,
                households=line.households,
                accepted_units=count.accepted,
                short_units=count.short,
                damaged_units=count.damaged,
                note=count.note,
            )
        )
    tx.flush()
    return acceptance


def _take_effect(
    tx: Session,
    acceptance: Acceptance,
    order: Order,
    purchase: Purchase,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Let a signed acceptance count: units, stock, money, refund of the missing, budget, order."""
    acceptance.signed_at = now
    shipment = tx.get_one(Shipment, acceptance.shipment_id)
    SHIPMENT.move(tx, shipment, "accept", actor=actor, now=now, organisation_id=None)
    rows = locked_lines(tx, acceptance)
    goods: list[Counted] = []
    missing = ZERO
    for line, allocation, order_line in rows:
        allocation.accepted_units += line.accepted_units
        allocation.short_units += line.short_units
        allocation.damaged_units += line.damaged_units
        goods.append(Counted(allocation.lot_id, order_line, line.accepted_units))
        missing += order_line.price * (line.short_units + line.damaged_units)
    tx.flush()
    _correct_stock(tx, [(line, allocation) for line, allocation, _order_line in rows])
    post_acceptance(tx, acceptance, order, shipment.carrier_id, goods, actor=actor, now=now)
    start_clock(tx, acceptance, purchase)
    tell(
        tx,
        "accepting",
        thing=acceptance.public_id,
        shipment=shipment,
        order=order,
        units=units_per_lot(goods),
        now=now,
    )
    tx.flush()
    refund_excess(tx, acceptance, order, actor=actor, now=now)
    about = acceptance.public_id
    budget_step(tx, purchase, BudgetStep.SPEND, acceptance.value, about, now)
    budget_step(tx, purchase, BudgetStep.UNCOMMIT, missing, about, now)
    if order.state is OrderState.SHIPPED and _all_decided(tx, order):
        ORDER.move(tx, order, "accept", actor=actor, now=now, organisation_id=None)


def _correct_stock(tx: Session, rows: Sequence[tuple[AcceptanceLine, Allocation]]) -> None:
    """Short units are on sale again, damaged ones are written off."""
    for line, allocation in rows:
        if line.short_units:
            stock.put_back(tx, allocation.lot_id, line.short_units)
        if line.damaged_units:
            stock.write_off(tx, allocation.lot_id, line.damaged_units)


def _all_decided(tx: Session, order: Order) -> bool:
    open_line = tx.execute(
        select(Allocation.id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(
            OrderLine.order_id == order.id,
            Allocation.accepted_units + Allocation.short_units + Allocation.damaged_units
            < Allocation.units - Allocation.cancelled_units,
        )
        .limit(1)
    ).first()
    return open_line is None


def _sent(tx: Session, shipment: Shipment) -> list[tuple[int, Allocation, OrderLine]]:
    rows = tx.execute(
        select(ShipmentLine.units, Allocation, OrderLine)
        .join(Allocation, Allocation.id == ShipmentLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(ShipmentLine.shipment_id == shipment.id)
        .order_by(ShipmentLine.id)
    )
    return [(units, allocation, line) for units, allocation, line in rows]
