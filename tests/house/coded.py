"""The part of the story about codes: on units and boxes, printed, scanned, complained of."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from products.traceability import boxes, code_commands, label_commands
from products.traceability.commands import count_scan
from products.traceability.complaints import complain
from products.traceability.models import LabelPrint
from shop.core.actors import VISITOR
from tests.products.coded import BOX, allocations, make_codes, make_stock, run_jobs
from tests.world import World


def codes_on(world: World, lot: str) -> dict[str, str]:
    """Codes for a packed lot, some in a box, some scanned; public ids of what was left behind."""
    units, packs = make_codes(world, lot, 12), make_codes(world, lot, 2, BOX)
    make_stock(world, 5)
    facts = {"lot_id": lot, "actor": world.manager, "now": world.now}
    boxes.pack_box(box_code=packs[0], contents=tuple(units[:6]), **facts)
    code_commands.add_external_code(scheme="省追溯平台", value="JX-0001", **facts)
    for days in (0, 1, 90):
        count_scan(code=units[0], actor=VISITOR, now=world.now + timedelta(days=days))
    complaint = complain(
        code=units[1], words="罐口变形", phone="13800000000", actor=VISITOR, now=world.now
    )
    allocation = allocations(lot)[0].public_id
    label_commands.print_labels(
        allocation_id=allocation,
        paper="a4",
        first_serial=1,
        count=2,
        start=1,
        content={"site": "https://x", "gtin": "", "lot": "L", "product": "茶", "lines": []},
        actor=world.manager,
        now=world.now,
    )
    run_jobs(world)
    return {
        "code_allocation": allocation,
        "print": world._one(select(LabelPrint.public_id)),
        "complaint": complaint,
        "part": "1",
        "gtin": "09520001000010",
        "qualifiers": f"21/{units[0]}",
    }
