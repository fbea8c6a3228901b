"""Papers: what they say, that equal data gives equal bytes, and who may have them."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pypdf
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from orders.documents.queries import dossier, households_of
from orders.documents.rules import Backer, PoolEvent, attribute, paper_number
from orders.documents.states import PaperKind
from orders.purchasing.states import PaymentTerms
from orders.shipments.commands import record_invoice
from orders.shipments.returning import return_goods
from products.households.commands import give_consent
from shop.core import clock, db
from shop.core.money import ZERO, Money, largest_remainder, yuan
from shop.printing import pdf
from tests.conftest import Browser
from tests.products.proofs.logs import sealed, signed, written
from tests.world import World

AT = datetime(2026, 4, 20, tzinfo=UTC)


def text_of(content: bytes) -> str:
    """The text of a PDF without the small gaps between Chinese and Latin."""
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


def bought(world: World) -> tuple[str, str]:
    """Ten tins paid, nine accepted by two people, settled, with an invoice."""
    world.tins(30)
    for name in ("张桂兰", "李长根"):
        give_consent(
            household_id=world.household(name),
            on=clock.day_of(world.now),
            actor=world.manager,
            now=world.now,
        )
    purchase_id = world.approved(10)
    world.paid(purchase_id)
    acceptance = world.accepted(purchase_id, short=1)
    world.settle()
    record_invoice(
        order_id=world.orders(purchase_id)[0],
        number="26952000000012345678",
        issued_on=clock.day_of(world.now),
        amount=yuan("2142.00"),
        file_name="发票.pdf",
        media_type="application/pdf",
        content=b"%PDF-1.7\n%%EOF\n",
        actor=world.manager,
        now=world.now,
    )
    return purchase_id, acceptance


def papers(world: World, purchase_id: str) -> dict[PaperKind, str]:
    """Where each paper of a purchase lies."""
    with db.database().reading() as tx:
        found = dossier(tx, purchase_id, world.clerk)
    return {
        paper.kind: f"/papers/{purchase_id}/{paper.kind.value}/{paper.thing}.pdf"
        for paper in found.papers
    }


WORDS = {
    PaperKind.CONTRACT: (
        "采购合同 HT-TH-2026-00001 县直机关工会 汤湖茶叶合作社 ¥2,380.00"
        " 人民币贰仟叁佰捌拾元整 238.00 每件的钱付给谁 142.80 免税 第1/"
    ),
    PaperKind.PAYMENT_SLIP: (
        "付款通知单 FK-GH-2026-00001 15020601093000 贰仟叁佰捌拾元整 示范银行遂川支行"
    ),
    PaperKind.DELIVERY_NOTE: ("送货单 FH-TH-2026-00001 狗牯脑绿茶特级250克罐装 SF0001 孙浩 装箱单"),
    PaperKind.ACCEPTANCE_RECORD: (
        "验收单 YS-2026-00001 王梅 孙浩 ¥2,142.00 贰仟壹佰肆拾贰元整 短少和破损共1件"
    ),
    PaperKind.SETTLEMENT_SHEET: (
        "结算单 JSD-GH-2026-00001 张** 李** 南屏村 1,285.20 ¥2,142.00 26952000000012345678"
    ),
}


def test_every_paper_says_what_it_must(world: World, client: Browser) -> None:
    purchase_id, _acceptance = bought(world)
    browser = client.as_(world.clerk)

    found = papers(world, purchase_id)

    assert list(found) == list(PaperKind)
    for kind, address in found.items():
        answer = browser.get(address)
        assert answer.mimetype == "application/pdf"
        said = text_of(answer.data)
        missing = [words for words in WORDS[kind].split() if words not in said]
        assert not missing, (kind, missing, said)
        assert len(pypdf.PdfReader(io.BytesIO(answer.data)).pages) <= 2


def test_a_settlement_sheet_carries_a_checkpoint_and_stays_as_it_was_printed(
    world: World, client: Browser
) -> None:
    purchase_id, _acceptance = bought(world)
    address = papers(world, purchase_id)[PaperKind.SETTLEMENT_SHEET]
    browser = client.as_(world.clerk)
    without = text_of(browser.get(address).data)

    sealed(world.now)
    size = signed(world.now)
    world.now += timedelta(days=1)
    first = browser.get(address).data
    written(1)
    sealed(world.now)
    signed(world.now + timedelta(days=1))

    assert "检查点" not in without
    assert f"检查点盖住{size}条记录" in text_of(first)
    assert browser.get(address).data == first


def test_no_paper_names_a_household_in_full(world: World, client: Browser) -> None:
    purchase_id, _acceptance = bought(world)
    browser = client.as_(world.clerk)

    for address in papers(world, purchase_id).values():
        said = text_of(browser.get(address).data)
        assert "张桂兰" not in said
        assert "李长根" not in said


def test_a_household_without_consent_is_not_named_at_all(world: World, client: Browser) -> None:
    world.tins(30)
    purchase_id = world.approved(10)
    world.paid(purchase_id)
    world.accepted(purchase_id)
    world.settle()

    address = papers(world, purchase_id)[PaperKind.SETTLEMENT_SHEET]
    said = text_of(client.as_(world.clerk).get(address).data)

    assert "未公开" in said
    assert "张*" not in said
    assert "南屏村" not in said


def test_equal_data_gives_equal_bytes(world: World, client: Browser) -> None:
    purchase_id, _acceptance = bought(world)
    browser = client.as_(world.clerk)
    everything = [*papers(world, purchase_id).values(), f"/papers/{purchase_id}/all.zip"]

    first = [browser.get(address).data for address in everything]
    browser = client.as_(world.union_auditor)
    second = [browser.get(address).data for address in everything]

    assert first == second


def test_the_archive_holds_every_paper_and_the_invoice(world: World, client: Browser) -> None:
    purchase_id, _acceptance = bought(world)

    answer = client.as_(world.clerk).get(f"/papers/{purchase_id}/all.zip")

    with zipfile.ZipFile(io.BytesIO(answer.data)) as box:
        names = box.namelist()
        assert not box.testzip()
    assert names == [
        "01-HT-TH-2026-00001-采购合同.pdf",
        "02-FK-GH-2026-00001-付款通知单.pdf",
        "03-FH-TH-2026-00001-送货单.pdf",
        "04-YS-2026-00001-验收单.pdf",
        "05-JSD-GH-2026-00001-结算单.pdf",
        "06-发票-26952000000012345678.pdf",
    ]


def test_the_file_page_lists_every_paper_with_number_and_date(
    world: World, client: Browser
) -> None:
    purchase_id, _acceptance = bought(world)

    page = client.as_(world.clerk).get(f"/papers/{purchase_id}").text

    for address in papers(world, purchase_id).values():
        assert address in page
    for words in ("HT-TH-2026-00001", "2026年4月20日", "全部下载（ZIP，6 份）"):
        assert words in page


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        ("clerk", set(PaperKind)),
        ("union_auditor", set(PaperKind)),
        ("auditor", set(PaperKind)),
        (
            "manager",
            {PaperKind.CONTRACT, PaperKind.DELIVERY_NOTE, PaperKind.ACCEPTANCE_RECORD},
        ),
        ("stranger", set()),
        ("other_manager", set()),
    ],
)
def test_papers_are_for_those_they_are_between(
    world: World, client: Browser, who: str, kinds: set[PaperKind]
) -> None:
    purchase_id, _acceptance = bought(world)
    addresses = papers(world, purchase_id)
    browser = client.as_(world.person(who))

    given = {kind for kind, address in addresses.items() if browser.get(address).status_code == 200}

    assert given == kinds
    assert browser.get(f"/papers/{purchase_id}").status_code == (200 if kinds else 404)


def test_papers_appear_as_the_purchase_goes_on(world: World, client: Browser) -> None:
    world.tins(30)
    purchase_id = world.submitted(10)
    browser = client.as_(world.clerk)
    assert "还没有单据" in browser.get(f"/papers/{purchase_id}").text
    answer = browser.get(f"/papers/{purchase_id}/payment_slip/{purchase_id}.pdf")
    assert answer.status_code == 404
    assert browser.get(f"/papers/{purchase_id}/nonsense/{purchase_id}.pdf").status_code == 404


def test_the_qr_of_a_paper_leads_to_a_page_that_confirms_it(world: World, client: Browser) -> None:
    _purchase_id, acceptance = bought(world)
    link = f"http://127.0.0.1:8000/papers/check/acceptance_record/{acceptance}"
    (page, *_more) = pdf.preview("acceptance_record", sample(link), 200)

    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page)))

    assert code.text == link
    answer = client.get(link.removeprefix("http://127.0.0.1:8000"))
    assert answer.status_code == 200
    for words in ("YS-2026-00001", "¥2,142.00", "县直机关工会", "汤湖茶叶合作社"):
        assert words in answer.text
    assert "孙浩" not in answer.text
    assert client.get("/papers/check/acceptance_record/accept_none").status_code == 404


def sample(link: str, **changes: object) -> dict[str, object]:
    """The least an acceptance record is made of."""
    column = {"name": "品名", "width": 1, "right": False}
    return {
        "title": "验收单",
        "number": "YS-1",
        "issuer": "山货",
        "lang": "zh",
        "head": [["编号", "YS-1"]],
        "link": link,
        "qr_note": "扫码核对本单",
        "page_word": "第",
        "page_end": "页",
        "buyer": {"title": "验收方", "facts": []},
        "seller": {"title": "供货方", "facts": []},
        "goods_title": "明细",
        "columns": [column],
        "rows": [["茶"]],
        "total_row": ["合计"],
        "amount": {
            "name": "金额",
            "figures": "¥1.00",
            "capitals_name": "大写",
            "capitals": "壹元整",
        },
        "conclusion_title": "结论",
        "conclusion": ["好"],
        "signatures": [{"title": "经手人", "name": "", "day": ""}],
        "seals": ["盖章"],
        **changes,
    }


def test_text_is_never_markup() -> None:
    nasty = '#read("/etc/passwd") *粗* $x^2$ = 标题 @preview [a](b) \\ `c`'

    said = text_of(pdf.render("acceptance_record", sample("", rows=[[nasty]])))

    assert "".join(nasty.split()) in said


def test_long_tables_repeat_their_head_and_number_their_pages() -> None:
    rows = [[f"第{n}种茶"] for n in range(1, 81)]

    content = pdf.render("acceptance_record", sample("", rows=rows))

    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages]
    assert len(pages) == 3
    for number, page in enumerate(pages, start=1):
        assert f"{number}/3" in page
    assert all("品名" in page for page in pages[:2])


def test_papers_carry_their_own_fonts() -> None:
    content = pdf.render("acceptance_record", sample(""))

    fonts = {
        str(font.get_object()["/BaseFont"])
        for page in pypdf.PdfReader(io.BytesIO(content)).pages
        for font in page["/Resources"]["/Font"].values()  # type: ignore[index]
    }
    assert fonts
    assert all("NotoSansSC" in font for font in fonts)


def test_papers_borrow_the_number_of_their_thing() -> None:
    assert paper_number(PaperKind.CONTRACT, "DD-TH-2026-00012") == "HT-TH-2026-00012"
    assert paper_number(PaperKind.SETTLEMENT_SHEET, "CG-GH-2026-00003") == "JSD-GH-2026-00003"
    assert paper_number(PaperKind.DELIVERY_NOTE, "FH-TH-2026-00001") == "FH-TH-2026-00001"


def test_the_sheets_of_all_purchases_sum_to_what_was_settled(world: World) -> None:
    world.tins(40, {"张桂兰": 20, "李长根": 15, "黄水生": 10})
    first = world.approved(13)
    world.paid(first)
    world.accepted(first, short=2)
    second = world.approved(11, terms=PaymentTerms.AFTER)
    accepted = world.accepted(second)
    world.paid(second, "2618.00")
    (line,) = world.accepted_lines(accepted)
    return_goods(
        acceptance_id=accepted,
        lines=((line, 3),),
        reason="受潮",
        actor=world.clerk,
        now=world.now + timedelta(hours=1),
    )
    world.settle()

    earned: dict[int, int] = {}
    with db.database().reading() as tx:
        for purchase_id in (first, second):
            for row in households_of(tx, dossier(tx, purchase_id, world.clerk).track):
                key = row.earned.household_id
                earned[key] = earned.get(key, 0) + row.earned.share.fen
                assert row.earned.share == row.earned.set_off + row.earned.second

    pool = yuan("142.80") * (11 + 11 - 3)
    names = sorted(("张桂兰", "李长根", "黄水生"), key=world.household)
    weights = {"张桂兰": 20, "李长根": 15, "黄水生": 10}
    shares = largest_remainder(pool, [weights[name] for name in names])
    assert [earned[world.household_key(name)] for name in names] == [s.fen for s in shares]


@given(
    amounts=st.lists(st.integers(0, 10_000_00), min_size=1, max_size=8),
    weights=st.lists(st.integers(0, 5000), min_size=1, max_size=6).filter(any),
    paid=st.integers(0, 5000),
)
def test_the_parts_of_a_lots_purchases_telescope(
    amounts: list[int], weights: list[int], paid: int
) -> None:
    backers = [Backer(key, weight, Money(paid)) for key, weight in enumerate(weights)]
    parts = [
        attribute(
            [
                PoolEvent(AT, place, Money(fen), mine=place == chosen)
                for place, fen in enumerate(amounts)
            ],
            backers,
        )
        for chosen in range(len(amounts))
    ]

    for key, share in enumerate(largest_remainder(Money(sum(amounts)), weights)):
        assert sum((part[key].share for part in parts), ZERO) == share
        assert sum((part[key].set_off for part in parts), ZERO) == min(share, Money(paid))
