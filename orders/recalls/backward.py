"""And back: from an order, a recipient or a box to lots, deliveries, households, other orders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.recalls import reach
from orders.recalls.rows import ReachedLot, ReachedOrder
from orders.recalls.scope import NothingThere
from products.households.models import Household, Plot, Village
from products.lots import lineage
from products.lots.models import Delivery, Lot, LotInput, LotStep
from products.lots.states import LotState
from products.traceability.finding import lots_of_codes
from shop.core.actors import Actor
from shop.core.events import pseudonym
from shop.core.permissions import Permission as P
from shop.core.reference import find_references

#: One recipient does not buy more often; more is somebody else's question.
LOTS_AT_MOST = 2_000


@dataclass(frozen=True, slots=True)
class DeliveryBehind:
    """A delivery behind goods. `household` is its name for those who see households."""

    lot_id: str
    number: str
    at: datetime
    household: str
    named: bool
    village: str
    plot: str
    goods: str
    grams: int
    certificate: str
    cooperative_id: int


@dataclass(frozen=True, slots=True)
class Back:
    """What stands behind an order, a recipient's orders or a box, and who else has of it."""

    lots: tuple[ReachedLot, ...]
    between: tuple[ReachedLot, ...]
    deliveries: tuple[DeliveryBehind, ...]
    orders: tuple[ReachedOrder, ...]

    @property
    def households(self) -> int:
        """Households behind it."""
        return len({one.household for one in self.deliveries})


def back(tx: Session, typed: str, actor: Actor) -> Back:
    """Go back from what somebody holds in hand.

    Args:
        typed: number of an order, purchase or lot, a purchase's reference code, a trace code, or
            a recipient's whole name.

    Raises:
        NotAllowed: `recall:open` is needed.
        NothingThere: nothing of the kind has taken or is any packed goods.
    """
    actor.require(P.RECALL_OPEN)
    keys = _named(tx, typed.strip())
    if not keys:
        raise NothingThere()
    everything = lineage.keys(
        tx, lineage.backward(select(Lot.id.label("lot_id")).where(Lot.id.in_(keys)))
    )
    lots = reach.lots_by_key(tx, everything)
    named = set(keys)
    return Back(
        lots=tuple(lot for lot in lots if lot.id in named),
        between=tuple(lot for lot in lots if lot.id not in named and lot.kind.value != "delivery"),
        deliveries=deliveries(tx, everything, actor),
        orders=reach.orders_of(tx, keys, actor),
    )


def deliveries(tx: Session, lots: Sequence[int], actor: Actor) -> tuple[DeliveryBehind, ...]:
    """The deliveries among lots (internal keys), with households as this actor may see them."""
    rows = tx.execute(
        select(
            Lot.public_id,
            Lot.number,
            Delivery.weighed_at,
            Household.public_id,
            Household.name,
            Village.township,
            Village.name,
            Plot.name,
            Lot.name,
            Lot.grade,
            Delivery.net_grams,
            Lot.certificate,
            Lot.cooperative_id,
        )
        .join(Delivery, Delivery.lot_id == Lot.id)
        .join(Household, Household.id == Delivery.household_id)
        .join(Village, Village.id == Household.village_id)
        .outerjoin(Plot, Plot.id == Delivery.plot_id)
        .where(Lot.id.in_(lots))
        .order_by(Lot.id)
    )
    found = []
    for row in rows:
        named = actor.may(P.HOUSEHOLD_READ, row[12])
        found.append(
            DeliveryBehind(
                lot_id=row[0],
                number=row[1],
                at=row[2],
                household=row[4] if named else pseudonym(row[3]),
                named=named,
                village=row[5] + row[6],
                plot=row[7] or "",
                goods=f"{row[8]} {row[9]}".strip(),
                grams=row[10],
                certificate=row[11],
                cooperative_id=row[12],
            )
        )
    return tuple(found)


def edges(tx: Session, lots: Sequence[int]) -> list[tuple[int, int, int]]:
    """What lots took from which: child, parent (internal keys), grams."""
    rows = tx.execute(
        select(LotInput.child_id, LotInput.parent_id, LotInput.grams)
        .where(LotInput.child_id.in_(lots))
        .order_by(LotInput.id)
    )
    return [(child, parent, grams) for child, parent, grams in rows]


def steps(tx: Session, lots: Sequence[int]) -> dict[int, str]:
    """What was done to lots in their making, as words, by internal key."""
    found: dict[int, list[str]] = {}
    for lot_id, name, note in tx.execute(
        select(LotStep.lot_id, LotStep.name, LotStep.note)
        .where(LotStep.lot_id.in_(lots))
        .order_by(LotStep.lot_id, LotStep.position)
    ):
        found.setdefault(lot_id, []).append(f"{name}（{note}）" if note else name)
    return {lot_id: " → ".join(words) for lot_id, words in found.items()}


def _named(tx: Session, typed: str) -> list[int]:
    """The packed lots somebody means; the questions that have an index are asked first."""
    codes = find_references(typed)
    questions = (
        _lots(or_(Lot.number == typed.upper(), Lot.public_id == typed)),
        _lots(Lot.id.in_(lots_of_codes(typed))),
        _lots(Lot.id.in_(_taken(or_(Order.number == typed.upper(), Order.public_id == typed)))),
        _lots(
            Lot.id.in_(
                _taken(
                    or_(
                        Purchase.number == typed.upper(),
                        Purchase.public_id == typed,
                        Purchase.reference.in_(codes),
                    )
                )
            )
        ),
        _lots(Lot.id.in_(_taken(Purchase.recipient == typed))),
    )
    for question in questions:
        if found := list(tx.execute(question.limit(LOTS_AT_MOST)).scalars()):
            return found
    return []


def _lots(condition: ColumnElement[bool]) -> Select[Any]:
    return select(Lot.id).where(Lot.state == LotState.RECORDED, condition).order_by(Lot.id)


def _taken(condition: ColumnElement[bool]) -> Select[Any]:
    """The lots of which orders took units."""
    return (
        select(Allocation.lot_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(condition)
    )
