"""Labels: each with a code of its own, that decodes from the printed page and leads to its lot."""

from __future__ import annotations

import io
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import func, select

from products.lots.models import Lot
from products.traceability import label_commands, label_sheets, label_views, queries
from products.traceability.label_sheets import Content, Sticker, parts
from products.traceability.models import LabelFile, LabelPrint
from products.traceability.papers import PAPERS, paper_of, papers_for
from products.traceability.rules import spelled
from shop.core import audit, db
from shop.core.errors import NotAllowed, NotFound
from shop.printing import pdf
from tests.products.coded import BOX, UNIT, allocations, make_codes, run_jobs
from tests.world import World

LONG = Content(
    site="https://shanhuo.suichuan.example",
    gtin="09520001000010",
    lot="FZ-TH-2026-00001",
    product="遂川狗牯脑明前手工炒制高山有机绿茶礼盒装珍藏版特级（一芽一叶初展）",
    lines=(
        "二百五十克双罐装礼盒（内附手提袋与冲泡说明），净含量 500 克",
        "采收 2026年12月28日",
        "包装 2026年12月28日",
        "保质期至 2028年12月28日",
        "遂川县汤湖镇高山茶叶种植加工农民专业合作社联合社",
        "承诺达标合格证 JX-360827-2026-000000012345",
    ),
)
LONG_EN = Content(
    site=LONG.site,
    gtin=LONG.gtin,
    lot=LONG.lot,
    product="Suichuan Gougunao hand-fired high-mountain green tea, gift edition, superior",
    lines=(
        "Gift box with two tins of 250 g, carrier bag and brewing notes, net content 500 g",
        "Harvested 28 Dec 2026",
        "Packed 28 Dec 2026",
        "Best before 28 Dec 2028",
        "Tanghu High-Mountain Tea Growers' and Makers' Cooperative Union, Suichuan County",
        "Certificate of conformity JX-360827-2026-000000012345",
    ),
)


def tins(world: World, units: int = 30) -> str:
    return world.tins(units)


def code_of(lot_id: str) -> str:
    with db.database().reading() as tx:
        return tx.execute(select(Lot.trace_code).where(Lot.public_id == lot_id)).scalar_one()


def content_of(app, world: World, lot: str, kind) -> Content:
    with db.database().reading() as tx:
        sheet = queries.sheet(tx, lot_id=lot, actor=world.manager)
    with app.test_request_context():
        return label_views.label_content(sheet, kind)


def asked(world: World, lot: str, **changes) -> tuple[str, str]:
    facts = {
        "allocation_id": allocations(lot)[0].public_id,
        "paper": "a4",
        "first_serial": 1,
        "count": allocations(lot)[0].count,
        "start": 1,
        "content": label_sheets.as_facts(LONG),
        "actor": world.manager,
        "now": world.now,
    }
    return label_commands.print_labels(**{**facts, **changes})


def printed() -> list[bytes]:
    run = select(LabelFile.content).order_by(LabelFile.print_id, LabelFile.part)
    with db.database().reading() as tx:
        return list(tx.execute(run).scalars())


# --- what is printed -----------------------------------------------------------------------------


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.key)
def test_every_code_on_a_sheet_decodes_at_200_dots_and_leads_to_its_lot(app, client, world, paper):
    lot = tins(world)
    codes = make_codes(world, lot, paper.per_page, paper.kind)
    content = content_of(app, world, lot, paper.kind)
    stickers = [Sticker(number, code, 6) for number, code in enumerate(codes, start=1)]

    data = label_sheets.label_data(content, paper, stickers)
    (page,) = pdf.preview("labels", data)
    # Only QR codes are looked for: in letters and lines others are seen that are none.
    found = zxingcpp.read_barcodes(
        Image.open(io.BytesIO(page)), formats=zxingcpp.BarcodeFormat.QRCode
    )

    assert {one.text for one in found} == {content.full_link(code) for code in codes}
    assert len(found) == paper.per_page
    assert data["picture_quarter_mm"] / 4 >= 22.5
    for one in found[:3]:
        answer = client.get(urlsplit(one.text).path)
        assert answer.status_code == 200
        assert content.lot in answer.get_data(as_text=True)
        # The modules alone (37 of 45) take at least 18 mm; the quiet zone stands around them.
        assert (one.position.top_right.x - one.position.top_left.x) / 200 * 25.4 >= 18


@pytest.mark.parametrize("content", [LONG, LONG_EN], ids=["Chinese", "English"])
@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: paper.key)
def test_the_longest_names_have_room_on_every_label(paper, content):
    inside = "内装 %s 罐" if paper.kind is BOX else ""
    content = Content(**{**label_sheets.as_facts(content), "inside": inside})

    file = label_sheets.sheets(content, paper, [Sticker(1, "W" * 12, 1000)])

    text = PdfReader(io.BytesIO(file)).pages[0].extract_text().replace("\n", "").replace(" ", "")
    for words in (content.product, *content.lines):
        assert words.replace(" ", "") in text


def test_words_that_have_no_room_are_not_cut_off_but_fail(database):
    content = Content(**{**label_sheets.as_facts(LONG), "product": "茶" * 900})

    with pytest.raises(Exception, match="no room"):
        label_sheets.sheets(content, paper_of("thermal"), [Sticker(1, "ABCDEFGHJKLM")])


def test_where_the_full_link_has_no_room_the_short_one_is_printed():
    far = Content(**{**label_sheets.as_facts(LONG), "site": "https://" + "very-" * 12 + "far.cn"})

    (link,) = far.links_for(["ABCDEFGHJKLM"], paper_of("thermal"))

    assert link == far.short_link("ABCDEFGHJKLM")
    near = LONG.links_for(["ABCDEFGHJKLM"], paper_of("thermal"))
    assert near == [LONG.full_link("ABCDEFGHJKLM")]
    card = Content("http://127.0.0.1:8000", "", "L", "茶", ())
    paper = paper_of("thermal")
    data = label_sheets.label_data(card, paper, [Sticker(1, "ABCDEFGHJKLM")])
    assert data["picture_quarter_mm"] / 4 == 18.5


def test_each_label_has_its_own_code_in_letters_too(app, world):
    lot = tins(world)
    codes = make_codes(world, lot, 25)
    asked(world, lot)
    run_jobs(world)

    pages = PdfReader(io.BytesIO(printed()[0])).pages

    text = "".join(page.extract_text() for page in pages)
    assert len(pages) == 2
    assert [spelled(code) in text for code in codes] == [True] * 25


@pytest.mark.parametrize(
    ("paper", "count", "start", "pages"),
    [
        ("a4", 24, 1, 1),
        ("a4", 24, 2, 2),
        ("a4-wide", 15, 1, 2),
        ("a4", 1, 24, 1),
        ("thermal", 3, 1, 3),
    ],
)
def test_sheets_have_the_pages_they_need_and_begin_where_told(world, paper, count, start, pages):
    lot = tins(world)
    make_codes(world, lot, 30)
    asked(world, lot, paper=paper, count=count, start=start)
    run_jobs(world)

    file = PdfReader(io.BytesIO(printed()[0]))

    size, box = paper_of(paper), file.pages[0].mediabox
    assert len(file.pages) == pages
    assert abs(float(box.width) / 72 * 25.4 - size.page_width_mm) < 0.1
    assert abs(float(box.height) / 72 * 25.4 - size.page_height_mm) < 0.1


def test_labels_are_printed_of_the_serials_asked_for_and_not_of_withdrawn_codes(world):
    from products.traceability.code_commands import withdraw_code

    lot = tins(world)
    codes = make_codes(world, lot, 10)
    withdraw_code(lot_id=lot, code=codes[4], reason="坏", actor=world.manager, now=world.now)
    asked(world, lot, first_serial=4, count=3)
    run_jobs(world)

    text = PdfReader(io.BytesIO(printed()[0])).pages[0].extract_text()

    assert [spelled(code) in text for code in codes] == [
        False, False, False, True, False, True, *[False] * 4
    ]  # fmt: skip


def test_a_large_print_is_so_many_files_that_meet_without_gap():
    files = list(parts(paper_of("a4"), 101, 1000, 5))

    assert [(serials.start, serials.stop, skip) for serials, skip in files] == [
        (101, 576, 5), (576, 1056, 0), (1056, 1101, 0)
    ]  # fmt: skip
    assert len(list(parts(paper_of("thermal"), 1, 241, 0))) == 2


def test_a_print_goes_on_where_a_dead_worker_ended(world, monkeypatch):
    monkeypatch.setattr(label_sheets, "PAGES_AT_ONCE", 1)
    from shop.jobs import queue

    lot = world.tins(60)
    make_codes(world, lot, 60)
    asked(world, lot)
    queue.run_waiting(lambda: world.now, limit=1)
    assert len(printed()) == 1

    queue.run_waiting(lambda: world.now + timedelta(minutes=5))

    with db.database().reading() as tx:
        files = tx.execute(select(LabelFile.first_serial, LabelFile.count).order_by(LabelFile.part))
        assert [tuple(file) for file in files] == [(1, 24), (25, 24), (49, 12)]


def test_opening_the_seed_for_labels_is_written_into_the_audit_log(world):
    lot = tins(world)
    make_codes(world, lot, 5)
    asked(world, lot, count=4)

    with db.database().reading() as tx:
        (act,) = tx.execute(
            select(audit.AuditEntry).where(audit.AuditEntry.action == "print_labels")
        ).scalars()
    assert act.actor_name == "刘青山"
    assert '"count": 4' in act.facts


def test_files_are_thrown_away_after_a_day(world):
    lot = tins(world)
    make_codes(world, lot, 5)
    asked(world, lot)
    run_jobs(world)
    later = world.now + timedelta(hours=23)
    assert label_commands.throw_away_old_labels(now=later) == 0

    assert label_commands.throw_away_old_labels(now=world.now + timedelta(days=1)) == 1

    assert printed() == []


def test_what_cannot_be_printed_is_refused_and_changes_nothing(world):
    lot = tins(world)
    make_codes(world, lot, 10)

    def counts() -> list[int]:
        with db.database().reading() as tx:
            return [
                tx.execute(select(func.count()).select_from(kind)).scalar_one()
                for kind in (LabelPrint, audit.AuditEntry)
            ]

    before = counts()
    for refusal, changes in (
        (label_commands.OutsideAllocation, {"first_serial": 0}),
        (label_commands.OutsideAllocation, {"first_serial": 2}),
        (label_commands.OutsideAllocation, {"count": 0}),
        (label_commands.SheetIsFull, {"start": 25}),
        (label_commands.SheetIsFull, {"start": 0}),
        (NotFound, {"paper": "box-a4"}),
        (NotFound, {"allocation_id": "alloc_none"}),
        (NotFound, {"actor": world.other_manager}),
        (NotAllowed, {"actor": world.weigher}),
    ):
        with pytest.raises(refusal):
            asked(world, lot, **changes)

    assert counts() == before


def test_labels_wait_until_all_codes_are_given(world):
    from products.traceability.code_commands import make_codes_for_lot

    lot = tins(world)
    make_codes_for_lot(lot_id=lot, kind=UNIT, count=5, actor=world.manager, now=world.now)

    with pytest.raises(label_commands.NotGivenYet):
        asked(world, lot)


# --- pages ---------------------------------------------------------------------------------------


def test_labels_are_ordered_and_fetched_by_the_pages(client, world):
    lot = tins(world)
    make_codes(world, lot, 24, BOX)
    place = f"/cooperative/codes/allocations/{allocations(lot)[0].public_id}/labels"
    client.as_(world.manager)
    form = {"paper": "box-a4", "first_serial": "1", "count": "9", "start": "1"}

    wrong = client.post(place, data={**form, "start": "9"})
    sent = client.post(place, data=form)
    run_jobs(world)

    assert wrong.status_code == 422
    assert "起始位置在 1 到 8 之间" in wrong.get_data(as_text=True)
    told = client.get(sent.headers["Location"]).get_data(as_text=True)
    with db.database().reading() as tx:
        key = tx.execute(select(LabelPrint.public_id)).scalar_one()
    assert f"/cooperative/codes/prints/{key}" in told
    assert "第 1 份" in client.get(f"/cooperative/codes/prints/{key}").get_data(as_text=True)
    file = client.get(f"/cooperative/codes/prints/{key}/1.pdf")
    assert file.mimetype == "application/pdf"
    assert len(PdfReader(io.BytesIO(file.data)).pages) == 2
    assert "内装____罐" in PdfReader(io.BytesIO(file.data)).pages[0].extract_text().replace(" ", "")
    assert client.get(f"/cooperative/codes/prints/{key}/2.pdf").status_code == 404
    for path in (f"/cooperative/codes/prints/{key}", f"/cooperative/codes/prints/{key}/1.pdf"):
        assert client.as_(world.other_manager).get(path).status_code == 404
        assert client.as_(world.weigher).get(path).status_code == 403


def test_shelf_cards_carry_the_code_of_the_lot(client, world):
    lot = tins(world)
    path = f"/cooperative/lots/{lot}/labels"
    client.as_(world.manager)

    assert client.get(path).status_code == 200
    file = client.get(f"{path}.pdf?paper=thermal&count=2")

    pages = PdfReader(io.BytesIO(file.data)).pages
    assert len(pages) == 2
    assert spelled(code_of(lot)) in pages[0].extract_text()
    for count in ("", "0", "many", "2001"):
        answer = client.get(f"{path}.pdf?paper=a4&count={count}")
        assert answer.status_code == 422
        assert answer.mimetype == "text/html"


def test_shelf_cards_are_for_those_who_read_the_lots(client, world):
    lot, leaf = tins(world), world.delivery("张桂兰", 10, "100")
    path = f"/cooperative/lots/{lot}/labels"

    assert client.as_(world.weigher).get(path).status_code == 200
    assert client.as_(world.other_manager).get(path).status_code == 404
    assert client.as_(world.clerk).get(path).status_code == 403
    assert client.as_(world.manager).get(f"/cooperative/lots/{leaf}/labels").status_code == 404


def test_each_kind_of_code_has_papers_of_its_own():
    assert {paper.key for paper in papers_for(UNIT)} == {"a4", "a4-wide", "thermal"}
    assert {paper.key for paper in papers_for(BOX)} == {"box-a4", "box-thermal"}
    assert paper_of("no such paper") == PAPERS[0]
    assert [paper.per_page for paper in PAPERS] == [24, 14, 1, 8, 1]
