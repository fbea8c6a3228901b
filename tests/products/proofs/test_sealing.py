"""Events get places, a chain and a tree; checkpoints are signed once a day with something new."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from products.proofs import commands, log, merkle, queries, tree
from products.proofs.commands import NothingNew
from products.proofs.models import CheckpointRecord, LogTile, SealedEvent
from products.proofs.notes import Checkpoint, Note
from shop.core import clock, db
from shop.core.actors import CLOCK
from shop.core.errors import NotAllowed
from shop.core.events import Event, emit
from tests.databases import KIND
from tests.pages import counted
from tests.products.proofs.logs import ORIGIN, published, sealed, signed, written
from tests.world import NOW, World


@pytest.fixture(autouse=True)
def _key(database):
    log.configure(ORIGIN, "01" * 32)


def digests() -> list[bytes]:
    with db.database().reading() as tx:
        return list(tx.execute(select(Event.digest).order_by(Event.id)).scalars())


def places() -> list[SealedEvent]:
    with db.database().reading() as tx:
        return list(tx.execute(select(SealedEvent).order_by(SealedEvent.seq)).scalars())


def test_every_event_gets_its_place_and_the_chain_binds_it_to_those_before(database):
    written(300)

    assert sealed() == 300

    chain = log.BEGINNING
    for place, (row, digest) in enumerate(zip(places(), digests(), strict=True)):
        chain = log.chained(chain, digest)
        assert (row.seq, row.chain) == (place, chain)


def test_sealing_goes_on_where_it_stopped_and_the_tree_is_the_same(database, monkeypatch):
    monkeypatch.setattr(commands, "CHUNK", 97)
    for count in (1, 254, 1, 1, 300, 0):
        written(count)
        assert sealed() == count

    leaves = [merkle.leaf_hash(digest) for digest in digests()]
    with database.reading() as tx:
        assert merkle.root(557, tree.nodes(tx, 557)) == merkle.root(557, merkle.over(leaves))
        assert tx.execute(select(LogTile.level, LogTile.number)).all() == [(0, 0), (0, 1)]


def test_sealed_events_tiles_and_checkpoints_cannot_be_changed(database):
    published(256)

    for model, column in ((SealedEvent, "chain"), (LogTile, "top"), (CheckpointRecord, "root")):
        with pytest.raises(DBAPIError), database.writing() as tx:
            tx.execute(update(model).values(**{column: bytes(32)}))


def test_a_checkpoint_signs_size_and_root_of_everything_sealed(database):
    published(5)

    with database.reading() as tx:
        note = Note.read(queries.note(tx))
        root = merkle.root(5, tree.nodes(tx, 5))
    assert Checkpoint.read(note.text) == Checkpoint(ORIGIN, 5, root)
    assert log.signer().key.signed(note)


def test_without_anything_new_the_last_checkpoint_stands(database):
    published(5)

    with pytest.raises(NothingNew):
        signed(NOW + timedelta(days=1))
    with database.reading() as tx:
        assert len(queries.checkpoints(tx)) == 1


def test_nothing_sealed_gives_nothing_to_sign(database):
    with pytest.raises(NothingNew):
        signed()


def test_the_day_has_one_checkpoint_and_the_next_its_own(database):
    evening, morning = clock.at(NOW.date(), 23), clock.at(NOW.date() + timedelta(days=1), 0, 10)

    def due(now):
        written(1)
        sealed()
        return commands.sign_if_due(actor=CLOCK, now=now)

    assert [due(NOW), due(evening), due(morning), due(morning)] == [1, None, 3, None]


def test_only_the_operator_signs_by_hand(world: World):
    written(1)
    sealed()
    for actor in (world.clerk, world.manager, world.treasurer, world.auditor):
        with pytest.raises(NotAllowed):
            commands.sign_checkpoint(actor=actor, now=NOW)

    assert commands.sign_checkpoint(actor=world.operator, now=NOW) == 1


def test_a_path_asks_the_database_little_however_long_the_log(database):
    published(1500)
    with database.reading() as tx, counted(database.engine) as statements:
        merkle.inclusion_path(700, 1500, tree.nodes(tx, 1500))

    assert len(statements) <= 8


# --- events on their way ----------------------------------------------------------------------


def a_lower_event_on_its_way(learn):
    """An event is begun but not committed; a later one is. Seal, then commit; seal again."""
    begun, finish = threading.Event(), threading.Event()

    def slow() -> None:
        with db.database().writing() as tx:
            emit(tx, kind="slow", thing="x", at=NOW, now=NOW, organisation_id=None)
            tx.flush()
            begun.set()
            finish.wait(20)

    writer = threading.Thread(target=slow)
    writer.start()
    begun.wait(20)
    written(1)
    while commands.seal(up_to=learn(), actor=CLOCK, now=NOW):
        pass
    finish.set()
    writer.join()
    sealed()
    return len(places()), len(digests())


def learned() -> int:
    try:
        return commands.safe_highest(actor=CLOCK, now=NOW)
    except DBAPIError:
        return 0


def guessed() -> int:
    with db.database().reading() as tx:
        return tx.execute(text("SELECT max(id) FROM event")).scalar_one()


@pytest.mark.race
@pytest.mark.skipif(KIND == "sqlite", reason="SQLite has one writer at a time")
def test_an_event_that_commits_late_is_not_skipped(database, monkeypatch):
    monkeypatch.setattr(commands, "PATIENCE_MS", 200)

    assert a_lower_event_on_its_way(learned) == (2, 2)


@pytest.mark.race
@pytest.mark.skipif(KIND == "sqlite", reason="SQLite has one writer at a time")
def test_control_without_the_lock_it_is_skipped_for_ever(database):
    assert a_lower_event_on_its_way(guessed) == (1, 2)


@pytest.mark.skipif(KIND == "sqlite", reason="SQLite has one writer at a time")
def test_sealing_waits_no_longer_than_it_should_and_seals_nothing(database, monkeypatch):
    monkeypatch.setattr(commands, "PATIENCE_MS", 100)
    with database.writing() as tx:
        emit(tx, kind="slow", thing="x", at=NOW, now=NOW, organisation_id=None)
        tx.flush()

        assert sealed() == 0

    assert sealed() == 1


def test_two_sealers_at_once_seal_each_event_once(database):
    written(400)
    threads = [threading.Thread(target=sealed) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [row.seq for row in places()] == list(range(400))
