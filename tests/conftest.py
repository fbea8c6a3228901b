"""What every test may use: a database of its own, the cast, and the shop as a browser sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, make_url

from orders.register import subscribe
from shop.config import Config
from shop.core import db, vault
from shop.core.actors import Actor
from shop.factory import create_app
from shop.web.limits import limiter
from tests import world as cast
from tests.world import KEYS, World

pytest_plugins = ["tests.databases"]


@pytest.fixture(scope="session")
def fill_template() -> Callable[[str], object]:
    """The template holds the cast."""
    return cast.fill


_shared: db.Database | None = None


def open_database(url: str) -> db.Database:
    """Connect to a test's database through the one engine of this process.

    The engine keeps every statement it has compiled; a new one for each test would spend most of
    the suite compiling them again. It is pointed at the test's own database when it connects.
    """
    global _shared
    if _shared is None:
        _shared = db.Database(url)

        @event.listens_for(_shared.engine, "do_connect")
        def _elsewhere(
            dialect: Any, _record: Any, args: list[Any], options: dict[str, Any]
        ) -> None:
            assert _shared is not None
            target, settings = dialect.create_connect_args(make_url(_shared.url))
            args[:] = target
            for name in ("host", "port", "user", "password", "dbname"):
                options.pop(name, None)
            options.update(settings)

    _shared.close()
    _shared.url = db.with_driver(url)
    return db.use(_shared)


@pytest.fixture
def database(database_url: str) -> Iterator[db.Database]:
    """This test's database, connected."""
    opened = open_database(database_url)
    vault.configure(KEYS)
    subscribe()
    yield opened
    opened.close()


@pytest.fixture
def world(database: db.Database) -> World:
    """The cast, in this test's database."""
    del database
    return World()


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """Settings of the tests; the database is connected by each test itself."""
    var: Path = tmp_path_factory.mktemp("var")
    return Config(
        database_url=f"sqlite:///{var / 'unused.db'}",
        secret_key="tests only",
        data_keys=tuple((name, key.hex()) for name, key in KEYS.items()),
        log_key="01" * 32,
        var=var,
    )


@pytest.fixture(scope="session")
def shared_app(config: Config) -> Flask:
    """The application, built once; it finds the database the running test connected."""
    app = create_app(config)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=False)
    return app


class Browser(FlaskClient):
    """Flask's test client that can sign in as one of the cast."""

    def as_(self, actor: Actor) -> Browser:
        """Sign in as somebody, without a password; returns itself."""
        with self.session_transaction() as session:
            session.clear()
            session["_user_id"] = f"{actor.key}:1"
            session["_fresh"] = True
        return self


@pytest.fixture
def app(shared_app: Flask, database_url: str) -> Iterator[Flask]:
    """The application on this test's database."""
    opened = open_database(database_url)
    vault.configure(KEYS)
    limiter.reset()
    yield shared_app
    opened.close()


@pytest.fixture
def client(app: Flask, world: World) -> Browser:
    """A browser without anybody signed in; `client.as_(world.clerk)` signs in."""
    del world
    app.test_client_class = Browser
    browser = app.test_client()
    assert isinstance(browser, Browser)
    return browser
