"""What an order costs: ladder, discount, freight on top, and that it never changes afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select, update
from sqlalchemy.exc import IntegrityError

from orders.ledger.states import AccountKind as K
from orders.purchasing.commands import approve_purchase, submit_purchase
from orders.purchasing.models import Order, OrderLine, Purchase
from orders.purchasing.placing import ProvinceUnknown
from orders.purchasing.states import PaymentTerms
from orders.shipments.returning import return_goods
from products.catalogue.rules import (
    Composition,
    Reduction,
    at_price,
    reduced,
    tax_inside,
    with_surcharge,
)
from products.catalogue.states import TaxClass
from products.prices import deciding, drafting
from products.prices.rules import Zone, borne_by_each, province_of
from shop.core import clock, db
from shop.core.money import ZERO, Money, total, yuan
from tests.pages import faults
from tests.prices import priced
from tests.world import DAY, NOW, TIN, World

URUMQI = "新疆维吾尔自治区乌鲁木齐市天山区示范路 1 号"
FAR = Zone(("新疆", "西藏"), 1000, yuan("12"), 1000, yuan("8"), yuan("3000"), 50_000)
LADDER = ((10, yuan("228.00")),)


@pytest.fixture
def sold(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Forty tins with a ladder, 5 % off for the union, and more freight to Xinjiang."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    world.tins(40, {"张桂兰": 20, "黄水生": 20})
    priced(world.tin, DAY, TIN, steps=LADDER)
    who = {"actor": world.manager, "now": NOW, "send": True}
    for thing in (
        drafting.draft_freight(
            cooperative_id=world.organisation("TH"), from_day=DAY, zones=(FAR,), **who
        ),
        drafting.draft_discount(
            specification_id=world.tin,
            union_id=world.organisation("GH"),
            from_day=DAY,
            until_day=DAY + timedelta(30),
            price=None,
            percent=5,
            **who,
        ),
    ):
        deciding.approve(thing_id=thing, actor=world.operator, now=NOW)
    return world


def ordered(world: World, units: int, address: str = URUMQI) -> str:
    """Tins the union's clerk ordered to an address."""
    return submit_purchase(
        union_id=world.organisation("GH"),
        budget_id=None,
        terms=PaymentTerms.BEFORE,
        recipient="孙浩",
        phone="0796-1234567",
        address=address,
        note="",
        lines=((world.tin, units),),
        actor=world.clerk,
        now=world.now,
    )


def line_of(purchase: str) -> OrderLine:
    with db.database().reading() as tx:
        return tx.execute(
            select(OrderLine)
            .join(Order, Order.id == OrderLine.order_id)
            .join(Purchase, Purchase.id == Order.purchase_id)
            .where(Purchase.public_id == purchase)
        ).scalar_one()


def facts(line: OrderLine) -> dict[str, object]:
    """Every column of a line."""
    return {name: getattr(line, name) for name in inspect(OrderLine).columns.keys()}  # noqa: SIM118


def test_an_order_line_says_how_its_price_came_about_and_its_parts_sum(sold):
    purchase = ordered(sold, 12)
    line = line_of(purchase)

    # 12 tins weigh 3 kg: 12 + 2 × 8 = 28.00 on top, 2.34 a tin, 28.08 in all.
    assert (line.list_price, line.discount, line.surcharge) == (
        yuan("238.00"),
        yuan("11.40"),
        yuan("2.34"),
    )
    assert line.price == yuan("228.00") - yuan("11.40") + yuan("2.34")
    parts = at_price(TIN, yuan("216.60"), TaxClass.EXEMPT)
    assert line.households == parts.households == yuan("129.96")
    assert line.freight == parts.freight + yuan("2.34")
    assert (line.tax_class, line.tax_rate_bp) == (TaxClass.EXEMPT, 0)
    with db.database().reading() as tx:
        bought = tx.execute(select(Purchase)).scalar_one()
        order = tx.execute(select(Order)).scalar_one()
    assert bought.total == order.total == line.price * 12
    assert bought.province == "新疆"


def change_everything(world: World) -> None:
    """Price, ladder, tax class, discount and freight all become others, from tomorrow on."""
    day = DAY + timedelta(1)
    taxed = Composition(
        yuan("327.00"), yuan("100"), ZERO, ZERO, yuan("50"), yuan("150"), ZERO, yuan("27.00")
    )
    priced(world.tin, day, taxed, tax_class=TaxClass.NINE, steps=((5, yuan("300")),))
    world.now = clock.at(day, 9)
    who = {"actor": world.manager, "now": world.now, "send": True}
    dear = Zone(("新疆", "江西"), 500, yuan("99"), 500, yuan("99"))
    for thing in (
        drafting.draft_freight(
            cooperative_id=world.organisation("TH"), from_day=day, zones=(dear,), **who
        ),
        drafting.draft_discount(
            specification_id=world.tin,
            union_id=None,
            from_day=day,
            until_day=day,
            price=None,
            percent=40,
            **who,
        ),
    ):
        deciding.approve(thing_id=thing, actor=world.operator, now=world.now)


def test_nothing_that_changes_later_changes_an_order_its_acceptance_return_or_settlement(sold):
    purchase = ordered(sold, 12)
    frozen = facts(line_of(purchase))
    change_everything(sold)
    approve_purchase(purchase_id=purchase, actor=sold.approver, now=sold.now)
    sold.paid(purchase)
    acceptance = sold.accepted(purchase, short=1)
    (accepted,) = sold.accepted_lines(acceptance)
    return_goods(
        acceptance_id=acceptance,
        lines=((accepted, 2),),
        reason="包装坏",
        actor=sold.clerk,
        now=sold.now,
    )
    sold.settle()

    line, order = line_of(purchase), sold.order_key(purchase)
    assert facts(line) == frozen
    assert line.price == yuan("218.94")
    assert sold.balance(K.CARRIER_PAYABLE, sold.organisation_key("YD")) == line.freight * 11
    assert sold.balance(K.REFUND_IN_TRANSIT, order) == line.price * 3
    seller = line.processing + line.packing + line.cooperative + line.tax
    assert sold.balance(K.COOPERATIVE_PAYABLE, sold.organisation_key("TH")) == (
        seller * 9 - line.freight * 2 + line.households * 9
    )
    assert sold.findings() == []

    tomorrow = ordered(sold, 12)
    assert line_of(tomorrow).tax_class is TaxClass.NINE
    assert line_of(tomorrow).price > line.price


def test_freight_is_not_asked_elsewhere_and_needs_a_province_where_it_may_be(sold):
    with pytest.raises(ProvinceUnknown):
        ordered(sold, 1, "乌鲁木齐市天山区示范路 1 号")
    with db.database().reading() as tx:
        assert tx.execute(select(func.count(Purchase.id))).scalar_one() == 0
    near = line_of(ordered(sold, 1, "江西省遂川县示范路 1 号"))
    assert (near.surcharge, near.price) == (ZERO, yuan("226.10"))


def test_the_database_refuses_a_line_dearer_than_listed_or_at_another_rate(sold):
    line = line_of(ordered(sold, 1))
    for name, values in (
        ("no_dearer_than_listed", {"list_price": line.price - Money(1300)}),
        ("rate_of_the_class", {"tax_rate_bp": 900}),
    ):
        with pytest.raises(IntegrityError, match=name), db.database().writing() as tx:
            tx.execute(update(OrderLine).where(OrderLine.id == line.id).values(values))


def test_the_cart_shows_the_freight_before_anything_is_ordered_and_the_order_the_same(client, sold):
    client.as_(sold.clerk)
    form = {"specification_id": sold.tin, "units": "12", "to": "union"}
    client.post("/cart/add/gougunao-teji", data=form)
    unclear = client.get("/cart/union").text
    assert "看送到哪个省" in unclear
    shown = client.get("/cart/union?to=新疆").text
    assert "加收运费 +¥2.34" in shown
    assert "优惠 −¥11.40" in shown
    assert "¥2,627.28" in shown
    assert "再买 ¥400.80，就不加收运费" in shown  # 3,000.00 − 12 × 216.60
    assert faults(shown, keys=False) == []

    answers = {
        "recipient": "孙浩",
        "phone": "13800000000",
        "address": "天山区示范路 1 号",
        "budget": "none",
        "terms": "before",
        "once": "a",
    }
    lost = client.post("/cart/union/checkout", data=answers)
    assert lost.status_code == 422
    assert "写明省份" in lost.text
    check = client.post("/cart/union/checkout", data=answers | {"address": URUMQI}).text
    assert "提交审批 ¥2,627.28" in check
    assert faults(check, keys=False) == []

    purchase = ordered(sold, 12)
    page = client.get(f"/purchases/{purchase}").text
    assert "加收运费 ¥28.08" in page
    assert faults(page, keys=False) == []
    product = client.get("/shop/gougunao-teji").text
    assert "¥226.10" in product
    assert "¥238.00" in product
    assert faults(product, keys=False) == []


@pytest.mark.parametrize(
    ("address", "province"),
    [
        ("江西省吉安市遂川县", "江西"),
        ("新疆乌鲁木齐市", "新疆"),
        (" 内蒙古 自治区呼和浩特", "内蒙古"),
        ("北京西城区府右街", "北京"),
        ("中国广东深圳", "广东"),
        ("北京西路 3 号", ""),
        ("重庆路 5 号", ""),
        ("遂川县泉江镇", ""),
        ("", ""),
    ],
)
def test_a_province_is_what_an_address_begins_with(address, province):
    assert province_of(address) == province


def test_a_zone_asks_by_first_and_further_weight_until_it_is_free():
    zone = Zone(("新疆",), 1000, yuan("12"), 500, yuan("3"), yuan("3000"), 20_000)
    asked = [zone.surcharge(grams, yuan("100")) for grams in (1, 1000, 1001, 1500, 19_999, 20_000)]
    assert asked == [yuan(x) for x in ("12", "12", "15", "15", "126", "0")]
    assert zone.surcharge(1, yuan("3000")) == ZERO


@given(
    st.integers(0, 100_000),
    st.lists(st.tuples(st.integers(1, 5000), st.integers(1, 300)), min_size=1, max_size=6),
)
def test_what_units_bear_covers_the_surcharge_with_less_than_a_fen_too_much_a_unit(fen, lines):
    each = borne_by_each(Money(fen), lines)
    borne = sum(one.fen * units for one, (_grams, units) in zip(each, lines, strict=True))
    assert fen <= borne < fen + sum(units for _grams, units in lines)


@given(
    st.integers(100, 1_000_000), st.integers(0, 50_000), st.integers(1, 90),
    st.sampled_from(TaxClass),
)  # fmt: skip
def test_discount_and_surcharge_keep_every_part_sound_and_the_tax_by_its_rate(
    fen, more, percent, tax_class
):
    tax = tax_inside(Money(fen), tax_class)
    households = Money(fen // 2)
    base = Composition(
        Money(fen), households, ZERO, ZERO, ZERO, Money(fen) - households - tax, ZERO, tax
    )
    price = reduced(base, base.price, (Reduction(percent=percent), Reduction(base.price)))
    assert max(households, Money(1)) <= price <= base.price
    made = with_surcharge(at_price(base, price, tax_class), Money(more), tax_class)
    assert made.price == price + Money(more)
    assert made.tax == tax_inside(made.price, tax_class)
    assert total(made.parts) == made.price


@pytest.mark.parametrize(
    ("heading", "base", "tax_class"),
    [
        ("| Exempt goods | Households", TIN, TaxClass.EXEMPT),
        (
            "| At 9 % | Households",
            replace(
                TIN,
                processing=yuan("40.00"),
                packing=yuan("10.00"),
                cooperative=yuan("11.27"),
                tax=yuan("19.65"),
            ),
            TaxClass.NINE,
        ),
    ],
)
def test_the_worked_tables_of_the_document_are_what_the_rules_compute(heading, base, tax_class):
    table = (db.ROOT / "docs" / "money.md").read_text().rpartition(heading)[2]
    written = [
        [yuan(cell) for cell in row.strip("| ").split(" | ")[1:]]
        for row in table.split("\n\n")[0].splitlines()[2:]
    ]

    discount = reduced(base, yuan("228.00"), (Reduction(percent=5),))
    (surcharge,) = borne_by_each(FAR.surcharge(3000, discount * 12), [(250, 12)])
    computed = [
        with_surcharge(at_price(base, price, tax_class), more, tax_class)
        for price, more in (
            (yuan("238.00"), ZERO),
            (yuan("228.00"), ZERO),
            (discount, ZERO),
            (discount, surcharge),
        )
    ]
    assert written == [[*one.parts, one.price] for one in computed]
