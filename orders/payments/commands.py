"""Importing bank statements, giving found money its purchase, and taking an import back."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.models import Journal
from orders.ledger.states import AccountKind, JournalKind
from orders.payments import booking, importing
from orders.payments.models import BankLine, BankStatement, BankUpload, Payment
from orders.payments.open_amounts import OpenOrder, open_orders
from orders.payments.rules import read_statement
from orders.payments.states import LINE, STATEMENT, LineState
from orders.purchasing.models import Purchase
from orders.purchasing.states import PurchaseState
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, WrongState
from shop.core.ids import new_id
from shop.core.labels import N_
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission
from shop.core.vault import vault


class PurchaseTakesNoMoney(Refusal):
    """Money is put only to an approved purchase."""

    code = "purchase_takes_no_money"
    sentence = N_("采购单 %(number)s 现在是“%(state)s”，不能收款。")
    field = "purchase"


class MoreThanTheLine(Refusal):
    """A match may not take more than what of the line still waits."""

    code = "more_than_the_line"
    sentence = N_("这笔来款只剩 %(left)s 元可以认领。")
    status = 422
    field = "amount"


class MoreThanIsOwed(Refusal):
    """A match may not give a purchase more than it waits for."""

    code = "more_than_is_owed"
    sentence = N_("采购单 %(number)s 只差 %(open)s 元，多出的部分请留在待认领里。")
    status = 422
    field = "amount"


class NothingToMatch(Refusal):
    """A match moves something."""

    code = "nothing_to_match"
    sentence = N_("认领金额要大于零。")
    status = 422
    field = "amount"


class MoneyMovedOn(Refusal):
    """A statement cannot be undone when money of it has moved on."""

    code = "money_moved_on"
    sentence = N_("不能撤销：这份流水里的钱已经用于验收、退款或结算。请改用更正办理。")


class PayoutConfirmed(Refusal):
    """A statement cannot be undone when it confirmed that a payout left."""

    code = "payout_confirmed"
    sentence = N_("不能撤销：这份流水里有已确认付出的打款。")


@command
def keep_upload(tx: Session, *, file_name: str, content: bytes, actor: Actor, now: datetime) -> str:
    """Keep a statement file between its preview and its import; returns the upload's id.

    It holds other people's account numbers, so it is sealed, and gone after a day.

    Raises:
        NotAllowed: the actor may not import.
        FileRefused: the file is not a statement, or some of it was imported before.
    """
    actor.require(Permission.BANK_IMPORT)
    file = read_statement(content)
    importing.refuse_imported(tx, file)
    tx.execute(delete(BankUpload).where(BankUpload.uploaded_at < now - importing.UPLOAD_KEPT))
    public_id = new_id("upload")
    tx.add(
        BankUpload(
            public_id=public_id,
            file_name=importing.short_name(file_name),
            content_sealed=vault().seal(
                base64.b64encode(content).decode(), place=importing.upload_place(public_id)
            ),
            uploaded_at=now,
        )
    )
    return public_id


@command
def import_statement(
    tx: Session, *, file_name: str, content: bytes, actor: Actor, now: datetime
) -> str:
    """Book a bank statement whole (导入流水), and return its public id.

    A credit whose memo names one approved purchase and is exactly what that still waits for goes
    to its orders; every other credit goes to suspense and waits for a person. A debit that names
    a payout item of the same amount shows it leaving; any other waits to be explained.

    Args:
        file_name: as the person had it; kept for the list only.
        content: the file; see `rules.COLUMNS`.

    Raises:
        NotAllowed: the actor may not import.
        FileRefused: it is not what it claims, or was imported before; with line numbers.

    Rule: docs/money.md, “Money in”.
    """
    actor.require(Permission.BANK_IMPORT)
    file = read_statement(content)
    # One import at a time: whoever comes second sees the first one's lines.
    posting.lock(tx, booking.CUSTODY)
    importing.refuse_imported(tx, file)
    decisions = importing.decided(tx, file, lock=True)
    statement, lines = importing.write_down(tx, file, decisions, file_name, actor, now)
    importing.book(tx, lines, decisions, actor, now)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=STATEMENT.kind,
        thing=statement.public_id,
        action="import",
        to_state=statement.state.value,
        lines=len(lines),
        closing_fen=file.closing.fen,
    )
    return statement.public_id


@command
def match_line(
    tx: Session, *, line_id: str, purchase_id: str, amount: Money, actor: Actor, now: datetime
) -> None:
    """Give money that waits in suspense to a purchase (认领来款), wholly or in part.

    Args:
        line_id: public id of a bank line in the queue.
        purchase_id: public id of an approved purchase.
        amount: at most what of the line still waits, and what the purchase still waits for;
            what is left stays in the queue.

    Raises:
        NotFound: there is no such line (or it was undone), or no such purchase.
        NotAllowed: the actor may not match.
        WrongState: the line does not wait.
        NothingToMatch, MoreThanTheLine, MoreThanIsOwed, PurchaseTakesNoMoney: see there.
    """
    actor.require(Permission.BANK_MATCH)
    purchase = tx.execute(
        select(Purchase).where(Purchase.public_id == purchase_id)
    ).scalar_one_or_none()
    if purchase is None:
        raise NotFound(field="purchase")
    booking.lock_orders(tx, [purchase.id])
    line = _locked_line(tx, line_id)
    if LINE.find(line.state, "match") is None:
        raise WrongState(state=line.state.label)
    if amount <= ZERO:
        raise NothingToMatch()
    posting.lock(tx, (AccountKind.SUSPENSE, line.id))
    left = booking.remaining(tx, [line.id])[line.id]
    if amount > left:
        raise MoreThanTheLine(left=str(left))
    booking.pay_orders(
        tx,
        line,
        amount,
        _orders_owing(tx, purchase, amount),
        source=(AccountKind.SUSPENSE, line.id),
        kind=JournalKind.BANK_CREDIT_MATCHED,
        event_key=f"bank_match:{line.public_id}:{_matches(tx, line) + 1}",
        effective_at=now,
        actor=actor,
        now=now,
    )
    facts: dict[str, Any] = {"number": purchase.number, "amount_fen": amount.fen}
    if amount == left:
        LINE.move(tx, line, "match", actor=actor, now=now, organisation_id=None, **facts)
    else:
        audit.record(
            tx,
            actor=actor,
            now=now,
            kind=LINE.kind,
            thing=line.public_id,
            action="match_part",
            **facts,
        )


def _orders_owing(tx: Session, purchase: Purchase, amount: Money) -> list[OpenOrder]:
    """The orders of a purchase, if it takes money and waits for at least this much."""
    tx.refresh(purchase)
    if purchase.state is not PurchaseState.APPROVED:
        raise PurchaseTakesNoMoney(number=purchase.number, state=purchase.state.label)
    orders = open_orders(tx, [purchase.id])[purchase.id]
    due = total([order.open for order in orders])
    if amount > due:
        raise MoreThanIsOwed(number=purchase.number, open=str(due))
    return orders


def _matches(tx: Session, line: BankLine) -> int:
    return tx.execute(
        select(func.count())
        .select_from(Journal)
        .where(Journal.about == line.public_id, Journal.kind == JournalKind.BANK_CREDIT_MATCHED)
    ).scalar_one()


@command
def book_fee(tx: Session, *, line_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Book a debit line nobody could explain as the bank's fee (手续费), by a person's choice.

    Raises:
        NotFound, NotAllowed: see `match_line`.
        WrongState: the line does not wait to be explained.
        ReasonMissing: it says nothing.
    """
    actor.require(Permission.BANK_MATCH)
    line = _locked_line(tx, line_id)
    if not reason.strip():
        raise ReasonMissing()
    LINE.move(
        tx, line, "book_fee", actor=actor, now=now, organisation_id=None, reason=reason.strip()
    )
    with posting.journal(
        tx,
        JournalKind.BANK_FEE,
        event_key=f"bank_fee:{line.public_id}",
        about=line.public_id,
        actor=actor,
        now=now,
        happened_at=line.at,
    ) as journal:
        journal.move((AccountKind.BANK_FEE, 0), booking.CUSTODY, -line.amount)


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
        PayoutConfirmed, MoneyMovedOn: money of it has moved on; nothing is reversed.
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
    lines = list(
        tx.execute(select(BankLine).where(BankLine.statement_id == statement.id)).scalars()
    )
    if any(line.state is LineState.PAYOUT for line in lines):
        raise PayoutConfirmed()
    journals = booking.journals_of(tx, [line.public_id for line in lines])
    if booking.settled_since(tx, journals):
        raise MoneyMovedOn()
    try:
        for journal_id in journals:
            posting.reverse(tx, journal_id, reason=reason, actor=actor, now=now)
    except posting.Overdrawn:
        raise MoneyMovedOn() from None
    ids = [line.id for line in lines]
    orders = list(
        tx.execute(
            select(Payment.order_id).where(Payment.bank_line_id.in_(ids)).distinct()
        ).scalars()
    )
    tx.execute(update(Payment).where(Payment.bank_line_id.in_(ids)).values(undone=True))
    # What was paid has gone back already, in whole or in part: the bank must not hear twice.
    if booking.refunded_beyond_paid(tx, orders):
        raise MoneyMovedOn()
    tx.execute(update(BankLine).where(BankLine.id.in_(ids)).values(undone=True))


def _locked_line(tx: Session, line_id: str) -> BankLine:
    line = tx.execute(
        select(BankLine)
        .where(BankLine.public_id == line_id, BankLine.undone.is_(False))
        .with_for_update()
    ).scalar_one_or_none()
    if line is None:
        raise NotFound()
    return line
