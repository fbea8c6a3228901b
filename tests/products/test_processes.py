"""Processes: a cooperative's own and those offered to all; an edit is a new one."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from products.catalogue.states import Category
from products.lots.models import LotStep, Process, ProcessStep
from products.lots.process_queries import offered, offered_to_all
from products.lots.processes import NameMissing, StepsMissing, add_process, retire_process
from shop.core import db
from shop.core.errors import NotAllowed, NotFound
from tests.products.gate import NOON, Gate, at_the_gate

STEPS = (("萎凋", "Withering"), ("揉捻", "Rolling"), ("发酵", "Oxidising"))


@pytest.fixture
def gate(world) -> Gate:
    return at_the_gate(world)


def added(gate, **changes) -> str:
    facts = {
        "cooperative_id": gate.cooperative,
        "category": Category.TEA,
        "name": "红茶初制",
        "name_en": "Black tea",
        "makes": "红毛茶",
        "makes_en": "",
        "steps": STEPS,
        "actor": gate.manager,
        "now": NOON,
    }
    return add_process(**{**facts, **changes})


def names(gate, cooperative: int, actor) -> list[str]:
    with db.database().reading() as tx:
        return [row.name for row in offered(tx, cooperative, actor)]


def test_its_own_processes_come_first_and_others_do_not_see_them(gate, world):
    added(gate)

    assert names(gate, gate.cooperative_key, gate.manager) == ["红茶初制", "绿茶初制"]
    assert names(gate, gate.other_key, world.other_manager) == ["绿茶初制"]


def test_a_lot_copies_the_steps_that_were_done(gate):
    process = added(gate)
    lot = gate.rough(
        [(gate.leaf(gate.zhang, "5"), 5_000)],
        1_000,
        process_id=process,
        steps=((1, ""), (3, "两小时")),
    )

    with db.database().reading() as tx:
        done = tx.execute(
            select(LotStep.position, LotStep.name, LotStep.note)
            .where(LotStep.lot_id == gate.lot(lot).id)
            .order_by(LotStep.position)
        ).all()
    assert [tuple(step) for step in done] == [(1, "萎凋", ""), (3, "发酵", "两小时")]
    assert gate.lot(lot).name == "红毛茶"


def test_an_edit_retires_the_old_and_lots_keep_naming_it(gate):
    old = added(gate)
    lot = gate.rough([(gate.leaf(gate.zhang, "5"), 5_000)], 1_000, process_id=old, steps=((1, ""),))

    new = added(gate, name="红茶精制", replaces_id=old)

    assert names(gate, gate.cooperative_key, gate.manager) == ["红茶精制", "绿茶初制"]
    with db.database().reading() as tx:
        kept = tx.execute(
            select(Process.public_id).where(Process.id == gate.lot(lot).process_id)
        ).scalar_one()
    assert kept == old != new
    with pytest.raises(NotFound):
        added(gate, replaces_id=old)


def test_what_is_retired_is_used_no_more(gate):
    process = added(gate)
    retire_process(process_id=process, actor=gate.manager, now=NOON)
    leaf = gate.leaf(gate.zhang, "5")

    with pytest.raises(NotFound):
        gate.rough([(leaf, 5_000)], 1_000, process_id=process, steps=((1, ""),))
    with pytest.raises(NotFound):
        retire_process(process_id=process, actor=gate.manager, now=NOON)


def test_what_is_offered_to_all_is_the_platforms(gate, world):
    before = gate.everything()

    for act in (
        lambda: added(gate, cooperative_id=None),
        lambda: retire_process(process_id=gate.tea_process, actor=gate.manager, now=NOON),
    ):
        with pytest.raises(NotAllowed):
            act()
    with pytest.raises(NotFound):
        added(gate, replaces_id=gate.tea_process)
    with db.database().reading() as tx, pytest.raises(NotAllowed):
        offered_to_all(tx, world.weigher)
    assert gate.everything() == before

    added(gate, cooperative_id=None, actor=world.operator, replaces_id=gate.tea_process)
    assert names(gate, gate.other_key, world.other_manager) == ["红茶初制"]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"name": " "}, NameMissing),
        ({"makes": ""}, NameMissing),
        ({"steps": ()}, StepsMissing),
        ({"steps": ((" ", ""),)}, StepsMissing),
        ({"steps": (("晾", ""),) * 21}, StepsMissing),
        ({"steps": (("长" * 33, ""),)}, StepsMissing),
        ({"cooperative_id": "coop_none"}, NotFound),
    ],
)
def test_what_cannot_be_is_refused(gate, changes, refusal):
    before = gate.everything()

    with pytest.raises(refusal):
        added(gate, **changes)
    assert gate.everything() == before


def test_others_neither_add_nor_retire(gate, world):
    process = added(gate)
    before = gate.everything()

    for act in (
        lambda who: added(gate, actor=who),
        lambda who: retire_process(process_id=process, actor=who, now=NOON),
    ):
        with pytest.raises(NotFound):
            act(world.other_manager)
        with pytest.raises(NotAllowed):
            act(world.weigher)
    assert gate.everything() == before


def test_the_steps_of_a_process_are_never_changed(gate):
    with pytest.raises(DBAPIError), db.database().writing() as tx:
        tx.execute(ProcessStep.__table__.update().values(name="别的"))
