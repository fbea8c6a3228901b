"""The page behind a box: what it says, what it never says, and the labels that lead to it."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from products.households.commands import give_consent, register_household, withdraw_consent
from products.households.states import HouseholdStanding
from products.lots.freezing import freeze
from products.lots.models import Lot
from products.lots.states import FreezeCause
from products.proofs import log
from products.proofs.commands import seal_due, sign_checkpoint
from products.proofs.rules import Bad, check_bundle
from products.quality.commands import record_test
from products.traceability import minting, queries
from products.traceability.boxes import pack_box
from products.traceability.code_commands import withdraw_code
from products.traceability.commands import count_scan
from products.traceability.finding import find
from products.traceability.models import Code, CodeBatch, TraceScan
from products.traceability.notice_queries import notices
from products.traceability.rules import Standing, households_behind, in_tenths, spelled
from shop.core import db
from shop.core.actors import CLOCK, VISITOR
from shop.core.errors import NotFound
from shop.core.money import total
from shop.core.reference import ALPHABET
from tests.pages import counted, faults
from tests.products.coded import BOX, allocations, make_codes, make_stock
from tests.world import DAY, World

NAMES = ("张桂兰", "李长根", "黄水生")


def code_of(lot_id: str) -> str:
    with db.database().reading() as tx:
        return tx.execute(select(Lot.trace_code).where(Lot.public_id == lot_id)).scalar_one()


def page_of(world: World, lot_id: str) -> queries.TracePage:
    with db.database().reading() as tx:
        return queries.page(tx, found=find(tx, code_of(lot_id)), now=world.now)


def consent(world: World, name: str) -> None:
    give_consent(household_id=world.household(name), on=DAY, actor=world.manager, now=world.now)


def tins(world: World) -> str:
    return world.tins(20, {"张桂兰": 10, "李长根": 6, "黄水生": 4})


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
    assert page.papers.own.number == "HGZ-TH-2026-00001"
    assert {paper.number for paper in page.papers.behind} >= {"CN-0001"}
    assert [deed.zh for deed in page.steps[1].deeds][:2] == ["拣青", "杀青"]


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


def sent(client, path: str) -> tuple[int, set[str]]:
    """How much is sent for a page with everything it links, compressed or not, and what it links.

    Links inside styles count too, and the browser says that it takes compressed answers.
    """
    headers = {"Accept-Encoding": "gzip, br"}
    page = client.get(path, headers=headers)
    text = page.get_data(as_text=True)
    wanted = set(re.findall(r'(?:href|src)="(/static/[^"#]+|/t/[^"#]+\.svg)', text))
    bodies = []
    for one in wanted:
        with client.get(one, headers=headers) as answer:
            assert answer.status_code == 200
            bodies.append(answer.get_data())
    assert not any(b"@import" in body or b"url(/" in body for body in bodies)
    return len(page.data) + sum(len(body) for body in bodies), wanted


def test_the_page_is_at_most_sixty_kilobytes_with_all_it_links(client, world):
    many = others(world, 60)
    lot = world.tins(60, {"张桂兰": 20, **many})
    for name in many:
        consent(world, name)
    (code,) = make_codes(world, lot, 1)

    for path in (f"/t/{code}", f"/t/{code_of(lot)}"):
        weight, wanted = sent(client, path)
        assert any("essentials" in one for one in wanted)
        assert not any("htmx" in one for one in wanted)
        assert weight <= 60 * 1024, f"{weight} bytes"
    assert "另有 20 户" in client.get(f"/t/{code}").get_data(as_text=True)


def test_the_page_asks_the_database_few_things(client, world):
    (code,) = make_codes(world, tins(world), 1)

    with counted(db.database().engine) as statements:
        assert client.get(f"/t/{code}").status_code == 200

    assert len(statements) <= 12


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


# --- the code of one unit -----------------------------------------------------------------------


def text_of(client, path: str) -> str:
    return client.get(path).get_data(as_text=True)


def freeze_lot(world: World, lot: str, cause: FreezeCause, reason: str) -> None:
    with db.database().writing() as tx:
        freeze(
            tx,
            [world.lot_key(lot)],
            cause=cause,
            about="recall_0001",
            reason=reason,
            actor=world.operator,
            now=world.now,
        )


def test_the_page_of_a_unit_says_first_that_it_is_of_this_lot(client, world):
    (code,) = make_codes(world, tins(world), 1)

    html = text_of(client, f"/t/{code}")

    assert faults(html) == []
    assert html.index("是这一批") < html.index("狗牯脑绿茶")
    assert "还没有人确认过" in html
    assert "只说整批" not in html


def test_the_page_of_a_lot_says_that_its_code_is_not_one_of_a_box(client, world):
    assert "这个码说的是整批货" in text_of(client, f"/t/{code_of(tins(world))}")


def test_looking_counts_nothing_and_pressing_counts_once(client, world):
    (code,) = make_codes(world, tins(world), 1)
    for _ in range(3):
        client.get(f"/t/{code}")
    assert scan_row().seen == 0

    client.post(f"/t/{code}/scans", data={"once": "a-key"})
    client.post(f"/t/{code}/scans", data={"once": "a-key"})

    assert scan_row().seen == 1
    assert "有 1 次确认" in text_of(client, f"/t/{code}")


def scan_row() -> Code:
    with db.database().reading() as tx:
        return tx.execute(select(Code)).scalar_one()


def test_a_code_confirmed_too_often_is_odd_and_says_why(client, world):
    (code,) = make_codes(world, tins(world), 1)
    for _ in range(5):
        count_scan(code=code, actor=VISITOR, now=world.now)
    assert "扫得异常多" not in text_of(client, f"/t/{code}")

    count_scan(code=code, actor=VISITOR, now=world.now)

    html = text_of(client, f"/t/{code}")
    assert "扫得异常多，请留意" in html
    assert "却已有 6 次确认" in html
    assert "可能是码被抄了" in html
    assert "狗牯脑绿茶" in html


def test_a_code_confirmed_again_after_months_is_odd(client, world):
    (code,) = make_codes(world, tins(world), 1)
    count_scan(code=code, actor=VISITOR, now=world.now)
    count_scan(code=code, actor=VISITOR, now=world.now + timedelta(days=70))

    assert "扫得异常多，请留意" in text_of(client, f"/t/{code}")


def test_a_recalled_lot_says_so_first_and_what_to_do_and_still_what_it_is(client, world):
    lot = tins(world)
    (code,) = make_codes(world, lot, 1)
    freeze_lot(world, lot, FreezeCause.RECALL, "农残超标")

    for path in (f"/t/{code}", f"/t/{code_of(lot)}"):
        html = text_of(client, path)
        assert html.index("此批已召回") < html.index("狗牯脑绿茶")
        for words in ("召回原因：农残超标", "停止食用", "0796-000 0000", "这一批背后的农户"):
            assert words in html
        assert "是这一批<" not in html


def test_a_lot_in_dispute_is_said_to_be_looked_into_and_no_more(client, world):
    lot = tins(world)
    (code,) = make_codes(world, lot, 1)
    freeze_lot(world, lot, FreezeCause.DISPUTE, "张桂兰说少算了一筐")

    html = text_of(client, f"/t/{code}")

    assert "是这一批，正在核实" in html
    assert "少算" not in html


def test_each_code_behind_which_there_is_nothing_gets_its_own_answer(client, world):
    lot = tins(world)
    codes = make_codes(world, lot, 3)
    withdraw_code(lot_id=lot, code=codes[0], reason="撕坏了", actor=world.manager, now=world.now)
    batch = make_stock(world, 1)
    with db.database().reading() as tx:
        kept = tx.execute(select(CodeBatch).where(CodeBatch.public_id == batch)).scalar_one()
    ((stock, _digest),) = minting.minted(minting.opened_seed(kept), range(1, 2))
    unknown = minting.our_speller().code_of(12345)
    mistyped = codes[1][:-1] + ("2" if codes[1][-1] != "2" else "3")

    answers = {
        "这个码已经作废": codes[0],
        "这个码还没有用在货上": stock,
        "不是我们发出的": unknown,
        "校验对不上": mistyped,
        "您输入了 5 位": "7K2M9",
    }

    for words, code in answers.items():
        answer = client.get(f"/t/{code}")
        assert answer.status_code == 404
        html = answer.get_data(as_text=True)
        assert words in html
        assert faults(html) == []
        assert [other for other in answers if other in html] == [words]
        assert client.post(f"/t/{code}/scans").status_code == 404


def test_a_code_typed_as_it_is_read_aloud_leads_to_its_page(client, world):
    (code,) = make_codes(world, tins(world), 1)

    typed = client.get("/t/", query_string={"code": f" {spelled(code).lower()} "})

    assert typed.headers["Location"] == f"/t/{code}"
    assert client.get(f"/t/{code.lower()}").headers["Location"] == f"/t/{code}"


def test_the_page_can_be_read_aloud_with_the_code_spelled(client, world):
    (code,) = make_codes(world, tins(world), 1)

    html = text_of(client, f"/t/{code}")

    said = re.sub(r"<[^>]+>|\s+", " ", html[html.index('id="said"') : html.index("<read-aloud")])
    assert "这是一罐狗牯脑绿茶 特级，净含量 250 克" in said
    assert " ".join(code) in said
    assert "背后有 3 户农户" in said


def test_the_page_of_a_box_says_how_many_are_in_it(client, world):
    lot = tins(world)
    units, (box,) = make_codes(world, lot, 6), make_codes(world, lot, 1, BOX)
    assert "这是一箱狗牯脑绿茶 特级，由" in text_of(client, f"/t/{box}")

    pack_box(lot_id=lot, box_code=box, contents=tuple(units), actor=world.manager, now=world.now)

    assert "内装 6 罐" in text_of(client, f"/t/{box}")


def test_certificates_and_tests_of_a_lot_stand_on_its_page(client, world):
    lot = tins(world)
    (code,) = make_codes(world, lot, 1)
    assert "检验报告" not in text_of(client, f"/t/{code}")

    record_test(
        lot_id=lot,
        subject="农药残留",
        agency="县质检所",
        report="R-7",
        passed=True,
        tested_on=world.now.date(),
        valid_until=None,
        scan=None,
        public=False,
        actor=world.manager,
        now=world.now,
    )

    page = text_of(client, f"/t/{code}")
    assert "农药残留" in page
    assert "HGZ-TH-2026-00001" in page
    assert "/c/" in page


def test_a_box_takes_its_proof_along(client, world):
    lot = tins(world)
    codes = make_codes(world, lot, 5)
    assert client.get(f"/t/{codes[0]}/bundle.json").status_code == 409
    log.configure("shanhuo.example/log", "01" * 32)
    seal_due(actor=CLOCK, now=world.now)
    sign_checkpoint(actor=world.operator, now=world.now)

    for code in (codes[0], codes[4]):
        file = client.get(f"/t/{code}/bundle.json")
        proven = check_bundle(file.text, log.signer().key, (), {})
        assert json.loads(proven)["facts"]["units"] == 20
        assert json.loads(file.text)["box"]["position"] == codes.index(code)

    whole = client.get(f"/t/{codes[0]}/bundle.json").text
    swapped = json.loads(whole)
    swapped["box"]["position"] = 3
    with pytest.raises(Bad):
        check_bundle(json.dumps(swapped, ensure_ascii=False), log.signer().key, (), {})
    assert client.get("/t/NONSENSE/bundle.json").status_code == 404


# --- GS1 Digital Link ---------------------------------------------------------------------------


def test_the_full_link_opens_the_same_page_whatever_the_order(client, world):
    lot = tins(world)
    (code,) = make_codes(world, lot, 1)
    with db.database().reading() as tx:
        number = tx.execute(select(Lot.number).where(Lot.public_id == lot)).scalar_one()

    for path in (
        f"/01/09520001000010/10/{number}/21/{code}",
        f"/01/09520001000010/21/{code}/10/{number}",
        f"/01/9520001000010/10/{number}/21/{code}?17=270101",
        f"/01/09520001000010/21/{code}",
        f"/01/19520001000017/10/{number}/21/{code}",
    ):
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "是这一批" in answer.get_data(as_text=True)


def test_a_link_that_names_another_lot_or_other_goods_is_not_trusted(client, world):
    lot, other = tins(world), tins(world)
    (code,) = make_codes(world, lot, 1)
    with db.database().reading() as tx:
        number = tx.execute(select(Lot.number).where(Lot.public_id == other)).scalar_one()

    for path in (
        f"/01/09520001000010/10/{number}/21/{code}",
        f"/01/09520001000027/21/{code}",
        f"/01/09520001000011/21/{code}",
        f"/01/09520001000010/21/{code}/10",
        "/01/nonsense",
    ):
        answer = client.get(path)
        assert answer.status_code == 404, path
        assert "请勿当作正品" in answer.get_data(as_text=True)


def test_a_link_without_a_code_leads_to_the_lot_or_the_goods(client, world):
    lot = tins(world)
    with db.database().reading() as tx:
        number = tx.execute(select(Lot.number).where(Lot.public_id == lot)).scalar_one()

    to_lot = client.get(f"/01/09520001000010/10/{number}")
    to_goods = client.get("/01/09520001000010")

    assert to_lot.headers["Location"] == f"/t/{code_of(lot)}"
    assert to_goods.headers["Location"].endswith("gougunao-teji")


# --- what the cooperative is told ----------------------------------------------------------------


def test_first_and_odd_scans_are_listed_for_the_cooperative_and_the_platform(client, world):
    lot = tins(world)
    first, odd = make_codes(world, lot, 2)
    count_scan(code=first, actor=VISITOR, now=world.now)
    for _ in range(7):
        count_scan(code=odd, actor=VISITOR, now=world.now)
    with db.database().reading() as tx:
        rows = notices(tx, world.organisation_key("TH"), world.manager)
        assert [(row.kind.value, row.serial, row.seen) for row in rows] == [
            ("odd", 2, 7), ("first", 2, 7), ("first", 1, 1)
        ]  # fmt: skip
        assert notices(tx, None, world.operator) == rows
        with pytest.raises(NotFound):
            notices(tx, None, world.manager)
        with pytest.raises(NotFound):
            notices(tx, world.organisation_key("TH"), world.other_manager)

    for who in (world.manager, world.operator, world.weigher):
        assert "扫得异常多" in text_of(client.as_(who), "/cooperative/scans/")
    assert "扫得异常多</span>" not in text_of(
        client.as_(world.other_manager), "/cooperative/scans/"
    )
    assert client.as_(world.clerk).get("/cooperative/scans/").status_code == 403
    assert allocations(lot)[0].count == 2
