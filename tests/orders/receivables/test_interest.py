"""Ageing that equals the ledger, interest, and booking it: a story with its refusals."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from orders.ledger.models import Journal
from orders.ledger.states import AccountKind, JournalKind
from orders.payments.commands import MoneyMovedOn, undo_import
from orders.payments.models import BankLine, BankStatement
from orders.payments.states import LineState
from orders.receivables import booking
from orders.receivables.models import InterestPayment, ReceivableTerm
from orders.receivables.states import Bucket
from orders.shipments.returning import return_goods
from shop.core import clock
from shop.core.errors import NotAllowed, NotFound, WrongState
from shop.core.money import ZERO, Money, yuan
from tests.orders.receivables.stories import DUE, aged, key_of, money_in, on, owed, page
from tests.world import DAY


def in_ledger(world, *acceptances) -> Money:
    keys = [key_of(world, one) for one in acceptances]
    return Money(sum(world.balance(AccountKind.BUYER_RECEIVABLE, key).fen for key in keys))


def state_of(world, line: str) -> LineState:
    return world._one(select(BankLine.state).where(BankLine.public_id == line))


def test_what_is_open_is_aged_as_the_ledger_says_on_any_day(world):
    first_purchase, first = owed(world, 10)
    on(world, DAY + timedelta(days=40))
    _second, second = owed(world, 4, union="WG")
    on(world, DUE + timedelta(days=14))
    world.paid(first_purchase, "1000.00")
    line = world._one(select(BankLine.public_id))
    assert state_of(world, line) is LineState.SUSPENSE
    on(world, DUE + timedelta(days=20))
    from orders.payments.matching import match_line

    match_line(
        line_id=line,
        purchase_id=first_purchase,
        amount=yuan("1000.00"),
        actor=world.operator,
        now=world.now,
    )
    on(world, DUE + timedelta(days=40))
    return_goods(
        acceptance_id=second,
        lines=((world.accepted_lines(second)[0], 1),),
        reason="罐子瘪了",
        actor=world.stranger,
        now=world.now,
    )

    before, mid, late = (
        aged(world, DAY - timedelta(days=1)),
        aged(world, DUE + timedelta(days=20)),
        aged(world, DUE + timedelta(days=40)),
    )

    assert (before.rows, before.ledger) == ((), ZERO)
    assert dict(aged(world, DUE).sums.amounts)[Bucket.NOT_DUE] == yuan("2380.00")
    assert dict(mid.sums.amounts) == {
        Bucket.NOT_DUE: yuan("952.00"),
        Bucket.TO_30: yuan("1380.00"),
        Bucket.TO_60: ZERO,
        Bucket.TO_90: ZERO,
        Bucket.OVER_90: ZERO,
    }
    assert dict(late.sums.amounts)[Bucket.TO_60] == yuan("1380.00")
    # What the second union still owes falls due on 2026-06-29, 40 days after the first.
    assert dict(late.sums.amounts)[Bucket.NOT_DUE] == yuan("714.00")
    for found in (before, mid, late, aged(world, DUE)):
        assert found.sums.total == found.ledger
        for by in (found.by_buyer, found.by_cooperative):
            assert sum(row.total.fen for row in by) == found.ledger.fen
    assert late.ledger == in_ledger(world, first, second)
    assert [row.name for row in late.by_buyer] == ["县直机关工会", "外单位工会"]
    assert [row.name for row in late.by_cooperative] == ["汤湖茶叶合作社"]
    # The money was at the bank on the 14th day and found its purchase on the 20th: interest stops
    # on the 14th, the ledger counts it from the 20th.
    accrued = page(world, first).accrued
    assert [(span.days, span.open) for span in accrued.spans] == [
        (14, yuan("2380.00")),
        (26, yuan("1380.00")),
    ]
    assert accrued.open == yuan("34.60")  # 16.66 + 17.94
    assert world.findings() == []


def test_a_union_sees_its_own_debts_a_cooperative_its_own_sales_and_others_nothing(world):
    _purchase, acceptance = owed(world, 3)
    own = aged(world, DAY, "clerk", union_id=world.organisation_key("GH"))
    sold = aged(world, DAY, "manager", cooperative_id=world.organisation_key("TH"))

    assert own.ledger == sold.ledger == own.sums.total == yuan("714.00")
    assert aged(world, DAY, "stranger", union_id=world.organisation_key("WG")).rows == ()
    for who, only in (
        ("stranger", {"union_id": world.organisation_key("GH")}),
        ("other_manager", {"cooperative_id": world.organisation_key("TH")}),
    ):
        with pytest.raises(NotFound):
            aged(world, DAY, who, **only)
    for who in ("clerk", "manager", "member"):
        with pytest.raises(NotAllowed):
            aged(world, DAY, who)
    for who in ("finance", "union_auditor", "manager", "auditor", "treasurer"):
        assert page(world, acceptance, who).row.open == yuan("714.00")
    for who in ("stranger", "other_manager", "member", "weigher"):
        with pytest.raises(NotFound):
            page(world, acceptance, who)


def test_interest_that_came_goes_to_the_cooperative_and_never_more_than_accrued(world):
    purchase, acceptance = owed(world, 10)
    on(world, DUE + timedelta(days=20))
    line = money_in(world, "30.00")
    before = world.balance(AccountKind.COOPERATIVE_PAYABLE, world.organisation_key("TH"))

    def book(amount, **other):
        given = {
            "line_id": line,
            "acceptance_id": acceptance,
            "amount": yuan(amount),
            "actor": world.operator,
            "now": world.now,
        }
        return booking.book_interest(**{**given, **other})

    # 2,380.00 × 20 days × 5/10,000 = 23.80
    for refusal, amount, other in (
        (booking.NothingToBook, "0.00", {}),
        (booking.MoreThanWaits, "30.01", {}),
        (booking.MoreThanAccrued, "23.81", {}),
        (NotAllowed, "1.00", {"actor": world.manager}),
        (NotFound, "1.00", {"line_id": "bankline_none"}),
        (NotFound, "1.00", {"acceptance_id": "accept_none"}),
    ):
        with pytest.raises(refusal):
            book(amount, **other)
    assert world._all(select(InterestPayment.id)) == []
    assert page(world, acceptance).accrued.open == yuan("23.80")

    book("20.00")
    with pytest.raises(booking.MoreThanAccrued):
        book("3.81")
    book("3.80")

    found = page(world, acceptance)
    assert (found.accrued.whole, found.accrued.paid, found.accrued.open) == (
        yuan("23.80"),
        yuan("23.80"),
        ZERO,
    )
    assert [(one.amount, one.paid_before) for one in found.interest_payments] == [
        (yuan("20.00"), ZERO),
        (yuan("3.80"), yuan("20.00")),
    ]
    assert found.row.open == yuan("2380.00")  # interest pays no goods
    payable = world.balance(AccountKind.COOPERATIVE_PAYABLE, world.organisation_key("TH"))
    assert payable - before == yuan("23.80")
    assert (
        world._all(select(Journal.kind).where(Journal.kind == JournalKind.INTEREST_PAID))
        == [JournalKind.INTEREST_PAID] * 2
    )
    assert state_of(world, line) is LineState.SUSPENSE  # 6.20 still wait
    assert world.findings() == []

    # Undoing the statement takes the interest back with it.
    statement = world._one(select(BankStatement.public_id))
    undo_import(statement_id=statement, reason="导错账户", actor=world.operator, now=world.now)
    assert page(world, acceptance).accrued.open == yuan("23.80")
    assert all(one.undone for one in page(world, acceptance).interest_payments)
    assert world.findings() == []
    # Paid late and in full: the goods are paid, the interest stays open as of that day.
    world.paid(purchase)
    on(world, DUE + timedelta(days=90))
    paid = page(world, acceptance)
    assert (paid.row.open, paid.accrued.open) == (ZERO, yuan("23.80"))
    assert [row.public_id for row in aged(world, DUE + timedelta(days=90)).rows] == [acceptance]
    whole = money_in(world, "23.80", serial="N")
    book("23.80", line_id=whole, now=world.now)
    assert state_of(world, whole) is LineState.MATCHED
    with pytest.raises(WrongState):
        book("0.01", line_id=whole, now=world.now)
    assert aged(world, DUE + timedelta(days=90)).rows == ()
    assert world.findings() == []


def test_interest_that_was_paid_out_keeps_its_statement(world):
    purchase, acceptance = owed(world, 10)
    on(world, DUE + timedelta(days=20))
    world.paid(purchase)
    line = money_in(world, "23.80")
    booking.book_interest(
        line_id=line,
        acceptance_id=acceptance,
        amount=yuan("23.80"),
        actor=world.operator,
        now=world.now,
    )
    world.bank_answers(world.pay_out())

    with pytest.raises(MoneyMovedOn):
        undo_import(
            statement_id=world._all(select(BankStatement.public_id).order_by(BankStatement.id))[1],
            reason="导错账户",
            actor=world.operator,
            now=world.now,
        )

    assert page(world, acceptance).accrued.open == ZERO
    assert world.findings() == []


def test_the_clock_counts_shanghai_days(world):
    """Signed at 00:30 on the 21st in Shanghai, which is the 20th in UTC."""
    world.tins(3)
    from orders.purchasing.states import PaymentTerms

    purchase = world.approved(3, terms=PaymentTerms.AFTER)
    shipment = world.shipped(purchase)
    acceptance = world.signed_once(shipment)
    world.now = clock.at(date(2026, 4, 21), 0, 30)
    from orders.shipments.accepting import sign_second

    sign_second(acceptance_id=acceptance, actor=world.receiver, now=world.now)

    assert world._one(select(ReceivableTerm.accepted_on)) == date(2026, 4, 21)
    assert world._one(select(ReceivableTerm.due_on)) == date(2026, 5, 21)
    world.now = clock.at(date(2026, 5, 21), 23, 59)
    assert page(world, acceptance).row.overdue_days == 0
    world.now = clock.at(date(2026, 5, 22), 0, 1)
    assert page(world, acceptance).row.overdue_days == 1


def test_what_was_paid_before_has_no_clock(world):
    world.tins(3)
    purchase = world.approved(3)
    world.paid(purchase)
    world.accepted(purchase)

    assert world._all(select(ReceivableTerm.id)) == []
    assert world.findings() == []
