"""Importing statements: once, whole, and every fen of them booked."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import func, select

from orders.books.checks import check_books
from orders.ledger.models import Journal, Transfer
from orders.ledger.states import AccountKind
from orders.payments.commands import import_statement, keep_upload
from orders.payments.formats.sheets import FileRefused, Problem
from orders.payments.models import BankLine, BankStatement, BankUpload, Payment
from orders.payments.open_amounts import open_amount
from orders.payments.states import LineState
from orders.purchasing.commands import cancel_purchase
from orders.purchasing.models import Purchase
from orders.purchasing.states import PaymentTerms
from shop.core import db
from shop.core.errors import NotAllowed
from shop.core.money import ZERO, Money, yuan


def reference(purchase_id: str) -> str:
    with db.database().reading() as tx:
        return tx.execute(
            select(Purchase.reference).where(Purchase.public_id == purchase_id)
        ).scalar_one()


def bring(world, *lines, serial="S", opening="1000000.00", actor=None):
    return import_statement(
        file_name="4月流水.csv",
        content=world.statement_file(*lines, serial=serial, opening=opening),
        actor=actor or world.operator,
        now=world.now,
    )


def states(world):
    with db.database().reading() as tx:
        return list(tx.execute(select(BankLine.state).order_by(BankLine.id)).scalars())


def count(model):
    with db.database().reading() as tx:
        return tx.execute(select(func.count()).select_from(model)).scalar_one()


def suspense():
    with db.database().reading() as tx:
        from orders.payouts.standing import by_kind

        return by_kind(tx)[AccountKind.SUSPENSE]


def still_open(world, purchase):
    with db.database().reading() as tx:
        return open_amount(tx, world.order_key(purchase))


def books_are_right():
    with db.database().reading() as tx:
        assert check_books(tx) == []


def test_the_exact_amount_goes_to_the_orders_escrow(world):
    world.tins(40)
    purchase = world.approved(10)

    bring(world, ("2380.00", f"货款 {reference(purchase)}"))

    assert states(world) == [LineState.MATCHED]
    assert world.balance(AccountKind.ESCROW, world.order_key(purchase)) == yuan("2380.00")
    assert world.balance(AccountKind.CUSTODY) == yuan("2380.00")
    assert still_open(world, purchase) == ZERO
    books_are_right()


@pytest.mark.parametrize("amount", ["2379.99", "2380.01", "1.00"])
def test_another_amount_waits_in_suspense(world, amount):
    world.tins(40)
    purchase = world.approved(10)

    bring(world, (amount, reference(purchase)))

    assert states(world) == [LineState.SUSPENSE]
    assert suspense() == yuan(amount)
    assert still_open(world, purchase) == yuan("2380.00")
    books_are_right()


def test_money_after_acceptance_clears_the_receivable(world):
    world.tins(40)
    purchase = world.approved(10, terms=PaymentTerms.AFTER)
    world.accepted(purchase, short=2)
    assert still_open(world, purchase) == yuan("1904.00")

    bring(world, ("1904.00", reference(purchase)))

    assert states(world) == [LineState.MATCHED]
    assert world.balance(AccountKind.ESCROW, world.order_key(purchase)) == ZERO
    with db.database().reading() as tx:
        from orders.payouts.standing import by_owner

        assert by_owner(tx, AccountKind.BUYER_RECEIVABLE) == {}
    books_are_right()


def test_a_purchase_not_approved_or_cancelled_takes_nothing(world):
    world.tins(40)
    waiting = world.submitted(5)
    cancelled = world.approved(5)
    cancel_purchase(purchase_id=cancelled, reason="不买了", actor=world.clerk, now=world.now)

    bring(world, ("1190.00", reference(waiting)), ("1190.00", reference(cancelled)))

    assert states(world) == [LineState.SUSPENSE, LineState.SUSPENSE]
    books_are_right()


def test_a_debit_nobody_knows_waits_to_be_explained_and_posts_nothing(world):
    bring(world, ("-15.00", "账户管理费"))

    assert states(world) == [LineState.UNEXPLAINED]
    assert world.balance(AccountKind.CUSTODY) == ZERO
    books_are_right()


def test_the_same_file_is_refused_the_second_time(world):
    content = world.statement_file(("100.00", "某人"))
    import_statement(file_name="a.csv", content=content, actor=world.operator, now=world.now)

    with pytest.raises(FileRefused) as refused:
        import_statement(file_name="b.csv", content=content, actor=world.operator, now=world.now)

    assert [fault.problem for fault in refused.value.faults] == [Problem.FILE_BOOKED]
    assert count(BankStatement) == 1
    assert world.balance(AccountKind.CUSTODY) == yuan("100.00")


def test_of_a_file_that_overlaps_an_earlier_one_only_the_new_lines_are_booked(world):
    bring(world, ("100.00", "一"), ("200.00", "二"))

    later = bring(world, ("100.00", "一"), ("200.00", "二"), ("300.00", "三"), ("-5.00", "费"))

    with db.database().reading() as tx:
        row = tx.execute(select(BankStatement).where(BankStatement.public_id == later)).scalar_one()
        assert (row.lines, row.repeats) == (2, 2)
        assert (row.opening, row.closing) == (yuan("1000300.00"), yuan("1000595.00"))
    assert count(BankLine) == 4
    assert world.balance(AccountKind.CUSTODY) == yuan("600.00")
    books_are_right()


def test_what_overlaps_without_agreeing_is_refused_with_its_line(world):
    bring(world, ("100.00", "一"), ("200.00", "二"))
    other_amount = [("100.00", "一"), ("250.00", "二"), ("300.00", "三")]
    nothing_new = [("100.00", "一")]

    for lines, faults in (
        (other_amount, [(3, Problem.BOOKED_OTHERWISE)]),
        (nothing_new, [(2, Problem.LINE_BOOKED)]),
    ):
        with pytest.raises(FileRefused) as refused:
            bring(world, *lines)
        assert [(f.line, f.problem) for f in refused.value.faults] == faults

    # A file around the booked lines has two ends that are new: their sums do not meet.
    around = world.statement_file(
        ("1.00", "前"), ("100.00", "一"), ("200.00", "二"), ("9.00", "后"), opening="999999.00"
    )
    for number in (1, 2, 3, 4):
        around = around.replace(f"S{number:06d}".encode(), f"S{number - 1:06d}".encode())
    around = around.replace(b"S000000", b"Z1").replace(b"S000003", b"Z2")
    with pytest.raises(FileRefused) as refused:
        import_statement(file_name="a.csv", content=around, actor=world.operator, now=world.now)
    assert [(f.line, f.problem) for f in refused.value.faults] == [(5, Problem.NEW_SCATTERED)]
    assert count(BankLine) == 2
    books_are_right()


def test_a_refused_file_changes_nothing(world):
    content = world.statement_file(("100.00", "一"), ("200.00", "二"))
    broken = content.replace(b"1000300.00", b"1000300.01")

    with pytest.raises(FileRefused):
        import_statement(file_name="a.csv", content=broken, actor=world.operator, now=world.now)

    assert (count(BankStatement), count(BankLine), count(Journal)) == (0, 0, 0)


def test_a_second_click_imports_once(world):
    content = world.statement_file(("100.00", "一"))
    again = import_statement.once("key")
    send = {"file_name": "a.csv", "content": content, "actor": world.operator, "now": world.now}

    assert again(**send) == again(**send)
    assert count(BankStatement) == 1


def test_account_numbers_of_payers_are_not_kept_in_clear(world, database_url):
    keep_upload(
        file_name="a.csv",
        content=world.statement_file(("100.00", "一")),
        actor=world.operator,
        now=world.now,
    )
    bring(world, ("100.00", "一"))

    with db.database().reading() as tx:
        line = tx.execute(select(BankLine)).scalar_one()
        upload = tx.execute(select(BankUpload)).scalar_one()
        assert line.account_last4 == "1234"
        assert "3605" not in line.account_sealed + upload.content_sealed


@pytest.mark.parametrize("who", ["treasurer", "auditor", "clerk", "manager", "stranger"])
def test_only_an_operator_imports(world, who):
    with pytest.raises(NotAllowed):
        bring(world, ("100.00", "一"), actor=world.person(who))
    with pytest.raises(NotAllowed):
        keep_upload(
            file_name="a.csv",
            content=world.statement_file(("1.00", "一")),
            actor=world.person(who),
            now=world.now,
        )

    assert count(BankStatement) == 0
    assert count(BankUpload) == 0


def test_uploads_are_gone_after_a_day(world):
    from datetime import timedelta

    for number, day in enumerate((0, 2)):
        keep_upload(
            file_name="a.csv",
            content=world.statement_file((f"{number + 1}.00", "一")),
            actor=world.operator,
            now=world.now + timedelta(days=day),
        )

    assert count(BankUpload) == 1


@pytest.mark.once
def test_two_hundred_random_statements_lose_no_fen(world):
    world.tins(60)
    purchases = [world.approved(units) for units in (1, 2, 3, 4, 5)]
    codes = [reference(purchase) for purchase in purchases]
    draw = random.Random(20260405)
    came = ZERO
    for number in range(200):
        lines = []
        for _ in range(draw.randint(1, 3)):
            amount = Money(draw.choice([23800, 47600, 71400, draw.randint(1, 10**7)]))
            if draw.random() < 0.2:
                lines.append((f"-{amount}", "不明支出"))
            else:
                lines.append((str(amount), draw.choice([*codes, "没有写"])))
                came += amount
        bring(world, *lines, serial=f"R{number}-", opening="90000000.00")

    assert world.balance(AccountKind.CUSTODY) == came
    with db.database().reading() as tx:
        paid = tx.execute(select(func.sum(Payment.amount)).select_from(Payment)).scalar_one()
        moved = tx.execute(select(func.count()).select_from(Transfer)).scalar_one()
    assert suspense() + Money(int(getattr(paid, "fen", paid))) == came
    assert moved >= 200
    for purchase in purchases:
        assert still_open(world, purchase) >= ZERO
    books_are_right()
