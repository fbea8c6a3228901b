"""A changed byte of the past is found, and the first bad event is named."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from sqlalchemy import text

from products.proofs import log, queries, tiles
from products.proofs.files import Files, examine
from products.proofs.notes import Checkpoint, Key
from products.proofs.rules import Bad, Entry, walk
from shop.core import db
from shop.core.events import digest_of
from tests.databases import KIND
from tests.products.proofs.logs import COUNTY, files, published
from tests.world import NOW

SIZES = (100, 300, 700)


@pytest.fixture(scope="module")
def public() -> dict[str, bytes]:
    """Filled by the first test that needs it; the files do not change with the database."""
    return {}


@pytest.fixture
def log_files(database, public) -> dict[str, bytes]:
    if not public:
        published(*SIZES)
        public.update(files())
    log.configure("shanhuo.example/log", "01" * 32)
    return dict(public)


def report(content: dict[str, bytes], **options):
    return examine(Files(content), key=log.signer().key, **options)


def test_control_an_unchanged_log_passes(log_files):
    found = report(log_files)

    assert found.findings == ()
    assert (found.size, sorted(found.roots)) == (700, [*SIZES])


def expected(name: str, at: int, content: bytes) -> int | None:
    """The first event a changed byte spoils; None where it spoils a checkpoint or a key."""
    parts = name.split("/")
    if parts[0] == "entries":
        number, _width = tiles.read_number_path("/".join(parts[1:]))
        return number * 256 + content[:at].count(b"\n")
    if parts[0] == "tile":
        number, _width = tiles.read_number_path("/".join(parts[2:]))
        return (number * 256 + at // 32) * 256 ** int(parts[1])
    return None


@pytest.mark.once
def test_a_thousand_changed_bytes_of_public_files_are_all_found_and_named(log_files):
    chance = random.Random(20260420)
    names = sorted(name for name in log_files if name not in ("vkey", "cosigners"))
    for _ in range(1000):
        name = chance.choice(names)
        content = bytearray(log_files[name])
        at = chance.randrange(len(content))
        content[at] ^= chance.randrange(1, 256)
        found = report({**log_files, name: bytes(content)})

        assert found.findings, (name, at)
        first = expected(name, at, log_files[name])
        assert found.findings[0].seq == first, (name, at, found.findings)


def test_the_last_byte_the_first_and_one_more_are_found(log_files):
    for name in log_files:
        if name in ("vkey", "cosigners"):
            continue
        content = log_files[name]
        for changed in (content[:-1], content[1:], content + b"\n", content + b"x", b""):
            assert report({**log_files, name: changed}).findings, (name, changed[-5:])


def test_a_file_that_is_missing_is_found(log_files):
    for name in log_files:
        if name not in ("vkey", "cosigners"):
            rest = {key: value for key, value in log_files.items() if key != name}
            found = report(rest).findings
            assert found or name.startswith("checkpoints/1") or name.startswith("checkpoints/3"), (
                name
            )


def test_a_changed_key_file_is_found_unless_the_key_comes_from_elsewhere(log_files):
    content = bytearray(log_files["vkey"])
    for at in range(len(content) - 1):
        changed = bytearray(content)
        changed[at] ^= 1
        assert examine(Files({**log_files, "vkey": bytes(changed)}), key=None).findings, at
    assert examine(Files(log_files), key=None).findings == ()


def rows(log_files) -> list[Entry]:
    lines = b"".join(log_files[name] for name in sorted(log_files) if name[:7] == "entries")
    split = (line.split() for line in lines.decode().splitlines())
    return [Entry(int(seq), bytes.fromhex(d), bytes.fromhex(c)) for seq, d, c in split]


def rechained(entries: list[Entry]) -> list[Entry]:
    """What a clever operator does: the whole chain is written anew."""
    chain, done = log.BEGINNING, []
    for entry in entries:
        chain = log.chained(chain, entry.digest)
        done.append(replace(entry, chain=chain))
    return done


def test_a_chain_written_anew_is_still_found_by_the_tree_and_by_the_checkpoints(log_files):
    entries = rows(log_files)
    entries[200] = replace(entries[200], digest=bytes(32))
    roots = report(log_files).roots

    with pytest.raises(Bad) as by_tree:
        walk(rechained(entries), lambda level, number, width: log_files.get(
            f"tile/{tiles.tile_path(level, number)}"), roots)  # fmt: skip
    with pytest.raises(Bad) as by_roots:
        walk(rechained(entries), lambda *_at: None, roots)

    assert by_tree.value.finding.seq == 200
    assert (by_roots.value.finding.seq, by_roots.value.finding.facts["last"]) == (100, 299)


def test_a_tail_that_was_cut_off_is_found_by_the_checkpoint(log_files):
    roots = report(log_files).roots

    with pytest.raises(Bad) as cut:
        walk(rows(log_files)[:650], lambda *_at: None, roots)

    assert cut.value.finding.seq == 650


def test_a_log_written_wholly_anew_is_found_only_by_a_copy_kept_outside(log_files, database):
    kept = log_files["checkpoints/700"].decode()
    note = log_files["checkpoints/300"].decode()

    other = Checkpoint(log.signer().name, 700, bytes(32))
    forged = f"{other.text}\n{log.signer().sign(other.text)}".encode()
    forked = {**log_files, "checkpoint": forged, "checkpoints/700": forged}
    shorter = {k: v for k, v in log_files.items() if k != "checkpoints/700"}
    shorter["checkpoint"] = note.encode()
    shorter |= {
        "entries/001.p/44": b"".join(log_files["entries/001"].splitlines(keepends=True)[:44]),
        "tile/0/001.p/44": log_files["tile/0/001"][: 44 * 32],
        "tile/1/000.p/1": log_files["tile/1/000.p/2"][:32],
    }

    assert report(forked, kept=(kept,)).findings != ()
    assert report(shorter).findings == ()
    assert [f.seq for f in report(shorter, kept=(kept,)).findings] == [300]


def test_a_cosignature_counts_and_a_strangers_line_is_a_fault(log_files):
    text_of = log_files["checkpoint"].decode()
    body = text_of.rpartition("\n\n")[0] + "\n"
    cosigned = (text_of + COUNTY.sign(body, NOW)).encode()
    content = {**log_files, "checkpoint": cosigned, "checkpoints/700": cosigned}

    stranger = report(content)
    known = report({**content, "cosigners": f"{COUNTY.key.vkey}\n".encode()})

    assert [f.seq for f in stranger.findings[:1]] == [None]
    assert known.findings == ()
    assert [c for v in known.checkpoints for c in v.cosigned] == [(COUNTY.name, NOW)]


# --- the database itself ----------------------------------------------------------------------


def unguarded(*statements: str, **values) -> None:
    """What somebody with the database's own password could do."""
    tables = ("event", "sealed_event", "log_tile", "checkpoint")
    with db.database().writing() as tx:
        for table in tables:
            if KIND == "postgres":
                tx.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
            else:
                tx.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_update"))
                tx.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_delete"))
        for statement in statements:
            tx.execute(text(statement), values)


AT_41 = "(SELECT event_id FROM sealed_event WHERE seq = 41)"


def verified(**options):
    with db.database().reading() as tx:
        return queries.verify(tx, **options)


def test_control_the_database_agrees_with_what_it_published(database):
    published(*SIZES)

    assert verified().findings == ()
    assert verified().size == 700


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        (f"UPDATE event SET facts = replace(facts, 'grams', 'Grams') WHERE id = {AT_41}", 41),
        (f"UPDATE event SET salt = :zero WHERE id = {AT_41}", 41),
        (f"UPDATE event SET digest = :zero WHERE id = {AT_41}", 41),
        ("UPDATE sealed_event SET chain = :zero WHERE seq = 699", 699),
        ("DELETE FROM sealed_event WHERE seq = 300", 300),
        ("DELETE FROM sealed_event WHERE seq >= 650", 650),
        ("UPDATE log_tile SET hashes = :zero WHERE level = 0 AND number = 1", 256),
        ("UPDATE checkpoint SET note = replace(note, '700', '701')", None),
    ],
    ids=["text", "salt", "digest", "chain", "gap", "tail", "tile", "note"],
)
def test_whoever_changes_the_database_is_found(database, statement, first):
    published(*SIZES)

    unguarded(statement, **({"zero": bytes(32)} if ":zero" in statement else {}))

    assert verified().findings[0].seq == first


def test_an_event_slipped_in_among_older_ones_is_found(database):
    published(10)

    unguarded(
        "INSERT INTO event (id, public_id, kind, thing, at, recorded_at, facts, salt, digest)"
        " SELECT -1, 'event_late', kind, thing, at, recorded_at, facts, salt, digest"
        " FROM event WHERE id = (SELECT min(id) FROM event)"
    )

    assert [finding.facts for finding in verified().findings] == [{"count": 1}]


def test_a_thousand_changed_bytes_of_texts_are_all_found_and_named():
    chance = random.Random(7)
    events, chain = [], log.BEGINNING
    for seq in range(50):
        salt, facts = chance.randbytes(16), f'{{"id":"event_{seq}","grams":{seq}}}'
        digest = digest_of(salt, facts)
        chain = log.chained(chain, digest)
        events.append((seq, chain, salt, facts, digest))
    for _ in range(1000):
        seq = chance.randrange(50)
        changed = bytearray(events[seq][3].encode())
        changed[chance.randrange(len(changed))] ^= chance.randrange(1, 128)
        spoilt = [*events]
        spoilt[seq] = (*events[seq][:3], changed.decode("latin-1"), events[seq][4])

        with pytest.raises(Bad) as found:
            walk(queries.recomputed(iter(spoilt)), lambda *_at: None, {})
        assert found.value.finding.seq == seq

    assert walk(queries.recomputed(iter(events)), lambda *_at: None, {}) == 50


def test_a_copy_kept_outside_convicts_a_database_that_was_written_anew(database):
    published(10)
    with database.reading() as tx:
        kept = queries.note(tx)
    other = Checkpoint(log.signer().name, 10, bytes(32))
    fresh = f"{other.text}\n{log.signer().sign(other.text)}"

    assert verified(kept=(kept,)).findings == ()
    assert verified(kept=(fresh,)).findings != ()


def test_a_key_read_from_its_word_is_the_same_key():
    log.configure("shanhuo.example/log", "01" * 32)

    assert Key.read(log.signer().key.vkey) == log.signer().key
