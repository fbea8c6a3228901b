"""Large files: read by a job, previewed from what it left, imported by another job."""

from __future__ import annotations

import io

import pytest
from sqlalchemy import select

from orders.payments import importing, uploads
from orders.payments.import_jobs import ask_import, ask_preview
from orders.payments.looking import Preview, looked_at
from orders.payments.models import BankStatement, BankUpload
from orders.payments.previews import preview
from orders.payments.rules import Finding
from shop.core import db
from shop.core.errors import NotAllowed, NotFound
from shop.core.money import ZERO
from shop.jobs import queue
from shop.jobs.models import Job
from tests.orders.payments.test_importing import bring, count, reference, still_open
from tests.orders.payments.test_payment_pages import once_of


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch):
    monkeypatch.setattr(uploads, "LARGE", {False: 1, True: 1})


def sent(browser, content: bytes):
    data = {"file": (io.BytesIO(content), "大.csv"), "once": "k1"}
    answer = browser.post("/platform/bank/new", data=data, content_type="multipart/form-data")
    assert answer.status_code == 303
    assert "/jobs/" in answer.location
    return answer.location


def uploaded() -> str:
    with db.database().reading() as tx:
        query = select(BankUpload.public_id).order_by(BankUpload.id.desc()).limit(1)
        return tx.execute(query).scalar_one()


def looked(world, upload: str):
    with db.database().reading() as tx:
        return preview(tx, upload, world.operator, world.now)


def test_a_large_file_is_read_and_imported_by_jobs(client, world):
    world.tins(40)
    purchase = world.approved(10)
    bring(world, ("1.00", "旧"))
    content = world.statement_file(
        ("1.00", "旧"), ("2380.00", reference(purchase)), ("-5.00", "费"), ("7.00", "某人")
    )
    browser = client.as_(world.operator)

    job = sent(browser, content)

    assert "排队中" in browser.get(job).get_data(as_text=True)
    place = f"/platform/bank/uploads/{uploaded()}"
    assert looked(world, uploaded()) is None
    assert "还没有读完" in browser.get(place).get_data(as_text=True)
    with pytest.raises(NotFound):
        ask_import(upload_id=uploaded(), actor=world.operator, now=world.now)
    queue.run_waiting(lambda: world.now)
    shown = browser.get(job).get_data(as_text=True)
    assert place in shown
    page = browser.get(place)
    assert "与采购单应付款一致" in page.get_data(as_text=True)
    assert count(BankStatement) == 1

    done = browser.post(place, data={"once": once_of(page)})
    again = browser.post(place, data={"once": once_of(page)})
    assert done.location == again.location
    queue.run_waiting(lambda: world.now)

    assert count(BankStatement) == 2
    assert still_open(world, purchase) == ZERO
    assert "看结果" in browser.get(done.location).get_data(as_text=True)
    once_more = ask_import(upload_id=uploaded(), actor=world.operator, now=world.now)
    queue.run_waiting(lambda: world.now)
    assert "没有导入" in browser.get(f"/jobs/{once_more}").get_data(as_text=True)
    assert count(BankStatement) == 2
    assert world.findings() == []


def test_what_a_job_kept_is_what_a_look_at_the_file_says(world):
    bring(world, ("1.00", "旧"), opening="500.00")
    lines = (("1.00", "旧"), ("9.00", "甲"), ("-5.00", "费"))
    content = world.statement_file(*lines, opening="700.00", serial="Z")
    ask_preview(file_name="a.csv", content=content, actor=world.operator, now=world.now)
    queue.run_waiting(lambda: world.now)

    kept = looked(world, uploaded())

    with db.database().reading() as tx:
        assert kept == looked_at(tx, importing.Given("a.csv", content), world.now)
    assert isinstance(kept, Preview)
    assert kept.left
    assert {finding for finding, _count, _sum in kept.tally} == {Finding.UNKNOWN, Finding.OUTGOING}


def test_what_is_wrong_with_a_large_file_is_told_line_by_line(client, world):
    content = world.statement_file(("100.00", "一"), ("200.00", "二"))
    browser = client.as_(world.operator)
    sent(browser, content.replace(b"1000300.00", b"1000300.01"))
    queue.run_waiting(lambda: world.now)

    answer = browser.get(f"/platform/bank/uploads/{uploaded()}")

    assert answer.status_code == 422
    assert "余额和上一行接不上" in answer.get_data(as_text=True)
    with pytest.raises(NotFound):
        ask_import(upload_id=uploaded(), actor=world.operator, now=world.now)
    assert count(BankStatement) == 0


def test_nobody_else_asks_for_it(world):
    content = world.statement_file(("1.00", "一"))
    for who in (world.auditor, world.clerk):
        with pytest.raises(NotAllowed):
            ask_preview(file_name="a", content=content, actor=who, now=world.now)
        with pytest.raises(NotAllowed):
            ask_import(upload_id="upload_x", actor=who, now=world.now)
    assert count(BankUpload) == count(Job) == 0


def test_a_long_import_tells_how_far_it_is_while_it_is_under_way(world, monkeypatch):
    content = world.statement_file(*[("1.00", f"第{n}") for n in range(20)])
    ask_preview(file_name="a", content=content, actor=world.operator, now=world.now)
    queue.run_waiting(lambda: world.now)
    job = ask_import(upload_id=uploaded(), actor=world.operator, now=world.now)
    told: list[int] = []
    tell = queue.tell

    def heard(row: Job, part: float) -> None:
        tell(row, part)
        told.append(queue.told(row))

    monkeypatch.setattr(queue, "tell", heard)
    queue.run_waiting(lambda: world.now)

    assert told == sorted(told)
    assert len(set(told)) >= 4
    assert max(told) == 20
    with db.database().reading() as tx:
        row = tx.execute(select(Job).where(Job.public_id == job)).scalar_one()
        assert (row.done, queue.told(row)) == (20, 20)
