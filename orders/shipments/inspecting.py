"""Inspecting what came back (验收退货): on sale again, or written off; stock moves exactly once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from orders.purchasing.models import Allocation, Order
from orders.shipments.models import Acceptance, AcceptanceLine, Return, ReturnLine
from orders.shipments.steps import locked_acceptance
from products.lots import stock
from shop.core import audit, db
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission


class NothingInspected(Refusal):
    """An inspection without units."""

    code = "nothing_inspected"
    sentence = N_("请至少填一行的数量。")
    status = 422


class MoreThanCameBack(Refusal):
    """More units than came back and were not inspected yet."""

    code = "more_than_came_back"
    sentence = N_("填的数量比退回、还没有验收的多，库存没有变。")


@command
def inspect_return(
    tx: Session,
    *,
    return_id: str,
    counts: tuple[tuple[str, int, int], ...],
    note: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Inspect units of a return whose money has moved already; in parts, if need be.

    Args:
        counts: (acceptance line public id, back on sale, written off), each line once.

    Raises:
        NotFound, NotAllowed: `return:decide` in the selling cooperative is needed.
        NothingInspected, MoreThanCameBack: see there.
    """
    found = tx.execute(
        select(Return.id, Acceptance.public_id, Order.cooperative_id)
        .join(Acceptance, Acceptance.id == Return.acceptance_id)
        .join(Order, Order.id == Acceptance.order_id)
        .where(Return.public_id == return_id)
    ).first()
    if found is None:
        raise NotFound()
    return_key, acceptance_id, cooperative_id = found
    actor.require(Permission.RETURN_DECIDE, cooperative_id)
    locked_acceptance(tx, acceptance_id)
    sort_out(
        tx,
        return_key,
        {line: (good, bad) for line, good, bad in counts},
    )
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="return",
        thing=return_id,
        action="inspect",
        organisation_id=cooperative_id,
        reason=note.strip(),
        restocked=sum(good for _line, good, _bad in counts),
        written_off=sum(bad for _line, _good, bad in counts),
    )


def sort_out(tx: Session, return_key: int, counts: Mapping[str, tuple[int, int]]) -> None:
    """Put returned units back on sale or write them off; a step, in its caller's transaction.

    Args:
        return_key: internal key of the return.
        counts: by acceptance line public id: back on sale, written off; both ≥ 0.

    Raises:
        NotFound: a line that is not of this return.
        NothingInspected, MoreThanCameBack: see there.
    """
    if any(good < 0 or bad < 0 for good, bad in counts.values()) or not any(
        good + bad for good, bad in counts.values()
    ):
        raise NothingInspected()
    rows = tx.execute(
        select(AcceptanceLine.public_id, ReturnLine.id, Allocation.lot_id)
        .join(ReturnLine, ReturnLine.acceptance_line_id == AcceptanceLine.id)
        .join(Allocation, Allocation.id == AcceptanceLine.allocation_id)
        .where(ReturnLine.return_id == return_key)
        .order_by(Allocation.lot_id, ReturnLine.id)
    ).all()
    if set(counts) - {line for line, _key, _lot in rows}:
        raise NotFound()
    for line, key, lot_id in rows:
        good, bad = counts.get(line, (0, 0))
        if not good + bad:
            continue
        moved = db.rows_changed(
            tx,
            update(ReturnLine)
            .where(
                ReturnLine.id == key,
                ReturnLine.restocked_units + ReturnLine.written_off_units + good + bad
                <= ReturnLine.units,
            )
            .values(
                restocked_units=ReturnLine.restocked_units + good,
                written_off_units=ReturnLine.written_off_units + bad,
            ),
        )
        if not moved:
            raise MoreThanCameBack()
        if good:
            stock.put_back(tx, lot_id, good)
        if bad:
            stock.write_off(tx, lot_id, bad)
