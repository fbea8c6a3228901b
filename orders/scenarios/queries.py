"""Reading how a scenario stands: every figure of a scenario's output, from ledger and tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, select, type_coerce
from sqlalchemy.orm import Session

from orders.books.checks import check_books
from orders.books.statements import CUSTODY_COVERS
from orders.ledger import posting
from orders.ledger.states import AccountKind as K
from orders.payouts import standing
from orders.payouts.models import PayoutItem
from orders.payouts.states import ItemState, PayoutKind
from orders.settlements.figures import growers
from orders.settlements.models import SettlementItem
from orders.settlements.rules import shares
from orders.shipments.models import Acceptance, AcceptanceLine
from orders.shipments.states import AcceptanceState
from orders.statements.sales import of_lots
from products.households.models import Household
from products.lots.models import Lot, StandingShare
from products.lots.states import LotKind
from shop.core import db

#: The figures of one household, in the order in which they are printed.
_HOUSEHOLD = (
    "attributed_fen",
    "leaf_paid_fen",
    "second_payment_fen",
    "payable_fen",
    "in_transit_fen",
    "paid_out_fen",
)


@dataclass(frozen=True, slots=True)
class Taken:
    """An acceptance of an order and its one line, by public ids; `kept` units are not returned."""

    acceptance: str
    line: str
    kept: int


def taken_of(tx: Session, order_key: int) -> list[Taken]:
    """The acceptances of an order with units in them, the oldest first."""
    rows = tx.execute(
        select(
            Acceptance.public_id,
            AcceptanceLine.public_id,
            AcceptanceLine.accepted_units - AcceptanceLine.returned_units,
        )
        .join(AcceptanceLine, AcceptanceLine.acceptance_id == Acceptance.id)
        .where(
            Acceptance.order_id == order_key,
            Acceptance.state == AcceptanceState.SIGNED,
            AcceptanceLine.accepted_units > AcceptanceLine.returned_units,
        )
        .order_by(Acceptance.signed_at, Acceptance.id)
    )
    return [Taken(*row) for row in rows]


def outcome(tx: Session, households: Mapping[str, str], lots: Mapping[str, str]) -> dict[str, Any]:
    """How a scenario has ended, in whole fen.

    Refunds of a scenario leave at once, also where the money has gone on to households and the
    cooperative has still to make up for it: custody may then be below zero.

    Args:
        households: what the file calls them, and their public ids.
        lots: what the file calls all its lots, and their public ids.
    """
    keys = dict(
        tx.execute(
            select(Household.public_id, Household.id).where(
                Household.public_id.in_(households.values())
            )
        ).all()
    )
    lot_keys = dict(
        tx.execute(select(Lot.public_id, Lot.id).where(Lot.public_id.in_(lots.values()))).all()
    )
    figures = _figures(tx, set(keys.values()))
    whole = standing.by_kind(tx)
    pools = posting.balances(tx, K.LOT_POOL, lot_keys.values())
    findings = [
        f"{one.check}: {one.thing}: expected {one.expected}, found {one.found}"
        for one in check_books(tx, but=[CUSTODY_COVERS])
    ]
    return {
        "households": {
            name: {figure: figures[figure].get(keys[public_id], 0) for figure in _HOUSEHOLD}
            for name, public_id in households.items()
        },
        "cooperative_fen": whole[K.COOPERATIVE_PAYABLE].fen,
        "carrier_fen": whole[K.CARRIER_PAYABLE].fen,
        "platform_fen": whole[K.PLATFORM_FEE].fen,
        "custody_fen": whole[K.CUSTODY].fen,
        "escrow_fen": whole[K.ESCROW].fen,
        "receivable_fen": whole[K.BUYER_RECEIVABLE].fen,
        "refunded_fen": _refunded(tx),
        "reserve_fen": whole[K.RISK_RESERVE].fen,
        "due_from_cooperative_fen": whole[K.DUE_FROM_COOPERATIVE].fen,
        "lots": {
            name: {"pool_fen": pools[lot_keys[public_id]].fen} for name, public_id in lots.items()
        },
        "check_books": findings or "ok",
    }


def _figures(tx: Session, keys: set[int]) -> dict[str, dict[int, int]]:
    payable = posting.balances(tx, K.HOUSEHOLD_PAYABLE, keys)
    return {
        "attributed_fen": _attributed(tx),
        "leaf_paid_fen": _leaf_paid(tx),
        "second_payment_fen": _second_payments(tx),
        "payable_fen": {key: amount.fen for key, amount in payable.items()},
        "in_transit_fen": _items(tx, ItemState.IN_TRANSIT),
        "paid_out_fen": _items(tx, ItemState.CONFIRMED),
    }


def _attributed(tx: Session) -> dict[int, int]:
    """Of the full price of the units that count in C now, each household's share over all lots."""
    packed = list(tx.execute(select(Lot.id).where(Lot.kind == LotKind.PACKED)).scalars())
    found: dict[int, int] = {}
    earned = of_lots(tx, packed)
    for lot_id, behind in growers(tx, list(earned)).items():
        shared = shares(earned[lot_id].revenue, behind)
        for grower, share in zip(behind, shared, strict=True):
            found[grower.household_id] = found.get(grower.household_id, 0) + share.fen
    return found


def _leaf_paid(tx: Session) -> dict[int, int]:
    """What was paid at the gate for the leaf behind packed lots, as the ladder carried it."""
    rows = tx.execute(
        select(StandingShare.household_id, db.total(type_coerce(StandingShare.paid, BigInteger)))
        .join(Lot, Lot.id == StandingShare.lot_id)
        .where(Lot.kind == LotKind.PACKED)
        .group_by(StandingShare.household_id)
    )
    return {key: int(fen) for key, fen in rows}


def _second_payments(tx: Session) -> dict[int, int]:
    """What of each household's settled shares lies above what it was paid at the gate."""
    item = SettlementItem.__table__.c
    rows = tx.execute(
        select(item.household_id, db.total(item.change_fen - item.set_off_fen)).group_by(
            item.household_id
        )
    )
    return {key: int(fen) for key, fen in rows}


def _items(tx: Session, state: ItemState) -> dict[int, int]:
    rows = tx.execute(
        select(PayoutItem.payee_id, db.total(type_coerce(PayoutItem.amount, BigInteger)))
        .where(PayoutItem.kind == PayoutKind.HOUSEHOLD, PayoutItem.state == state)
        .group_by(PayoutItem.payee_id)
    )
    return {key: int(fen) for key, fen in rows}


def _refunded(tx: Session) -> int:
    return int(
        tx.execute(
            select(db.total(type_coerce(PayoutItem.amount, BigInteger))).where(
                PayoutItem.kind == PayoutKind.REFUND, PayoutItem.state == ItemState.CONFIRMED
            )
        ).scalar_one()
    )
