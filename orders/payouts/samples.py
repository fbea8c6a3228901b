"""Sample rows by which a bank layout can be looked at; the names are invented."""

from __future__ import annotations

from dataclasses import dataclass

from orders.payouts.layouts import BankRow, Layout, clean, read_payout, write_payout
from orders.payouts.states import PayoutKind

_PEOPLE = (
    ("示例农户", "6200000000000000018", "104000000001", 75_456, PayoutKind.HOUSEHOLD),
    ("㙍示例", "6200000000000000026", "", 100, PayoutKind.HOUSEHOLD),
    ('示例,茶叶"合作社"', "3600000000000000034", "104000000001", 226_576, PayoutKind.COOPERATIVE),
    ("=示例快运", "3600000000000000042", "", 39_984, PayoutKind.CARRIER),
)
_REFERENCES = ("AFQ4JQ5XE", "C0X3QFJTG", "GJRA16XRR", "911E70V5S")


@dataclass(frozen=True, slots=True)
class Sample:
    """A layout at work: the rows, the file they make, what is read back, a bank's answer."""

    rows: tuple[BankRow, ...]
    file: str
    same: bool
    answer: str


def sample_of(layout: Layout) -> Sample:
    """Write sample rows in a layout and read them back."""
    payout, result = layout.payout, layout.result
    rows = tuple(
        BankRow(
            place,
            number,
            clean(holder),
            "示例银行",
            cnaps,
            fen,
            payout.purposes[kind],
            _REFERENCES[place - 1],
        )
        for place, (holder, number, cnaps, fen, kind) in enumerate(_PEOPLE, start=1)
    )
    content = write_payout(payout, rows)
    carried = {column.of for column in payout.columns}
    same = all(
        getattr(row, name) == getattr(back, name)
        for row, back in zip(rows, read_payout(payout, content), strict=True)
        for name in carried & set(BankRow._fields)
    )
    words = {meant: word for word, meant in reversed(result.outcomes.items())}
    lines = [[column.heading for column in result.columns]] if result.heading else []
    for reference, (meant, word) in zip(_REFERENCES, words.items(), strict=False):
        said = {
            "reference": reference,
            "outcome": word,
            "reason": "账号户名不符" if meant.value == "refused" else "",
            "at": "2026-04-20 16:30:00",
        }
        lines.append([said.get(column.of, "") for column in result.columns])
    answer = "".join(result.delimiter.join(line) + "\n" for line in lines)
    return Sample(rows, content.decode(payout.encoding), same, answer)
