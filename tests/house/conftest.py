"""The told story, once for all house tests, and each actor's own copy of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shop.core import clock, vault
from tests import databases
from tests.conftest import Browser, open_database
from tests.house.story import Told, told
from tests.world import KEYS, World


@pytest.fixture(scope="session")
def story(template_database: str) -> Iterator[Told]:
    """The database in which everything has happened; copy it, do not write to it."""
    with told(template_database) as done:
        yield done


Visit = Callable[[str], FlaskClient]


@pytest.fixture(scope="session")
def told_app(shared_app: Flask, story: Told) -> Callable[[], AbstractContextManager[Visit]]:
    """A fresh copy of the story behind the application; gives browsers by the actor's name."""

    @contextmanager
    def opened() -> Iterator[Visit]:
        with databases.copied(story.url) as url:
            connected = open_database(url)
            vault.configure(KEYS)
            shared_app.test_client_class = Browser
            world = World()

            def visit(actor: str) -> FlaskClient:
                browser = shared_app.test_client()
                assert isinstance(browser, Browser)
                if actor == "household":
                    until = clock.now() + timedelta(minutes=20)
                    with browser.session_transaction() as session:
                        session["statement"] = [story.ids["household"], until.isoformat()]
                elif actor != "visitor":
                    browser.as_(world.person(actor))
                return browser

            try:
                yield visit
            finally:
                connected.close()

    return opened
