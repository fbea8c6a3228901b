"""Money that waits: given to a purchase by a person, booked as a fee, or taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from orders.ledger.models import Journal
from orders.ledger.states import AccountKind
from orders.payments.commands import MoneyMovedOn, undo_import
from orders.payments.explaining import book_fee
from orders.payments.matching import (
    MoreThanIsOwed,
    MoreThanTheLine,
    NothingToMatch,
    PurchaseTakesNoMoney,
    match_line,
)
from orders.payments.models import BankLine, Payment
from orders.payments.queries import statement
from orders.payments.queue_queries import NoSuchPurchase, line, purchase_named, queue
from orders.payments.states import LineState
from orders.payments.suggestions import Why
from orders.purchasing.commands import cancel_purchase
from orders.purchasing.states import PaymentTerms
from shop.core import db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, WrongState
from shop.core.money import ZERO, yuan
from tests.orders.payments.test_importing import (
    books_are_right,
    bring,
    count,
    reference,
    still_open,
    suspense,
)


def lines_of(statement_id: str) -> list[str]:
    with db.database().reading() as tx:
        from orders.payments.models import BankStatement

        return list(
            tx.execute(
                select(BankLine.public_id)
                .join(BankStatement, BankStatement.id == BankLine.statement_id)
                .where(BankStatement.public_id == statement_id)
                .order_by(BankLine.position)
            ).scalars()
        )


def state_of(line_id: str) -> LineState:
    with db.database().reading() as tx:
        return tx.execute(select(BankLine.state).where(BankLine.public_id == line_id)).scalar_one()


def match(world, line_id, purchase, amount, actor=None):
    match_line(
        line_id=line_id,
        purchase_id=purchase,
        amount=yuan(amount),
        actor=actor or world.operator,
        now=world.now,
    )


@pytest.fixture
def waiting(world):
    """A purchase of ¥2,380.00 and a line of ¥3,000.00 that names it."""
    world.tins(40)
    purchase = world.approved(10)
    (held,) = lines_of(bring(world, ("3000.00", reference(purchase))))
    return purchase, held


def test_a_match_takes_what_is_owed_and_leaves_the_rest_in_the_queue(world, waiting):
    purchase, held = waiting

    match(world, held, purchase, "2380.00")

    assert world.balance(AccountKind.ESCROW, world.order_key(purchase)) == yuan("2380.00")
    assert suspense() == yuan("620.00")
    assert state_of(held) is LineState.SUSPENSE
    assert still_open(world, purchase) == ZERO
    books_are_right()


def test_several_matches_use_a_line_up(world, waiting):
    purchase, held = waiting
    other = world.approved(5)

    match(world, held, purchase, "2000.00")
    match(world, held, purchase, "380.00")
    match(world, held, other, "620.00")

    assert state_of(held) is LineState.MATCHED
    assert suspense() == ZERO
    assert still_open(world, other) == yuan("570.00")
    books_are_right()


def test_a_match_clears_the_oldest_receivable_first(world):
    world.tins(40)
    purchase = world.approved(10, terms=PaymentTerms.AFTER)
    first = world.signed_once(world.shipped(purchase, 4))
    from orders.shipments.accepting import sign_second
    from orders.shipments.models import Acceptance

    sign_second(acceptance_id=first, actor=world.receiver, now=world.now)
    second = world.accepted(purchase)
    (held,) = lines_of(bring(world, ("1000.00", "无码")))

    match(world, held, purchase, "1000.00")

    with db.database().reading() as tx:
        keys = {
            public: key for public, key in tx.execute(select(Acceptance.public_id, Acceptance.id))
        }
    assert world.balance(AccountKind.BUYER_RECEIVABLE, keys[first]) == ZERO
    assert world.balance(AccountKind.BUYER_RECEIVABLE, keys[second]) == yuan("1380.00")
    books_are_right()


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [("0.00", NothingToMatch), ("3000.01", MoreThanTheLine), ("2380.01", MoreThanIsOwed)],
)
def test_a_match_beyond_either_side_is_refused(world, waiting, amount, refusal):
    purchase, held = waiting

    with pytest.raises(refusal) as refused:
        match(world, held, purchase, amount)

    assert refused.value.at_field == "amount"
    assert suspense() == yuan("3000.00")
    assert count(Payment) == 0


def test_a_cancelled_purchase_takes_no_match(world, waiting):
    purchase, held = waiting
    cancel_purchase(purchase_id=purchase, reason="不买了", actor=world.clerk, now=world.now)

    with pytest.raises(PurchaseTakesNoMoney):
        match(world, held, purchase, "1.00")

    assert suspense() == yuan("3000.00")


def test_what_is_matched_or_unknown_cannot_be_matched(world, waiting):
    purchase, held = waiting
    paid = lines_of(bring(world, ("238.00", reference(world.approved(1))), serial="T"))[0]

    with pytest.raises(WrongState):
        match(world, paid, purchase, "1.00")
    with pytest.raises(NotFound):
        match(world, "bankline_none", purchase, "1.00")
    with pytest.raises(NotFound):
        match(world, held, "purchase_none", "1.00")
    for who in ("treasurer", "auditor", "clerk", "stranger"):
        with pytest.raises(NotAllowed):
            match(world, held, purchase, "1.00", actor=world.person(who))

    assert suspense() == yuan("3000.00")


def test_the_queue_suggests_and_a_person_decides(world, waiting):
    purchase, held = waiting
    with db.database().reading() as tx:
        (row,) = queue(tx, world.operator, world.now).rows

    assert row.line.public_id == held
    assert row.suggestions[0].purchase_id == purchase
    assert row.suggestions[0].amount == yuan("2380.00")
    assert row.suggestions[0].why == (Why.CODE, Why.PAYER)


def test_amount_and_payer_alone_are_suggestions(world):
    world.tins(40)
    purchase = world.approved(10)
    bring(world, ("2380.00", "端午慰问品"))

    with db.database().reading() as tx:
        (row,) = queue(tx, world.operator, world.now).rows

    assert [s.purchase_id for s in row.suggestions] == [purchase]
    assert row.suggestions[0].why == (Why.AMOUNT, Why.PAYER)
    assert still_open(world, purchase) == yuan("2380.00")


def test_a_purchase_is_named_by_number_or_code(world, waiting):
    purchase, _held = waiting
    with db.database().reading() as tx:
        code = reference(purchase)
        assert purchase_named(tx, f" {code.lower()} ", world.operator) == purchase
        with pytest.raises(NoSuchPurchase):
            purchase_named(tx, "CG-没有", world.operator)


def test_a_fee_is_booked_once_with_its_reason(world):
    _credit, charge = lines_of(bring(world, ("100.00", "一"), ("-15.00", "账户管理费")))

    book_fee(line_id=charge, reason="季度管理费", actor=world.operator, now=world.now)

    assert state_of(charge) is LineState.FEE
    assert world.balance(AccountKind.BANK_FEE) == yuan("15.00")
    assert world.balance(AccountKind.CUSTODY) == yuan("85.00")
    with pytest.raises(WrongState):
        book_fee(line_id=charge, reason="再来一次", actor=world.operator, now=world.now)
    with db.database().reading() as tx:
        assert line(tx, charge, world.operator, world.now).history[-1].reason == "季度管理费"
    books_are_right()


def test_a_fee_needs_a_reason_a_role_and_a_debit(world, waiting):
    _purchase, held = waiting
    (charge,) = lines_of(bring(world, ("-15.00", "账户管理费"), serial="F"))

    with pytest.raises(ReasonMissing):
        book_fee(line_id=charge, reason="  ", actor=world.operator, now=world.now)
    with pytest.raises(NotAllowed):
        book_fee(line_id=charge, reason="费", actor=world.treasurer, now=world.now)
    with pytest.raises(WrongState):
        book_fee(line_id=held, reason="费", actor=world.operator, now=world.now)

    assert world.balance(AccountKind.BANK_FEE) == ZERO


def undo(world, statement_id, reason="导错账户", actor=None):
    undo_import(
        statement_id=statement_id, reason=reason, actor=actor or world.operator, now=world.now
    )


def test_undoing_reverses_everything_and_the_file_may_come_again(world):
    world.tins(40)
    purchase, other = world.approved(10), world.approved(5)
    lines = [("2380.00", reference(purchase)), ("1500.00", "无码"), ("-15.00", "费")]
    first = bring(world, *lines)
    _paid, held, charge = lines_of(first)
    match(world, held, other, "1000.00")
    book_fee(line_id=charge, reason="管理费", actor=world.operator, now=world.now)

    undo(world, first)

    assert world.balance(AccountKind.CUSTODY) == ZERO
    assert suspense() == ZERO
    assert world.balance(AccountKind.BANK_FEE) == ZERO
    assert still_open(world, purchase) == yuan("2380.00")
    assert still_open(world, other) == yuan("1190.00")
    books_are_right()

    again = bring(world, *lines)

    assert again != first
    assert still_open(world, purchase) == ZERO
    assert world.balance(AccountKind.CUSTODY) == yuan("3880.00")
    books_are_right()


def test_an_undone_statement_is_not_undone_or_matched_again(world, waiting):
    purchase, held = waiting
    with db.database().reading() as tx:
        first = line(tx, held, world.operator, world.now).line.statement_id
    undo(world, first)

    with pytest.raises(WrongState):
        undo(world, first)
    with pytest.raises(NotFound):
        match(world, held, purchase, "1.00")

    books_are_right()


def test_undoing_is_refused_when_the_money_was_drawn_by_an_acceptance(world):
    world.tins(40)
    purchase = world.approved(10)
    first = bring(world, ("2380.00", reference(purchase)))
    world.accepted(purchase)
    before = count(Journal)

    with pytest.raises(MoneyMovedOn):
        undo(world, first)

    assert count(Journal) == before
    with db.database().reading() as tx:
        assert statement(tx, first, world.operator).may_undo
    books_are_right()


def test_undoing_is_refused_when_households_were_settled_from_it(world):
    world.tins(40)
    purchase = world.approved(10, terms=PaymentTerms.AFTER)
    world.accepted(purchase)
    first = bring(world, ("2380.00", reference(purchase)))
    world.settle()

    with pytest.raises(MoneyMovedOn):
        undo(world, first)

    assert still_open(world, purchase) == ZERO
    books_are_right()


def test_undoing_a_cleared_receivable_before_settlement_opens_it_again(world):
    world.tins(40)
    purchase = world.approved(10, terms=PaymentTerms.AFTER)
    world.accepted(purchase)
    first = bring(world, ("2380.00", reference(purchase)))

    undo(world, first)

    assert still_open(world, purchase) == yuan("2380.00")
    books_are_right()


def test_undoing_needs_a_reason_a_role_and_a_statement(world):
    first = bring(world, ("1.00", "一"))

    with pytest.raises(ReasonMissing):
        undo(world, first, reason=" ")
    with pytest.raises(NotAllowed):
        undo(world, first, actor=world.treasurer)
    with pytest.raises(NotFound):
        undo(world, "statement_none")

    assert suspense() == yuan("1.00")
    with db.database().reading() as tx:
        assert tx.execute(select(func.count()).where(BankLine.undone)).scalar_one() == 0
