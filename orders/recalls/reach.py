"""What lots reach: orders, recipients and stock onward, households and deliveries backward.

Each question is one statement over the keys of the lots, however many there are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.queries import masked
from orders.purchasing.states import OrderState
from orders.recalls.rows import Reach, ReachedLot, ReachedOrder
from orders.recalls.scope import Scope, reached, started
from products.catalogue.models import Product, Specification
from products.lots.models import Lot, StandingShare
from shop.core.actors import Actor
from shop.core.permissions import Permission as P
from shop.identity.models import User
from shop.organisations.models import Organisation


def preview(tx: Session, scope: Scope, actor: Actor) -> tuple[Reach, frozenset[int]]:
    """What a recall of this scope would reach now, and the lots it would begin with.

    Raises:
        NotAllowed: `recall:open` is needed.
        NothingThere, TooWide, PeriodMissing: see `scope`.
    """
    actor.require(P.RECALL_OPEN)
    start = started(tx, scope)
    return reach(tx, reached(tx, start), actor), frozenset(start)


def reach(tx: Session, lots: Sequence[int], actor: Actor) -> Reach:
    """What these lots (internal keys) reach now."""
    return Reach(
        lots=lots_by_key(tx, lots), orders=orders_of(tx, lots, actor), households=behind(tx, lots)
    )


def lots_by_key(tx: Session, lots: Sequence[int]) -> tuple[ReachedLot, ...]:
    """Lots as they stand, by key."""
    rows = tx.execute(
        select(
            Lot,
            Organisation.name,
            Organisation.name_en,
            func.coalesce(Product.name + " " + Specification.name, Lot.name + " " + Lot.grade),
            func.coalesce(Product.name_en + " " + Specification.name_en, ""),
            func.coalesce(Specification.unit, ""),
            func.coalesce(Specification.unit_en, ""),
        )
        .join(Organisation, Organisation.id == Lot.cooperative_id)
        .outerjoin(Specification, Specification.id == Lot.specification_id)
        .outerjoin(Product, Product.id == Specification.product_id)
        .where(Lot.id.in_(lots))
        .order_by(Lot.id)
    )
    return tuple(_lot(*row) for row in rows)


def orders_of(tx: Session, lots: Sequence[int], actor: Actor) -> tuple[ReachedOrder, ...]:
    """Every order that took units of these lots and was not cancelled, by key.

    Names, telephones and addresses are whole for those who follow the cooperative's recalls.
    """
    return orders_where(
        tx,
        actor,
        Allocation.lot_id.in_(lots),
        Allocation.cancelled_units < Allocation.units,
        Order.state != OrderState.CANCELLED,
    )


def orders_where(
    tx: Session, actor: Actor, *conditions: ColumnElement[bool]
) -> tuple[ReachedOrder, ...]:
    """The orders of any allocations, cancelled ones among them."""
    union = aliased(Organisation)
    held = (
        Allocation.shipped_units
        - Allocation.short_units
        - Allocation.damaged_units
        - Allocation.returned_units
    )
    rows = tx.execute(
        select(
            Order,
            Purchase,
            func.coalesce(union.name, ""),
            User.name,
            Organisation.name,
            Organisation.name_en,
            OrderLine.product_name,
            Lot.number,
            Allocation.units - Allocation.cancelled_units,
            Allocation.shipped_units,
            held,
            Allocation.returned_units,
        )
        .select_from(Allocation)
        .join(Lot, Lot.id == Allocation.lot_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .join(User, User.id == Purchase.buyer_id)
        .join(Organisation, Organisation.id == Order.cooperative_id)
        .outerjoin(union, union.id == Purchase.union_id)
        .where(*conditions)
        .order_by(Order.id, Allocation.id)
    )
    taken: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        taken[row[0].id].append(row)
    return tuple(_order(some, actor) for some in taken.values())


def behind(tx: Session, lots: Sequence[int]) -> int:
    """How many households stand behind lots."""
    found: int = tx.execute(
        select(func.count(StandingShare.household_id.distinct())).where(
            StandingShare.lot_id.in_(lots)
        )
    ).scalar_one()
    return found


def _lot(
    lot: Lot, name: str, name_en: str, goods: str, goods_en: str, unit: str, unit_en: str
) -> ReachedLot:
    return ReachedLot(
        id=lot.id,
        public_id=lot.public_id,
        number=lot.number,
        kind=lot.kind,
        goods=goods.strip(),
        goods_en=goods_en.strip(),
        unit=unit,
        unit_en=unit_en,
        cooperative_id=lot.cooperative_id,
        cooperative=name,
        cooperative_en=name_en,
        grams=lot.grams,
        left_grams=lot.grams - lot.used_grams - lot.lost_grams,
        units=lot.units,
        reserved_units=lot.reserved_units,
        shipped_units=lot.shipped_units,
        written_off_units=lot.written_off_units,
        freezes=lot.freezes,
        harvest_from=lot.harvest_from,
        harvest_to=lot.harvest_to,
        made_at=lot.made_at,
        best_before=lot.best_before,
        certificate=lot.certificate,
        trace_code=lot.trace_code or "",
    )


def _order(taken: list[Any], actor: Actor) -> ReachedOrder:
    order, purchase, union, buyer, cooperative, cooperative_en = taken[0][:6]
    near = actor.may(P.RECALL_FOLLOW, order.cooperative_id)
    return ReachedOrder(
        id=order.id,
        public_id=order.public_id,
        number=order.number,
        state=order.state,
        purchase_id=purchase.public_id,
        purchase=purchase.number,
        union=union,
        buyer=buyer if near else masked(buyer),
        recipient=purchase.recipient if near else masked(purchase.recipient),
        phone=purchase.phone if near else "*" * 7 + purchase.phone[-4:],
        address=purchase.address if near else "***",
        cooperative_id=order.cooperative_id,
        cooperative=cooperative,
        cooperative_en=cooperative_en,
        goods="、".join(dict.fromkeys(row[6] for row in taken)),
        lots=tuple(dict.fromkeys(row[7] for row in taken)),
        units=sum(row[8] for row in taken),
        shipped_units=sum(row[9] for row in taken),
        held_units=sum(row[10] for row in taken),
        returned_units=sum(row[11] for row in taken),
    )
