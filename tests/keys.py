"""Internal keys and settled figures, for tests that look below the surface."""

from __future__ import annotations

from sqlalchemy import select

from orders.settlements.models import SettlementItem
from orders.shipments.models import Acceptance
from products.households.models import Household
from shop.core import db
from shop.core.money import Money


def acceptance_key(acceptance_id: str) -> int:
    """The internal key of an acceptance."""
    with db.database().reading() as tx:
        return tx.execute(
            select(Acceptance.id).where(Acceptance.public_id == acceptance_id)
        ).scalar_one()


def settled(lot_id: int) -> dict[str, tuple[str, str]]:
    """Per household name: its settled share of the lot and the set-off within it."""
    item = SettlementItem.__table__.c
    with db.database().reading() as tx:
        rows = tx.execute(
            select(Household.name, db.total(item.change_fen), db.total(item.set_off_fen))
            .join(Household, Household.id == SettlementItem.household_id)
            .where(SettlementItem.lot_id == lot_id)
            .group_by(Household.name)
        )
        return {name: (str(Money(share)), str(Money(off))) for name, share, off in rows}
