"""Tests of lots, with their reports; one that failed freezes its lot until it is cleared."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from products.lots.freezing import LotFrozen
from products.lots.models import Lot, LotFreeze
from products.lots.states import FreezeCause
from products.lots.weighing import void_delivery
from products.quality import public_queries, queries
from products.quality.commands import ReportAhead, ReportRecorded, Scan, clear_test, record_test
from products.quality.models import LotTest
from products.quality.states import LotTestState
from shop.core import db
from shop.core.audit import AuditEntry
from shop.core.errors import NotAllowed, NotFound, ReasonMissing, SamePerson, WrongState
from shop.core.events import Event
from tests.products.gate import NOON, TODAY, Gate, at_the_gate
from tests.products.test_lots import refused
from tests.world import World

REPORT = Scan("报告.pdf", "application/pdf", b"%PDF-1.7 a report")


@pytest.fixture
def gate(world: World) -> Gate:
    return at_the_gate(world)


@pytest.fixture
def rough(gate: Gate) -> str:
    """Rough tea of one household."""
    return gate.rough([(gate.leaf(gate.zhang, "50"), 50_000)], 10_000)


def recorded(gate: Gate, lot_id: str, **changes: Any) -> str:
    facts = {
        "lot_id": lot_id,
        "subject": "农药残留",
        "agency": "示范检测站",
        "report": "R-1",
        "passed": True,
        "tested_on": TODAY,
        "valid_until": TODAY + timedelta(days=180),
        "scan": REPORT,
        "public": False,
        "actor": gate.manager,
        "now": NOON,
    }
    return record_test(**{**facts, **changes})


def cleared(test_id: str, actor: Any, reason: str = "复检合格") -> None:
    clear_test(test_id=test_id, reason=reason, actor=actor, now=NOON)


def row(test_id: str) -> LotTest:
    with db.database().reading() as tx:
        return tx.execute(select(LotTest).where(LotTest.public_id == test_id)).scalar_one()


def counts() -> list[int]:
    """What a refusal may not change."""
    with db.database().reading() as tx:
        return [
            tx.execute(select(func.count()).select_from(model)).scalar_one()
            for model in (LotTest, LotFreeze, AuditEntry, Event)
        ]


def test_a_test_that_passed_is_kept_told_and_freezes_nothing(gate, rough):
    test = row(recorded(gate, rough))

    assert (test.state, test.report, test.public) == (LotTestState.PASSED, "R-1", False)
    assert gate.lot(rough).freezes == 0
    with db.database().reading() as tx:
        text = tx.execute(select(Event.facts).where(Event.kind == "test")).scalar_one()
    fact = json.loads(text)
    assert fact["thing"] == rough
    assert fact["facts"] == {
        "lot": gate.lot(rough).number,
        "cooperative": "TH",
        "test": "农药残留",
        "agency": "示范检测站",
        "report": "R-1",
        "passed": True,
        "on": "2026-04-20",
        "valid_until": "2026-10-17",
    }


def test_a_lot_that_failed_stands_still_at_once(gate, rough):
    test = recorded(gate, rough, passed=False)

    assert gate.lot(rough).freezes == 1
    with db.database().reading() as tx:
        frozen = tx.execute(select(LotFreeze)).scalar_one()
    assert (frozen.cause, frozen.about) == (FreezeCause.QUALITY, test)
    refused(gate, LotFrozen, gate.pack, [(rough, 250)], 1)


def test_a_second_person_lifts_it_with_a_reason_and_the_result_stays(gate, world, rough):
    test = recorded(gate, rough, passed=False)
    before = counts()
    for refusal, actor, reason in (
        (ReasonMissing, world.operator, " "),
        (SamePerson, gate.manager, "没事"),
        (NotAllowed, gate.weigher, "没事"),
        (NotFound, gate.stranger, "没事"),
    ):
        with pytest.raises(refusal):
            cleared(test, actor, reason)
    assert counts() == before

    cleared(test, world.operator)

    assert gate.lot(rough).freezes == 0
    assert (row(test).state, row(test).reason) == (LotTestState.CLEARED, "复检合格")
    gate.pack([(rough, 250)], 1)
    with pytest.raises(WrongState):
        cleared(test, world.operator)


def test_there_is_nothing_to_lift_of_a_test_that_passed(gate, world, rough):
    with pytest.raises(WrongState):
        cleared(recorded(gate, rough), world.operator)
    with pytest.raises(NotFound):
        cleared("test_0000000000000000", world.operator)


def test_two_failed_tests_are_lifted_each_by_itself(gate, world, rough):
    one = recorded(gate, rough, passed=False)
    recorded(gate, rough, passed=False, report="R-2")

    cleared(one, world.operator)

    assert gate.lot(rough).freezes == 1


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"tested_on": TODAY + timedelta(days=1)}, ReportAhead),
        ({"valid_until": TODAY - timedelta(days=1)}, ReportAhead),
        ({"report": " R-0 "}, ReportRecorded),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(gate, rough, changes, refusal):
    recorded(gate, rough, report="R-0")
    before = counts()

    with pytest.raises(refusal):
        recorded(gate, rough, **changes)

    assert counts() == before


def test_only_who_writes_papers_there_records_tests_of_what_stands(gate, rough):
    for refusal, actor in ((NotAllowed, gate.weigher), (NotFound, gate.stranger)):
        with pytest.raises(refusal):
            recorded(gate, rough, actor=actor)
    leaf = gate.leaf(gate.zhang, "1")
    void_delivery(lot_id=leaf, reason="重复", actor=gate.weigher, now=NOON)
    with pytest.raises(WrongState):
        recorded(gate, leaf)


def test_a_report_is_for_its_cooperative_and_for_all_when_it_is_public(client, gate, world, rough):
    private, public = recorded(gate, rough), recorded(gate, rough, report="R-2", public=True)
    inside = "/cooperative/tests/{}/report"

    for who, status in (("manager", 200), ("weigher", 200), ("operator", 200),
                        ("other_manager", 404), ("clerk", 403)):  # fmt: skip
        assert client.as_(world.person(who)).get(inside.format(private)).status_code == status
    with client.session_transaction() as session:
        session.clear()
    assert client.get(f"/c/reports/{private}").status_code == 404
    got = client.get(f"/c/reports/{public}")
    assert got.data == REPORT.content
    assert got.headers["Content-Disposition"].startswith("attachment")


def test_the_form_takes_a_report_and_says_what_is_missing(client, gate, world, rough):
    client.as_(world.manager)
    url = f"/cooperative/tests/of/{rough}/new"
    good = {"subject": "重金属", "agency": "示范检测站", "report": "R-9", "passed": "no",
            "tested_on": "2026-04-20", "valid_until": ""}  # fmt: skip

    bad = client.post(url, data={**good, "passed": "", "public": "y"})
    assert bad.status_code == 422
    assert "请选结论" in bad.text
    assert "没有上传报告，公开不了" in bad.text
    done = client.post(url, data={**good, "file": (io.BytesIO(REPORT.content), "r.pdf")})
    assert done.status_code == 303
    page = client.get(done.location).text
    for words in ("R-9", "不合格，已冻结", "已冻结：检验不合格", "复核"):
        assert words in page


def test_the_product_page_tells_the_tests_of_what_went_in(client, gate, rough):
    packed = gate.pack([(rough, 1_000)], 4)
    public = recorded(gate, rough, public=True)

    page = client.get("/shop/gougunao-teji").text

    assert "示范检测站，2026年4月20日 检验，报告编号 R-1。" in page
    assert f'href="/c/reports/{public}"' in page
    with db.database().reading() as tx:
        key = tx.execute(select(Lot.id).where(Lot.public_id == packed)).scalar_one()
        (found,) = public_queries.of_lot(tx, key).tests
    assert (found.report, found.lot.number) == ("R-1", gate.lot(rough).number)


def test_reports_that_run_out_are_on_the_desk_while_goods_are_left(client, gate, world, rough):
    recorded(gate, rough, valid_until=TODAY + timedelta(days=30))
    recorded(gate, rough, report="R-2", valid_until=TODAY + timedelta(days=31))
    recorded(gate, rough, report="R-3", valid_until=None)

    def due() -> list[str]:
        with db.database().reading() as tx:
            rows = queries.due(tx, gate.cooperative_key, gate.manager, day=TODAY).tests
            return [test.report for test in rows]

    assert due() == ["R-1"]
    gate.pack([(rough, 10_000)], 40)
    assert due() == []
