"""What proves a box without a network; each part of it, changed, is refused in its own words."""

from __future__ import annotations

import copy
import json

import pytest

from products.proofs import log, queries
from products.proofs.bundles import (
    CodeProof,
    NotSealedYet,
    box_bundle,
    lot_bundle,
    text_of,
)
from products.proofs.cosigning import cosign, register_cosigner
from products.proofs.notes import Note
from products.proofs.rules import Bad, check_bundle
from shop.core import db
from shop.core.actors import VISITOR
from shop.core.errors import NotFound
from tests.products.gate import at_the_gate
from tests.products.proofs.boxes import packed_and_labelled
from tests.products.proofs.logs import COUNTY, files, sealed, signed, written
from tests.world import NOW, World


def reading(query, *args):
    with db.database().reading() as tx:
        return query(tx, *args)


def checked(bundle, roots=None) -> str:
    text = bundle if isinstance(bundle, str) else text_of(bundle)
    return check_bundle(text, log.signer().key, (COUNTY.key,), roots or {})


def test_a_packed_lot_is_proved_by_its_bundle_alone(world: World):
    box = packed_and_labelled(at_the_gate(world))

    bundle = reading(lot_bundle, box.lot_id)

    assert json.loads(checked(bundle))["facts"]["goods"] == "狗牯脑茶 特级"
    assert "hh-" not in text_of(bundle)
    assert len(text_of(bundle)) < 2_500


def test_a_box_is_proved_with_its_code(world: World):
    box = packed_and_labelled(at_the_gate(world))

    assert checked(reading(box_bundle, box.lot_id, box.code))


def test_a_checkpoint_that_others_cosigned_is_taken_before_a_newer_one(world: World):
    box = packed_and_labelled(at_the_gate(world))
    register_cosigner(name="县局", vkey=COUNTY.key.vkey, actor=world.operator, now=NOW)
    note = reading(queries.note)
    line = COUNTY.sign(Note.read(note).text, NOW)
    cosign(note=note + line, actor=VISITOR, now=NOW)
    written(5)
    sealed()
    signed(NOW)

    bundle = reading(lot_bundle, box.lot_id)

    assert bundle["note"] == note + line != reading(queries.note)
    assert checked(bundle)


def test_what_no_checkpoint_covers_is_not_proved_yet(world: World):
    box = packed_and_labelled(at_the_gate(world), checkpoint=False)

    with pytest.raises(NotSealedYet):
        reading(lot_bundle, box.lot_id)


def test_a_code_nobody_printed_for_this_lot_has_no_bundle(world: World):
    box = packed_and_labelled(at_the_gate(world))
    code = box.code

    for other in (
        CodeProof(bytes(32), code.position, code.count, code.path),
        CodeProof(code.digest, code.position + 1, code.count, code.path),
        CodeProof(code.digest, code.position, code.count, code.path[:-1]),
    ):
        with pytest.raises(NotFound):
            reading(box_bundle, box.lot_id, other)


def flipped(text: str) -> str:
    """The same text with one character in the middle changed."""
    at = len(text) // 2
    return text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1 :]


@pytest.mark.parametrize(
    ("part", "name", "words"),
    [
        ("", "note", "检查点"),
        ("lot", "event", "批次的记录"),
        ("lot", "salt", "批次的记录"),
        ("lot", "path", "批次的记录"),
        ("lot", "seq", "批次的记录"),
        ("box", "event", "标签的记录"),
        ("box", "salt", "标签的记录"),
        ("box", "path", "标签的记录"),
        ("box", "code", "这个码不在"),
        ("box", "code_path", "这个码不在"),
        ("box", "position", "这个码不在"),
    ],
)
def test_a_changed_part_is_refused_in_its_own_words(world: World, part, name, words):
    box = packed_and_labelled(at_the_gate(world))
    bundle = reading(box_bundle, box.lot_id, box.code)
    changed = copy.deepcopy(bundle)
    where = changed[part] if part else changed
    if isinstance(where[name], int):
        where[name] += 1
    elif isinstance(where[name], list):
        where[name][1] = flipped(where[name][1])
    else:
        where[name] = flipped(where[name])

    assert checked(bundle)
    with pytest.raises(Bad) as refused:
        checked(changed)
    assert words in refused.value.finding.sentence


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"note": 3}', "null"])
def test_what_is_no_bundle_is_refused(text):
    log.configure("shanhuo.example/log", "01" * 32)

    with pytest.raises(Bad):
        checked(text)


# --- on the command line ----------------------------------------------------------------------


@pytest.fixture
def saved(app, world: World, tmp_path):
    """The public files in a folder and in an archive, and the bundle of a box beside them."""
    box = packed_and_labelled(at_the_gate(world))
    (tmp_path / "bundle.json").write_text(text_of(reading(box_bundle, box.lot_id, box.code)))
    for name, content in files().items():
        path = tmp_path / "log" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "log.zip").write_bytes(app.test_client().get("/log/log.zip").data)
    return tmp_path


@pytest.mark.parametrize("form", ["log", "log.zip"])
def test_verify_trace_needs_the_public_files_alone(app, saved, form):
    key = log.signer().key.vkey
    db.database().close()

    done = app.test_cli_runner().invoke(
        args=["verify-trace", str(saved / form), "--vkey", key, "--bundle",
              str(saved / "bundle.json"), "--kept", str(saved / "log" / "checkpoint")]
    )  # fmt: skip

    assert done.exit_code == 0, done.output
    assert "没有发现改动" in done.output
    assert "一字不差" in done.output


def test_verify_trace_names_the_first_bad_event_and_fails(app, saved):
    path = saved / "log" / "entries" / "000"
    lines = path.read_text().split("\n")
    lines[100] = ("b" if lines[100][0] != "b" else "c") + lines[100][1:]
    path.write_text("\n".join(lines))

    zh = app.test_cli_runner().invoke(args=["verify-trace", str(saved / "log")])
    en = app.test_cli_runner().invoke(args=["verify-trace", str(saved / "log"), "--lang", "en"])

    assert (zh.exit_code, en.exit_code) == (1, 1)
    assert "第 100 条" in zh.output
    assert "event 100" in en.output


def test_verify_trace_tells_a_bundle_that_was_changed(app, saved):
    text = (saved / "bundle.json").read_text()
    (saved / "bundle.json").write_text(text.replace("狗牯脑茶", "普通茶叶"))

    done = app.test_cli_runner().invoke(
        args=["verify-trace", str(saved / "log"), "--bundle", str(saved / "bundle.json")]
    )

    assert (done.exit_code, "批次的记录" in done.output) == (1, True)


def test_verify_trace_looks_at_the_database_when_asked(app, saved):
    run = app.test_cli_runner()

    assert run.invoke(args=["verify-trace", "--database"]).exit_code == 0
    assert run.invoke(args=["verify-trace"]).exit_code == 2


def test_verify_trace_takes_no_other_key(app, saved):
    done = app.test_cli_runner().invoke(
        args=["verify-trace", str(saved / "log"), "--vkey", COUNTY.key.vkey]
    )

    assert done.exit_code == 1
