"""The catalogue: what is listed, found, filtered, counted and shown on a product's page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, func, select, update

from products.catalogue import commands, shelf
from products.catalogue.browse import browse, in_season, near
from products.catalogue.filters import Sort, Wanted
from products.catalogue.models import Product
from products.catalogue.product_page import VillageShown, product_page
from products.catalogue.queries import offers
from products.catalogue.states import Category
from products.catalogue.words import findable
from products.households.models import Consent
from products.lots.models import Lot, LotShare
from products.lots.stock import on_sale
from shop.core import db
from shop.core.actors import VISITOR
from shop.core.errors import NotAllowed, NotFound
from shop.core.money import total, yuan
from shop.organisations import commands as organisations
from tests.prices import priced
from tests.products.shelves import (
    CLOCK,
    DAY,
    NOW,
    Shelves,
    households,
    list_product,
    split,
    stock,
)
from tests.world import World

LADDER = ((10, yuan("230")), (50, yuan("220")))


@pytest.fixture
def shelves(world: World) -> Shelves:
    """Five products of two counties; the oil is sold out: its lot is past its date.

    The cast's own tin stays off this shelf.
    """
    with db.database().writing() as tx:
        tx.execute(update(Product).values(listed=False))
    organisations.add_county(
        code="ganxian", name="赣县区", name_en="Ganxian", province="江西", column=5, row=4
    )
    coop = world.organisation("TH")
    specs = {
        "gougunao-best": list_product(
            coop, "gougunao-best", "狗牯脑绿茶 特级", "238", grade="特级", gi=True, ladder=LADDER
        ),
        "gougunao-yiji": list_product(
            coop, "gougunao-yiji", "狗牯脑绿茶 一级", "138", grade="一级"
        ),
        "jinju": list_product(
            coop, "jinju", "遂川金桔", "45", category=Category.FRUIT, net_grams=2500, fresh=True
        ),
        "chayou": list_product(
            coop, "chayou", "赣南茶油", "68", county="ganxian", category=Category.OIL, net_grams=460
        ),
        "miguo": list_product(
            coop, "miguo", "黄元米果", "25", county="ganxian", category=Category.FOOD, net_grams=500
        ),
    }
    stock(specs["gougunao-best"], 40, number="SCTH-2026-00001")
    stock(specs["gougunao-yiji"], 30, number="SCTH-2026-00002", harvest=DAY - timedelta(5))
    stock(specs["jinju"], 20, number="SCTH-2026-00003", harvest=DAY - timedelta(90))
    stock(specs["miguo"], 10, number="SCTH-2026-00004", best_before=DAY)
    stock(specs["chayou"], 10, number="SCTH-2026-00005", best_before=DAY - timedelta(1))
    return Shelves(coop, specs)


def slugs(wanted: Wanted) -> list[str]:
    with db.database().reading() as tx:
        return [card.slug for card in browse(tx, wanted, DAY).cards]


@pytest.mark.parametrize("words", ["狗牯脑", "gougunao", "ggn", "GGN", " 狗牯脑　特级 ", "ｇｇｎ"])
def test_tea_is_found_by_name_pinyin_and_initials(shelves, words):
    assert "gougunao-best" in slugs(Wanted(words=words))
    assert "chayou" not in slugs(Wanted(words=words))


@pytest.mark.parametrize("words", ["茶油", "chayou", "gncy"])
def test_two_characters_find_the_oil_and_not_the_tea(shelves, words):
    assert slugs(Wanted(words=words)) == ["chayou"]


@pytest.mark.parametrize("words", ["遂川", "suichuan", "suichuan ggn"])
def test_a_county_finds_what_grows_there(shelves, words):
    found = slugs(Wanted(words=words))
    assert "gougunao-yiji" in found
    assert "miguo" not in found


@pytest.mark.parametrize("words", ["%", "_", "100%", "\\", "'; drop table product"])
def test_signs_of_the_database_are_only_letters_to_a_search(shelves, words):
    assert slugs(Wanted(words=words)) == []


def test_nothing_found_offers_what_sounds_alike(shelves):
    with db.database().reading() as tx:
        assert near(tx, "狗骨脑")[0].slug.startswith("gougunao")
        assert near(tx, "gogunao")[0].slug.startswith("gougunao")
        assert near(tx, "完全不相干的话") == ()


def test_counts_stand_as_if_their_own_filter_were_not_set(shelves):
    with db.database().reading() as tx:
        facets = browse(tx, Wanted(categories=(Category.TEA,), counties=("suichuan",)), DAY).facets
    assert {c.value: c.count for c in facets.categories if c.count} == {"tea": 2, "fruit": 1}
    assert {c.value: c.count for c in facets.counties} == {"suichuan": 2, "ganxian": 0}
    assert [c.value for c in facets.categories if c.chosen] == ["tea"]
    assert (facets.total, facets.in_stock, facets.indicated) == (2, 2, 1)


def test_filters_narrow_and_combine(shelves):
    assert set(slugs(Wanted(categories=(Category.OIL, Category.FOOD)))) == {"chayou", "miguo"}
    assert slugs(Wanted(counties=("ganxian",), in_stock=True)) == ["miguo"]
    assert slugs(Wanted(indicated=True)) == ["gougunao-best"]
    assert slugs(Wanted(categories=(Category.OIL,), counties=("suichuan",))) == []


def test_sold_out_comes_last_in_every_order(shelves):
    for sort in Sort:
        assert slugs(Wanted(sort=sort))[-1] == "chayou"


def test_prices_sort_per_100_grams_and_harvest_by_the_newest(shelves):
    by_price = slugs(Wanted(sort=Sort.PRICE))
    assert by_price == ["jinju", "miguo", "gougunao-yiji", "gougunao-best", "chayou"]
    assert slugs(Wanted(sort=Sort.HARVEST))[0] == "gougunao-yiji"


def test_pages_hold_24_and_one_beyond_the_last_shows_the_last(shelves):
    for number in range(30):
        list_product(shelves.cooperative, f"tea-{number}", f"茶 {number}", "10")
    with db.database().reading() as tx:
        first = browse(tx, Wanted(), DAY)
        last = browse(tx, Wanted(page=99), DAY)
    assert (len(first.cards), first.pages, first.facets.total) == (24, 2, 35)
    assert (len(last.cards), last.page) == (11, 2)
    assert not {c.slug for c in first.cards} & {c.slug for c in last.cards}


def test_a_catalogue_page_takes_two_statements_and_a_product_five(shelves):
    ran: list[str] = []
    with db.database().reading() as tx:
        tx.execute(select(1))
        event.listen(db.database().engine, "before_cursor_execute", lambda *a: ran.append(a[2]))
        browse(tx, Wanted(words="茶"), DAY)
        assert len(ran) == 2
        product_page(tx, slug="gougunao-best", specification_id=None, day=DAY)
        assert len(ran) == 7


def test_a_card_speaks_for_the_product(shelves):
    with db.database().reading() as tx:
        card = browse(tx, Wanted(words="特级"), DAY).cards[0]
    assert (card.price, card.per_100_grams, card.available) == (yuan("238"), yuan("95.20"), 40)
    assert (card.county, card.grade, card.several) == ("遂川县", "特级", False)
    assert card.harvest_to == DAY - timedelta(15)


def test_in_season_shows_the_newest_harvest_that_can_be_bought(shelves):
    with db.database().reading() as tx:
        assert [card.slug for card in in_season(tx, DAY, 2)] == ["gougunao-yiji", "gougunao-best"]


def test_an_offer_carries_price_parts_ladder_and_what_is_left(shelves):
    with db.database().reading() as tx:
        found = offers(tx, [shelves["gougunao-best"], shelves["chayou"], "spec_unknown"], DAY)
    tea = found[shelves["gougunao-best"]]
    assert tea.composition == split(yuan("238"))
    assert tea.steps == LADDER
    assert tea.available == 40
    assert found[shelves["chayou"]].available == 0
    assert len(found) == 2


def test_a_price_holds_from_its_day_on(shelves):
    spec = shelves["miguo"]
    priced(spec, DAY + timedelta(3), split(yuan("27")))
    with db.database().reading() as tx:
        prices = [
            offers(tx, [spec], DAY + timedelta(days))[spec].composition.price for days in (2, 3, 9)
        ]
        assert offers(tx, [spec], DAY - timedelta(31)) == {}
    assert prices == [yuan("25"), yuan("27"), yuan("27")]


def test_the_product_page_shows_ladder_lots_and_a_bar_that_sums(shelves):
    with db.database().reading() as tx:
        page = product_page(tx, slug="gougunao-best", specification_id=None, day=DAY)
    rungs = [(r.from_units, r.to_units, r.composition.price, r.before) for r in page.chosen.rungs]
    assert rungs == [
        (1, 9, yuan("238"), yuan("238")),
        (10, 49, yuan("230"), yuan("230")),
        (50, None, yuan("220"), yuan("220")),
    ]
    assert all(total(r.composition.parts) == r.composition.price for r in page.chosen.rungs)
    assert page.chosen.next_step is not None
    assert page.chosen.next_step.more_units == 9
    assert [(lot.number, lot.left) for lot in page.chosen.lots] == [("SCTH-2026-00001", 40)]


def told(villages: tuple[VillageShown, ...]) -> list[tuple[str, tuple[str, ...], int]]:
    """What is told of each village."""
    return [(one.name, one.names, one.others) for one in villages]


def test_only_households_with_live_consent_are_shown_and_few_are_not_told_by_village(shelves):
    keys = households(
        ("张桂兰", "汤湖村", True),
        ("李长根", "汤湖村", False),
        ("王秀英", "汤湖村", False),
        ("陈水生", "汤湖村", False),
        ("刘冬香", "南屏村", False),
        ("郭有财", "南屏村", False),
    )
    stock(shelves["gougunao-best"], 5, number="SCTH-2026-00009", households=keys)
    with db.database().reading() as tx:
        shown = product_page(tx, slug="gougunao-best", specification_id=None, day=DAY).households
    assert told(shown.villages) == [("汤湖村", ("张桂兰",), 3)]
    assert (shown.elsewhere, shown.total) == (2, 6)


def test_consent_that_was_withdrawn_or_not_yet_given_shows_nobody(shelves):
    keys = households(
        ("张桂兰", "汤湖村", True), ("李长根", "汤湖村", True), ("王秀英", "汤湖村", True)
    )
    stock(shelves["gougunao-best"], 5, number="SCTH-2026-00009", households=keys)
    with db.database().writing() as tx:
        mine = Consent.household_id
        tx.execute(update(Consent).where(mine == keys[0]).values(withdrawn_on=DAY))
        tx.execute(update(Consent).where(mine == keys[1]).values(given_on=DAY + timedelta(1)))
    with db.database().reading() as tx:
        shown = product_page(tx, slug="gougunao-best", specification_id=None, day=DAY).households
    assert told(shown.villages) == [("汤湖村", ("王秀英",), 0)]
    assert (shown.elsewhere, shown.total) == (2, 3)


def test_the_catalogue_and_the_stock_count_the_same_units(shelves):
    stock(shelves["gougunao-best"], 7, number="SCTH-2026-00010", best_before=DAY)
    with db.database().reading() as tx:
        found = offers(tx, list(shelves.specifications.values()), DAY)
        for offer in found.values():
            lots = on_sale(tx, [offer.specification_key], NOW)
            assert offer.available == sum(lot.left for lot in lots), offer.slug


def test_words_are_found_by_characters_sound_and_initials():
    assert findable("狗牯脑绿茶", "", "特级") == "狗牯脑绿茶 gougunaolvcha ggnlc 特级 teji tj"
    assert findable("GI　Tea") == "gi tea gitea"


def test_an_unlisted_or_unpriced_product_is_not_found(shelves):
    with db.database().writing() as tx:
        tx.execute(update(Product).where(Product.slug == "jinju").values(listed=False))
    with db.database().reading() as tx:
        for slug in ("jinju", "no-such"):
            with pytest.raises(NotFound):
                product_page(tx, slug=slug, specification_id=None, day=DAY)
        assert offers(tx, [shelves["jinju"]], DAY) == {}


def test_the_shelf_names_columns_lots_really_have():
    for seen, real in ((shelf.lot, Lot.__table__), (shelf.lot_share, LotShare.__table__)):
        for column in seen.c:
            assert type(column.type) is not None
            assert column.name in real.c, column


PRODUCT = {
    "county": "suichuan",
    "slug": "new",
    "name": "新茶",
    "name_en": "New",
    "category": Category.TEA,
    "shelf_life_days": 300,
    "now": NOW,
}


def refused(code: str, call, **arguments) -> None:
    """The command says no with this code, and the catalogue is as it was."""
    before = counts()
    with pytest.raises(Exception) as caught:  # noqa: PT011 (the code is what is compared)
        call(**arguments)
    assert getattr(caught.value, "code", repr(caught.value)) == code
    assert counts() == before


def counts() -> tuple[int, ...]:
    with db.database().reading() as tx:
        return tuple(
            tx.execute(
                select(func.count()).select_from(db.Model.metadata.tables[name])
            ).scalar_one()
            for name in ("product", "specification")
        )


def test_listing_refuses_what_does_not_fit_and_changes_nothing(shelves):
    product = PRODUCT | {"cooperative_id": shelves.cooperative}
    refused("slug_taken", commands.add_product, **product | {"slug": "jinju"}, actor=CLOCK)
    refused("not_found", commands.add_product, **product | {"cooperative_id": "org_x"}, actor=CLOCK)
    refused("not_found", commands.add_product, **product | {"county": "nowhere"}, actor=CLOCK)


def test_a_specification_needs_a_name_of_its_own_and_weight(shelves):
    with db.database().reading() as tx:
        product = tx.execute(select(Product.public_id).where(Product.slug == "jinju")).scalar_one()
    given = {
        "product_id": product,
        "name": "500 克装",
        "name_en": "500 g",
        "unit": "盒",
        "unit_en": "box",
        "net_grams": 500,
        "actor": CLOCK,
        "now": NOW,
    }
    refused("no_weight", commands.add_specification, **given | {"net_grams": 0})
    refused("specification_name_taken", commands.add_specification, **given | {"name": "2500 克装"})
    refused("not_found", commands.add_specification, **given | {"product_id": "product_x"})
    assert commands.add_specification(**given).startswith("spec_")


def test_only_the_cooperatives_own_people_edit_its_catalogue(shelves):
    with pytest.raises((NotFound, NotAllowed)):
        commands.add_product(**PRODUCT | {"cooperative_id": shelves.cooperative}, actor=VISITOR)


def test_a_ladder_belongs_to_its_price_so_an_old_one_never_meets_a_new_price(shelves):
    spec = shelves["gougunao-best"]
    priced(spec, DAY + timedelta(1), split(yuan("239")))
    priced(spec, DAY + timedelta(2), split(yuan("240")), steps=((5, yuan("200")),))

    with db.database().reading() as tx:
        ladders = [offers(tx, [spec], DAY + timedelta(days))[spec].steps for days in range(3)]

    assert ladders == [LADDER, (), ((5, yuan("200")),)]
