"""Reading requests for returns and what became of their goods and money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.returns.arriving import MoneyBack, money_back
from orders.returns.models import ReturnRequest, ReturnRequestLine
from orders.returns.states import COOPERATIVE_FIRST, OPEN, REQUEST, RequestState
from orders.shipments.models import Acceptance, AcceptanceLine, Return, ReturnLine
from products.lots.models import Lot
from shop.core import db
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money
from shop.core.permissions import Permission
from shop.identity.models import User
from shop.organisations.models import Organisation

PAGE = 200


@dataclass(frozen=True, slots=True)
class RequestRow:
    """A request for a return. Keys of union, buyer and cooperative never leave the server."""

    public_id: str
    number: str
    state: RequestState
    reason: str
    asked_at: datetime
    answer: str
    waybill: str
    acceptance_id: str
    acceptance: str
    order: str
    cooperative_id: int
    cooperative: str
    union_id: int | None
    buyer_id: int
    buyer: str
    units: int
    value: Money
    return_id: str
    returned: Money


@dataclass(frozen=True, slots=True)
class LineRow:
    """Units of one line, asked for or come back, and what inspection made of them."""

    line_id: str
    name: str
    unit: str
    lot: str
    units: int
    restocked: int
    written_off: int

    @property
    def open(self) -> int:
        """Units nobody has inspected."""
        return self.units - self.restocked - self.written_off


@dataclass(frozen=True, slots=True)
class RequestPage:
    """A request with its lines, what happened, its money and what the actor may do."""

    row: RequestRow
    lines: tuple[LineRow, ...]
    acts: tuple[Act, ...]
    refunds: tuple[MoneyBack, ...]
    buyers_own: bool
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GoodsBack:
    """A return, whose units stand apart from the shelf as far as nobody has inspected them."""

    public_id: str
    number: str
    at: datetime
    reason: str
    order: str
    cooperative_id: int
    buyer: str
    value: Money
    units: int
    open: int


@dataclass(frozen=True, slots=True)
class Desk:
    """What a cooperative has before it: requests to answer, goods to inspect, what is over."""

    to_answer: tuple[RequestRow, ...]
    coming: tuple[RequestRow, ...]
    over: tuple[RequestRow, ...]
    to_inspect: tuple[GoodsBack, ...]


def desk(tx: Session, cooperative_id: int, actor: Actor) -> Desk:
    """The returns of a cooperative.

    Args:
        cooperative_id: internal key.

    Raises:
        NotFound, NotAllowed: `order:read` in the cooperative is needed.
    """
    actor.require(Permission.ORDER_READ, cooperative_id)
    return _desk(tx, Order.cooperative_id == cooperative_id)


def everything(tx: Session, actor: Actor) -> Desk:
    """The returns of every cooperative, for the platform.

    Raises:
        NotAllowed: `platform:read` is needed.
    """
    actor.require(Permission.PLATFORM_READ)
    return _desk(tx, Order.id > 0)


def _desk(tx: Session, which: ColumnElement[bool]) -> Desk:
    rows = _requests(tx, which)
    return Desk(
        tuple(row for row in reversed(rows) if row.state is RequestState.ASKED),
        tuple(
            row for row in reversed(rows) if row.state in (RequestState.AGREED, RequestState.SENT)
        ),
        tuple(row for row in rows if row.state not in OPEN),
        tuple(row for row in _goods(tx, which) if row.open),
    )


def of_acceptance(tx: Session, acceptance_id: str) -> list[RequestRow]:
    """The requests of one acceptance, newest first, for a page that checked who looks."""
    return _requests(tx, Acceptance.public_id == acceptance_id)


def request_page(tx: Session, request_id: str, actor: Actor, now: datetime) -> RequestPage:
    """One request for its buyer, its cooperative and the platform.

    Raises:
        NotFound: there is none, or it is between others.
        NotAllowed: of the union, but without `purchase:read`.
    """
    found = _requests(tx, ReturnRequest.public_id == request_id)
    if not found:
        raise NotFound()
    row = found[0]
    if not actor.may(Permission.ORDER_READ, row.cooperative_id) and not actor.may(
        Permission.PLATFORM_READ
    ):
        if row.union_id is not None:
            actor.require(Permission.PURCHASE_READ, row.union_id)
        elif actor.user_id is None or row.buyer_id != actor.user_id:
            raise NotFound()
    things = [row.public_id, row.return_id] if row.return_id else [row.public_id]
    return RequestPage(
        row,
        tuple(_lines(tx, row)),
        tuple(history(tx, *things)),
        tuple(money_back(tx, row.return_id)) if row.return_id else (),
        row.union_id is None and row.buyer_id == actor.user_id,
        _actions(row, actor, now),
    )


def goods_page(
    tx: Session, return_id: str, actor: Actor
) -> tuple[GoodsBack, tuple[LineRow, ...], tuple[MoneyBack, ...]]:
    """One return with its lines and its money, for the cooperative and the platform.

    Raises:
        NotFound, NotAllowed: `order:read` in the selling cooperative is needed.
    """
    found = _goods(tx, Return.public_id == return_id)
    if not found:
        raise NotFound()
    if not actor.may(Permission.PLATFORM_READ):
        actor.require(Permission.ORDER_READ, found[0].cooperative_id)
    return (
        found[0],
        tuple(_returned_lines(tx, return_id)),
        tuple(money_back(tx, return_id)),
    )


def _actions(row: RequestRow, actor: Actor, now: datetime) -> tuple[str, ...]:
    decides = actor.may(Permission.RETURN_DECIDE, row.cooperative_id)
    own = actor.works_in(row.cooperative_id)
    asks = (
        row.buyer_id == actor.user_id
        if row.union_id is None
        else actor.may(Permission.RETURN_REQUEST, row.union_id)
    )
    found = []
    for move in REQUEST.moves:
        if move.from_state is not row.state:
            continue
        buyers = move.needs is Permission.RETURN_REQUEST
        waits = row.state is RequestState.ASKED and now < row.asked_at + COOPERATIVE_FIRST
        if (buyers and asks) or (not buyers and decides and (own or not waits)):
            found.append(move.action)
    return tuple(found)


def _requests(tx: Session, which: ColumnElement[bool]) -> list[RequestRow]:
    asked = (
        select(
            ReturnRequestLine.request_id,
            db.total(ReturnRequestLine.units + 0).label("units"),
            db.total(ReturnRequestLine.units * OrderLine.__table__.c.price_fen).label("fen"),
        )
        .join(AcceptanceLine, AcceptanceLine.id == ReturnRequestLine.acceptance_line_id)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .group_by(ReturnRequestLine.request_id)
        .subquery()
    )
    seller, union = Organisation.__table__.alias(), Organisation.__table__.alias()
    rows: Any = tx.execute(
        select(
            ReturnRequest,
            Acceptance.public_id,
            Acceptance.number,
            Order.number,
            Order.cooperative_id,
            seller.c.name,
            Purchase.union_id,
            Purchase.buyer_id,
            func.coalesce(union.c.name, User.name),
            asked.c.units,
            asked.c.fen,
            Return.public_id,
            Return.value,
        )
        .join(Acceptance, Acceptance.id == ReturnRequest.acceptance_id)
        .join(Order, Order.id == Acceptance.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .join(seller, seller.c.id == Order.cooperative_id)
        .join(User, User.id == Purchase.buyer_id)
        .outerjoin(union, union.c.id == Purchase.union_id)
        .join(asked, asked.c.request_id == ReturnRequest.id)
        .outerjoin(Return, Return.id == ReturnRequest.return_id)
        .where(which)
        .order_by(ReturnRequest.id.desc())
        .limit(PAGE)
    )
    return [
        RequestRow(
            thing.public_id,
            thing.number,
            thing.state,
            thing.reason,
            thing.asked_at,
            thing.answer,
            thing.waybill,
            *about[:8],  # type: ignore[call-arg]
            int(about[8]),
            Money(int(about[9])),
            about[10] or "",
            about[11] or ZERO,
        )
        for thing, *about in rows
    ]


def _lines(tx: Session, row: RequestRow) -> list[LineRow]:
    """Lines as they came back once the request is done, before as they were asked for."""
    if row.return_id:
        return _returned_lines(tx, row.return_id)
    rows: Any = tx.execute(
        _named(
            select(
                AcceptanceLine.public_id,
                OrderLine.product_name,
                OrderLine.specification_name,
                OrderLine.unit,
                Lot.number,
                ReturnRequestLine.units,
            )
            .select_from(ReturnRequestLine)
            .join(ReturnRequest, ReturnRequest.id == ReturnRequestLine.request_id)
            .join(AcceptanceLine, AcceptanceLine.id == ReturnRequestLine.acceptance_line_id)
            .where(ReturnRequest.public_id == row.public_id)
        ).order_by(ReturnRequestLine.id)
    )
    return [
        LineRow(key, f"{product} {kind}", unit, lot, units, 0, 0)
        for key, product, kind, unit, lot, units in rows
    ]


def _returned_lines(tx: Session, return_id: str) -> list[LineRow]:
    rows: Any = tx.execute(
        _named(
            select(
                AcceptanceLine.public_id,
                OrderLine.product_name,
                OrderLine.specification_name,
                OrderLine.unit,
                Lot.number,
                ReturnLine.units,
                ReturnLine.restocked_units,
                ReturnLine.written_off_units,
            )
            .select_from(ReturnLine)
            .join(Return, Return.id == ReturnLine.return_id)
            .join(AcceptanceLine, AcceptanceLine.id == ReturnLine.acceptance_line_id)
            .where(Return.public_id == return_id)
        ).order_by(ReturnLine.id)
    )
    return [LineRow(key, f"{product} {kind}", *rest) for key, product, kind, *rest in rows]


def _named(lines: Select[*tuple[object, ...]]) -> Select[*tuple[object, ...]]:
    return (
        lines.join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .join(Lot, Lot.id == Allocation.lot_id)
    )


def _goods(tx: Session, which: ColumnElement[bool]) -> list[GoodsBack]:
    union = Organisation.__table__.alias()
    rows: Any = tx.execute(
        select(
            Return.public_id,
            Return.number,
            Return.at,
            Return.reason,
            Order.number,
            Order.cooperative_id,
            func.coalesce(union.c.name, User.name),
            Return.value,
            db.total(ReturnLine.units + 0),
            db.total(ReturnLine.units - ReturnLine.restocked_units - ReturnLine.written_off_units),
        )
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .join(Acceptance, Acceptance.id == Return.acceptance_id)
        .join(Order, Order.id == Acceptance.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .join(User, User.id == Purchase.buyer_id)
        .outerjoin(union, union.c.id == Purchase.union_id)
        .where(which)
        .group_by(Return.id, Order.id, User.id, union.c.id)
        .order_by(Return.id.desc())
        .limit(PAGE)
    )
    return [GoodsBack(*row) for row in rows]
