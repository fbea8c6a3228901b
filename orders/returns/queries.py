"""Reading requests for returns and what became of their goods and money."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.returns.arriving import money_back
from orders.returns.goods_queries import (
    named_lines,
    registered,
    require_reader,
    returned_lines,
    to_inspect,
)
from orders.returns.models import ReturnRequest, ReturnRequestLine
from orders.returns.rows import Desk, LineRow, RequestPage, RequestRow
from orders.returns.states import COOPERATIVE_FIRST, OPEN, REQUEST, RequestState
from orders.shipments.models import Acceptance, AcceptanceLine, Return
from shop.core import db
from shop.core.actors import Actor
from shop.core.audit import history
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money
from shop.core.permissions import Permission
from shop.identity.models import User
from shop.organisations.models import Organisation

PAGE = 200


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
    waiting = _requests(tx, which, ReturnRequest.state.in_(OPEN))
    over = _requests(tx, which, ReturnRequest.state.not_in(OPEN), limit=PAGE)
    return Desk(
        tuple(row for row in reversed(waiting) if row.state is RequestState.ASKED),
        tuple(row for row in reversed(waiting) if row.state is not RequestState.ASKED),
        tuple(over),
        tuple(to_inspect(tx, which)),
        tuple(registered(tx, which, PAGE)),
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
    require_reader(actor, row.cooperative_id, row.union_id, row.buyer_id)
    things = [row.public_id, row.return_id] if row.return_id else [row.public_id]
    return RequestPage(
        row,
        tuple(_lines(tx, row)),
        tuple(history(tx, *things)),
        tuple(money_back(tx, row.return_id)) if row.return_id else (),
        row.union_id is None and row.buyer_id == actor.user_id,
        _actions(row, actor, now),
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


def _requests(
    tx: Session, *which: ColumnElement[bool], limit: int | None = None
) -> list[RequestRow]:
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
            seller.c.name_en,
            Purchase.union_id,
            Purchase.buyer_id,
            func.coalesce(union.c.name, User.name),
            func.coalesce(union.c.name_en, ""),
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
        .where(*which)
        .order_by(ReturnRequest.id.desc())
        .limit(limit)
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
            *about[:10],  # type: ignore[call-arg]
            int(about[10]),
            Money(int(about[11])),
            about[12] or "",
            about[13] or ZERO,
        )
        for thing, *about in rows
    ]


def _lines(tx: Session, row: RequestRow) -> list[LineRow]:
    """Lines as they came back once the request is done, before as they were asked for."""
    if row.return_id:
        return returned_lines(tx, row.return_id)
    return named_lines(
        tx,
        select(AcceptanceLine.public_id, ReturnRequestLine.units, literal(0), literal(0))
        .select_from(ReturnRequestLine)
        .join(ReturnRequest, ReturnRequest.id == ReturnRequestLine.request_id)
        .join(AcceptanceLine, AcceptanceLine.id == ReturnRequestLine.acceptance_line_id)
        .where(ReturnRequest.public_id == row.public_id)
        .order_by(ReturnRequestLine.id),
    )
