"""Reading prices for those who draft and those who decide."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, literal, null, select
from sqlalchemy.orm import Session, aliased

from products.catalogue.models import Discount, PriceComposition, Product, Specification
from products.catalogue.queries import composition_of, ladders, prices_on
from products.catalogue.rules import Reduction, at_price, reduced
from products.catalogue.states import PriceState
from products.prices.deciding import KINDS
from products.prices.drafting import LIFECYCLES
from products.prices.freight import zones_of
from products.prices.models import FreightTable
from products.prices.rows import Effect, GoodsRow, PaperPage, PaperRow
from products.prices.rules import differences
from shop.core.actors import Actor
from shop.core.audit import history
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P
from shop.identity.models import User
from shop.organisations.models import Organisation
from shop.organisations.queries import OrganisationRow

#: At most so many are listed.
MOST = 200

_drafter, _decider, _union = aliased(User), aliased(User), aliased(Organisation)


def goods(
    tx: Session, cooperative: OrganisationRow, actor: Actor, today: date
) -> tuple[GoodsRow, ...]:
    """Every specification of a cooperative with its price, those without one first.

    Raises:
        NotFound, NotAllowed: `catalogue:edit` at the cooperative is needed.
    """
    actor.require(P.CATALOGUE_EDIT, cooperative.id)
    current = prices_on(today)
    later = (
        select(
            PriceComposition.specification_id,
            func.min(PriceComposition.from_day).label("from_day"),
        )
        .where(PriceComposition.from_day > today, PriceComposition.state == PriceState.APPROVED)
        .group_by(PriceComposition.specification_id)
        .subquery()
    )
    now, coming = aliased(PriceComposition), aliased(PriceComposition)
    rows = tx.execute(
        select(Product, Specification, now, coming)
        .join(Specification, Specification.product_id == Product.id)
        .outerjoin(current, current.c.specification_id == Specification.id)
        .outerjoin(now, now.id == current.c.id)
        .outerjoin(later, later.c.specification_id == Specification.id)
        .outerjoin(
            coming,
            and_(
                coming.specification_id == Specification.id,
                coming.from_day == later.c.from_day,
                coming.state == PriceState.APPROVED,
            ),
        )
        .where(Product.cooperative_id == cooperative.id)
        .order_by(now.id.is_not(None), Product.name, Specification.net_grams, Specification.id)
    )
    return tuple(
        GoodsRow(
            specification.public_id,
            product.name,
            product.name_en,
            specification.name,
            specification.name_en,
            price.price if price else None,
            price.tax_class if price else None,
            price.from_day if price else None,
            nxt.price if nxt else None,
            nxt.from_day if nxt else None,
        )
        for product, specification, price, nxt in rows
    )


def papers_of(tx: Session, cooperative: OrganisationRow, actor: Actor) -> tuple[PaperRow, ...]:
    """The last 200 drafts and decisions of a cooperative, newest first.

    Raises:
        NotFound, NotAllowed: `catalogue:edit` at the cooperative is needed.
    """
    actor.require(P.CATALOGUE_EDIT, cooperative.id)
    return _papers(tx, lambda _kind: Organisation.id == cooperative.id)


def papers_waiting(tx: Session, actor: Actor) -> tuple[PaperRow, ...]:
    """What waits for approval, the one that is to begin first on top.

    Raises:
        NotAllowed: `price:approve` or `platform:read` is needed.
    """
    _oversees(actor)
    found = _papers(tx, lambda kind: kind.state == PriceState.WAITING)
    return tuple(sorted(found, key=lambda one: (one.from_day, one.drafted_at)))


def papers_decided(tx: Session, actor: Actor) -> tuple[PaperRow, ...]:
    """The last 200 that were decided, newest first.

    Raises:
        NotAllowed: `price:approve` or `platform:read` is needed.
    """
    _oversees(actor)
    return _papers(tx, lambda kind: kind.decided_at.is_not(None))


def paper(tx: Session, thing_id: str, actor: Actor, today: date) -> PaperPage:
    """One price, discount or freight table with everything to look at before deciding.

    Raises:
        NotFound: there is none, or it is another cooperative's.
    """
    prefix = thing_id.partition("_")[0]
    kind = KINDS.get(prefix)
    row = (
        tx.execute(_select(prefix, kind, kind.public_id == thing_id)).one_or_none()
        if kind is not None
        else None
    )
    if row is None:
        raise NotFound()
    thing: Any = row[0]
    cooperative: int = row.cooperative_id
    oversees = actor.may(P.PRICE_APPROVE) or actor.may(P.PLATFORM_READ)
    if not oversees and not actor.may(P.CATALOGUE_EDIT, cooperative):
        raise NotFound()
    acts = tuple(history(tx, thing_id))
    shown: dict[str, Any] = {
        "specification_id": "",
        "unit": "",
        "unit_en": "",
        "composition": None,
        "tax_class": None,
        "steps": (),
        "differences": (),
        "effects": (),
        "zones": (),
    }
    if isinstance(thing, FreightTable):
        shown["zones"] = zones_of(tx, [thing.id]).get(thing.id, ())
    else:
        specification = tx.get_one(Specification, thing.specification_id)
        shown["specification_id"] = specification.public_id
        shown["unit"], shown["unit_en"] = specification.unit, specification.unit_en
        shown |= _price(tx, thing) if isinstance(thing, PriceComposition) else _effects(tx, thing)
    return PaperPage(
        paper=_row(row),
        history=acts,
        actions=_actions(thing, cooperative, actor, {a.user_id for a in acts}, today),
        **shown,
    )


def present(tx: Session, specification_id: str, day: date) -> PriceComposition | None:
    """The price that holds on a day; what a new one is compared with and begins from."""
    current = prices_on(day)
    return tx.execute(
        select(PriceComposition)
        .join(current, current.c.id == PriceComposition.id)
        .join(Specification, Specification.id == PriceComposition.specification_id)
        .where(Specification.public_id == specification_id)
    ).scalar_one_or_none()


def named(tx: Session, specification_id: str, actor: Actor) -> tuple[Product, Specification]:
    """A specification with its product, for whoever may price it.

    Raises:
        NotFound, NotAllowed: `catalogue:edit` at the cooperative that sells it is needed.
    """
    found = tx.execute(
        select(Product, Specification)
        .join(Specification, Specification.product_id == Product.id)
        .where(Specification.public_id == specification_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    actor.require(P.CATALOGUE_EDIT, found[0].cooperative_id)
    return found[0], found[1]


def _oversees(actor: Actor) -> None:
    if not actor.may(P.PLATFORM_READ):
        actor.require(P.PRICE_APPROVE)


def _price(tx: Session, thing: PriceComposition) -> dict[str, Any]:
    made = composition_of(thing)
    before = tx.execute(
        select(PriceComposition)
        .where(
            PriceComposition.specification_id == thing.specification_id,
            PriceComposition.state == PriceState.APPROVED,
            PriceComposition.from_day < thing.from_day,
        )
        .order_by(PriceComposition.from_day.desc())
        .limit(1)
    ).scalar_one_or_none()
    return {
        "composition": made,
        "tax_class": thing.tax_class,
        "steps": tuple(
            (from_units, at_price(made, price, thing.tax_class))
            for from_units, price in ladders(tx, [thing.id]).get(thing.id, ())
        ),
        "differences": differences(composition_of(before) if before else None, made),
    }


def _effects(tx: Session, thing: Discount) -> dict[str, Any]:
    current = prices_on(thing.from_day)
    base = tx.execute(
        select(PriceComposition)
        .join(current, current.c.id == PriceComposition.id)
        .where(PriceComposition.specification_id == thing.specification_id)
    ).scalar_one_or_none()
    if base is None:
        return {}
    made, reduction = composition_of(base), Reduction(thing.price, thing.percent)
    rungs = ((1, made.price), *ladders(tx, [base.id]).get(base.id, ()))
    return {
        "effects": tuple(
            Effect(
                from_units,
                at_price(made, price, base.tax_class),
                at_price(made, reduced(made, price, (reduction,)), base.tax_class),
            )
            for from_units, price in rungs
        )
    }


def _actions(
    thing: Any, cooperative: int, actor: Actor, did: set[int | None], today: date
) -> tuple[str, ...]:
    """What the lifecycle lets this reader do now.

    Whoever drafted it is not offered deciding, and what has begun to count not withdrawing.
    """
    lifecycle = LIFECYCLES[type(thing)]
    counts = (
        thing.state is PriceState.APPROVED
        and thing.from_day <= today
        and not isinstance(thing, Discount)
    )
    return tuple(
        move.action
        for move in lifecycle.moves
        if move.from_state is thing.state
        and move.needs is not None
        and actor.may(move.needs, cooperative)
        and not (move.not_by_who_did and actor.user_id in did)
        and not (counts and move.action == "withdraw")
    )


def _papers(tx: Session, where: Any) -> tuple[PaperRow, ...]:
    found = [
        _row(row)
        for prefix, kind in KINDS.items()
        for row in tx.execute(
            _select(prefix, kind, where(kind)).order_by(kind.drafted_at.desc()).limit(MOST)
        )
    ]
    found.sort(key=lambda one: one.drafted_at, reverse=True)
    return tuple(found[:MOST])


def _select(prefix: str, kind: Any, where: ColumnElement[bool]) -> Select[Any]:
    """Rows of one kind with the names around it."""
    of_union = kind is Discount
    wanted = select(
        kind,
        literal(prefix).label("prefix"),
        Organisation.id.label("cooperative_id"),
        Organisation.name.label("cooperative"),
        Organisation.name_en.label("cooperative_en"),
        _drafter.name.label("drafted_by"),
        _decider.name.label("decided_by"),
        *(
            (null().label("product"), null().label("specification"))
            if kind is FreightTable
            else (Product.name.label("product"), Specification.name.label("specification"))
        ),
        *(
            (null().label("product_en"), null().label("specification_en"))
            if kind is FreightTable
            else (
                Product.name_en.label("product_en"),
                Specification.name_en.label("specification_en"),
            )
        ),
        _union.name.label("union") if of_union else null().label("union"),
        _union.name_en.label("union_en") if of_union else null().label("union_en"),
    ).select_from(kind)
    if kind is FreightTable:
        wanted = wanted.join(Organisation, Organisation.id == FreightTable.cooperative_id)
    else:
        wanted = (
            wanted.join(Specification, Specification.id == kind.specification_id)
            .join(Product, Product.id == Specification.product_id)
            .join(Organisation, Organisation.id == Product.cooperative_id)
        )
    if of_union:
        wanted = wanted.outerjoin(_union, _union.id == Discount.union_id)
    return (
        wanted.outerjoin(_drafter, _drafter.id == kind.drafted_by_id)
        .outerjoin(_decider, _decider.id == kind.decided_by_id)
        .where(where)
    )


def _row(row: Any) -> PaperRow:
    thing = row[0]
    return PaperRow(
        thing.public_id,
        row.prefix,
        thing.state,
        thing.from_day,
        getattr(thing, "until_day", None),
        row.cooperative,
        row.cooperative_en,
        f"{row.product} {row.specification}" if row.product else "",
        f"{row.product_en} {row.specification_en}" if row.product else "",
        row.union or "",
        row.union_en or "",
        getattr(thing, "price", None),
        getattr(thing, "percent", None),
        row.drafted_by or "",
        thing.drafted_at,
        row.decided_by or "",
        thing.decided_at,
    )
