"""Lifecycles: every pair of state and action of every table, and four eyes by person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from shop.core.actors import CLOCK, Actor, Grant
from shop.core.audit import AuditEntry, record
from shop.core.errors import NotAllowed, NotFound, SamePerson, WrongState
from shop.core.permissions import GRANTED, Role
from shop.core.states import StateTable
from tests.lifecycles import tables
from tests.world import NOW

TABLES = list(tables())
PAIRS = [
    pytest.param(table, state, action, id=f"{table.kind}-{state.value}-{action}")
    for table in TABLES
    for state in type(table.moves[0].from_state)
    for action in dict.fromkeys(move.action for move in table.moves)
]
GUARDED = [
    pytest.param(table, move, id=f"{table.kind}-{move.from_state.value}-{move.action}")
    for table in TABLES
    for move in table.moves
    if move.needs
]
FOUR_EYES = [
    pytest.param(table, move, earlier, id=f"{table.kind}-{move.action}-not-after-{earlier}")
    for table in TABLES
    for move in table.moves
    for earlier in move.not_by_who_did
]


@dataclass
class Thing:
    """What a table moves: a state and a name."""

    state: Any
    public_id: str = "thing_1"


@pytest.fixture
def tx(database) -> Iterator[Session]:
    with Session(database.engine) as session:
        yield session
        session.rollback()


def take(tx: Session, table: StateTable, thing: Thing, action: str, actor: Actor) -> None:
    table.move(tx, thing, action, actor=actor, now=NOW, organisation_id=None, reason="因为")


def lines(tx: Session) -> int:
    tx.flush()
    return tx.execute(
        select(func.count()).select_from(AuditEntry).where(AuditEntry.thing == "thing_1")
    ).scalar_one()


def test_there_are_lifecycles_and_one_of_each_kind():
    kinds = [table.kind for table in TABLES]

    assert len(kinds) >= 8
    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.kind)
def test_an_action_leads_from_a_state_to_one_other(table):
    pairs = [(move.from_state, move.action) for move in table.moves]

    assert len(pairs) == len(set(pairs))
    for state in type(table.moves[0].from_state):
        assert table.actions(state) == [
            move.action for move in table.moves if move.from_state is state
        ]


@pytest.mark.parametrize(("table", "state", "action"), PAIRS)
def test_every_pair_moves_as_the_table_says_or_is_refused(tx, table, state, action):
    thing, step = Thing(state), table.find(state, action)

    if step is None:
        with pytest.raises(WrongState) as refusal:
            take(tx, table, thing, action, CLOCK)
        assert refusal.value.facts == {"state": state.label}
        assert thing.state is state
        assert lines(tx) == 0
    else:
        take(tx, table, thing, action, CLOCK)
        assert thing.state is step.to_state
        assert lines(tx) == 1


def test_a_move_writes_down_who_when_from_where_to_where_and_why(tx, world):
    table = TABLES[0]
    move = table.moves[0]
    actor = replace(CLOCK, key=world.clerk.key, name="王梅", user_id=world.clerk.user_id)

    take(tx, table, Thing(move.from_state), move.action, actor)

    tx.flush()
    line = tx.execute(select(AuditEntry).where(AuditEntry.thing == "thing_1")).scalar_one()
    assert (line.kind, line.action, line.reason) == (table.kind, move.action, "因为")
    assert (line.from_state, line.to_state) == (move.from_state.value, move.to_state.value)
    assert (line.at, line.actor_name, line.user_id) == (NOW, "王梅", world.clerk.user_id)


@pytest.mark.parametrize(("table", "move"), GUARDED)
def test_a_role_without_the_permission_is_refused_and_a_foreigner_finds_nothing(tx, table, move):
    wrong = next(role for role in Role if move.needs not in GRANTED[role])
    right = next(role for role in Role if move.needs in GRANTED[role])
    thing = Thing(move.from_state)

    def attempt(grant: Grant) -> None:
        actor = Actor(key="user_x", name="某人", grants=(grant,))
        table.move(tx, thing, move.action, actor=actor, now=NOW, organisation_id=1)

    with pytest.raises(NotAllowed):
        attempt(Grant(organisation_id=1, role=wrong))
    with pytest.raises(NotFound):
        attempt(Grant(organisation_id=2, role=right))
    assert thing.state is move.from_state
    assert lines(tx) == 0


@pytest.mark.parametrize(("table", "move", "earlier"), FOUR_EYES)
def test_four_eyes_are_two_people_and_not_two_roles(tx, world, table, move, earlier):
    def as_role(person: Actor, role: str) -> Actor:
        return Actor(key=f"{role}", name=role, user_id=person.user_id, unlimited=True)

    before = next((step for step in table.moves if step.action == earlier), None)
    thing = Thing(before.from_state if before else move.from_state)
    if before:
        take(tx, table, thing, earlier, as_role(world.clerk, "first"))
    else:
        record_step(tx, table, earlier, as_role(world.clerk, "first"))
    thing.state = move.from_state
    written = lines(tx)

    with pytest.raises(SamePerson):
        take(tx, table, thing, move.action, as_role(world.clerk, "second"))
    assert thing.state is move.from_state
    assert lines(tx) == written

    take(tx, table, thing, move.action, as_role(world.approver, "second"))
    assert thing.state is move.to_state


def record_step(tx: Session, table: StateTable, action: str, actor: Actor) -> None:
    """The first step of a life makes the thing and is no move: it is only written down."""
    record(tx, actor=actor, now=NOW, kind=table.kind, thing="thing_1", action=action)
