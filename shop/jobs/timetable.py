"""The timetable: what the shop does by itself, and how often; and the worker that does jobs.

Each package names its entries in its `register`; huey calls them in the server's own process.
Every entry is a command that may safely run twice, so several processes need no arrangement.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Flask
from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.consumer import Consumer

from shop.config import Config
from shop.core import clock
from shop.jobs import queue

log = logging.getLogger("shop.jobs")

Entry = Callable[[datetime], object]


def add(app: Flask, name: str, *, minutes: int, run: Entry) -> None:
    """Put an entry into the application's timetable; it runs every so many minutes.

    Args:
        run: called with the present moment; what it returns is logged.
    """
    app.extensions.setdefault("timetable", {})[name] = (minutes, run)


def run_all(app: Flask, now: datetime) -> dict[str, object]:
    """Run every entry once, now, and every waiting job; for the command line and tests."""
    entries: dict[str, tuple[int, Entry]] = app.extensions.get("timetable", {})
    done = {name: run(now) for name, (_minutes, run) in entries.items()}
    return {**done, "jobs": queue.run_waiting(lambda: now)}


def consumer(app: Flask) -> Consumer:
    """A worker that keeps the timetable and does jobs, started and stopped by the server's process.

    Of its two threads one stays free for the timetable while a long job runs.
    """
    huey = _huey(app.config["SHOP"])
    entries: dict[str, tuple[int, Entry]] = app.extensions.get("timetable", {})
    for name, (minutes, run) in entries.items():
        huey.periodic_task(crontab(minute=f"*/{minutes}"), name=name)(_logged(name, run))

    def jobs() -> None:
        queue.run_waiting(clock.now)

    app.extensions["wake_jobs"] = huey.task(name="jobs")(jobs)
    huey.periodic_task(crontab(), name="jobs_each_minute")(jobs)
    return _Embedded(huey, workers=2, periodic=True, worker_type="thread", initial_delay=0.1)


class _Embedded(Consumer):
    def _set_signal_handlers(self) -> None:
        """Signals belong to the server."""


def _logged(name: str, run: Entry) -> Callable[[], Any]:
    def job() -> None:
        log.info("timetable %s: %s", name, run(clock.now()))

    job.__name__ = name
    return job


def _huey(config: Config) -> Huey:
    if config.database_url.startswith("sqlite"):
        config.var.mkdir(parents=True, exist_ok=True)
        return SqliteHuey("shop", filename=str(config.var / "jobs.db"), results=False)
    return PostgresHuey("shop", dsn=config.database_url.replace("+psycopg", ""), results=False)


def wake(app: Flask) -> None:
    """Let the worker look at once; it looks every minute anyway."""
    run: Callable[[], object] | None = app.extensions.get("wake_jobs")
    if run is not None:
        run()
