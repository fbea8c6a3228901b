"""Looking at a file: what importing it would do, line by line, before anything is booked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from orders.payments import importing
from orders.payments.formats.files import StatementLine
from orders.payments.gaps import Gap, Stretch, gaps_with
from orders.payments.importing import Given, Tell, nobody
from orders.payments.layouts.store import active
from orders.payments.rules import Decision, Finding, another_payer
from orders.payments.states import FileFormat
from shop.core.money import Money

#: So many lines are shown: those a person should look at before all others.
SHOWN = 300

#: What goes where it belongs without anybody looking.
_QUIET = (
    Finding.MATCHED,
    Finding.MATCHED_SEVERAL,
    Finding.PAYOUT,
    Finding.EXPLAINED,
    Finding.REPEAT,
)


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """What one line of a file would do. `buyer`: who should have paid, where it was another."""

    line: int
    at: datetime
    amount: Money
    balance: Money
    counterparty: str
    memo: str
    finding: Finding
    number: str
    buyer: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What importing a file would do, as things stood at a moment.

    `left` are gaps that would stay beside it, `closed` those it would fill. `reckoned`: the file
    has no balances, so they were not checked line by line; `named`: every line has a serial of the
    bank's. `lines` are at most `SHOWN`; `count` and the sums are of all new ones.
    """

    at: datetime
    file_name: str
    format: FileFormat
    layout: str
    reckoned: bool
    named: bool
    opening: Money
    credits: Money
    debits: Money
    closing: Money
    count: int
    repeats: int
    pending: int
    left: tuple[Gap, ...]
    closed: tuple[Gap, ...]
    lines: tuple[PreviewLine, ...]
    tally: tuple[tuple[Finding, int, Money], ...]


def looked_at(tx: Session, given: Given, now: datetime, tell: Tell = nobody) -> Preview:
    """Read a file and say what each line would do.

    Raises:
        FileRefused, NotFound: see `importing.read`.
    """
    file, new = importing.read(tx, given)
    tell(0.6)
    new_decisions = zip(new.lines, importing.decided(tx, new.lines), strict=True)
    tell(0.9)
    decided = {line.key: decision for line, decision in new_decisions}
    every = [(line, decided.get(line.key, _REPEAT)) for line in file.lines]
    tally = Counter(decision.finding for _line, decision in every)
    sums: Counter[Finding] = Counter()
    for line, decision in every:
        sums[decision.finding] += line.amount.fen
    left, closed = gaps_with(
        tx, Stretch(new.lines[0].at, new.lines[-1].at, new.opening, new.closing)
    )
    shown = sorted(every, key=lambda pair: pair[1].finding in _QUIET)[:SHOWN]
    return Preview(
        at=now,
        file_name=given.name,
        format=file.format,
        layout=next((one.name for one in active(tx) if one.public_id == file.layout), ""),
        reckoned=file.reckoned,
        named=all(line.serial for line in file.lines),
        opening=new.opening,
        credits=new.credits,
        debits=new.debits,
        closing=new.closing,
        count=len(new.lines),
        repeats=new.repeats,
        pending=file.pending,
        left=tuple(left),
        closed=tuple(closed),
        lines=tuple(_shown(*pair) for pair in sorted(shown, key=lambda pair: pair[0].line)),
        tally=tuple(
            (finding, tally[finding], Money(sums[finding])) for finding in Finding if tally[finding]
        ),
    )


_REPEAT = Decision(Finding.REPEAT)


def _shown(line: StatementLine, decision: Decision) -> PreviewLine:
    named = decision.claims or ((decision.claim,) if decision.claim else ())
    buyers = sorted({claim.buyer for claim in named})
    return PreviewLine(
        line.line,
        line.at,
        line.amount,
        line.balance,
        line.counterparty,
        line.memo,
        decision.finding,
        decision.number,
        "、".join(buyers) if another_payer(buyers, line.counterparty) else "",
    )
