"""Booking money that waits in suspense: as interest on an acceptance, or as a cooperative's debt.

Rule: docs/money.md, “Payment terms and interest” and “What a cooperative owes”.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.models import Journal
from orders.ledger.states import AccountKind, JournalKind
from orders.payments import booking
from orders.payments.models import BankLine
from orders.payments.states import LINE
from orders.receivables import queries
from orders.receivables.accruing import interest_paid
from orders.receivables.models import DuePayment, InterestPayment
from orders.shipments.models import Acceptance
from shop.core import audit
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal, WrongState
from shop.core.labels import N_
from shop.core.money import ZERO, Money
from shop.core.permissions import Permission
from shop.organisations.models import Organisation, OrganisationKind


class NothingToBook(Refusal):
    """A booking moves something."""

    code = "nothing_to_book"
    sentence = N_("入账金额要大于零。")
    status = 422
    field = "amount"


class MoreThanWaits(Refusal):
    """No more than what of the line still lies in suspense."""

    code = "more_than_waits"
    sentence = N_("这笔来款只剩 %(left)s 元可以入账。")
    status = 422
    field = "amount"


class MoreThanAccrued(Refusal):
    """No more interest than has accrued and was not paid."""

    code = "more_than_accrued"
    sentence = N_("验收单 %(number)s 到今天的逾期利息只有 %(open)s 元没付。")
    status = 422
    field = "amount"


class MoreThanDue(Refusal):
    """No more than the cooperative owes."""

    code = "more_than_due"
    sentence = N_("%(cooperative)s只欠 %(open)s 元，多出的部分请留在待认领里。")
    status = 422
    field = "amount"


@command
def book_interest(
    tx: Session, *, line_id: str, acceptance_id: str, amount: Money, actor: Actor, now: datetime
) -> None:
    """Book money in suspense as interest on an acceptance (收到逾期利息): the cooperative's.

    Args:
        line_id: public id of a bank line with money in suspense.
        amount: at most what waits, and what had accrued by the end of today less what was paid.

    Raises:
        NotAllowed: the actor may not match.
        NotFound: there is no such line, or no such acceptance on terms.
        WrongState: the line does not wait.
        NothingToBook, MoreThanWaits, MoreThanAccrued: see there.
    """
    actor.require(Permission.BANK_MATCH)
    tx.execute(
        select(Acceptance.id).where(Acceptance.public_id == acceptance_id).with_for_update()
    ).all()
    page = queries.receivable(tx, acceptance_id, actor, day_of(now))
    line, left = _waiting(tx, line_id, amount)
    if amount > page.accrued.open:
        raise MoreThanAccrued(number=page.row.number, open=str(page.accrued.open))
    journal_id = _post(
        tx,
        line,
        JournalKind.INTEREST_PAID,
        (AccountKind.COOPERATIVE_PAYABLE, page.row.cooperative_key),
        amount,
        actor=actor,
        now=now,
    )
    tx.add(
        InterestPayment(
            bank_line_id=line.id,
            acceptance_id=page.row.id,
            journal_id=journal_id,
            amount=amount,
            accrued=page.accrued.whole,
            paid_before=interest_paid(tx, [page.row.id])[page.row.id],
            upto=day_of(now),
            at=now,
        )
    )
    _move_line(tx, line, "take_interest", amount, left, page.row.number, actor=actor, now=now)


@command
def book_due(
    tx: Session, *, line_id: str, cooperative_id: str, amount: Money, actor: Actor, now: datetime
) -> None:
    """Book money in suspense as a cooperative paying what it owes (合作社交款).

    Args:
        amount: at most what waits, and what is due from the cooperative. Its payable is not
            touched.

    Raises:
        NotAllowed: the actor may not match.
        NotFound: there is no such line, or no such cooperative.
        WrongState: the line does not wait.
        NothingToBook, MoreThanWaits, MoreThanDue: see there.
    """
    actor.require(Permission.BANK_MATCH)
    cooperative = tx.execute(
        select(Organisation).where(
            Organisation.public_id == cooperative_id,
            Organisation.kind == OrganisationKind.COOPERATIVE,
        )
    ).scalar_one_or_none()
    if cooperative is None:
        raise NotFound(field="cooperative")
    line, left = _waiting(tx, line_id, amount)
    due = (AccountKind.DUE_FROM_COOPERATIVE, cooperative.id)
    posting.lock(tx, due)
    owed = posting.balance(tx, *due)
    if amount > owed:
        raise MoreThanDue(cooperative=cooperative.name, open=str(owed))
    journal_id = _post(tx, line, JournalKind.DUE_PAID, due, amount, actor=actor, now=now)
    tx.add(
        DuePayment(
            bank_line_id=line.id,
            cooperative_id=cooperative.id,
            journal_id=journal_id,
            amount=amount,
            at=now,
        )
    )
    _move_line(tx, line, "take_due", amount, left, cooperative.name, actor=actor, now=now)


def _waiting(tx: Session, line_id: str, amount: Money) -> tuple[BankLine, Money]:
    """The line, held, and what of it waits, if that is enough."""
    line = tx.execute(
        select(BankLine)
        .where(BankLine.public_id == line_id, BankLine.undone.is_(False))
        .with_for_update()
    ).scalar_one_or_none()
    if line is None:
        raise NotFound(field="line")
    if LINE.find(line.state, "take_due") is None:
        raise WrongState(state=line.state.label)
    if amount <= ZERO:
        raise NothingToBook()
    posting.lock(tx, (AccountKind.SUSPENSE, line.id))
    left = booking.remaining(tx, [line.id])[line.id]
    if amount > left:
        raise MoreThanWaits(left=str(left))
    return line, left


def _post(
    tx: Session,
    line: BankLine,
    kind: JournalKind,
    credit: posting.AccountKey,
    amount: Money,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    """Move it; the journal is about the line, so undoing the statement reverses it too."""
    earlier = tx.execute(
        select(func.count())
        .select_from(Journal)
        .where(Journal.about == line.public_id, Journal.kind == kind)
    ).scalar_one()
    draft = posting.Draft()
    draft.move((AccountKind.SUSPENSE, line.id), credit, amount)
    return posting.write(
        tx,
        draft,
        kind,
        event_key=f"{kind.value}:{line.public_id}:{earlier + 1}",
        about=line.public_id,
        actor=actor,
        now=now,
        effective_at=now,
    )


def _move_line(
    tx: Session,
    line: BankLine,
    action: str,
    amount: Money,
    left: Money,
    number: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    facts: dict[str, Any] = {"number": number, "amount_fen": amount.fen}
    if amount == left:
        LINE.move(tx, line, action, actor=actor, now=now, organisation_id=None, **facts)
    else:
        audit.record(
            tx,
            actor=actor,
            now=now,
            kind=LINE.kind,
            thing=line.public_id,
            action=f"{action}_part",
            **facts,
        )
