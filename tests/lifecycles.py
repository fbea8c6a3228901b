"""The tables of docs/lifecycles.md, written from the code's `StateTable`s.

``.venv/bin/python -m tests.lifecycles`` writes them anew between the marks of the document and
leaves its sentences alone; `tests/test_documents.py` fails while they differ.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

from shop.core.db import ROOT
from shop.core.labels import Labelled
from shop.core.states import StateTable

DOCUMENT: Path = ROOT / "docs" / "lifecycles.md"
HEADING = "| From | Action | To | Needs | Not by who did |\n| --- | --- | --- | --- | --- |\n"
BY_ITSELF = "–"

_TABLE = re.compile(r"(<!-- moves: (?P<kind>\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)


def tables() -> Iterator[StateTable[Labelled]]:
    """Every lifecycle of the shop, part by part."""
    for path in sorted(ROOT.glob("[ops]*/*/states.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if name != "shop.core.states":
            found = vars(importlib.import_module(name)).values()
            yield from (thing for thing in found if isinstance(thing, StateTable))


def as_table(lifecycle: StateTable[Labelled]) -> str:
    """One lifecycle as a table of its moves, in the code's order."""
    rows = [
        f"| {_state(move.from_state)} | `{move.action}` | {_state(move.to_state)} | "
        f"{f'`{move.needs.value}`' if move.needs else BY_ITSELF} | "
        f"{', '.join(f'`{action}`' for action in move.not_by_who_did) or BY_ITSELF} |\n"
        for move in lifecycle.moves
    ]
    return HEADING + "".join(rows)


def renewed(document: str) -> str:
    """The document with every marked table as the code has it now."""
    known = {lifecycle.kind: lifecycle for lifecycle in tables()}

    def table(found: re.Match[str]) -> str:
        return found[1] + as_table(known[found["kind"]]) + found[3]

    return _TABLE.sub(table, document)


def kinds(document: str) -> set[str]:
    """The lifecycles a document has marks for."""
    return {found["kind"] for found in _TABLE.finditer(document)}


def _state(state: Labelled) -> str:
    return f"{state.label} `{state.value}`"


if __name__ == "__main__":
    DOCUMENT.write_text(renewed(DOCUMENT.read_text()))
