"""Codes in tests: made by the jobs people start, and read as the printer would get them."""

from __future__ import annotations

from sqlalchemy import select

from products.lots.models import Lot
from products.traceability import code_commands, label_commands
from products.traceability.models import Code, CodeAllocation, CodeBatch
from products.traceability.states import CodeKind
from shop.core import db
from shop.jobs import queue
from tests.world import World

UNIT, BOX = CodeKind.UNIT, CodeKind.BOX


def run_jobs(world: World) -> int:
    """Do every job that waits."""
    return queue.run_waiting(lambda: world.now)


def make_codes(world: World, lot_id: str, count: int, kind: CodeKind = UNIT) -> list[str]:
    """Codes made for a lot, in the order of their serials."""
    code_commands.make_codes_for_lot(
        lot_id=lot_id, kind=kind, count=count, actor=world.manager, now=world.now
    )
    run_jobs(world)
    return codes_of(world, allocations(lot_id)[-1].public_id)


def make_stock(world: World, count: int, kind: CodeKind = UNIT) -> str:
    """A batch of codes in stock; its public id."""
    code_commands.make_codes(
        cooperative_id=world.organisation("TH"),
        kind=kind,
        count=count,
        actor=world.manager,
        now=world.now,
    )
    run_jobs(world)
    with db.database().reading() as tx:
        return tx.execute(
            select(CodeBatch.public_id).order_by(CodeBatch.id.desc()).limit(1)
        ).scalar_one()


def allocations(lot_id: str) -> list[CodeAllocation]:
    """The ranges of codes of a lot."""
    with db.database().reading() as tx:
        return list(
            tx.execute(
                select(CodeAllocation)
                .join(Lot, Lot.id == CodeAllocation.lot_id)
                .where(Lot.public_id == lot_id)
                .order_by(CodeAllocation.id)
            ).scalars()
        )


def codes_of(world: World, allocation_id: str) -> list[str]:
    """The codes of a range, as the list for a printer has them."""
    listed = label_commands.list_codes(
        allocation_id=allocation_id, actor=world.manager, now=world.now
    )
    return [code for _serial, code in listed]


def rows() -> list[Code]:
    """Every code as it stands in the database."""
    with db.database().reading() as tx:
        return list(tx.execute(select(Code).order_by(Code.batch_id, Code.serial)).scalars())
