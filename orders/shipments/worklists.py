"""What waits for whom: orders a cooperative has to send, goods a buyer has to check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind
from orders.purchasing.models import Order, Purchase
from orders.purchasing.queries import orders_by_key
from orders.purchasing.rows import OrderRow
from orders.purchasing.states import OrderState, PaymentTerms, PurchaseKind
from orders.shipments.models import Acceptance, Invoice, Shipment
from orders.shipments.queries import (
    AcceptanceRow,
    InvoiceRow,
    ShipmentRow,
    acceptances_by_key,
    acceptances_of,
    invoices_of,
    shipments_by_key,
    shipments_of,
)
from orders.shipments.states import ACCEPTANCE, AcceptanceState
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money
from shop.core.permissions import Permission
from shop.identity.models import User
from shop.organisations.models import Organisation, OrganisationKind

PAGE = 200
OPEN = (OrderState.CONFIRMED, OrderState.SHIPPING)


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who bought and where it goes. `union_id` and `buyer_id` never leave the server."""

    purchase_id: str
    number: str
    kind: PurchaseKind
    terms: PaymentTerms
    union_id: int | None
    buyer_id: int
    name: str
    recipient: str
    phone: str
    address: str
    note: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class OrderToShip:
    """An order as its cooperative sees it. `covered`: it may leave as far as money goes."""

    order: OrderRow
    buyer: Buyer
    covered: bool
    units_to_ship: int


@dataclass(frozen=True, slots=True)
class OrderDesk:
    """One order with all that was sent, checked and invoiced of it."""

    head: OrderToShip
    shipments: tuple[ShipmentRow, ...]
    acceptances: tuple[AcceptanceRow, ...]
    invoices: tuple[InvoiceRow, ...]
    invoiced: Money


@dataclass(frozen=True, slots=True)
class Arrival:
    """A shipment a buyer has to check, with who sent it."""

    shipment: ShipmentRow
    order_number: str
    cooperative: str
    buyer: Buyer


@dataclass(frozen=True, slots=True)
class Signing:
    """An acceptance with the shipment it is of."""

    acceptance: AcceptanceRow
    shipment: ShipmentRow
    order_number: str
    cooperative: str
    buyer: Buyer


@dataclass(frozen=True, slots=True)
class AcceptanceDesk:
    """What a union's receivers have before them: to count, to sign as second, done."""

    to_count: tuple[Arrival, ...]
    to_sign: tuple[Signing, ...]
    done: tuple[Signing, ...]


def orders_of_cooperative(
    tx: Session, cooperative_id: int, actor: Actor, *, done: bool = False
) -> list[OrderToShip]:
    """The orders a cooperative has to send, oldest first; or those sent, newest first.

    Args:
        cooperative_id: internal key.

    Raises:
        NotFound, NotAllowed: `order:read` in the cooperative is needed.
    """
    actor.require(Permission.ORDER_READ, cooperative_id)
    wanted = select(Order.id).where(Order.cooperative_id == cooperative_id)
    if done:
        keys = wanted.where(Order.state.in_((OrderState.SHIPPED, OrderState.ACCEPTED)))
        return list(reversed(_to_ship(tx, keys.order_by(Order.id.desc()).limit(PAGE))))
    return _to_ship(tx, wanted.where(Order.state.in_(OPEN)))


def order_desk(tx: Session, order_id: str, actor: Actor) -> OrderDesk:
    """One order for the cooperative that sells it.

    Raises:
        NotFound: there is none, or another cooperative sells it.
        NotAllowed: `order:read` is needed.
    """
    found = tx.execute(
        select(Order.id, Order.cooperative_id).where(Order.public_id == order_id)
    ).first()
    if found is None:
        raise NotFound()
    actor.require(Permission.ORDER_READ, found.cooperative_id)
    (head,) = _to_ship(tx, select(Order.id).where(Order.id == found.id))
    invoices = invoices_of(tx, [found.id])
    return OrderDesk(
        head,
        tuple(shipments_of(tx, [found.id])),
        tuple(acceptances_of(tx, [found.id])),
        tuple(invoices),
        sum((invoice.amount for invoice in invoices), ZERO),
    )


def carriers(tx: Session) -> list[tuple[str, str]]:
    """Public id and name of every carrier, by name."""
    found = tx.execute(
        select(Organisation.public_id, Organisation.name)
        .where(Organisation.kind == OrganisationKind.CARRIER)
        .order_by(Organisation.code)
    )
    return [(public_id, name) for public_id, name in found]


def acceptance_desk(tx: Session, union_id: int, actor: Actor) -> AcceptanceDesk:
    """What waits for a union's receivers, first arrived first, and the last 50 signed.

    Raises:
        NotFound, NotAllowed: `acceptance:sign` in the union is needed.
    """
    actor.require(Permission.ACCEPTANCE_SIGN, union_id)
    mine = Purchase.union_id == union_id
    to_count = (
        select(Shipment.id)
        .join(Order, Order.id == Shipment.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(mine, Shipment.id.not_in(_counted()))
    )
    signing = (
        select(Acceptance.id)
        .join(Order, Order.id == Acceptance.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(mine)
    )
    return AcceptanceDesk(
        tuple(_arrivals(tx, to_count)),
        tuple(_signings(tx, signing.where(Acceptance.state == AcceptanceState.FIRST_SIGNED))),
        tuple(
            reversed(
                _signings(
                    tx,
                    signing.where(Acceptance.state == AcceptanceState.SIGNED)
                    .order_by(Acceptance.id.desc())
                    .limit(50),
                )
            )
        ),
    )


def arrival(tx: Session, shipment_id: str, actor: Actor) -> Arrival:
    """A shipment for whoever has to check it: a union's signers, or the retail buyer.

    Raises:
        NotFound: there is none, or it is for somebody else.
        NotAllowed: of the union, but without `acceptance:sign`.
    """
    found = _arrivals(tx, select(Shipment.id).where(Shipment.public_id == shipment_id))
    if not found:
        raise NotFound()
    _may_check(found[0].buyer, actor, Permission.ACCEPTANCE_SIGN)
    return found[0]


def signing(tx: Session, acceptance_id: str, actor: Actor) -> Signing:
    """An acceptance for the buyer's people.

    Raises:
        NotFound: there is none, or it is somebody else's.
        NotAllowed: of the union, but without a role that reads purchases.
    """
    found = _signings(tx, select(Acceptance.id).where(Acceptance.public_id == acceptance_id))
    if not found:
        raise NotFound()
    _may_check(found[0].buyer, actor, Permission.PURCHASE_READ)
    return found[0]


def actions_for(signing: Signing, actor: Actor) -> list[str]:
    """What this actor may do to an acceptance now; pages show these as buttons.

    The first signer is not offered the second signature; goods go back once it is signed.
    """
    acceptance, union_id = signing.acceptance, signing.buyer.union_id
    own = union_id is None and signing.buyer.buyer_id == actor.user_id
    allowed = [
        move.action
        for move in ACCEPTANCE.moves
        if move.from_state is acceptance.state
        and move.needs is not None
        and union_id is not None
        and actor.may(move.needs, union_id)
        and not (move.not_by_who_did and acceptance.first_signer_id == actor.user_id)
    ]
    if (
        acceptance.state is AcceptanceState.SIGNED
        and any(line.returnable for line in acceptance.lines)
        and (own or (union_id is not None and actor.may(Permission.RETURN_REQUEST, union_id)))
    ):
        allowed.append("return")
    return allowed


def invoice(tx: Session, invoice_id: str, actor: Actor) -> InvoiceRow:
    """One invoice, for the cooperative that recorded it and for its buyer.

    Raises:
        NotFound: there is none, or it is between others.
    """
    found = tx.execute(
        select(Invoice.order_id, Order.cooperative_id)
        .join(Order, Order.id == Invoice.order_id)
        .where(Invoice.public_id == invoice_id)
    ).first()
    if found is None:
        raise NotFound()
    if not actor.may(Permission.ORDER_READ, found.cooperative_id):
        buyer = _buyers(tx, [found.order_id])[found.order_id]
        _may_check(buyer, actor, Permission.PURCHASE_READ)
    return next(row for row in invoices_of(tx, [found.order_id]) if row.public_id == invoice_id)


def _may_check(buyer: Buyer, actor: Actor, permission: Permission) -> None:
    if buyer.union_id is not None:
        actor.require(permission, buyer.union_id)
    elif actor.user_id is None or buyer.buyer_id != actor.user_id:
        raise NotFound()


def _counted() -> Select[int]:
    return select(Acceptance.shipment_id).where(Acceptance.state != AcceptanceState.WITHDRAWN)


def _to_ship(tx: Session, keys: Select[int]) -> list[OrderToShip]:
    wanted = list(tx.execute(keys).scalars())
    buyers = _buyers(tx, wanted)
    held = posting.balances(tx, AccountKind.ESCROW, wanted)
    return [
        OrderToShip(
            order,
            buyers[order.id],
            buyers[order.id].terms is PaymentTerms.AFTER or held[order.id] >= _uncounted(order),
            sum(lot.to_ship for line in order.lines for lot in line.lots),
        )
        for order in orders_by_key(tx, wanted)
    ]


def _uncounted(order: OrderRow) -> Money:
    """What the units not yet checked by the buyer cost."""
    return sum(
        (
            line.price * (lot.kept_units - lot.accepted_units - lot.short_units - lot.damaged_units)
            for line in order.lines
            for lot in line.lots
        ),
        ZERO,
    )


def _buyers(tx: Session, order_keys: Iterable[int]) -> dict[int, Buyer]:
    rows = tx.execute(
        select(Order.id, Purchase, User.name, Organisation.name)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .join(User, User.id == Purchase.buyer_id)
        .outerjoin(Organisation, Organisation.id == Purchase.union_id)
        .where(Order.id.in_(list(order_keys)))
    )
    return {
        key: Buyer(
            thing.public_id,
            thing.number,
            thing.kind,
            thing.terms,
            thing.union_id,
            thing.buyer_id,
            union or person,
            thing.recipient,
            thing.phone,
            thing.address,
            thing.note,
            thing.submitted_at,
        )
        for key, thing, person, union in rows
    }


def _sellers(tx: Session, order_keys: Iterable[int]) -> dict[int, tuple[str, str]]:
    rows = tx.execute(
        select(Order.id, Order.number, Organisation.name)
        .join(Organisation, Organisation.id == Order.cooperative_id)
        .where(Order.id.in_(list(order_keys)))
    )
    return {key: (number, name) for key, number, name in rows}


def _arrivals(tx: Session, keys: Select[int]) -> list[Arrival]:
    found = shipments_by_key(tx, tx.execute(keys).scalars())
    order_keys = {shipment.order_id for shipment in found}
    sellers, buyers = _sellers(tx, order_keys), _buyers(tx, order_keys)
    return [
        Arrival(shipment, *sellers[shipment.order_id], buyers[shipment.order_id])
        for shipment in found
    ]


def _signings(tx: Session, keys: Select[int]) -> list[Signing]:
    found = acceptances_by_key(tx, tx.execute(keys).scalars())
    shipments = {
        row.id: row for row in shipments_by_key(tx, {thing.shipment_id for thing in found})
    }
    order_keys = {thing.order_id for thing in found}
    sellers, buyers = _sellers(tx, order_keys), _buyers(tx, order_keys)
    return [
        Signing(
            thing, shipments[thing.shipment_id], *sellers[thing.order_id], buyers[thing.order_id]
        )
        for thing in found
    ]
