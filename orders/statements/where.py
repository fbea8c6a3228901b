"""Up again: in which statements a delivery, lot, order, journal or payout stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind as K
from orders.payouts.models import PayoutItem
from orders.payouts.states import PayoutKind
from orders.purchasing.models import Allocation, Cancellation, Order, OrderLine, Purchase
from orders.shipments.models import Acceptance, Return, Shipment
from products.households.models import Household
from products.lots.models import Lot, StandingShare
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation, OrganisationKind
from shop.web.filters import mask

#: Who may read the statement of an organisation of its kind, besides those who read all books.
READERS = {
    OrganisationKind.COOPERATIVE: P.ORDER_READ,
    OrganisationKind.UNION: P.PURCHASE_READ,
    OrganisationKind.CARRIER: P.FREIGHT_READ,
}


@dataclass(frozen=True, slots=True)
class Party:
    """Whose statement it is."""

    public_id: str
    name: str
    name_en: str
    kind: OrganisationKind


@dataclass(frozen=True, slots=True)
class Person:
    """A household whose statement it is; masked for whoever reads it from outside."""

    public_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Where:
    """The statements a thing stands in, of those the reader may open; `year` is that of it."""

    thing: str
    year: int
    households: tuple[Person, ...]
    parties: tuple[Party, ...]


@dataclass(slots=True)
class _Keys:
    """Internal keys of whom a thing concerns, and the day of it."""

    on: date | None = None
    households: set[int] = field(default_factory=set)
    organisations: set[int] = field(default_factory=set)
    orders: set[int] = field(default_factory=set)
    lots: set[int] = field(default_factory=set)


def where(tx: Session, thing: str, actor: Actor) -> Where:
    """The statements in which a thing (public id) stands.

    Whoever reads everything is told as well that it stands in none, as money in suspense does.

    Raises:
        NotFound: there is no such thing, or none of its statements is the actor's to open.
    """
    keys = _Keys()
    for look in (_lot, _order, _journals):
        look(tx, thing, keys)
    _orders_of_lots(tx, keys)
    _parties_of_orders(tx, keys)
    if keys.on is None:
        raise NotFound()
    overseer = actor.may(P.PLATFORM_READ) or actor.may(P.AUDIT_READ)
    households = tuple(
        Person(row.public_id, row.name if inside else mask(row.name))
        for row in tx.execute(
            select(Household).where(Household.id.in_(keys.households)).order_by(Household.code)
        ).scalars()
        if (inside := actor.may(P.HOUSEHOLD_READ, row.cooperative_id)) or overseer
    )
    parties = tuple(
        Party(row.public_id, row.name, row.name_en, row.kind)
        for row in tx.execute(
            select(Organisation)
            .where(Organisation.id.in_(keys.organisations), Organisation.kind.in_(list(READERS)))
            .order_by(Organisation.id)
        ).scalars()
        if actor.may(P.PLATFORM_READ) or actor.may(READERS[row.kind], row.id)
    )
    if not households and not parties and not overseer:
        raise NotFound()
    return Where(thing, keys.on.year, households, parties)


def _lot(tx: Session, thing: str, keys: _Keys) -> None:
    lot = tx.execute(select(Lot).where(Lot.public_id == thing)).scalar_one_or_none()
    if lot is not None:
        keys.on = day_of(lot.made_at)
        keys.lots.add(lot.id)
        keys.organisations.add(lot.cooperative_id)
        _households_behind(tx, keys)


def _order(tx: Session, thing: str, keys: _Keys) -> None:
    """An order, its purchase, or what became of it."""
    rows = tx.execute(
        select(Order.id, Order.placed_at)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .outerjoin(Cancellation, Cancellation.order_id == Order.id)
        .outerjoin(Shipment, Shipment.order_id == Order.id)
        .outerjoin(Acceptance, Acceptance.order_id == Order.id)
        .outerjoin(Return, Return.acceptance_id == Acceptance.id)
        .where(
            or_(
                *(
                    column == thing
                    for column in (
                        Order.public_id,
                        Purchase.public_id,
                        Cancellation.public_id,
                        Shipment.public_id,
                        Acceptance.public_id,
                        Return.public_id,
                    )
                )
            )
        )
    ).all()
    for key, at in rows:
        keys.on = day_of(at)
        keys.orders.add(key)
    if rows:
        keys.lots |= set(
            tx.execute(
                select(Allocation.lot_id)
                .join(OrderLine, OrderLine.id == Allocation.line_id)
                .where(OrderLine.order_id.in_(keys.orders))
            ).scalars()
        )
        _households_behind(tx, keys)
        keys.lots.clear()  # other orders of these lots are no matter of this one


def _journals(tx: Session, thing: str, keys: _Keys) -> None:
    """A journal, or what journals are about: whoever owns the accounts that moved."""
    mine = or_(Journal.public_id == thing, Journal.about == thing)
    accounts = tx.execute(
        select(Account.kind, Account.owner_id, Journal.effective_at)
        .join(Transfer, or_(Transfer.debit_id == Account.id, Transfer.credit_id == Account.id))
        .join(Journal, Journal.id == Transfer.journal_id)
        .where(mine)
        .distinct()
    ).all()
    owners: dict[K, set[int]] = {}
    for kind, owner, at in accounts:
        keys.on = keys.on or day_of(at)
        owners.setdefault(kind, set()).add(owner)
    keys.households |= owners.get(K.HOUSEHOLD_PAYABLE, set())
    for kind in (K.COOPERATIVE_PAYABLE, K.DUE_FROM_COOPERATIVE, K.CARRIER_PAYABLE):
        keys.organisations |= owners.get(kind, set())
    keys.orders |= owners.get(K.ESCROW, set()) | owners.get(K.REFUND_IN_TRANSIT, set())
    if K.BUYER_RECEIVABLE in owners:
        keys.orders |= set(
            tx.execute(
                select(Acceptance.order_id).where(Acceptance.id.in_(owners[K.BUYER_RECEIVABLE]))
            ).scalars()
        )
    for payout, payee in tx.execute(
        select(PayoutItem.kind, PayoutItem.payee_id).where(
            or_(
                PayoutItem.public_id == thing,
                PayoutItem.batch_id.in_(owners.get(K.PAYOUT_IN_TRANSIT, set())),
            )
        )
    ):
        {
            PayoutKind.HOUSEHOLD: keys.households,
            PayoutKind.REFUND: keys.orders,
        }.get(payout, keys.organisations).add(payee)


def _households_behind(tx: Session, keys: _Keys) -> None:
    keys.households |= set(
        tx.execute(
            select(StandingShare.household_id).where(StandingShare.lot_id.in_(keys.lots))
        ).scalars()
    )


def _orders_of_lots(tx: Session, keys: _Keys) -> None:
    keys.orders |= set(
        tx.execute(
            select(OrderLine.order_id)
            .join(Allocation, Allocation.line_id == OrderLine.id)
            .where(Allocation.lot_id.in_(keys.lots))
        ).scalars()
    )


def _parties_of_orders(tx: Session, keys: _Keys) -> None:
    for cooperative, union, carrier in tx.execute(
        select(Order.cooperative_id, Purchase.union_id, Shipment.carrier_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .outerjoin(Shipment, Shipment.order_id == Order.id)
        .where(Order.id.in_(keys.orders))
        .distinct()
    ):
        keys.organisations |= {key for key in (cooperative, union, carrier) if key}
