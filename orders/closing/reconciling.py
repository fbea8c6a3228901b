"""Signing that ledger and bank agree, and having a second person confirm it (对账签字)."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.closing.bank_side import Sides, sides
from orders.closing.models import Reconciliation
from orders.closing.states import RECONCILIATION, ReconciliationState
from orders.ledger import months, posting
from orders.ledger.states import AccountKind
from shop.core import audit, clock
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal
from shop.core.ids import new_id
from shop.core.labels import N_
from shop.core.money import ZERO, Money
from shop.core.permissions import Permission


class DayNotOver(Refusal):
    """Only a day that is over is reconciled."""

    code = "day_not_over"
    sentence = N_("这一天还没有过完，不能对账签字。")
    field = "day"


class NotExplained(Refusal):
    """Something of the difference has no explanation; nothing is signed."""

    code = "not_explained"
    sentence = N_("还有 %(rest)s 元没有来历，查清以后才能签字。")


class BankSaysOtherwise(Refusal):
    """The balance the person read at the bank is not the one of the statements."""

    code = "bank_says_otherwise"
    sentence = N_("您填的银行余额和流水的余额 %(bank)s 元不一样。可能还有流水没有导入。")
    status = 422
    field = "typed"


class SidesChanged(Refusal):
    """Ledger or statements have changed since they were seen or signed."""

    code = "sides_changed"
    sentence = N_("看过以后账本或流水又变了。请重新核对。")


class AlreadySigned(Refusal):
    """A day is signed once; what was signed before is withdrawn first."""

    code = "already_signed"
    sentence = N_("这一天已经签过字了。要重签，请先撤回。")


class MonthRestsOnIt(Refusal):
    """The reconciliation of a closed month stays."""

    code = "month_rests_on_it"
    sentence = N_("这个月已经结账，对账不能撤回。")


def end_of(day: date) -> datetime:
    """The moment a day is over."""
    return clock.start_of(day + timedelta(days=1))


@command
def sign_reconciliation(
    tx: Session, *, day: date, seen_hash: str, typed: Money, actor: Actor, now: datetime
) -> str:
    """Sign that ledger and bank agree at the end of a day; returns the sheet's public id.

    Args:
        seen_hash: of both sides as the person saw them.
        typed: the balance the person reads at the bank itself.

    Raises:
        NotAllowed: the actor may not sign.
        DayNotOver, AlreadySigned, SidesChanged, NotExplained, BankSaysOtherwise: see there.

    Rule: docs/money.md, “Reconciling with the bank”.
    """
    actor.require(Permission.BOOKS_CLOSE)
    if end_of(day) > now:
        raise DayNotOver()
    posting.lock(tx, (AccountKind.CUSTODY, 0))
    earlier = select(Reconciliation.id).where(
        Reconciliation.day == day, Reconciliation.state != ReconciliationState.WITHDRAWN
    )
    if tx.execute(earlier).first():
        raise AlreadySigned()
    found = sides(tx, end_of(day))
    if found.seen_hash != seen_hash:
        raise SidesChanged()
    if found.rest != ZERO:
        raise NotExplained(rest=str(found.rest))
    if typed != found.bank:
        raise BankSaysOtherwise(bank=str(found.bank))
    assert actor.user_id is not None, "a person signs"
    row = Reconciliation(
        public_id=new_id("recon"),
        day=day,
        state=ReconciliationState.SIGNED,
        ledger=found.ledger,
        bank=found.bank,
        explained=found.explained,
        sheet=_sheet(found),
        seen_hash=found.seen_hash,
        signed_by_id=actor.user_id,
        signed_at=now,
    )
    tx.add(row)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=RECONCILIATION.kind,
        thing=row.public_id,
        action="sign",
        to_state=row.state.value,
        day=day.isoformat(),
        ledger_fen=found.ledger.fen,
        bank_fen=found.bank.fen,
    )
    return row.public_id


@command
def confirm_reconciliation(
    tx: Session, *, reconciliation_id: str, actor: Actor, now: datetime
) -> None:
    """A second person confirms a signed sheet (复核).

    Raises:
        NotFound, NotAllowed, WrongState: as ever.
        SamePerson: the actor signed it.
        SidesChanged: ledger or statements have changed since it was signed.
    """
    row = locked(tx, reconciliation_id)
    RECONCILIATION.move(tx, row, "confirm", actor=actor, now=now, organisation_id=None)
    row.confirmed_by_id, row.confirmed_at = actor.user_id, now
    if sides(tx, end_of(row.day)).seen_hash != row.seen_hash:
        raise SidesChanged()


@command
def withdraw_reconciliation(
    tx: Session, *, reconciliation_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Take a sheet back, so that the day can be signed anew; not of a closed month.

    Raises:
        NotFound, NotAllowed, WrongState, ReasonMissing: as ever.
        MonthRestsOnIt: the day lies in a closed month.
    """
    actor.require(Permission.BOOKS_CLOSE)
    row = locked(tx, reconciliation_id)
    if not reason.strip():
        raise ReasonMissing()
    closed = months.closed_until(tx)
    if closed is not None and end_of(row.day) <= closed:
        raise MonthRestsOnIt()
    RECONCILIATION.move(
        tx, row, "withdraw", actor=actor, now=now, organisation_id=None, reason=reason.strip()
    )


def locked(tx: Session, reconciliation_id: str) -> Reconciliation:
    """A sheet, held until the end of the transaction."""
    row = tx.execute(
        select(Reconciliation)
        .where(Reconciliation.public_id == reconciliation_id)
        .with_for_update()
    ).scalar_one_or_none()
    if row is None:
        raise NotFound()
    return row


def _sheet(found: Sides) -> str:
    items = [
        [
            item.why.value,
            item.thing,
            item.at.isoformat() if item.at else None,
            item.words,
            item.amount.fen,
        ]
        for item in found.items
    ]
    return json.dumps(items, ensure_ascii=False)
