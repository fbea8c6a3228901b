"""The cart: what goes in, what changes, what is merged, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from orders.purchasing import cart
from orders.purchasing.cart_owners import owner_of
from orders.purchasing.cart_queries import (
    Cart,
    Trouble,
    budgets_for,
    cart_from,
    cart_of,
    cart_size,
)
from orders.purchasing.models import CartLine
from orders.purchasing.placing import NotOnSale
from products.catalogue.models import Product
from products.catalogue.rules import Composition
from products.lots.stock import SoldOut
from shop.core import db
from shop.core.actors import VISITOR
from shop.core.errors import NotAllowed, NotFound
from shop.core.money import ZERO, yuan
from shop.organisations.models import Organisation
from shop.organisations.queries import OrganisationRow, row_of
from tests.prices import priced
from tests.world import DAY, NOW, TIN, World

LADDER = ((10, yuan("230.00")), (20, yuan("220.00")))


@pytest.fixture
def stocked(world: World) -> World:
    """Thirty tins on sale with a ladder."""
    world.tins(30)
    priced(world.tin, DAY - timedelta(days=1), TIN, steps=LADDER)
    return world


def own(world: World, who: str = "member") -> Cart:
    actor = world.person(who)
    with db.database().reading() as tx:
        return cart_of(tx, owner_of(tx, actor=actor), DAY)


def visitors(key: str) -> Cart:
    with db.database().reading() as tx:
        return cart_of(tx, owner_of(tx, actor=VISITOR, visitor_key=key), DAY)


def unions(world: World) -> Cart:
    with db.database().reading() as tx:
        owner = owner_of(tx, actor=world.clerk, union_id=world.organisation("GH"))
        return cart_of(tx, owner, DAY)


def add(world: World, units: int, **whose) -> int:
    whose.setdefault("actor", world.member)
    return cart.add_units(specification_id=world.tin, units=units, now=NOW, **whose)


def lines() -> int:
    with db.database().reading() as tx:
        return tx.execute(select(func.count(CartLine.id))).scalar_one()


def test_what_is_added_again_is_added_up(stocked):
    assert add(stocked, 3) == 3
    assert add(stocked, 4) == 7
    (line,) = own(stocked).lines
    assert (line.units, line.price, line.amount) == (7, yuan("238"), yuan("1666"))
    assert own(stocked).total == yuan("1666")


def test_the_ladder_prices_the_line_and_the_next_rung_is_named(stocked):
    add(stocked, 12)
    shown = own(stocked)
    (line,) = shown.lines
    assert (line.price, line.list_price, line.ladder_off) == (yuan("230"), yuan("238"), yuan("8"))
    assert (shown.total, shown.saved) == (yuan("2760"), yuan("96"))
    assert line.next_step is not None
    assert (line.next_step.more_units, line.next_step.saves) == (8, yuan("10"))


def test_a_rung_beyond_the_stock_is_not_promised(stocked):
    priced(stocked.tin, DAY, TIN, steps=((31, yuan("200")),))
    add(stocked, 12)
    assert own(stocked).lines[0].next_step is None


def test_a_line_is_set_and_taken_out(stocked):
    add(stocked, 3)
    cart.set_line(specification_id=stocked.tin, units=5, actor=stocked.member, now=NOW)
    assert own(stocked).lines[0].units == 5
    cart.set_line(specification_id=stocked.tin, units=0, actor=stocked.member, now=NOW)
    assert own(stocked).lines == ()


def test_more_than_can_be_bought_is_refused_and_changes_nothing(stocked):
    add(stocked, 29)
    with pytest.raises(SoldOut) as refused:
        add(stocked, 2)
    assert refused.value.at_field == "units"
    assert refused.value.facts["left"] == 30
    with pytest.raises(SoldOut):
        cart.set_line(specification_id=stocked.tin, units=31, actor=stocked.member, now=NOW)
    assert own(stocked).lines[0].units == 29


def test_what_is_not_on_sale_is_refused(stocked):
    with pytest.raises(NotOnSale):
        cart.add_units(specification_id="spec_none", units=1, actor=stocked.member, now=NOW)
    with db.database().writing() as tx:
        tx.execute(update(Product).values(listed=False))
    with pytest.raises(NotOnSale):
        add(stocked, 1)
    assert lines() == 0


def test_three_carts_do_not_mix(stocked):
    add(stocked, 1, actor=stocked.clerk)
    add(stocked, 2, actor=stocked.clerk, union_id=stocked.organisation("GH"))
    add(stocked, 3, actor=VISITOR, visitor_key="k")
    assert [c.lines[0].units for c in (own(stocked, "clerk"), unions(stocked), visitors("k"))] == [
        1,
        2,
        3,
    ]
    assert own(stocked).lines == ()
    assert visitors("other").lines == ()


def test_only_a_clerk_gathers_for_the_union(stocked):
    union = stocked.organisation("GH")
    for who, refusal in (("member", NotAllowed), ("stranger", NotFound), ("manager", NotFound)):
        with pytest.raises(refusal):
            add(stocked, 1, actor=stocked.person(who), union_id=union)
    with pytest.raises(NotFound):
        add(stocked, 1, actor=VISITOR, union_id=union)
    with pytest.raises(NotFound):
        add(stocked, 1, actor=VISITOR)
    with pytest.raises(NotFound):
        add(stocked, 1, actor=stocked.clerk, union_id=stocked.organisation("TH"))
    assert lines() == 0


def test_signing_in_keeps_the_higher_number(stocked):
    add(stocked, 5)
    add(stocked, 8, actor=VISITOR, visitor_key="k")
    assert cart.merge_visitor(visitor_key="k", actor=stocked.member, now=NOW) == 1
    assert own(stocked).lines[0].units == 8
    assert visitors("k").lines == ()

    add(stocked, 2, actor=VISITOR, visitor_key="k")
    cart.merge_visitor(visitor_key="k", actor=stocked.member, now=NOW)
    assert own(stocked).lines[0].units == 8
    assert lines() == 1
    assert cart.merge_visitor(visitor_key="k", actor=stocked.member, now=NOW) == 0
    with pytest.raises(NotFound):
        cart.merge_visitor(visitor_key="k", actor=VISITOR, now=NOW)


def test_what_changed_is_explained_and_what_is_gone_costs_nothing(stocked):
    add(stocked, 12)
    priced(
        stocked.tin,
        DAY,
        Composition(yuan("240"), yuan("150"), ZERO, ZERO, yuan("20"), yuan("70"), ZERO, ZERO),
        steps=LADDER,
    )
    changed = own(stocked)
    assert changed.lines[0].trouble is Trouble.PRICE_CHANGED
    assert (changed.lines[0].seen_price, changed.lines[0].list_price) == (yuan("238"), yuan("240"))
    assert changed.total == yuan("2760")

    stocked.submitted(25)
    few = own(stocked)
    assert (few.lines[0].trouble, few.lines[0].available) == (Trouble.TOO_FEW, 5)
    assert (few.total, few.order_lines) == (ZERO, ())

    stocked.submitted(5)
    assert own(stocked).lines[0].trouble is Trouble.SOLD_OUT
    with db.database().writing() as tx:
        tx.execute(update(Product).values(listed=False))
    gone = own(stocked)
    assert gone.lines[0].trouble is Trouble.GONE
    assert gone.lines[0].product_name == "狗牯脑绿茶 特级"


def test_lines_are_priced_without_a_cart(stocked):
    with db.database().reading() as tx:
        shown = cart_from(tx, ((stocked.tin, 20), ("spec_unknown", 3)), DAY)
    assert shown.total == yuan("4400")
    assert shown.order_lines == ((stocked.tin, 20),)


def test_what_was_bought_is_taken_out(stocked):
    add(stocked, 3)
    cart.take_out(specification_ids=(stocked.tin,), actor=stocked.member, now=NOW)
    assert own(stocked).lines == ()
    with db.database().reading() as tx:
        assert cart_size(tx, owner_of(tx, actor=stocked.member)) == 0


def test_budgets_stand_before_and_after(stocked):
    stocked.budget("3000.00")
    union = row_of_union("GH")
    with db.database().reading() as tx:
        (budget,) = budgets_for(tx, union, yuan("2760"), 2026, stocked.clerk)
        assert (budget.left, budget.left_after, budget.enough) == (
            yuan("3000"),
            yuan("240"),
            True,
        )
        (short,) = budgets_for(tx, union, yuan("3000.01"), 2026, stocked.clerk)
        assert not short.enough
        with pytest.raises(NotFound):
            budgets_for(tx, union, ZERO, 2026, stocked.stranger)
        assert budgets_for(tx, union, ZERO, 2025, stocked.clerk) == ()


def row_of_union(code: str) -> OrganisationRow:
    with db.database().reading() as tx:
        return row_of(
            tx.execute(select(Organisation).where(Organisation.code == code)).scalar_one()
        )


def test_a_lot_past_its_date_is_no_stock(stocked):
    with db.database().reading() as tx:
        owner = owner_of(tx, actor=stocked.member)
    add(stocked, 1)
    with db.database().reading() as tx:
        late = cart_of(tx, owner, DAY + timedelta(days=541))
    assert late.lines[0].trouble is Trouble.SOLD_OUT
