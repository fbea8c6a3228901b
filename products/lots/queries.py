"""Reading lots for the pages of their cooperative: what there is, what is left, who is behind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from products.catalogue.models import Product, Specification
from products.catalogue.states import Category
from products.households.models import Household, Village
from products.lots.mass_balance import ratio_window
from products.lots.models import (
    Delivery,
    Lot,
    LotFreeze,
    LotInput,
    LotStep,
    Process,
    ShareCorrection,
    StandingShare,
)
from products.lots.process_queries import process_rows
from products.lots.rows import (
    Ancestor,
    CorrectionRow,
    Flow,
    FreezeRow,
    LotPage,
    LotRow,
    Making,
    Packing,
    ProcessRow,
    ShareRow,
    Step,
    StepRow,
    StockGroup,
)
from products.lots.rules import TAKES
from products.lots.states import LotDeed, LotKind, LotState
from shop.core.actors import Actor
from shop.core.audit import history
from shop.core.clock import day_of
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
        _lots()
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
        _lots()
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
        _lots()
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


def lot(tx: Session, lot_id: str, cooperative_id: int, actor: Actor) -> LotPage:
    """One lot with what went in, what was made of it, who stands behind it and its history.

    Raises:
        NotFound: there is none in this cooperative, or not the actor's to see.
        NotAllowed: no role of the actor reads lots.
    """
    actor.require(P.LOT_READ, cooperative_id)
    found = tx.execute(
        _lots()
        .where(Lot.public_id == lot_id, Lot.cooperative_id == cooperative_id)
        .add_columns(Lot.id, Lot.note, Lot.process_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    *facts, key, note, process_id = found
    row = LotRow(*facts)
    edges = _edges_behind(tx, key)
    behind = _rows_of(tx, {parent for _child, parent, _grams in edges})
    return LotPage(
        lot=row,
        note=note,
        inputs=tuple(Flow(behind[parent], g) for child, parent, g in edges if child == key),
        outputs=_outputs(tx, key),
        shares=_shares(tx, key),
        history=_history(tx, lot_id),
        ancestors=_tree(key, edges, behind),
        process=_process_of(tx, process_id),
        steps=_steps_of(tx, key),
        freezes=_freezes(tx, key),
        corrections=_corrections(tx, key),
        window=ratio_window(tx, row.category, row.name, row.grade, day_of(row.made_at))
        if row.kind is LotKind.PROCESSED
        else None,
    )


def _lots() -> Select[*tuple[Any, ...]]:
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


def _edges_behind(tx: Session, key: int) -> list[tuple[int, int, int]]:
    """Every (child, parent, grams) on the way from a lot down to its deliveries."""
    first = select(LotInput.child_id, LotInput.parent_id, LotInput.grams).where(
        LotInput.child_id == key
    )
    behind = first.cte("behind", recursive=True)
    behind = behind.union(
        select(LotInput.child_id, LotInput.parent_id, LotInput.grams).join(
            behind, LotInput.child_id == behind.c.parent_id
        )
    )
    rows = tx.execute(
        select(behind.c.child_id, behind.c.parent_id, behind.c.grams).order_by(
            behind.c.child_id, behind.c.parent_id
        )
    )
    return [(child, parent, grams) for child, parent, grams in rows]


def _rows_of(tx: Session, keys: set[int]) -> dict[int, LotRow]:
    if not keys:
        return {}
    rows = tx.execute(_lots().where(Lot.id.in_(keys)).add_columns(Lot.id))
    return {key: LotRow(*facts) for *facts, key in rows}


def _tree(
    key: int, edges: list[tuple[int, int, int]], rows: dict[int, LotRow]
) -> tuple[Ancestor, ...]:
    """The parents of a lot with theirs behind them; children are younger, so it ends."""
    below: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for child, parent, grams in edges:
        below[child].append((parent, grams))
    known: dict[int, tuple[Ancestor, ...]] = {}
    for child in sorted({*below, key}):
        known[child] = tuple(
            Ancestor(rows[parent], grams, known.get(parent, ())) for parent, grams in below[child]
        )
    return known[key]


def _outputs(tx: Session, key: int) -> tuple[Flow, ...]:
    rows = tx.execute(
        _lots()
        .join(LotInput, LotInput.child_id == Lot.id)
        .where(LotInput.parent_id == key)
        .add_columns(LotInput.grams)
        .order_by(LotInput.before_grams)
    )
    return tuple(Flow(LotRow(*facts), grams) for *facts, grams in rows)


def _shares(tx: Session, key: int) -> tuple[ShareRow, ...]:
    rows = tx.execute(
        select(
            Household.name,
            Village.name,
            StandingShare.milligrams,
            StandingShare.value,
            StandingShare.paid,
        )
        .join(Household, Household.id == StandingShare.household_id)
        .join(Village, Village.id == Household.village_id)
        .where(StandingShare.lot_id == key)
        .order_by(StandingShare.value.desc(), Household.public_id)
    )
    return tuple(ShareRow(*row) for row in rows)


def _process_of(tx: Session, process_id: int | None) -> ProcessRow | None:
    return next(iter(process_rows(tx, Process.id == process_id)), None) if process_id else None


def _steps_of(tx: Session, key: int) -> tuple[StepRow, ...]:
    rows = tx.execute(
        select(LotStep.position, LotStep.name, LotStep.name_en, LotStep.note)
        .where(LotStep.lot_id == key)
        .order_by(LotStep.position)
    )
    return tuple(StepRow(*row) for row in rows)


def _freezes(tx: Session, key: int) -> tuple[FreezeRow, ...]:
    rows = tx.execute(
        select(
            LotFreeze.cause,
            LotFreeze.about,
            LotFreeze.reason,
            LotFreeze.since,
            LotFreeze.lifted_at,
            LotFreeze.lift_reason,
        )
        .where(LotFreeze.lot_id == key)
        .order_by(LotFreeze.id)
    )
    return tuple(FreezeRow(*row) for row in rows)


def _corrections(tx: Session, key: int) -> tuple[CorrectionRow, ...]:
    wrong = aliased(Lot)
    rows = tx.execute(
        select(ShareCorrection.version, wrong.number, ShareCorrection.at, ShareCorrection.reason)
        .join(Delivery, Delivery.id == ShareCorrection.delivery_id)
        .join(wrong, wrong.id == Delivery.lot_id)
        .where(ShareCorrection.lot_id == key)
        .order_by(ShareCorrection.version)
    )
    return tuple(CorrectionRow(*row) for row in rows)


def _history(tx: Session, lot_id: str) -> tuple[Step, ...]:
    deeds = {deed.value: deed for deed in LotDeed}
    return tuple(
        Step(act.at, act.actor, deeds.get(act.action), act.action, act.reason)
        for act in history(tx, lot_id)
    )
