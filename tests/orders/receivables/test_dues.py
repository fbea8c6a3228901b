"""What a cooperative owes after a return, why, and paying it; and the pages of receivables."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from orders.ledger.states import AccountKind, JournalKind
from orders.payments.commands import undo_import
from orders.payments.models import BankLine, BankStatement
from orders.payments.states import LineState
from orders.payouts.states import PayoutKind
from orders.receivables import booking, due_queries
from orders.receivables.models import DuePayment
from orders.receivables.reminding import remind_due
from orders.shipments.returning import return_goods
from shop.core import clock, db
from shop.core.actors import CLOCK
from shop.core.errors import NotAllowed, NotFound, WrongState
from shop.core.money import ZERO, yuan
from tests.orders.receivables.stories import DUE, money_in, on, owed


@pytest.fixture
def short(world) -> str:
    """The cooperative has been paid out when a tin comes back, so it owes 95.20; its public id."""
    world.tins(10)
    purchase = world.approved(10)
    world.paid(purchase)
    acceptance = world.accepted(purchase)
    world.bank_answers(world.pay_out(PayoutKind.COOPERATIVE))
    return_goods(
        acceptance_id=acceptance,
        lines=((world.accepted_lines(acceptance)[0], 1),),
        reason="罐子瘪了",
        actor=world.clerk,
        now=world.now,
    )
    return world.organisation("TH")


def due(world) -> object:
    return world.balance(AccountKind.DUE_FROM_COOPERATIVE, world.organisation_key("TH"))


def page(world, who, cooperative):
    with db.database().reading() as tx:
        return due_queries.due_of(
            tx, world.person(who), clock.day_of(world.now), cooperative_id=cooperative
        )


def test_a_cooperative_pays_what_it_owes_and_no_more(world, short):
    line = money_in(world, "100.00", "合作社交款")

    def book(amount, **other):
        given = {
            "line_id": line,
            "cooperative_id": short,
            "amount": yuan(amount),
            "actor": world.operator,
            "now": world.now,
        }
        booking.book_due(**{**given, **other})

    for refusal, amount, other in (
        (booking.NothingToBook, "0.00", {}),
        (booking.MoreThanWaits, "100.01", {}),
        (booking.MoreThanDue, "95.21", {}),
        (booking.MoreThanDue, "0.01", {"cooperative_id": world.organisation("YL")}),
        (NotFound, "1.00", {"cooperative_id": world.organisation("GH")}),
        (NotFound, "1.00", {"line_id": "bankline_none"}),
        (NotAllowed, "1.00", {"actor": world.manager}),
        (NotAllowed, "1.00", {"actor": world.auditor}),
    ):
        with pytest.raises(refusal):
            book(amount, **other)
    assert world._all(select(DuePayment.id)) == []
    assert due(world) == yuan("95.20")

    book("60.00")
    book("35.20")

    found = page(world, "manager", short)
    assert (found.row.open, found.row.payable) == (ZERO, ZERO)
    assert dict(found.by_cause) == {
        JournalKind.RETURN: yuan("95.20"),
        JournalKind.DUE_PAID: -yuan("95.20"),
    }
    assert [(one.kind, one.change, one.open) for one in found.movements] == [
        (JournalKind.DUE_PAID, -yuan("35.20"), ZERO),
        (JournalKind.DUE_PAID, -yuan("60.00"), yuan("35.20")),
        (JournalKind.RETURN, yuan("95.20"), yuan("95.20")),
    ]
    assert found.movements[-1].other_kind is AccountKind.REFUND_IN_TRANSIT
    assert found.movements[-1].about.startswith("return_")
    with pytest.raises(booking.MoreThanDue):
        book("0.01")
    assert world.findings() == []

    statement = world._all(select(BankStatement.public_id).order_by(BankStatement.id))[-1]
    undo_import(statement_id=statement, reason="导错", actor=world.operator, now=world.now)
    assert due(world) == yuan("95.20")
    assert world.findings() == []
    whole = money_in(world, "95.20", serial="N")
    book("95.20", line_id=whole)
    assert (
        world._one(select(BankLine.state).where(BankLine.public_id == whole)) is LineState.MATCHED
    )
    with pytest.raises(WrongState):
        book("1.00", line_id=whole)
    assert world.findings() == []


def test_a_cooperative_sees_its_own_debt_and_its_payable_is_left_alone(world, short):
    world.tins(4)
    owed(world, 4, stock=False)  # earns it a payable again
    payable = world.balance(AccountKind.COOPERATIVE_PAYABLE, world.organisation_key("TH"))
    assert payable > ZERO

    found = page(world, "manager", short)
    assert (found.row.open, found.row.payable) == (yuan("95.20"), payable)
    line = money_in(world, "95.20")
    booking.book_due(
        line_id=line,
        cooperative_id=short,
        amount=yuan("95.20"),
        actor=world.operator,
        now=world.now,
    )
    found = page(world, "auditor", short)
    assert (found.row.open, found.row.payable) == (ZERO, payable)
    for who in ("other_manager", "weigher", "clerk"):
        with pytest.raises((NotFound, NotAllowed)):
            page(world, who, short)
    with pytest.raises(NotAllowed), db.database().reading() as tx:
        due_queries.dues(tx, world.manager, clock.day_of(world.now))


def test_pages_files_and_letters_show_the_same_figures(client, world, monkeypatch):
    _purchase, acceptance = owed(world, 10)
    on(world, DUE + timedelta(days=20))
    remind_due(actor=CLOCK, now=world.now)
    line = money_in(world, "23.80", "利息")
    monkeypatch.setattr(clock, "now", lambda: world.now)

    def text(who, address):
        answer = client.as_(world.person(who)).get(address)
        assert answer.status_code == 200, address
        return answer.get_data(as_text=True)

    day = clock.day_of(world.now).isoformat()
    for who, address in (
        ("auditor", f"/platform/receivables/?day={day}&bucket=to_30"),
        ("manager", "/cooperative/receivables/"),
        ("finance", "/union/receivables/"),
        ("union_auditor", f"/receivables/{acceptance}"),
    ):
        shown = text(who, address)
        assert "¥2,380.00" in shown
        assert "¥23.80" in shown
    assert "不往外发送" in text("clerk", "/union/receivables/")
    assert "¥0.00" in text("operator", "/platform/receivables/?day=2026-04-01")
    csv = client.as_(world.auditor).get(f"/platform/receivables/file.csv?day={day}")
    assert ",2380.00,23.80" in csv.get_data().decode("utf-8-sig")
    by = client.as_(world.auditor).get(f"/platform/receivables/file.csv?day={day}&by=cooperative")
    told = by.get_data().decode("utf-8-sig").splitlines()
    assert told[-2:] == [
        f"{name},0.00,2380.00,0.00,0.00,0.00,2380.00,23.80" for name in ("汤湖茶叶合作社", "合计")
    ]
    xlsx = client.as_(world.manager).get("/cooperative/receivables/file.xlsx")
    assert xlsx.get_data()[:2] == b"PK"
    assert client.as_(world.manager).get("/cooperative/receivables/file.doc").status_code == 404
    from orders.receivables.models import PaymentReminder

    letter = world._one(select(PaymentReminder.public_id))
    printed = client.as_(world.clerk).get(f"/reminders/{letter}.pdf")
    again = client.as_(world.auditor).get(f"/reminders/{letter}.pdf")
    assert printed.get_data()[:4] == b"%PDF"
    assert printed.get_data() == again.get_data()
    assert client.as_(world.stranger).get(f"/reminders/{letter}.pdf").status_code == 404

    offered = text("operator", f"/platform/receivables/lines/{line}")
    assert "利息 ¥23.80" in offered
    browser = client.as_(world.operator)
    where = f"/platform/receivables/lines/{line}/interest"
    refused = browser.post(where, data={"acceptance": acceptance, "amount": "30", "once": "a"})
    assert refused.status_code == 422
    assert "这笔来款只剩 23.80 元可以入账" in refused.get_data(as_text=True)
    booked = browser.post(where, data={"acceptance": acceptance, "amount": "23.80", "once": "b"})
    assert booked.status_code == 303
    answered = client.as_(world.clerk).post(
        f"/receivables/{acceptance}/promise",
        data={"promised_on": day, "note": "今天办", "once": "c"},
    )
    assert answered.status_code == 303
    assert "今天办" in text("operator", "/platform/receivables/")
    assert world.findings() == []
