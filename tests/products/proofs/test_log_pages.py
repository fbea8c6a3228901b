"""The public page of the log, its files at their addresses, and the operator's desk."""

from __future__ import annotations

import io
import json
import re
import zipfile

import pytest

from products.proofs import log, queries
from products.proofs.notes import Note
from shop.core import db
from shop.core.db import ROOT
from tests.pages import faults
from tests.products.gate import at_the_gate
from tests.products.proofs.boxes import packed_and_labelled
from tests.products.proofs.logs import COUNTY, ORIGIN, files, published, sealed, written
from tests.world import NOW


@pytest.fixture(autouse=True)
def _key(client):
    log.configure(ORIGIN, "01" * 32)


def text(client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_whole_before_and_after_the_first_checkpoint(client, lang):
    client.get(f"/language/{lang}")
    pages = ("/log/", "/log/verify", "/log/cosign")

    assert [faults(text(client, page)) for page in pages] == [[], [], []]
    published(300)
    assert [faults(text(client, page)) for page in pages] == [[], [], []]
    with db.database().reading() as tx:
        assert queries.latest(tx).root.hex() in text(client, "/log/")


def test_every_public_file_lies_at_its_address_and_in_the_archive(client):
    published(100, 700)
    archive = client.get("/log/log.zip")
    box = zipfile.ZipFile(io.BytesIO(archive.data))

    assert sorted(box.namelist()) == sorted(files())
    for name, content in files().items():
        assert client.get(f"/log/{name}").data == content == box.read(name), name
    assert client.get("/log/log.zip").data == archive.data


@pytest.mark.parametrize(
    "path",
    [
        "checkpoint", "checkpoints/5", "tile/0/000", "tile/0/000.p/11", "tile/1/000.p/1",
        "tile/9/000", "tile/0/nonsense", "tile/0/000.p/0", "entries/001", "entries/000.p/11",
        "bundle/lot_nothing.json", "log.zip",
    ],
)  # fmt: skip
def test_what_no_checkpoint_covers_is_not_there(client, path):
    if path != "log.zip" and path != "checkpoint":
        published(10)
        written(20)
        sealed()

    assert client.get(f"/log/{path}").status_code == 404


def test_an_older_partial_tile_is_still_served(client):
    published(700)

    assert client.get("/log/tile/0/000.p/7").data == client.get("/log/tile/0/000").data[:224]


def test_a_log_too_long_for_one_archive_says_so(client, monkeypatch):
    published(10)
    monkeypatch.setattr(queries, "ARCHIVED", 9)

    assert client.get("/log/log.zip").status_code == 409


def test_the_bundle_of_a_packed_lot_is_a_file(client, world):
    box = packed_and_labelled(at_the_gate(world))

    answer = client.get(f"/log/bundle/{box.lot}.json")

    assert json.loads(answer.data)["lot"]["seq"] >= 300
    assert "attachment" in answer.headers["Content-Disposition"]


def test_the_bundle_of_a_lot_under_no_checkpoint_is_asked_for_tomorrow(client, world):
    box = packed_and_labelled(at_the_gate(world), checkpoint=False)

    assert "明天" in text(client, f"/log/bundle/{box.lot}.json", 409)


def test_the_verifier_comes_as_one_file_that_asks_nobody(client):
    page = text(client, "/log/verifier.html")

    assert log.signer().key.vkey in page
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert "customElements.define" in page
    assert "import {" not in page
    assert " src=" not in page
    assert "<!-- " not in page


def test_the_page_of_the_verifier_finds_the_curve_that_its_script_asks_for():
    script = ROOT / "static" / "js" / "verifier.js"
    (asked,) = re.findall(r'^import .* from "(.*)";$', script.read_text(), re.MULTILINE)

    assert (script.parent / asked).resolve().is_file()


def test_a_cosigned_checkpoint_is_brought_back_by_anybody(client, world):
    published(10)
    client.as_(world.operator).post(
        "/platform/log/", data={"name": "县农业农村局", "vkey": COUNTY.key.vkey}
    )
    note = text(client, "/log/checkpoint")
    line = COUNTY.sign(Note.read(note).text, NOW)

    with client.session_transaction() as session:
        session.clear()
    pasted = client.post("/log/cosign", data={"note": (note + line).replace("\n", "\r\n")})
    as_file = client.post(
        "/log/cosign", data={"file": (io.BytesIO((note + line).encode()), "checkpoint")}
    )

    assert (pasted.status_code, as_file.status_code) == (303, 303)
    assert text(client, "/log/checkpoint") == note + line
    assert "县农业农村局" in text(client, "/log/")


@pytest.mark.parametrize(("content", "status"), [("", 422), ("hello", 422), ("checkpoint", 403)])
def test_a_checkpoint_that_does_not_count_is_refused_beside_its_field(client, content, status):
    published(10)
    brought = text(client, "/log/checkpoint") if content == "checkpoint" else content

    answer = client.post("/log/cosign", data={"note": brought})

    assert answer.status_code == status
    assert faults(answer.get_data(as_text=True), keys=False) == []


def test_the_operator_signs_registers_and_ends_at_the_desk(client, world):
    client.as_(world.operator)
    written(3)

    assert client.post("/platform/log/checkpoints").status_code == 303
    assert "\n3\n" in text(client, "/log/checkpoint")
    assert client.post("/platform/log/checkpoints").status_code == 409
    client.post("/platform/log/", data={"name": "县农业农村局", "vkey": COUNTY.key.vkey})
    with db.database().reading() as tx:
        (row,) = queries.cosigners(tx)
    assert client.post(f"/platform/log/cosigners/{row.public_id}/end").status_code == 303
    assert "停用" in text(client, "/platform/log/")


def test_a_key_that_is_none_is_refused_beside_its_field(client, world):
    answer = client.as_(world.operator).post("/platform/log/", data={"name": "甲", "vkey": "x"})

    assert answer.status_code == 422
    assert "这不是一把联署公钥" in answer.get_data(as_text=True)
