"""Templates: nothing inline, nothing unescaped, no forbidden word; colours that can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shop.core.db import ROOT
from tests.house.test_code import FORBIDDEN

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text()


def named(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


def without_comments(path: Path) -> str:
    return re.sub(r"{#.*?#}", "", path.read_text(), flags=re.DOTALL)


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a value that is not escaped", r"\|\s*safe\b|{%-?\s*autoescape|Markup\("),
        ("a style in the page", r"\sstyle\s*=|<style\b"),
        ("a handler in the page", r"\son[a-z]+\s*=\s*[\"'{]"),
        ("a script in the page", r"<script\b(?![^>]*\ssrc=)|javascript:"),
        ("something from another host", r"(?:src|href)\s*=\s*[\"'](?:https?:)?//"),
        ("a form that changes things by address", r"<form(?![^>]*\smethod=)[^>]*>(?!.*get)"),
    ],
    ids=lambda value: value if " " in value else "",
)
def test_no_template_has(what, pattern):
    found = [named(path) for path in TEMPLATES if re.search(pattern, without_comments(path))]

    assert found == [], what


def test_no_template_uses_a_forbidden_word():
    found = {
        named(path): words
        for path in [*TEMPLATES, *(ROOT / "templates").rglob("*.typ")]
        if (words := FORBIDDEN.findall(without_comments(path)))
    }

    assert found == {}


def test_there_are_templates_to_look_at():
    assert len(TEMPLATES) > 60


# --- colours ----------------------------------------------------------------------------------


def tokens(part: str) -> dict[str, str]:
    """The tokens of a part of tokens.css, references resolved."""
    raw = dict(re.findall(r"--([\w-]+):\s*([^;]+);", part))

    def resolved(value: str) -> str:
        return re.sub(r"var\(--([\w-]+)\)", lambda found: resolved(raw[found[1]]), value)

    return {name: resolved(value) for name, value in raw.items()}


LIGHT = tokens(TOKENS.split("@media screen")[0])
DARK = LIGHT | tokens(TOKENS.split("@media screen")[1])


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "surface", "sunk"])
@pytest.mark.parametrize(
    "word", ["ink", "ink-soft", "action", "action-deep", "price", "bad", "info"]
)
def test_words_can_be_read_on_every_ground(theme, ground, word):
    assert contrast(theme[word], theme[ground]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["ground", "surface", "sunk"])
@pytest.mark.parametrize("edge", ["line", "ring"])
def test_controls_can_be_seen_on_every_ground(theme, ground, edge):
    assert contrast(theme[edge], theme[ground]) >= 3


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("fill", ["action", "action-deep"])
def test_words_can_be_read_on_a_button(theme, fill):
    assert contrast(theme["on-action"], theme[fill]) >= 4.5


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("number", range(1, 6))
def test_charts_can_be_seen(theme, number):
    assert contrast(theme[f"chart-{number}"], theme["surface"]) >= 3


@pytest.mark.parametrize(
    ("token", "ratios"),
    {
        "kiln": (15.0, 16.5, 13.1),
        "soot": (6.2, 6.8, 5.4),
        "tea": (8.0, 8.8, 7.0),
        "tea-deep": (10.9, 11.9, 9.5),
        "kumquat": (5.4, 6.0, 4.7),
        "rice-red": (7.7, 8.4, 6.7),
        "stream": (6.4, 7.1, 5.6),
        "line-grey": (3.9, 4.2, 3.4),
    }.items(),
)
def test_the_ratios_are_those_the_palette_was_chosen_by(token, ratios):
    found = [contrast(LIGHT[token], LIGHT[ground]) for ground in ("ramie", "rice", "mist")]

    assert found == pytest.approx(ratios, abs=0.06)


def test_pomelo_fills_and_writes_only_on_kiln():
    written = {
        line.strip().partition(" {")[0]
        for path in (ROOT / "static" / "css").glob("*.css")
        for line in path.read_text().splitlines()
        if re.search(r"(?<![-\w])color:\s*var\(--pomelo\)", line)
    }

    assert written <= {".mast a:hover"}, "the mast is kiln"
    assert contrast(LIGHT["kiln"], LIGHT["pomelo"]) >= 10
