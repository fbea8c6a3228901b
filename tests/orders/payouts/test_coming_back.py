"""What the bank does not know, and what it sends back after it had said it was paid."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from orders.ledger.states import AccountKind as K
from orders.payments.commands import MoneyMovedOn, import_statement, undo_import
from orders.payments.models import BankLine
from orders.payments.states import LineState
from orders.payouts.commands import NothingToPay, withdraw_batch
from orders.payouts.models import PayoutItem
from orders.payouts.owing import owed_now
from orders.payouts.queries import batch as batch_page
from orders.payouts.returned import (
    NotPaidOut,
    NotThisAmount,
    PaidAgain,
    take_back_by_hand,
    undo_return,
)
from orders.payouts.rules import Obstacle
from orders.payouts.states import BatchState, ItemState, PayoutKind
from orders.payouts.unknown import DebitUnexplained, StatementMissing, resolve_unknown
from shop.core import db
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, WrongState
from shop.core.money import ZERO, yuan
from shop.organisations.models import PayeeAccount
from shop.organisations.states import AccountState
from tests.orders.payouts.stories import (
    answered,
    approved,
    batch_state,
    books_are_right,
    drafted,
    earn,
    exported,
    items,
)
from tests.orders.payouts.test_batches import sums
from tests.orders.payouts.test_results import all_paid, debits


def bring(world, *lines: tuple[str, str], serial: str, opening: str = "1000000.00") -> str:
    return import_statement(
        file_name="a.csv",
        content=world.statement_file(*lines, serial=serial, opening=opening),
        actor=world.operator,
        now=world.now,
    )


def line_of(statement: str) -> str:
    with db.database().reading() as tx:
        return tx.execute(
            select(BankLine.public_id).order_by(BankLine.id.desc()).limit(1)
        ).scalar_one()


def by_hand(world, line: str, reference: str, reason: str = "银行来电", who: str = "operator"):
    take_back_by_hand(
        line_id=line, reference=reference, reason=reason, actor=world.person(who), now=world.now
    )


def states_of_lines() -> set[LineState]:
    with db.database().reading() as tx:
        return set(tx.execute(select(BankLine.state).where(BankLine.amount > ZERO)).scalars())


# --- 退汇 -------------------------------------------------------------------------------------


def test_what_comes_back_by_its_reference_is_payable_again_and_paid_once_more(world):
    earn(world)
    owed = world.payable("张桂兰")
    first = exported(world, PayoutKind.HOUSEHOLD)
    all_paid(world, first)
    debits(world, first)
    (old,) = [item for item in items(first) if item.holder == "张桂兰"]

    statement = bring(world, (str(owed), f"退汇 {old.reference}"), serial="T")

    (old,) = [item for item in items(first) if item.holder == "张桂兰"]
    assert old.state is ItemState.RETURNED
    assert world.payable("张桂兰") == owed
    assert sums()[K.SUSPENSE] == ZERO
    assert LineState.RETURNED in states_of_lines()
    assert batch_state(first) is BatchState.CLOSED
    books_are_right()
    with pytest.raises(NothingToPay):
        drafted(world, PayoutKind.HOUSEHOLD)
    with db.database().reading() as tx:
        page = owed_now(tx, world.operator)
    assert Obstacle.ACCOUNT_REFUSED in {row.obstacle for row in page.left_out}
    with pytest.raises(MoneyMovedOn):
        undo_import(statement_id=statement, reason="x", actor=world.operator, now=world.now)

    world.new_card("张桂兰")
    second = exported(world, PayoutKind.HOUSEHOLD)
    (again,) = items(second)
    assert (again.retries_id, again.amount) == (old.id, owed)
    all_paid(world, second)
    assert world.payable("张桂兰") == ZERO
    # The bank's same line cannot come again, nor the same item come back twice.
    more = bring(world, (str(owed), f"退汇 {old.reference}"), serial="U")
    assert sums()[K.SUSPENSE] == owed
    with pytest.raises(NotPaidOut):
        by_hand(world, line_of(more), old.reference)
    books_are_right()


def test_the_chain_of_payments_is_shown_both_ways(client, world):
    earn(world)
    first = exported(world, PayoutKind.CARRIER)
    (old,) = items(first)
    all_paid(world, first)
    bring(world, (str(old.amount), old.reference), serial="T")
    with db.database().writing() as tx:
        for account in tx.query(PayeeAccount).filter_by(id=old.account_id):
            account.state = AccountState.ACTIVE  # the carrier says its account is in order again
    second = drafted(world, PayoutKind.CARRIER)
    (new,) = items(second)

    with db.database().reading() as tx:
        (before,) = batch_page(tx, first, world.treasurer).items
        (after,) = batch_page(tx, second, world.treasurer).items

    assert before.paid_again is not None
    assert after.retries is not None
    assert (before.paid_again.reference, before.paid_again.batch_id) == (new.reference, second)
    assert (after.retries.reference, after.retries.batch_id) == (old.reference, first)
    browser = client.as_(world.treasurer)
    assert new.reference in browser.get(f"/platform/payouts/{first}").get_data(as_text=True)
    assert old.reference in browser.get(f"/platform/payouts/{second}").get_data(as_text=True)
    books_are_right()


def test_a_debit_and_its_return_in_one_statement_end_as_returned(world):
    earn(world)
    batch = exported(world, PayoutKind.REFUND)
    (item,) = items(batch)

    bring(
        world,
        (f"-{item.amount}", item.reference),
        (str(item.amount), f"退 {item.reference}"),
        serial="T",
    )

    assert items(batch)[0].state is ItemState.RETURNED
    assert sums()[K.REFUND_IN_TRANSIT] == item.amount
    books_are_right()
    assert items(drafted(world, PayoutKind.REFUND))[0].retries_id == item.id


def test_what_comes_back_without_a_reference_is_taken_back_by_hand(client, world):
    earn(world)
    batch = exported(world, PayoutKind.CARRIER)
    (item,) = items(batch)
    held = line_of(bring(world, (str(item.amount), "退款"), serial="T"))
    with pytest.raises(NotPaidOut):
        by_hand(world, held, item.reference)
    all_paid(world, batch)
    other = line_of(bring(world, ("1.00", f"退汇 {item.reference}"), serial="O"))

    with pytest.raises(NotThisAmount):
        by_hand(world, other, item.reference)
    with pytest.raises(ReasonMissing):
        by_hand(world, held, item.reference, reason=" ")
    with pytest.raises(NotFound):
        by_hand(world, held, "000000000")
    with pytest.raises(NotFound):
        by_hand(world, "bankline_none", item.reference)
    for who in ("treasurer", "auditor", "manager"):
        with pytest.raises(NotAllowed):
            by_hand(world, held, item.reference, who=who)
    assert items(batch)[0].state is ItemState.CONFIRMED

    browser = client.as_(world.operator)
    assert "退汇" in browser.get(f"/platform/payouts/returned/{held}").get_data(as_text=True)
    said = {"reference": item.reference.lower(), "reason": "银行来电", "once": "t"}
    sent = browser.post(f"/platform/payouts/returned/{held}", data=said)

    assert sent.status_code == 303
    assert items(batch)[0].state is ItemState.RETURNED
    with pytest.raises(WrongState):
        by_hand(world, held, item.reference)
    books_are_right()


# --- unknown ------------------------------------------------------------------------------------


def held_item(world) -> tuple[str, PayoutItem]:
    """A carrier's payment the bank is still working at; sent on Monday the 20th.

    The statement before it closed with 1,002,380.00.
    """
    earn(world)
    world.now += timedelta(hours=1)
    batch = exported(world, PayoutKind.CARRIER)
    answered(world, batch, [(items(batch)[0].reference, "处理中")])
    return batch, items(batch)[0]


def resolve(world, item, reason: str = "流水里没有", who: str = "treasurer") -> None:
    resolve_unknown(item_id=item.public_id, reason=reason, actor=world.person(who), now=world.now)


def test_an_unknown_payment_waits_until_both_days_are_whole_in_the_statements(client, world):
    batch, item = held_item(world)
    monday = world.now
    payable = sums()[K.CARRIER_PAYABLE]
    browser = client.as_(world.treasurer)
    page = f"/platform/payouts/items/{item.public_id}/resolve"

    with pytest.raises(StatementMissing):
        resolve(world, item)
    bring(world, ("1.00", "周一"), serial="A", opening="1002380.00")
    with pytest.raises(StatementMissing):
        resolve(world, item)
    world.now = monday + timedelta(days=1)
    bring(world, ("1.00", "周二上午"), serial="B", opening="1002381.00")
    with pytest.raises(StatementMissing):
        resolve(world, item)
    world.now = monday + timedelta(days=2)
    gap = bring(world, ("1.00", "中间缺了"), serial="C", opening="1002389.00")
    with pytest.raises(StatementMissing):
        resolve(world, item)
    assert "还没有导全" in browser.get(page).get_data(as_text=True)
    assert items(batch)[0].state is ItemState.UNKNOWN
    assert sums()[K.CARRIER_PAYABLE] == payable
    undo_import(statement_id=gap, reason="缺", actor=world.operator, now=world.now)
    bring(world, ("1.00", "周三"), serial="D", opening="1002382.00")

    for who in ("operator", "auditor"):
        with pytest.raises(NotAllowed):
            resolve(world, item, who=who)
    with pytest.raises(ReasonMissing):
        resolve(world, item, reason="")
    assert "没有这一笔支出" in browser.get(page).get_data(as_text=True)
    sent = browser.post(page, data={"reason": "流水里没有", "once": "r"})

    assert sent.status_code == 303
    assert items(batch)[0].state is ItemState.FAILED
    assert batch_state(batch) is BatchState.CLOSED
    assert sums()[K.CARRIER_PAYABLE] == payable + item.amount
    books_are_right()
    assert items(drafted(world, PayoutKind.CARRIER))[0].retries_id == item.id
    with pytest.raises(WrongState):
        resolve(world, item)
    assert browser.get(page).status_code == 404


def test_a_debit_that_may_be_it_stands_in_the_way(world):
    batch, item = held_item(world)
    monday = world.now
    bring(world, ("1.00", "周一"), (f"-{item.amount}", "不明"), serial="A", opening="1002380.00")
    left = yuan("1002381.00") - item.amount
    world.now = monday + timedelta(days=2)
    bring(world, ("1.00", "周三"), serial="B", opening=str(left))

    with pytest.raises(DebitUnexplained):
        resolve(world, item)

    assert items(batch)[0].state is ItemState.UNKNOWN
    books_are_right()


def test_only_what_was_exported_and_is_undecided_is_resolved(world):
    earn(world)
    batch = approved(world, PayoutKind.CARRIER)

    with pytest.raises(WrongState):
        resolve(world, items(batch)[0])
    with pytest.raises(NotFound):
        resolve_unknown(item_id="pay_none", reason="x", actor=world.treasurer, now=world.now)

    assert items(batch)[0].state is ItemState.IN_TRANSIT


# --- undoing a return ---------------------------------------------------------------------------


def undo(world, line: str, reason: str = "认错了", who: str = "operator") -> None:
    undo_return(line_id=line, reason=reason, actor=world.person(who), now=world.now)


def account_of(item: PayoutItem) -> AccountState:
    with db.database().reading() as tx:
        return tx.get_one(PayeeAccount, item.account_id).state


@pytest.mark.parametrize("memo", ["退款", "退汇 {reference}"])
def test_a_return_is_undone_by_reversal_whoever_named_it(client, world, memo):
    earn(world)
    batch = exported(world, PayoutKind.CARRIER)
    (item,) = items(batch)
    all_paid(world, batch)
    statement = bring(world, (str(item.amount), memo.format(reference=item.reference)), serial="T")
    held = line_of(statement)
    if items(batch)[0].state is ItemState.CONFIRMED:
        with pytest.raises(WrongState):
            undo(world, held)
        by_hand(world, held, item.reference)
    assert account_of(item) is AccountState.REFUSED

    for who in ("treasurer", "auditor", "manager"):
        with pytest.raises(NotAllowed):
            undo(world, held, who=who)
    with pytest.raises(ReasonMissing):
        undo(world, held, reason=" ")
    with pytest.raises(NotFound):
        undo(world, "bankline_none")
    assert items(batch)[0].state is ItemState.RETURNED

    browser = client.as_(world.operator)
    page = f"/platform/payouts/returned/{held}/undo"
    assert page in browser.get(f"/platform/bank/lines/{held}").get_data(as_text=True)
    assert "撤销退汇" in browser.get(page).get_data(as_text=True)
    sent = browser.post(page, data={"reason": "认错了", "once": "u"})

    assert sent.status_code == 303
    assert items(batch)[0].state is ItemState.CONFIRMED
    assert account_of(item) is AccountState.ACTIVE
    assert sums()[K.SUSPENSE] == item.amount
    assert sums()[K.CARRIER_PAYABLE] == ZERO
    assert LineState.RETURNED not in states_of_lines()
    books_are_right()
    by_hand(world, held, item.reference)  # and it may be said once more
    undo(world, held)
    undo_import(statement_id=statement, reason="x", actor=world.operator, now=world.now)
    assert sums()[K.SUSPENSE] == ZERO
    books_are_right()


def test_a_return_that_was_paid_again_is_not_undone(world):
    earn(world)
    first = exported(world, PayoutKind.HOUSEHOLD)
    all_paid(world, first)
    (old,) = [item for item in items(first) if item.holder == "张桂兰"]
    held = line_of(bring(world, (str(old.amount), f"退汇 {old.reference}"), serial="T"))
    world.new_card("张桂兰")
    second = drafted(world, PayoutKind.HOUSEHOLD)

    with pytest.raises(PaidAgain):
        undo(world, held)
    assert items(first)[0].state in (ItemState.RETURNED, ItemState.CONFIRMED)
    assert world.payable("张桂兰") == old.amount

    withdraw_batch(batch_id=second, reason="认错了", actor=world.operator, now=world.now)
    undo(world, held)

    assert world.payable("张桂兰") == ZERO
    assert account_of(old) is AccountState.REPLACED
    books_are_right()
