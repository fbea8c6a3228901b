"""One demo region for all tests of this folder: loaded once, on whichever database is tested.

These tests only look, so they share it; nobody gets a copy.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.core import clock, db, vault
from shop.demo import load
from shop.demo.finale import Card
from tests import databases
from tests.conftest import open_database
from tests.world import KEYS


@pytest.fixture(scope="session")
def demo_region(shared_app: Flask) -> tuple[str, Card]:
    """The URL of a database with the demo region in it, and the card that was printed."""
    del shared_app  # built first: it lets statements find payouts
    if databases.KIND == "postgres" and databases.SERVER not in os.environ:
        pytest.skip(databases.NO_SERVER)
    folder = Path(os.environ[databases.FOLDER])
    ready = folder / "demo.json"
    with databases._one_at_a_time(folder / "demo.lock"):
        if not ready.exists():
            url = _empty_database(folder)
            db.migrate(url)
            vault.configure(KEYS)
            connected = open_database(url)
            card = load.load(clock.now())
            connected.close()
            ready.write_text(json.dumps([url, asdict(card)]))
    url, card = json.loads(ready.read_text())
    return url, Card(**card)


def _empty_database(folder: Path) -> str:
    if databases.KIND == "postgres":
        name = f"demo_{secrets.token_hex(8)}"
        databases._admin("CREATE DATABASE {}", name)
        return databases._url_of(name)
    return f"sqlite:///{folder / 'demo.db'}"


@pytest.fixture
def demo(demo_region: tuple[str, Card]) -> Iterator[db.Database]:
    """The demo region's database, connected."""
    connected = open_database(demo_region[0])
    vault.configure(KEYS)
    yield connected
    connected.close()


@pytest.fixture
def card(demo_region: tuple[str, Card]) -> Card:
    """The first household's printed card."""
    return demo_region[1]


@pytest.fixture
def visitor(demo: db.Database, shared_app: Flask) -> FlaskClient:
    """A browser in the demo region, nobody signed in."""
    del demo
    return shared_app.test_client()
