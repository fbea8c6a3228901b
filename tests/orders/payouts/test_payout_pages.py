"""Pages of payouts: the five states by hand, and who may see them."""

from __future__ import annotations

import io
import re

import pytest

from orders.payouts.states import BatchState, ItemState
from tests.orders.payouts.stories import (
    answer_file,
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
    assert post(browser, batch, "export").status_code == 303
    file = post(browser, batch, "file")
    assert file.status_code == 200
    assert "attachment" in file.headers["Content-Disposition"]
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
    for what in ("approve", "withdraw", "export", "file", "results"):
        assert post(browser, batch, what).status_code in (403, 404)
    assert batch_state(batch) is BatchState.DRAFT
