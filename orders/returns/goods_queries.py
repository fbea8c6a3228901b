"""Reading what came back: returns whose money has moved, their units and their refunds."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.returns.arriving import money_back
from orders.returns.models import ReturnRequest
from orders.returns.rows import GoodsBack, GoodsPage, LineRow
from orders.shipments.models import Acceptance, AcceptanceLine, Return, ReturnLine
from products.catalogue.models import Product, Specification
from products.lots.models import Lot
from shop.core import db
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.identity.models import User
from shop.organisations.models import Organisation

_OPEN = ReturnLine.units - ReturnLine.restocked_units - ReturnLine.written_off_units


def goods_page(tx: Session, return_id: str, actor: Actor) -> GoodsPage:
    """One return with its lines and its money, for cooperative, platform and buyer.

    Raises:
        NotFound: there is none, or it is between others.
        NotAllowed: of the union, but without `purchase:read`.
    """
    found = _goods(tx, Return.public_id == return_id)
    if not found:
        raise NotFound()
    row = found[0]
    require_reader(actor, row.cooperative_id, row.union_id, row.buyer_id)
    return GoodsPage(
        row,
        tuple(returned_lines(tx, return_id)),
        tuple(money_back(tx, return_id)),
        row.union_id is None and row.buyer_id == actor.user_id,
        bool(row.open) and actor.may(Permission.RETURN_DECIDE, row.cooperative_id),
    )


def require_reader(actor: Actor, cooperative_id: int, union_id: int | None, buyer_id: int) -> None:
    """Let the cooperative, the platform and the buyer pass (internal keys).

    Raises:
        NotFound: it is between others.
        NotAllowed: of the union, but without `purchase:read`.
    """
    if actor.may(Permission.ORDER_READ, cooperative_id) or actor.may(Permission.PLATFORM_READ):
        return
    if union_id is not None:
        actor.require(Permission.PURCHASE_READ, union_id)
    elif actor.user_id is None or buyer_id != actor.user_id:
        raise NotFound()


def to_inspect(tx: Session, which: ColumnElement[bool]) -> list[GoodsBack]:
    """Returns of which nobody has inspected some units, oldest first."""
    return _goods(tx, which, open_ones=True)


def registered(tx: Session, which: ColumnElement[bool], limit: int) -> list[GoodsBack]:
    """The latest returns nobody had asked for, inspected whole."""
    return _goods(tx, which, ReturnRequest.id.is_(None), open_ones=False, limit=limit)


def returned_lines(tx: Session, return_id: str) -> list[LineRow]:
    """The lines of a return."""
    return named_lines(
        tx,
        select(
            AcceptanceLine.public_id,
            ReturnLine.units,
            ReturnLine.restocked_units,
            ReturnLine.written_off_units,
        )
        .select_from(ReturnLine)
        .join(Return, Return.id == ReturnLine.return_id)
        .join(AcceptanceLine, AcceptanceLine.id == ReturnLine.acceptance_line_id)
        .where(Return.public_id == return_id)
        .order_by(ReturnLine.id),
    )


def named_lines(tx: Session, lines: Select[*tuple[Any, ...]]) -> list[LineRow]:
    """Acceptance line and units of each row, with the names of the goods and their lot."""
    rows: Any = tx.execute(
        lines.add_columns(
            OrderLine.product_name + " " + OrderLine.specification_name,
            Product.name_en + " " + Specification.name_en,
            OrderLine.unit,
            Specification.unit_en,
            Lot.number,
        )
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .join(Specification, Specification.id == OrderLine.specification_id)
        .join(Product, Product.id == Specification.product_id)
        .join(Lot, Lot.id == Allocation.lot_id)
    )
    return [LineRow(line, *named, *units) for line, *units, named in _apart(rows)]


def _apart(rows: Any) -> Any:
    """Rows with their five names as one value at the end."""
    return ((*row[:-5], row[-5:]) for row in rows)


def _goods(
    tx: Session,
    *which: ColumnElement[bool],
    open_ones: bool | None = None,
    limit: int | None = None,
) -> list[GoodsBack]:
    union, seller = Organisation.__table__.alias(), Organisation.__table__.alias()
    wanted = (
        select(
            Return.public_id,
            Return.number,
            Return.at,
            Return.reason,
            Order.number,
            Order.cooperative_id,
            seller.c.name,
            seller.c.name_en,
            Purchase.union_id,
            Purchase.buyer_id,
            func.coalesce(union.c.name, User.name),
            func.coalesce(union.c.name_en, ""),
            Return.value,
            func.coalesce(ReturnRequest.public_id, ""),
            db.total(ReturnLine.units + 0),
            db.total(_OPEN),
        )
        .join(ReturnLine, ReturnLine.return_id == Return.id)
        .join(Acceptance, Acceptance.id == Return.acceptance_id)
        .join(Order, Order.id == Acceptance.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .join(seller, seller.c.id == Order.cooperative_id)
        .join(User, User.id == Purchase.buyer_id)
        .outerjoin(union, union.c.id == Purchase.union_id)
        .outerjoin(ReturnRequest, ReturnRequest.return_id == Return.id)
        .where(*which)
        .group_by(
            Return.id, Order.id, Purchase.id, seller.c.id, User.id, union.c.id, ReturnRequest.id
        )
        .order_by(Return.id if open_ones else Return.id.desc())
        .limit(limit)
    )
    if open_ones is not None:
        wanted = wanted.having(db.total(_OPEN) > 0 if open_ones else db.total(_OPEN) == 0)
    return [GoodsBack(*row) for row in tx.execute(wanted)]
