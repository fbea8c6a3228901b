"""Runs of some lots, large runs in steps, and what wants a look before it is approved."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update

from orders.settlements import booking
from orders.settlements.commands import DaysTurned, NothingToSettle, approve_run, draft_run
from orders.settlements.line_queries import lines_of_lot, odd_lines
from orders.settlements.models import SettlementItem, SettlementLot, SettlementRun
from orders.settlements.queries import run_page
from orders.settlements.states import LotState, RunState
from orders.shipments.returning import return_goods
from products.lots.freezing import freeze as freeze_lots
from products.lots.models import Lot
from products.lots.states import FreezeCause
from shop.core import clock, db
from shop.core.errors import NotFound
from shop.core.money import ZERO, total, yuan
from shop.jobs import queue
from shop.jobs.models import Job, JobState
from shop.organisations.models import PayeeAccount
from tests.world import World


def sold(world: World, units: int = 4, **leaf: int) -> tuple[str, str, str]:
    """A packed lot sold out to the union, accepted and paid: lot, purchase, acceptance."""
    lot = world.tins(units, leaf=leaf or None)
    purchase = world.approved(units)
    world.paid(purchase)
    return lot, purchase, world.accepted(purchase)


def drafted(world: World, **scope: object) -> str:
    return draft_run(**{"cooperative_id": None, **scope}, actor=world.operator, now=world.now)


def approved(world: World, run: str) -> None:
    seen = world._one(select(SettlementRun.seen_hash).where(SettlementRun.public_id == run))
    approve_run(run_id=run, seen_hash=seen, actor=world.treasurer, now=world.now)


def states(world: World, run: str) -> dict[str, LotState]:
    with db.database().reading() as tx:
        return dict(
            tx.execute(
                select(Lot.public_id, SettlementLot.state)
                .join(SettlementLot, SettlementLot.lot_id == Lot.id)
                .join(SettlementRun, SettlementRun.id == SettlementLot.run_id)
                .where(SettlementRun.public_id == run)
            ).all()
        )


def key_of(world: World, run: str) -> int:
    return world._one(select(SettlementRun.id).where(SettlementRun.public_id == run))


# --- which lots -------------------------------------------------------------------------------


def test_a_run_of_one_purchase_settles_the_lots_it_got_goods_from_whole(world):
    first, purchase, _ = sold(world)
    second, _, _ = sold(world)
    number = world._one(text(f"SELECT number FROM purchase WHERE public_id = '{purchase}'"))

    run = drafted(world, purchase=f" {number} ")
    approved(world, run)

    assert states(world, run) == {first: LotState.POSTED}
    rest = drafted(world)
    assert set(states(world, rest)) == {second}
    with pytest.raises(NotFound):
        drafted(world, purchase="CG-0")


def test_a_run_of_some_days_settles_what_was_packed_on_them(world):
    early, _, _ = sold(world)
    day = clock.day_of(world.now)
    world.now += timedelta(days=3)
    late, _, _ = sold(world)

    assert set(states(world, drafted(world, packed_to=day))) == {early}
    assert set(states(world, drafted(world, packed_from=day + timedelta(days=1)))) == {late}
    assert set(states(world, drafted(world, packed_from=day, packed_to=day))) == {early}
    with pytest.raises(NothingToSettle):
        drafted(world, packed_to=day - timedelta(days=1))
    with pytest.raises(DaysTurned):
        drafted(world, packed_from=date(2026, 5, 2), packed_to=date(2026, 5, 1))


# --- in steps ---------------------------------------------------------------------------------


@pytest.fixture
def one_lot_at_once(monkeypatch):
    monkeypatch.setattr(booking, "LOTS_AT_ONCE", 1)


def test_a_large_run_is_posted_by_a_job_lot_by_lot(world, one_lot_at_once):
    for _ in range(3):
        sold(world)
    run = drafted(world)

    approved(world, run)
    assert set(states(world, run).values()) == {LotState.PENDING}
    with db.database().reading() as tx:
        page = run_page(tx, run, world.operator)
        assert (page.row.state, page.done, page.to_do) == (RunState.POSTING, 0, 3)
    queue.run_waiting(lambda: world.now)

    assert set(states(world, run).values()) == {LotState.POSTED}
    with db.database().reading() as tx:
        page = run_page(tx, run, world.operator)
    assert (page.row.state, page.differences) == (RunState.POSTED, 0)
    assert page.sums.change == page.row.total
    assert world.findings() == []
    with pytest.raises(NothingToSettle):
        drafted(world)


def test_a_job_that_dies_between_lots_goes_on_behind_the_last_one_posted(
    world, one_lot_at_once, monkeypatch
):
    for _ in range(3):
        sold(world)
    whole = drafted(world)
    steps, real = [], booking._post_plain

    def dying(tx, run, first, last, **more):
        real(tx, run, first, last, **more)
        steps.append(first)
        if len(steps) == 2:
            raise KeyboardInterrupt  # as near to a kill as a test in one process comes

    monkeypatch.setattr(booking, "_post_plain", dying)
    approved(world, whole)
    with pytest.raises(KeyboardInterrupt):
        queue.run_waiting(lambda: world.now)
    assert sorted(states(world, whole).values(), key=str).count(LotState.POSTED) == 1
    assert world.findings() == []

    world.now += timedelta(minutes=3)  # its lease has run out
    queue.run_waiting(lambda: world.now)

    assert steps == [steps[0], steps[1], steps[1], steps[3]]
    assert set(states(world, whole).values()) == {LotState.POSTED}
    assert world._one(select(Job.state)) is JobState.DONE
    assert world.findings() == []


def test_a_lot_that_changes_before_its_turn_is_left_out_and_waits_for_the_next_run(
    world, one_lot_at_once
):
    kept, _, _ = sold(world)
    changed, _, acceptance = sold(world)
    run = drafted(world)
    approved(world, run)
    return_goods(
        acceptance_id=acceptance,
        lines=((world.accepted_lines(acceptance)[0], 1),),
        reason="破损",
        actor=world.clerk,
        now=world.now,
    )
    queue.run_waiting(lambda: world.now)

    assert states(world, run) == {kept: LotState.POSTED, changed: LotState.LEFT_OUT}
    assert world.findings() == []
    assert set(states(world, drafted(world))) == {changed}


def test_a_frozen_lot_is_left_out_too(world, one_lot_at_once):
    lot, _, _ = sold(world)
    sold(world)
    run = drafted(world)
    approved(world, run)
    freeze(world, lot)
    queue.run_waiting(lambda: world.now)

    assert states(world, run)[lot] is LotState.LEFT_OUT


def freeze(world: World, lot: str) -> None:
    with db.database().writing() as tx:
        key = tx.execute(select(Lot.id).where(Lot.public_id == lot)).scalar_one()
        freeze_lots(
            tx,
            [key],
            cause=FreezeCause.DISPUTE,
            about="dispute_x",
            reason="来源有争议",
            actor=world.operator,
            now=world.now,
        )


# --- a fall -----------------------------------------------------------------------------------


def test_what_rises_in_one_lot_is_there_for_what_falls_in_another_of_the_same_run(world):
    _lot, _, acceptance = sold(world, 4, 张桂兰=1)
    world.settle()
    world.bank_answers(world.pay_out())
    return_goods(
        acceptance_id=acceptance,
        lines=((world.accepted_lines(acceptance)[0], 1),),
        reason="破损",
        actor=world.clerk,
        now=world.now,
    )
    sold(world, 4, 张桂兰=1)

    world.settle()

    # 142.80 less of the first lot, 571.20 − 100 of leaf more of the second: nothing is covered.
    assert world.payable("张桂兰") == yuan("471.20") - yuan("142.80")
    assert set(world._all(select(SettlementItem.covered))) == {ZERO}
    assert world.findings() == []


def sum_of(lines):
    return total([line.change for line in lines])


# --- what wants a look ------------------------------------------------------------------------


def test_cards_that_are_missing_or_new_falls_and_large_sums_come_first(world):
    _, _, acceptance = sold(world)
    world.settle()
    return_goods(
        acceptance_id=acceptance,
        lines=((world.accepted_lines(acceptance)[0], 2),),
        reason="破损",
        actor=world.clerk,
        now=world.now,
    )
    lot, _, _ = sold(world, 12, 张桂兰=1, 黄水生=11)
    with db.database().writing() as tx:
        key = world.household_key("黄水生")
        tx.execute(update(PayeeAccount).where(PayeeAccount.payee_id == key).values(state="refused"))
    run = drafted(world)

    with db.database().reading() as tx:
        found = odd_lines(tx, key_of(world, run), world.operator)
        _run, _lot, lines = lines_of_lot(tx, run, lot, world.operator)

    odd = {
        group.odd: {line.household for line in group.lines if group.odd in line.odd}
        for group in found.groups
    }
    assert odd == {"no_card": {"黄水生"}, "falls": {"张桂兰", "李长根"}}
    assert [group.count for group in found.groups] == [1, 2]
    assert [group.change for group in found.groups] == [
        sum_of(group.lines) for group in found.groups
    ]
    assert {line.household for line in lines} == {"张桂兰", "黄水生"}
    assert sum(line.change.fen for line in lines) == yuan("1713.60").fen


def test_disputed_lots_are_named_with_what_waits_in_them(client, world):
    lot, _, _ = sold(world)
    sold(world)
    freeze(world, lot)
    run = drafted(world)

    with db.database().reading() as tx:
        (waiting,) = odd_lines(tx, key_of(world, run), world.operator).waiting
    page = client.as_(world.treasurer).get(f"/platform/settlements/{run}")

    assert (waiting.lot_id, waiting.cause, waiting.change) == (
        lot,
        FreezeCause.DISPUTE,
        yuan("571.20"),
    )
    assert "来源有争议" in page.text


def test_each_lot_of_a_run_has_its_page_before_and_after_it_is_posted(client, world):
    lot, _, _ = sold(world)
    run = drafted(world)
    address = f"/platform/settlements/{run}/lots/{lot}"

    before = client.as_(world.treasurer).get(address)
    approved(world, run)
    after = client.get(address)

    for page in (before, after):
        assert page.status_code == 200
        assert "张桂兰" in page.text
        assert "¥285.60" in page.text
    assert client.get(f"/platform/settlements/{run}/lots/lot_none").status_code == 404
    assert client.as_(world.clerk).get(address).status_code == 403
