"""Pages of payouts: the five states by hand, and who may see them."""

from __future__ import annotations

import io
import re

import pytest
import pyzipper
from sqlalchemy import select

from orders.payouts import large, owing, queries
from orders.payouts.layouts import layouts
from orders.payouts.samples import sample_of
from orders.payouts.states import BatchState, ItemState
from shop.core import db
from shop.core.audit import AuditEntry
from shop.jobs import queue
from tests.orders.payouts.stories import (
    answer_file,
    answered,
    approved,
    batch_state,
    drafted,
    earn,
    exported,
    item_states,
    items,
    seen,
)


def post(browser, batch, what, **data):
    return browser.post(f"/platform/payouts/{batch}/{what}", data={"once": what, **data})


def test_the_whole_way_by_hand(client, world):
    earn(world)
    browser = client.as_(world.operator)

    assert "这是试算" in browser.get("/platform/payouts/new").get_data(as_text=True)
    kinds = {"kinds": ["household", "carrier"], "once": "d"}
    made = browser.post("/platform/payouts/new", data=kinds)
    assert made.status_code == 303
    assert browser.post("/platform/payouts/new", data=kinds).location == made.location
    batch = made.location.rsplit("/", 1)[1]

    browser = client.as_(world.treasurer)
    text = browser.get(made.location).get_data(as_text=True)
    hash_ = re.search(r'name="seen_hash"[^>]*value="([0-9a-f]{64})"', text)
    total = re.search(r"批准打款 ¥([0-9,.]+)", text)
    assert hash_
    assert total
    done = post(browser, batch, "approve", seen_hash=hash_[1], typed=total[1])
    assert done.status_code == 303

    browser = client.as_(world.operator)
    assert post(browser, batch, "export", layout="neutral").status_code == 303
    assert post(browser, batch, "file").status_code == 409
    said = post(browser, batch, "phrase")
    assert said.headers["Cache-Control"] == "no-store"
    phrase = re.search(r"[0-9A-Z]{5}(-[0-9A-Z]{5}){3}", said.get_data(as_text=True))
    assert phrase
    file = post(browser, batch, "file", part="1")
    assert file.status_code == 200
    assert "attachment" in file.headers["Content-Disposition"]
    with pyzipper.AESZipFile(io.BytesIO(file.get_data())) as archive:
        archive.setpassword(phrase[0].encode())
        assert "张桂兰" in archive.read(archive.namelist()[0]).decode("gb18030")
    assert phrase[0] not in browser.get(made.location).get_data(as_text=True)
    answer = answer_file(world, [(item.reference, "成功") for item in items(batch)])
    sent = browser.post(
        f"/platform/payouts/{batch}/results",
        data={"file": (io.BytesIO(answer), "回盘.csv"), "once": "r"},
        content_type="multipart/form-data",
    )
    assert sent.status_code == 303
    assert batch_state(batch) is BatchState.CLOSED
    assert "已到账" in browser.get(made.location).get_data(as_text=True)


def test_approval_needs_the_sum_and_what_was_seen(client, world):
    earn(world)
    batch = drafted(world)
    browser = client.as_(world.treasurer)

    wrong = post(browser, batch, "approve", seen_hash=seen(batch), typed="1.00")
    stale = post(browser, batch, "approve", seen_hash="0" * 64, typed="2380.00")

    assert wrong.status_code == 422
    assert "和这批的合计不一样" in wrong.get_data(as_text=True)
    assert stale.status_code == 409
    assert "和您看到的不一样了" in stale.get_data(as_text=True)
    assert batch_state(batch) is BatchState.DRAFT


def test_a_batch_is_withdrawn_with_a_reason(client, world):
    earn(world)
    batch = approved(world)
    browser = client.as_(world.operator)

    assert post(browser, batch, "withdraw", reason="").status_code == 422
    assert post(browser, batch, "withdraw", reason="换卡").status_code == 303
    assert item_states(batch) == {ItemState.WITHDRAWN}


def test_a_faulty_answer_is_shown_line_by_line(client, world):
    earn(world)
    batch = exported(world)

    sent = client.as_(world.operator).post(
        f"/platform/payouts/{batch}/results",
        data={
            "file": (io.BytesIO(answer_file(world, [("000000000", "成功")])), "回盘.csv"),
            "once": "r",
        },
        content_type="multipart/form-data",
    )

    assert sent.status_code == 422
    assert "业务参考号不认识" in sent.get_data(as_text=True)
    assert item_states(batch) == {ItemState.IN_TRANSIT}


def test_nothing_chosen_is_an_error_beside_the_field(client, world):
    earn(world)

    answer = client.as_(world.operator).post("/platform/payouts/new", data={"once": "d"})

    assert answer.status_code == 422
    assert "请至少选一类" in answer.get_data(as_text=True)


def test_empty_lists_say_so(client, world):
    browser = client.as_(world.operator)

    assert "还没有打过款" in browser.get("/platform/payouts/").get_data(as_text=True)
    assert "现在没有可以打出的款项" in browser.get("/platform/payouts/new").get_data(as_text=True)
    assert "还没有导入过银行流水" in browser.get("/platform/payouts/custody").get_data(as_text=True)


def test_who_works_on_the_platform_sees_the_pages(client, world):
    earn(world)
    batch = exported(world)

    for actor in (world.operator, world.treasurer, world.auditor):
        browser = client.as_(actor)
        for path in ("", batch, "custody"):
            assert browser.get(f"/platform/payouts/{path}").status_code == 200
    text = client.as_(world.auditor).get(f"/platform/payouts/{batch}").get_data(as_text=True)
    assert "张桂兰" not in text
    assert client.as_(world.auditor).get("/platform/payouts/none").status_code == 404


@pytest.mark.parametrize("who", ["clerk", "manager", "stranger"])
def test_nobody_else_does(client, world, who):
    earn(world)
    batch = drafted(world)
    browser = client.as_(world.person(who))

    for path in ("", "new", batch, "custody"):
        assert browser.get(f"/platform/payouts/{path}").status_code in (403, 404)
    assert browser.get("/platform/payout-layouts/").status_code in (403, 404)
    for what in ("approve", "withdraw", "export", "phrase", "file", "results"):
        assert post(browser, batch, what).status_code in (403, 404)
    assert batch_state(batch) is BatchState.DRAFT


def test_layouts_are_shown_and_tried(client, world):
    browser = client.as_(world.auditor)

    assert "洪渡农商银行" in browser.get("/platform/payout-layouts/").get_data(as_text=True)
    for code, layout in layouts().items():
        page = browser.get(f"/platform/payout-layouts/{code}")
        assert "一字不差" in page.get_data(as_text=True)
        content = sample_of(layout).answer.encode(layout.result.encodings[0])
        tried = browser.post(
            f"/platform/payout-layouts/{code}",
            data={"file": (io.BytesIO(content), "a.txt"), "once": "t"},
            content_type="multipart/form-data",
        )
        assert "读出 3 行" in tried.get_data(as_text=True)
    wrong = browser.post(
        "/platform/payout-layouts/hongdu",
        data={"file": (io.BytesIO("甲|S||昨天".encode()), "a.txt"), "once": "t"},
        content_type="multipart/form-data",
    )
    assert wrong.status_code == 422
    assert "业务参考号不认识" in wrong.get_data(as_text=True)
    assert browser.get("/platform/payout-layouts/none").status_code == 404


def test_a_large_batch_is_drafted_by_a_job(client, world, monkeypatch):
    earn(world)
    monkeypatch.setattr(large, "AT_ONCE", 3)
    browser = client.as_(world.operator)
    asked = {"kinds": ["household", "carrier"], "once": "d"}

    sent = browser.post("/platform/payouts/new", data=asked)

    assert "/jobs/" in sent.location
    assert browser.post("/platform/payouts/new", data=asked).location == sent.location
    queue.run_waiting(lambda: world.now)
    done = browser.get(sent.location).get_data(as_text=True)
    batch = re.search(r"payout_[0-9a-z]{16}", done)
    assert batch
    assert len(items(batch[0])) == 3
    with db.database().reading() as tx:
        drafter = tx.execute(
            select(AuditEntry.actor_name).where(
                AuditEntry.kind == "payout", AuditEntry.action == "draft"
            )
        ).scalars()
        assert set(drafter) == {world.operator.name}


def test_a_long_batch_is_paged_with_exceptions_first(client, world, monkeypatch):
    earn(world)
    monkeypatch.setattr(queries, "PAGE", 2)
    monkeypatch.setattr(owing, "PAGE", 2)
    browser = client.as_(world.operator)
    assert "下一页" in browser.get("/platform/payouts/new").get_data(as_text=True)
    batch = exported(world)
    last = items(batch)[-1]
    answered(world, batch, [(last.reference, "失败")])

    first = browser.get(f"/platform/payouts/{batch}").get_data(as_text=True)

    assert last.reference in first
    assert items(batch)[3].reference not in first
    later = browser.get(f"/platform/payouts/{batch}?page=3").get_data(as_text=True)
    assert items(batch)[3].reference in later
