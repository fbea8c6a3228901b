"""Reminders: one letter a union and day, firmer by the rules, held back by a promise, brought."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

import pypdf
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from orders.purchasing.models import Purchase
from orders.receivables import reminder_queries
from orders.receivables.commands import promise_day
from orders.receivables.models import PaymentReminder, PaymentReminderLine, PaymentReminderSending
from orders.receivables.reminding import (
    BroughtAlready,
    BroughtOutOfTime,
    mark_brought,
    remind_due,
)
from orders.receivables.states import ReminderKind, SendingWay
from shop.core import clock, db
from shop.core.actors import CLOCK
from shop.core.clock import day_of
from shop.core.errors import NotAllowed, NotFound
from shop.core.money import ZERO, yuan
from tests.orders.receivables.stories import DUE, on, owed, page


def run_on(world, days: int) -> int:
    """How many letters the night of a day writes, so many days after the due day."""
    on(world, DUE + timedelta(days=days), 3)
    return remind_due(actor=CLOCK, now=world.now) + remind_due(actor=CLOCK, now=world.now)


def letters(world, *, only_unsent: bool = False):
    with db.database().reading() as tx:
        return reminder_queries.letters(tx, world.operator, only_unsent=only_unsent).letters


def test_letters_are_listed_page_by_page(world, monkeypatch):
    monkeypatch.setattr(reminder_queries, "SHOWN", 2)
    owed(world, 1)
    for days in (0, 15, 30):
        run_on(world, days)

    with db.database().reading() as tx:
        first, last, beyond = (
            reminder_queries.letters(tx, world.operator, only_unsent=True, page=page)
            for page in (1, 2, 9)
        )

    assert (first.found, first.pages) == (3, 2)
    assert [one.kind for one in (*first.letters, *last.letters)] == [
        ReminderKind.SECOND,
        ReminderKind.FIRST,
        ReminderKind.ON_DAY,
    ]
    assert beyond == last


def test_each_day_of_reminding_is_written_once_and_its_words_stay(world):
    purchase, acceptance = owed(world, 10)

    written = {days: run_on(world, days) for days in (-8, -7, -6, 0, 1, 15, 16, 31, 70)}

    assert written == {-8: 0, -7: 1, -6: 0, 0: 1, 1: 0, 15: 1, 16: 0, 31: 1, 70: 1}
    found = page(world, acceptance).reminders  # the latest first
    assert [(one.kind, (one.on_day - DUE).days) for one in reversed(found)] == [
        (ReminderKind.BEFORE, -7),
        (ReminderKind.ON_DAY, 0),
        (ReminderKind.FIRST, 15),
        (ReminderKind.SECOND, 31),
        (ReminderKind.LAST, 70),
    ]
    days = world._all(select(PaymentReminderLine.for_day).order_by(PaymentReminderLine.id))
    assert [(day - DUE).days for day in days] == [-7, 0, 15, 30, 60]
    assert "共 2,380.00 元，请在各自的到期日以前付清" in found[4].words
    assert "有 2,380.00 元已经到期，请在今天付清" in found[3].words
    assert "最久的过了 15 天，共 2,380.00 元没有付，另有逾期利息 17.85 元" in found[2].words
    assert "这是再次催款" in found[1].words
    assert "最后一次书面催告" in found[0].words
    reference = world._one(select(Purchase.reference).where(Purchase.public_id == purchase))
    assert all(line.reference == reference for one in found for line in one.lines)
    with pytest.raises(NotAllowed):
        remind_due(actor=world.clerk, now=world.now)
    for change in (
        update(PaymentReminder).values(words="别的"),
        update(PaymentReminderLine).values(for_day=None, kind=None),
    ):
        with pytest.raises(DBAPIError), db.database().writing() as tx:
            tx.execute(change)
    # Paid: nobody is reminded any more.
    world.paid(purchase)
    assert run_on(world, 90) == 0
    assert world.findings() == []


def test_a_letter_lists_all_a_union_owes_and_each_union_has_its_own(world):
    _first, late = owed(world, 10)
    on(world, DUE - timedelta(days=4))
    _second, young = owed(world, 4)
    _other, foreign = owed(world, 2, union="WG")

    assert run_on(world, 15) == 1

    (letter,) = letters(world)
    assert (letter.union, letter.kind) == ("县直机关工会", ReminderKind.FIRST)
    assert [(one.acceptance_id, one.kind, one.overdue_days) for one in letter.lines] == [
        (late, ReminderKind.FIRST, 15),
        (young, None, 0),
    ]
    # 2,380.00 and 952.00; interest only on what is late: 2,380.00 × 15 × 5/10,000 = 17.85
    assert (letter.open, letter.interest) == (yuan("3332.00"), yuan("17.85"))
    assert letter.lines[1].interest == ZERO
    assert page(world, foreign).reminders == ()
    # Due 30 days after they were taken: the second on the 26th day after the first.
    assert run_on(world, 26) == 2
    assert [one.kind for one in letters(world)][:2] == [ReminderKind.ON_DAY, ReminderKind.ON_DAY]
    assert len(page(world, late).reminders) == 2


def test_a_promise_holds_reminders_back_until_its_day_has_passed(world):
    _purchase, acceptance = owed(world, 10)
    assert run_on(world, 15) == 1
    promise_day(
        acceptance_id=acceptance,
        promised_on=DUE + timedelta(days=32),
        note="等拨款",
        actor=world.finance,
        now=world.now,
    )

    written = {days: run_on(world, days) for days in (29, 30, 31, 32, 33, 34, 45)}

    # The 30th day is not made up for: it lies before the broken promise, which says more.
    assert written == {29: 0, 30: 0, 31: 0, 32: 0, 33: 1, 34: 0, 45: 1}
    broken = page(world, acceptance).reminders[1]
    assert broken.kind is ReminderKind.SECOND
    assert "其中 1 笔贵单位答应过付款的日子，那一天已经过了" in broken.words
    assert broken.lines[0].promised_on == DUE + timedelta(days=32)
    # Interest never paused: 2,380.00 × 33 × 5/10,000 = 39.27
    assert broken.interest == yuan("39.27")


def test_bringing_a_letter_is_noted_with_way_and_day_by_who_did_it(world):
    owed(world, 10)
    run_on(world, 15)
    letter = letters(world)[0].public_id
    on(world, DUE + timedelta(days=17))

    def bring(way=SendingWay.LETTER, on_day=None, who=None, reminder=letter):
        mark_brought(
            reminder_id=reminder,
            way=way,
            on_day=on_day or day_of(world.now),
            note="挂号信 XA123",
            actor=who or world.operator,
            now=world.now,
        )

    for refusal, given in (
        (BroughtOutOfTime, {"on_day": DUE + timedelta(days=14)}),
        (BroughtOutOfTime, {"on_day": DUE + timedelta(days=18)}),
        (NotAllowed, {"who": world.clerk}),
        (NotAllowed, {"who": world.treasurer}),
        (NotFound, {"reminder": "remind_none"}),
    ):
        with pytest.raises(refusal):
            bring(**given)
    assert world._one(select(func.count(PaymentReminderSending.id))) == 0
    assert len(letters(world, only_unsent=True)) == 1

    bring()
    with pytest.raises(BroughtAlready):
        bring()
    bring(SendingWay.TELEPHONE)

    assert letters(world, only_unsent=True) == ()
    (found,) = letters(world)
    assert [(one.way, one.by) for one in found.sendings] == [
        (SendingWay.LETTER, "吴越"),
        (SendingWay.TELEPHONE, "吴越"),
    ]
    with pytest.raises(DBAPIError), db.database().writing() as tx:
        tx.execute(update(PaymentReminderSending).values(note=""))


def test_letters_are_printed_one_by_one_or_all_and_counted_on_the_start_page(
    client, world, monkeypatch
):
    owed(world, 10)
    on(world, DUE - timedelta(days=5))
    owed(world, 2, union="WG")
    run_on(world, 30)
    monkeypatch.setattr(clock, "now", lambda: world.now)
    theirs, other = sorted(letters(world), key=lambda one: one.union != "县直机关工会")

    operator = client.as_(world.operator)
    start = operator.get("/start").text
    assert "逾期没付的货款" in start
    assert "还没送达的催款函" in start
    listed = operator.get("/platform/reminders/").text
    assert theirs.number in listed
    assert other.number in listed
    content = operator.get("/platform/reminders/letters.zip").data
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        assert len(box.namelist()) == 2
        one = box.read(f"01-{letters(world)[0].number}-{letters(world)[0].union}.pdf")
    assert one[:4] == b"%PDF"
    alone = operator.get(f"/reminders/{theirs.public_id}.pdf").data
    said = "".join(each.extract_text() for each in pypdf.PdfReader(io.BytesIO(alone)).pages)
    assert theirs.lines[0].reference in said
    assert "1502 0601 0930 0088 888" in said
    assert "35.70" in said  # 2,380.00 × 30 × 5/10,000

    marked = operator.post(
        f"/reminders/{theirs.public_id}/brought",
        data={"way": "wechat", "on_day": day_of(world.now).isoformat(), "note": "", "once": "a"},
    )
    assert marked.status_code == 303
    assert theirs.number not in operator.get("/platform/reminders/").text
    assert "微信" in operator.get("/platform/reminders/?show=all").text
    clerk = client.as_(world.clerk)
    assert "微信" in clerk.get(f"/reminders/{theirs.public_id}").text
    assert clerk.get(f"/reminders/{theirs.public_id}.pdf").data[:4] == b"%PDF"
    assert clerk.get(f"/reminders/{other.public_id}").status_code == 404
    assert client.as_(world.manager).get(f"/reminders/{other.public_id}").status_code == 403
    finance = client.as_(world.finance).get("/start").text
    assert "过了到期日的货款" in finance
