"""The slips of a village: set by a job, one PDF, the sums of the statements, kept for a day."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from orders.statements import slip_commands, slip_queries, slips
from orders.statements.households import read
from orders.statements.models import SlipPart, SlipPrint
from orders.statements.periods import ALL
from orders.statements.slip_commands import (
    NobodyThere,
    UnknownPeriod,
    open_numbers,
    print_slips,
    throw_away_old_slips,
)
from products.households.commands import register_household
from products.households.states import HouseholdStanding
from shop.core import db
from shop.core.audit import AuditEntry
from shop.core.errors import NotAllowed, NotFound, ReasonMissing
from shop.jobs import queue
from shop.jobs.models import Job
from shop.printing import pdf
from tests.orders.test_statements import worked_example
from tests.pages import counted
from tests.world import DAY, World

DOOR = "https://shanhuo.example/my-statement/"


def asked(world: World, **other: object) -> tuple[str, str]:
    arguments = {
        "cooperative_id": world.organisation("TH"),
        "village_id": world.village,
        "period": "2026-04",
        "door": DOOR,
        "actor": world.manager,
        "now": world.now,
    }
    return print_slips(**{**arguments, **other})


def settled(world: World) -> None:
    worked_example(world)
    purchase = world.approved(30)
    world.paid(purchase)
    world.accepted(purchase, short=2)
    world.settle()


def words_of(content: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def prints() -> int:
    with db.database().reading() as tx:
        return tx.execute(select(func.count(SlipPrint.id))).scalar_one()


def test_a_village_is_printed_through_the_page_with_its_messages(world, client, monkeypatch):
    settled(world)
    monkeypatch.setattr(slip_commands, "CHUNK", 2)
    manager = client.as_(world.manager)
    assert "南屏村，3 户" in manager.get("/cooperative/slips/").text

    asked_for = manager.post(
        "/cooperative/slips/", data={"village": world.village, "period": "all"}
    )
    job = asked_for.location
    before = manager.get(job).text
    queue.run_waiting(lambda: world.now)

    assert "已完成" not in before
    with db.database().reading() as tx:
        print_id = tx.execute(select(SlipPrint.public_id)).scalar_one()
        parts = tx.execute(select(SlipPart.first, SlipPart.pages).order_by(SlipPart.first)).all()
    assert [tuple(part) for part in parts] == [(0, None), (2, None)]  # joined, and given up
    assert f"/cooperative/slips/{print_id}" in manager.get(job).text
    assert "slips.pdf" in manager.get(f"/cooperative/slips/{print_id}").text
    file = manager.get(f"/cooperative/slips/{print_id}/slips.pdf").data
    assert len(PdfReader(io.BytesIO(file)).pages) == 2  # two slips on a page
    said = words_of(file)
    for figure in ("¥2,400.00", "¥1,770.00", "¥970.00", "¥754.56", "¥1,257.60", "张桂兰"):
        assert figure in said
    workbook = manager.get(f"/cooperative/slips/{print_id}/messages.xlsx").data
    cells = CalamineWorkbook.from_filelike(io.BytesIO(workbook)).get_sheet_by_index(0).to_python()
    assert any("黄家开户以来：送10公斤，现付0，二次返利754.56" in str(row) for row in cells)
    for who in ("weigher", "clerk", "treasurer"):
        refused = client.as_(world.person(who))
        assert refused.get(f"/cooperative/slips/{print_id}/slips.pdf").status_code == 403
    other = client.as_(world.other_manager)
    assert other.get(f"/cooperative/slips/{print_id}").status_code == 404


def test_a_print_that_is_cut_off_goes_on_where_it_was_and_gives_the_same_file(world, monkeypatch):
    settled(world)
    monkeypatch.setattr(slip_commands, "CHUNK", 2)
    whole, _job = asked(world)
    queue.run_waiting(lambda: world.now)
    again, job = asked(world)

    # The worker dies after its first step; another one finds the lease run out.
    queue.run_waiting(lambda: world.now, limit=1)
    done = [world._one(select(Job.done).where(Job.public_id == job))]
    queue.run_waiting(lambda: world.now)
    done.append(world._one(select(Job.done).where(Job.public_id == job)))
    queue.run_waiting(lambda: world.now + queue.LEASE)

    assert done == [2, 2]
    with db.database().reading() as tx:
        assert slip_queries.slip_file(tx, again, world.manager) == slip_queries.slip_file(
            tx, whole, world.manager
        )


def test_numbers_are_opened_for_a_reason_that_is_kept_and_only_those_that_take_messages(
    world, client
):
    settled(world)
    for name, phone in (("赵铁柱", "13900000001"), ("孙巧云", "0796-1234567")):
        register_household(
            cooperative_id=world.organisation("TH"),
            village_id=world.village,
            name=name,
            identity="",
            phone=phone,
            standing=HouseholdStanding.ORDINARY,
            since=DAY,
            actor=world.manager,
            now=world.now,
        )
    print_id, _job = asked(world)
    queue.run_waiting(lambda: world.now)

    def opened(reason="发四月的账", who=None):
        return open_numbers(
            print_id=print_id, reason=reason, actor=who or world.manager, now=world.now
        )

    def acts() -> list[tuple[str, str]]:
        return world._all(select(AuditEntry.reason).where(AuditEntry.action == "open_numbers"))

    with pytest.raises(ReasonMissing):
        opened(reason=" ")
    for who in (world.weigher, world.other_manager, world.treasurer):
        with pytest.raises((NotAllowed, NotFound)):
            opened(who=who)
    assert acts() == []

    found = opened()

    assert [number for number, _text in found.rows] == ["13900000001"]
    assert found.rows[0][1].startswith("赵家")
    assert found.left_out == 4
    assert acts() == ["发四月的账"]
    manager = client.as_(world.manager)
    page = f"/cooperative/slips/{print_id}/numbers.csv"
    assert manager.post(page, data={"reason": ""}).status_code == 422
    file = manager.post(page, data={"reason": "再发一次"})
    lines = file.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "手机号,短信内容"
    assert lines[1].startswith("13900000001,赵家")
    assert len(lines) == 2
    assert "no-" in file.headers["Cache-Control"]
    assert acts() == ["发四月的账", "再发一次"]


def test_slips_are_refused_without_households_period_or_permission(world):
    before = prints()

    with pytest.raises(NobodyThere):
        asked(world, village_id="village_none")
    with pytest.raises(UnknownPeriod):
        asked(world, period="2026-13")
    with pytest.raises(NotAllowed):
        asked(world, actor=world.weigher)
    with pytest.raises(NotFound):
        asked(world, actor=world.other_manager)
    with pytest.raises(NotFound):
        asked(world, cooperative_id=world.organisation("GH"))

    assert prints() == before


def test_a_print_is_thrown_away_after_a_day(world):
    asked(world)
    queue.run_waiting(lambda: world.now)

    assert throw_away_old_slips(now=world.now + timedelta(hours=23)) == 0
    assert throw_away_old_slips(now=world.now + timedelta(days=1)) == 1
    assert prints() == 0


def test_a_village_takes_as_many_statements_as_a_household_and_equal_data_equal_bytes(world):
    settled(world)
    keys = [world.household_key(name) for name in ("张桂兰", "李长根", "黄水生")]

    with db.database().reading() as tx:
        tx.execute(select(1))
        with counted(db.database().engine) as for_one:
            read(tx, keys[:1], ALL)
        with counted(db.database().engine) as for_all:
            found = read(tx, keys, ALL)
    data = slips.pages([slips.slip(one) for one in found], title="南屏村", door=DOOR, on=DAY)

    assert len(for_one) == len(for_all) <= 18
    assert pdf.render("slips", data) == pdf.render("slips", data)


def test_what_has_no_room_on_a_slip_stands_in_its_sums(world):
    for _ in range(8):
        world.delivery("黄水生", 10, "97", paid=False)
    with db.database().reading() as tx:
        found = read(tx, [world.household_key("黄水生")], ALL)[0]

    data = slips.slip(found)

    assert len(data["brought"]) == slips.BROUGHT
    assert data["brought"][-1] == ["其余", "4 笔", "40", "", "¥3,880.00", ""]
    one_page = pdf.render("slips", slips.pages([data], title="页", door=DOOR, on=DAY))
    assert len(PdfReader(io.BytesIO(one_page)).pages) == 1
