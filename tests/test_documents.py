"""What the documents say is what the code does, wherever both say the same thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from decimal import Decimal

import pytest

from orders.ledger.states import DEBIT_NORMAL, AccountKind, JournalKind
from shop.config import PREFIX, Config
from shop.core.db import ROOT
from tests import lifecycles
from tests.orders.test_worked_example import STEPS

DOCS = ROOT / "docs"
CITED = re.compile(r"docs/money\.md, (?P<headings>(?:“[^”]+”(?:,? and |, )?)+)")
STEP = re.compile(r"^### Step \d+: .+\n\n`(?P<name>\w+)`", re.MULTILINE)
BALANCES = re.compile(r"\| Account \| Balance \|\n\| --- \| ---: \|\n(?P<rows>(?:\|.*\|\n)+)")
LINK = re.compile(r"\]\((?!https?:|#)(?P<path>[^)#\s]+)")
OURS = ("shop", "products", "orders", "tests")


def money() -> str:
    return (DOCS / "money.md").read_text()


def headings(document: str) -> set[str]:
    return set(re.findall(r"^###? (.+)$", document, re.MULTILINE))


def rows(document: str, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, cell by cell, without its own heading."""
    _before, _, after = document.partition(f"\n## {heading}\n")
    table = re.search(r"\n\|.*\|\n\|[ -:|]+\|\n(?P<rows>(?:\|.*\|\n)+)", after)
    assert table, f"no table below {heading!r}"
    return [
        [cell.strip().strip("`") for cell in row.strip("|").split(" | ")]
        for row in table["rows"].splitlines()
    ]


def citations() -> Iterator[tuple[str, str]]:
    """(file, heading) for each heading of docs/money.md that a docstring cites."""
    for folder in OURS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = re.sub(r"\s+", " ", path.read_text())
            for cited in CITED.finditer(text):
                for heading in re.findall(r"“([^”]+)”", cited["headings"]):
                    yield str(path.relative_to(ROOT)), heading


def test_every_heading_a_docstring_cites_is_there():
    cited = list(citations())

    assert len(cited) > 10
    assert [(file, heading) for file, heading in cited if heading not in headings(money())] == []


def test_the_worked_example_is_the_one_that_is_played():
    _before, _, example = money().partition("\n## The worked example\n")
    parts = STEP.split(example)[1:]

    written = []
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        table = BALANCES.search(text)
        assert table, f"{name} has no balances"
        cells = [row.strip("|").split("|") for row in table["rows"].splitlines()]
        balances = {cell[0].strip(): cell[1].strip().replace(",", "") for cell in cells}
        balances.pop("*empty*", None)
        written.append((name, balances))

    assert written == STEPS


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_what_lies_in_custody_or_is_due_is_what_is_owed(step):
    debit = {"监管账户", "应收合作社", "应收二"}
    balances = {name: Decimal(amount) for name, amount in STEPS[step][1].items()}

    assert sum(amount for name, amount in balances.items() if name in debit) == sum(
        amount for name, amount in balances.items() if name not in debit
    )


def test_every_kind_of_account_and_journal_is_explained():
    text = money()
    accounts = {row[0]: row for row in rows(text, "Ledger accounts and events")}

    assert {kind.value for kind in AccountKind} == set(accounts)
    for kind in AccountKind:
        assert accounts[kind.value][3] == ("debit" if kind in DEBIT_NORMAL else "credit")
        assert kind.label == accounts[kind.value][1]
    for journal in JournalKind:
        assert f"| `{journal.value}` |" in text


def test_every_setting_is_explained_with_its_default():
    settings = {
        row[0]: row for row in rows((DOCS / "settings.md").read_text(), "Settings of the shop")
    }

    assert list(settings) == [PREFIX + field.name.upper() for field in fields(Config)]
    for field in fields(Config):
        if field.default is not MISSING:
            told = settings[PREFIX + field.name.upper()][2]
            assert told == {False: "0", True: "1"}.get(field.default, str(field.default)), (
                field.name
            )


def test_every_lifecycle_is_shown_as_the_code_has_it():
    document = lifecycles.DOCUMENT.read_text()

    assert lifecycles.kinds(document) == {table.kind for table in lifecycles.tables()}
    assert document == lifecycles.renewed(document), "run: python -m tests.lifecycles"


@pytest.mark.parametrize(
    "document",
    [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))],
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_every_link_leads_somewhere(document):
    paths = [found["path"] for found in LINK.finditer(document.read_text())]

    assert [path for path in paths if not (document.parent / path).exists()] == []


def test_every_word_of_the_glossary_stands_where_it_says():
    glossary = (DOCS / "glossary.md").read_text()

    missing = [
        f"{path}: {name}"
        for path, name in re.findall(r"`([\w/]+\.py)`: `(\w+)`", glossary)
        if not re.search(rf"\b{name}\b", (ROOT / path).read_text())
    ]

    assert missing == []
