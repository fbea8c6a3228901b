"""One told story for all tests of the books; each plants its error and takes it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shop.core import db
from tests.house.story import told


@pytest.fixture(scope="session")
def books(template_database: str) -> Iterator[db.Database]:
    """A database with the whole story in it; whoever uses it rolls back."""
    with told(template_database) as story:
        database = db.Database(story.url)
        yield database
        database.close()
