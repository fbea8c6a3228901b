"""Reading reminders (催款函): what was written to whom, what stands in it, who brought it there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import Session, aliased

from orders.purchasing.models import Order, Purchase
from orders.receivables.models import (
    PaymentReminder,
    PaymentReminderLine,
    PaymentReminderSending,
    ReceivableTerm,
)
from orders.receivables.rows import (
    ReminderLineRow,
    ReminderList,
    ReminderPage,
    ReminderRow,
    SendingRow,
)
from orders.receivables.rules import overdue_days
from orders.shipments.models import Acceptance
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission as P
from shop.identity.models import User
from shop.organisations.models import Organisation

#: So many letters stand on a page of the list, and in its archive: set in a second at the most.
SHOWN = 20


def unsent() -> ColumnElement[bool]:
    """Nobody has noted that the letter was brought to its union."""
    noted = select(PaymentReminderSending.id).where(
        PaymentReminderSending.reminder_id == PaymentReminder.id
    )
    return ~noted.exists()


def to_bring(since: date) -> ScalarSelect[int]:
    """How many letters written since a day nobody has brought yet, to stand in a statement."""
    return (
        select(func.count(PaymentReminder.id))
        .where(unsent(), PaymentReminder.on_day >= since)
        .scalar_subquery()
    )


def letters(tx: Session, actor: Actor, *, only_unsent: bool, page: int = 1) -> ReminderList:
    """The letters of all unions, the latest first; a page beyond the last shows the last.

    Raises:
        NotAllowed: the actor does not read the platform's books.
    """
    actor.require(P.PLATFORM_READ)
    conditions = [unsent()] if only_unsent else []
    found = tx.execute(select(func.count(PaymentReminder.id)).where(*conditions)).scalar_one()
    pages = max(1, -(-found // SHOWN))
    page = min(max(1, page), pages)
    return ReminderList(_letters(tx, *conditions, page=page), found, page, pages)


def of_union(tx: Session, union_id: int) -> tuple[ReminderRow, ...]:
    """The letters to one union (internal key), for a page that is its own."""
    return _letters(tx, PaymentReminder.union_id == union_id)


def about(tx: Session, acceptance_id: int) -> tuple[ReminderRow, ...]:
    """The letters in which an acceptance (internal key) stands, for a page that is about it."""
    inside = select(PaymentReminderLine.reminder_id).where(
        PaymentReminderLine.acceptance_id == acceptance_id
    )
    return _letters(tx, PaymentReminder.id.in_(inside))


def letter(tx: Session, reminder_id: str, actor: Actor) -> ReminderPage:
    """One letter, for the union it is to and for the platform.

    Raises:
        NotFound: there is none, or it is not to this actor.
    """
    union_id = tx.execute(
        select(PaymentReminder.union_id).where(PaymentReminder.public_id == reminder_id)
    ).scalar()
    of_platform = actor.may(P.PLATFORM_READ)
    if union_id is None or not (of_platform or actor.may(P.PURCHASE_READ, union_id)):
        raise NotFound()
    (row,) = _letters(tx, PaymentReminder.public_id == reminder_id)
    return ReminderPage(row, actor.may(P.BANK_MATCH), of_platform)


def _letters(
    tx: Session, *conditions: ColumnElement[bool], page: int = 1
) -> tuple[ReminderRow, ...]:
    found = tx.execute(
        select(PaymentReminder, Organisation.name, Organisation.name_en)
        .join(Organisation, Organisation.id == PaymentReminder.union_id)
        .where(*conditions)
        .order_by(PaymentReminder.id.desc())
        .limit(SHOWN)
        .offset((page - 1) * SHOWN)
    ).all()
    keys = [row.id for row, *_union in found]
    lines, sendings = _lines(tx, keys), _sendings(tx, keys)
    return tuple(
        ReminderRow(
            public_id=row.public_id,
            number=row.number,
            union=union,
            union_en=union_en,
            kind=row.kind,
            on_day=row.on_day,
            open=row.open,
            interest=row.interest,
            words=row.words,
            at=row.at,
            lines=tuple(lines[row.id]),
            sendings=tuple(sendings[row.id]),
        )
        for row, union, union_en in found
    )


def _lines(tx: Session, keys: Collection[int]) -> dict[int, list[ReminderLineRow]]:
    cooperative = aliased(Organisation)
    rows = tx.execute(
        select(
            PaymentReminderLine,
            PaymentReminder.on_day,
            Acceptance.public_id,
            Acceptance.number,
            Purchase.number,
            Purchase.reference,
            cooperative.name,
            cooperative.name_en,
            ReceivableTerm.accepted_on,
        )
        .join(PaymentReminder, PaymentReminder.id == PaymentReminderLine.reminder_id)
        .join(Acceptance, Acceptance.id == PaymentReminderLine.acceptance_id)
        .join(ReceivableTerm, ReceivableTerm.acceptance_id == Acceptance.id)
        .join(Order, Order.id == Acceptance.order_id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .join(cooperative, cooperative.id == Order.cooperative_id)
        .where(PaymentReminderLine.reminder_id.in_(keys))
        .order_by(PaymentReminderLine.due_on, PaymentReminderLine.id)
    )
    found: dict[int, list[ReminderLineRow]] = defaultdict(list)
    for (
        line,
        on_day,
        public_id,
        number,
        purchase,
        reference,
        seller,
        seller_en,
        accepted_on,
    ) in rows:
        found[line.reminder_id].append(
            ReminderLineRow(
                acceptance_id=public_id,
                acceptance_number=number,
                purchase_number=purchase,
                reference=reference,
                cooperative=seller,
                cooperative_en=seller_en,
                kind=line.kind,
                accepted_on=accepted_on,
                due_on=line.due_on,
                overdue_days=overdue_days(line.due_on, on_day),
                promised_on=line.promised_on,
                open=line.open,
                interest=line.interest,
            )
        )
    return found


def _sendings(tx: Session, keys: Collection[int]) -> dict[int, list[SendingRow]]:
    rows = tx.execute(
        select(PaymentReminderSending, User.name)
        .outerjoin(User, User.id == PaymentReminderSending.by_id)
        .where(PaymentReminderSending.reminder_id.in_(keys))
        .order_by(PaymentReminderSending.on_day, PaymentReminderSending.id)
    )
    found: dict[int, list[SendingRow]] = defaultdict(list)
    for row, by in rows:
        found[row.reminder_id].append(SendingRow(row.way, row.on_day, row.note, row.at, by or ""))
    return found
