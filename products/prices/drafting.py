"""Drafting prices, discounts and freight tables; each counts once the platform approved it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from products.catalogue.models import (
    Discount,
    PriceComposition,
    PriceStep,
    Product,
    Specification,
)
from products.catalogue.queries import composition_of, prices_on
from products.catalogue.rules import Composition, Reduction, Steps
from products.catalogue.states import DISCOUNT, FREIGHT_TABLE, PRICE, PriceState, TaxClass
from products.prices.checks import clear, composed
from products.prices.models import FreightProvince, FreightTable, FreightZone
from products.prices.refusals import (
    DayGone,
    DayTaken,
    DiscountTooDeep,
    EndsBeforeItBegins,
    NoDiscount,
    NoPriceYet,
    OneWayOnly,
)
from products.prices.rules import Zone
from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound
from shop.core.money import Money
from shop.core.permissions import Permission
from shop.core.states import StateTable
from shop.organisations.models import Organisation, OrganisationKind

#: The lifecycle of each kind that is approved; all are kept in `products.catalogue.states`.
LIFECYCLES: dict[type[PriceComposition | Discount | FreightTable], StateTable[PriceState]] = {
    PriceComposition: PRICE,
    Discount: DISCOUNT,
    FreightTable: FREIGHT_TABLE,
}


@command
def draft_price(
    tx: Session,
    *,
    specification_id: str,
    from_day: date,
    tax_class: TaxClass,
    price: Money,
    parts: Mapping[str, Money | None],
    steps: Steps,
    send: bool,
    actor: Actor,
    now: datetime,
) -> str:
    """Draft what one unit costs from a day on, and what of it goes to whom (拟价).

    The ladder and the tax class are part of it. Nothing counts before another person of the
    platform approved it; orders keep the copy they were placed with.

    Args:
        parts: per part of the price what it gets; an open tax follows its rate, an open
            cooperative's part takes the rest.
        steps: (from units, price of each), ascending; every step sells for less than the last.
        send: send it for approval at once.

    Returns:
        The price's public id.

    Raises:
        NotFound, NotAllowed: see `Actor.require`, for `catalogue:edit` at the cooperative.
        DayGone, DayTaken, DoesNotSum, PartBelowZero, TaxDoesNotFit, LadderDoesNotFall.

    Rule: docs/money.md, “Price composition”.
    """
    specification, cooperative = _specification(tx, specification_id, actor, lock=True)
    made = composed(price, parts, tax_class, steps)
    begins(tx, PriceComposition, _priced(specification.id), from_day, now)
    row = PriceComposition(
        specification_id=specification.id,
        tax_class=tax_class,
        price=made.price,
        households=made.households,
        processing=made.processing,
        packing=made.packing,
        freight=made.freight,
        cooperative=made.cooperative,
        platform=made.platform,
        tax=made.tax,
        **_drafted(from_day, actor, now),
    )
    tx.add(row)
    tx.flush()
    tx.add_all(
        PriceStep(composition_id=row.id, from_units=from_units, price=step)
        for from_units, step in steps
    )
    _note(tx, row, cooperative, send, actor, now, price_fen=made.price.fen)
    return row.public_id


def try_price(
    tx: Session,
    *,
    specification_id: str,
    from_day: date,
    tax_class: TaxClass,
    price: Money,
    parts: Mapping[str, Money | None],
    steps: Steps,
    actor: Actor,
    now: datetime,
) -> Composition:
    """The composition a draft would have; refuses whatever `draft_price` would refuse."""
    specification, _cooperative = _specification(tx, specification_id, actor)
    made = composed(price, parts, tax_class, steps)
    begins(tx, PriceComposition, _priced(specification.id), from_day, now)
    return made


@command
def draft_discount(
    tx: Session,
    *,
    specification_id: str,
    union_id: str | None,
    from_day: date,
    until_day: date,
    price: Money | None,
    percent: int | None,
    send: bool,
    actor: Actor,
    now: datetime,
) -> str:
    """Draft a discount on a specification (优惠), for one union or for all buyers.

    Args:
        price, percent: a lower price of a unit, or so many per cent off; one of the two.

    Returns:
        The discount's public id.

    Raises:
        NotFound, NotAllowed: see `Actor.require`, for `catalogue:edit` at the cooperative.
        DayGone, DayTaken, EndsBeforeItBegins, OneWayOnly, NoPriceYet, NoDiscount.
        DiscountTooDeep: it would cost less than the households' part of the listed price.

    Rule: docs/money.md, “Discounts”.
    """
    specification, cooperative = _specification(tx, specification_id, actor, lock=True)
    if until_day < from_day:
        raise EndsBeforeItBegins()
    if (price is None) == (percent is None):
        raise OneWayOnly()
    union = _union(tx, union_id) if union_id else None
    same = (Discount.specification_id == specification.id) & (
        Discount.union_id.is_(None) if union is None else Discount.union_id == union
    )
    begins(tx, Discount, same, from_day, now)
    _cheaper(tx, specification.id, from_day, Reduction(price, percent))
    row = Discount(
        specification_id=specification.id,
        union_id=union,
        until_day=until_day,
        price=price,
        percent=percent,
        **_drafted(from_day, actor, now),
    )
    tx.add(row)
    _note(tx, row, cooperative, send, actor, now, until_day=until_day.isoformat())
    return row.public_id


@command
def draft_freight(
    tx: Session,
    *,
    cooperative_id: str,
    from_day: date,
    zones: Sequence[Zone],
    send: bool,
    actor: Actor,
    now: datetime,
) -> str:
    """Draft a cooperative's freight table (运费表); it replaces the one before from its day on.

    Args:
        zones: no two name the same province; none at all ends every surcharge.

    Returns:
        The table's public id.

    Raises:
        NotFound, NotAllowed: see `Actor.require`, for `catalogue:edit` at the cooperative.
        DayGone, DayTaken, ZoneUnclear.

    Rule: docs/money.md, “Freight surcharge”.
    """
    cooperative = _cooperative(tx, cooperative_id, actor)
    clear(zones)
    begins(tx, FreightTable, FreightTable.cooperative_id == cooperative, from_day, now)
    table = FreightTable(cooperative_id=cooperative, **_drafted(from_day, actor, now))
    tx.add(table)
    tx.flush()
    for position, zone in enumerate(zones, start=1):
        row = FreightZone(
            table_id=table.id,
            position=position,
            first_grams=zone.first_grams,
            first=zone.first,
            step_grams=zone.step_grams,
            step=zone.step,
            free_from=zone.free_from,
            free_from_grams=zone.free_from_grams,
        )
        tx.add(row)
        tx.flush()
        tx.add_all(
            FreightProvince(table_id=table.id, zone_id=row.id, province=province)
            for province in zone.provinces
        )
    _note(tx, table, cooperative, send, actor, now, lines=len(zones))
    return table.public_id


def begins(
    tx: Session,
    kind: type[PriceComposition | Discount | FreightTable],
    same: ColumnElement[bool],
    from_day: date,
    now: datetime,
) -> None:
    """Look at the day something would begin.

    Args:
        same: which rows of the kind stand for the same thing.

    Raises:
        DayGone: it is past. DayTaken: another of the same waits or counts from that day.
    """
    if from_day < day_of(now):
        raise DayGone(day=from_day.isoformat())
    standing = (PriceState.WAITING, PriceState.APPROVED)
    if tx.execute(
        select(kind.id).where(same, kind.from_day == from_day, kind.state.in_(standing))
    ).first():
        raise DayTaken()


def _cheaper(tx: Session, specification: int, day: date, reduction: Reduction) -> None:
    """A discount is one, and leaves the households' part of the listed price."""
    current = prices_on(day)
    row = tx.execute(
        select(PriceComposition)
        .join(current, current.c.id == PriceComposition.id)
        .where(PriceComposition.specification_id == specification)
    ).scalar_one_or_none()
    if row is None:
        raise NoPriceYet()
    base = composition_of(row)
    if reduction.percent is not None and not 1 <= reduction.percent <= 90:
        raise NoDiscount(price=str(base.price))
    price = reduction.of(base.price)
    if price >= base.price:
        raise NoDiscount(price=str(base.price))
    if price < max(base.households, Money(1)):
        raise DiscountTooDeep(price=str(price), households=str(base.households))


def _drafted(from_day: date, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "from_day": from_day,
        "state": PriceState.DRAFT,
        "drafted_by_id": actor.user_id,
        "drafted_at": now,
    }


def _note(
    tx: Session,
    row: PriceComposition | Discount | FreightTable,
    cooperative: int,
    send: bool,
    actor: Actor,
    now: datetime,
    **facts: Any,
) -> None:
    """Write the draft into the log and, where wished, send it on."""
    tx.flush()
    lifecycle = LIFECYCLES[type(row)]
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=lifecycle.kind,
        thing=row.public_id,
        action="draft",
        organisation_id=cooperative,
        to_state=row.state.value,
        from_day=row.from_day.isoformat(),
        **facts,
    )
    if send:
        lifecycle.move(tx, row, "send", actor=actor, now=now, organisation_id=cooperative)
        tx.flush()


def _priced(specification: int) -> ColumnElement[bool]:
    return PriceComposition.specification_id == specification


def _specification(
    tx: Session, specification_id: str, actor: Actor, *, lock: bool = False
) -> tuple[Specification, int]:
    """A specification, and the internal key of the cooperative that sells it."""
    wanted = (
        select(Specification, Product.cooperative_id)
        .join(Product, Product.id == Specification.product_id)
        .where(Specification.public_id == specification_id)
    )
    found = tx.execute(wanted.with_for_update(of=Specification) if lock else wanted).one_or_none()
    if found is None:
        raise NotFound()
    specification, cooperative = found
    actor.require(Permission.CATALOGUE_EDIT, cooperative)
    return specification, cooperative


def _cooperative(tx: Session, cooperative_id: str, actor: Actor) -> int:
    return _organisation(tx, cooperative_id, OrganisationKind.COOPERATIVE, actor)


def _union(tx: Session, union_id: str) -> int:
    return _organisation(tx, union_id, OrganisationKind.UNION)


def _organisation(
    tx: Session, public_id: str, kind: OrganisationKind, actor: Actor | None = None
) -> int:
    """The internal key of an organisation, locked; where somebody edits there, they must may."""
    found = tx.execute(
        select(Organisation.id)
        .where(Organisation.public_id == public_id, Organisation.kind == kind)
        .with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise NotFound()
    if actor is not None:
        actor.require(Permission.CATALOGUE_EDIT, found)
    return found
