"""Reminders (催款提醒): written by the timetable, once for each day of reminding.

Rule: docs/money.md, “Payment terms and interest”.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.purchasing.models import Purchase
from orders.receivables import queries
from orders.receivables.models import PaymentReminder
from orders.receivables.rows import ReceivableRow
from orders.receivables.rules import Milestone, milestone
from orders.receivables.states import ReminderKind
from shop.core import db
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.ids import new_id
from shop.core.money import ZERO
from shop.core.numbering import next_number
from shop.core.permissions import Permission


@command
def remind_due(tx: Session, *, actor: Actor, now: datetime) -> int:
    """Write the reminder of every union's open acceptance whose day has come; returns how many.

    Each day of reminding gets one, however often this runs. Days that passed while nothing ran
    are not made up for: only the last of them is written. Nothing is sent: unions read them on
    their pages.

    Raises:
        NotAllowed: only the clock, or who may book payments, reminds.
    """
    actor.require(Permission.BANK_MATCH)
    today = day_of(now)
    open_rows = [
        row for row in queries.rows_on(tx, today, Purchase.union_id.is_not(None)) if row.open > ZERO
    ]
    found: list[tuple[ReceivableRow, Milestone]] = []
    for row in open_rows:
        due = milestone(
            row.due_on,
            today,
            before_days=row.remind_before_days,
            every_days=row.remind_every_days,
        )
        if due is not None:
            found.append((row, due))
    written = {
        (acceptance_id, day)
        for acceptance_id, day in tx.execute(
            select(PaymentReminder.acceptance_id, PaymentReminder.for_day).where(
                PaymentReminder.for_day.in_({due.day for _row, due in found})
            )
        )
    }
    return sum(_write(tx, row, due, now) for row, due in found if (row.id, due.day) not in written)


def _write(tx: Session, row: ReceivableRow, due: Milestone, now: datetime) -> bool:
    assert row.union_id is not None, "people who buy for themselves pay before"
    return db.insert_if_new(
        tx,
        PaymentReminder,
        {
            "public_id": new_id("remind"),
            "number": next_number(tx, "CK", now),
            "acceptance_id": row.id,
            "union_id": row.union_id,
            "kind": due.kind,
            "for_day": due.day,
            "open_fen": row.open,
            "interest_fen": row.interest,
            "words": _words(row, due.kind),
            "at": now,
        },
    )


def _words(row: ReceivableRow, kind: ReminderKind) -> str:
    """What the reminder says; Chinese, as papers are, and never written anew."""
    due, accepted = row.due_on, row.accepted_on
    goods = (
        f"采购单 {row.purchase_number}（验收单 {row.number}，"
        f"{accepted.year}年{accepted.month}月{accepted.day}日验收，供货方{row.cooperative}）"
    )
    pay = f"付款时请在附言里写识别码 {row.reference}。"
    last = f"{due.year}年{due.month}月{due.day}日"
    if kind is ReminderKind.BEFORE:
        return f"{goods}还有货款 {row.open} 元，请在 {last}以前付清。{pay}"
    if not row.overdue_days:
        return f"{goods}还有货款 {row.open} 元，今天（{last}）到期。{pay}"
    return (
        f"{goods}的货款已在 {last}到期，到今天过了 {row.overdue_days} 天，"
        f"还有 {row.open} 元没有付，另有逾期利息 {row.interest} 元。"
        f"{pay}如果对金额有疑问，请在网页上答复我们。"
    )
