"""How each bank wants its payout files and writes its result files; pure functions over data.

A layout (格式) is a file in `banks/`, read once; a bank more is a file more. Rows inside are the
same for every bank. Rule: docs/money.md, “Payouts”.
"""

from __future__ import annotations

import csv
import functools
import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from orders.payouts.states import Outcome, PayoutKind
from shop.core.money import Money, yuan

BANKS = Path(__file__).with_name("banks")

#: The layout a batch is exported in when nobody chose one.
NEUTRAL = "neutral"

_ENCODINGS = ("gb18030", "utf-8", "utf-8-sig")
_FORMULA = frozenset("=+-@'")
_ONE_LINE = str.maketrans(dict.fromkeys("\r\n\t\0\v\f", " ") | {"|": "｜"})


class BankRow(NamedTuple):
    """One payment as the bank is told it; the account number in clear."""

    position: int
    number: str
    holder: str
    bank: str
    cnaps: str
    fen: int
    purpose: str
    reference: str

    @property
    def amount(self) -> Money:
        """What is paid."""
        return Money(self.fen)


#: What a bank has to be told, whatever its layout.
TOLD = ("number", "holder", "fen", "reference")

#: What a column of a result file may be; an empty name is a column of no interest.
ANSWERS = ("reference", "outcome", "reason", "at")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, and the field of a row it shows, or a text that stands in it."""

    heading: str
    of: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class PayoutLayout:
    """How a bank wants a payout file. `row_limit` payments at the most stand in one."""

    columns: tuple[Column, ...]
    encoding: str
    delimiter: str
    quoted: bool
    heading: bool
    row_limit: int
    file_name: str
    purposes: dict[PayoutKind, str]


@dataclass(frozen=True, slots=True)
class ResultLayout:
    """How a bank answers: which column is what, and what its words for an outcome mean."""

    columns: tuple[Column, ...]
    encodings: tuple[str, ...]
    delimiter: str
    heading: bool
    outcomes: dict[str, Outcome]

    def heading_of(self, answer: str) -> str:
        """What the bank calls one of `ANSWERS`."""
        return next(column.heading for column in self.columns if column.of == answer)


@dataclass(frozen=True, slots=True)
class Layout:
    """One bank's two layouts."""

    code: str
    name: str
    note: str
    payout: PayoutLayout
    result: ResultLayout


class LayoutWrong(ValueError):
    """A file in `banks/` does not say what a layout must."""


def layouts() -> dict[str, Layout]:
    """Every layout by its code, the neutral one first."""
    found = {path.stem: read_layout(path.stem, path.read_text("utf-8")) for path in _files()}
    return {NEUTRAL: found.pop(NEUTRAL)} | found


layouts = functools.cache(layouts)


def _files() -> list[Path]:
    return sorted(BANKS.glob("*.json"))


def read_layout(code: str, text: str) -> Layout:
    """A layout from its file.

    Raises:
        LayoutWrong: saying what is missing or cannot be.
    """
    facts = json.loads(text)
    try:
        layout = Layout(
            code, facts["name"], facts["note"], _payout(facts["payout"]), _result(facts["result"])
        )
    except KeyError as missing:
        raise LayoutWrong(f"{code}: {missing} is missing") from None
    except ValueError as wrong:
        raise LayoutWrong(f"{code}: {wrong}") from None
    return layout


def _payout(facts: dict[str, Any]) -> PayoutLayout:
    columns = tuple(
        Column(heading, "", of[1:]) if of.startswith("=") else Column(heading, of)
        for heading, of in facts["columns"]
    )
    known = {column.of for column in columns if not column.text}
    for field in TOLD:
        if field not in known:
            raise ValueError(f"no column shows the {field}")
    if known - set(BankRow._fields):
        raise ValueError(f"{known - set(BankRow._fields)} is nothing of a payment")
    if facts["encoding"] not in _ENCODINGS or facts["row_limit"] < 1:
        raise ValueError("the encoding or the row limit cannot be")
    if not facts["quoted"] and facts["delimiter"] not in ("|", "\t"):
        raise ValueError("without quotes only | and tab part cells")
    facts["file_name"].format(number="", part=1, day="")
    return PayoutLayout(
        columns,
        facts["encoding"],
        facts["delimiter"],
        facts["quoted"],
        facts["heading"],
        facts["row_limit"],
        facts["file_name"],
        {kind: facts["purposes"][kind.value] for kind in PayoutKind},
    )


def _result(facts: dict[str, Any]) -> ResultLayout:
    columns = tuple(Column(heading, of) for heading, of in facts["columns"])
    named = [column.of for column in columns if column.of]
    if sorted(named) != sorted(ANSWERS):
        raise ValueError(f"a result has each of {', '.join(ANSWERS)} once")
    known = {outcome.value: outcome for outcome in Outcome}
    outcomes = {word: known[meant] for word, meant in facts["outcomes"].items()}
    if set(outcomes.values()) != set(Outcome) or set(facts["encodings"]) - set(_ENCODINGS):
        raise ValueError("an outcome has no word, or an encoding cannot be")
    return ResultLayout(
        columns,
        tuple(facts["encodings"]),
        facts["delimiter"],
        facts["heading"],
        outcomes,
    )


def clean(text: str) -> str:
    """A text every layout can carry: one line, no bar, no outer spaces."""
    return text if text.isalnum() else text.translate(_ONE_LINE).strip()


def defused(cell: str) -> str:
    """A cell no spreadsheet runs: a quote before ``= + - @``, and before a quote, to tell them."""
    if cell.isalnum() or cell.lstrip()[:1] not in _FORMULA:
        return cell
    return f"'{cell}"


def write_payout(layout: PayoutLayout, rows: Iterable[BankRow]) -> bytes:
    """A payout file: every cell text, the same bytes for the same rows.

    The rows' texts are `clean`. GB18030 writes every character a name may have (GBK does not).
    Amounts are yuan with two decimals, from whole fen.
    """
    out = io.StringIO(newline="")
    if layout.heading:
        _put(out, layout, [tuple(column.heading for column in layout.columns)])
    texts = tuple(column.text for column in layout.columns)
    fields = BankRow._fields
    pick = itemgetter(
        *[
            len(fields) + place if column.text else fields.index(column.of)
            for place, column in enumerate(layout.columns)
        ]
    )
    _put(
        out,
        layout,
        (
            pick(
                (
                    str(position),
                    number,
                    defused(holder),
                    defused(bank),
                    cnaps,
                    f"{fen // 100}.{fen % 100:02d}",
                    defused(purpose),
                    reference,
                    *texts,
                )
            )
            for position, number, holder, bank, cnaps, fen, purpose, reference in rows
        ),
    )
    return out.getvalue().encode(layout.encoding)


def _put(out: io.StringIO, layout: PayoutLayout, rows: Iterable[tuple[str, ...]]) -> None:
    if layout.quoted:
        csv.writer(
            out, quoting=csv.QUOTE_ALL, lineterminator="\r\n", delimiter=layout.delimiter
        ).writerows(rows)
    else:
        out.writelines(layout.delimiter.join(cells) + "\r\n" for cells in rows)


def read_payout(layout: PayoutLayout, content: bytes) -> list[BankRow]:
    """What a written file says; a field its layout does not carry is empty, the position counted.

    Raises:
        ValueError: it is not such a file.
    """
    found = []
    rows = cells_of(content.decode(layout.encoding), layout.delimiter, layout.quoted)
    if layout.heading:
        next(rows)
    for place, (_line, cells) in enumerate(rows, start=1):
        said = {
            column.of: cell
            for column, cell in zip(layout.columns, cells, strict=True)
            if not column.text
        }
        found.append(
            BankRow(
                int(said.get("position", place)),
                said["number"],
                _fused(said["holder"]),
                _fused(said.get("bank", "")),
                said.get("cnaps", ""),
                yuan(said["fen"]).fen,
                _fused(said.get("purpose", "")),
                said["reference"],
            )
        )
    return found


def _fused(cell: str) -> str:
    return cell.removeprefix("'")


def cells_of(text: str, delimiter: str, quoted: bool) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file as texts, each with the line it begins in; empty ones are passed over.

    Raises:
        csv.Error: quotes are not in pairs.
    """
    if not quoted:
        for line, whole in enumerate(text.split("\n"), start=1):
            if whole.strip():
                yield line, whole.rstrip("\r").split(delimiter)
        return
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
    started = 1
    for cells in reader:
        if any(cells):
            yield started, cells
        started = reader.line_num + 1


def parts(layout: PayoutLayout, count: int) -> list[range]:
    """Which positions (from 1) stand in which file, as the row limit wants it."""
    size = layout.row_limit
    return [range(first, min(first + size, count + 1)) for first in range(1, count + 1, size)]
