"""Certificates: asked for at the gate, issued where goods are mixed, replaced, voided, printed."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from sqlalchemy import func, select

from products.catalogue.states import Category
from products.certificates import issuing
from products.certificates.commands import CertificateRuleStands, set_certificate_rule
from products.certificates.issuing import (
    CertificateContradicts,
    CertificateDemanded,
    CertificateUsed,
)
from products.certificates.models import Certificate, LotCertificate
from products.certificates.rules import keep_until
from products.certificates.states import (
    CertificateKind,
    CertificateSource,
    CertificateState,
    PromiseBasis,
)
from products.households.commands import give_consent, withdraw_consent
from products.lots.certifying import CertificateMissing
from products.lots.commands import correct_delivery, void_delivery
from products.lots.dividing import divide
from products.lots.models import Delivery, Lot
from products.lots.states import LotKind
from products.quality import commands, public_queries, queries
from products.quality.commands import CertificateStands, FileKept, Scan
from products.quality.papers import certificate_data
from products.quality.rules import PAPERS
from shop.core import db
from shop.core.clock import day_of
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, WrongState
from shop.core.events import Event
from shop.printing import pdf
from tests.products.gate import NOON, TODAY, Gate, at_the_gate
from tests.products.test_lots import refused
from tests.world import World

WRITTEN, NONE = CertificateSource.WRITTEN, CertificateSource.NONE
DESK = "/cooperative/certificates/"
SCAN = Scan("证.pdf", "application/pdf", b"%PDF-1.7 a scan")


@pytest.fixture
def gate(world: World) -> Gate:
    return at_the_gate(world)


def paper_of(lot_id: str) -> Certificate | None:
    """The certificate a lot goes by."""
    with db.database().reading() as tx:
        key = tx.execute(select(Lot.id).where(Lot.public_id == lot_id)).scalar_one()
        return issuing.carried(tx, key)


def source_of(lot_id: str) -> CertificateSource:
    with db.database().reading() as tx:
        return tx.execute(
            select(Delivery.certificate_source).join(Lot).where(Lot.public_id == lot_id)
        ).scalar_one()


def papers() -> int:
    with db.database().reading() as tx:
        return tx.execute(select(func.count()).select_from(Certificate)).scalar_one()


def told(kind: str) -> list[dict]:
    with db.database().reading() as tx:
        rows = tx.execute(select(Event.facts).where(Event.kind == kind).order_by(Event.id))
        return [json.loads(text)["facts"] for text in rows.scalars()]


def mixed(gate: Gate) -> str:
    """Tins of two households' leaf."""
    one, two = gate.leaf(gate.zhang, "10"), gate.leaf(gate.li, "10")
    return gate.pack([(gate.rough([(one, 5_000), (two, 5_000)], 2_000), 1_000)], 4)


def reissue(gate: Gate, certificate: str, **changes) -> str:
    facts = {
        "certificate_id": certificate,
        "basis": PromiseBasis.COMMISSIONED,
        "reason": "补了检测",
        "actor": gate.manager,
        "now": NOON,
    }
    return commands.reissue_certificate(**{**facts, **changes})


# --- at the gate --------------------------------------------------------------------------------


def test_a_certificate_is_kept_for_six_months_from_its_day():
    assert keep_until(date(2026, 4, 20)) == date(2026, 10, 20)
    assert keep_until(date(2026, 8, 31)) == date(2027, 2, 28)


def test_leaf_without_a_word_on_its_certificate_is_refused(gate):
    refused(gate, CertificateDemanded, gate.leaf, gate.zhang, "10", certificate="  ")
    assert papers() == 0


def test_what_needs_no_certificate_may_come_without_a_word(gate):
    oil = gate.leaf(gate.zhang, "10", category=Category.OIL, certificate="")

    assert (paper_of(oil), source_of(oil)) == (None, NONE)


def test_the_rule_of_the_day_says_what_needs_one(gate, world):
    set_certificate_rule(
        category=Category.OIL, from_day=TODAY, demanded=True, actor=world.operator, now=NOON
    )
    with pytest.raises(CertificateRuleStands):
        set_certificate_rule(
            category=Category.OIL, from_day=TODAY, demanded=False, actor=world.operator, now=NOON
        )
    with pytest.raises(NotAllowed):
        set_certificate_rule(
            category=Category.DRY, from_day=TODAY, demanded=True, actor=world.manager, now=NOON
        )

    refused(gate, CertificateDemanded, gate.leaf, gate.zhang, "1", category=Category.OIL,
            certificate="")  # fmt: skip
    before = NOON - timedelta(days=1)
    gate.leaf(gate.zhang, "1", category=Category.OIL, certificate="", now=before)


def test_the_operator_says_it_on_a_page_of_its_own(client, gate, world):
    url = "/platform/certificate-rules/"
    rule = {"category": "oil", "from_day": TODAY.isoformat(), "demanded": "yes"}

    assert client.as_(world.manager).get(url).status_code == 403
    client.as_(world.operator)
    assert client.post(url, data=rule).status_code == 303
    again = client.post(url, data=rule)
    assert again.status_code == 409
    assert "已经有一条规定了" in again.text
    assert "2026年4月20日" in again.text

    refused(gate, CertificateDemanded, gate.leaf, gate.zhang, "1", category=Category.OIL,
            certificate="")  # fmt: skip


def test_a_collected_certificate_is_kept_and_covers_all_it_is_shown_for(gate):
    first = gate.leaf(gate.zhang, "10", certificate="A-1")
    again = gate.leaf(gate.zhang, "5", certificate=" A-1 ")
    other = gate.leaf(gate.li, "5", certificate="A-1")

    paper = paper_of(first)
    assert paper is not None
    assert (paper.kind, paper.number, paper.grams) == (CertificateKind.COLLECTED, "A-1", None)
    assert paper.keep_until == date(2026, 10, 20)
    assert paper_of(again).id == paper.id
    assert paper_of(other).id != paper.id
    assert source_of(first) is CertificateSource.COLLECTED
    assert told("certificate") == []


def test_one_is_written_for_a_household_that_brought_none(gate):
    leaf = gate.leaf(gate.zhang, "10.5", certificate="", certificate_source=WRITTEN)

    paper = paper_of(leaf)
    assert paper is not None
    assert (paper.kind, paper.number) == (CertificateKind.WRITTEN, "HGZD-TH-2026-00001")
    assert (paper.grams, paper.basis) == (10_500, PromiseBasis.PROMISE)
    assert gate.lot(leaf).certificate == "HGZD-TH-2026-00001"
    (fact,) = told("certificate")
    assert fact["number"] == "HGZD-TH-2026-00001"
    assert fact["cooperative"] == "TH"


def test_that_a_household_issued_none_is_written_down_and_no_ground_to_refuse(gate):
    leaf = gate.leaf(gate.zhang, "10", certificate="", certificate_source=NONE)

    assert (paper_of(leaf), source_of(leaf), gate.lot(leaf).certificate) == (None, NONE, "")


@pytest.mark.parametrize("source", [WRITTEN, NONE])
def test_a_number_beside_no_certificate_of_theirs_is_refused(gate, source):
    refused(gate, CertificateContradicts, gate.leaf, gate.zhang, "1", certificate_source=source)


def test_a_correction_voids_what_was_written_for_the_wrong_weight(gate):
    leaf = gate.leaf(gate.zhang, "100", certificate="", certificate_source=WRITTEN)
    wrong = paper_of(leaf)

    right = correct_delivery(
        lot_id=leaf,
        grams=10_000,
        grade="",
        fen_per_kg=10_000,
        payment=gate.consignment,
        certificate="",
        certificate_source=WRITTEN,
        reason="多了一位",
        actor=gate.weigher,
        now=NOON,
    )

    assert paper_of(leaf) is None
    assert paper_of(right).grams == 10_000
    with db.database().reading() as tx:
        assert tx.get_one(Certificate, wrong.id).state is CertificateState.VOIDED


def test_a_voided_delivery_leaves_a_collected_certificate_standing(gate):
    leaf = gate.leaf(gate.zhang, "10", certificate="A-1")
    paper = paper_of(leaf)

    void_delivery(lot_id=leaf, reason="重复", actor=gate.weigher, now=NOON)

    assert paper_of(leaf) is None
    with db.database().reading() as tx:
        assert tx.get_one(Certificate, paper.id).state is CertificateState.VALID


def test_the_weigh_in_page_asks_in_three_ways_and_says_what_is_missing(client, gate, world):
    client.as_(world.weigher)
    url = f"/cooperative/deliveries/new/{gate.zhang}"
    leaf = {"category": "tea", "name": "鲜叶", "grade": "", "plot_id": "", "grams": "5",
            "fen_per_kg": "100", "payment": "paid", "certificate": ""}  # fmt: skip

    page = client.get(url).text
    for words in ("农户带来了合格证", "合作社代写，农户签字", "农户没有开合格证"):
        assert words in page
    bad = client.post(url, data={**leaf, "certificate_source": "collected"})
    assert bad.status_code == 422
    assert "收购时要查验合格证" in bad.text
    check = client.post(url, data={**leaf, "certificate_source": "none", "step": "check"})
    assert "农户没有开合格证" in check.text
    done = client.post(url, data={**leaf, "certificate_source": "written"})
    assert "HGZD-TH-2026-00001（代写，请农户签字）" in client.get(done.location).text


# --- mixed goods --------------------------------------------------------------------------------


def test_mixing_issues_a_certificate_with_the_lot(gate):
    packed = mixed(gate)

    paper = paper_of(packed)
    assert paper is not None
    assert (paper.kind, paper.number) == (CertificateKind.ISSUED, "HGZ-TH-2026-00001")
    assert (paper.goods, paper.grams) == ("狗牯脑绿茶 特级", 1_000)
    assert gate.lot(packed).certificate == paper.number
    (fact,) = told("packed")
    assert fact["certificate"] == paper.number
    assert told("certificate")[-1]["lot"] == gate.lot(packed).number


def test_a_refused_packing_issues_nothing(gate):
    one, two = gate.leaf(gate.zhang, "10", certificate="A"), gate.leaf(gate.li, "10")
    kept = papers()

    refused(gate, CertificateMissing, gate.pack, [(one, 250), (two, 250)], 2, certificate="A")

    assert papers() == kept


def test_goods_of_one_household_keep_theirs_unless_another_is_asked_for(gate):
    leaf = gate.leaf(gate.zhang, "10", certificate="A")

    kept = gate.pack([(leaf, 250)], 1)
    anew = gate.pack([(leaf, 250)], 1, new_certificate=True)

    assert paper_of(kept).id == paper_of(leaf).id
    assert gate.lot(anew).certificate == "HGZ-TH-2026-00001"


def test_goods_without_any_get_one_when_they_are_packed(gate):
    leaf = gate.leaf(gate.zhang, "10", certificate="", certificate_source=NONE)

    assert gate.lot(gate.pack([(leaf, 250)], 1)).certificate == "HGZ-TH-2026-00001"


def test_parts_of_a_lot_go_by_its_certificate(gate):
    leaf = gate.leaf(gate.zhang, "10", certificate="A")

    (part,) = divide(
        lot_id=leaf,
        kind=LotKind.PART,
        parts=(("头茬", "", 4_000),),
        note="",
        actor=gate.manager,
        now=NOON,
    )

    assert paper_of(part).id == paper_of(leaf).id
    assert gate.lot(part).certificate == "A"


def test_a_number_from_elsewhere_is_used_once_and_none_of_our_series_by_hand(gate):
    one, two = gate.leaf(gate.zhang, "10"), gate.leaf(gate.li, "10")
    inputs = [(one, 250), (two, 250)]
    assert gate.lot(gate.pack(inputs, 2, certificate="省平台-77")).certificate == "省平台-77"

    refused(gate, CertificateUsed, gate.pack, inputs, 2, certificate="省平台-77")
    refused(gate, CertificateUsed, gate.pack, inputs, 2, certificate="HGZ-TH-2026-00099")


# --- the cooperative's desk ---------------------------------------------------------------------


def test_a_lot_without_one_is_issued_one_once(gate):
    rough = gate.rough([(gate.leaf(gate.zhang, "10"), 10_000)], 2_000)
    facts = {"lot_id": rough, "basis": PromiseBasis.OWN_TEST, "now": NOON}
    with pytest.raises(NotAllowed):
        commands.issue_certificate(**facts, actor=gate.weigher)
    with pytest.raises(NotFound):
        commands.issue_certificate(**facts, actor=gate.stranger)
    assert paper_of(rough) is None

    public_id = commands.issue_certificate(**facts, actor=gate.manager)

    assert paper_of(rough).public_id == public_id
    with pytest.raises(CertificateStands):
        commands.issue_certificate(**facts, actor=gate.manager)


def test_a_voided_lot_is_issued_none(gate):
    leaf = gate.leaf(gate.zhang, "10")
    void_delivery(lot_id=leaf, reason="重复", actor=gate.weigher, now=NOON)

    with pytest.raises(WrongState):
        commands.issue_certificate(
            lot_id=leaf, basis=PromiseBasis.CONTROL, actor=gate.manager, now=NOON
        )


def test_a_new_certificate_takes_the_old_ones_place_for_all_its_lots(gate):
    leaf = gate.leaf(gate.zhang, "10", certificate="A")
    packed = gate.pack([(leaf, 250)], 1)
    old = paper_of(leaf)

    with pytest.raises(ReasonMissing):
        reissue(gate, old.public_id, reason=" ")
    with pytest.raises(NotAllowed):
        reissue(gate, old.public_id, actor=gate.weigher)
    with pytest.raises(NotFound):
        reissue(gate, old.public_id, actor=gate.stranger)
    new = reissue(gate, old.public_id)

    assert paper_of(leaf).public_id == paper_of(packed).public_id == new
    assert gate.lot(packed).certificate == gate.lot(leaf).certificate == "HGZ-TH-2026-00001"
    with db.database().reading() as tx:
        page = queries.certificate(tx, old.public_id, gate.cooperative_key, gate.manager)
        assert page.row.state is CertificateState.REPLACED
        assert page.replaced_by == (new, "HGZ-TH-2026-00001")
        assert page.reason == "补了检测"
    with pytest.raises(WrongState):
        reissue(gate, old.public_id)


def test_a_voided_certificate_leaves_its_lots_without_one_and_is_kept(gate):
    packed = mixed(gate)
    paper = paper_of(packed)
    facts = {"certificate_id": paper.public_id, "now": NOON}
    with pytest.raises(ReasonMissing):
        commands.void_certificate(**facts, reason="", actor=gate.manager)
    with pytest.raises(NotAllowed):
        commands.void_certificate(**facts, reason="错了", actor=gate.weigher)
    assert paper_of(packed) is not None

    commands.void_certificate(**facts, reason="写错品名", actor=gate.manager)

    assert paper_of(packed) is None
    assert gate.lot(packed).certificate == ""
    with db.database().reading() as tx:
        promise = public_queries.promise(tx, paper.public_id, day=TODAY)
        assert promise.state is CertificateState.VOIDED
    with pytest.raises(WrongState):
        commands.void_certificate(**facts, reason="再来", actor=gate.manager)


def test_a_voided_paper_of_a_household_is_not_taken_again(gate):
    leaf = gate.leaf(gate.zhang, "10", certificate="A")
    commands.void_certificate(
        certificate_id=paper_of(leaf).public_id, reason="字迹不清", actor=gate.manager, now=NOON
    )

    refused(gate, CertificateUsed, gate.leaf, gate.zhang, "1", certificate="A")


def test_a_scan_is_kept_once_and_handed_to_the_cooperative_alone(client, gate, world):
    paper = paper_of(gate.leaf(gate.zhang, "10", certificate="A")).public_id
    client.as_(world.manager)
    sent = {"file": (io.BytesIO(b"<html>"), "证.pdf")}
    bad = client.post(f"{DESK}{paper}/file/new", data=sent)
    assert bad.status_code == 422
    assert "只收 PDF、PNG、JPG" in bad.text

    kept = client.post(f"{DESK}{paper}/file/new", data={"file": (io.BytesIO(SCAN.content), "a")})

    assert kept.status_code == 303
    got = client.get(f"{DESK}{paper}/file")
    assert (got.data, got.mimetype) == (SCAN.content, "application/pdf")
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert client.as_(world.weigher).get(f"{DESK}{paper}/file").status_code == 200
    assert client.as_(world.other_manager).get(f"{DESK}{paper}/file").status_code == 404
    assert client.as_(world.clerk).get(f"{DESK}{paper}/file").status_code == 403
    with pytest.raises(FileKept):
        commands.keep_certificate_file(
            certificate_id=paper, scan=SCAN, actor=gate.manager, now=NOON
        )


def test_certificates_are_found_by_number_goods_lot_and_kind(gate):
    gate.leaf(gate.zhang, "10", certificate="NH-7")
    packed = mixed(gate)

    def found(**wish) -> list[str]:
        with db.database().reading() as tx:
            rows = queries.search(tx, gate.cooperative_key, gate.manager, **wish).rows
            return [row.number for row in rows]

    assert found(words="NH-7") == ["NH-7"]
    assert found(words=gate.lot(packed).number) == ["HGZ-TH-2026-00001"]
    assert found(kind=CertificateKind.ISSUED) == ["HGZ-TH-2026-00001"]
    assert found(words="没有的") == []
    assert len(found()) == 4
    with db.database().reading() as tx, pytest.raises(NotFound):
        queries.search(tx, gate.cooperative_key, gate.stranger)


def test_what_is_kept_long_enough_soon_is_due_while_goods_are_left(gate, world, client):
    leaf = gate.leaf(gate.zhang, "10", certificate="A")
    soon, later = date(2026, 9, 25), date(2026, 9, 15)

    def due(day: date) -> list[str]:
        with db.database().reading() as tx:
            rows = queries.due(tx, gate.cooperative_key, gate.manager, day=day).certificates
            return [row.number for row in rows]

    assert (due(later), due(soon)) == ([], ["A"])
    gate.rough([(leaf, 10_000)], 2_000)
    assert due(soon) == []


# --- in public and on paper ---------------------------------------------------------------------


def test_the_public_page_shows_a_cooperatives_own_by_id_and_by_number(client, gate):
    paper = paper_of(mixed(gate))

    for key in (paper.public_id, paper.number):
        page = client.get(f"/c/{key}")
        assert page.status_code == 200
        for words in ("承诺达标合格证", "HGZ-TH-2026-00001", "汤湖茶叶合作社", "内部质量控制"):
            assert words in page.text
    assert client.get("/c/HGZ-TH-2026-09999").status_code == 404


def test_a_household_is_on_the_public_page_only_as_far_as_it_consents(client, gate):
    paper = paper_of(gate.leaf(gate.zhang, "10", certificate="A-1"))
    facts = {"household_id": gate.zhang, "on": TODAY, "actor": gate.manager, "now": NOON}

    hidden = client.get(f"/c/{paper.public_id}").text
    give_consent(**facts)
    shown = client.get(f"/c/{paper.public_id}").text
    withdraw_consent(**facts)
    again = client.get(f"/c/{paper.public_id}").text

    for page in (hidden, again):
        assert "本村农户" in page
        assert "南屏村" not in page
        assert "张" not in page.replace("张数", "")
    assert "汤湖镇南屏村 张**" in shown
    assert "张桂兰" not in shown
    assert client.get("/c/A-1").status_code == 404


def printed(gate: Gate, certificate: Certificate, place: int, count: int) -> bytes:
    with db.database().reading() as tx:
        promise = public_queries.promise(tx, certificate.public_id, day=TODAY)
        row = queries.certificate(tx, certificate.public_id, gate.cooperative_key, gate.manager).row
    data = certificate_data(
        promise, row, PAPERS[place], count, link=f"https://shop.example/c/{row.public_id}"
    )
    return b"".join(pdf.preview("certificate", data)[:1])


@pytest.mark.parametrize(("place", "found"), [(0, 6), (1, 1)])
def test_every_printed_code_leads_to_the_public_page(gate, place, found):
    paper = paper_of(mixed(gate))

    picture = printed(gate, paper, place, 6)

    codes = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert [code.text for code in codes] == [f"https://shop.example/c/{paper.public_id}"] * found


def test_the_paper_has_the_fields_the_law_names(client, gate, world):
    paper = paper_of(mixed(gate))
    client.as_(world.manager)

    answer = client.get(f"{DESK}{paper.public_id}/certificate.pdf?paper=a4&count=7")

    assert answer.mimetype == "application/pdf"
    sheets = PdfReader(io.BytesIO(answer.data)).pages
    assert len(sheets) == 2
    text = sheets[1].extract_text()
    for words in ("承诺达标合格证", "产品名称", "狗牯脑绿茶", "1公斤", "江西遂川县", "生产者",
                  "联系方式", "2026年4月20日", "委托检测", "自我承诺", "盖章或签名"):  # fmt: skip
        assert words in "".join(text.split())
    assert (
        client.get(f"{DESK}{paper.public_id}/certificate.pdf?paper=a4&count=x").status_code == 422
    )


def test_a_household_signs_with_its_name_but_goes_out_without_it(client, gate, world):
    leaf = gate.leaf(gate.zhang, "10", certificate="", certificate_source=WRITTEN)
    paper = paper_of(leaf).public_id
    client.as_(world.manager)

    def text(kind: str) -> str:
        file = client.get(f"{DESK}{paper}/certificate.pdf?paper={kind}&count=1").data
        return PdfReader(io.BytesIO(file)).pages[0].extract_text()

    assert "张桂兰" in text("a4")
    assert "张" not in text("sticker")
    assert "本村农户" in text("sticker")


def test_the_product_page_leads_to_the_certificate_of_each_lot(client, gate):
    paper = paper_of(mixed(gate))

    page = client.get("/shop/gougunao-teji").text

    assert f'href="/c/{paper.public_id}"' in page


def test_the_papers_of_a_lot_reach_down_to_the_leaf_and_name_nobody(gate):
    packed = mixed(gate)

    with db.database().reading() as tx:
        key = tx.execute(select(Lot.id).where(Lot.public_id == packed)).scalar_one()
        found = public_queries.of_lot(tx, key)

    assert found.own.number == "HGZ-TH-2026-00001"
    assert [paper.number for paper in found.behind] == ["CN-LEAF", "CN-LEAF"]
    assert "张桂兰" not in repr(found)


def test_a_lot_goes_by_one_certificate_at_a_time(gate):
    leaf = gate.leaf(gate.zhang, "10", certificate="A")
    reissue(gate, paper_of(leaf).public_id, now=NOON + timedelta(hours=1))

    with db.database().reading() as tx:
        rows = tx.execute(select(LotCertificate.until).order_by(LotCertificate.id)).scalars().all()
    assert [until and day_of(until) for until in rows] == [TODAY, None]
