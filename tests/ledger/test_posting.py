"""Posting: an event once, nothing overdrawn, corrections only by one reversal."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from orders.ledger import posting
from orders.ledger.models import Journal
from orders.ledger.states import DEBIT_NORMAL, AccountKind, JournalKind
from shop.core import db
from shop.core.actors import CLOCK
from shop.core.money import ZERO, Money, total
from tests.ledger.journals import CUSTODY, FEE, SUSPENSE, journals, lies_in, moved, posted
from tests.world import NOW


def reversed_(journal_id: int) -> None:
    with db.database().writing() as tx:
        posting.reverse(tx, journal_id, reason="记错", actor=CLOCK, now=NOW)


def test_a_posting_moves_its_amount_from_one_account_to_the_other(database):
    posted(1, Money(1234))

    assert lies_in(CUSTODY) == lies_in(SUSPENSE) == Money(1234)


def test_an_event_that_moves_nothing_leaves_no_journal(database):
    assert posted(1, ZERO) is None
    assert journals() == 0


def test_the_same_event_is_not_posted_twice(database):
    posted(1)

    with pytest.raises(posting.AlreadyPosted):
        posted(1)
    with pytest.raises(AssertionError, match="other content"):
        posted(1, Money(999))

    assert lies_in(CUSTODY) == Money(500)
    assert journals() == 1


def test_more_than_lies_in_an_account_is_not_taken_from_it(database):
    posted(1)

    with pytest.raises(posting.Overdrawn) as refusal:
        moved(SUSPENSE, CUSTODY, Money(501), key="out")

    assert refusal.value.facts == {"account": "待认领款", "missing": "0.01"}
    assert lies_in(SUSPENSE) == Money(500)
    assert journals() == 1


def test_all_that_lies_in_an_account_may_be_taken_from_it(database):
    posted(1)

    moved(SUSPENSE, CUSTODY, Money(500), key="out")

    assert lies_in(SUSPENSE) == ZERO


def test_an_account_that_grows_on_the_debit_side_is_not_overdrawn_either(database):
    with pytest.raises(posting.Overdrawn):
        moved(SUSPENSE, FEE, Money(1), key="out")

    assert journals() == 0


def test_the_pool_of_a_lot_may_go_below_zero(database):
    moved((AccountKind.LOT_POOL, 1), (AccountKind.COOPERATIVE_PAYABLE, 1), Money(5), key="return")

    assert lies_in((AccountKind.LOT_POOL, 1)) == Money(-5)


def test_a_reversal_takes_everything_back_and_names_what_it_reverses(database):
    journal = posted(1)

    reversed_(journal)

    assert lies_in(CUSTODY) == lies_in(SUSPENSE) == ZERO
    with database.reading() as tx:
        kind, reverses = tx.execute(
            select(Journal.kind, Journal.reverses_id).order_by(Journal.id.desc()).limit(1)
        ).one()
    assert (kind, reverses) == (JournalKind.REVERSAL, journal)


def test_a_journal_is_reversed_once(database):
    journal = posted(1)
    posted(2)
    reversed_(journal)

    with pytest.raises(posting.AlreadyPosted):
        reversed_(journal)

    assert lies_in(SUSPENSE) == Money(500)


def test_the_database_itself_knows_a_journal_reversed_once(database):
    journal = posted(1)
    posted(2)
    reversed_(journal)

    with pytest.raises(DBAPIError):
        again_by_another_name(journal)


def again_by_another_name(journal_id: int) -> None:
    with db.database().writing() as tx:
        draft = posting.Draft()
        draft.move(SUSPENSE, CUSTODY, Money(500))
        posting.write(
            tx,
            draft,
            JournalKind.REVERSAL,
            event_key="by another name",
            about="bankline_test",
            actor=CLOCK,
            now=NOW,
            effective_at=NOW,
            reverses_id=journal_id,
        )


def test_a_reversal_does_not_take_back_money_that_has_moved_on(database):
    journal = posted(1)
    moved(SUSPENSE, CUSTODY, Money(300), key="out")

    with pytest.raises(posting.Overdrawn):
        reversed_(journal)

    assert lies_in(SUSPENSE) == Money(200)


@pytest.mark.race
def test_of_two_who_take_the_last_money_at_once_one_gets_it(database):
    posted(1)
    answers = at_once(
        lambda: moved(SUSPENSE, CUSTODY, Money(500), key="first"),
        lambda: moved(SUSPENSE, CUSTODY, Money(500), key="second"),
    )

    assert sorted(answers) == ["Overdrawn", "done"]
    assert lies_in(SUSPENSE) == ZERO


@pytest.mark.race
def test_of_two_who_post_one_event_at_once_one_does(database):
    posted(1)
    answers = at_once(lambda: posted(2), lambda: posted(2), lambda: posted(2))

    assert answers.count("done") == 1
    assert lies_in(SUSPENSE) == Money(1000)


def at_once(*acts) -> list[str]:
    """Do all at the same moment; what became of each: done, or the name of what it raised."""
    start, answers = threading.Barrier(len(acts)), []

    def run(act) -> None:
        start.wait()
        try:
            act()
            answers.append("done")
        except (posting.Overdrawn, posting.AlreadyPosted, DBAPIError) as no:
            answers.append(type(no).__name__)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == len(acts)
    return answers


PARTS = st.lists(st.integers(0, 1000), min_size=1, max_size=6)


@given(PARTS, PARTS)
def test_spreading_empties_every_debit_and_fills_every_credit(sources, targets):
    whole = min(sum(sources), sum(targets))
    debits, credits = _cut(sources, whole), _cut(targets, whole)
    draft = posting.Draft()

    draft.spread(
        [((AccountKind.ESCROW, key), Money(fen)) for key, fen in enumerate(debits)],
        [((AccountKind.LOT_POOL, key), Money(fen)) for key, fen in enumerate(credits)],
    )

    for key, fen in enumerate(debits):
        assert total([m for d, _c, m in draft.transfers if d[1] == key]) == Money(fen)
    for key, fen in enumerate(credits):
        assert total([m for _d, c, m in draft.transfers if c[1] == key]) == Money(fen)
    assert all(amount > ZERO for _debit, _credit, amount in draft.transfers)


def _cut(parts: list[int], whole: int) -> list[int]:
    """The parts cut short so that they sum to `whole`."""
    kept = []
    for part in parts:
        kept.append(min(part, whole))
        whole -= kept[-1]
    return kept


def test_every_kind_of_account_is_debit_or_credit_normal_as_the_rules_say():
    assert {kind.value for kind in DEBIT_NORMAL} == {
        "custody",
        "provider_receivable",
        "buyer_receivable",
        "due_from_cooperative",
        "bank_fee",
    }
