"""What a settlement run starts from and changes: which lots, their figures, and each line.

Plain lots, in which everybody gets more or the same, are figured in sets (`kernel`). Where
somebody gives something back or has it recovered, what a household has not been paid yet matters;
those few are figured one by one by `rules.changes`.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from itertools import chain

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    and_,
    func,
    insert,
    literal,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind
from orders.purchasing.models import Allocation, Order, OrderLine
from orders.settlements import kernel
from orders.settlements.models import SettlementItem, SettlementLot, SettlementRun
from orders.settlements.rules import Change, Grower, changes, rises
from orders.settlements.states import LotState
from orders.shipments.models import AcceptanceLine
from products.households.models import Household
from products.lots.models import Lot, LotShare
from products.lots.states import LotKind
from shop.core import clock
from shop.core.money import ZERO, Money, total


def revenues(tx: Session, *conditions: ColumnElement[bool]) -> dict[int, Money]:
    """C per packed lot (internal key); see `kernel.earned`."""
    return {lot_id: Money(revenue) for lot_id, revenue in tx.execute(kernel.earned(*conditions))}


def scope(run: SettlementRun) -> list[ColumnElement[bool]]:
    """Which lots a run covers, as conditions on `Lot`."""
    chosen: list[ColumnElement[bool]] = []
    if run.cooperative_id is not None:
        chosen.append(Lot.cooperative_id == run.cooperative_id)
    if run.packed_from is not None:
        chosen.append(Lot.made_at >= clock.start_of(run.packed_from))
    if run.packed_to is not None:
        chosen.append(Lot.made_at < clock.start_of(run.packed_to + timedelta(days=1)))
    if run.purchase_id is not None:
        chosen.append(
            Lot.id.in_(
                select(Allocation.lot_id)
                .join(OrderLine, OrderLine.id == Allocation.line_id)
                .join(Order, Order.id == OrderLine.order_id)
                .where(Order.purchase_id == run.purchase_id)
            )
        )
    return chosen


def due(*conditions: ColumnElement[bool], frozen: bool = False) -> CTE:
    """The lots a run would settle now, as the basis of `kernel.lines`, with what was posted.

    Frozen lots wait. A lot whose shares were corrected counts although it earned nothing since.

    Args:
        conditions: on `Lot`: the scope of the run.
        frozen: the lots that wait, instead.
    """
    earned = kernel.earned().subquery("earned")
    posted = kernel.posted().subquery("posted")
    revenue = func.coalesce(earned.c.revenue, 0)
    before = func.coalesce(posted.c.posted, 0)
    return (
        select(
            Lot.id.label("lot_id"),
            Lot.share_version.label("version"),
            revenue.label("revenue"),
            before.label("before"),
            func.coalesce(posted.c.item_count, 0).label("item_count"),
        )
        .outerjoin(earned, earned.c.lot_id == Lot.id)
        .outerjoin(posted, posted.c.lot_id == Lot.id)
        .where(
            Lot.kind == LotKind.PACKED,
            Lot.freezes > 0 if frozen else Lot.freezes == 0,
            or_(revenue != before, and_(Lot.share_version > 1, posted.c.lot_id.is_not(None))),
            *conditions,
        )
        .cte("basis")
    )


def kept(run: SettlementRun, *conditions: ColumnElement[bool]) -> CTE:
    """The lots of a run as it was drafted, as the basis of `kernel.lines`.

    Args:
        conditions: on `SettlementLot`.
    """
    return (
        select(
            SettlementLot.lot_id,
            SettlementLot.share_version.label("version"),
            type_coerce(SettlementLot.revenue, BigInteger).label("revenue"),
            type_coerce(SettlementLot.before, BigInteger).label("before"),
        )
        .where(SettlementLot.run_id == run.id, *conditions)
        .cte("basis")
    )


def draft_lots(tx: Session, run: SettlementRun) -> None:
    """Write down the lots a run would settle, with the figures that decide every line of it."""
    basis = due(*scope(run))
    found = kernel.by_lot(basis).subquery("by_lot")
    zero = literal(0, BigInteger)
    tx.execute(
        insert(SettlementLot).from_select(
            [
                *("run_id", "lot_id", "state", "share_version", "revenue_fen", "before_fen"),
                *("items_before", "weights_fen", "falls", "households", "change_fen"),
                *("set_off_fen", "second_payment_fen", "recovered_fen", "covered_fen"),
                *("reserved_fen", "from_reserve_fen", "to_reserve_fen"),
            ],
            select(
                literal(run.id, BigInteger),
                basis.c.lot_id,
                literal(LotState.PENDING.value),
                basis.c.version,
                basis.c.revenue,
                basis.c.before,
                basis.c.item_count,
                found.c.weights,
                found.c.falls == 1,
                found.c.households,
                basis.c.revenue - basis.c.before,
                found.c.set_off,
                found.c.second,
                *(zero, zero, zero, zero, zero),
            ).join(found, found.c.lot_id == basis.c.lot_id),
        )
    )
    for lot, some in falling_lines(tx, run):
        if not some:
            tx.delete(lot)
            continue
        lot.households = len(some)
        lot.set_off = total([change.set_off for change in some])
        lot.second_payment, lot.recovered, lot.covered = sums_of(some)
    tx.flush()


def hash_of(tx: Session, run: SettlementRun) -> str:
    """The hash by which an approval is bound to every figure of a run, lots by key."""
    lot = SettlementLot.__table__.c
    digest = hashlib.sha256()
    for row in tx.execute(
        select(
            *(lot.lot_id, lot.share_version, lot.revenue_fen, lot.before_fen, lot.items_before),
            *(lot.households, lot.set_off_fen, lot.second_payment_fen),
            *(lot.recovered_fen, lot.covered_fen, lot.reserved_fen),
        )
        .where(lot.run_id == run.id)
        .order_by(lot.lot_id)
        .execution_options(yield_per=10_000)
    ):
        digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def falling_lines(tx: Session, run: SettlementRun) -> list[tuple[SettlementLot, list[Change]]]:
    """The lots of a run in which somebody gives back, with their lines as things stand now.

    A household gives up what all lots of the run pay it, be they posted already or not.
    """
    lots = list(
        tx.execute(
            select(SettlementLot)
            .where(
                SettlementLot.run_id == run.id,
                SettlementLot.falls,
                SettlementLot.state == LotState.PENDING,
            )
            .order_by(SettlementLot.lot_id)
        ).scalars()
    )
    if not lots:
        return []
    behind = growers(tx, [lot.lot_id for lot in lots])
    people = {grower.household_id for some in behind.values() for grower in some}
    unpaid = posting.balances(tx, AccountKind.HOUSEHOLD_PAYABLE, people)
    waiting = kept(run, SettlementLot.falls.is_(False), SettlementLot.state == LotState.PENDING)
    rows = kernel.lines(waiting).subquery("found")
    for household, fen in tx.execute(
        select(rows.c.household_id, rows.c.second).where(rows.c.second > 0)
    ):
        if household in people:
            unpaid[household] += Money(fen)
    for lot in lots:
        for household, amount in rises(lot.revenue, behind[lot.lot_id]):
            unpaid[household] += amount
    return [(lot, changes(lot.revenue, behind[lot.lot_id], unpaid)) for lot in lots]


def households_of(tx: Session, run: SettlementRun) -> int:
    """How many households stand behind the lots of a run."""
    return tx.execute(
        select(func.count(LotShare.household_id.distinct()))
        .join(
            SettlementLot,
            and_(
                SettlementLot.lot_id == LotShare.lot_id,
                SettlementLot.share_version == LotShare.version,
            ),
        )
        .where(SettlementLot.run_id == run.id)
    ).scalar_one()


def is_outdated(tx: Session, run: SettlementRun) -> bool:
    """Whether a draft no longer says what settling would change."""
    if tx.execute(outdated(run).limit(1)).first():
        return True
    return any(
        (lot.second_payment, lot.recovered, lot.covered) != sums_of(some)
        for lot, some in falling_lines(tx, run)
    )


def sums_of(some: Sequence[Change]) -> tuple[Money, Money, Money]:
    """Second payments, what is recovered and what is covered, of the lines of a falling lot."""
    return (
        total([change.second_payment for change in some]),
        total([change.recovered for change in some]),
        total([change.covered for change in some]),
    )


def outdated(run: SettlementRun, lot_ids: Sequence[int] | None = None) -> Select[int]:
    """The lots of a run whose figures are no longer those it was drafted from, or are frozen.

    Args:
        lot_ids: only these; all when None.
    """
    mine = [] if lot_ids is None else [SettlementLot.lot_id.in_(lot_ids)]
    some = select(SettlementLot.lot_id).where(SettlementLot.run_id == run.id, *mine)
    earned = kernel.earned(AcceptanceLine.lot_id.in_(some)).subquery("earned")
    posted = kernel.posted(SettlementItem.lot_id.in_(some)).subquery("posted")
    table = SettlementLot.__table__.c
    return (
        select(SettlementLot.lot_id)
        .join(Lot, Lot.id == SettlementLot.lot_id)
        .outerjoin(earned, earned.c.lot_id == Lot.id)
        .outerjoin(posted, posted.c.lot_id == Lot.id)
        .where(
            SettlementLot.run_id == run.id,
            *mine,
            or_(
                Lot.freezes > 0,
                Lot.share_version != SettlementLot.share_version,
                func.coalesce(earned.c.revenue, 0) != table.revenue_fen,
                func.coalesce(posted.c.item_count, 0) != table.items_before,
            ),
        )
    )


def growers(tx: Session, lot_ids: Sequence[int]) -> dict[int, list[Grower]]:
    """The households behind each lot, ordered by public id, with what was posted for them.

    A household that a correction took out of a lot stays with no weight as long as something
    posted for it is to be taken back.
    """
    basis = (
        select(Lot.id.label("lot_id"), Lot.share_version.label("version"))
        .where(Lot.id.in_(lot_ids))
        .cte("basis")
    )
    found: dict[int, list[Grower]] = defaultdict(list)
    earlier = kernel.earlier(basis)
    standing = (
        select(
            basis.c.lot_id,
            LotShare.household_id,
            Household.public_id,
            LotShare.value,
            LotShare.paid,
            earlier.c.posted,
            earlier.c.set_off,
            earlier.c.uncovered,
        )
        .join(
            LotShare,
            and_(LotShare.lot_id == basis.c.lot_id, LotShare.version == basis.c.version),
        )
        .join(Household, Household.id == LotShare.household_id)
        .outerjoin(
            earlier,
            and_(
                earlier.c.lot_id == LotShare.lot_id,
                earlier.c.household_id == LotShare.household_id,
            ),
        )
    )
    gone = (
        (lot, household, public_id, ZERO, ZERO, posted, set_off, uncovered)
        for lot, household, public_id, *_zeros, posted, set_off, uncovered in tx.execute(
            kernel.gone(basis, earlier)
        )
    )
    for lot_id, household_id, public_id, value, paid, posted, set_off, uncovered in chain(
        tx.execute(standing), gone
    ):
        found[lot_id].append(
            Grower(
                household_id=household_id,
                public_id=public_id,
                weight=value.fen,
                paid=paid,
                posted=Money(posted or 0),
                set_off=Money(set_off or 0),
                uncovered=Money(uncovered or 0),
            )
        )
    for behind in found.values():
        behind.sort(key=lambda grower: grower.public_id)
    return found
