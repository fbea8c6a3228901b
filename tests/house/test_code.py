"""Rules of the house that no type checker knows: doors, refusals, floats, the clock, pins."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import orders
import products
import shop
from shop.core.db import ROOT
from shop.core.errors import Refusal
from shop.core.permissions import GRANTED, Permission, Role
from tests.house.rules import rules

SOURCES = sorted(
    path for package in ("shop", "products", "orders") for path in (ROOT / package).rglob("*.py")
)
#: Who may ask what time it is: whoever starts something.
ENTRY_POINTS = re.compile(r"(\w*views|cli|timetable)\.py|api\.py|jobs\.py")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def calls(path: Path) -> Iterator[str]:
    """What a module calls, as written: `clock.now`, `datetime.now`, `round`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


# --- doors ------------------------------------------------------------------------------------


def test_every_view_states_whom_it_lets_in(shared_app):
    without = [
        rule.endpoint
        for rule in rules(shared_app)
        if not hasattr(shared_app.view_functions[rule.endpoint], "shop_door")
    ]

    assert without == []


def test_every_permission_is_held_by_somebody_and_asked_for_somewhere():
    asked = "\n".join(path.read_text() for path in SOURCES if path.name != "permissions.py")
    held = {permission for granted in GRANTED.values() for permission in granted}

    assert held == set(Permission)
    assert set(GRANTED) == set(Role)
    assert [p.name for p in Permission if not re.search(rf"\b{p.name}\b", asked)] == []


# --- refusals ---------------------------------------------------------------------------------


def refusals() -> list[type[Refusal]]:
    """Every refusal, after everything has been imported."""
    for package in (shop, products, orders):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found, fresh = [], [Refusal]
    while fresh:
        kind = fresh.pop()
        if kind.__module__.partition(".")[0] in ("shop", "products", "orders"):
            found.append(kind)
        fresh.extend(kind.__subclasses__())
    return found


def test_every_refusal_has_a_code_of_its_own_and_a_sentence():
    kinds = refusals()
    codes = Counter(kind.code for kind in kinds)

    assert len(kinds) > 50
    assert [code for code, times in codes.items() if times > 1] == []
    assert [kind for kind in kinds if not {"code", "sentence"} <= vars(kind).keys()] == []


def test_every_sentence_of_a_refusal_is_a_whole_one():
    assert [kind.sentence for kind in refusals() if not kind.sentence.endswith(("。", "？"))] == []


def test_every_refusal_says_no_with_a_status_of_the_400s():
    assert [kind.code for kind in refusals() if not 400 <= kind.status < 500] == []


# --- figures and time -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p.name in ("rules.py", "models.py")], ids=named
)
def test_no_figure_of_the_trade_is_a_float(path):
    found = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
        or (isinstance(node, ast.Name) and node.id in ("float", "Float", "Numeric", "Decimal"))
    ]

    assert found == []


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_only_entry_points_ask_the_clock(path):
    if ENTRY_POINTS.fullmatch(path.name) or named(path) == "shop/core/clock.py":
        return
    wrong = {"clock.now", "datetime.now", "datetime.utcnow", "date.today", "time.time", "now"}

    assert wrong & set(calls(path)) == set()


def test_only_lifecycles_assign_to_a_state():
    found = {
        f"{named(path)}: {ast.unparse(node)}"
        for path in SOURCES
        if named(path) != "shop/core/states.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Attribute) and target.attr == "state"
    }

    assert found == set()


#: Longer than the rest; take from this list, add nothing to it.
ASKING_TO_BE_SPLIT = {
    "orders/statements/papers.py: _sections",
}


def test_a_file_and_a_function_are_short_enough_to_hold_in_mind():
    """At most 400 lines and 60; the signature and what a docstring explains do not count."""
    long_files = [named(path) for path in SOURCES if len(path.read_text().splitlines()) > 400]
    long_functions = {
        f"{named(path)}: {node.name}"
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - _first_act(node).lineno >= 60
    }

    assert long_files == []
    assert long_functions <= ASKING_TO_BE_SPLIT


def _first_act(function: ast.FunctionDef) -> ast.stmt:
    return function.body[min(ast.get_docstring(function) is not None, len(function.body) - 1)]


# --- words ------------------------------------------------------------------------------------

#: Words of pity, of officialdom and of the market square; ux.md, “States and words”.
FORBIDDEN = re.compile("爱心|贫困户|非法|无效|抱歉|亲们|亲，|！")


def sentences(path: Path) -> Iterator[str]:
    """Chinese literals of a module, without its docstrings."""
    tree = ast.parse(path.read_text())
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.value


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_sentence_uses_a_forbidden_word(path):
    assert [words for words in sentences(path) if FORBIDDEN.search(words)] == []


# --- what is installed ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_everything_installed_is_pinned_with_its_hashes(name):
    text = (ROOT / name).read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith((" ", "#"))]

    assert len(lines) > 10
    assert [line for line in lines if "==" not in line or "--hash=sha256:" not in line] == []
