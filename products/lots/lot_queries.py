"""Reading one lot: what went in, what was made of it, who stands behind it, what happened to it."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.households.models import Household, Village
from products.lots.graph_queries import Edge, drawn, edges_ahead, edges_behind
from products.lots.mass_balance import ratio_window
from products.lots.models import (
    Delivery,
    Lot,
    LotFreeze,
    LotLoss,
    LotShare,
    LotStep,
    MassAlarm,
    Process,
    ShareCorrection,
    StandingShare,
)
from products.lots.page_rows import (
    AlarmMark,
    Ancestor,
    CorrectionRow,
    FreezeRow,
    LossRow,
    LotPage,
    ShareRow,
    Step,
)
from products.lots.process_queries import process_rows
from products.lots.queries import rows_of, select_lots
from products.lots.rows import Flow, LotRow, ProcessRow, StepRow
from products.lots.states import LotDeed, LotKind
from shop.core import db
from shop.core.actors import Actor
from shop.core.audit import history
from shop.core.clock import day_of
from shop.core.errors import NotFound
from shop.core.money import Money
from shop.core.permissions import Permission as P
from shop.organisations.models import Organisation


def may_read(actor: Actor, cooperative_key: int) -> None:
    """Let whoever reads a cooperative's lots pass: its people, the platform's, auditors.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
    """
    if not actor.may(P.AUDIT_READ):
        actor.require(P.LOT_READ, cooperative_key)


def lot(tx: Session, lot_id: str, actor: Actor) -> LotPage:
    """One lot with what went in, what was made of it, who stands behind it and its history.

    Raises:
        NotFound: there is none, or not the actor's to see.
        NotAllowed: no role of the actor reads lots.
    """
    found = tx.execute(
        select_lots()
        .join(Organisation, Organisation.id == Lot.cooperative_id)
        .where(Lot.public_id == lot_id)
        .add_columns(Lot.id, Lot.note, Lot.process_id, Organisation.id, Organisation.public_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    *facts, key, note, process_id, cooperative, cooperative_id = found
    may_read(actor, cooperative)
    row = LotRow(*facts)
    behind, ahead = edges_behind(tx, key), edges_ahead(tx, key)
    rows = rows_of(tx, {key, *(lot for edge in (*behind, *ahead) for lot in edge[:2])})
    return LotPage(
        lot=row,
        note=note,
        inputs=tuple(Flow(rows[parent], g) for child, parent, g in behind if child == key),
        outputs=tuple(Flow(rows[child], g) for child, parent, g in ahead if parent == key),
        shares=_shares(tx, key),
        history=_history(tx, lot_id),
        ancestors=_tree(key, behind, rows),
        process=_process_of(tx, process_id),
        steps=_steps_of(tx, key),
        freezes=_freezes(tx, key),
        corrections=_corrections(tx, key),
        losses=_losses(tx, key),
        alarms=_alarms(tx, key),
        graph=drawn(key, [*behind, *ahead], rows),
        cooperative_id=cooperative_id,
        names=actor.may(P.HOUSEHOLD_READ, cooperative),
        window=ratio_window(tx, row.category, row.name, row.grade, day_of(row.made_at))
        if row.kind is LotKind.PROCESSED
        else None,
    )


def _tree(key: int, edges: list[Edge], rows: dict[int, LotRow]) -> tuple[Ancestor, ...]:
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
    rows = tx.execute(
        select(
            ShareCorrection.version,
            Lot.number,
            Lot.public_id,
            ShareCorrection.at,
            ShareCorrection.by,
            ShareCorrection.reason,
            db.total(LotShare.__table__.c.milligrams),
            db.total(LotShare.__table__.c.value_fen),
        )
        .join(Delivery, Delivery.id == ShareCorrection.delivery_id)
        .join(Lot, Lot.id == Delivery.lot_id)
        .outerjoin(
            LotShare,
            (LotShare.lot_id == ShareCorrection.lot_id)
            & (LotShare.version == ShareCorrection.version),
        )
        .where(ShareCorrection.lot_id == key)
        .group_by(ShareCorrection.id, Lot.id)
        .order_by(ShareCorrection.version)
    )
    return tuple(CorrectionRow(*row[:-1], value=Money(int(row[-1]))) for row in rows)


def _losses(tx: Session, key: int) -> tuple[LossRow, ...]:
    rows = tx.execute(
        select(LotLoss.grams, LotLoss.at, LotLoss.reason)
        .where(LotLoss.lot_id == key)
        .order_by(LotLoss.before_grams)
    )
    return tuple(LossRow(*row) for row in rows)


def _alarms(tx: Session, key: int) -> tuple[AlarmMark, ...]:
    rows = tx.execute(
        select(MassAlarm.public_id, MassAlarm.kind, MassAlarm.state)
        .where(MassAlarm.lot_id == key)
        .order_by(MassAlarm.id)
    )
    return tuple(AlarmMark(*row) for row in rows)


def _history(tx: Session, lot_id: str) -> tuple[Step, ...]:
    deeds = {deed.value: deed for deed in LotDeed}
    return tuple(
        Step(act.at, act.actor, deeds.get(act.action), act.action, act.reason)
        for act in history(tx, lot_id)
    )
