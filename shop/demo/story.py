"""Telling a year in order: what happens at which moment, one command after the other."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy.orm import Session

from shop.core import clock
from shop.core.actors import Actor
from shop.core.commands import Command
from shop.core.errors import Refusal

P = ParamSpec("P")
R = TypeVar("R")


@dataclass
class Story:
    """The plot: acts wait in a queue and are played in the order of their moments.

    Everything is written in the one transaction of `tx`: a region is loaded whole or not at all.
    `first` and `today` are the story's first and last day; acts due later are never played.
    """

    tx: Session
    first: date
    today: date
    until: datetime
    rng: random.Random = field(default_factory=lambda: random.Random(832))  # noqa: S311 (a plot)
    now: datetime = field(init=False)
    _queue: list[tuple[datetime, int, Callable[[], object]]] = field(default_factory=list)
    _count: int = 0

    def __post_init__(self) -> None:
        self.now = clock.at(self.first, 9)

    def ago(self, days: int, hour: int = 10, minute: int = 0) -> datetime:
        """A moment so many days before the last day."""
        return clock.at(self.today - timedelta(days=days), hour, minute)

    def later(self, days: int, hour: int = 10, minute: int = 0) -> datetime:
        """A moment so many days after the act being played."""
        return clock.at(clock.day_of(self.now) + timedelta(days=days), hour, minute)

    def at(self, moment: datetime, act: Callable[..., object], *details: Any) -> None:
        """Let an act happen at a moment; one that has gone by already happens next."""
        self._count += 1
        heapq.heappush(self._queue, (max(moment, self.now), self._count, lambda: act(*details)))

    def play(self) -> None:
        """Play every act that is due before the end."""
        while self._queue and self._queue[0][0] <= self.until:
            self.now, _, act = heapq.heappop(self._queue)
            act()

    def do(
        self,
        command: Command[Any, R] | Callable[Concatenate[Session, ...], R],
        actor: Actor,
        **details: Any,
    ) -> R:
        """Run a command as somebody, now; each one sees the database afresh, as in production."""
        function = command.function if isinstance(command, Command) else command
        result: R = function(self.tx, actor=actor, now=self.now, **details)
        self.tx.flush()
        self.tx.expunge_all()
        return result

    def attempt(
        self,
        command: Command[Any, R],
        actor: Actor,
        *,
        unless: type[Refusal],
        **details: Any,
    ) -> R | None:
        """Run a command that may be refused with `unless`: then nothing of it stays, and None."""
        function: Callable[Concatenate[Session, ...], R] = command.function
        try:
            with self.tx.begin_nested():
                return self.do(function, actor, **details)
        except unless:
            self.tx.expunge_all()
            return None
