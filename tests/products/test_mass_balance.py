"""What a household brought against what its land can bear."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from products.catalogue.states import Category
from products.households import commands as households
from products.lots import mass_balance, rules
from products.lots.alarms import set_mass_rule
from products.lots.states import LeafPayment
from products.lots.weighing import void_delivery, weigh_in
from shop.core import db
from shop.core.errors import NotFound
from tests.world import DAY, NOW

PAGE = "/cooperative/households/"


@pytest.fixture
def zhang(world):
    return world.household("张桂兰")


def bring(world, household, kg, now=NOW, category=Category.TEA):
    return weigh_in(
        household_id=household,
        plot_id=None,
        category=category,
        name="鲜叶",
        grade="一级",
        grams=kg * 1000,
        fen_per_kg=10_000,
        payment=LeafPayment.PAID,
        certificate="CN-M",
        actor=world.weigher,
        now=now,
    )


def one_mu(world, household):
    households.add_plot(
        household_id=household, name="南坡", crop="茶", area_m2=667, actor=world.manager, now=NOW
    )


def found(world, household, actor=None, today: date = DAY):
    with db.database().reading() as tx:
        return mass_balance.yields(tx, household, actor or world.manager, today=today)


def a_mu_bears(world, grams, category=Category.TEA, goods="", from_day=DAY):
    return set_mass_rule(
        category=category,
        goods=goods,
        grade="",
        from_day=from_day,
        ratio_low=None,
        ratio_high=None,
        most_grams_per_mu=grams,
        actor=world.operator,
        now=NOW,
    )


@pytest.mark.parametrize(("grams", "needed"), [(60_000, 667), (60_001, 668), (0, 0)])
def test_what_a_mu_bears_is_the_last_gram_that_needs_no_more_land(grams, needed):
    assert rules.land_needed_m2(grams, 60_000) == needed


def test_without_land_nothing_can_be_said_per_mu():
    assert rules.grams_per_mu(5_000, 0) is None


def test_weigh_ins_of_a_year_are_summed_by_category_against_all_plots(world, zhang):
    before = found(world, zhang)
    assert before == ()
    one_mu(world, zhang)
    a_mu_bears(world, 60_000)
    area = 667
    bring(world, zhang, 40)
    bring(world, zhang, 30)
    bring(world, zhang, 900, category=Category.FRUIT)

    fruit, tea = found(world, zhang)

    assert (fruit.category, fruit.grams, fruit.over) == (Category.FRUIT, 900_000, False)
    assert (tea.grams, tea.area_m2, tea.grams_per_mu) == (70_000, area, 70_000)
    assert tea.over
    assert tea.needed_m2 == 779
    assert fruit.needed_m2 == 0


def test_voided_weigh_ins_and_those_of_an_earlier_year_do_not_count(world, zhang):
    lot = bring(world, zhang, 70)
    void_delivery(lot_id=lot, reason="记错了户", actor=world.weigher, now=NOW)
    assert found(world, zhang) == ()

    bring(world, zhang, 20)
    assert len(found(world, zhang)) == 1
    assert found(world, zhang, today=DAY + timedelta(days=366)) == ()


def test_another_cooperative_does_not_see_it(world, zhang):
    bring(world, zhang, 20)

    with pytest.raises(NotFound):
        found(world, zhang, actor=world.other_manager)


def test_the_households_page_says_so(client, world, zhang):
    client.as_(world.manager)
    assert "最近十二个月没有交过货" in client.get(PAGE + zhang).text
    one_mu(world, zhang)
    a_mu_bears(world, 60_000)
    bring(world, zhang, 61)

    page = client.get(PAGE + zhang).text

    assert "茶叶交得比地里能长的多" in page
    assert "超出" in page
