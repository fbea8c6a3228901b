"""Reading lots for the pages of their cooperative: what there is, what is left, who is behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import Session

from products.catalogue.models import Product, Specification
from products.catalogue.states import Category
from products.households.models import Household
from products.lots.models import (
    Delivery,
    Lot,
)
from products.lots.rows import (
    Flow,
    LotRow,
    Making,
    Packing,
    StockGroup,
)
from products.lots.rules import TAKES
from products.lots.states import LotKind, LotState
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P

#: At most so many lots stand on one page; the oldest are offered first.
LISTED = 200
RECENT = 20

#: Something is left, and it does not stand still.
_HAS_SOME = (Lot.freezes == 0, Lot.used_grams + Lot.lost_grams < Lot.grams)
_ORDER = {kind: place for place, kind in enumerate(LotKind)}


def recent(tx: Session, cooperative_id: int, actor: Actor) -> tuple[LotRow, ...]:
    """The lots made last: rough, blended and packed, the newest first.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.LOT_READ, cooperative_id)
    rows = tx.execute(
        select_lots()
        .where(Lot.cooperative_id == cooperative_id, Lot.kind != LotKind.DELIVERY)
        .order_by(Lot.id.desc())
        .limit(RECENT)
    )
    return tuple(LotRow(*row) for row in rows)


def candidates(
    tx: Session,
    cooperative_id: int,
    actor: Actor,
    step: LotKind,
    category: Category | None = None,
) -> tuple[LotRow, ...]:
    """What a step can take: lots with something left, the oldest harvest first, at most 200.

    Args:
        category: only goods of this one.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.LOT_READ, cooperative_id)
    # What households brought stands first, remnants of earlier work behind it.
    first = [Lot.kind != LotKind.DELIVERY] if step is LotKind.PROCESSED else []
    rows = tx.execute(
        select_lots()
        .where(
            Lot.cooperative_id == cooperative_id,
            Lot.kind.in_(TAKES[step]),
            true() if category is None else Lot.category == category,
            Lot.state == LotState.RECORDED,
            *_HAS_SOME,
        )
        .order_by(*first, Lot.harvest_from, Lot.id)
        .limit(LISTED)
    )
    return tuple(LotRow(*row) for row in rows)


def processable(tx: Session, cooperative_id: int, actor: Actor) -> dict[Category, int]:
    """How many lots there are to process, by category.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.LOT_READ, cooperative_id)
    rows = tx.execute(
        select(Lot.category, func.count())
        .where(
            Lot.cooperative_id == cooperative_id,
            Lot.kind.in_(TAKES[LotKind.PROCESSED]),
            Lot.state == LotState.RECORDED,
            *_HAS_SOME,
        )
        .group_by(Lot.category)
    )
    return {category: count for category, count in rows}


def packings(tx: Session, cooperative_id: int, actor: Actor) -> tuple[Packing, ...]:
    """The specifications the cooperative packs into, by product.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.LOT_READ, cooperative_id)
    rows = tx.execute(
        select(
            Specification.public_id,
            Product.name,
            Product.grade,
            Specification.name,
            Specification.unit,
            Specification.net_grams,
            Product.category,
        )
        .join(Product, Product.id == Specification.product_id)
        .where(Product.cooperative_id == cooperative_id)
        .order_by(Product.category, Product.name, Specification.net_grams, Specification.id)
    )
    return tuple(Packing(*row) for row in rows)


def stock(tx: Session, cooperative_id: int, actor: Actor) -> tuple[StockGroup, ...]:
    """What is left of every lot, grouped by step; packed lots with units still in the store.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    actor.require(P.LOT_READ, cooperative_id)
    rows = tx.execute(
        select_lots()
        .where(
            Lot.cooperative_id == cooperative_id,
            Lot.state == LotState.RECORDED,
            or_(
                and_(Lot.kind != LotKind.PACKED, Lot.used_grams + Lot.lost_grams < Lot.grams),
                and_(
                    Lot.kind == LotKind.PACKED,
                    Lot.shipped_units + Lot.written_off_units < Lot.units,
                ),
            ),
        )
        .order_by(Lot.best_before, Lot.harvest_from, Lot.id)
    )
    groups: dict[LotKind, list[LotRow]] = defaultdict(list)
    for row in rows:
        lot = LotRow(*row)
        groups[lot.kind].append(lot)
    return tuple(
        StockGroup(kind, tuple(groups[kind])) for kind in sorted(groups, key=_ORDER.__getitem__)
    )


def making(
    lots: Iterable[LotRow],
    kind: LotKind,
    inputs: Iterable[tuple[str, int]],
    *,
    grams: int = 0,
    window: tuple[int, int] | None = None,
    packing: Packing | None = None,
    units: int = 0,
) -> Making:
    """What a lot would be if it were made of these candidates now; nothing is written.

    Args:
        lots: the candidates the page showed.
        inputs: public lot id and grams; those not among the candidates are left out.
        grams: what comes out; for packed lots the net weight of the units instead.
        window: of the ratio of what goes in, in hundredths; see `mass_balance.ratio_window`.
    """
    shown = {lot.public_id: lot for lot in lots}
    flows = tuple(Flow(shown[lot_id], taken) for lot_id, taken in inputs if lot_id in shown)
    if packing is None:
        return Making(flows, grams, kind, window=window)
    name = f"{packing.product} {packing.name}"
    return Making(flows, units * packing.net_grams, kind, units, packing.net_grams, packing=name)


def for_making(tx: Session, lot_id: str, actor: Actor) -> LotRow:
    """A lot as whoever makes goods of it sees it.

    Raises:
        NotFound, NotAllowed: `lot:make` in the lot's cooperative is needed.
    """
    found = tx.execute(
        select_lots().where(Lot.public_id == lot_id).add_columns(Lot.cooperative_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    *facts, cooperative = found
    actor.require(P.LOT_MAKE, cooperative)
    return LotRow(*facts)


def select_lots() -> Select[*tuple[Any, ...]]:
    """What a `LotRow` holds, for conditions of the caller's."""
    return (
        select(
            Lot.public_id,
            Lot.number,
            Lot.kind,
            Lot.state,
            Lot.category,
            Lot.name,
            Lot.grade,
            Lot.grams,
            Lot.used_grams,
            Lot.lost_grams,
            Lot.freezes,
            Lot.units,
            Lot.reserved_units,
            Lot.shipped_units,
            Lot.written_off_units,
            Lot.harvest_from,
            Lot.harvest_to,
            Lot.made_at,
            Lot.best_before,
            Lot.certificate,
            Lot.trace_code,
            Household.name,
            Specification.name,
            Specification.name_en,
            Specification.unit,
            Specification.unit_en,
        )
        .select_from(Lot)
        .outerjoin(Delivery, Delivery.lot_id == Lot.id)
        .outerjoin(Household, Household.id == Delivery.household_id)
        .outerjoin(Specification, Specification.id == Lot.specification_id)
    )


def rows_of(tx: Session, keys: Collection[int]) -> dict[int, LotRow]:
    """Lots by internal key."""
    if not keys:
        return {}
    rows = tx.execute(select_lots().where(Lot.id.in_(keys)).add_columns(Lot.id))
    return {key: LotRow(*facts) for *facts, key in rows}
