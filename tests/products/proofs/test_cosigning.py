"""Another party signs our checkpoints with a key of its own, and remembers what it signed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from products.proofs import log, queries
from products.proofs.commands import sign_checkpoint
from products.proofs.cosigning import (
    KeyKnown,
    NotACheckpoint,
    NotAKey,
    OtherCheckpoint,
    UnknownCosigner,
    WrongSignature,
    cosign,
    end_cosigner,
    register_cosigner,
)
from products.proofs.models import Cosignature, Cosigner
from products.proofs.notes import COSIGNER, Checkpoint, Note, SecretKey
from shop.core import db
from shop.core.actors import CLOCK, VISITOR
from shop.core.audit import history
from shop.core.errors import NotAllowed, NotFound
from tests.products.proofs.logs import COUNTY, files, published, sealed, written
from tests.world import NOW, World

LATER = NOW + timedelta(days=3)


@pytest.fixture
def cosigner(world: World) -> str:
    """The county's bureau, registered; ten events under a checkpoint."""
    published(10)
    return register(world)


def register(world: World, name="县农业农村局", vkey=COUNTY.key.vkey) -> str:
    return register_cosigner(name=name, vkey=vkey, actor=world.operator, now=NOW)


def note() -> str:
    with db.database().reading() as tx:
        return queries.note(tx)


def with_line(secret=COUNTY, *, text=None) -> str:
    body = Note.read(note()).text
    return note() + secret.sign(text or body, NOW)


def bring(content: str, now=NOW) -> list[str]:
    return cosign(note=content, actor=VISITOR, now=now)


def kept() -> int:
    with db.database().reading() as tx:
        return tx.execute(select(func.count()).select_from(Cosignature)).scalar_one()


def acts() -> int:
    with db.database().reading() as tx:
        return len(history(tx, "log"))


def test_a_cosignature_is_kept_and_published_under_the_checkpoint(cosigner):
    assert bring(with_line()) == ["县农业农村局"]

    with db.database().reading() as tx:
        row = queries.latest(tx)
    assert row.cosigned == (("县农业农村局", NOW),)
    assert COUNTY.key.signed(Note.read(row.note)).at == NOW


def test_bringing_it_twice_keeps_it_once(cosigner):
    bring(with_line())
    before = acts()

    assert bring(with_line()) == ["县农业农村局"]
    assert (kept(), acts()) == (1, before)


def refused(refusal, content, now=NOW):
    with pytest.raises(refusal):
        bring(content, now)
    assert kept() == 0


def test_what_is_no_checkpoint_is_refused(cosigner):
    refused(NotACheckpoint, "hello")


@pytest.mark.parametrize(("size", "root"), [(11, None), (10, bytes(32))], ids=["size", "root"])
def test_another_size_or_root_than_we_published_is_refused(cosigner, size, root):
    ours = Checkpoint.read(Note.read(note()).text)
    other = Checkpoint(ours.origin, size, root or ours.root).text

    refused(OtherCheckpoint, f"{other}\n{COUNTY.sign(other, NOW)}")


def test_a_key_nobody_registered_is_refused(cosigner):
    refused(UnknownCosigner, note())
    refused(UnknownCosigner, with_line(SecretKey("other.example/c", COSIGNER, b"\x09" * 32)))


def test_a_line_that_does_not_hold_is_refused(cosigner):
    refused(WrongSignature, with_line(text="something else\n"))


def test_whoever_was_ended_cosigns_no_more_but_what_was_given_stays(cosigner, world: World):
    bring(with_line())
    end_cosigner(cosigner_id=cosigner, actor=world.operator, now=NOW)
    written(1)
    sealed()
    sign_checkpoint(actor=world.operator, now=LATER)

    with pytest.raises(UnknownCosigner):
        bring(with_line(), LATER)
    assert kept() == 1
    with pytest.raises(NotFound):
        end_cosigner(cosigner_id=cosigner, actor=world.operator, now=LATER)


def test_only_a_cosigners_key_is_registered_and_only_once(cosigner, world: World):
    with pytest.raises(KeyKnown):
        register(world)
    with pytest.raises(NotAKey):
        register(world, vkey="nonsense")
    with pytest.raises(NotAKey):
        register(world, vkey=log.signer().key.vkey)

    with db.database().reading() as tx:
        assert tx.execute(select(func.count()).select_from(Cosigner)).scalar_one() == 1


def test_only_the_operator_registers_and_ends(cosigner, world: World):
    for actor in (world.clerk, world.manager, world.treasurer, world.auditor):
        with pytest.raises(NotAllowed):
            register_cosigner(name="甲", vkey=COUNTY.key.vkey, actor=actor, now=NOW)
        with pytest.raises(NotAllowed):
            end_cosigner(cosigner_id=cosigner, actor=actor, now=NOW)


# --- on the command line, at the county's desk ------------------------------------------------


@pytest.fixture
def desk(app, tmp_path):
    """The county's machine: a runner of commands, and a key made there."""
    published(10)
    runner = app.test_cli_runner()

    def run(*command: str):
        return runner.invoke(args=[*command])

    made = run("cosigner-key", "county.example/c", "--out", str(tmp_path / "key"))
    assert made.exit_code == 0
    (tmp_path / "vkey").write_text(made.output.strip())
    return run


def save(tmp_path, name="checkpoint"):
    """The log's public files, as somebody would fetch them."""
    folder = tmp_path / "log"
    for file, content in files().items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    copy = tmp_path / name
    copy.write_bytes(files()["checkpoint"])
    return copy, folder


def sign(desk, tmp_path, file, *more):
    return desk("cosign-checkpoint", str(file), "--key", str(tmp_path / "key"), *more)


def grow(count):
    written(count)
    sealed()
    sign_checkpoint(actor=CLOCK, now=LATER)


def test_a_checkpoint_cosigned_on_the_command_line_is_taken(desk, tmp_path, world):
    register(world, vkey=(tmp_path / "vkey").read_text())
    file, _folder = save(tmp_path)

    done = sign(desk, tmp_path, file, "--vkey", log.signer().key.vkey)

    assert (done.exit_code, "已联署：10 条" in done.output) == (0, True)
    assert bring(file.read_text(), LATER) == ["县农业农村局"]


def test_the_first_time_the_logs_key_has_to_be_given(desk, tmp_path):
    file, _folder = save(tmp_path)

    assert sign(desk, tmp_path, file).exit_code == 2
    assert file.read_bytes() == files()["checkpoint"]


def test_a_log_that_grew_is_signed_and_one_that_was_rewritten_is_not(desk, tmp_path):
    file, _folder = save(tmp_path)
    sign(desk, tmp_path, file, "--vkey", log.signer().key.vkey)
    grow(290)
    file, folder = save(tmp_path)
    key = log.signer()
    forged = Checkpoint(key.name, 400, bytes(32)).text
    other = tmp_path / "forged"
    other.write_text(f"{forged}\n{key.sign(forged)}")
    tile = folder / "tile" / "0" / "000"
    good = tile.read_bytes()

    tile.write_bytes(bytes(32) + good[32:])
    changed = sign(desk, tmp_path, file, "--log", str(folder))
    tile.write_bytes(good)
    grown = sign(desk, tmp_path, file, "--log", str(folder))
    missing = sign(desk, tmp_path, other, "--log", str(folder))

    assert (changed.exit_code, "没有签" in changed.output) == (1, True)
    assert grown.exit_code == 0, grown.output
    assert (missing.exit_code, "缺少" in missing.output) == (1, True)


def test_a_smaller_log_or_another_of_the_same_size_is_never_signed(desk, tmp_path):
    old, _folder = save(tmp_path, "old")
    grow(5)
    new, _folder = save(tmp_path, "new")
    sign(desk, tmp_path, new, "--vkey", log.signer().key.vkey)
    key = log.signer()
    text = Checkpoint(key.name, 15, bytes(32)).text
    fork = tmp_path / "fork"
    fork.write_text(f"{text}\n{key.sign(text)}")

    for file in (old, fork):
        before = file.read_text()
        done = sign(desk, tmp_path, file)
        assert (done.exit_code, file.read_text()) == (1, before)


def test_a_checkpoint_the_log_did_not_sign_is_not_cosigned(desk, tmp_path):
    file, _folder = save(tmp_path)
    file.write_text(file.read_text().replace("\n10\n", "\n11\n"))

    done = sign(desk, tmp_path, file, "--vkey", log.signer().key.vkey)

    assert (done.exit_code, "签名不对" in done.output) == (1, True)


def test_an_existing_key_is_not_overwritten(desk, tmp_path):
    before = (tmp_path / "key").read_text()

    assert desk("cosigner-key", "x", "--out", str(tmp_path / "key")).exit_code == 1
    assert (tmp_path / "key").read_text() == before
    assert (tmp_path / "key").stat().st_mode & 0o077 == 0
