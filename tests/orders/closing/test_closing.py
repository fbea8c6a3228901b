"""Reconciling with the bank, closing months, accounts for accountants, and the proof."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from orders.closing import (
    check_queries,
    commands,
    proof,
    queries,
    reconciling,
)
from orders.closing.bank_side import days, sides
from orders.closing.chart import codes
from orders.closing.models import Reconciliation, Voucher
from orders.closing.states import DEFAULT_CODES, Cause, Why
from orders.ledger import posting
from orders.ledger.models import Journal, LedgerMonth
from orders.ledger.months import MonthClosed
from orders.ledger.states import AccountKind, JournalKind, MonthState
from orders.payments.commands import import_statement, undo_import
from orders.purchasing.models import Order
from orders.settlements.models import SettlementRun
from shop.core import clock, db
from shop.core.actors import CLOCK
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.core.money import ZERO, Money, yuan
from tests.orders.closing.stories import (
    APRIL_30,
    MAY_2,
    at_april_end,
    checked,
    closed,
    read,
    reconciled,
    sign,
    state_of,
)
from tests.world import DAY

DAY_NOON = clock.at(DAY, 12)


def orders_of_all():
    return read(lambda tx: list(tx.execute(select(Order.public_id)).scalars()))


def test_every_difference_between_ledger_and_bank_is_explained_item_by_item(april):
    found = at_april_end(april)

    assert found.ledger == april.balance(AccountKind.CUSTODY)
    assert found.bank == yuan("1002430.00")
    assert found.rest == ZERO
    assert {item.why for item in found.items} == {Why.OPENING, Why.PAID_UNSEEN}
    assert [(aged.count, aged.amount) for aged in found.suspense] == [(1, yuan("50.00"))]
    (day,) = read(days, clock.start_of(DAY), reconciling.end_of(APRIL_30))
    assert (day.ledger, day.bank) == (found.ledger, found.bank)
    assert (day.bank_in, day.gap) == (yuan("2430.00"), yuan("1000000.00"))


def test_a_fee_that_waits_an_undone_file_and_a_gap_are_items_of_their_own(april):
    undone = import_statement(
        file_name="误.csv",
        content=april.statement_file(("7.00", "误传"), opening="5.00", serial="W"),
        actor=april.operator,
        now=april.now,
    )
    april.now += timedelta(days=1)
    undo_import(statement_id=undone, reason="传错", actor=april.operator, now=april.now)
    import_statement(
        file_name="费.csv",
        content=april.statement_file(("-3.00", "工本费"), opening="1002500.00", serial="F"),
        actor=april.operator,
        now=april.now,
    )

    before, after = (read(sides, clock.at(date(2026, 5, day), 12)) for day in (2, 4))

    assert Why.UNDONE in {item.why for item in before.items}
    assert {Why.UNEXPLAINED, Why.GAP} <= {item.why for item in after.items}
    assert before.rest == after.rest == ZERO


def test_one_person_signs_the_sheet_and_another_confirms_it(april):
    sheet = sign(april)
    with pytest.raises(SamePerson):
        reconciling.confirm_reconciliation(
            reconciliation_id=sheet, actor=april.operator, now=april.now
        )
    with pytest.raises(reconciling.AlreadySigned):
        sign(april)
    reconciling.confirm_reconciliation(
        reconciliation_id=sheet, actor=april.treasurer, now=april.now
    )

    assert read(queries.sheet, sheet, april.auditor).confirmed_by == "郑和"
    with pytest.raises(NotAllowed):
        reconciling.withdraw_reconciliation(
            reconciliation_id=sheet, reason="试", actor=april.auditor, now=april.now
        )
    with pytest.raises(ReasonMissing):
        reconciling.withdraw_reconciliation(
            reconciliation_id=sheet, reason=" ", actor=april.operator, now=april.now
        )
    reconciling.withdraw_reconciliation(
        reconciliation_id=sheet, reason="再核一次", actor=april.operator, now=april.now
    )
    assert sign(april) != sheet


def test_nothing_is_signed_that_was_not_seen_or_that_the_bank_does_not_say(april):
    with pytest.raises(reconciling.BankSaysOtherwise):
        sign(april, typed=yuan("1.00"))
    with pytest.raises(reconciling.SidesChanged):
        sign(april, seen_hash="0" * 64)
    with pytest.raises(reconciling.DayNotOver):
        sign(april, day=date(2026, 5, 2))
    with pytest.raises(NotAllowed):
        sign(april, who=april.auditor)
    with pytest.raises(NotFound):
        reconciling.confirm_reconciliation(
            reconciliation_id="recon_0", actor=april.treasurer, now=april.now
        )

    with (
        db.database().writing() as tx,
        posting.journal(
            tx, JournalKind.BANK_CREDIT, event_key="bad", about="bad", actor=CLOCK, now=DAY_NOON
        ) as journal,
    ):
        journal.move((AccountKind.CUSTODY, 0), (AccountKind.SUSPENSE, 0), Money(1))
    with pytest.raises(reconciling.NotExplained):
        sign(april)
    assert not read(lambda tx: tx.query(Reconciliation).count())


def test_the_database_refuses_a_sheet_with_a_rest_or_one_signature_twice(april):
    sheet = sign(april)
    for change in ({"ledger": Money(1)}, {"confirmed_by_id": april.operator.user_id}):
        with pytest.raises(DBAPIError), db.database().writing() as tx:
            tx.execute(
                update(Reconciliation).where(Reconciliation.public_id == sheet).values(**change)
            )


def test_a_month_is_closed_by_two_people_once_the_checklist_is_done(april):
    step = {"month": "2026-04", "now": april.now}
    with pytest.raises(commands.NotReady):
        commands.propose_month(actor=april.operator, **step)
    reconciled(april)
    with pytest.raises(NotAllowed):
        commands.propose_month(actor=april.auditor, **step)
    with pytest.raises(NotFound):
        commands.propose_month(month="2026-13", actor=april.operator, now=april.now)
    with pytest.raises(commands.NotReady):
        commands.propose_month(month="2026-05", actor=april.operator, now=april.now)
    with pytest.raises(commands.NotChecked):
        commands.propose_month(actor=april.operator, **step)
    checked(april)
    commands.propose_month(actor=april.operator, **step)
    with pytest.raises(SamePerson):
        commands.confirm_month(actor=april.operator, **step)
    assert state_of() is MonthState.PROPOSED

    assert commands.confirm_month(actor=april.treasurer, **step) is None

    assert state_of() is MonthState.CLOSED
    numbers = read(lambda tx: list(tx.execute(select(Voucher.number)).scalars()))
    journals = read(lambda tx: tx.query(Journal).count())
    assert sorted(numbers) == list(range(1, journals + 1))
    assert april.findings() == []
    at_closing = read(check_queries.last_check, "2026-04")
    assert (at_closing.cause, at_closing.findings) == (Cause.CLOSING, 0)
    with pytest.raises(WrongState):
        commands.confirm_month(actor=april.treasurer, **step)


def test_a_draft_or_a_change_since_the_signature_holds_the_month_up(april):
    reconciled(april)
    with db.database().writing() as tx:
        tx.add(
            SettlementRun(
                number="JS-1",
                state="draft",
                seen_hash="0" * 64,
                drafted_at=april.now,
                total=ZERO,
            )
        )
    with pytest.raises(commands.NotReady):
        commands.propose_month(month="2026-04", actor=april.operator, now=april.now)


def test_a_closed_month_takes_no_journal_by_whatever_way(april):
    closed(april)
    with (
        pytest.raises(MonthClosed),
        db.database().writing() as tx,
        posting.journal(
            tx,
            JournalKind.BANK_CREDIT,
            event_key="late",
            about="late",
            actor=CLOCK,
            now=april.now,
            effective_at=DAY_NOON,
        ) as journal,
    ):
        journal.move((AccountKind.CUSTODY, 0), (AccountKind.SUSPENSE, 0), Money(1))

    attacks = (
        insert(Journal).values(
            id=10**6,
            public_id="journal_x",
            kind=JournalKind.BANK_CREDIT,
            event_key="x",
            content_hash="0" * 64,
            about="x",
            effective_at=DAY_NOON,
            posted_at=april.now,
            transfer_count=1,
            total=Money(1),
        ),
        text("UPDATE ledger_journal SET corrects_month = '2026-03'"),
        text("DELETE FROM ledger_month"),
        text("UPDATE ledger_month SET ends_at = starts_at"),
        text("UPDATE ledger_month SET month = '2026-03'"),
        text("UPDATE ledger_month SET confirmed_by_id = closed_by_id"),
        text("DELETE FROM ledger_voucher"),
        text("UPDATE ledger_voucher SET number = number + 1"),
    )
    for attack in attacks:
        with pytest.raises(DBAPIError), db.database().writing() as tx:
            tx.execute(attack)
    assert april.findings() == []


def test_a_bank_line_of_a_closed_month_is_booked_at_the_first_open_moment(april):
    closed(april)
    april.now = clock.at(DAY, 15)
    late = april.statement_file(("9.00", "迟到"), opening="1002430.00", serial="L")
    april.now = MAY_2
    statement = import_statement(
        file_name="迟.csv", content=late, actor=april.operator, now=april.now
    )

    journal = read(
        lambda tx: tx.execute(select(Journal).order_by(Journal.id.desc()).limit(1)).scalar_one()
    )
    assert journal.effective_at == clock.start_of(date(2026, 5, 1))
    assert journal.corrects_month == "2026-04"
    end = at_april_end(april)
    assert (Why.LATE, -yuan("9.00")) in [(item.why, item.amount) for item in end.items]
    assert end.rest == read(sides, april.now).rest == ZERO
    undo_import(statement_id=statement, reason="传错", actor=april.operator, now=april.now)
    assert at_april_end(april).rest == ZERO
    assert april.findings() == []


def test_a_reversal_of_a_closed_month_is_a_later_entry_that_names_it(april):
    closed(april)
    with db.database().writing() as tx:
        first = tx.execute(
            select(Journal.id)
            .where(Journal.kind == JournalKind.BANK_CREDIT)
            .order_by(Journal.id.desc())
            .limit(1)
        ).scalar_one()
        key = posting.reverse(tx, first, reason="试", actor=CLOCK, now=april.now)
        correction = tx.get_one(Journal, key)

        assert correction.corrects_month == "2026-04"
        assert correction.effective_at == april.now
        tx.rollback()


def test_the_last_closed_month_is_reopened_by_two_people_and_numbers_stay(april):
    closed(april)
    before = read(lambda tx: dict(tx.execute(select(Voucher.journal_id, Voucher.number)).all()))
    asked = {"month": "2026-04", "reason": "漏记手续费", "now": april.now}
    with pytest.raises(ReasonMissing):
        commands.ask_reopening(**(asked | {"reason": ""}), actor=april.operator)
    commands.ask_reopening(**asked, actor=april.operator)
    with pytest.raises(SamePerson):
        commands.reopen_month(**asked, actor=april.operator)
    assert state_of() is MonthState.REOPENING
    commands.keep_closed(**asked, actor=april.treasurer)
    assert state_of() is MonthState.CLOSED
    commands.ask_reopening(**asked, actor=april.operator)
    commands.reopen_month(**asked, actor=april.treasurer)

    with (
        db.database().writing() as tx,
        posting.journal(
            tx,
            JournalKind.BANK_CREDIT_MATCHED,
            event_key="again",
            about="again",
            actor=CLOCK,
            now=april.now,
            effective_at=clock.at(DAY, 9),
        ) as journal,
    ):
        journal.move((AccountKind.RISK_RESERVE, 0), (AccountKind.RISK_RESERVE, 1), ZERO)
        journal.move((AccountKind.BANK_FEE, 0), (AccountKind.PLATFORM_FEE, 0), Money(1))
    with pytest.raises(commands.NotChecked):
        commands.propose_month(month="2026-04", actor=april.treasurer, now=april.now)
    checked(april)
    commands.propose_month(month="2026-04", actor=april.treasurer, now=april.now)
    commands.confirm_month(month="2026-04", actor=april.operator, now=april.now)
    after = read(lambda tx: dict(tx.execute(select(Voucher.journal_id, Voucher.number)).all()))
    assert before.items() < after.items()
    assert len(after) == len(before) + 1
    assert sorted(after.values()) == list(range(1, len(after) + 1))


def test_only_the_last_closed_month_may_be_reopened(april):
    closed(april)
    starts, ends = clock.start_of(date(2026, 5, 1)), clock.start_of(date(2026, 6, 1))
    with db.database().writing() as tx:
        tx.add(
            LedgerMonth(
                month="2026-05",
                state=MonthState.CLOSED,
                starts_at=starts,
                ends_at=ends,
                closed_by_id=april.operator.user_id,
                confirmed_by_id=april.treasurer.user_id,
            )
        )
    with pytest.raises(commands.NotTheLast):
        commands.ask_reopening(month="2026-04", reason="试", actor=april.operator, now=april.now)
    assert state_of() is MonthState.CLOSED


def test_the_trial_balance_agrees_and_the_next_month_begins_where_it_ends(april):
    closed(april)
    page = read(queries.trial, "2026-04", april.auditor)
    assert page.balanced
    assert {row.kind for row in page.rows} >= {AccountKind.CUSTODY, AccountKind.SUSPENSE}
    households = read(queries.trial, "2026-04", april.auditor, AccountKind.HOUSEHOLD_PAYABLE)
    assert all(row.owner.startswith("house") for row in households.rows)
    may = read(queries.trial, "2026-05", april.auditor)
    assert may.balanced
    assert [row.opening for row in may.rows] == [row.closing for row in page.rows]


def test_every_kind_of_account_has_a_code_and_the_accountant_may_change_it(april):
    assert set(DEFAULT_CODES) == set(AccountKind)
    asked = {"kind": AccountKind.CUSTODY, "actor": april.treasurer, "now": april.now}
    for code, name in (("12", "短"), ("1012a", "字母"), ("1012", " ")):
        with pytest.raises(commands.CodeMalformed):
            commands.set_code(code=code, name=name, **asked)
    with pytest.raises(commands.CodeTaken):
        commands.set_code(code="1122", name="重复", **asked)
    with pytest.raises(NotAllowed):
        commands.set_code(code="1012", name="甲", **(asked | {"actor": april.auditor}))
    for name in ("其他货币资金", "其他货币资金—农行"):
        commands.set_code(code="1012", name=name, **asked)
    assert read(codes)[AccountKind.CUSTODY] == ("1012", "其他货币资金—农行")


def test_every_fen_has_its_place_per_order_per_day_and_in_total(april):
    orders = read(proof.of_orders, april.auditor)
    assert (orders.count, orders.wrong, orders.together.rest) == (1, (), ZERO)
    assert orders.together.received == yuan("2380.00")
    assert orders.together.refunded == yuan("238.00")
    one = read(proof.of_order, orders_of_all()[0], april.auditor)
    assert one.rest == ZERO
    for period in (
        read(proof.of_everything, april.auditor, april.now),
        read(proof.of_day, DAY, april.auditor),
    ):
        assert period.received == yuan("2430.00")
        assert period.rest == period.held_rest == ZERO
    empty = read(proof.of_day, APRIL_30, april.auditor)
    assert (empty.opening, empty.paid) == (empty.closing, ZERO)
    with pytest.raises(NotFound):
        read(proof.of_order, "order_0", april.auditor)


def test_the_pages_are_for_the_platform_and_the_public_figure_for_all(client, april):
    inside = (
        "/platform/books/",
        "/platform/books/months/2026-04",
        "/platform/books/days/2026-04-30",
        "/platform/books/trial/2026-04",
        "/platform/books/trial/2026-04?kind=escrow",
        "/platform/books/trial/2026-01",
        "/platform/books/chart",
        "/platform/books/proof",
        "/platform/books/proof?day=2026-04-20",
        "/platform/books/proof?as=json",
    )
    for address in inside:
        assert client.as_(april.auditor).get(address).status_code == 200, address
        assert client.as_(april.clerk).get(address).status_code in (403, 404), address
    for address in ("days/no", "trial/no", "months/no"):
        assert client.as_(april.auditor).get(f"/platform/books/{address}").status_code == 404
    assert "还没有结过账" in client.as_(april.clerk).get("/public/money/").text
    assert client.get("/public/money/figures.json").json == {"day": None}

    closed(april)
    shown = client.as_(april.clerk).get("/public/money/")
    assert "¥2,430.00" in shown.text
    figures = client.get("/public/money/figures.json").json
    assert (figures["day"], figures["rest_fen"], figures["held_rest_fen"]) == ("2026-04-30", 0, 0)
    assert figures["received_fen"] == 243000


def test_signing_and_closing_work_through_the_pages(client, april):
    found = at_april_end(april)
    address = "/platform/books/days/2026-04-30"
    browser = client.as_(april.operator)
    wrong = browser.post(address, data={"seen_hash": found.seen_hash, "typed": "1.00"})
    assert wrong.status_code == 422
    signed = browser.post(address, data={"seen_hash": found.seen_hash, "typed": str(found.bank)})
    assert signed.status_code == 303
    assert client.post(f"{signed.location}/confirm").status_code == 403
    treasurer = client.as_(april.treasurer)
    assert "银行存款余额调节表" in treasurer.get(signed.location).text
    assert treasurer.post(f"{signed.location}/confirm").status_code == 303
    month = "/platform/books/months/2026-04"
    assert "还没有核过账" in treasurer.post(f"{month}/propose").text
    checked(april)
    assert treasurer.post(f"{month}/propose").status_code == 303
    assert treasurer.post(f"{month}/confirm").status_code == 403
    assert client.as_(april.operator).post(f"{month}/confirm").status_code == 303
    assert "已经结账" in client.get(month).text
    assert client.post(f"{month}/ask_reopen", data={"reason": ""}).status_code == 422
    assert client.post(f"{month}/nothing").status_code == 404
