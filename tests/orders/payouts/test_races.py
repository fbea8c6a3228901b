"""Two people at the same time: a file is booked once, a batch approved once, an item left once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from orders.ledger.states import AccountKind as K
from orders.payments.commands import import_statement
from orders.payments.formats.sheets import FileRefused
from orders.payments.matching import match_line
from orders.payments.models import BankLine, BankStatement
from orders.payouts.commands import approve_batch, draft_batch, import_results, withdraw_batch
from orders.payouts.models import PayoutBatch
from orders.payouts.states import BatchState, PayoutKind
from shop.core import db
from shop.core.errors import Refusal
from shop.core.money import ZERO, yuan
from tests.orders.payments.test_importing import bring
from tests.orders.payments.test_matching import lines_of
from tests.orders.payouts.stories import (
    answer_file,
    batch_state,
    books_are_right,
    drafted,
    earn,
    exported,
    items,
    seen,
)
from tests.orders.payouts.test_batches import count, sums

pytestmark = pytest.mark.race


def at_once(*works):
    """Run all at the same moment; what each raised, None for success."""
    gate = threading.Barrier(len(works))
    ends: list[Exception | None] = [None] * len(works)

    def run(place, work):
        gate.wait()
        try:
            work()
        except Exception as error:
            ends[place] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    unexpected = [end for end in ends if end is not None and not isinstance(end, Refusal)]
    assert not unexpected, unexpected
    return ends


def test_one_file_imported_by_six_at_once_is_booked_once(world):
    content = world.statement_file(("100.00", "一"), ("200.00", "二"))
    operator = world.operator

    def work():
        import_statement(file_name="a.csv", content=content, actor=operator, now=world.now)

    ends = at_once(*[work] * 6)

    assert sum(end is None for end in ends) == 1
    assert all(isinstance(end, FileRefused) for end in ends if end is not None)
    assert count(BankStatement) == 1
    assert world.balance(K.CUSTODY) == yuan("300.00")
    books_are_right()


def test_of_files_that_overlap_imported_at_once_every_line_is_booked_once(world):
    operator = world.operator
    files = [
        world.statement_file(("100.00", "一"), *[("5.00", "二")] * extra) for extra in range(1, 5)
    ]

    def importing(content):
        return lambda: import_statement(
            file_name="a.csv", content=content, actor=operator, now=world.now
        )

    ends = at_once(*[importing(content) for content in files])

    assert all(isinstance(end, FileRefused) for end in ends if end is not None)
    assert count(BankStatement) == sum(end is None for end in ends) >= 1
    assert count(BankLine) == 1 + 4
    assert world.balance(K.CUSTODY) == yuan("120.00")
    books_are_right()


def test_one_line_matched_at_once_never_gives_more_than_it_holds(world):
    world.tins(40)
    first, second = world.approved(10), world.approved(10)
    (held,) = lines_of(bring(world, ("2380.00", "无码")))
    operator = world.operator

    def matching(purchase):
        return lambda: match_line(
            line_id=held,
            purchase_id=purchase,
            amount=yuan("2000.00"),
            actor=operator,
            now=world.now,
        )

    ends = at_once(matching(first), matching(second), matching(first))

    assert sum(end is None for end in ends) == 1
    assert sums()[K.SUSPENSE] == yuan("380.00")
    books_are_right()


def test_drafting_at_once_puts_nobody_in_two_batches(world):
    earn(world)
    operator = world.operator

    def work():
        draft_batch(kinds=tuple(PayoutKind), actor=operator, now=world.now)

    ends = at_once(work, work, work, work)

    assert sum(end is None for end in ends) == 1
    assert count(PayoutBatch) == 1


#: A payee's item, as eight people write it who all saw the same money owed.
_ITEM = """
    INSERT INTO payout_item (public_id, reference, batch_id, position, kind, state, payee_id,
      account_id, holder, number_last4, number_digest, bank, cnaps, amount_fen, purpose,
      flags, reason)
    SELECT :id, :reference, batch_id, 100 + :place, kind, 'draft', payee_id, account_id, holder,
      number_last4, number_digest, bank, cnaps, amount_fen, purpose, '', ''
    FROM payout_item WHERE position = 1
"""


def rush(world) -> int:
    """Eight threads write a draft item of one payee, none of whose is in flight; how many did."""
    batch = drafted(world, PayoutKind.CARRIER)
    withdraw_batch(batch_id=batch, reason="race", actor=world.operator, now=world.now)
    written = []

    def work(place):
        said = {"id": f"pay_race{place}", "reference": f"RACE{place:05d}", "place": place}
        try:
            with db.database().writing() as tx:
                tx.execute(text(_ITEM), said)
        except IntegrityError:
            return
        written.append(place)

    at_once(*[lambda place=place: work(place) for place in range(8)])
    return len(written)


def test_eight_at_once_put_one_item_of_a_payee_in_flight(world):
    earn(world)

    assert rush(world) == 1


def test_without_the_index_eight_at_once_would_pay_eight_times(world):
    earn(world)
    with db.database().writing() as tx:
        tx.execute(text("DROP INDEX uq_payout_item_in_flight"))

    assert rush(world) == 8


def test_a_batch_approved_at_once_is_posted_once(world):
    earn(world)
    batch = drafted(world)
    right, treasurer = seen(batch), world.treasurer

    def work():
        approve_batch(batch_id=batch, seen_hash=right, actor=treasurer, now=world.now)

    ends = at_once(work, work, work)

    assert sum(end is None for end in ends) == 1
    assert sums()[K.PAYOUT_IN_TRANSIT] == yuan("1904.00")
    books_are_right()


def test_answer_and_statement_at_once_let_the_money_leave_once(world):
    earn(world)
    batch = exported(world)
    operator = world.operator
    paid = answer_file(world, [(item.reference, "成功") for item in items(batch)])
    shown = world.statement_file(
        *[(f"-{item.amount}", item.reference) for item in items(batch)], serial="D"
    )

    ends = at_once(
        lambda: import_results(
            batch_id=batch, file_name="r.csv", content=paid, actor=operator, now=world.now
        ),
        lambda: import_statement(file_name="s.csv", content=shown, actor=operator, now=world.now),
    )

    assert ends == [None, None]
    assert batch_state(batch) is BatchState.CLOSED
    assert sums()[K.CUSTODY] == ZERO
    books_are_right()
