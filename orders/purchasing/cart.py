"""The cart: a visitor's, a person's own, and the list a clerk gathers for a union (采购清单)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from orders.purchasing.cart_owners import Owner, owner_of
from orders.purchasing.models import CartLine
from orders.purchasing.placing import NotOnSale
from products.catalogue.models import Specification
from products.catalogue.queries import Offer, offers
from products.lots.stock import SoldOut
from shop.core import clock
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.db import insert_if_new
from shop.core.errors import NotFound


@command
def add_units(
    tx: Session,
    *,
    specification_id: str,
    units: int,
    actor: Actor,
    now: datetime,
    union_id: str | None = None,
    visitor_key: str | None = None,
) -> int:
    """Put units of a specification into the cart, on top of what lies there.

    Returns:
        How many units the line holds now.

    Raises:
        NotFound, NotAllowed: see `owner_of`.
        NotOnSale: it is not on offer today.
        SoldOut: the line would hold more than can be bought.
    """
    owner = owner_of(tx, actor=actor, union_id=union_id, visitor_key=visitor_key)
    offer = _offer(tx, specification_id, now)
    line = _line(tx, owner, offer.specification_key)
    return _write(tx, owner, offer, units + (line.units if line else 0), now)


@command
def set_line(
    tx: Session,
    *,
    specification_id: str,
    units: int,
    actor: Actor,
    now: datetime,
    union_id: str | None = None,
    visitor_key: str | None = None,
) -> None:
    """Set a line of the cart to so many units; none takes the line out, whatever its state.

    Raises:
        NotFound, NotAllowed: see `owner_of`.
        NotOnSale: it is not on offer today.
        SoldOut: fewer units can be bought.
    """
    owner = owner_of(tx, actor=actor, union_id=union_id, visitor_key=visitor_key)
    if units <= 0:
        _remove(tx, owner, (specification_id,))
        return
    _write(tx, owner, _offer(tx, specification_id, now), units, now)


@command
def take_out(
    tx: Session,
    *,
    specification_ids: Sequence[str],
    actor: Actor,
    now: datetime,
    union_id: str | None = None,
    visitor_key: str | None = None,
) -> None:
    """Take specifications out of the cart, such as those that have just been bought.

    Raises:
        NotFound, NotAllowed: see `owner_of`.
    """
    owner = owner_of(tx, actor=actor, union_id=union_id, visitor_key=visitor_key)
    _remove(tx, owner, specification_ids)


@command
def merge_visitor(tx: Session, *, visitor_key: str, actor: Actor, now: datetime) -> int:
    """Bring what a visitor had gathered into the cart of the person who has signed in.

    Where both carts hold the same specification the higher number of units stays.

    Returns:
        How many lines the visitor's cart had.

    Raises:
        NotFound: nobody is signed in.

    Rule: of a line in both carts the higher quantity wins, and the person is told.
    """
    if actor.user_id is None:
        raise NotFound()
    mine = Owner(actor.user_id, None, None)
    gathered = (
        tx.execute(
            select(CartLine)
            .where(Owner(None, None, visitor_key).owns())
            .order_by(CartLine.specification_id)
        )
        .scalars()
        .all()
    )
    for line in gathered:
        row = {
            **mine.columns(),
            "specification_id": line.specification_id,
            "units": line.units,
            "seen_price_fen": line.seen_price,
            "added_at": line.added_at,
        }
        if not insert_if_new(tx, CartLine, row):
            tx.execute(
                update(CartLine)
                .where(
                    mine.owns(),
                    CartLine.specification_id == line.specification_id,
                    CartLine.units < line.units,
                )
                .values(units=line.units)
            )
    tx.execute(delete(CartLine).where(Owner(None, None, visitor_key).owns()))
    return len(gathered)


def _offer(tx: Session, specification_id: str, now: datetime) -> Offer:
    found = offers(tx, [specification_id], clock.day_of(now)).get(specification_id)
    if found is None:
        raise NotOnSale(field="units")
    return found


def _line(tx: Session, owner: Owner, specification: int) -> CartLine | None:
    return tx.execute(
        select(CartLine)
        .where(owner.owns(), CartLine.specification_id == specification)
        .with_for_update()
    ).scalar_one_or_none()


def _write(tx: Session, owner: Owner, offer: Offer, units: int, now: datetime) -> int:
    """Make the line hold so many units at today's price."""
    if units > offer.available:
        raise SoldOut(field="units", name=offer.product_name, left=offer.available, unit=offer.unit)
    row = {
        **owner.columns(),
        "specification_id": offer.specification_key,
        "units": units,
        "seen_price_fen": offer.composition.price,
        "added_at": now,
    }
    if not insert_if_new(tx, CartLine, row):
        tx.execute(
            update(CartLine)
            .where(owner.owns(), CartLine.specification_id == offer.specification_key)
            .values(units=units, seen_price=offer.composition.price)
        )
    return units


def _remove(tx: Session, owner: Owner, specification_ids: Sequence[str]) -> None:
    named = select(Specification.id).where(Specification.public_id.in_(specification_ids))
    tx.execute(delete(CartLine).where(owner.owns(), CartLine.specification_id.in_(named)))
