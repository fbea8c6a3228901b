"""Prices, discounts and freight tables: drafted by one, approved by another, from a day on."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import BigInteger, func, literal, select, true, update
from sqlalchemy.exc import IntegrityError

from products.catalogue.browse import browse
from products.catalogue.filters import Wanted
from products.catalogue.models import Discount, PriceComposition, PriceStep
from products.catalogue.queries import offers, paid
from products.catalogue.rules import Composition, Reduction, reduced
from products.catalogue.states import PriceState, TaxClass
from products.prices import deciding, drafting
from products.prices.freight import freight_on
from products.prices.models import FreightTable, FreightZone
from products.prices.rules import Zone
from shop.core import clock, db
from shop.core.actors import CLOCK
from shop.core.errors import Refusal
from shop.core.money import ZERO, Money, yuan
from tests.pages import faults
from tests.world import DAY, NOW, TIN, World

NEW = {
    "from_day": DAY + timedelta(1),
    "tax_class": TaxClass.NINE,
    "price": yuan("228.00"),
    "parts": {
        "households": yuan("140.00"),
        "processing": yuan("40.00"),
        "packing": yuan("10.00"),
        "freight": yuan("10.00"),
        "platform": ZERO,
    },
    "steps": ((10, yuan("220.00")),),
    "send": True,
    "now": NOW,
}
FAR = Zone(("新疆", "西藏"), 1000, yuan("12"), 1000, yuan("8"), yuan("3000"), None)
PRICES, DESK = "/cooperative/prices/", "/platform/prices/"


@pytest.fixture(autouse=True)
def _the_casts_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def drafted(world: World, **other: Any) -> str:
    """A new price of the tin, sent by its manager."""
    given = NEW | {"specification_id": world.tin, "actor": world.manager} | other
    return drafting.draft_price(**given)


def decided(world: World, thing: str) -> None:
    deciding.approve(thing_id=thing, actor=world.operator, now=NOW)


def on_offer(world: World, days: int, union: str | None = None):
    with db.database().reading() as tx:
        key = world.organisation_key(union) if union else None
        return offers(tx, [world.tin], DAY + timedelta(days), union_id=key)[world.tin]


def card_prices(days: int, union: str | None, world: World):
    """List price and price of the tin's card, for a reader who buys for a union or for nobody."""
    key = world.organisation_key(union) if union else None
    with db.database().reading() as tx:
        (card,) = browse(tx, Wanted(), DAY + timedelta(days), union_id=key).cards
    return card.list_price, card.price


def written() -> tuple[object, ...]:
    with db.database().reading() as tx:
        return tuple(
            tuple(tx.execute(select(func.count(), func.max(kind.id))).one())
            for kind in (PriceComposition, PriceStep, Discount, FreightTable, FreightZone)
        )


def states() -> list[PriceState]:
    with db.database().reading() as tx:
        return list(
            tx.execute(select(PriceComposition.state).order_by(PriceComposition.id)).scalars()
        )


def refused(code: str, act, **given: Any) -> None:
    """It says no with this code, and nothing was written."""
    before = (written(), states())
    with pytest.raises(Refusal) as caught:
        act(**given)
    assert caught.value.code == code
    assert (written(), states()) == before


def test_a_price_counts_from_its_day_once_another_person_approved_it(world):
    price = drafted(world)
    assert on_offer(world, 1).composition == TIN

    decided(world, price)

    assert on_offer(world, 0).composition == TIN
    offer = on_offer(world, 1)
    assert (offer.composition.price, offer.composition.tax) == (yuan("228.00"), yuan("18.83"))
    assert offer.composition.cooperative == yuan("9.17")
    assert (offer.steps, offer.tax_class) == (((10, yuan("220.00")),), TaxClass.NINE)


def test_what_does_not_fit_is_refused_and_nothing_is_written(world):
    def draft(code: str, **other: Any) -> None:
        refused(code, drafted, world=world, **other)

    draft("day_gone", from_day=DAY - timedelta(1))
    draft("tax_does_not_fit", parts=NEW["parts"] | {"tax": yuan("18.82")})
    full = NEW["parts"] | {"tax": yuan("18.83"), "cooperative": yuan("9.16")}
    draft("does_not_sum", parts=full)
    draft("part_below_zero", parts=NEW["parts"] | {"households": yuan("180.00")})
    draft("part_below_zero", price=ZERO)
    draft("ladder_does_not_fall", steps=((10, yuan("228.00")),))
    draft("not_found", actor=world.other_manager)
    draft("not_found", actor=world.clerk)
    draft("not_found", specification_id="spec_x")
    drafted(world)
    draft("day_taken")


def test_the_same_person_and_people_without_the_permission_do_not_approve(world):
    price = drafted(world)
    refused("not_allowed", deciding.approve, thing_id=price, actor=world.manager, now=NOW)
    refused("not_allowed", deciding.approve, thing_id=price, actor=world.auditor, now=NOW)
    refused("not_found", deciding.approve, thing_id=price, actor=world.clerk, now=NOW)
    refused("not_found", deciding.approve, thing_id="price_x", actor=world.operator, now=NOW)
    refused("not_found", deciding.approve, thing_id="lot_x", actor=world.operator, now=NOW)
    late = NOW + timedelta(days=2)
    refused("day_gone", deciding.approve, thing_id=price, actor=world.operator, now=late)
    with pytest.raises(IntegrityError, match="two_people"), db.database().writing() as tx:
        tx.execute(
            update(PriceComposition)
            .where(PriceComposition.public_id == price)
            .values(decided_by_id=PriceComposition.drafted_by_id, decided_at=NOW)
        )


def test_whoever_drafted_it_may_not_approve_it_even_with_both_roles(world):
    both = world.operator
    price = drafted(world, actor=CLOCK)
    with db.database().writing() as tx:
        from shop.core import audit

        audit.record(tx, actor=both, now=NOW, kind="price", thing=price, action="send")
    refused("same_person", deciding.approve, thing_id=price, actor=both, now=NOW)


def test_a_returned_price_says_why_and_a_new_draft_may_follow(world):
    price = drafted(world, send=False)
    refused("wrong_state", deciding.approve, thing_id=price, actor=world.operator, now=NOW)
    deciding.send(thing_id=price, actor=world.manager, now=NOW)
    back = {"thing_id": price, "actor": world.operator, "now": NOW}
    refused("reason_missing", deciding.send_back, reason=" ", **back)
    deciding.send_back(reason="运费太低", **back)
    refused("wrong_state", deciding.send_back, reason="再退", **back)

    again = drafted(world)
    decided(world, again)
    assert states()[1:] == [PriceState.RETURNED, PriceState.APPROVED]


def test_a_draft_or_a_price_to_come_is_withdrawn_and_one_that_counts_is_not(world):
    price = drafted(world)
    decided(world, price)
    gone = {"thing_id": price, "reason": "算错了", "actor": world.manager}
    later = NOW + timedelta(days=1)
    refused("already_counts", deciding.withdraw, **gone, now=later)
    refused("reason_missing", deciding.withdraw, **gone | {"reason": ""}, now=NOW)
    refused("not_allowed", deciding.withdraw, **gone | {"actor": world.operator}, now=NOW)

    deciding.withdraw(**gone, now=NOW)

    assert on_offer(world, 1).composition == TIN
    assert drafted(world).startswith("price_")


def test_a_discount_is_for_its_days_and_its_union_and_the_best_one_counts(world):
    given = {
        "specification_id": world.tin,
        "from_day": DAY,
        "until_day": DAY + timedelta(2),
        "price": None,
        "percent": 10,
        "union_id": world.organisation("GH"),
        "send": True,
        "actor": world.manager,
        "now": NOW,
    }
    decided(world, drafting.draft_discount(**given))
    flat = given | {"union_id": None, "percent": None, "price": yuan("230.00")}
    everybody = drafting.draft_discount(**flat)
    assert on_offer(world, 0).reductions == ()
    decided(world, everybody)

    price = yuan("238.00")
    assert on_offer(world, 0, "GH").reduced(price) == yuan("214.20")
    assert on_offer(world, 2, "WG").reduced(price) == yuan("230.00")
    assert on_offer(world, 2).reductions == (Reduction(yuan("230.00"), None),)
    assert on_offer(world, 3, "GH").reductions == ()

    assert [
        card_prices(day, of, world) for day, of in ((0, "GH"), (2, "WG"), (2, None), (3, "GH"))
    ] == [
        (price, yuan("214.20")),
        (price, yuan("230.00")),
        (price, yuan("230.00")),
        (price, price),
    ]

    draft = drafting.draft_discount
    refused("day_taken", draft, **given)
    other = given | {"from_day": DAY + timedelta(1)}
    refused("ends_before_it_begins", draft, **other | {"until_day": DAY})
    refused("one_way_only", draft, **other | {"price": yuan("200")})
    refused("one_way_only", draft, **other | {"percent": None})
    refused("no_discount", draft, **other | {"percent": 91})
    refused("no_discount", draft, **other | {"percent": None, "price": yuan("238")})
    refused("discount_too_deep", draft, **other | {"percent": 41})
    refused("not_found", draft, **other | {"union_id": world.organisation("TH")})

    deciding.withdraw(thing_id=everybody, reason="卖完了", actor=world.manager, now=NOW)
    assert on_offer(world, 0).reductions == ()


def test_a_freight_table_replaces_the_one_before_and_an_empty_one_ends_it(world):
    given = {"cooperative_id": world.organisation("TH"), "actor": world.manager, "now": NOW}
    draft = drafting.draft_freight
    table = draft(from_day=DAY, zones=(FAR,), send=True, **given)
    decided(world, table)
    decided(world, draft(from_day=DAY + timedelta(1), zones=(), send=True, **given))

    key = world.organisation_key("TH")
    with db.database().reading() as tx:
        found = [freight_on(tx, {key}, DAY + timedelta(days)).get(key) for days in (-1, 0, 1)]
    assert found[0] is None
    assert found[1] is not None
    assert found[1].zones == (FAR,)
    assert found[2] is not None
    assert found[2].zones == ()

    later = DAY + timedelta(5)
    for zones in (
        (FAR, FAR),
        (Zone(("火星",), 1000, ZERO, 1000, ZERO),),
        (Zone(("新疆",), 0, ZERO, 1000, ZERO),),
        (Zone((), 1000, ZERO, 1000, ZERO),),
        (Zone(("新疆",), 1000, ZERO, 1000, ZERO, ZERO),),
    ):
        refused("zone_unclear", draft, from_day=later, zones=zones, send=False, **given)
    refused("day_taken", draft, from_day=DAY, zones=(), send=False, **given)
    elsewhere = given | {"cooperative_id": world.organisation("YL")}
    refused("not_found", draft, from_day=later, zones=(), send=False, **elsewhere)


def form_of(**other: str) -> dict[str, str]:
    return {
        "from_day": (DAY + timedelta(1)).isoformat(),
        "tax_class": "9",
        "price": "228",
        "households": "140",
        "processing": "40",
        "packing": "10",
        "freight": "10",
        "platform": "0",
        "cooperative": "",
        "tax": "",
        "steps": "10 220.00\n50 215",
        **other,
    }


def test_the_manager_checks_keeps_and_sends_and_the_operator_approves(client, world):
    client.as_(world.manager)
    new = f"{PRICES}new/{world.tin}"
    assert world.tin in client.get(PRICES).text
    assert 'value="142.80"' in client.get(new).text

    check = client.post(new, data=form_of(act="check", once="a"))
    assert "七项合计正好是" in check.text
    assert "¥18.83" in check.text
    assert faults(check.text, keys=False) == []
    assert len(states()) == 1

    kept = client.post(new, data=form_of(act="draft", once="b"))
    assert kept.status_code == 303
    page = client.get(kept.location)
    assert "报平台复核" in page.text
    assert faults(page.text, keys=False) == []
    price = kept.location.rpartition("/")[2]
    assert client.post(f"{PRICES}{price}/send", data={"once": "c"}).status_code == 303
    assert client.post(f"{DESK}{price}/approve", data={"once": "d"}).status_code == 403
    assert client.get(f"{new}?like={price}").status_code == 200

    client.as_(world.operator)
    assert price in client.get(DESK).text
    shown = client.get(DESK + price)
    assert "批准，" in shown.text
    assert faults(shown.text, keys=False) == []
    refusal = client.post(f"{DESK}{price}/return", data={"reason": "", "once": "e"})
    assert refusal.status_code == 422
    assert client.post(f"{DESK}{price}/approve", data={"once": "f"}).status_code == 303
    assert states()[-1] is PriceState.APPROVED
    assert on_offer(world, 1).composition.price == yuan("228.00")

    client.as_(world.auditor)
    assert "批准，" not in client.get(DESK + price).text
    for who in (world.clerk, world.weigher):
        client.as_(who)
        assert {client.get(PRICES).status_code, client.get(DESK).status_code} == {403}
    client.as_(world.other_manager)
    assert client.get(PRICES + price).status_code == 404


@pytest.mark.parametrize("bad", ["228.001", "2.28e2", "-1", "nan"])
def test_a_bad_amount_is_an_error_of_its_field_and_nothing_is_kept(client, world, bad):
    client.as_(world.manager)
    sent = client.post(f"{PRICES}new/{world.tin}", data=form_of(freight=bad, act="send", once="a"))
    assert sent.status_code == 422
    assert re.search(r'id="freight-error"', sent.text)
    assert len(states()) == 1


def test_rows_that_cannot_be_read_are_named_by_their_number(client, world):
    client.as_(world.manager)
    ladder = client.post(
        f"{PRICES}new/{world.tin}",
        data=form_of(steps="10 220.00\nten 215\n50 2.1e2\n60", act="send", once="a"),
    )
    assert ladder.status_code == 422
    assert all(f"第 {row} 行" in ladder.text for row in (2, 3, 4))
    assert "第 1 行" not in ladder.text

    lines = ("新疆、西藏 | 1 | 12.00 | 1 | 8.00 | 3000", "甘肃 | 1 | 3.005 | 1 | 2")
    table = "\n".join((*lines, "青海 | x | 1 | 1 | 1", "云南"))
    day = DAY.isoformat()
    freight = client.post(
        f"{PRICES}freight/new", data={"from_day": day, "zones": table, "once": "b"}
    )
    assert freight.status_code == 422
    assert all(f"第 {row} 行" in freight.text for row in (2, 3, 4))
    assert written()[3] == (0, None)

    good = client.post(
        f"{PRICES}freight/new",
        data={"from_day": day, "zones": table.partition("\n")[0], "once": "c"},
    )
    page = client.get(good.location)
    assert "新疆、西藏" in page.text
    assert faults(page.text, keys=False) == []


def test_a_discount_shows_what_it_does_before_it_is_sent(client, world):
    client.as_(world.manager)
    data = {
        "specification": world.tin,
        "union": "",
        "from_day": DAY.isoformat(),
        "until_day": (DAY + timedelta(9)).isoformat(),
        "price": "",
        "percent": "10",
        "once": "a",
    }
    assert faults(client.get(f"{PRICES}discounts/new").text, keys=False) == []
    assert client.post(f"{PRICES}discounts/new", data=data | {"percent": ""}).status_code == 422
    kept = client.post(f"{PRICES}discounts/new", data=data)
    page = client.get(kept.location)
    assert "¥214.20" in page.text
    assert "¥128.52" in page.text
    assert faults(page.text, keys=False) == []
    discount = kept.location.rpartition("/")[2]
    assert client.post(f"{PRICES}{discount}/send", data={"once": "b"}).status_code == 303
    taken = {"reason": "不做了", "once": "c"}
    assert client.post(f"{PRICES}{discount}/withdraw", data=taken).status_code == 303
    assert (
        client.post(f"{PRICES}{discount}/withdraw", data=taken | {"once": "d"}).status_code == 409
    )


def test_cards_reckon_in_the_database_what_the_rule_reckons(world):
    """Every pair of a fixed price and a per cent, around the floor and where halves round up."""
    with db.database().reading() as tx:
        for listed, promised in ((23_800, 14_280), (101, 60), (50, 80), (3, 0)):
            base = Composition(
                price=Money(listed),
                households=Money(min(promised, listed)),
                processing=Money(listed - min(promised, listed)),
                packing=ZERO,
                freight=ZERO,
                cooperative=ZERO,
                platform=ZERO,
                tax=ZERO,
            )
            for price in (None, 1, 59, 60, 61, 14_279, 14_281, 30_000):
                for percent in (None, 1, 5, 33, 50, 90):
                    current = select(
                        literal(listed).label("price"),
                        literal(base.households.fen).label("households"),
                    ).subquery()
                    best = select(
                        literal(price, BigInteger).label("price"),
                        literal(percent, BigInteger).label("percent"),
                    ).subquery()
                    cuts = [
                        *([] if price is None else [Reduction(Money(price))]),
                        *([] if percent is None else [Reduction(percent=percent)]),
                    ]

                    found = tx.execute(
                        select(paid(current, best)).select_from(current.join(best, true()))
                    ).scalar_one()

                    assert found == reduced(base, base.price, cuts).fen, (listed, price, percent)


def test_a_product_tells_what_its_freight_is_where_and_from_when_on_nothing(client, world):
    world.tins(20)
    cheaper = drafted(world, from_day=DAY, steps=((10, yuan("220.00")),))
    decided(world, cheaper)
    slug = "gougunao-teji"
    assert "加收运费" not in client.get(f"/shop/{slug}").text
    decided(
        world,
        drafting.draft_freight(
            cooperative_id=world.organisation("TH"),
            from_day=DAY,
            zones=(FAR,),
            send=True,
            actor=world.manager,
            now=NOW,
        ),
    )

    shown = client.get(f"/shop/{slug}").text

    # One tin of 250 g bears 12.00; ten are 2,500 g: 12.00 + 2 × 8.00 = 28.00.
    assert "新疆、西藏" in shown
    assert "+¥12.00" in shown
    assert "+¥28.00" in shown
    assert "货款满 ¥3,000.00 不加" in shown
    assert faults(shown, keys=False) == []
