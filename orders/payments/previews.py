"""What importing an uploaded file would do, line by line, before anything is booked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from orders.payments import importing
from orders.payments.formats.files import StatementLine
from orders.payments.gaps import Gap, Stretch, gaps_with
from orders.payments.import_jobs import LARGE
from orders.payments.layouts.store import active
from orders.payments.rules import Decision, Finding, another_payer
from orders.payments.states import FileFormat
from orders.payments.uploads import uploaded
from shop.core.actors import Actor
from shop.core.money import ZERO, Money, total

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
    """What importing a file would do.

    `left` are gaps that would stay beside it, `closed` those it would fill. `large`: it would be
    imported by a job. `lines` are at most `SHOWN`; `count` and the sums are of all new ones.
    """

    file_name: str
    format: FileFormat
    layout: str
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
    large: bool


def preview(tx: Session, upload_id: str, actor: Actor, now: datetime) -> Preview:
    """What importing an uploaded file would do, as things stand now.

    Raises:
        NotFound: see `uploaded`.
        FileRefused: meanwhile it was imported, or its layout was retired.
    """
    kept = uploaded(tx, upload_id, actor, now)
    file, new = importing.read(tx, kept.content, kept.layout_id)
    decided = dict(
        zip((line.key for line in new.lines), importing.decided(tx, new.lines), strict=True)
    )
    every = [(line, decided.get(line.key, Decision(Finding.REPEAT))) for line in file.lines]
    tally = Counter(decision.finding for _line, decision in every)
    sums: Counter[Finding] = Counter()
    for line, decision in every:
        sums[decision.finding] += line.amount.fen
    left, closed = gaps_with(
        tx, Stretch(new.lines[0].at, new.lines[-1].at, new.opening, new.closing)
    )
    shown = sorted(every, key=lambda pair: pair[1].finding in _QUIET)[:SHOWN]
    return Preview(
        file_name=kept.file_name,
        format=file.format,
        layout=next((one.name for one in active(tx) if one.public_id == file.layout), ""),
        opening=new.opening,
        credits=total([line.amount for line in new.lines if line.amount > ZERO]),
        debits=-total([line.amount for line in new.lines if line.amount < ZERO]),
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
        large=len(new.lines) >= LARGE,
    )


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
