"""Short ways to money that is owed, and to the bank's answers."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from sqlalchemy import select

from orders.books.checks import check_books
from orders.payouts.commands import (
    approve_batch,
    draft_batch,
    export_batch,
    import_results,
    take_file,
)
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.states import ItemState, PayoutKind
from shop.core import clock, db
from tests.world import World

ALL = tuple(PayoutKind)


def earn(world: World) -> str:
    """Ten tins of leaf on consignment, paid for and accepted with two short; all settled.

    Owed then: two households, the cooperative, the carrier, and a refund of two tins.
    """
    leaf = [(world.delivery(who, 10, "100", paid=False), 10_000) for who in ("张桂兰", "李长根")]
    world.packed([(world.rough(leaf, 10), 10_000)], 40)
    purchase = world.approved(10)
    world.paid(purchase)
    world.accepted(purchase, short=2)
    world.settle()
    return purchase


def drafted(world: World, *kinds: PayoutKind) -> str:
    return draft_batch(kinds=kinds or ALL, actor=world.operator, now=world.now)


def seen(batch: str) -> str:
    with db.database().reading() as tx:
        return tx.execute(
            select(PayoutBatch.seen_hash).where(PayoutBatch.public_id == batch)
        ).scalar_one()


def approved(world: World, *kinds: PayoutKind) -> str:
    batch = drafted(world, *kinds)
    approve_batch(batch_id=batch, seen_hash=seen(batch), actor=world.treasurer, now=world.now)
    return batch


def exported(world: World, *kinds: PayoutKind) -> str:
    batch = approved(world, *kinds)
    export_batch(batch_id=batch, actor=world.operator, now=world.now)
    return batch


def rows_of(world: World, batch: str) -> list[dict[str, str]]:
    """The bank's file of a batch, as the bank reads it."""
    content = take_file(batch_id=batch, actor=world.operator, now=world.now)
    return list(csv.DictReader(io.StringIO(content.decode("gb18030"))))


def answer_file(
    world: World, rows: list[tuple[str, str]], *, encoding: str = "gb18030", reason: str = ""
) -> bytes:
    """A result file of (reference, outcome)."""
    at = f"{(world.now + timedelta(hours=2)).astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"
    lines = ["业务参考号,状态,原因,处理时间"]
    lines += [f"{code},{outcome},{reason},{at}" for code, outcome in rows]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def answered(world: World, batch: str, rows: list[tuple[str, str]], reason: str = "") -> str:
    return import_results(
        batch_id=batch,
        file_name="回盘.csv",
        content=answer_file(world, rows, reason=reason),
        actor=world.operator,
        now=world.now,
    )


def items(batch: str) -> list[PayoutItem]:
    with db.database().reading() as tx:
        return list(
            tx.execute(
                select(PayoutItem)
                .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
                .where(PayoutBatch.public_id == batch)
                .order_by(PayoutItem.position)
            ).scalars()
        )


def item_states(batch: str) -> set[ItemState]:
    return {item.state for item in items(batch)}


def batch_state(batch: str):
    with db.database().reading() as tx:
        return tx.execute(
            select(PayoutBatch.state).where(PayoutBatch.public_id == batch)
        ).scalar_one()


def books_are_right() -> None:
    with db.database().reading() as tx:
        assert check_books(tx) == []
