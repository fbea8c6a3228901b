"""Logs for the tests: events written down, sealed and signed as the shop does it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from products.proofs import commands, log, queries
from products.proofs.notes import COSIGNER, SecretKey
from shop.core import db
from shop.core.actors import CLOCK
from shop.core.events import emit
from tests.world import NOW

ORIGIN = "shanhuo.example/log"
COUNTY = SecretKey("county.example/cosigner", COSIGNER, b"\x02" * 32)


def written(count: int, /, *, kind: str = "delivery", thing: str = "lot_x", **facts: Any) -> None:
    """So many events, in one transaction."""
    with db.database().writing() as tx:
        for number in range(count):
            emit(
                tx,
                kind=kind,
                thing=thing,
                at=NOW,
                now=NOW,
                organisation_id=None,
                **{"lot": f"L{number}", "grams": number, **facts},
            )


def sealed(now: datetime = NOW) -> int:
    return commands.seal_due(actor=CLOCK, now=now)


def signed(now: datetime = NOW) -> int:
    return commands.sign_checkpoint(actor=CLOCK, now=now)


def published(*sizes: int) -> None:
    """A log with a checkpoint at each of these sizes, a day apart."""
    log.configure(ORIGIN, "01" * 32)
    before = 0
    for day, size in enumerate(sizes):
        written(size - before)
        sealed()
        assert signed(NOW + timedelta(days=day)) == size
        before = size


def files() -> dict[str, bytes]:
    """Every public file, by name."""
    with db.database().reading() as tx:
        return dict(queries.public_files(tx))
