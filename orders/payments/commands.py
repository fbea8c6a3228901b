"""Keeping an uploaded statement, importing it, and taking an import back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from orders.ledger import many, posting
from orders.payments import booking, hooks, importing, uploads
from orders.payments.formats.files import Stated
from orders.payments.importing import Given, Tell
from orders.payments.models import BankLine, BankStatement, Payment
from orders.payments.states import STATEMENT, LineState
from shop.core import audit, bulk, db
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.labels import N_
from shop.core.permissions import Permission


class MoneyMovedOn(Refusal):
    """A statement or a match cannot be undone when money of it has moved on."""

    code = "money_moved_on"
    sentence = N_("不能撤销：这份流水里的钱已经用于验收、退款或结算。请改用更正办理。")


class PayoutConfirmed(Refusal):
    """A statement cannot be undone when it confirmed that a payout left."""

    code = "payout_confirmed"
    sentence = N_("不能撤销：这份流水里有已确认付出的打款。")


class LineExplained(Refusal):
    """A statement cannot be undone when another part built on one of its lines."""

    code = "line_explained"
    sentence = N_("不能撤销：这份流水里有一笔已经由别的单据说明，那张单据还在。")


@command
def keep_upload(
    tx: Session,
    *,
    file_name: str,
    content: bytes,
    actor: Actor,
    now: datetime,
    layout_id: str | None = None,
    stated: Stated | None = None,
) -> str:
    """Keep a statement file between its preview and its import; returns the upload's id.

    It holds other people's account numbers, so it is sealed, and gone after a day.

    Args:
        layout_id: public id of the layout a person chose; None to recognise it.
        stated: the balances before and after it, where a person typed them.

    Raises:
        NotAllowed: the actor may not import.
        NotFound: the layout is not in use.
        FileRefused: the file is not a statement, or nothing of it is new.
    """
    actor.require(Permission.BANK_IMPORT)
    given = Given(file_name, content, layout_id, stated)
    with bulk.many_rows():
        importing.read(tx, given)
    return uploads.keep(tx, given, now, large=False).public_id


@command
def import_statement(
    tx: Session,
    *,
    file_name: str,
    content: bytes,
    actor: Actor,
    now: datetime,
    layout_id: str | None = None,
    stated: Stated | None = None,
) -> str:
    """Book a bank statement whole (导入流水), and return its public id.

    A credit whose memo names approved purchases and is exactly what they still wait for goes to
    their orders; every other credit goes to suspense and waits for a person. A debit that names
    a payout item of the same amount shows it leaving; any other waits to be explained. Lines that
    an earlier file brought are passed over.

    Args:
        file_name: as the person had it; kept for the list only.
        content: the file; its format and layout are recognised.
        layout_id: public id of the layout a person chose instead.
        stated: the balances before and after it, where a person typed them.

    Raises:
        NotAllowed: the actor may not import.
        NotFound: the layout is not in use.
        FileRefused: it is not what it claims, or nothing of it is new; with line numbers.

    Rule: docs/money.md, “Money in”.
    """
    with bulk.many_rows():
        return import_whole(tx, Given(file_name, content, layout_id, stated), actor, now)


def import_whole(
    tx: Session, given: Given, actor: Actor, now: datetime, tell: Tell = importing.nobody
) -> str:
    """The step of every import, in its caller's transaction; see `import_statement`."""
    actor.require(Permission.BANK_IMPORT)
    # One import at a time: whoever comes second sees the first one's lines.
    posting.lock(tx, booking.CUSTODY)
    file, new = importing.read(tx, given)
    tell(0.2)
    decisions = importing.decided(tx, new.lines, lock=True)
    tell(0.3)
    statement, lines = importing.write_down(
        tx, file, new, decisions, given.name, actor, now, lambda part: tell(0.3 + 0.2 * part)
    )
    repeats = new.repeats
    del file, new  # a hundred thousand lines, which the database holds by now
    importing.book(tx, lines, decisions, actor, now, lambda part: tell(0.5 + 0.5 * part))
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=STATEMENT.kind,
        thing=statement.public_id,
        action="import",
        to_state=statement.state.value,
        lines=len(lines),
        repeats=repeats,
        closing_fen=statement.closing.fen,
    )
    return statement.public_id


@command
def undo_import(
    tx: Session, *, statement_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Take a whole statement back by reversal (撤销导入); the file may then be imported again.

    Raises:
        NotFound: there is no such statement.
        NotAllowed: the actor may not import.
        WrongState: it was undone before.
        ReasonMissing: it says nothing.
        PayoutConfirmed, LineExplained, MoneyMovedOn: see there; nothing is reversed.
    """
    actor.require(Permission.BANK_IMPORT)
    if not reason.strip():
        raise ReasonMissing()
    posting.lock(tx, booking.CUSTODY)
    statement = tx.execute(
        select(BankStatement).where(BankStatement.public_id == statement_id).with_for_update()
    ).scalar_one_or_none()
    if statement is None:
        raise NotFound()
    STATEMENT.move(
        tx, statement, "undo", actor=actor, now=now, organisation_id=None, reason=reason.strip()
    )
    mine = BankLine.statement_id == statement.id
    of_mine = Payment.bank_line_id.in_(select(BankLine.id).where(mine))
    _let_go(tx, statement.id)
    take_back(tx, booking.journals_of(tx, mine), actor, now)
    # What was paid has gone back already, in whole or in part: the bank must not hear twice.
    if booking.refunded(tx, mine):
        raise MoneyMovedOn()
    db.rows_changed(tx, update(Payment).where(of_mine).values(undone=True))
    db.rows_changed(tx, update(BankLine).where(mine).values(undone=True))


def _let_go(tx: Session, statement_id: int) -> None:
    """Refuse what other parts built on lines of a statement."""
    rows = tx.execute(
        select(BankLine.id, BankLine.state, BankLine.explained_as).where(
            BankLine.statement_id == statement_id,
            BankLine.state.in_((LineState.PAYOUT, LineState.EXPLAINED)),
        )
    ).all()
    explained: dict[str, list[int]] = {}
    for line_id, state, name in rows:
        if state is LineState.PAYOUT:
            raise PayoutConfirmed()
        explained.setdefault(name or "", []).append(line_id)
    if not hooks.undo_explained(tx, explained):
        raise LineExplained()


def take_back(tx: Session, journal_ids: list[int], actor: Actor, now: datetime) -> None:
    """Reverse journals by which lines were booked.

    Raises:
        MoneyMovedOn: an account no longer holds it, or households were settled out of it.
    """
    if booking.settled_since(tx, journal_ids):
        raise MoneyMovedOn()
    try:
        many.reverse_many(tx, journal_ids, actor=actor, now=now)
    except posting.Overdrawn:
        raise MoneyMovedOn() from None
