"""Eight at the same lot, a freeze, a correction: nothing is taken twice, nothing moves that stands
still, nobody is left behind; on both databases.

Each race has a control with its guard off, which is lost; without it the race would prove nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import ColumnElement, event, select, text, true

from products.lots import correcting, dividing, taking
from products.lots.freezing import LotFrozen, freeze
from products.lots.models import Lot, LotInput, LotLoss
from products.lots.states import FreezeCause
from products.lots.taking import OverConsumed
from shop.core import db
from shop.core.events import Event
from tests.products.gate import NOON, Gate, at_the_gate
from tests.products.lot_graphs import counted, must_hold
from tests.products.test_lot_races import at_once
from tests.world import World

pytestmark = pytest.mark.race

EACH, THERE = 1_000, 5_000
ONE_WRITER = "SQLite has one writer: nothing comes between its statements"


@pytest.fixture
def gate(world: World) -> Gate:
    return at_the_gate(world)


@pytest.fixture
def leaf(gate: Gate) -> str:
    return gate.leaf(gate.zhang, "15")


@pytest.fixture
def rough(gate: Gate, leaf: str) -> str:
    """5 kg of rough tea of two households."""
    return gate.rough([(leaf, 15_000), (gate.leaf(gate.li, "8"), 8_000)], THERE)


def unguarded(*_what: object) -> ColumnElement[bool]:
    """In the place of a guard: whatever is asked, yes."""
    return true()


# --- the last gram ------------------------------------------------------------------------------


def gone(lot: str) -> list[tuple[int, int]]:
    """What was taken and lost of a lot: (before, grams), in order."""
    with db.database().reading() as tx:
        key = tx.execute(select(Lot.id).where(Lot.public_id == lot)).scalar_one()
        taken = select(LotInput.before_grams, LotInput.grams).where(LotInput.parent_id == key)
        lost = select(LotLoss.before_grams, LotLoss.grams).where(LotLoss.lot_id == key)
        return sorted((row[0], row[1]) for row in tx.execute(taken.union_all(lost)))


def test_process_blend_divide_pack_and_lose_at_once_never_take_too_much(gate, rough, world):
    ways: list[Callable[[], object]] = [
        lambda: gate.rough([(rough, EACH)], 500),
        lambda: gate.blend([(rough, EACH)], EACH),
        lambda: gate.parts(rough, EACH),
        lambda: gate.pack([(rough, EACH)], 4),
        lambda: gate.lose(rough, EACH),
    ]
    turn = iter(range(8))

    ends = at_once(lambda: ways[next(turn) % len(ways)]())

    refused = [end for end in ends if end]
    assert [type(end) for end in refused] == [OverConsumed] * 3
    assert {end.facts["left"] for end in refused} == {"0"}
    assert gone(rough) == [(before, EACH) for before in range(0, THERE, EACH)]
    must_hold(counted())
    assert world.findings() == []


def test_whoever_is_refused_is_told_what_the_others_left(gate, rough):
    ends = at_once(lambda: gate.blend([(rough, 2_000)], 2_000))

    refused = [end for end in ends if end]
    assert [type(end) for end in refused] == [OverConsumed] * 6
    assert {end.facts["left"] for end in refused} == {"1"}


def test_the_control_without_guard_and_check_loses_more_than_there_is(gate, rough, monkeypatch):
    monkeypatch.setattr(dividing, "enough", unguarded)
    _drop_the_check()

    ends = at_once(lambda: gate.lose(rough, EACH))

    assert ends == [None] * 8
    assert gate.lot(rough).lost_grams == 8 * EACH > THERE


def _drop_the_check() -> None:
    database = db.connect(db.database().url)  # an engine of its own: this one is spoilt
    if database.is_sqlite:

        @event.listens_for(database.engine, "connect")
        def _unchecked(connection, _record):
            connection.execute("PRAGMA ignore_check_constraints=ON")

        return
    with database.writing() as tx:
        tx.execute(text("ALTER TABLE lot DROP CONSTRAINT ck_lot_not_over_used"))


# --- what stands still --------------------------------------------------------------------------


def stop(gate: Gate, lot: str) -> None:
    about = {"cause": FreezeCause.DISPUTE, "about": "dispute_x", "reason": "来源有争议"}
    with db.database().writing() as tx:
        key = tx.execute(select(Lot.id).where(Lot.public_id == lot)).scalar_one()
        freeze(tx, [key], **about, actor=gate.manager, now=NOON)


def made_after_the_freeze() -> int:
    """Blends whose event comes after the freeze; both are written while the lot is locked."""
    with db.database().reading() as tx:
        kinds = tx.execute(
            select(Event.kind).where(Event.kind.in_(["freeze", "blend"])).order_by(Event.id)
        ).scalars()
        order = list(kinds)
    assert order.count("freeze") == 1
    return order[order.index("freeze") :].count("blend")


def test_nothing_is_made_of_a_lot_once_it_is_frozen(gate, rough, world):
    turn = iter(range(8))

    ends = at_once(
        lambda: stop(gate, rough) if next(turn) == 3 else gate.blend([(rough, 100)], 100)
    )

    assert {type(end) for end in ends if end} <= {LotFrozen}
    assert made_after_the_freeze() == 0
    assert gate.lot(rough).freezes == 1
    assert world.findings() == []


def test_the_control_that_does_not_ask_makes_goods_of_a_frozen_lot(gate, rough, monkeypatch):
    monkeypatch.setattr(taking, "moving", unguarded)
    stop(gate, rough)

    ends = at_once(lambda: gate.blend([(rough, 100)], 100))

    assert ends == [None] * 8
    assert made_after_the_freeze() == 8


def test_a_freeze_between_the_look_and_the_taking_is_seen(gate, rough, monkeypatch):
    if db.database().is_sqlite:
        pytest.skip(ONE_WRITER)
    looked = taking._parents

    def and_then_it_is_frozen(*args):
        found = looked(*args)
        _elsewhere(lambda: stop(gate, rough))
        return found

    monkeypatch.setattr(taking, "_parents", and_then_it_is_frozen)

    with pytest.raises(LotFrozen):
        gate.blend([(rough, 100)], 100)
    assert made_after_the_freeze() == 0


# --- corrected meanwhile ------------------------------------------------------------------------


def test_what_is_packed_while_a_delivery_is_corrected_has_the_corrected_shares(
    gate, leaf, rough, world
):
    turn = iter(range(8))

    def act() -> None:
        place = next(turn)
        if place % 2:
            gate.correct(leaf, 10_000 + place)
        else:
            gate.pack([(rough, EACH)], 4)

    assert at_once(act) == [None] * 8
    must_hold(counted())
    assert gate.lot(leaf).share_version == 5
    assert world.findings() == []


def test_the_control_that_does_not_look_again_leaves_a_packed_lot_behind(
    gate, leaf, rough, monkeypatch, world
):
    with db.database().reading() as tx:
        seen = correcting.below(tx, gate.lot(leaf).id)
    monkeypatch.setattr(correcting, "_locked_below", lambda *_args: seen)
    packed = gate.pack([(rough, EACH)], 4)

    gate.correct(leaf, 10_000)

    assert gate.lot(packed).share_version == 1
    assert {finding.check for finding in world.findings()} == {
        "shares are carried by the ladder",
    }
    with pytest.raises(AssertionError):
        must_hold(counted())


def test_what_is_packed_between_the_look_and_the_hold_is_found_on_looking_again(
    gate, leaf, rough, monkeypatch, world
):
    if db.database().is_sqlite:
        pytest.skip(ONE_WRITER)
    hold, packed = correcting._hold, []

    def first_somebody_packs(tx, keys):
        if not packed:
            _elsewhere(lambda: packed.append(gate.pack([(rough, EACH)], 4)))
        hold(tx, keys)

    monkeypatch.setattr(correcting, "_hold", first_somebody_packs)

    gate.correct(leaf, 10_000)

    assert gate.lot(packed[0]).share_version == 2
    assert world.findings() == []


def test_two_corrections_at_once_end_as_one_of_them_says(gate, leaf, rough, world):
    weights = iter(range(9_001, 9_009))

    assert at_once(lambda: gate.correct(leaf, next(weights))) == [None] * 8

    milligrams = gate.shares(leaf)[gate.zhang][0]
    assert milligrams in {grams * 1000 for grams in range(9_001, 9_009)}
    assert gate.lot(leaf).share_version == 9
    assert world.findings() == []


def _elsewhere(act: Callable[[], object]) -> None:
    """Let somebody else do it, in a transaction of its own, before going on."""
    other = threading.Thread(target=act)
    other.start()
    other.join()
