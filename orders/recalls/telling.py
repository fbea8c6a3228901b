"""What is told of recalls: to everybody, and to buyers of their own purchases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.queries import purchase as purchase_row
from orders.recalls.models import Recall, RecallLot, RecallNotice
from orders.recalls.states import RecallReason, RecallState
from products.catalogue.models import Product, Specification
from products.lots.models import Lot
from products.lots.states import LotKind
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P

LISTED = 200


@dataclass(frozen=True, slots=True)
class CalledBack:
    """A lot of goods on the public list, as its box names it."""

    goods: str
    goods_en: str
    lot: str
    best_before: date | None
    harmless: bool


@dataclass(frozen=True, slots=True)
class PublicRecall:
    """A recall as everybody may read it: no person, no buyer, no household."""

    public_id: str
    number: str
    state: RecallState
    reason_kind: RecallReason
    reason: str
    advice: str
    opened_at: datetime
    ended_at: datetime | None
    ending: str
    lots: tuple[CalledBack, ...]


@dataclass(frozen=True, slots=True)
class BuyersRecall:
    """What a buyer is told of one purchase, and has answered."""

    recall_id: str
    number: str
    state: RecallState
    reason_kind: RecallReason
    reason: str
    advice: str
    opened_at: datetime
    ending: str
    purchase_id: str
    purchase: str
    union: str
    lots: tuple[CalledBack, ...]
    units: int
    waiting_units: int
    holds: int | None
    words: str
    answered_at: datetime | None
    may_answer: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A recall in which a purchase is named: enough for a banner or a list."""

    recall_id: str
    number: str
    state: RecallState
    reason_kind: RecallReason
    opened_at: datetime
    purchase_id: str
    purchase: str
    answered: bool

    @property
    def open(self) -> bool:
        """Whether the recall still goes on."""
        return self.state is RecallState.OPEN


def public_recalls(tx: Session) -> list[PublicRecall]:
    """What everybody may know: the latest recalls, drills left out, the newest first."""
    rows = (
        tx.execute(select(Recall).where(~Recall.drill).order_by(Recall.id.desc()).limit(LISTED))
        .scalars()
        .all()
    )
    lots = _called_back(tx, RecallLot.recall_id.in_([row.id for row in rows]))
    return [
        PublicRecall(
            row.public_id,
            row.number,
            row.state,
            row.reason_kind,
            row.reason,
            row.advice,
            row.opened_at,
            row.ended_at,
            row.ending,
            tuple(lots[row.id]),
        )
        for row in rows
    ]


def for_purchase(tx: Session, recall_id: str, purchase_id: str, actor: Actor) -> BuyersRecall:
    """What the buyer of a purchase is told.

    Raises:
        NotFound, NotAllowed: not theirs to read, or not in this recall, or a drill.
    """
    bought = purchase_row(tx, purchase_id, actor)
    row = tx.execute(
        select(Recall).where(Recall.public_id == recall_id, ~Recall.drill)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound()
    notices = (
        tx.execute(
            select(RecallNotice)
            .join(Order, Order.id == RecallNotice.order_id)
            .where(RecallNotice.recall_id == row.id, Order.purchase_id == bought.id)
        )
        .scalars()
        .all()
    )
    if not notices:
        raise NotFound()
    taken = (
        select(Allocation.lot_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.purchase_id == bought.id)
    )
    lots = _called_back(tx, RecallLot.recall_id == row.id, RecallLot.lot_id.in_(taken))
    said = [one.holds for one in notices if one.holds is not None]
    return BuyersRecall(
        row.public_id,
        row.number,
        row.state,
        row.reason_kind,
        row.reason,
        row.advice,
        row.opened_at,
        row.ending,
        bought.public_id,
        bought.number,
        bought.union_name,
        tuple(lots[row.id]),
        sum(one.units for one in notices),
        sum(one.waiting_units for one in notices),
        sum(said) if said else None,
        notices[0].words,
        notices[0].answered_at,
        row.state is RecallState.OPEN and _buys(tx, bought.id, actor),
    )


def told_of_purchase(tx: Session, purchase_id: str) -> list[Told]:
    """The recalls in which a purchase is named; whoever shows it has checked the reader."""
    return _told(tx, Purchase.public_id == purchase_id)


def told_to(tx: Session, union_ids: Sequence[int], actor: Actor) -> list[Told]:
    """The recalls of purchases of these unions (internal keys) and of the actor's own."""
    own = (Purchase.union_id.is_(None)) & (Purchase.buyer_id == actor.user_id)
    return _told(tx, or_(Purchase.union_id.in_(union_ids), own))


def _buys(tx: Session, purchase_key: int, actor: Actor) -> bool:
    union, buyer = tx.execute(
        select(Purchase.union_id, Purchase.buyer_id).where(Purchase.id == purchase_key)
    ).one()
    return actor.may(P.PURCHASE_READ, union) if union else buyer == actor.user_id


def _told(tx: Session, condition: ColumnElement[bool]) -> list[Told]:
    rows = tx.execute(
        select(
            Recall.public_id,
            Recall.number,
            Recall.state,
            Recall.reason_kind,
            Recall.opened_at,
            Purchase.public_id,
            Purchase.number,
            func.min(RecallNotice.answered_at),
        )
        .join(RecallNotice, RecallNotice.recall_id == Recall.id)
        .join(Order, Order.id == RecallNotice.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(condition, ~Recall.drill)
        .group_by(Recall.id, Purchase.id)
        .order_by(Recall.id.desc(), Purchase.id)
        .limit(LISTED)
    )
    return [Told(*row[:7], answered=row[7] is not None) for row in rows]


def _called_back(tx: Session, *conditions: ColumnElement[bool]) -> dict[int, list[CalledBack]]:
    rows = tx.execute(
        select(
            RecallLot.recall_id,
            Product.name + " " + Specification.name,
            Product.name_en + " " + Specification.name_en,
            Lot.number,
            Lot.best_before,
            RecallLot.spared_at,
        )
        .join(Lot, Lot.id == RecallLot.lot_id)
        .join(Specification, Specification.id == Lot.specification_id)
        .join(Product, Product.id == Specification.product_id)
        .where(Lot.kind == LotKind.PACKED, *conditions)
        .order_by(Lot.id)
    )
    found: dict[int, list[CalledBack]] = defaultdict(list)
    for recall_key, goods, goods_en, lot, best_before, spared_at in rows:
        found[recall_key].append(
            CalledBack(goods, goods_en, lot, best_before, spared_at is not None)
        )
    return found
