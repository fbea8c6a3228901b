"""How long sealing takes: events, chain, tree and checkpoint, on SQLite or PostgreSQL.

Goal: a million events sealed in at most 20 s on two cores. A bundle's paths are asked for
afterwards, since they must not grow with the log.

    python bench/bench_log.py [events] [url of an empty database]
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

GOAL_S = 20.0


def main(count: int, url: str) -> None:
    from sqlalchemy import text

    from products.proofs import commands, log, merkle, tree
    from shop.core import bulk, clock, db
    from shop.core.actors import CLOCK
    from shop.core.events import Event
    from shop.factory import create_app  # noqa: F401 (every table is known once it is imported)

    db.migrate(url)
    database = db.connect(url)
    log.configure("bench.example/log", "01" * 32)
    now = clock.now()
    stamp = now.replace(tzinfo=None).isoformat(" ")
    columns = ("public_id", "kind", "thing", "at", "recorded_at", "facts", "salt", "digest")
    for start in range(0, count, 50_000):
        rows = [
            (f"event_{n:016d}", "delivery", f"lot_{n:016d}", stamp, stamp, "{}", bytes(16),
             hashlib.sha256(n.to_bytes(8, "big")).digest())
            for n in range(start, min(count, start + 50_000))
        ]  # fmt: skip
        with database.writing() as tx:
            bulk.insert_many(tx, Event, columns, rows)
    if not database.is_sqlite:
        with database.writing() as tx:
            tx.execute(text("ANALYZE event"))

    began = time.perf_counter()
    sealed = commands.seal_due(actor=CLOCK, now=now)
    seconds = time.perf_counter() - began
    assert sealed == count
    print(
        f"sealed {count:,} events in {seconds:.1f} s ({seconds / GOAL_S * 1e6 / count:.2f} of goal)"
    )

    began = time.perf_counter()
    commands.sign_checkpoint(actor=CLOCK, now=now)
    print(f"signed the checkpoint in {(time.perf_counter() - began) * 1000:.1f} ms")

    times = []
    for _ in range(200):
        index = random.randrange(count)
        with database.reading() as tx:
            began = time.perf_counter()
            merkle.inclusion_path(index, count, tree.nodes(tx, count))
            times.append(time.perf_counter() - began)
    times.sort()
    print(f"path of an event: median {times[100] * 1000:.1f} ms, p95 {times[190] * 1000:.1f} ms")


if __name__ == "__main__":
    how_many = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        main(how_many, sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/log.db")
    os._exit(0)
