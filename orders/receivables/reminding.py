"""Reminders (催款函): written by the timetable, one letter a union and day; marked as brought.

Rule: docs/money.md, “Payment terms and interest”.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from orders.purchasing.models import Purchase
from orders.receivables import queries
from orders.receivables.models import (
    PaymentReminder,
    PaymentReminderLine,
    PaymentReminderSending,
)
from orders.receivables.rows import ReceivableRow
from orders.receivables.rules import Milestone, milestone, paused
from orders.receivables.states import ReminderKind, SendingWay
from shop.core import audit, db
from shop.core.actors import Actor
from shop.core.clock import day_of
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.ids import new_id
from shop.core.labels import N_
from shop.core.money import ZERO, Money, total
from shop.core.numbering import next_number
from shop.core.permissions import Permission


class BroughtOutOfTime(Refusal):
    """A letter is brought on or after the day it was written, and noted afterwards."""

    code = "brought_out_of_time"
    sentence = N_("送达的日子要在函件写出那天（%(day)s）以后，不晚于今天。")
    status = 422
    field = "on_day"


class BroughtAlready(Refusal):
    """Each way is noted once for a day."""

    code = "brought_already"
    sentence = N_("这一天用这种方式送达，已经登记过了。")
    field = "way"


@command
def remind_due(tx: Session, *, actor: Actor, now: datetime) -> int:
    """Write a letter to every union that owes something whose day of reminding has come.

    The letter lists all the union owes. Each day of reminding of an acceptance is written once,
    however often this runs; days that passed while nothing ran, or while a promise held, are not
    made up for: only the last of them is. Nothing is sent.

    Returns:
        How many letters were written.

    Raises:
        NotAllowed: only the clock, or who may book payments, reminds.
    """
    actor.require(Permission.BANK_MATCH)
    today = day_of(now)
    owed: dict[int, list[ReceivableRow]] = defaultdict(list)
    for row in queries.rows_on(tx, today, Purchase.union_id.is_not(None)):
        if row.open > ZERO and row.union_id is not None:
            owed[row.union_id].append(row)
    fresh = _not_written(tx, [row for rows in owed.values() for row in rows], today)
    return sum(
        _write(tx, union, rows, fresh, now)
        for union, rows in owed.items()
        if any(row.id in fresh for row in rows)
    )


@command
def mark_brought(
    tx: Session,
    *,
    reminder_id: str,
    way: SendingWay,
    on_day: date,
    note: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Note that somebody brought a letter to its union, how and on which day (登记送达).

    Raises:
        NotAllowed: the actor may not book payments.
        NotFound: there is no such letter.
        BroughtOutOfTime, BroughtAlready: see there.
    """
    actor.require(Permission.BANK_MATCH)
    letter = tx.execute(
        select(PaymentReminder).where(PaymentReminder.public_id == reminder_id).with_for_update()
    ).scalar_one_or_none()
    if letter is None:
        raise NotFound()
    if not letter.on_day <= on_day <= day_of(now):
        raise BroughtOutOfTime(day=letter.on_day.isoformat())
    noted = select(PaymentReminderSending.id).where(
        PaymentReminderSending.reminder_id == letter.id,
        PaymentReminderSending.way == way,
        PaymentReminderSending.on_day == on_day,
    )
    if tx.execute(noted).first():
        raise BroughtAlready()
    tx.add(
        PaymentReminderSending(
            reminder_id=letter.id,
            way=way,
            on_day=on_day,
            note=note.strip(),
            at=now,
            by_id=actor.user_id,
        )
    )
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="payment_reminder",
        thing=letter.public_id,
        action="mark_brought",
        organisation_id=letter.union_id,
        reason=note.strip(),
        number=letter.number,
        way=way.value,
        on_day=on_day.isoformat(),
    )


def _not_written(tx: Session, rows: list[ReceivableRow], today: date) -> dict[int, Milestone]:
    """For which day each acceptance (internal key) is to be reminded of now."""
    found = {
        row.id: due
        for row in rows
        if not paused(row.promised_on, today)
        and (due := milestone(row.due_on, today, row.reminding, promised_on=row.promised_on))
    }
    written = tx.execute(
        select(PaymentReminderLine.acceptance_id, PaymentReminderLine.for_day).where(
            PaymentReminderLine.for_day.in_({due.day for due in found.values()})
        )
    )
    for acceptance_id, day in written:
        if acceptance_id in found and found[acceptance_id].day == day:
            del found[acceptance_id]
    return found


def _write(
    tx: Session,
    union_id: int,
    rows: list[ReceivableRow],
    fresh: dict[int, Milestone],
    now: datetime,
) -> bool:
    """The letter of a union, unless it had one today; what came up since waits for tomorrow's."""
    today = day_of(now)
    kind = max(
        (fresh[row.id].kind for row in rows if row.id in fresh), key=lambda one: one.strength
    )
    public_id = new_id("remind")
    is_new = db.insert_if_new(
        tx,
        PaymentReminder,
        {
            "public_id": public_id,
            "number": next_number(tx, "CK", now),
            "union_id": union_id,
            "kind": kind,
            "on_day": today,
            "open_fen": total([row.open for row in rows]),
            "interest_fen": total([row.interest for row in rows]),
            "words": _words(rows, kind, today),
            "at": now,
        },
    )
    if not is_new:
        return False
    key = tx.execute(
        select(PaymentReminder.id).where(PaymentReminder.public_id == public_id)
    ).scalar_one()
    for row in rows:
        due = fresh.get(row.id)
        tx.add(
            PaymentReminderLine(
                reminder_id=key,
                acceptance_id=row.id,
                kind=due and due.kind,
                for_day=due and due.day,
                due_on=row.due_on,
                promised_on=row.promised_on,
                open=row.open,
                interest=row.interest,
            )
        )
    tx.flush()
    return True


def _words(rows: list[ReceivableRow], kind: ReminderKind, today: date) -> str:
    """What the letter says above its list; Chinese, as papers are, and never written anew."""
    late = [row for row in rows if row.overdue_days]
    pay = "付款时请在附言里写那张采购单的识别码，到账后会自动对上。"
    if kind is ReminderKind.BEFORE:
        return f"下表所列货款共 {_sum(rows)} 元，请在各自的到期日以前付清。{pay}"
    if kind is ReminderKind.ON_DAY:
        due = [row for row in rows if row.due_on <= today]
        return f"下表所列货款中，有 {_sum(due)} 元已经到期，请在今天付清。{pay}"
    broken = [row for row in late if row.promised_on and row.promised_on < today]
    promised = f"其中 {len(broken)} 笔贵单位答应过付款的日子，那一天已经过了。" if broken else ""
    interest = _plain(total([row.interest for row in rows]))
    owed = (
        f"到 {today.year}年{today.month}月{today.day}日，贵单位有 {len(late)} 笔货款过了到期日，"
        f"最久的过了 {max(row.overdue_days for row in late)} 天，"
        f"共 {_sum(late)} 元没有付，另有逾期利息 {interest} 元。{promised}"
    )
    ask = {
        ReminderKind.FIRST: "请尽快安排付款。",
        ReminderKind.SECOND: "此前已去函提醒，这是再次催款，请在收到后五天内付清，或答复付款日期。",
        ReminderKind.LAST: (
            "此前多次去函，这是最后一次书面催告，请在收到后五天内付清；"
            "仍未付清的，将按合同约定的争议解决办法办理。"
        ),
    }[kind]
    return f"{owed}{ask}{pay}如果对金额有疑问，请在网页上答复我们。"


def _sum(rows: list[ReceivableRow]) -> str:
    return _plain(total([row.open for row in rows]))


def _plain(amount: Money) -> str:
    return f"{amount.fen // 100:,}.{amount.fen % 100:02d}"
