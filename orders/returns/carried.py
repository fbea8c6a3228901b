"""What is carried (结转): covered after a return, recovered from later rises only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, func, select, tuple_, type_coerce
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation
from orders.purchasing.queries import masked
from orders.settlements.models import SettlementItem, SettlementRun
from orders.shipments.models import AcceptanceLine, Return, ReturnLine
from products.households.models import Household
from products.lots.models import Lot
from shop.core import db
from shop.core.actors import Actor
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission


@dataclass(frozen=True, slots=True)
class Carried:
    """What was covered for one household in one lot, what of it was recovered, what is open."""

    household: str
    covered: Money
    recovered: Money
    since: datetime | None

    @property
    def open(self) -> Money:
        """What later rises of this household in this lot still give back."""
        return self.covered - self.recovered


@dataclass(frozen=True, slots=True)
class CarriedLot:
    """The same for one lot; `returns` are (public id, number) of what came back of it."""

    lot: str
    households: tuple[Carried, ...]
    returns: tuple[tuple[str, str], ...]

    @property
    def covered(self) -> Money:
        """What was covered for all its households."""
        return total([one.covered for one in self.households])

    @property
    def recovered(self) -> Money:
        """What of it was recovered."""
        return total([one.recovered for one in self.households])

    @property
    def open(self) -> Money:
        """What later rises of its households still give back."""
        return total([one.open for one in self.households])

    @property
    def since(self) -> datetime | None:
        """When something was covered first."""
        return min((one.since for one in self.households if one.since), default=None)


def of_cooperative(tx: Session, cooperative_id: int, actor: Actor) -> list[CarriedLot]:
    """What a cooperative (internal key) carries for its households, lots with something open first.

    Raises:
        NotFound, NotAllowed: `order:read` in the cooperative is needed.
    """
    actor.require(Permission.ORDER_READ, cooperative_id)
    return _carried(tx, Lot.cooperative_id == cooperative_id)


def everything(tx: Session, actor: Actor) -> list[CarriedLot]:
    """What every cooperative carries, for the platform and its auditors, names masked.

    Raises:
        NotAllowed: `platform:read` is needed.
    """
    actor.require(Permission.PLATFORM_READ)
    return [
        replace(
            lot,
            households=tuple(
                replace(one, household=masked(one.household)) for one in lot.households
            ),
        )
        for lot in _carried(tx, Lot.id > 0)
    ]


def _carried(tx: Session, which: ColumnElement[bool]) -> list[CarriedLot]:
    touched = (
        select(SettlementItem.lot_id, SettlementItem.household_id)
        .join(Lot, Lot.id == SettlementItem.lot_id)
        .where(which, SettlementItem.covered > ZERO)
    )
    rows = tx.execute(
        select(
            Lot.id,
            Lot.number,
            Household.name,
            db.total(type_coerce(SettlementItem.covered, BigInteger)),
            db.total(type_coerce(SettlementItem.recovered, BigInteger)),
            func.min(SettlementRun.posted_at),
        )
        .select_from(SettlementItem)
        .join(Lot, Lot.id == SettlementItem.lot_id)
        .join(Household, Household.id == SettlementItem.household_id)
        .join(SettlementRun, SettlementRun.id == SettlementItem.run_id)
        .where(tuple_(SettlementItem.lot_id, SettlementItem.household_id).in_(touched))
        .group_by(Lot.id, Lot.number, Household.id, Household.name)
        .order_by(Lot.number, Household.name)
    ).all()
    causes = _returns(tx, {row[0] for row in rows})
    lots: dict[tuple[int, str], list[Carried]] = defaultdict(list)
    for key, lot, name, covered, recovered, since in rows:
        lots[key, lot].append(Carried(name, Money(int(covered)), Money(int(recovered)), since))
    found = [
        CarriedLot(lot, tuple(households), causes.get(key, ()))
        for (key, lot), households in lots.items()
    ]
    return sorted(found, key=lambda lot: lot.open.fen == 0)


def _returns(tx: Session, lot_ids: set[int]) -> dict[int, tuple[tuple[str, str], ...]]:
    rows = tx.execute(
        select(Allocation.lot_id, Return.public_id, Return.number)
        .join(AcceptanceLine, AcceptanceLine.allocation_id == Allocation.id)
        .join(ReturnLine, ReturnLine.acceptance_line_id == AcceptanceLine.id)
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Allocation.lot_id.in_(lot_ids))
        .distinct()
        .order_by(Allocation.lot_id, Return.number)
    )
    found: dict[int, tuple[tuple[str, str], ...]] = {}
    for lot_id, public_id, number in rows:
        found[lot_id] = (*found.get(lot_id, ()), (public_id, number))
    return found
