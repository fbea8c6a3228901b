"""The verifier as one file, opened from the disk with the network cut, on real bundles."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from products.proofs.bundles import box_bundle, text_of
from products.proofs.cosigning import register_cosigner
from products.proofs.notes import Note
from shop.core import db
from tests.products.gate import at_the_gate
from tests.products.proofs.boxes import packed_and_labelled
from tests.products.proofs.logs import COUNTY
from tests.products.proofs.test_bundles import flipped
from tests.world import NOW

pytestmark = pytest.mark.browser

#: As an older browser is: no Ed25519 of its own, so the one that came along has to do.
NO_ED25519 = """
const own = crypto.subtle.importKey.bind(crypto.subtle);
crypto.subtle.importKey = (format, data, algorithm, ...rest) =>
  (algorithm.name || algorithm) === "Ed25519"
    ? Promise.reject(new DOMException("no", "NotSupportedError"))
    : own(format, data, algorithm, ...rest);
"""


@pytest.fixture
def bundle(client, world) -> dict:
    """The bundle of one box of a packed lot."""
    box = packed_and_labelled(at_the_gate(world))
    with db.database().reading() as tx:
        return box_bundle(tx, box.lot_id, box.code)


Opened = Callable[..., Page]


@pytest.fixture
def opened(chromium: Browser, client, bundle, tmp_path: Path):
    """Save the verifier as a file and open it without any network."""
    contexts = []

    def open_it(lang: str = "zh", *, script: bool = True, before: str = "") -> Page:
        client.get(f"/language/{lang}")
        file = tmp_path / f"verifier-{lang}.html"
        file.write_bytes(client.get("/log/verifier.html").data)
        context = chromium.new_context(java_script_enabled=script)
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        page.on("request", lambda request: request.url.startswith("file:") or pytest.fail(
            f"asked for {request.url}"))  # fmt: skip
        if before:
            page.add_init_script(before)
        page.goto(file.as_uri())
        return page

    yield open_it
    for context in contexts:
        context.close()


def check(page: Page, text: str) -> str:
    """Paste a bundle and press the button; what the page says."""
    page.locator("textarea").fill(text)
    page.locator("button").click()
    result = page.locator(".verify-result")
    expect(result.locator(".verdict")).to_be_visible()
    return result.inner_text()


@pytest.mark.parametrize("before", ["", NO_ED25519], ids=["own", "vendored"])
def test_control_one_browser_knows_ed25519_and_the_other_does_not(opened: Opened, before):
    knows = opened(before=before).evaluate(
        """crypto.subtle.importKey("raw", new Uint8Array(32), { name: "Ed25519" }, true, ["verify"])
           .then(() => true, () => false)"""
    )

    assert knows is (before == "")


@pytest.mark.parametrize("before", ["", NO_ED25519], ids=["own", "vendored"])
@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "凭证是真的"), ("en", "The bundle holds")], ids=["zh", "en"]
)
def test_a_real_bundle_holds_with_the_network_cut(opened: Opened, bundle, lang, words, before):
    said = check(opened(lang, before=before), text_of(bundle))

    assert words in said
    assert "狗牯脑茶 特级" in said
    assert not re.search("不通过|Failed", said)


def test_a_bundle_is_taken_as_a_file_too(opened: Opened, bundle, tmp_path):
    path = tmp_path / "bundle.json"
    path.write_text(text_of(bundle))
    page = opened()

    page.locator("input[type=file]").set_input_files(path)

    expect(page.locator(".verdict-ok")).to_be_visible()


def changed(bundle: dict, part: str, name: str) -> str:
    bundle = json.loads(json.dumps(bundle))
    where = bundle[part] if part else bundle
    value = where[name]
    if isinstance(value, int):
        where[name] = value + 1
    elif isinstance(value, list):
        where[name][1] = flipped(value[1])
    else:
        where[name] = flipped(value)
    return text_of(bundle)


#: Part, name, and what the page says when that was changed.
PARTS = [
    ("", "vkey", "公钥不是这一页记着的那一把"),
    ("", "note", "检查点的"),
    ("", "format", "读不出来"),
    ("lot", "event", "批次的记录通不到检查点"),
    ("lot", "salt", "批次的记录通不到检查点"),
    ("lot", "path", "批次的记录通不到检查点"),
    ("lot", "seq", "批次的记录通不到检查点"),
    ("box", "event", "标签的记录通不到检查点"),
    ("box", "salt", "标签的记录通不到检查点"),
    ("box", "path", "标签的记录通不到检查点"),
    ("box", "seq", "标签的记录通不到检查点"),
    ("box", "code", "这个码不在这一批印的码里"),
    ("box", "code_path", "这个码不在这一批印的码里"),
    ("box", "position", "这个码不在这一批印的码里"),
]


def test_a_change_in_each_part_is_refused_in_its_own_words(opened: Opened, bundle):
    for before in ("", NO_ED25519):
        page = opened(before=before)
        for part, name, words in PARTS:
            said = check(page, changed(bundle, part, name))

            assert "凭证不对" in said, (part, name)
            assert words in said, (part, name, said)


def test_a_changed_signature_or_size_is_refused_by_the_signature(opened: Opened, bundle):
    page = opened()
    text, _empty, line = bundle["note"].rpartition("\n\n")
    at = len(line) - 40
    for note in (
        f"{text}\n\n{line[:at]}{'A' if line[at] != 'A' else 'B'}{line[at + 1 :]}",
        bundle["note"].replace("\n", "\n1", 1),
    ):
        assert "检查点的签名不对" in check(page, text_of({**bundle, "note": note}))


def test_a_cosignature_is_checked_where_the_page_knows_the_cosigner(opened, bundle, world):
    register_cosigner(name="县局", vkey=COUNTY.key.vkey, actor=world.operator, now=NOW)
    page = opened()
    text = Note.read(bundle["note"]).text

    good = check(page, text_of({**bundle, "note": bundle["note"] + COUNTY.sign(text, NOW)}))
    bad = check(page, text_of({**bundle, "note": bundle["note"] + COUNTY.sign("x\n", NOW)}))

    assert "另有联署：county.example/cosigner 2026/4/20 10:00" in good
    assert "凭证是真的" in good
    assert "county.example/cosigner 的联署签名不对" in bad


def test_rubbish_is_no_bundle(opened: Opened):
    page = opened()
    for text in ("", "hello", "[]", "{}", "null", '{"format": "shanhuo-bundle-1", "lot": {}}'):
        assert "读不出来" in check(page, text)


def test_without_script_the_page_says_what_to_do_instead(opened: Opened):
    page = opened(script=False)

    expect(page.get_by_text("verify-trace")).to_be_visible()
    expect(page.locator("textarea")).to_be_hidden()
