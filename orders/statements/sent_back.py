"""What buyers sent back of households' goods, and what each return does to their money.

However a return was entered (asked for, of a recall, or registered), it is one row of
`goods_return` and is told here the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from orders.documents.attribution import counting
from orders.settlements.models import SettlementItem, SettlementRun
from orders.shipments.models import AcceptanceLine, Return, ReturnLine
from orders.statements.made import within
from orders.statements.periods import Period
from products.catalogue.models import Product, Specification
from products.lots.models import Lot, LotShare
from shop.core import db
from shop.core.clock import day_of
from shop.core.labels import N_, Labelled
from shop.core.money import Money


class Effect(Labelled):
    """What a return does to a household's money. Place: ``%(day)s``."""

    NOT_SHARED = "not_shared", N_("这些货还没有分过钱，您的账不变。")
    NEXT = "next", N_("下次结算时减去；鲜叶款和已经打到您卡上的钱不用退。")
    SETTLED = "settled", N_("%(day)s 结算时已经减去；鲜叶款和已经打到您卡上的钱不用退。")


@dataclass(frozen=True, slots=True)
class SentBack:
    """Units of one lot that came back by one return; `settled_on` where a run took them out."""

    number: str
    on: date
    reason: str
    lot_id: str
    lot: str
    name: str
    name_en: str
    unit: str
    unit_en: str
    units: int
    effect: Effect
    settled_on: date | None


def sent_back(tx: Session, keys: Sequence[int], period: Period) -> dict[int, list[SentBack]]:
    """What came back in a period of the lots behind which these households (keys) stand."""
    behind = _behind(tx, keys)
    if not behind:
        return defaultdict(list)
    lots = select(Lot.id).where(Lot.id.in_(sorted(behind)))
    counted = counting(lots)
    rows: Any = tx.execute(
        select(
            Return.number,
            Return.at,
            Return.reason,
            Lot.id,
            Lot.public_id,
            Lot.number,
            Product.name + " " + Specification.name,
            Product.name_en + " " + Specification.name_en,
            Specification.unit,
            Specification.unit_en,
            ReturnLine.units,
            counted.c.at,
        )
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .join(AcceptanceLine, AcceptanceLine.id == ReturnLine.acceptance_line_id)
        .join(Lot, Lot.id == AcceptanceLine.lot_id)
        .join(Specification, Specification.id == Lot.specification_id)
        .join(Product, Product.id == Specification.product_id)
        .outerjoin(counted, counted.c.id == AcceptanceLine.id)
        .where(Lot.id.in_(lots), *within(Return.at, period))
        .order_by(Return.at, Return.id, ReturnLine.id)
    ).all()
    runs = _runs(tx, {row[3] for row in rows})
    found: dict[int, list[SentBack]] = defaultdict(list)
    for number, at, reason, key, lot_id, lot, name, name_en, unit, unit_en, units, since in rows:
        effect, settled_on = _effect(at, since, runs[key])
        one = SentBack(
            number,
            day_of(at),
            reason,
            lot_id,
            lot,
            name,
            name_en,
            unit,
            unit_en,
            units,
            effect,
            settled_on,
        )
        for household_id in behind[key]:
            found[household_id].append(one)
    return found


def carried(tx: Session, keys: Sequence[int]) -> dict[int, Money]:
    """What of these households' money is covered by others now, in all their lots."""
    item = SettlementItem.__table__.c
    rows = tx.execute(
        select(item.household_id, db.total(item.covered_fen - item.recovered_fen))
        .where(item.household_id.in_(keys))
        .group_by(item.household_id)
    )
    return {key: Money(int(fen)) for key, fen in rows if fen}


def _effect(
    at: datetime, since: datetime | None, runs: Sequence[datetime]
) -> tuple[Effect, date | None]:
    """What a return did: `since` is when its goods began to count, `runs` those of their lot."""
    if since is None or not any(since <= run < at for run in runs):
        return Effect.NOT_SHARED, None
    after = next((run for run in runs if run >= at), None)
    return (Effect.SETTLED, day_of(after)) if after else (Effect.NEXT, None)


def _behind(tx: Session, keys: Sequence[int]) -> dict[int, list[int]]:
    rows = tx.execute(
        select(LotShare.lot_id, LotShare.household_id)
        .join(Lot, and_(Lot.id == LotShare.lot_id, Lot.share_version == LotShare.version))
        .where(LotShare.household_id.in_(keys), Lot.specification_id.is_not(None))
        .order_by(LotShare.household_id)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for lot_id, household_id in rows:
        found[lot_id].append(household_id)
    return found


def _runs(tx: Session, lots: set[int]) -> dict[int, list[datetime]]:
    """When runs posted something of these lots, oldest first."""
    rows = tx.execute(
        select(SettlementItem.lot_id, SettlementRun.posted_at)
        .join(SettlementRun, SettlementRun.id == SettlementItem.run_id)
        .where(SettlementItem.lot_id.in_(lots), SettlementRun.posted_at.is_not(None))
        .distinct()
        .order_by(SettlementRun.posted_at)
    )
    found: dict[int, list[datetime]] = defaultdict(list)
    for lot_id, at in rows:
        assert at is not None
        found[lot_id].append(at)
    return found
