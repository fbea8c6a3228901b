"""Statements of cooperatives, unions and carriers for a period, from the ledger to the fen.

Each row is one journal's effect on the party's accounts and leads to what caused it; opening and
rows sum to the closing balance, which is that of the ledger at the period's end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind as J
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.purchasing.models import Allocation, Cancellation, Order, OrderLine, Purchase
from orders.settlements.models import SettlementRun
from orders.shipments.models import Acceptance, AcceptanceLine, Return, ReturnLine, Shipment
from orders.statements import accounts
from orders.statements.accounts import Entry
from orders.statements.periods import Period
from shop.core import db
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.labels import N_
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation, OrganisationKind

#: Journals in the words of whom they pay, where those of the books say something else.
_EVENTS = {J.PAYOUT_APPROVED: N_("打款")}

#: Parts of a price that fall to a cooperative, and freight, which it bears on returns.
PARTS = ("processing", "packing", "cooperative", "tax", "freight")


@dataclass(frozen=True, slots=True)
class Row:
    """One journal in a party's account. `thing` is what it is about, by `number`.

    `parts` are those of `PARTS` at this acceptance or return, as far as they fall to the
    cooperative; `order_id` and `purchase_id` are public, empty where there is none. `waybill` is
    that of the goods a carrier brought.
    """

    journal_id: str
    kind: J
    at: datetime
    thing: str
    number: str
    order_id: str
    order_number: str
    purchase_id: str
    amount: Money
    reverses: bool
    parts: tuple[Money, ...] = ()
    waybill: str = ""

    @property
    def event(self) -> str:
        """What happened, as a source sentence."""
        return event(self.kind)


@dataclass(frozen=True, slots=True)
class PartyStatement:
    """opening + rows = closing of what we owe the party; `due` is what it owes (cooperatives).

    `due_rows` are the journals that moved what is due. `by_event` sums the rows.
    """

    organisation_id: str
    name: str
    name_en: str
    code: str
    period: Period
    opening: Money
    closing: Money
    rows: tuple[Row, ...]
    by_event: tuple[tuple[str, Money], ...]
    parts: tuple[Money, ...] = ()
    due_opening: Money = ZERO
    due_closing: Money = ZERO
    due_rows: tuple[Row, ...] = ()
    on_the_way: Money = ZERO


@dataclass(frozen=True, slots=True)
class OrderSums:
    """One order on a union's statement.

    paid − accepted + returned − refunded + other = escrow + refund on its way − receivable, each
    side from the ledger; `opening` is that balance before the period.
    """

    order_id: str
    number: str
    purchase_id: str
    cooperative: str
    cooperative_en: str
    total: Money
    placed_at: datetime | None
    opening: Money
    paid: Money
    accepted: Money
    returned: Money
    refunded: Money
    other: Money
    escrow: Money
    refund_on_its_way: Money
    receivable: Money


@dataclass(frozen=True, slots=True)
class UnionStatement:
    """A union's orders in a period, and their sums."""

    organisation_id: str
    name: str
    name_en: str
    code: str
    period: Period
    orders: tuple[OrderSums, ...]
    sums: OrderSums

    @property
    def opens(self) -> bool:
        """Whether some order had a balance before the period."""
        return any(one.opening for one in self.orders)


def event(kind: J) -> str:
    """What a journal is to whom it pays, as a source sentence."""
    return _EVENTS.get(kind, kind.label)


def cooperative(tx: Session, cooperative_id: str, period: Period, actor: Actor) -> PartyStatement:
    """What a cooperative earned, gave back, was paid and is owed.

    Raises:
        NotFound: no such cooperative, or not the actor's to see.
        NotAllowed: neither `order:read` there nor `platform:read`.
    """
    row = _organisation(tx, cooperative_id, OrganisationKind.COOPERATIVE, P.ORDER_READ, actor)
    found = _party(tx, row, K.COOPERATIVE_PAYABLE, period)
    due = [accounts.owned(K.DUE_FROM_COOPERATIVE, [row.id])]
    moved = accounts.movements(tx, due, period).get(row.id, accounts.Movement())
    parts = _parts(tx, [one.thing for one in found.rows])
    rows = tuple(
        replace(one, parts=parts[one.thing])
        if one.thing in parts and one.kind in (J.ACCEPTANCE, J.RETURN)
        else one
        for one in found.rows
    )
    told = [one.parts for one in rows if one.parts]
    return replace(
        found,
        rows=rows,
        parts=tuple(total([parts[i] for parts in told]) for i in range(len(PARTS))),
        due_opening=-moved.opening,
        due_closing=-moved.closing,
        due_rows=tuple(
            replace(one, amount=-one.amount) for one in _rows(tx, accounts.entries(tx, due, period))
        ),
    )


def carrier(tx: Session, carrier_id: str, period: Period, actor: Actor) -> PartyStatement:
    """What a carrier drove, was paid and is owed.

    Raises:
        NotFound: no such carrier, or not the actor's to see.
        NotAllowed: neither `freight:read` there nor `platform:read`.
    """
    row = _organisation(tx, carrier_id, OrganisationKind.CARRIER, P.FREIGHT_READ, actor)
    found = _party(tx, row, K.CARRIER_PAYABLE, period)
    waybills: dict[str, str] = {
        about: waybill
        for about, waybill in tx.execute(
            select(Acceptance.public_id, Shipment.waybill)
            .join(Shipment, Shipment.id == Acceptance.shipment_id)
            .where(Acceptance.public_id.in_({one.thing for one in found.rows}))
        )
    }
    return replace(
        found, rows=tuple(replace(one, waybill=waybills.get(one.thing, "")) for one in found.rows)
    )


def union(tx: Session, union_id: str, period: Period, actor: Actor) -> UnionStatement:
    """What a union ordered, paid, accepted, gave back, was refunded, and where each order stands.

    Orders without a movement in the period and without a balance are left out.

    Raises:
        NotFound: no such union, or not the actor's to see.
        NotAllowed: neither `purchase:read` there nor `platform:read`.
    """
    row = _organisation(tx, union_id, OrganisationKind.UNION, P.PURCHASE_READ, actor)
    orders = tx.execute(
        select(Order, Purchase.public_id, Organisation.name, Organisation.name_en)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .join(Organisation, Organisation.id == Order.cooperative_id)
        .where(Purchase.union_id == row.id, *_before(Order.placed_at, period))
        .order_by(Order.placed_at, Order.id)
    ).all()
    keys = [order.id for order, *_names in orders]
    escrow, owed = accounts.owned(K.ESCROW, keys), accounts.receivables(keys)
    refund = accounts.owned(K.REFUND_IN_TRANSIT, keys)
    moved = accounts.movements(tx, [escrow, owed, refund], period)
    cancelled = _cancelled(tx, keys, period)
    ends = [accounts.movements(tx, [one], period) for one in (escrow, refund, owed)]
    nothing = accounts.Movement()
    found = []
    for order, purchase_id, name, name_en in orders:
        mine = moved.get(order.id, nothing)
        held, going, open_ = (end.get(order.id, nothing).closing for end in ends)
        placed_now = period.begins is None or order.placed_at >= period.begins
        if not (placed_now or mine.by_kind or held or going or open_):
            continue
        paid = mine.moved(J.BANK_CREDIT, J.BANK_CREDIT_MATCHED)
        accepted, returned = -mine.moved(J.ACCEPTANCE), mine.moved(J.RETURN)
        refunded = -mine.moved(J.REFUND_LEFT)
        found.append(
            OrderSums(
                order_id=order.public_id,
                number=order.number,
                purchase_id=purchase_id,
                cooperative=name,
                cooperative_en=name_en,
                total=order.total - cancelled.get(order.id, ZERO),
                placed_at=order.placed_at,
                opening=mine.opening,
                paid=paid,
                accepted=accepted,
                returned=returned,
                refunded=refunded,
                other=mine.closing - mine.opening - paid + accepted - returned + refunded,
                escrow=held,
                refund_on_its_way=going,
                receivable=-open_,
            )
        )
    return UnionStatement(
        row.public_id, row.name, row.name_en, row.code, period, tuple(found), _summed(found)
    )


def _cancelled(tx: Session, order_keys: list[int], period: Period) -> dict[int, Money]:
    """What was given up of orders before it was shipped, up to the end of the period."""
    rows = tx.execute(
        select(Cancellation.order_id, db.total(Cancellation.__table__.c.value_fen))
        .where(Cancellation.order_id.in_(order_keys), *_before(Cancellation.at, period))
        .group_by(Cancellation.order_id)
    )
    return {key: Money(int(fen)) for key, fen in rows}


def _summed(orders: list[OrderSums]) -> OrderSums:
    def of(name: str) -> Money:
        return total([getattr(one, name) for one in orders])

    names = ("total", "opening", "paid", "accepted", "returned", "refunded", "other")
    sums = {name: of(name) for name in (*names, "escrow", "refund_on_its_way", "receivable")}
    return OrderSums("", "", "", "", "", placed_at=None, **sums)


def _before(at: Any, period: Period) -> list[Any]:
    return [at < period.ends] if period.ends else []


def _organisation(
    tx: Session, public_id: str, kind: OrganisationKind, permission: P, actor: Actor
) -> Organisation:
    row = tx.execute(
        select(Organisation).where(Organisation.public_id == public_id, Organisation.kind == kind)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound()
    if not actor.may(P.PLATFORM_READ):
        actor.require(permission, row.id)
    return row


def _party(tx: Session, row: Organisation, kind: K, period: Period) -> PartyStatement:
    mine = [accounts.owned(kind, [row.id])]
    moved = accounts.movements(tx, mine, period).get(row.id, accounts.Movement())
    return PartyStatement(
        organisation_id=row.public_id,
        name=row.name,
        name_en=row.name_en,
        code=row.code,
        period=period,
        opening=moved.opening,
        closing=moved.closing,
        rows=_rows(tx, accounts.entries(tx, mine, period)),
        by_event=tuple((event(kind), moved.by_kind[kind]) for kind in J if kind in moved.by_kind),
    )


def _rows(tx: Session, entries: list[Entry]) -> tuple[Row, ...]:
    """Entries with the number, order and purchase of what they are about, read in one sweep."""
    known = things(tx, {entry.about for entry in entries})
    return tuple(
        Row(
            journal_id=entry.journal_id,
            kind=entry.kind,
            at=entry.at,
            thing=entry.about,
            number=known.get(entry.about, _NOTHING)[0],
            order_id=known.get(entry.about, _NOTHING)[1],
            order_number=known.get(entry.about, _NOTHING)[2],
            purchase_id=known.get(entry.about, _NOTHING)[3],
            amount=entry.amount,
            reverses=entry.reverses,
        )
        for entry in entries
    )


_NOTHING = ("", "", "", "")


def things(tx: Session, ids: Collection[str]) -> dict[str, tuple[str, str, str, str]]:
    """Number, order, its number and purchase of what journals are about, by public id."""
    wanted = list(ids)
    of_order = (Order.public_id, Order.number, Purchase.public_id)
    accepted = (
        select(Acceptance.public_id, Acceptance.number, *of_order)
        .join(Order, Order.id == Acceptance.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(Acceptance.public_id.in_(wanted))
    )
    returned = (
        select(Return.public_id, Return.number, *of_order)
        .join(Acceptance, Acceptance.id == Return.acceptance_id)
        .join(Order, Order.id == Acceptance.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(Return.public_id.in_(wanted))
    )
    found = {
        about: (number, order, order_number, purchase)
        for about, number, order, order_number, purchase in tx.execute(accepted.union_all(returned))
    }
    runs = select(SettlementRun.public_id, SettlementRun.number).where(
        SettlementRun.public_id.in_(wanted)
    )
    batches = select(PayoutBatch.public_id, PayoutBatch.number).where(
        PayoutBatch.public_id.in_(wanted)
    )
    items = (
        select(PayoutItem.public_id, PayoutBatch.number)
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(PayoutItem.public_id.in_(wanted))
    )
    for about, number in tx.execute(runs.union_all(batches, items)):
        found[about] = (number, "", "", "")
    return found


def _parts(tx: Session, ids: Collection[str]) -> dict[str, tuple[Money, ...]]:
    """What of acceptances and returns (public ids) falls to the cooperative, by `PARTS`.

    Freight is zero at an acceptance, where it is the carrier's, and taken at a return, where the
    cooperative bears it; what a return takes stands below zero.
    """
    line = OrderLine.__table__.c

    def parts(units: Any, *, freight: bool) -> list[Any]:
        names = PARTS if freight else PARTS[:-1]
        return [db.total(line[f"{name}_fen"] * units) for name in names]

    found: dict[str, tuple[Money, ...]] = defaultdict(tuple)
    accepted = (
        select(Acceptance.public_id, *parts(AcceptanceLine.accepted_units, freight=False))
        .join(AcceptanceLine, AcceptanceLine.acceptance_id == Acceptance.id)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(Acceptance.public_id.in_(ids))
        .group_by(Acceptance.public_id)
    )
    for about, *fen in tx.execute(accepted):
        found[about] = (*(Money(int(one)) for one in fen), ZERO)
    returned = (
        select(Return.public_id, *parts(ReturnLine.units, freight=True))
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .join(AcceptanceLine, AcceptanceLine.id == ReturnLine.acceptance_line_id)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(Return.public_id.in_(ids))
        .group_by(Return.public_id)
    )
    for about, *fen in tx.execute(returned):
        found[about] = tuple(Money(-int(one)) for one in fen)
    return found
