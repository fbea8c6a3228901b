"""Breaking a story off at one statement, and going on as a person would who sees no answer.

Every statement of the commands is counted, each COMMIT as one. The commands of an event are written
down when nothing breaks; then they are called through once-keys, as forms and programs do, so that
whoever got no answer asks the same again.
"""

from __future__ import annotations

import copy
import os
import random
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from orders.scenarios.playing import Playing
from orders.scenarios.queries import outcome
from orders.scenarios.rules import Event
from shop.core import commands, db
from shop.core.errors import Refusal

Json = dict[str, Any]


class BrokenOff(Exception):
    """The power is gone."""


class Counter:
    """Counts statements of a database; at one of them something happens, before or after it.

    `entered` is what the database was when the command under way was entered; `gone_on` counts
    the statements after its COMMIT, which is the last thing a command does.
    """

    def __init__(self, at: int = 0, *, after: bool = False, do: Callable[[], None] | None = None):
        self.at, self.after, self.do = at, after, do or self._break
        self.count = 0
        self.entered: bytes | None = None
        self.gone_on: int | None = None

    @staticmethod
    def _break() -> None:
        raise BrokenOff

    def step(self) -> None:
        self.count += 1
        if self.gone_on is not None:
            self.gone_on += 1
        if self.count == self.at and not self.after:
            self.do()

    def stepped(self) -> None:
        if self.count == self.at and self.after:
            self.do()


@contextmanager
def counting(counter: Counter) -> Iterator[Counter]:
    """Let a counter see every statement."""
    engine = db.database().engine
    dialect = engine.dialect
    commit = dialect.do_commit

    def before(*_: Any) -> None:
        counter.step()

    def after(*_: Any) -> None:
        counter.stepped()

    def committed(connection: Any) -> None:
        counter.step()
        commit(connection)
        counter.gone_on = 0
        counter.stepped()

    listeners = (("before_cursor_execute", before), ("after_cursor_execute", after))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    dialect.do_commit = committed  # type: ignore[method-assign]
    try:
        yield counter
    finally:
        del dialect.do_commit  # type: ignore[method-assign]
        for name, listener in listeners:
            event.remove(engine, name, listener)


@dataclass(frozen=True)
class Call:
    """One command as it was called when nothing broke; `refused` if it said no."""

    command: Any
    arguments: Json
    refused: bool


@contextmanager
def same_chance(name: str) -> Iterator[None]:
    """Ids, codes and what seals an account number come out the same for the same name."""
    chance = random.Random(name)
    given = (secrets.choice, secrets.token_bytes, os.urandom)
    secrets.choice, secrets.token_bytes, os.urandom = (
        chance.choice,
        chance.randbytes,  # type: ignore[assignment]
        chance.randbytes,
    )
    try:
        yield
    finally:
        secrets.choice, secrets.token_bytes, os.urandom = given


def recorded(playing: Playing, what: Json, name: str) -> tuple[Playing, list[Call]]:
    """Let an event happen, on a copy of what the story remembers; the commands it took."""
    trial, calls = copy.deepcopy(playing), []
    plain = commands.Command.__call__

    def keyed(self: Any, **arguments: Any) -> Any:
        refused = True
        try:
            with same_chance(f"{name}:{len(calls)}"):
                result = self.once(f"{name}:{len(calls)}")(**arguments)
                refused = False
                return result
        finally:
            calls.append(Call(self, arguments, refused))

    commands.Command.__call__ = keyed  # type: ignore[method-assign]
    try:
        trial.happen(Event(**what), name)
    finally:
        commands.Command.__call__ = plain  # type: ignore[method-assign]
    return trial, calls


def ask(
    calls: list[Call],
    name: str,
    counter: Counter | None = None,
    look: Callable[[], bytes] = bytes,
) -> None:
    """Call the commands of an event with their once-keys, for the first time or once more.

    `look` shows a counter the whole database as each command is entered.
    """
    for number, call in enumerate(calls):
        if counter is not None:
            counter.entered, counter.gone_on = look(), None
        with same_chance(f"{name}:{number}"), suppress(*[Refusal] * call.refused):
            call.command.once(f"{name}:{number}")(**call.arguments)


def told(playing: Playing, lots: list[str]) -> Json:
    """How things stand."""
    with db.database().reading() as tx:
        return outcome(
            tx, playing.stage.households, {lot: playing.store.sources[lot] for lot in lots}
        )
