"""Following purchases through every part: money, goods, papers and households."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.budgets.queries import BudgetRow, budget_by_key
from orders.ledger import posting
from orders.ledger.models import Journal
from orders.ledger.states import AccountKind
from orders.payments.models import Payment
from orders.payouts.states import ItemState
from orders.purchasing.cancel_queries import CancellationRow, cancellations_of
from orders.purchasing.models import Cancellation, Order, Purchase
from orders.purchasing.queries import (
    orders_of,
    purchase,
    purchase_sold_by,
    purchase_unseen,
)
from orders.purchasing.rows import OrderRow, PurchaseRow
from orders.purchasing.states import OrderState, PurchaseState
from orders.refunds.models import Refund
from orders.returns.arriving import carriers
from orders.settlements.models import SettlementItem, SettlementRun
from orders.settlements.states import RunState
from orders.shipments.models import Acceptance, Return, Shipment
from orders.shipments.queries import (
    AcceptanceRow,
    InvoiceRow,
    ReturnRow,
    ShipmentRow,
    acceptances_of,
    invoices_of,
    returns_of,
    shipments_of,
)
from orders.shipments.states import AcceptanceState
from orders.tracking import rules
from orders.tracking.rules import Facts, StepRow
from orders.tracking.states import Next, Step
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """Money that came in for one order: `at` by the bank's clock, `booked_at` by our books."""

    order_id: int
    amount: Money
    at: datetime
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class RefundRow:
    """Money that goes back to the buyer; `state` of the payout item that carries it, if any."""

    number: str
    order_id: int
    amount: Money
    reason: str
    at: datetime
    state: ItemState | None


@dataclass(frozen=True, slots=True)
class Progress:
    """A purchase with its orders and where it stands; enough for a list."""

    purchase: PurchaseRow
    orders: tuple[OrderRow, ...]
    facts: Facts
    to_pay: Money
    paid: bool
    next: Next


@dataclass(frozen=True, slots=True)
class Track:
    """A purchase with everything that belongs to it."""

    progress: Progress
    steps: tuple[StepRow, ...]
    cancellations: tuple[CancellationRow, ...]
    shipments: tuple[ShipmentRow, ...]
    acceptances: tuple[AcceptanceRow, ...]
    returns: tuple[ReturnRow, ...]
    refunds: tuple[RefundRow, ...]
    payments: tuple[PaymentRow, ...]
    invoices: tuple[InvoiceRow, ...]
    acts: tuple[Act, ...]
    budget: BudgetRow | None
    budget_before: Money | None

    @property
    def purchase(self) -> PurchaseRow:
        """The purchase itself."""
        return self.progress.purchase

    @property
    def orders(self) -> tuple[OrderRow, ...]:
        """Its orders, one for each cooperative."""
        return self.progress.orders


@dataclass(frozen=True, slots=True)
class _Parts:
    """What belongs to a set of purchases, read at once."""

    orders: dict[int, list[OrderRow]]
    shipments: list[ShipmentRow]
    acceptances: list[AcceptanceRow]
    payments: list[PaymentRow]
    open: dict[int, Money]
    runs: dict[int, list[datetime]]


def progress_of(tx: Session, purchases: Sequence[PurchaseRow]) -> list[Progress]:
    """Where each of these purchases stands; as many statements for one as for many."""
    parts = _parts(tx, [row.id for row in purchases])
    return [_progress(row, parts) for row in purchases]


def track(tx: Session, purchase_id: str, actor: Actor) -> Track:
    """One purchase with everything that belongs to it.

    Raises:
        NotFound, NotAllowed: see `orders.purchasing.queries.purchase`.
    """
    return _track(tx, purchase(tx, purchase_id, actor))


def track_for_seller(tx: Session, purchase_id: str, actor: Actor) -> Track:
    """One purchase for a cooperative that sells in it, with its own orders alone.

    Raises:
        NotFound: no order of it is the actor's cooperative's.
    """
    row, mine = purchase_sold_by(tx, purchase_id, actor)
    return _track(tx, row, mine)


def track_unseen(tx: Session, thing: str) -> Track:
    """The purchase behind a thing with every person masked, for checking a paper in hand.

    Raises:
        NotFound: there is no such thing.
    """
    return _track(tx, purchase_unseen(tx, purchase_about(tx, thing)))


def _track(tx: Session, row: PurchaseRow, only: set[int] | None = None) -> Track:
    parts = _parts(tx, [row.id], only)
    progress = _progress(row, parts)
    keys = [order.id for order in progress.orders]
    cancellations, returns = tuple(cancellations_of(tx, keys)), tuple(returns_of(tx, keys))
    more = [row.public_id for row in cancellations] + [row.public_id for row in returns]
    acts = tuple(history(tx, *_things(progress, parts), *more))
    budget = budget_by_key(tx, row.budget_id)
    return Track(
        progress,
        rules.timeline(progress.facts, _done(progress, parts, acts)),
        cancellations,
        tuple(parts.shipments),
        tuple(parts.acceptances),
        returns,
        tuple(_refunds(tx, keys)),
        tuple(parts.payments),
        tuple(invoices_of(tx, keys)),
        acts,
        budget,
        _budget_before(row, budget),
    )


def purchase_about(tx: Session, about: str) -> str:
    """The public id of the purchase that a thing belongs to.

    Args:
        about: public id of a purchase, order, cancellation, shipment, acceptance or return.

    Raises:
        NotFound: it names none of these.
    """
    found = purchases_about(tx, [about])
    if about not in found:
        raise NotFound()
    return found[about][0]


def purchases_about(tx: Session, abouts: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Public id and number of the purchase behind each of these public ids, where there is one."""
    wanted = list(set(abouts))
    chain = select(Purchase.public_id, Purchase.number)
    orders = chain.join(Order, Order.purchase_id == Purchase.id)
    checked = orders.join(Acceptance, Acceptance.order_id == Order.id)
    ways = (
        chain.add_columns(Purchase.public_id.label("about")).where(Purchase.public_id.in_(wanted)),
        orders.add_columns(Order.public_id).where(Order.public_id.in_(wanted)),
        orders.join(Cancellation, Cancellation.order_id == Order.id)
        .add_columns(Cancellation.public_id)
        .where(Cancellation.public_id.in_(wanted)),
        orders.join(Shipment, Shipment.order_id == Order.id)
        .add_columns(Shipment.public_id)
        .where(Shipment.public_id.in_(wanted)),
        checked.add_columns(Acceptance.public_id).where(Acceptance.public_id.in_(wanted)),
        checked.join(Return, Return.acceptance_id == Acceptance.id)
        .add_columns(Return.public_id)
        .where(Return.public_id.in_(wanted)),
    )
    rows = tx.execute(ways[0].union_all(*ways[1:]))
    return {about: (public_id, number) for public_id, number, about in rows}


def _parts(tx: Session, purchase_keys: list[int], only: set[int] | None = None) -> _Parts:
    """All parts of these purchases; of the orders in `only` where it is given."""
    orders = {
        key: [order for order in mine if only is None or order.id in only]
        for key, mine in orders_of(tx, purchase_keys).items()
    }
    keys = [order.id for mine in orders.values() for order in mine]
    lots = {
        lot.lot_id
        for mine in orders.values()
        for order in mine
        for line in order.lines
        for lot in line.lots
    }
    acceptances = acceptances_of(tx, keys)
    return _Parts(
        orders,
        shipments_of(tx, keys),
        acceptances,
        _payments(tx, keys),
        posting.balances(tx, AccountKind.BUYER_RECEIVABLE, [row.id for row in acceptances]),
        _runs(tx, lots),
    )


def _payments(tx: Session, order_keys: list[int]) -> list[PaymentRow]:
    found = tx.execute(
        select(Payment.order_id, Payment.amount, Payment.at, Journal.posted_at)
        .join(Journal, Journal.id == Payment.journal_id)
        .where(Payment.order_id.in_(order_keys), Payment.undone.is_(False))
        .order_by(Payment.at, Payment.id)
    )
    return [PaymentRow(*row) for row in found]


def _refunds(tx: Session, order_keys: list[int]) -> list[RefundRow]:
    found = tx.execute(
        select(Refund, Order.id)
        .join(Order, Order.id == Refund.order_id)
        .where(Order.id.in_(order_keys))
        .order_by(Refund.id)
    ).all()
    carried = carriers(tx, [refund.id for refund, _order in found])
    states = {key: item.state for key, (item, _line) in carried.items()}
    return [
        RefundRow(
            refund.number, order, refund.amount, refund.reason, refund.at, states.get(refund.id)
        )
        for refund, order in found
    ]


def _runs(tx: Session, lot_ids: Iterable[int]) -> dict[int, list[datetime]]:
    """When settlement runs posted something for each lot, oldest first."""
    found: dict[int, list[datetime]] = defaultdict(list)
    rows = tx.execute(
        select(SettlementItem.lot_id, SettlementRun.posted_at)
        .join(SettlementRun, SettlementRun.id == SettlementItem.run_id)
        .where(
            SettlementItem.lot_id.in_(list(lot_ids)),
            SettlementRun.state == RunState.POSTED,
            SettlementRun.posted_at.is_not(None),
        )
        .group_by(SettlementItem.lot_id, SettlementRun.posted_at)
        .order_by(func.min(SettlementRun.id))
    )
    for lot_id, posted_at in rows:
        if posted_at:
            found[lot_id].append(posted_at)
    return found


def _progress(row: PurchaseRow, parts: _Parts) -> Progress:
    orders = tuple(parts.orders.get(row.id, ()))
    keys = {order.id for order in orders}
    mine = [a for a in parts.acceptances if a.order_id in keys]
    live = {a.shipment_id for a in mine if a.state is not AcceptanceState.WITHDRAWN}
    facts = Facts(
        row.kind,
        row.state,
        row.terms,
        row.total - sum((order.cancelled for order in orders), ZERO),
        sum((p.amount for p in parts.payments if p.order_id in keys), ZERO),
        sum((parts.open[a.id] for a in mine), ZERO),
        tuple(order.state for order in orders if order.state is not OrderState.CANCELLED),
        sum(1 for s in parts.shipments if s.order_id in keys and s.id not in live),
        any(a.state is AcceptanceState.FIRST_SIGNED for a in mine),
        _settled_at(orders, mine, parts),
    )
    return Progress(
        row, orders, facts, rules.to_pay(facts), rules.is_paid(facts), rules.next_of(facts)
    )


def _settled_at(
    orders: tuple[OrderRow, ...], acceptances: list[AcceptanceRow], parts: _Parts
) -> datetime | None:
    """When the last of the accepted lots was settled after acceptance and payment, if all were."""
    signed = [a for a in acceptances if a.state is AcceptanceState.SIGNED and a.signed_at]
    lots = {line.lot_id for a in signed for line in a.lines if line.accepted}
    kept = [order.state for order in orders if order.state is not OrderState.CANCELLED]
    if not lots or not rules.all_in(kept, OrderState.ACCEPTED):
        return None
    if any(parts.open[a.id] for a in signed):
        return None
    keys = {order.id for order in orders}
    since = max(a.signed_at for a in signed if a.signed_at)
    late = [a for a in signed if a.receivable]
    if late:
        since = max([since, *(p.booked_at for p in parts.payments if p.order_id in keys)])
    firsts = [next((at for at in parts.runs.get(lot, ()) if at >= since), None) for lot in lots]
    return None if None in firsts else max(at for at in firsts if at)


def _things(progress: Progress, parts: _Parts) -> list[str]:
    return [
        progress.purchase.public_id,
        *(order.public_id for order in progress.orders),
        *(shipment.public_id for shipment in parts.shipments),
        *(acceptance.public_id for acceptance in parts.acceptances),
    ]


def _done(
    progress: Progress, parts: _Parts, acts: Sequence[Act]
) -> dict[Step, tuple[datetime | None, str]]:
    """The steps reached, with when and by whom."""
    row, states = progress.purchase, progress.facts.orders
    done: dict[Step, tuple[datetime | None, str]] = {
        Step.PLACED: (row.submitted_at, _who(acts, row.public_id, "submit"))
    }
    if row.approved_at:
        done[Step.APPROVED] = (row.approved_at, _who(acts, row.public_id, "approve"))
    if row.state is not PurchaseState.APPROVED:
        return done
    if progress.paid:
        done[Step.PAID] = (max((p.at for p in parts.payments), default=None), "")
    if rules.all_in(states, OrderState.SHIPPED, OrderState.ACCEPTED):
        last = parts.shipments[-1]
        done[Step.SHIPPED] = (last.shipped_at, _who(acts, progress.orders[-1].public_id, "ship"))
    signed = [a for a in parts.acceptances if a.signed_at]
    if rules.all_in(states, OrderState.ACCEPTED) and signed:
        last_signed = max(signed, key=lambda a: (a.signed_at, a.id))
        people = (last_signed.first_signer, last_signed.second_signer)
        done[Step.ACCEPTED] = (last_signed.signed_at, "、".join(p for p in people if p))
    if progress.facts.settled_at:
        done[Step.SETTLED] = (progress.facts.settled_at, "")
    return done


def _who(acts: Sequence[Act], thing: str, action: str) -> str:
    return next((a.actor for a in acts if a.thing == thing and a.action == action), "")


def _budget_before(row: PurchaseRow, budget: BudgetRow | None) -> Money | None:
    """What the budget had left before this purchase took its part, while it waits."""
    if budget is None or row.state is not PurchaseState.SUBMITTED:
        return None
    return budget.available + row.total
