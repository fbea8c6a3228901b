"""What a command is: one function, one transaction, all of it or nothing.

A command is written with the session `tx` first and keyword-only arguments behind it. Called from
outside it takes no session: ``settle(lot_id=…, actor=…, now=…)``. From a form or an API call it is
called through its once-key: ``settle.once(key)(lot_id=…, …)``; the second click gets the first
answer. A command never calls a command: shared steps are plain functions that take `tx`.
"""

from __future__ import annotations

import functools
import hashlib
import json
import random
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import String, UniqueConstraint, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, Session, mapped_column

from shop.core import db
from shop.core.actors import Actor
from shop.core.db import insert_if_new
from shop.core.errors import KeyReused

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 3
_TRY_AGAIN = {"40001", "40P01", "55P03"}  # serialization, deadlock, lock not available


class OnceKey(db.Model):
    """A once-key and the answer its command gave."""

    __tablename__ = "once_key"
    __table_args__ = (UniqueConstraint("actor_key", "key"),)

    id: Mapped[db.Id]
    actor_key: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(255))
    command: Mapped[str] = mapped_column(String(128))
    request_hash: Mapped[str] = mapped_column(String(64))
    answer: Mapped[str | None]
    at: Mapped[datetime]


class Command(Generic[P, R]):
    """A command as its callers see it."""

    def __init__(self, function: Callable[Concatenate[Session, P], R]) -> None:
        self.function = function
        self.name = f"{function.__module__}.{function.__name__}"
        functools.update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Run in one transaction; repeat it on a deadlock or a busy database."""
        return _in_transaction(lambda tx: self.function(tx, *args, **kwargs))

    def once(self, key: str | None) -> Callable[P, R]:
        """The same command, executed at most once for this key and actor.

        Raises (when called):
            KeyReused: the key came before with other arguments.
        """
        if not key:
            return self.__call__

        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            return _in_transaction(lambda tx: self._keyed(tx, key, *args, **kwargs))

        return run

    def _keyed(self, tx: Session, key: str, *args: P.args, **kwargs: P.kwargs) -> R:
        actor, now = kwargs["actor"], kwargs["now"]
        assert isinstance(actor, Actor)
        row = {
            "actor_key": actor.key,
            "key": key,
            "command": self.name,
            "request_hash": _hash_of(self.name, kwargs),
            "at": now,
        }
        if not insert_if_new(tx, OnceKey, row):
            earlier = tx.execute(
                select(OnceKey).where(OnceKey.actor_key == actor.key, OnceKey.key == key)
            ).scalar_one()
            if earlier.request_hash != row["request_hash"]:
                raise KeyReused()
            answer: R = json.loads(earlier.answer or "null")
            return answer
        result = self.function(tx, *args, **kwargs)
        tx.execute(
            update(OnceKey)
            .where(OnceKey.actor_key == actor.key, OnceKey.key == key)
            .values(answer=json.dumps(result))
        )
        return result


def command(function: Callable[Concatenate[Session, P], R]) -> Command[P, R]:
    """Make a function of (tx, keyword arguments) a command."""
    return Command(function)


def _in_transaction(work: Callable[[Session], R]) -> R:
    for attempt in range(1, TRIES + 1):
        try:
            with db.database().writing() as tx:
                return work(tx)
        except DBAPIError as error:
            if attempt == TRIES or not _worth_repeating(error):
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 (only spreads retries)
    raise AssertionError("unreachable")


def _worth_repeating(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in _TRY_AGAIN or "database is locked" in str(
        error.orig
    )


def _hash_of(name: str, kwargs: dict[str, Any]) -> str:
    content = {k: repr(v) for k, v in kwargs.items() if k not in ("actor", "now")}
    return hashlib.sha256(json.dumps([name, content], sort_keys=True).encode()).hexdigest()
