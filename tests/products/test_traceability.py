"""The page behind a box: what it says, what it never says, and the labels that lead to it."""

from __future__ import annotations

import io
import re
import zlib
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import func, select

from products.households.commands import give_consent, register_household, withdraw_consent
from products.households.states import HouseholdStanding
from products.lots.models import Lot
from products.traceability import label_views, queries
from products.traceability.commands import count_scan
from products.traceability.models import TraceScan
from products.traceability.rules import (
    PAPERS,
    Standing,
    households_behind,
    in_tenths,
    paper_of,
    spelled,
    what_is_wrong,
)
from shop.core import db
from shop.core.actors import VISITOR
from shop.core.db import ROOT
from shop.core.errors import NotAllowed, NotFound
from shop.core.money import total
from shop.core.reference import ALPHABET
from shop.printing import pdf
from tests.world import DAY, World

NAMES = ("张桂兰", "李长根", "黄水生")


def code_of(lot_id: str) -> str:
    with db.database().reading() as tx:
        return tx.execute(select(Lot.trace_code).where(Lot.public_id == lot_id)).scalar_one()


def page_of(world: World, lot_id: str) -> queries.TracePage:
    with db.database().reading() as tx:
        return queries.page(tx, code=code_of(lot_id), now=world.now)


def consent(world: World, name: str) -> None:
    give_consent(household_id=world.household(name), on=DAY, actor=world.manager, now=world.now)


def tins(world: World) -> str:
    return world.tins(20, {"张桂兰": 10, "李长根": 6, "黄水生": 4})


def on_disk(address: str) -> Path:
    """The file behind a static address with its hash."""
    return ROOT / re.sub(r"\.[0-9a-f]{12}(?=\.)", "", address).lstrip("/")


def others(world: World, count: int) -> dict[str, int]:
    """So many further households, each with five kilograms."""
    for number in range(count):
        register_household(
            cooperative_id=world.organisation("TH"),
            village_id=world.village,
            name=f"暗记{number}",
            identity="",
            phone="",
            standing=HouseholdStanding.UNSTABLE,
            since=DAY,
            actor=world.manager,
            now=world.now,
        )
    return {f"暗记{number}": 5 for number in range(count)}


# --- what may be said of households ------------------------------------------------------------


def test_without_consent_households_are_a_number_and_no_share_is_told_of_fewer_than_three():
    lines = households_behind([Standing(100), Standing(50)])

    assert [(one.name, one.households, one.words, one.bar) for one in lines] == [("", 2, "", 0)]


def test_three_hidden_households_are_one_line_with_their_share_together():
    lines = households_behind(
        [Standing(60, "张桂兰", "南屏村"), Standing(20), Standing(10), Standing(10)]
    )

    assert [(one.name, one.households, one.words) for one in lines] == [
        ("张桂兰", 1, "约六成"),
        ("", 3, "约四成"),
    ]


@pytest.mark.parametrize(
    ("part", "words", "bar"),
    [(100, "全部", 100), (97, "几乎全部", 95), (33, "约三成", 35), (4, "不到一成", 5)],
)
def test_shares_are_told_in_tenths(part, words, bar):
    assert in_tenths(part, 100) == (words, bar)


# --- the page ----------------------------------------------------------------------------------


def test_the_page_tells_the_way_from_the_scale_to_the_box(world):
    page = page_of(world, tins(world))

    assert [step.kind.value for step in page.steps] == ["delivery", "processed", "packed"]
    assert page.steps[0].grams == 20_000
    assert page.steps[0].deliveries == 3
    assert page.steps[-1].units == 20
    assert page.leaf_grams == 20_000
    assert page.households == 3
    assert page.county.zh == "遂川县"
    assert [tile.name.zh for tile in page.tiles if tile.here] == ["遂川县"]
    assert page.certificates == ("HGZ-TH-2026-00001",)
    assert page.leaf_certificates == ("CN-0001",)


def test_the_parts_of_the_price_sum_to_it(world):
    page = page_of(world, tins(world))

    assert page.price == total([part.amount for part in page.parts])


def test_the_first_line_is_the_verdict(client, world):
    html = client.get(f"/t/{code_of(tins(world))}").get_data(as_text=True)

    assert "是这一批" in html
    assert html.index("是这一批") < html.index("狗牯脑绿茶")


def test_no_name_without_consent_is_anywhere_in_the_page(client, world):
    hidden = others(world, 3)
    lot = world.tins(20, {"张桂兰": 5, **hidden})
    consent(world, "张桂兰")

    html = client.get(f"/t/{code_of(lot)}").get_data(as_text=True)

    assert "张**" in html
    assert "汤湖镇南屏村" in html
    assert "另有 3 户" in html
    for name in (*NAMES, *hidden, "暗记", "脱贫"):
        assert name not in html


def test_withdrawn_consent_hides_a_household_at_once(client, world):
    lot = tins(world)
    consent(world, "张桂兰")
    withdraw_consent(
        household_id=world.household("张桂兰"), on=DAY, actor=world.manager, now=world.now
    )

    html = client.get(f"/t/{code_of(lot)}").get_data(as_text=True)

    assert "张**" not in html
    assert "南屏村" not in html


def test_what_a_lot_earned_is_told_only_of_three_households_or_more(world):
    few = world.tins(10, {"张桂兰": 10})
    assert page_of(world, few).money is None

    purchase = world.approved(10)
    world.paid(purchase)
    world.accepted(purchase)

    assert page_of(world, few).money is None


def test_what_a_lot_of_three_households_earned_is_three_figures(app, world):
    lot = tins(world)
    purchase = world.approved(10)
    world.paid(purchase)
    world.accepted(purchase)

    money = page_of(world, lot).money

    assert money is not None
    assert money.sold_units == 10
    assert str(money.attributed) == "2380.00"
    assert str(money.leaf_paid) == "2000.00"


def test_the_page_is_small_enough_for_a_bad_signal(client, world):
    page = client.get(f"/t/{code_of(tins(world))}")
    wanted = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page.get_data(as_text=True)))

    weight = len(zlib.compress(page.data)) + sum(
        len(zlib.compress(on_disk(one).read_bytes())) for one in wanted
    )

    assert weight <= 60 * 1024


# --- codes -------------------------------------------------------------------------------------


def test_a_code_nobody_printed_is_not_to_be_trusted(client, world):
    code = code_of(tins(world))
    with db.database().writing() as tx:
        tx.query(Lot).filter(Lot.trace_code == code).update({"trace_code": None})

    answer = client.get(f"/t/{code}")

    assert answer.status_code == 404
    assert "请勿当作正品" in answer.get_data(as_text=True)
    assert "写法没错" in answer.get_data(as_text=True)


def test_a_mistyped_character_is_found_by_the_check_character(client, world):
    code = code_of(tins(world))
    wrong = code[:3] + ALPHABET[(ALPHABET.index(code[3]) + 1) % 32] + code[4:]

    answer = client.get(f"/t/{wrong}")

    assert answer.status_code == 404
    assert "校验对不上" in answer.get_data(as_text=True)


def test_a_code_typed_with_spaces_and_small_letters_leads_to_the_page(client, world):
    code = code_of(tins(world))

    typed = client.get("/t/", query_string={"code": f" {spelled(code).lower()} "})

    assert typed.headers["Location"] == f"/t/{code}"
    assert client.get(f"/t/{code.lower()}").headers["Location"] == f"/t/{code}"


def test_a_wrong_code_is_told_beside_the_field_and_kept(client):
    answer = client.get("/t/?code=7K2M9")

    assert answer.status_code == 422
    assert "您输入了 5 位" in answer.get_data(as_text=True)
    assert "7K2M9" in answer.get_data(as_text=True)
    assert client.get("/t/?code=").status_code == 422


@pytest.mark.parametrize(
    ("typed", "hint"), [("7K2M9X4U$", "没有字母 U"), ("7K2", "%(count)s 位"), ("", "9 位")]
)
def test_hints_say_what_to_look_at(typed, hint):
    assert hint in (what_is_wrong(typed) or "")


def test_only_pressing_the_button_counts_a_scan(client, world):
    code = code_of(tins(world))
    client.get(f"/t/{code}")
    with db.database().reading() as tx:
        assert tx.execute(select(func.count(TraceScan.id))).scalar_one() == 0

    answer = client.post(f"/t/{code}/scans", data={"once": "one-key"})
    client.post(f"/t/{code}/scans", data={"once": "one-key"})

    assert answer.status_code == 303
    with db.database().reading() as tx:
        assert tx.execute(select(func.count(TraceScan.id))).scalar_one() == 1
    assert "有 1 人确认过" in client.get(f"/t/{code}").get_data(as_text=True)


def test_a_scan_of_an_unknown_code_is_refused_and_counts_nothing(world):
    with pytest.raises(NotFound):
        count_scan(code="000000000", actor=VISITOR, now=world.now)

    with db.database().reading() as tx:
        assert tx.execute(select(func.count(TraceScan.id))).scalar_one() == 0


def test_the_picture_of_the_code_holds_the_short_link(client, world):
    code = code_of(tins(world))

    answer = client.get(f"/t/{code}/qr.svg")

    assert answer.mimetype == "image/svg+xml"
    assert client.get("/t/000000000/qr.svg").status_code == 404


# --- labels ------------------------------------------------------------------------------------


def test_labels_are_printed_by_those_who_read_the_lots(client, world):
    lot = tins(world)
    path = f"/cooperative/lots/{lot}/labels"

    assert client.as_(world.manager).get(path).status_code == 200
    assert client.as_(world.other_manager).get(path).status_code == 404
    assert client.as_(world.clerk).get(path).status_code == 403
    with db.database().reading() as tx:
        with pytest.raises(NotFound):
            queries.sheet(tx, lot_id=lot, actor=world.other_manager)
        with pytest.raises(NotAllowed):
            queries.sheet(tx, lot_id=lot, actor=world.auditor)


def test_a_lot_that_is_not_packed_has_no_labels(client, world):
    leaf = world.delivery("张桂兰", 10, "100")

    assert client.as_(world.manager).get(f"/cooperative/lots/{leaf}/labels").status_code == 404


def test_a_bad_number_of_labels_is_told_beside_the_field(client, world):
    path = f"/cooperative/lots/{tins(world)}/labels.pdf?paper=a4&count="
    client.as_(world.manager)

    for count in ("", "0", "many", "2001"):
        answer = client.get(path + count)
        assert answer.status_code == 422
        assert answer.mimetype == "text/html"


@pytest.mark.parametrize(
    ("paper", "count", "pages"), [("a4", 24, 1), ("a4", 25, 2), ("thermal", 3, 3)]
)
def test_the_sheets_have_the_pages_they_need(client, world, paper, count, pages):
    path = f"/cooperative/lots/{tins(world)}/labels.pdf?paper={paper}&count={count}"
    file = PdfReader(io.BytesIO(client.as_(world.manager).get(path).data))
    box = file.pages[0].mediabox

    assert len(file.pages) == pages
    size = paper_of(paper)
    assert abs(float(box.width) / 72 * 25.4 - size.page_width_mm) < 0.1
    assert abs(float(box.height) / 72 * 25.4 - size.page_height_mm) < 0.1


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.key)
def test_every_code_on_a_sheet_decodes_at_200_dots_and_is_wide_enough(app, world, paper):
    lot = tins(world)
    with db.database().reading() as tx:
        sheet = queries.sheet(tx, lot_id=lot, actor=world.manager)
    with app.test_request_context():
        data = label_views.label_data(sheet, paper, paper.columns * paper.rows)
        link = label_views.link_of(sheet.code)

    picture = Image.open(io.BytesIO(pdf.preview("labels", data)[0]))
    found = zxingcpp.read_barcodes(picture)

    assert [one.text for one in found] == [link] * (paper.columns * paper.rows)
    assert data["picture_half_mm"] * 0.5 >= 18.5
    # The modules alone (29 of 37) take at least 14.5 mm; the quiet zone stands around them.
    for one in found:
        width = (one.position.top_right.x - one.position.top_left.x) / 200 * 25.4
        assert width >= 14.2


def test_a_label_carries_its_code_and_dates_in_letters(client, world):
    lot = tins(world)
    path = f"/cooperative/lots/{lot}/labels.pdf?paper=thermal&count=1"

    text = PdfReader(io.BytesIO(client.as_(world.manager).get(path).data)).pages[0].extract_text()

    assert spelled(code_of(lot)) in text
    assert "狗牯脑绿茶" in text
    assert "250" in text
    assert "2026年4月20日" in text.replace(" ", "")
