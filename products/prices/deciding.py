"""Sending, approving, returning and withdrawing prices, discounts and freight tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from products.catalogue.models import Discount, PriceComposition, Product, Specification
from products.catalogue.states import PriceState
from products.prices.drafting import LIFECYCLES, begins
from products.prices.models import FreightTable
from products.prices.refusals import AlreadyCounts, DayGone
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing
from shop.core.permissions import Permission

#: Whatever is approved by two, by the beginning of its public id.
KINDS: dict[str, type[PriceComposition | Discount | FreightTable]] = {
    "price": PriceComposition,
    "discount": Discount,
    "freight": FreightTable,
}

Thing = PriceComposition | Discount | FreightTable


@command
def send(tx: Session, *, thing_id: str, actor: Actor, now: datetime) -> None:
    """Send a draft to the platform for approval.

    Raises:
        NotFound, NotAllowed: `catalogue:edit` at the cooperative is needed.
        WrongState: it is no draft. DayGone, DayTaken: its day has passed or is taken by now.
    """
    thing, cooperative = _locked(tx, thing_id, actor)
    begins(tx, type(thing), _same(thing), thing.from_day, now)
    LIFECYCLES[type(thing)].move(
        tx, thing, "send", actor=actor, now=now, organisation_id=cooperative
    )


@command
def approve(tx: Session, *, thing_id: str, actor: Actor, now: datetime) -> None:
    """Approve what a cooperative sent; it counts from its day on.

    Raises:
        NotFound, NotAllowed: `price:approve` is needed.
        SamePerson: whoever drafted or sent it may not approve it.
        WrongState: it does not wait. DayGone: its day has passed; it has to be returned.
    """
    thing, cooperative = _locked(tx, thing_id, actor)
    LIFECYCLES[type(thing)].move(
        tx, thing, "approve", actor=actor, now=now, organisation_id=cooperative
    )
    if thing.from_day < day_of(now):
        raise DayGone(day=thing.from_day.isoformat())
    thing.decided_by_id, thing.decided_at = actor.user_id, now


@command
def send_back(tx: Session, *, thing_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Return what a cooperative sent, with the reason; a new draft may follow.

    Raises:
        ReasonMissing: the cooperative must know why.
        NotFound, NotAllowed, SamePerson, WrongState: as for approving.
    """
    if not reason.strip():
        raise ReasonMissing()
    thing, cooperative = _locked(tx, thing_id, actor)
    LIFECYCLES[type(thing)].move(
        tx,
        thing,
        "return",
        actor=actor,
        now=now,
        organisation_id=cooperative,
        reason=reason.strip(),
    )
    thing.decided_by_id, thing.decided_at = actor.user_id, now


@command
def withdraw(tx: Session, *, thing_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Take a draft back, or what was approved and has not begun; a discount at any time.

    Raises:
        ReasonMissing: a reason is kept with it.
        NotFound, NotAllowed: `catalogue:edit` at the cooperative is needed.
        WrongState: it was withdrawn already.
        AlreadyCounts: a price or a freight table that has begun is followed, not taken back.
    """
    if not reason.strip():
        raise ReasonMissing()
    thing, cooperative = _locked(tx, thing_id, actor)
    actor.require(Permission.CATALOGUE_EDIT, cooperative)
    begun = thing.state is PriceState.APPROVED and thing.from_day <= day_of(now)
    if begun and not isinstance(thing, Discount):
        raise AlreadyCounts(day=thing.from_day.isoformat())
    LIFECYCLES[type(thing)].move(
        tx,
        thing,
        "withdraw",
        actor=actor,
        now=now,
        organisation_id=cooperative,
        reason=reason.strip(),
    )


def _locked(tx: Session, thing_id: str, actor: Actor) -> tuple[Thing, int]:
    """The thing, locked, and the internal key of its cooperative; strangers find nothing."""
    kind = KINDS.get(thing_id.partition("_")[0])
    if kind is None:
        raise NotFound()
    found: Any = tx.execute(
        select(kind).where(kind.public_id == thing_id).with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise NotFound()
    thing: Thing = found
    if isinstance(thing, FreightTable):
        cooperative = thing.cooperative_id
    else:
        cooperative = tx.execute(
            select(Product.cooperative_id)
            .join(Specification, Specification.product_id == Product.id)
            .where(Specification.id == thing.specification_id)
        ).scalar_one()
    if not actor.belongs_to(cooperative):
        raise NotFound()
    return thing, cooperative


def _same(thing: Thing) -> ColumnElement[bool]:
    """Which rows stand for the same thing as this one."""
    if isinstance(thing, FreightTable):
        return FreightTable.cooperative_id == thing.cooperative_id
    if isinstance(thing, Discount):
        return (Discount.specification_id == thing.specification_id) & (
            Discount.union_id.is_(None)
            if thing.union_id is None
            else Discount.union_id == thing.union_id
        )
    return PriceComposition.specification_id == thing.specification_id
