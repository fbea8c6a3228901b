"""Reading receivables: ageing on any day, one receivable with all that led to it, reminders.

Rule: docs/money.md, “Payment terms and interest”.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Subquery,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import Session, aliased

from orders.ledger.models import Account, Journal, Transfer
from orders.ledger.states import AccountKind
from orders.payments.models import BankLine
from orders.purchasing.models import Order, Purchase
from orders.receivables import reminder_queries, terms
from orders.receivables.accruing import (
    Movement,
    accrued,
    end_of,
    interest_paid,
    movements,
    open_on,
)
from orders.receivables.models import (
    InterestPayment,
    PaymentAnswer,
    ReceivableTerm,
)
from orders.receivables.rows import (
    Ageing,
    AnswerRow,
    InterestRow,
    ReceivablePage,
    ReceivableRow,
    aged,
    summed,
)
from orders.receivables.states import AnswerKind
from orders.shipments.models import Acceptance
from shop.core import db
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.money import ZERO, Money
from shop.core.permissions import Permission as P
from shop.identity.models import User
from shop.organisations.models import Organisation

_UNION = aliased(Organisation)

#: So many answers stand in a list at the most.
SHOWN = 200


def ageing(
    tx: Session,
    actor: Actor,
    *,
    day: date,
    union_id: int | None = None,
    cooperative_id: int | None = None,
) -> Ageing:
    """What is receivable at the end of a day, by buyer and by cooperative.

    Args:
        union_id, cooperative_id: internal keys; only that union's debts, or that
            cooperative's sales. Without either, everything, for who reads the platform's books.

    Raises:
        NotFound, NotAllowed: it is not this actor's to see.
    """
    conditions: list[ColumnElement[bool]] = []
    if union_id is not None:
        actor.require(P.PURCHASE_READ, union_id)
        conditions.append(Purchase.union_id == union_id)
    if cooperative_id is not None:
        actor.require(P.ORDER_READ, cooperative_id)
        conditions.append(Order.cooperative_id == cooperative_id)
    if not conditions:
        actor.require(P.PLATFORM_READ)
    rows = rows_on(tx, day, *conditions)
    return Ageing(
        day=day,
        rows=tuple(rows),
        by_buyer=aged(rows, lambda row: (row.buyer_id, row.buyer, row.buyer_en)),
        by_cooperative=aged(
            rows, lambda row: (row.cooperative_id, row.cooperative, row.cooperative_en)
        ),
        sums=summed(rows),
        ledger=_in_ledger(tx, day, conditions),
    )


def rows_on(tx: Session, day: date, *conditions: ColumnElement[bool]) -> list[ReceivableRow]:
    """What is open at the end of a day, and what is paid but still owes interest; by due day."""
    open_then = open_on(AccountKind.BUYER_RECEIVABLE, day)
    rows = _rows(tx, day, open_then, or_(open_then.c.fen != 0, _paid_late(day)), *conditions)
    return [row for row in rows if row.open or row.interest]


def receivable(tx: Session, acceptance_id: str, actor: Actor, day: date) -> ReceivablePage:
    """What is owed for one acceptance, with every movement, the interest, reminders and answers.

    Raises:
        NotFound: there is none, or it is neither the actor's purchase nor their sale.
    """
    row = row_of(tx, acceptance_id, actor, day)
    moved = movements(tx, [row.id], day).get(row.id, [])
    open_after: list[tuple[Movement, Money]] = []
    running = ZERO
    for movement in moved:
        running += movement.change
        open_after.append((movement, running))
    return ReceivablePage(
        row=row,
        movements=tuple(open_after),
        accrued=accrued(
            moved,
            interest_paid(tx, [row.id])[row.id],
            due_on=row.due_on,
            day=day,
            known=terms.in_force(tx),
        ),
        reminders=reminder_queries.about(tx, row.id),
        answers=tuple(answers(tx, PaymentAnswer.acceptance_id == row.id)),
        interest_payments=_interest_payments(tx, row.id),
        may_answer=row.union_id is not None
        and row.open > ZERO
        and actor.may(P.PAYMENT_ANSWER, row.union_id),
        of_platform=actor.may(P.PLATFORM_READ),
        of_union=row.union_id is not None and actor.may(P.PURCHASE_READ, row.union_id),
    )


def row_of(tx: Session, acceptance_id: str, actor: Actor, day: date) -> ReceivableRow:
    """One acceptance that was not paid before, paid since or not, for whom it concerns.

    Raises:
        NotFound: see `receivable`.
    """
    key = tx.execute(select(Acceptance.id).where(Acceptance.public_id == acceptance_id)).scalar()
    if key is None:
        raise NotFound()
    open_then = open_on(AccountKind.BUYER_RECEIVABLE, day, [key])
    found = _rows(tx, day, open_then, Acceptance.id == key)
    if not found or not _concerns(found[0], actor):
        raise NotFound()
    return found[0]


def overdue(day: date, *, union_id: int | None = None) -> ScalarSelect[int]:
    """How many acceptances are past their due day and not paid, to stand in a statement.

    Args:
        union_id: internal key; only that union's.
    """
    entry = Transfer.__table__.c
    fen = type_coerce(Transfer.amount, BigInteger)
    in_all = select(db.total(fen))
    open_now = (
        in_all.where(entry.debit_id == Account.id).scalar_subquery()
        - in_all.where(entry.credit_id == Account.id).scalar_subquery()
    )
    found = (
        select(func.count())
        .select_from(ReceivableTerm)
        .join(
            Account,
            (Account.kind == AccountKind.BUYER_RECEIVABLE)
            & (Account.owner_id == ReceivableTerm.acceptance_id),
        )
        .where(ReceivableTerm.due_on < day, open_now > 0)
    )
    if union_id is not None:
        found = (
            found.join(Acceptance, Acceptance.id == ReceivableTerm.acceptance_id)
            .join(Order, Order.id == Acceptance.order_id)
            .join(Purchase, Purchase.id == Order.purchase_id)
            .where(Purchase.union_id == union_id)
        )
    return found.scalar_subquery()


def _concerns(row: ReceivableRow, actor: Actor) -> bool:
    return (
        actor.may(P.PLATFORM_READ)
        or (row.union_id is not None and actor.may(P.PURCHASE_READ, row.union_id))
        or actor.may(P.ORDER_READ, row.cooperative_key)
    )


def _paid_late(day: date) -> ColumnElement[bool]:
    """Something was paid or returned after the due day, so interest may be open on it."""
    credited, entry, late = aliased(Account), aliased(Transfer), aliased(Journal)
    return exists(
        select(entry.id)
        .join(credited, credited.id == entry.credit_id)
        .join(late, late.id == entry.journal_id)
        .where(
            credited.kind == AccountKind.BUYER_RECEIVABLE,
            credited.owner_id == Acceptance.id,
            late.effective_at >= ReceivableTerm.overdue_from,
            late.effective_at < end_of(day),
        )
    )


def _rows(
    tx: Session, day: date, open_then: Subquery, *conditions: ColumnElement[bool]
) -> list[ReceivableRow]:
    last_answer = (
        select(PaymentAnswer.kind)
        .where(PaymentAnswer.acceptance_id == Acceptance.id, PaymentAnswer.at < end_of(day))
        .order_by(PaymentAnswer.id.desc())
        .limit(1)
    )
    last_promise = last_answer.with_only_columns(PaymentAnswer.promised_on).where(
        PaymentAnswer.kind == AnswerKind.PROMISE
    )
    found = tx.execute(
        select(
            Acceptance,
            ReceivableTerm,
            Purchase,
            Order.public_id.label("order_id"),
            Order.number.label("order_number"),
            Organisation.id.label("cooperative_key"),
            Organisation.public_id.label("cooperative_id"),
            Organisation.name.label("cooperative"),
            Organisation.name_en.label("cooperative_en"),
            func.coalesce(_UNION.public_id, User.public_id).label("buyer_id"),
            func.coalesce(_UNION.name, User.name).label("buyer"),
            func.coalesce(_UNION.name_en, "").label("buyer_en"),
            func.coalesce(open_then.c.fen, 0).label("open_fen"),
            last_answer.scalar_subquery().label("answered"),
            last_promise.scalar_subquery().label("promised_on"),
        )
        .join(ReceivableTerm, ReceivableTerm.acceptance_id == Acceptance.id)
        .join(Order, Order.id == Acceptance.order_id)
        .join(Organisation, Organisation.id == Order.cooperative_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .join(User, User.id == Purchase.buyer_id)
        .outerjoin(_UNION, _UNION.id == Purchase.union_id)
        .outerjoin(open_then, open_then.c.owner_id == Acceptance.id)
        .where(*conditions)
        .order_by(ReceivableTerm.due_on, Acceptance.id)
    ).all()
    overdue = [row.Acceptance.id for row in found if row.ReceivableTerm.due_on < day]
    moved, paid = movements(tx, overdue, day), interest_paid(tx, overdue)
    known = terms.in_force(tx)
    return [
        _row(
            row,
            day,
            accrued(
                moved.get(row.Acceptance.id, []),
                paid.get(row.Acceptance.id, ZERO),
                due_on=row.ReceivableTerm.due_on,
                day=day,
                known=known,
            ).open,
        )
        for row in found
    ]


def _row(found: Any, day: date, interest: Money) -> ReceivableRow:
    acceptance, term, purchase = found.Acceptance, found.ReceivableTerm, found.Purchase
    return ReceivableRow(
        id=acceptance.id,
        public_id=acceptance.public_id,
        number=acceptance.number,
        order_id=found.order_id,
        order_number=found.order_number,
        purchase_id=purchase.public_id,
        purchase_number=purchase.number,
        reference=purchase.reference,
        union_id=purchase.union_id,
        buyer_id=found.buyer_id,
        buyer=found.buyer,
        buyer_en=found.buyer_en,
        cooperative_key=found.cooperative_key,
        cooperative_id=found.cooperative_id,
        cooperative=found.cooperative,
        cooperative_en=found.cooperative_en,
        accepted_on=term.accepted_on,
        days=term.days,
        agreed=term.agreed,
        due_on=term.due_on,
        reminding=term.reminding,
        value=acceptance.value,
        open=Money(int(found.open_fen)),
        interest=interest,
        day=day,
        answered=found.answered,
        promised_on=found.promised_on,
    )


def _in_ledger(tx: Session, day: date, conditions: Sequence[ColumnElement[bool]]) -> Money:
    """The ledger's own sum of these receivables, asked without terms, buckets or names."""
    then = open_on(AccountKind.BUYER_RECEIVABLE, day)
    statement = select(db.total(then.c.fen))
    if conditions:
        statement = (
            statement.join(Acceptance, Acceptance.id == then.c.owner_id)
            .join(Order, Order.id == Acceptance.order_id)
            .join(Purchase, Purchase.id == Order.purchase_id)
            .where(*conditions)
        )
    return Money(int(tx.execute(statement).scalar_one()))


def answers(tx: Session, *conditions: ColumnElement[bool]) -> list[AnswerRow]:
    """What unions answered, the latest first."""
    rows = tx.execute(
        select(PaymentAnswer, Acceptance.public_id, Acceptance.number, Organisation.name, User.name)
        .join(Acceptance, Acceptance.id == PaymentAnswer.acceptance_id)
        .join(Order, Order.id == Acceptance.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .join(Organisation, Organisation.id == Purchase.union_id)
        .outerjoin(User, User.id == PaymentAnswer.by_id)
        .where(*conditions)
        .order_by(PaymentAnswer.id.desc())
        .limit(SHOWN)
    )
    return [
        AnswerRow(
            acceptance_id=acceptance_id,
            acceptance_number=number,
            union=union,
            kind=row.kind,
            promised_on=row.promised_on,
            amount=row.amount,
            reason=row.reason,
            at=row.at,
            by=by or "",
        )
        for row, acceptance_id, number, union, by in rows
    ]


def _interest_payments(tx: Session, acceptance_key: int) -> tuple[InterestRow, ...]:
    rows = tx.execute(
        select(InterestPayment, Journal.public_id, BankLine.public_id, BankLine.undone)
        .join(Journal, Journal.id == InterestPayment.journal_id)
        .join(BankLine, BankLine.id == InterestPayment.bank_line_id)
        .where(InterestPayment.acceptance_id == acceptance_key)
        .order_by(InterestPayment.id)
    )
    return tuple(
        InterestRow(
            journal_id,
            line_id,
            row.amount,
            row.accrued,
            row.paid_before,
            row.upto,
            row.at,
            undone,
        )
        for row, journal_id, line_id, undone in rows
    )
