"""What people say of single lines besides whose money it is: a fee, a wish, another paper."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from orders.ledger import posting
from orders.ledger.states import AccountKind, JournalKind
from orders.payments import booking, held_queries, hooks
from orders.payments.matching import locked_line
from orders.payments.states import LINE, BuyerWish, LineState
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import ReasonMissing, Refusal, WrongState
from shop.core.labels import N_
from shop.core.money import ZERO
from shop.core.permissions import Permission
from shop.core.reference import find_references


class NothingExplains(Refusal):
    """No other part knows the line by what was typed."""

    code = "nothing_explains"
    sentence = N_("没有一张单据说得出这一笔是什么。请核对单号和金额。")
    status = 422
    field = "number"


@command
def book_fee(tx: Session, *, line_id: str, reason: str, actor: Actor, now: datetime) -> None:
    """Book a debit line nobody could explain as the bank's fee (手续费), by a person's choice.

    Raises:
        NotFound, NotAllowed: see `match_line`.
        WrongState: the line does not wait to be explained.
        ReasonMissing: it says nothing.
    """
    actor.require(Permission.BANK_MATCH)
    line = locked_line(tx, line_id)
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
def say_wish(tx: Session, *, line_id: str, wish: BuyerWish, actor: Actor, now: datetime) -> None:
    """A buyer says what shall be done with money that names its purchase and is not right.

    It moves nothing; the platform sees it beside the line.

    Raises:
        NotFound: there is no such line, or it names no purchase of the actor's.
        NotAllowed: the actor may not draft for the union.
        WrongState: the line does not wait any more.
    """
    line = locked_line(tx, line_id)
    purchase = held_queries.purchase_of(tx, line_id, actor)
    if line.state is not LineState.SUSPENSE:
        raise WrongState(state=line.state.label)
    line.wish = wish
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=LINE.kind,
        thing=line.public_id,
        action="wish",
        organisation_id=purchase.union_id,
        number=purchase.number,
        wish=wish.value,
    )


@command
def explain_line(
    tx: Session, *, line_id: str, number: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Let another part say what a waiting line is, by the number or code a person read elsewhere.

    Raises:
        NotFound, NotAllowed: see `matching.match_line`.
        WrongState: the line waits for nothing, or part of it was matched.
        ReasonMissing: it says nothing.
        NothingExplains: no part knows it.
    """
    actor.require(Permission.BANK_MATCH)
    if not reason.strip():
        raise ReasonMissing()
    line = locked_line(tx, line_id)
    waits = line.state in (LineState.SUSPENSE, LineState.UNEXPLAINED)
    suspense = (AccountKind.SUSPENSE, line.id)
    posting.lock(tx, booking.CUSTODY, suspense)
    whole = line.amount < ZERO or booking.remaining(tx, [line.id])[line.id] == line.amount
    if not waits or not whole:
        raise WrongState(state=line.state.label)
    typed = hooks.Unnamed(
        line.amount,
        line.counterparty,
        f"{line.memo} {number}".strip(),
        tuple(find_references(number)),
    )
    explained = hooks.find_explained(tx, {0: typed}).get(0)
    if explained is None:
        raise NothingExplains()
    LINE.move(
        tx,
        line,
        "explain",
        actor=actor,
        now=now,
        organisation_id=None,
        reason=reason.strip(),
        number=explained.number,
    )
    line.explained_as, line.explained_number = explained.by, explained.number
    against = suspense if line.amount > ZERO else booking.CUSTODY
    shown = hooks.Shown(line.id, line.public_id, line.at, line.amount, explained, against)
    tx.flush()
    hooks.book_explained(tx, [shown], actor, now)
