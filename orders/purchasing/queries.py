"""Reading purchases, their orders and lines, and who did what to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from orders.budgets.queries import may_read
from orders.purchasing.models import Allocation, Order, OrderLine, Purchase
from orders.purchasing.rows import LineRow, LotTaken, OrderRow, Part, PurchaseRow
from orders.purchasing.states import NOTHING_SHIPPED, PURCHASE, PurchaseKind, PurchaseState
from products.catalogue.models import Product, Specification
from products.lots.models import Lot
from shop.core.actors import Actor
from shop.core.audit import Act
from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.identity.models import User
from shop.organisations.models import Organisation

PAGE = 200


PARTS = ("households", "processing", "packing", "freight", "cooperative", "platform", "tax")


def purchase(tx: Session, purchase_id: str, actor: Actor) -> PurchaseRow:
    """One purchase: a union's for those who may read it, a person's own for that person.

    Raises:
        NotFound: there is none, or it is somebody else's.
        NotAllowed: the actor is of the union but has no role that reads purchases.
    """
    found = tx.execute(_purchases().where(Purchase.public_id == purchase_id)).first()
    if found is None:
        raise NotFound()
    thing = found[0]
    if thing.union_id is not None:
        may_read(actor, thing.union_id)
    elif not _own(thing, actor) and not _oversees(actor):
        raise NotFound()
    return _row(*found, near=_near(thing, actor))


def purchase_sold_by(tx: Session, purchase_id: str, actor: Actor) -> tuple[PurchaseRow, set[int]]:
    """A purchase for a cooperative that sells in it, with the keys of its own orders.

    Raises:
        NotFound: there is none, or none of its orders is the actor's cooperative's.
    """
    found = tx.execute(_purchases().where(Purchase.public_id == purchase_id)).first()
    if found is None:
        raise NotFound()
    orders = tx.execute(
        select(Order.id, Order.cooperative_id).where(Order.purchase_id == found[0].id)
    )
    mine = {key for key, seller in orders if actor.may(Permission.ORDER_READ, seller)}
    if not mine:
        raise NotFound()
    return _row(*found, near=True), mine


def purchase_unseen(tx: Session, purchase_id: str) -> PurchaseRow:
    """A purchase with every name masked, for checking a paper somebody holds in hand.

    Raises:
        NotFound: there is none.
    """
    found = tx.execute(_purchases().where(Purchase.public_id == purchase_id)).first()
    if found is None:
        raise NotFound()
    return _row(*found, near=False)


def purchases_of_union(tx: Session, union_id: int, actor: Actor) -> list[PurchaseRow]:
    """The last 200 purchases of a union, newest first.

    Raises:
        NotFound, NotAllowed: the actor may not read them.
    """
    may_read(actor, union_id)
    found = tx.execute(
        _purchases().where(Purchase.union_id == union_id).order_by(Purchase.id.desc()).limit(PAGE)
    )
    return [_row(*row, near=_near(row[0], actor)) for row in found]


def purchases_of_person(tx: Session, actor: Actor) -> list[PurchaseRow]:
    """The last 200 purchases a person made for themselves, newest first."""
    found = tx.execute(
        _purchases()
        .where(Purchase.buyer_id == actor.user_id, Purchase.kind == PurchaseKind.RETAIL)
        .order_by(Purchase.id.desc())
        .limit(PAGE)
    )
    return [_row(*row, near=_near(row[0], actor)) for row in found]


def waiting_for_approval(tx: Session, union_id: int, actor: Actor) -> list[PurchaseRow]:
    """Purchases of a union that wait for an approver, the one that lapses first on top.

    Raises:
        NotFound, NotAllowed: `purchase:approve` in the union is needed.
    """
    actor.require(Permission.PURCHASE_APPROVE, union_id)
    found = tx.execute(
        _purchases()
        .where(Purchase.union_id == union_id, Purchase.state == PurchaseState.SUBMITTED)
        .order_by(Purchase.lapses_at, Purchase.id)
    )
    return [_row(*row, near=_near(row[0], actor)) for row in found]


def orders_of(tx: Session, purchase_keys: Iterable[int]) -> dict[int, list[OrderRow]]:
    """The orders of these purchases by purchase key, with lines and lots; three statements."""
    wanted = list(purchase_keys)
    return _orders(tx, select(Order.id).where(Order.purchase_id.in_(wanted)))


def orders_by_key(tx: Session, order_keys: Iterable[int]) -> list[OrderRow]:
    """Orders by internal key, with lines and lots; callers have checked the actor."""
    wanted = list(order_keys)
    found = _orders(tx, select(Order.id).where(Order.id.in_(wanted)))
    return [order for orders in found.values() for order in orders]


def actions_for(
    row: PurchaseRow, orders: Sequence[OrderRow], actor: Actor, acts: Sequence[Act]
) -> list[str]:
    """What the state table lets this actor do to the purchase now; pages show these as buttons.

    Cancelling stops once something was shipped. Whoever submitted it is not offered approval.
    """
    did = {a.action for a in acts if a.thing == row.public_id and a.user_id == actor.user_id}
    untouched = all(order.state in NOTHING_SHIPPED for order in orders)
    allowed = []
    for move in PURCHASE.moves:
        if move.from_state is not row.state or move.needs is None:
            continue
        own = row.union_id is None
        if not own and not actor.may(move.needs, row.union_id):
            continue
        if did.intersection(move.not_by_who_did) or (move.action == "cancel" and not untouched):
            continue
        allowed.append(move.action)
    return allowed


def _purchases() -> Select[Purchase, str, str, str]:
    return (
        select(Purchase, User.name, Organisation.name, Organisation.public_id)
        .join(User, User.id == Purchase.buyer_id)
        .outerjoin(Organisation, Organisation.id == Purchase.union_id)
    )


def _own(thing: Purchase, actor: Actor) -> bool:
    return actor.user_id is not None and thing.buyer_id == actor.user_id


def _oversees(actor: Actor) -> bool:
    return actor.may(Permission.PLATFORM_READ) or actor.may(Permission.AUDIT_READ)


def _near(thing: Purchase, actor: Actor) -> bool:
    return _own(thing, actor) or (
        thing.union_id is not None and actor.may(Permission.PURCHASE_READ, thing.union_id)
    )


def _row(
    thing: Purchase, buyer: str, union: str | None, union_public_id: str | None, *, near: bool
) -> PurchaseRow:
    return PurchaseRow(
        thing.id,
        thing.public_id,
        thing.number,
        thing.reference,
        thing.kind,
        thing.state,
        thing.terms,
        thing.union_id,
        union_public_id or "",
        union or "",
        thing.budget_id,
        buyer if near else masked(buyer),
        thing.total,
        thing.recipient if near else masked(thing.recipient),
        thing.phone if near else "*" * 7 + thing.phone[-4:],
        thing.address if near else "***",
        thing.note,
        thing.submitted_at,
        thing.approved_at,
        thing.lapses_at,
        thing.province,
    )


def masked(name: str) -> str:
    """A name for those it does not concern: the surname and asterisks."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else ""


def _orders(tx: Session, keys: Select[int]) -> dict[int, list[OrderRow]]:
    lots = _lots(tx, keys)
    lines: dict[int, list[LineRow]] = defaultdict(list)
    for line, specification, product in tx.execute(
        select(OrderLine, Specification, Product)
        .join(Specification, Specification.id == OrderLine.specification_id)
        .join(Product, Product.id == Specification.product_id)
        .where(OrderLine.order_id.in_(keys))
        .order_by(OrderLine.id)
    ):
        lines[line.order_id].append(_line(line, specification, product, lots[line.id]))
    found: dict[int, list[OrderRow]] = defaultdict(list)
    for order, cooperative, cooperative_en in tx.execute(
        select(Order, Organisation.name, Organisation.name_en)
        .join(Organisation, Organisation.id == Order.cooperative_id)
        .where(Order.id.in_(keys))
        .order_by(Order.id)
    ):
        found[order.purchase_id].append(
            OrderRow(
                order.id,
                order.public_id,
                order.number,
                order.state,
                order.total,
                order.fresh,
                order.placed_at,
                order.purchase_id,
                order.cooperative_id,
                cooperative,
                cooperative_en,
                tuple(lines[order.id]),
            )
        )
    return found


def _line(
    line: OrderLine, specification: Specification, product: Product, lots: list[LotTaken]
) -> LineRow:
    return LineRow(
        specification.public_id,
        product.slug,
        line.product_name,
        line.specification_name,
        line.unit,
        line.units,
        line.price,
        line.price * line.units,
        tuple(Part(key, getattr(line, key)) for key in PARTS),
        tuple(lots),
        f"{product.name_en} {specification.name_en}",
        specification.unit_en,
        line.list_price,
        line.discount,
        line.surcharge,
        line.tax_class,
        line.tax_rate_bp,
    )


def _lots(tx: Session, keys: Select[int]) -> dict[int, list[LotTaken]]:
    found: dict[int, list[LotTaken]] = defaultdict(list)
    rows = tx.execute(
        select(Allocation, Lot.number, Lot.trace_code, Lot.best_before)
        .join(Lot, Lot.id == Allocation.lot_id)
        .join(OrderLine, OrderLine.id == Allocation.line_id)
        .where(OrderLine.order_id.in_(keys))
        .order_by(Allocation.id)
    )
    for taken, number, trace_code, best_before in rows:
        found[taken.line_id].append(
            LotTaken(
                taken.id,
                taken.public_id,
                taken.lot_id,
                number,
                trace_code or "",
                best_before,
                taken.units,
                taken.cancelled_units,
                taken.shipped_units,
                taken.accepted_units,
                taken.short_units,
                taken.damaged_units,
                taken.returned_units,
            )
        )
    return found
