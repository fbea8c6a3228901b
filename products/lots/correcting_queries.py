"""What a correction would change, before anybody confirms it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from products.households.models import Household, Village
from products.lots.correcting import below, carried_down, checked_share
from products.lots.earnings import earned
from products.lots.models import Delivery, Lot
from products.lots.queries import rows_of
from products.lots.rows import LotRow
from products.lots.rules import Share
from products.lots.states import LeafPayment, LotKind
from products.lots.taking import standing
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money, largest_remainder
from shop.core.permissions import Permission as P


@dataclass(frozen=True, slots=True)
class DeliveryNow:
    """How a delivery stands, and the households it might be of: (public id, name and village)."""

    lot_id: str
    number: str
    household_id: str
    household: str
    grams: int
    fen_per_kg: int
    value: Money
    payment: LeafPayment
    households: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ShareChange:
    """A household's part of what one packed lot earned so far, as it is and as it would be."""

    lot: LotRow
    household_id: str
    household: str
    weight_before: Money
    weight_after: Money
    before: Money
    after: Money

    @property
    def difference(self) -> Money:
        """What the next settlement would give it more, or less."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Preview:
    """Which lots would have a new version, and whose part of packed lots would change."""

    lots: tuple[LotRow, ...]
    changes: tuple[ShareChange, ...]

    @property
    def moves(self) -> Money:
        """How much money would go from some households to others."""
        rises = [change.difference.fen for change in self.changes if change.difference > ZERO]
        return Money(sum(rises))

    @property
    def households(self) -> int:
        """How many households' part would change."""
        return len({change.household_id for change in self.changes})


def delivery(tx: Session, lot_id: str, actor: Actor) -> DeliveryNow:
    """How a delivery stands.

    Raises:
        NotFound, NotAllowed: `lot:make` in the lot's cooperative is needed.
    """
    lot, one = _found(tx, lot_id, actor)
    rows = tx.execute(
        select(Household.id, Household.public_id, Household.name, Village.name)
        .join(Village, Village.id == Household.village_id)
        .where(Household.cooperative_id == lot.cooperative_id)
        .order_by(Household.name, Household.public_id)
    ).all()
    known = {key: (public_id, f"{name}（{village}）") for key, public_id, name, village in rows}
    return DeliveryNow(
        lot.public_id,
        lot.number,
        *known[one.household_id],
        one.net_grams,
        one.fen_per_kg,
        one.value,
        one.payment,
        tuple(known.values()),
    )


def preview(
    tx: Session,
    *,
    lot_id: str,
    household_id: str,
    grams: int,
    fen_per_kg: int,
    payment: LeafPayment,
    actor: Actor,
) -> Preview:
    """What `correct_shares` would change now, with the same refusals.

    Raises:
        NotFound, NotAllowed, LotNotUsed, WeightUnlikely, PriceUnlikely, NothingChanges,
        NobodyBehind: see `correct_shares`.
    """
    lot, one = _found(tx, lot_id, actor)
    share = checked_share(tx, lot, one, household_id, grams, fen_per_kg, payment)
    after = carried_down(tx, below(tx, lot.id), share)
    before = standing(tx, after.keys())
    rows = rows_of(tx, after.keys())
    packed = [key for key, row in rows.items() if row.kind is LotKind.PACKED]
    keys = {share.household_id for some in (before, after) for s in some.values() for share in s}
    names = _names(tx, keys)
    revenue = earned(tx, packed)
    return Preview(
        tuple(rows[key] for key in sorted(rows)),
        tuple(
            change
            for key in sorted(packed)
            for change in _changes(
                rows[key], before[key], after[key], names, revenue.get(key, ZERO)
            )
        ),
    )


def _changes(
    row: LotRow,
    before: list[Share],
    after: list[Share],
    names: dict[int, tuple[str, str]],
    revenue: Money,
) -> list[ShareChange]:
    """Shared by public id, as settlement does; whoever changes most stands first, others not."""
    order = sorted(
        {share.household_id for share in (*before, *after)}, key=lambda key: names[key][0]
    )
    was, will = ({s.household_id: s.value for s in some} for some in (before, after))
    had = largest_remainder(revenue, [was.get(key, ZERO).fen for key in order])
    gets = largest_remainder(revenue, [will.get(key, ZERO).fen for key in order])
    found = [
        ShareChange(row, *names[key], was.get(key, ZERO), will.get(key, ZERO), *money)
        for key, *money in zip(order, had, gets, strict=True)
        if was.get(key, ZERO) != will.get(key, ZERO) or money[0] != money[1]
    ]
    return sorted(found, key=lambda change: -abs(change.difference.fen))


def _found(tx: Session, lot_id: str, actor: Actor) -> tuple[Lot, Delivery]:
    found = tx.execute(
        select(Lot, Delivery)
        .join(Delivery, Delivery.lot_id == Lot.id)
        .where(Lot.public_id == lot_id)
    ).one_or_none()
    if found is None:
        raise NotFound()
    actor.require(P.LOT_MAKE, found[0].cooperative_id)
    return found[0], found[1]


def _names(tx: Session, keys: set[int]) -> dict[int, tuple[str, str]]:
    rows = tx.execute(
        select(Household.id, Household.public_id, Household.name).where(Household.id.in_(keys))
    )
    return {key: (public_id, name) for key, public_id, name in rows}
