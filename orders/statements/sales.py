"""What lots have sold, whose sales those are, and what is still unsold."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, OrderLine
from orders.settlements.figures import growers
from orders.settlements.kernel import open_receivables
from orders.settlements.rules import shares
from orders.shipments.models import Acceptance, AcceptanceLine
from orders.shipments.states import AcceptanceState
from orders.statements.rules import unsold_part
from products.catalogue.models import Product, Specification
from products.lots.lineage import of_households
from products.lots.models import Lot, StandingShare
from products.lots.states import LotKind, LotState
from shop.core import db
from shop.core.money import Money


@dataclass(frozen=True, slots=True)
class Earned:
    """Accepted, paid and kept units of a lot and their full price."""

    units: int
    revenue: Money


@dataclass(frozen=True, slots=True)
class PackedLot:
    """A packed lot as a statement names it; `id` never leaves the server."""

    id: int
    public_id: str
    number: str
    name: str
    name_en: str
    unit: str
    unit_en: str
    units: int


@dataclass(frozen=True, slots=True)
class Unsold:
    """Consigned goods of a household still in one lot, by their agreed value."""

    number: str
    name: str
    kind: LotKind
    value: Money


def of_lots(tx: Session, lot_ids: list[int]) -> dict[int, Earned]:
    """What each lot (internal key) has sold by now, under the same rule as settlement's C."""
    kept = AcceptanceLine.accepted_units - AcceptanceLine.returned_units
    rows = tx.execute(
        select(
            Allocation.lot_id,
            db.total(kept),
            db.total(OrderLine.__table__.c.price_fen * kept),
        )
        .select_from(AcceptanceLine)
        .join(Acceptance, Acceptance.id == AcceptanceLine.acceptance_id)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(
            Allocation.lot_id.in_(lot_ids),
            Acceptance.state == AcceptanceState.SIGNED,
            Acceptance.id.not_in(open_receivables()),
        )
        .group_by(Allocation.lot_id)
    )
    return {lot_id: Earned(int(units), Money(int(fen))) for lot_id, units, fen in rows}


def attributed(tx: Session, earned: dict[int, Earned], household_key: int) -> dict[int, Money]:
    """One household's share of the full price of what each lot sold (对应销售额); not income.

    The same kernel and weights as settlement, so that a lot's households sum to its sales.
    """
    found = {}
    for lot_id, behind in growers(tx, list(earned)).items():
        shared = shares(earned[lot_id].revenue, behind)
        for grower, share in zip(behind, shared, strict=True):
            if grower.household_id == household_key:
                found[lot_id] = share
    return found


def packed_lots(tx: Session, household_key: int) -> list[PackedLot]:
    """The packed lots with goods of a household, the latest first."""
    mine = of_households([household_key])
    rows = tx.execute(
        select(Lot, Product, Specification)
        .join(mine, mine.c.lot_id == Lot.id)
        .join(
            StandingShare,
            and_(StandingShare.lot_id == Lot.id, StandingShare.household_id == household_key),
        )
        .join(Specification, Specification.id == Lot.specification_id)
        .join(Product, Product.id == Specification.product_id)
        .where(
            Lot.kind == LotKind.PACKED,
            Lot.state == LotState.RECORDED,
        )
        .order_by(Lot.made_at.desc(), Lot.id.desc())
    )
    return [
        PackedLot(
            lot.id,
            lot.public_id,
            lot.number,
            f"{product.name} {packing.name}",
            f"{product.name_en} {packing.name_en}",
            packing.unit,
            packing.unit_en,
            lot.units,
        )
        for lot, product, packing in rows
    ]


def unsold(tx: Session, household_key: int) -> tuple[Unsold, ...]:
    """What of a household's consigned goods lies in lots that nobody has accepted yet.

    Unpacked lots keep what later lots have not taken; packed ones keep the units that were
    neither accepted for good nor written off.
    """
    sold = (
        select(
            Allocation.lot_id,
            db.total(Allocation.accepted_units - Allocation.returned_units).label("units"),
        )
        .group_by(Allocation.lot_id)
        .subquery()
    )
    mine = of_households([household_key])
    rows = tx.execute(
        select(Lot, StandingShare.value, StandingShare.paid, sold.c.units)
        .join(mine, mine.c.lot_id == Lot.id)
        .join(
            StandingShare,
            and_(StandingShare.lot_id == Lot.id, StandingShare.household_id == household_key),
        )
        .outerjoin(sold, sold.c.lot_id == Lot.id)
        .where(
            StandingShare.value > StandingShare.paid,
            Lot.state == LotState.RECORDED,
        )
        .order_by(Lot.made_at, Lot.id)
    )
    found = []
    for lot, value, paid, sold_units in rows:
        packed = lot.kind is LotKind.PACKED
        left = unsold_part(
            (value - paid).fen,
            whole=lot.units if packed else lot.grams,
            gone=int(sold_units or 0) + lot.written_off_units
            if packed
            else lot.used_grams + lot.lost_grams,
        )
        if left:
            found.append(Unsold(lot.number, lot.name, lot.kind, Money(left)))
    return tuple(found)
