"""Every fen of an order's households' part, followed to its end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.closing import following, proof
from orders.closing.following import Part, parts_of, settled_spans
from orders.documents.rules import Backer
from orders.ledger.states import AccountKind as K
from shop.core.errors import NotAllowed
from shop.core.money import ZERO, Money, total, yuan
from tests.orders.closing.stories import read
from tests.orders.test_worked_example import A, B, C, Story
from tests.world import World

HOUSEHOLDS = (A, B, C)


def follow(world: World, purchase: str):
    found = read(proof.of_order, world.orders(purchase)[0], world.auditor)
    parts = read(following.followed, found, world.auditor)
    assert parts.rest == found.rest == ZERO
    return parts


def in_ledger(story: Story):
    """What lies in the pool, and what is owed to and on its way to households."""
    world = story.world
    owed = total([world.payable(name) for name in HOUSEHOLDS])
    return world.balance(K.LOT_POOL, story.lot), owed


def test_every_fen_of_the_worked_example_is_followed_to_its_end(world, client):
    story = Story(world)

    def seen():
        orders = [follow(world, purchase) for purchase in (story.first, story.second) if purchase]
        pool, owed = in_ledger(story)
        assert total([one.in_pool + one.unpaid for one in orders]) == pool
        assert total([one.settled.payable for one in orders]) == owed
        return [(one.settled, one.in_pool, one.unpaid) for one in orders]

    story.tins_are_packed()
    story.first_union_orders_and_pays()
    assert seen() == [(Part(), ZERO, ZERO)]
    story.first_union_accepts_28()
    assert seen() == [(Part(), yuan("3998.40"), ZERO)]
    story.settle()
    first = Part(yuan("3243.84"), payable=yuan("754.56"))
    assert seen() == [(first, ZERO, ZERO)]
    story.second_union_accepts_12()
    assert seen()[1] == (Part(), ZERO, yuan("1713.60"))
    story.second_union_pays()
    assert seen()[1] == (Part(), yuan("1713.60"), ZERO)
    story.settle()
    second = Part(yuan("926.16"), payable=yuan("787.44"))
    assert seen() == [(first, ZERO, ZERO), (second, ZERO, ZERO)]
    story.payout_with_c_refused()
    assert seen()[1][0] == Part(yuan("926.16"), paid=yuan("464.05"), payable=yuan("323.39"))
    story.c_is_corrected_and_paid()
    assert seen()[0][0] == Part(yuan("3243.84"), paid=yuan("754.56"))
    story.second_union_returns_3()
    assert seen()[1] == (
        Part(yuan("926.16"), paid=yuan("787.44")),
        yuan("-428.40"),
        ZERO,
    )
    story.settle()
    # The cooperative covers it: what households keep of it is no order's money.
    assert seen()[1] == (Part(yuan("926.16"), paid=yuan("359.04")), ZERO, ZERO)

    order = world.orders(story.second)[0]
    page = client.as_(world.auditor).get(f"/platform/books/proof/orders/{order}")
    assert "每一分都有去处" in page.text
    assert "黄**" in page.text
    assert "黄水生" not in page.text
    assert world.household(C) in page.text
    told = client.get(f"/platform/books/proof/orders/{order}?as=json").json
    assert told["lots"][0]["settled_fen"]["paid"] == 35904
    assert told["lots"][0]["households_fen"] == told["places_fen"]["households"] == 128520
    purchase = client.get(f"/purchases/{story.second}")
    assert f"/platform/books/proof/orders/{order}" in purchase.text
    found = read(proof.of_order, order, world.auditor)
    with pytest.raises(NotAllowed):
        read(following.followed, found, world.clerk)


def test_what_is_on_its_way_is_told_from_what_has_arrived(april):
    """The month's order was settled to one household on consignment and to the gate."""
    purchase = april.approved(1)
    april.paid(purchase, serial="Q")
    april.accepted(purchase)
    april.settle()
    batch = april.pay_out()
    before = follow(april, purchase).settled

    april.bank_answers(batch)
    after = follow(april, purchase).settled

    assert before.in_transit == after.paid
    assert (before.set_off, before.paid, after.in_transit) == (after.set_off, ZERO, ZERO)


CHANGES = st.lists(st.tuples(st.integers(-300, 1000), st.integers(0, 2)), max_size=8)


@given(CHANGES, st.integers(0, 3000), st.lists(st.integers(0, 50), min_size=1, max_size=4))
def test_the_orders_of_a_lot_share_what_was_settled_of_it_without_a_rest(changes, settled, gates):
    events, stands = [], 0
    for fen, order in changes:
        change = max(fen, -stands)
        stands += change
        events.append((Money(change), order))
    reached = min(
        settled, max([0, *(sum(e[0].fen for e in events[: n + 1]) for n in range(len(events)))])
    )
    backers = [Backer(n, 10 + n, Money(gate)) for n, gate in enumerate(gates)]
    gone = {n: (Money(20 * n), Money(50 * n)) for n in range(len(gates))}

    whole, waits = [], ZERO
    for order in range(3):
        mine = [(amount, of == order) for amount, of in events]
        spans, waiting = settled_spans(mine, Money(settled))
        parts = parts_of(spans, backers, gone)
        took = total([amount for amount, of in events if of == order])
        assert following.together(parts).whole + waiting == took
        whole += parts
        waits += waiting

    everything = parts_of([following.Span(ZERO, Money(reached))], backers, gone)
    assert following.together(whole) == following.together(everything)
    assert waits == Money(stands - reached)
