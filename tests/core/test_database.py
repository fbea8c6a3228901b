"""Sessions for reading that see one state of the database, whatever is written meanwhile."""

from __future__ import annotations

from sqlalchemy import text

from shop.core import db

COUNTED = text("SELECT count(*) FROM membership")
NO_MORE = text("DELETE FROM membership")


def test_readers_alike_see_the_same_while_others_write(world, database):
    with database.reading() as tx:
        before = tx.execute(COUNTED).scalar_one()

    with database.reading_alike(3) as readers:
        counts = [readers[0].execute(COUNTED).scalar_one()]
        with database.writing() as tx:
            tx.execute(NO_MORE)
        counts += [reader.execute(COUNTED).scalar_one() for reader in readers]
        with database.reading() as tx:
            after = tx.execute(COUNTED).scalar_one()

    assert before
    assert counts == [before] * 4
    assert after == 0  # a reader that begins later does see it


def test_a_database_in_memory_has_one_reader():
    memory = db.Database("sqlite://")
    with memory.reading_alike(3) as readers:
        assert len(readers) == 1
    memory.close()
