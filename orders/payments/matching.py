"""What a person decides about single lines: whose money it is, and taking that back.

Each of these is one command; money in suspense (待认领) never moves without one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from orders.ledger import many, posting
from orders.ledger.models import Journal
from orders.ledger.states import AccountKind, JournalKind
from orders.payments import booking, giving_back
from orders.payments.commands import MoneyMovedOn, take_back
from orders.payments.models import BankLine, Payment
from orders.payments.open_amounts import buyers, open_orders
from orders.payments.rules import OpenOrder, another_payer
from orders.payments.states import LINE
from orders.purchasing.models import Order, Purchase
from orders.purchasing.states import PurchaseState
from shop.core import audit, db
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, WrongState
from shop.core.labels import N_
from shop.core.money import ZERO, Money, total
from shop.core.permissions import Permission


class PurchaseTakesNoMoney(Refusal):
    """Money is put only to an approved purchase."""

    code = "purchase_takes_no_money"
    sentence = N_("采购单 %(number)s 现在是“%(state)s”，不能收款。")
    field = "purchase"


class MoreThanTheLine(Refusal):
    """Neither a match nor a way back may take more than what of the line still waits."""

    code = "more_than_the_line"
    sentence = N_("这笔来款只剩 %(left)s 元没有认领。")
    status = 422
    field = "amount"


class MoreThanIsOwed(Refusal):
    """A match may not give a purchase more than it waits for."""

    code = "more_than_is_owed"
    sentence = N_("采购单 %(number)s 只差 %(open)s 元，多出的部分请留在待认领里。")
    status = 422
    field = "amount"


class NothingToMatch(Refusal):
    """A match moves something, and so does a way back."""

    code = "nothing_to_match"
    sentence = N_("金额要大于零。")
    status = 422
    field = "amount"


class SumsDiffer(Refusal):
    """One transfer pays several purchases only if it is exactly what they wait for together."""

    code = "sums_differ"
    sentence = N_(
        "选中的采购单一共还差 %(due)s 元，这笔来款剩 %(left)s 元，要一分不差才能一起认领。"
    )
    status = 422
    field = "picked"


class AnotherPayer(Refusal):
    """Money from another name than the buyer's is matched only with a reason."""

    code = "another_payer"
    sentence = N_("付款户名“%(payer)s”不是采购单位“%(buyer)s”。确认是代付的话，请写明理由。")
    status = 422
    field = "reason"


@command
def match_line(
    tx: Session,
    *,
    line_id: str,
    purchase_id: str,
    amount: Money,
    actor: Actor,
    now: datetime,
    reason: str = "",
    rest_back: bool = False,
) -> None:
    """Give money that waits in suspense to a purchase (认领来款), wholly or in part.

    Args:
        line_id: public id of a bank line in the queue.
        purchase_id: public id of an approved purchase.
        amount: at most what of the line still waits, and what the purchase still waits for;
            what is left stays in the queue.
        reason: why it is the buyer's money, where the payer's name differs.
        rest_back: what is left shall go back to the account it came from.

    Raises:
        NotFound: there is no such line (or it was undone), or no such purchase.
        NotAllowed: the actor may not match.
        WrongState: the line does not wait.
        NothingToMatch, MoreThanTheLine, MoreThanIsOwed, PurchaseTakesNoMoney, AnotherPayer: see
            there.
    """
    actor.require(Permission.BANK_MATCH)
    purchases = _locked_purchases(tx, [purchase_id])
    line, left = _waiting(tx, line_id)
    if amount <= ZERO:
        raise NothingToMatch()
    if amount > left:
        raise MoreThanTheLine(left=str(left))
    orders = _orders_owing(tx, purchases)
    due = total([order.open for order in orders])
    if amount > due:
        raise MoreThanIsOwed(number=purchases[0].number, open=str(due))
    _refuse_another_payer(tx, line, purchases, reason)
    _match(tx, line, left, amount, purchases, orders, reason.strip(), actor, now)
    if rest_back and amount < left:
        rest = left - amount
        giving_back.give(tx, line, rest, rest, reason.strip(), actor=actor, now=now)


@command
def match_several(
    tx: Session,
    *,
    line_id: str,
    purchase_ids: Collection[str],
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    """Give all that waits of a line to several purchases, which together wait for exactly that.

    Raises:
        SumsDiffer: the sums are not the same, to the fen.
        Others: see `match_line`.
    """
    actor.require(Permission.BANK_MATCH)
    purchases = _locked_purchases(tx, sorted(set(purchase_ids)))
    line, left = _waiting(tx, line_id)
    orders = _orders_owing(tx, purchases)
    due = total([order.open for order in orders])
    if due != left:
        raise SumsDiffer(due=str(due), left=str(left))
    _refuse_another_payer(tx, line, purchases, reason)
    _match(tx, line, left, left, purchases, orders, reason.strip(), actor, now)


def _locked_purchases(tx: Session, public_ids: Sequence[str]) -> list[Purchase]:
    """These purchases, their orders held; in the order of their public ids."""
    purchases = list(
        tx.execute(
            select(Purchase).where(Purchase.public_id.in_(public_ids)).order_by(Purchase.public_id)
        ).scalars()
    )
    if not purchases or len(purchases) != len(public_ids):
        raise NotFound(field="purchase")
    booking.lock_orders(tx, [purchase.id for purchase in purchases])
    return purchases


def _waiting(tx: Session, line_id: str) -> tuple[BankLine, Money]:
    """A line in the queue, held, and what of it waits."""
    line = locked_line(tx, line_id)
    if LINE.find(line.state, "match") is None:
        raise WrongState(state=line.state.label)
    posting.lock(tx, (AccountKind.SUSPENSE, line.id))
    return line, booking.remaining(tx, [line.id])[line.id]


def _orders_owing(tx: Session, purchases: Sequence[Purchase]) -> list[OpenOrder]:
    """The orders of purchases that take money."""
    for purchase in purchases:
        tx.refresh(purchase)
        if purchase.state is not PurchaseState.APPROVED:
            raise PurchaseTakesNoMoney(number=purchase.number, state=purchase.state.label)
    waiting = open_orders(tx, [purchase.id for purchase in purchases])
    return [order for purchase in purchases for order in waiting[purchase.id]]


def _refuse_another_payer(
    tx: Session, line: BankLine, purchases: Sequence[Purchase], reason: str
) -> None:
    names = list(buyers(tx, [purchase.id for purchase in purchases]).values())
    if not reason.strip() and another_payer(names, line.counterparty):
        raise AnotherPayer(payer=line.counterparty, buyer="、".join(sorted(set(names))))


def _match(
    tx: Session,
    line: BankLine,
    left: Money,
    amount: Money,
    purchases: Sequence[Purchase],
    orders: list[OpenOrder],
    reason: str,
    actor: Actor,
    now: datetime,
) -> None:
    paid = booking.Booking(
        booking.ref(line),
        amount,
        orders,
        (AccountKind.SUSPENSE, line.id),
        JournalKind.BANK_CREDIT_MATCHED,
        f"bank_match:{line.public_id}:{_count(tx, line, JournalKind.BANK_CREDIT_MATCHED) + 1}",
        now,
    )
    booking.pay_orders(tx, [paid], actor=actor, now=now)
    facts: dict[str, Any] = {
        "number": "、".join(purchase.number for purchase in purchases),
        "amount_fen": amount.fen,
    }
    if amount == left:
        LINE.move(
            tx, line, "match", actor=actor, now=now, organisation_id=None, reason=reason, **facts
        )
    else:
        audit.record(
            tx,
            actor=actor,
            now=now,
            kind=LINE.kind,
            thing=line.public_id,
            action="match_part",
            reason=reason,
            **facts,
        )


def _count(tx: Session, line: BankLine, kind: JournalKind) -> int:
    return tx.execute(
        select(func.count())
        .select_from(Journal)
        .where(Journal.about == line.public_id, Journal.kind == kind)
    ).scalar_one()


@command
def undo_match(
    tx: Session, *, line_id: str, journal_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Give money that went to the wrong purchase back to suspense, by reversal (撤销认领).

    What the import itself matched goes back to custody first, and is then held like any line that
    fits nothing.

    Args:
        journal_id: public id of the journal by which it was matched; see `queries.Matched`.

    Raises:
        NotFound: there is no such line, or no such match of it that stands.
        NotAllowed: the actor may not match.
        WrongState: nothing of the line is matched, or its rest is to be sent back.
        ReasonMissing: it says nothing.
        MoneyMovedOn: it was accepted, refunded or settled since.
    """
    actor.require(Permission.BANK_MATCH)
    if not reason.strip():
        raise ReasonMissing()
    paid = tx.execute(
        select(Payment, Purchase.id)
        .join(Journal, Journal.id == Payment.journal_id)
        .join(BankLine, BankLine.id == Payment.bank_line_id)
        .join(Order, Order.id == Payment.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .where(
            Journal.public_id == journal_id,
            BankLine.public_id == line_id,
            Payment.undone.is_(False),
        )
    ).all()
    if not paid:
        raise NotFound()
    booking.lock_orders(tx, sorted({purchase_id for _payment, purchase_id in paid}))
    line = locked_line(tx, line_id)
    journal = tx.get_one(Journal, paid[0][0].journal_id)
    take_back(tx, [journal.id], actor, now)
    if booking.refunded(tx, BankLine.id == line.id):
        raise MoneyMovedOn()
    db.rows_changed(
        tx,
        update(Payment)
        .where(Payment.journal_id == journal.id, Payment.undone.is_(False))
        .values(undone=True),
    )
    if journal.kind is JournalKind.BANK_CREDIT:
        again = _count(tx, line, JournalKind.BANK_CREDIT)
        key = f"bank_credit:{line.public_id}:held:{again}"
        entry = booking.held(booking.ref(line), event_key=key, effective_at=now)
        many.write_many(tx, [entry], actor=actor, now=now)
    LINE.move(
        tx,
        line,
        "undo_match",
        actor=actor,
        now=now,
        organisation_id=None,
        reason=reason.strip(),
        amount_fen=total([payment.amount for payment, _purchase in paid]).fen,
    )


@command
def send_back(
    tx: Session, *, line_id: str, amount: Money, reason: str, actor: Actor, now: datetime
) -> str:
    """Send what waits in suspense, or a part of it, back to the account it came from (退回).

    It leaves with the next payout batch, which a second person approves.

    Args:
        amount: at most what of the line still waits; the rest stays in the queue.

    Returns:
        The refund's public id.

    Raises:
        NotFound, NotAllowed, WrongState: see `match_line`.
        ReasonMissing, NothingToMatch, MoreThanTheLine: see there.
    """
    actor.require(Permission.BANK_MATCH)
    if not reason.strip():
        raise ReasonMissing()
    if amount <= ZERO:
        raise NothingToMatch()
    line, left = _waiting(tx, line_id)
    if amount > left:
        raise MoreThanTheLine(left=str(left))
    return giving_back.give(tx, line, amount, left, reason.strip(), actor=actor, now=now)


def locked_line(tx: Session, line_id: str) -> BankLine:
    """A line that was not undone, held until the end of the transaction."""
    line = tx.execute(
        select(BankLine)
        .where(BankLine.public_id == line_id, BankLine.undone.is_(False))
        .with_for_update()
    ).scalar_one_or_none()
    if line is None:
        raise NotFound()
    return line
