"""The examples of docs/api/epcis.md, played in their order."""

from __future__ import annotations

import json
import re
from typing import Any

from products.epcis.api import bp
from shop.core.db import ROOT
from tests.products.epcis.partners import Program, key_for

DOCUMENT = (ROOT / "docs" / "api" / "epcis.md").read_text("utf-8")
BLOCKS = re.findall(r"```http\n(.*?)```\s+```answer\n(.*?)```", DOCUMENT, re.S)


def parted(block: str) -> tuple[str, dict[str, str], str]:
    """First line, headers and body of a request or an answer."""
    head, _, body = block.partition("\n\n")
    first, *headers = head.strip().splitlines()
    return first, dict(line.split(": ", 1) for line in headers), body


def like(shown: Any, real: Any) -> bool:
    """Whether an answer is as shown: … stands for anything, objects may hold more."""
    if isinstance(shown, dict):
        return isinstance(real, dict) and all(like(v, real.get(k)) for k, v in shown.items())
    if isinstance(shown, list):
        return len(shown) == len(real) and all(map(like, shown, real))
    if isinstance(shown, str) and "…" in shown:
        return bool(re.fullmatch(".+".join(map(re.escape, shown.split("…"))) or ".+", real)) or (
            shown == "…"
        )
    return bool(shown == real)


def test_every_example_is_answered_as_shown(client, world):
    headers = Program(client, key_for(world, "manager", "TH")).headers
    assert len(BLOCKS) == DOCUMENT.count("```http") >= 9

    for request, answer in BLOCKS:
        line, sent, body = parted(request)
        method, address = line.split(" ", 1)
        status, told, content = parted(answer)

        real = client.open(address, method=method, headers=headers | sent, data=body.encode())

        assert real.status_code == int(status), (line, real.text)
        for name, value in told.items():
            assert like(value, real.headers[name]), (line, name)
        if content.strip():
            assert like(json.loads(content), json.loads(real.text)), (line, real.text)


def test_a_difference_would_be_noticed():
    assert not like({"a": [1]}, {"a": [2]})
    assert not like({"a": "x…"}, {"a": "y"})
    assert like({"a": "x…z"}, {"a": "xyz", "b": 1})


def test_every_address_is_named(app):
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(f"{bp.name}.") and "<" not in rule.rule:
            assert rule.rule in DOCUMENT or rule.rule.removeprefix("/epcis/") in DOCUMENT
