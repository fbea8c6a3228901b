"""Lots: exact consumption, shares by the ladder, and every refusal of making one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from products.catalogue.states import Category
from products.lots import commands as lots
from products.lots.certifying import CertificateMissing
from products.lots.commands import (
    AlreadyPast,
    NothingBehind,
    ProcessDiffers,
    WeightsDiffer,
)
from products.lots.making import WeighsTooMuch
from products.lots.models import Lot, LotInput
from products.lots.rules import (
    Share,
    leaf_value,
    merged,
    ratio_hundredths,
    ratio_is_odd,
    withdrawn,
)
from products.lots.states import LeafPayment, LotKind
from products.lots.taking import CategoriesDiffer, NothingTaken, OverConsumed, WrongKind
from shop.core import db
from shop.core.errors import NotAllowed, NotFound
from shop.core.money import Money
from tests.products.gate import NOON, TODAY, Gate, at_the_gate
from tests.world import World


@pytest.fixture
def gate(world: World) -> Gate:
    return at_the_gate(world)


# --- what is true without a database ------------------------------------------------------------


def test_the_value_of_leaf_rounds_half_up_once():
    assert leaf_value(20_000, 12_000) == Money(240_000)
    assert leaf_value(1, 500) == Money(1)
    assert leaf_value(1, 499) == Money(0)


SHARES = st.lists(
    st.tuples(st.integers(1, 10**10), st.integers(0, 10**9), st.integers(0, 10**9)),
    min_size=1,
    max_size=12,
)


@given(SHARES, st.lists(st.integers(1, 50_000), min_size=1, max_size=30))
def test_withdrawals_of_a_used_up_lot_sum_to_its_shares_exactly(figures, takes):
    shares = [Share(i, mg, Money(v), Money(p)) for i, (mg, v, p) in enumerate(figures)]
    whole, before, gone = sum(takes), 0, []
    for grams in takes:
        part = withdrawn(shares, before, grams, whole)
        for share, out in zip(shares, part, strict=True):
            assert abs(out.milligrams * whole - share.milligrams * grams) < whole
            assert abs(out.value.fen * whole - share.value.fen * grams) < whole
        gone.append(part)
        before += grams

    for i, share in enumerate(shares):
        assert sum(part[i].milligrams for part in gone) == share.milligrams
        assert sum(part[i].value.fen for part in gone) == share.value.fen
        assert sum(part[i].paid.fen for part in gone) == share.paid.fen


@given(SHARES, st.integers(1, 10**6), st.data())
def test_what_was_paid_never_outgrows_its_value_when_it_did_not_at_first(figures, whole, data):
    shares = [Share(i, mg, Money(v), Money(v)) for i, (mg, v, _p) in enumerate(figures)]
    before = data.draw(st.integers(0, whole - 1))
    grams = data.draw(st.integers(1, whole - before))

    for out in withdrawn(shares, before, grams, whole):
        assert out.paid == out.value


def test_shares_of_one_household_from_two_parents_become_one_and_nothings_vanish():
    two = [Share(2, 5, Money(3), Money(1)), Share(1, 0, Money(0), Money(0))]

    assert merged([*two, Share(2, 1, Money(1), Money(1))]) == [Share(2, 6, Money(4), Money(2))]


@pytest.mark.parametrize(
    ("taken", "made", "odd"),
    [(45, 10, False), (38, 10, False), (55, 10, False), (37, 10, True), (56, 10, True)],
)
def test_leaf_to_dry_outside_its_window_is_odd(taken, made, odd):
    assert ratio_is_odd((380, 550), taken, made) is odd
    assert ratio_hundredths(taken, made) == taken * 10
    assert not ratio_is_odd(None, taken, made)


# --- making -------------------------------------------------------------------------------------


def test_rough_tea_carries_weight_value_and_what_was_paid(gate):
    a = gate.leaf(gate.zhang, "20", "120")
    c = gate.leaf(gate.li, "10", "97", payment=LeafPayment.CONSIGNMENT)

    rough = gate.rough([(a, 20_000), (c, 10_000)], 6_500)

    assert gate.shares(rough) == {
        gate.zhang: (20_000_000, 240_000, 240_000),
        gate.li: (10_000_000, 97_000, 0),
    }
    made = gate.lot(rough)
    assert (made.kind, made.grams, made.used_grams) == (LotKind.PROCESSED, 6_500, 0)
    assert made.number == "JG-TH-2026-00001"
    assert (made.harvest_from, made.harvest_to) == (TODAY, TODAY)
    assert gate.lot(a).used_grams == 20_000


def test_packing_seals_units_with_a_code_a_date_and_shares(gate):
    a, b = gate.leaf(gate.zhang, "30", "120"), gate.leaf(gate.li, "15", "118")
    rough = gate.rough([(a, 30_000), (b, 15_000)], 10_000)

    lot = gate.lot(gate.pack([(rough, 10_000)], 40))

    assert (lot.units, lot.grams, lot.kind) == (40, 10_000, LotKind.PACKED)
    assert (lot.name, lot.grade, lot.certificate) == ("狗牯脑绿茶 特级", "", "HGZ-TH-2026-00001")
    assert lot.best_before == TODAY + timedelta(days=540)
    assert lot.trace_code
    assert gate.shares(lot.public_id) == {
        gate.zhang: (30_000_000, 360_000, 360_000),
        gate.li: (15_000_000, 177_000, 177_000),
    }


def test_blend_of_two_rough_lots_keeps_both_histories(gate):
    one = gate.rough([(gate.leaf(gate.zhang, "10"), 10_000)], 2_000)
    two = gate.rough([(gate.leaf(gate.li, "5"), 5_000)], 1_000)

    made = gate.blend([(one, 1_000), (two, 1_000)], 1_990, certificate="HGZ-9")

    assert gate.shares(made) == {
        gate.zhang: (5_000_000, 50_000, 50_000),
        gate.li: (5_000_000, 50_000, 50_000),
    }
    assert gate.lot(made).certificate == "HGZ-9"
    assert gate.lot(one).used_grams == 1_000


def test_oranges_are_packed_as_delivered_and_keep_their_certificate(gate):
    oranges = gate.leaf(gate.zhang, "50", "6", category=Category.FRUIT, certificate="HGZ-O")

    box = gate.pack([(oranges, 50_000)], 10, specification_id=gate.box, certificate="")

    assert gate.lot(box).certificate == "HGZ-O"
    assert gate.shares(box) == {gate.zhang: (50_000_000, 30_000, 30_000)}


def test_a_rough_lot_used_up_in_odd_parts_gives_everything_away(gate):
    leaf = gate.leaf(gate.zhang, "10.001", "33.33")
    more = gate.leaf(gate.li, "7.003", "47.11", payment=LeafPayment.CONSIGNMENT)
    rough = gate.rough([(leaf, 10_001), (more, 7_003)], 3_901)

    parts = [gate.blend([(rough, grams)], grams) for grams in (1, 1_300, 999, 1_601)]

    gone = [gate.shares(part) for part in parts]
    for household, whole in gate.shares(rough).items():
        assert tuple(map(sum, zip(*(g.get(household, (0, 0, 0)) for g in gone), strict=True))) == (
            whole
        )


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=6), st.integers(1, 99_999))
def test_random_withdrawals_in_the_books_telescope(gate, takes, price):
    whole = sum(takes)
    a = gate.leaf(gate.zhang, "9", fen_per_kg=price)
    b = gate.leaf(gate.li, "4", payment=LeafPayment.CONSIGNMENT)
    rough = gate.rough([(a, 9_000), (b, 4_000)], whole)

    gone = [gate.shares(gate.blend([(rough, grams)], grams)) for grams in takes]

    for household, had in gate.shares(rough).items():
        parts = [g.get(household, (0, 0, 0)) for g in gone]
        assert tuple(map(sum, zip(*parts, strict=True))) == had
    with db.database().reading() as tx:
        rows = tx.execute(
            select(LotInput.before_grams, LotInput.grams)
            .join(Lot, Lot.id == LotInput.parent_id)
            .where(Lot.public_id == rough)
            .order_by(LotInput.before_grams)
        ).all()
    assert [(b, g) for b, g in rows] == [(sum(takes[:i]), g) for i, g in enumerate(takes)]


# --- refusals -----------------------------------------------------------------------------------


def refused(gate: Gate, refusal: type[Exception], act, *args, **kwargs):
    """The refusal, after making sure that it changed nothing."""
    before = gate.everything()
    with pytest.raises(refusal) as caught:
        act(*args, **kwargs)
    assert gate.everything() == before
    return caught.value


def test_more_than_is_left_is_refused_by_number_and_what_is_left(gate):
    one, two = gate.leaf(gate.zhang, "10"), gate.leaf(gate.li, "2.5")

    no = refused(gate, OverConsumed, gate.rough, [(one, 1), (two, 2_501)], 1)

    assert no.facts == {"lot": gate.lot(two).number, "left": "2.5"}


def test_a_lot_is_made_of_something_and_of_nothing_twice(gate):
    leaf = gate.leaf(gate.zhang, "10")

    for inputs in ([], [(leaf, 0)], [(leaf, -5)], [(leaf, 5), (leaf, 6)]):
        refused(gate, NothingTaken, gate.rough, inputs, 1)


def test_output_is_more_than_nothing_and_no_more_than_went_in(gate):
    leaf = gate.leaf(gate.zhang, "10")
    rough = gate.rough([(leaf, 5_000)], 1_000)

    for grams in (0, -1, 5_001):
        refused(gate, WeighsTooMuch, gate.rough, [(leaf, 5_000)], grams)
        refused(gate, WeighsTooMuch, gate.blend, [(rough, 1_000)], grams)


def test_each_step_takes_only_its_kinds_of_lots(gate):
    leaf = gate.leaf(gate.zhang, "100")
    rough = gate.rough([(leaf, 50_000)], 10_000)
    packed = gate.pack([(rough, 1_000)], 4)

    refused(gate, WrongKind, gate.blend, [(packed, 500)], 100)
    refused(gate, WrongKind, gate.pack, [(packed, 250)], 1)


def test_a_voided_lot_is_not_used(gate):
    leaf = gate.leaf(gate.zhang, "10")
    lots.void_delivery(lot_id=leaf, reason="重复登记", actor=gate.weigher, now=NOON)

    refused(gate, WrongKind, gate.rough, [(leaf, 10_000)], 2_000)


def test_categories_do_not_mix(gate):
    leaf = gate.leaf(gate.zhang, "10")
    oranges = gate.leaf(gate.li, "10", category=Category.FRUIT)

    refused(gate, CategoriesDiffer, gate.blend, [(leaf, 100), (oranges, 100)], 100)
    refused(gate, CategoriesDiffer, gate.pack, [(oranges, 250)], 1)


def test_a_process_takes_goods_of_its_category_only(gate):
    oranges = gate.leaf(gate.li, "10", category=Category.FRUIT)

    refused(gate, ProcessDiffers, gate.rough, [(oranges, 100)], 100)


def test_packed_units_weigh_exactly_what_went_in(gate):
    rough = gate.rough([(gate.leaf(gate.zhang, "10"), 10_000)], 2_000)

    for grams, units in ((2_000, 7), (1_999, 8), (2_000, 0), (250, -1)):
        refused(gate, WeightsDiffer, gate.pack, [(rough, grams)], units)


def test_mixed_goods_get_a_certificate_of_their_own(gate):
    one = gate.leaf(gate.zhang, "10", certificate="A")
    two = gate.leaf(gate.li, "10", certificate="B")
    both = gate.rough([(one, 5_000), (two, 5_000)], 2_000)
    inputs = [(one, 250), (two, 250)]

    assert gate.lot(gate.pack([(one, 250)], 1, certificate="")).certificate == "A"
    for certificate in ("A", "B"):
        refused(gate, CertificateMissing, gate.pack, inputs, 2, certificate=certificate)
    assert gate.lot(gate.pack(inputs, 2, certificate="  ")).certificate == "HGZ-TH-2026-00001"
    assert gate.lot(gate.pack([(both, 250)], 1)).certificate == "HGZ-TH-2026-00002"
    assert gate.lot(gate.pack(inputs, 2, certificate="C")).certificate == "C"


def test_goods_are_packed_before_they_expire(gate):
    rough = gate.rough([(gate.leaf(gate.zhang, "10"), 10_000)], 2_000)

    refused(gate, AlreadyPast, gate.pack, [(rough, 250)], 1, best_before=TODAY)
    packed = gate.pack([(rough, 250)], 1, best_before=TODAY + timedelta(days=1))
    assert gate.lot(packed).best_before == TODAY + timedelta(days=1)


def test_units_nobody_could_be_paid_for_are_not_sealed(gate):
    leaf = gate.leaf(gate.zhang, "1", "0.01")

    refused(gate, NothingBehind, gate.pack, [(leaf, 250)], 1)


def test_others_neither_see_nor_make(gate):
    leaf = gate.leaf(gate.zhang, "10")
    inputs = [(leaf, 1_000)]

    refused(gate, NotFound, gate.rough, inputs, 200, actor=gate.stranger)
    refused(gate, NotFound, gate.blend, inputs, 200, actor=gate.clerk)
    refused(gate, NotAllowed, gate.pack, inputs, 4, actor=gate.weigher)
    refused(
        gate,
        NotFound,
        gate.rough,
        inputs,
        200,
        actor=gate.stranger,
        cooperative_id=gate.other_cooperative,
    )
    refused(gate, NotFound, gate.rough, [("lot_nothing", 1)], 1)
    refused(gate, NotFound, gate.pack, inputs, 4, specification_id="spec_nothing")
    refused(gate, NotFound, gate.rough, inputs, 200, cooperative_id="org_nothing")
