"""Batches: drafted by one, approved by another, exported once and for all."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from orders.ledger.models import Journal
from orders.ledger.states import AccountKind as K
from orders.payouts.commands import (
    AccountsChanged,
    ChangedSinceApproval,
    ChangedSinceSeen,
    LessIsOwed,
    NothingToPay,
    approve_batch,
    draft_batch,
    export_batch,
    take_file,
    withdraw_batch,
)
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.owing import owed_now
from orders.payouts.queries import batch as batch_page
from orders.payouts.rules import Obstacle
from orders.payouts.standing import by_kind
from orders.payouts.states import BatchState, ItemState, PayoutKind
from shop.core import db
from shop.core.audit import AuditEntry
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.core.money import ZERO, total, yuan
from tests.orders.payouts.stories import (
    approved,
    batch_state,
    books_are_right,
    drafted,
    earn,
    exported,
    item_states,
    items,
    rows_of,
    seen,
)


def sums():
    with db.database().reading() as tx:
        return by_kind(tx)


def count(model):
    with db.database().reading() as tx:
        return tx.execute(select(func.count()).select_from(model)).scalar_one()


def test_a_batch_holds_everybody_who_is_owed_and_has_an_account(world):
    earn(world)

    batch = drafted(world)

    found = items(batch)
    assert [item.kind for item in found] == [
        PayoutKind.HOUSEHOLD,
        PayoutKind.HOUSEHOLD,
        PayoutKind.COOPERATIVE,
        PayoutKind.CARRIER,
        PayoutKind.REFUND,
    ]
    assert found[-1].amount == yuan("476.00")
    assert found[-1].number_last4 == "1234"
    assert total([item.amount for item in found]) == yuan("2380.00")
    assert item_states(batch) == {ItemState.DRAFT}
    assert world.payable("张桂兰") > ZERO
    books_are_right()


def test_only_the_chosen_kinds_are_drafted(world):
    earn(world)

    batch = drafted(world, PayoutKind.CARRIER)

    assert [item.kind for item in items(batch)] == [PayoutKind.CARRIER]


def test_nothing_owed_makes_no_batch(world):
    with pytest.raises(NothingToPay):
        drafted(world)

    assert count(PayoutBatch) == 0


def test_who_is_in_flight_is_left_out_of_the_next_batch(world):
    earn(world)
    drafted(world)

    with pytest.raises(NothingToPay):
        drafted(world)
    with db.database().reading() as tx:
        page = owed_now(tx, world.operator)
    assert page.sums == ()
    assert {row.obstacle for row in page.left_out} == {Obstacle.IN_FLIGHT}


def test_whose_card_is_missing_is_an_exception_and_stays_owed(world):
    earn(world)
    from shop.organisations.models import PayeeAccount, PayeeKind

    with db.database().writing() as tx:
        tx.query(PayeeAccount).filter_by(
            payee_kind=PayeeKind.HOUSEHOLD, payee_id=world.household_key("李长根")
        ).delete()
    with db.database().reading() as tx:
        page = owed_now(tx, world.operator)
    assert [(row.name, row.obstacle) for row in page.left_out] == [("李长根", Obstacle.NO_ACCOUNT)]

    batch = drafted(world, PayoutKind.HOUSEHOLD)

    assert [item.holder for item in items(batch)] == ["张桂兰"]
    assert world.payable("李长根") > ZERO


def test_a_second_person_approves_and_money_is_in_transit(world):
    earn(world)

    batch = approved(world)

    assert item_states(batch) == {ItemState.IN_TRANSIT}
    assert world.payable("张桂兰") == ZERO
    assert sums()[K.PAYOUT_IN_TRANSIT] == yuan("1904.00")
    assert sums()[K.REFUND_IN_TRANSIT] == yuan("476.00")
    books_are_right()


def test_who_drafted_may_not_approve(world):
    earn(world)
    batch = drafted(world)
    from shop.core.permissions import Role
    from shop.organisations.commands import grant_role

    grant_role(
        user_id=world.operator.key,
        organisation_id=world.organisation("PT"),
        role=Role.TREASURER,
        actor=world.treasurer,
        now=world.now,
    )
    world.person.cache_clear()

    with pytest.raises(SamePerson):
        approve_batch(batch_id=batch, seen_hash=seen(batch), actor=world.operator, now=world.now)

    assert sums()[K.PAYOUT_IN_TRANSIT] == ZERO


def test_approval_is_bound_to_what_was_seen(world):
    earn(world)
    batch = drafted(world)

    with pytest.raises(ChangedSinceSeen):
        approve_batch(batch_id=batch, seen_hash="f" * 64, actor=world.treasurer, now=world.now)
    right = seen(batch)
    with db.database().writing() as tx:
        tx.execute(update(PayoutItem).where(PayoutItem.position == 1).values(holder="别人"))
    with pytest.raises(ChangedSinceSeen):
        approve_batch(batch_id=batch, seen_hash=right, actor=world.treasurer, now=world.now)

    assert batch_state(batch) is BatchState.DRAFT
    assert sums()[K.PAYOUT_IN_TRANSIT] == ZERO


def test_a_card_changed_after_the_draft_voids_it(world):
    earn(world)
    batch = drafted(world)
    world.new_card("张桂兰")

    with pytest.raises(AccountsChanged):
        approve_batch(batch_id=batch, seen_hash=seen(batch), actor=world.treasurer, now=world.now)

    assert sums()[K.PAYOUT_IN_TRANSIT] == ZERO


def test_a_card_changed_after_approval_voids_it_until_it_is_withdrawn(world):
    earn(world)
    batch = approved(world)
    world.new_card("张桂兰")

    with pytest.raises(AccountsChanged):
        export_batch(batch_id=batch, actor=world.operator, now=world.now)
    withdraw_batch(batch_id=batch, reason="换卡", actor=world.operator, now=world.now)

    assert sums()[K.PAYOUT_IN_TRANSIT] == ZERO
    assert world.payable("张桂兰") > ZERO
    assert item_states(batch) == {ItemState.WITHDRAWN}
    assert len(items(drafted(world))) == 5
    books_are_right()


def test_less_owed_than_drafted_voids_it(world):
    earn(world)
    batch = drafted(world, PayoutKind.CARRIER)
    right = seen(batch)
    from orders.ledger import posting
    from orders.ledger.states import JournalKind

    with (
        db.database().writing() as tx,
        posting.journal(
            tx,
            JournalKind.RETURN,
            event_key="test:less",
            about="test",
            actor=world.operator,
            now=world.now,
        ) as journal,
    ):
        carrier = (K.CARRIER_PAYABLE, world.organisation_key("YD"))
        journal.move(carrier, (K.PLATFORM_FEE, 0), yuan("0.01"))

    with pytest.raises(LessIsOwed):
        approve_batch(batch_id=batch, seen_hash=right, actor=world.treasurer, now=world.now)

    assert batch_state(batch) is BatchState.DRAFT


def test_a_draft_is_withdrawn_by_its_maker_or_sent_back_by_the_approver(world):
    earn(world)
    first = drafted(world)
    withdraw_batch(batch_id=first, reason="重做", actor=world.operator, now=world.now)
    second = drafted(world)

    withdraw_batch(batch_id=second, reason="金额不对", actor=world.treasurer, now=world.now)

    assert batch_state(first) is batch_state(second) is BatchState.WITHDRAWN
    assert world.payable("张桂兰") > ZERO
    books_are_right()


def test_withdrawing_needs_a_reason_a_role_and_a_batch_not_exported(world):
    earn(world)
    batch = drafted(world, PayoutKind.CARRIER)

    with pytest.raises(ReasonMissing):
        withdraw_batch(batch_id=batch, reason=" ", actor=world.operator, now=world.now)
    for who in ("auditor", "clerk", "manager", "stranger"):
        with pytest.raises(NotAllowed):
            withdraw_batch(batch_id=batch, reason="x", actor=world.person(who), now=world.now)
    with pytest.raises(NotFound):
        withdraw_batch(batch_id="payout_none", reason="x", actor=world.operator, now=world.now)
    gone = exported(world, PayoutKind.COOPERATIVE)
    with pytest.raises(WrongState):
        withdraw_batch(batch_id=gone, reason="x", actor=world.operator, now=world.now)

    assert batch_state(batch) is BatchState.DRAFT


def test_only_the_right_roles_draft_approve_and_export(world):
    earn(world)
    batch = drafted(world)

    for who in ("treasurer", "auditor", "clerk", "manager"):
        with pytest.raises(NotAllowed):
            draft_batch(kinds=(PayoutKind.CARRIER,), actor=world.person(who), now=world.now)
    for who in ("operator", "auditor", "clerk"):
        with pytest.raises(NotAllowed):
            approve_batch(
                batch_id=batch, seen_hash=seen(batch), actor=world.person(who), now=world.now
            )
    with pytest.raises(NotAllowed):
        take_file(batch_id=batch, actor=world.treasurer, now=world.now)
    with pytest.raises(WrongState):
        export_batch(batch_id=batch, actor=world.operator, now=world.now)
    with pytest.raises(WrongState):
        take_file(batch_id=batch, actor=world.operator, now=world.now)

    assert batch_state(batch) is BatchState.DRAFT


def test_approving_twice_posts_once(world):
    earn(world)
    batch = approved(world)
    before = count(Journal)

    with pytest.raises(WrongState):
        approve_batch(batch_id=batch, seen_hash=seen(batch), actor=world.treasurer, now=world.now)

    assert count(Journal) == before


def test_the_file_carries_whole_accounts_as_text_and_exact_amounts(world):
    earn(world)
    batch = exported(world)

    rows = rows_of(world, batch)

    assert list(rows[0]) == [
        "序号",
        "收款账号",
        "收款户名",
        "开户行",
        "联行号",
        "金额",
        "用途",
        "业务参考号",
    ]
    by_holder = {row["收款户名"]: row for row in rows}
    assert by_holder["张桂兰"]["收款账号"] == "6222021502000000001"
    assert by_holder["县直机关工会"]["金额"] == "476.00"
    assert [row["序号"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert sum(round(float(row["金额"]) * 100) for row in rows) == 238000


def test_the_file_is_the_same_every_time_and_each_fetch_is_written_down(world):
    earn(world)
    batch = exported(world)

    first = take_file(batch_id=batch, actor=world.operator, now=world.now)
    second = take_file(batch_id=batch, actor=world.operator, now=world.now)

    assert first == second
    with db.database().reading() as tx:
        looks = tx.execute(
            select(func.count()).where(AuditEntry.thing == batch, AuditEntry.action == "download")
        ).scalar_one()
    assert looks == 2


@pytest.mark.parametrize("column", ["amount", "holder", "account_id", "number_digest"])
def test_an_item_altered_after_approval_is_not_exported(world, column):
    earn(world)
    batch = approved(world)
    first, second = items(batch)[:2]
    values = {"amount": yuan("9999.00"), "holder": "别人"}
    value = values.get(column, getattr(second, column))
    with db.database().writing() as tx:
        tx.execute(update(PayoutItem).where(PayoutItem.id == first.id).values({column: value}))

    with pytest.raises(ChangedSinceApproval):
        export_batch(batch_id=batch, actor=world.operator, now=world.now)

    assert batch_state(batch) is BatchState.APPROVED


def test_account_numbers_are_not_kept_with_the_item(world):
    earn(world)
    batch = drafted(world)

    assert all(len(item.number_digest) == 64 for item in items(batch))
    assert all("62220215" not in str(vars(item)) for item in items(batch))


def test_the_page_shows_names_to_who_works_and_masks_them_for_who_reads(world):
    earn(world)
    batch = drafted(world)

    with db.database().reading() as tx:
        works = batch_page(tx, batch, world.treasurer)
        reads = batch_page(tx, batch, world.auditor)

    assert "张桂兰" in {row.payee for row in works.items}
    assert works.may_approve
    assert "张**" in {row.payee for row in reads.items}
    assert "张桂兰" not in {row.payee for row in reads.items}
    assert not reads.may_approve
    assert not reads.may_withdraw
