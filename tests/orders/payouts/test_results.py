"""What the bank answers: by its result file, or by its statement, whichever comes first."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from orders.ledger.models import Journal
from orders.ledger.states import AccountKind as K
from orders.payments.commands import PayoutConfirmed, import_statement, undo_import
from orders.payments.formats.sheets import FileRefused, Problem
from orders.payments.models import BankLine
from orders.payments.states import LineState
from orders.payouts.commands import NothingToPay, import_results
from orders.payouts.confirming import OutcomeChanged, confirm_outgoing
from orders.payouts.custody import Explanation, custody
from orders.payouts.models import ResultFile
from orders.payouts.owing import owed_now
from orders.payouts.queries import batch as batch_page
from orders.payouts.rules import Flag, Obstacle
from orders.payouts.standing import by_kind
from orders.payouts.states import BatchState, ItemState, PayoutKind
from shop.core import db
from shop.core.errors import NotAllowed, NotFound, WrongState
from shop.core.money import ZERO, yuan
from tests.orders.payouts.stories import (
    answer_file,
    answered,
    approved,
    batch_state,
    books_are_right,
    drafted,
    earn,
    exported,
    item_states,
    items,
)
from tests.orders.payouts.test_batches import count, sums


def references(batch: str) -> list[str]:
    return [item.reference for item in items(batch)]


def all_paid(world, batch: str) -> str:
    return answered(world, batch, [(code, "成功") for code in references(batch)])


def debits(world, batch: str, *, serial: str = "D") -> str:
    """The statement that shows every item of a batch leaving."""
    lines = [(f"-{item.amount}", f"打款 {item.reference}") for item in items(batch)]
    return import_statement(
        file_name="流水.csv",
        content=world.statement_file(*lines, serial=serial),
        actor=world.operator,
        now=world.now,
    )


def faults_of(world, batch: str, content: bytes):
    with pytest.raises(FileRefused) as refused:
        import_results(
            batch_id=batch, file_name="a.csv", content=content, actor=world.operator, now=world.now
        )
    return [(fault.line, fault.problem) for fault in refused.value.faults]


def test_what_the_bank_paid_leaves_custody_and_closes_the_batch(world):
    earn(world)
    batch = exported(world)

    all_paid(world, batch)

    assert item_states(batch) == {ItemState.CONFIRMED}
    assert batch_state(batch) is BatchState.CLOSED
    found = sums()
    assert found[K.CUSTODY] == ZERO
    assert found[K.PAYOUT_IN_TRANSIT] == found[K.REFUND_IN_TRANSIT] == ZERO
    books_are_right()


def test_a_refused_card_makes_the_money_payable_again_and_waits_for_another(world):
    earn(world)
    owed = world.payable("张桂兰")
    batch = exported(world, PayoutKind.HOUSEHOLD)
    states = {"李长根": "成功", "张桂兰": "失败"}

    answered(
        world, batch, [(i.reference, states[i.holder]) for i in items(batch)], reason="账号不符"
    )

    assert batch_state(batch) is BatchState.CLOSED
    assert world.payable("张桂兰") == owed
    assert {i.holder: i.reason for i in items(batch)}["张桂兰"] == "账号不符"
    with db.database().reading() as tx:
        page = owed_now(tx, world.operator)
        assert [(row.name, row.obstacle) for row in page.left_out] == [
            ("张桂兰", Obstacle.ACCOUNT_REFUSED)
        ]
    with pytest.raises(NothingToPay):
        drafted(world, PayoutKind.HOUSEHOLD)
    books_are_right()


def test_a_replaced_card_is_paid_by_a_new_item_that_retries_the_old(world):
    earn(world)
    owed = world.payable("张桂兰")
    first = exported(world, PayoutKind.HOUSEHOLD)
    answered(
        world,
        first,
        [(i.reference, "失败" if i.holder == "张桂兰" else "成功") for i in items(first)],
    )
    world.new_card("张桂兰")

    second = exported(world, PayoutKind.HOUSEHOLD)

    (again,) = items(second)
    old = next(item for item in items(first) if item.holder == "张桂兰")
    assert (again.retries_id, again.amount, again.number_last4) == (old.id, owed, "9999")
    with db.database().reading() as tx:
        (row,) = batch_page(tx, second, world.treasurer).items
        assert Flag.RETRY in row.flags
    all_paid(world, second)
    assert world.payable("张桂兰") == ZERO
    books_are_right()


def test_a_refund_the_bank_sent_back_waits_in_transit_for_the_next_batch(world):
    earn(world)
    first = exported(world, PayoutKind.REFUND)
    answered(world, first, [(code, "失败") for code in references(first)])

    assert sums()[K.REFUND_IN_TRANSIT] == yuan("476.00")
    second = exported(world, PayoutKind.REFUND)
    assert items(second)[0].retries_id == items(first)[0].id
    all_paid(world, second)

    assert sums()[K.REFUND_IN_TRANSIT] == ZERO
    books_are_right()


def test_unknown_is_held_and_never_paid_twice(world):
    earn(world)
    batch = exported(world, PayoutKind.CARRIER)
    (code,) = references(batch)

    answered(world, batch, [(code, "处理中")])

    assert item_states(batch) == {ItemState.UNKNOWN}
    assert batch_state(batch) is BatchState.EXPORTED
    with pytest.raises(NothingToPay):
        drafted(world, PayoutKind.CARRIER)
    answered(world, batch, [(code, "成功")])
    assert item_states(batch) == {ItemState.CONFIRMED}
    books_are_right()


def test_the_statement_after_the_result_posts_nothing_more(world):
    earn(world)
    batch = exported(world)
    all_paid(world, batch)
    before = count(Journal)

    debits(world, batch)

    assert count(Journal) == before
    assert all(item.bank_line_id for item in items(batch))
    with db.database().reading() as tx:
        states = set(tx.execute(select(BankLine.state).where(BankLine.amount < ZERO)).scalars())
    assert states == {LineState.PAYOUT}
    books_are_right()


def test_the_result_after_the_statement_posts_nothing_more(world):
    earn(world)
    batch = exported(world)
    debits(world, batch)
    assert batch_state(batch) is BatchState.CLOSED
    assert sums()[K.CUSTODY] == ZERO
    before = count(Journal)

    all_paid(world, batch)

    assert count(Journal) == before
    assert item_states(batch) == {ItemState.CONFIRMED}
    books_are_right()


def test_the_statement_ends_what_the_result_left_unknown(world):
    earn(world)
    batch = exported(world, PayoutKind.CARRIER)
    answered(world, batch, [(code, "处理中") for code in references(batch)])

    debits(world, batch)

    assert batch_state(batch) is BatchState.CLOSED
    assert sums()[K.PAYOUT_IN_TRANSIT] == ZERO
    books_are_right()


def test_a_debit_of_another_amount_or_of_a_batch_not_exported_waits(world):
    earn(world)
    batch = approved(world, PayoutKind.CARRIER)
    (item,) = items(batch)
    import_statement(
        file_name="a.csv",
        content=world.statement_file(
            (f"-{item.amount}", item.reference), ("-0.01", item.reference), serial="N"
        ),
        actor=world.operator,
        now=world.now,
    )

    assert item_states(batch) == {ItemState.IN_TRANSIT}
    with db.database().reading() as tx:
        states = set(tx.execute(select(BankLine.state).where(BankLine.amount < ZERO)).scalars())
    assert states == {LineState.UNEXPLAINED}


def test_a_statement_that_confirmed_a_payout_is_not_undone(world):
    earn(world)
    batch = exported(world, PayoutKind.CARRIER)
    shown = debits(world, batch)

    with pytest.raises(PayoutConfirmed):
        undo_import(statement_id=shown, reason="错", actor=world.operator, now=world.now)

    assert item_states(batch) == {ItemState.CONFIRMED}
    books_are_right()


def test_a_wrong_result_file_is_refused_whole_with_line_numbers(world):
    earn(world)
    batch = exported(world, PayoutKind.HOUSEHOLD)
    other = exported(world, PayoutKind.CARRIER)
    first, second = references(batch)
    (foreign,) = references(other)
    good = answer_file(world, [(first, "成功"), (second, "成功")])

    wrong = {
        "unknown": (answer_file(world, [(first, "成功"), ("000000000", "成功")]), [3]),
        "twice": (answer_file(world, [(first, "成功"), (first, "成功")]), [3]),
        "state": (answer_file(world, [(first, "好了"), (second, "成功")]), [2]),
        "columns": (good.replace("原因".encode("gb18030"), "备注".encode("gb18030")), [1, 1]),
        "foreign": (answer_file(world, [(first, "成功"), (foreign, "成功")]), [3]),
        "time": (good.replace(b"2026-", b"2026~"), [2, 3]),
    }
    for content, expected in wrong.values():
        assert [line for line, _problem in faults_of(world, batch, content)] == expected

    assert item_states(batch) == {ItemState.IN_TRANSIT}
    assert count(ResultFile) == 0
    books_are_right()


def test_a_result_file_is_taken_once(world):
    earn(world)
    batch = exported(world, PayoutKind.CARRIER)
    content = answer_file(world, [(code, "成功") for code in references(batch)])
    send = {"batch_id": batch, "file_name": "a.csv", "actor": world.operator, "now": world.now}
    import_results(content=content, **send)

    assert faults_of(world, batch, content) == [(1, Problem.FILE_BOOKED)]
    assert count(ResultFile) == 1
    books_are_right()


def test_a_result_that_contradicts_what_is_known_is_refused(world):
    earn(world)
    batch = exported(world, PayoutKind.CARRIER)
    debits(world, batch)

    content = answer_file(world, [(code, "失败") for code in references(batch)])

    assert faults_of(world, batch, content) == [(2, Problem.DECIDED)]
    assert item_states(batch) == {ItemState.CONFIRMED}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_result_file_is_read_in_each_encoding(world, encoding):
    earn(world)
    batch = exported(world, PayoutKind.CARRIER)
    content = answer_file(
        world, [(c, "失败") for c in references(batch)], encoding=encoding, reason="䶮字读不出"
    )

    import_results(
        batch_id=batch, file_name="a.csv", content=content, actor=world.operator, now=world.now
    )

    assert items(batch)[0].reason == "䶮字读不出"


def test_results_need_a_role_and_an_exported_batch(world):
    earn(world)
    batch = approved(world, PayoutKind.CARRIER)
    content = answer_file(world, [(code, "成功") for code in references(batch)])
    send = {"file_name": "a.csv", "content": content, "now": world.now}

    with pytest.raises(WrongState):
        import_results(batch_id=batch, actor=world.operator, **send)
    with pytest.raises(NotFound):
        import_results(batch_id="payout_none", actor=world.operator, **send)
    for who in ("treasurer", "auditor", "clerk"):
        with pytest.raises(NotAllowed):
            import_results(batch_id=batch, actor=world.person(who), **send)

    assert item_states(batch) == {ItemState.IN_TRANSIT}


def test_custody_explains_every_fen_between_ledger_and_bank(world):
    earn(world)
    batch = exported(world)
    all_paid(world, batch)

    with db.database().reading() as tx:
        page = custody(tx, world.operator)
        balances = by_kind(tx)

    assert page.ours == balances[K.CUSTODY] == ZERO
    assert dict(page.explained) == {
        Explanation.PAID_UNSEEN: yuan("-2380.00"),
        Explanation.OPENING: yuan("-1000000.00"),
    }
    assert page.rest == ZERO
    assert page.in_transit == ()


def test_custody_lists_what_is_in_transit_with_names_masked_for_the_auditor(world):
    earn(world)
    approved(world, PayoutKind.HOUSEHOLD)

    with db.database().reading() as tx:
        names = {row.payee for row in custody(tx, world.treasurer).in_transit}
        masked = {row.payee for row in custody(tx, world.auditor).in_transit}
        lines = tx.execute(select(func.count()).select_from(BankLine)).scalar_one()

    assert names == {"张桂兰", "李长根"}
    assert masked == {"张**", "李**"}
    assert lines == 1


def test_a_statement_is_refused_when_an_item_it_shows_failed_meanwhile(world):
    earn(world)
    batch = exported(world, PayoutKind.CARRIER)
    (item,) = items(batch)
    answered(world, batch, [(item.reference, "失败")])

    with db.database().writing() as tx, pytest.raises(OutcomeChanged):
        confirm_outgoing(tx, {item.id: 1}, world.operator, world.now)

    assert item_states(batch) == {ItemState.FAILED}
    books_are_right()


def test_a_payment_the_bank_is_working_at_keeps_its_payee_out_of_the_next_batch(world):
    earn(world)
    batch = exported(world, PayoutKind.CARRIER)
    answered(world, batch, [(items(batch)[0].reference, "处理中")])
    more = world.approved(2)
    world.paid(more, serial="M")
    world.accepted(more)

    with pytest.raises(NothingToPay):
        drafted(world, PayoutKind.CARRIER)

    with db.database().reading() as tx:
        left_out = owed_now(tx, world.operator).left_out
    assert {row.obstacle for row in left_out if row.kind is PayoutKind.CARRIER} == {
        Obstacle.IN_FLIGHT
    }
    books_are_right()
