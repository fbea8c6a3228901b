"""The main job, walked by all roles in a browser: from the weigh-in to the household's statement.

Every step is done as its person would do it, on the pages they have; the pictures are kept.
"""

from __future__ import annotations

import csv
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pyzipper
from playwright.sync_api import Page, expect

from shop.core import clock
from tests.browser.conftest import Desk

pytestmark = pytest.mark.browser


def test_from_the_weigh_in_to_the_households_statement(desk: Desk, tmp_path: Path) -> None:
    leaf = [weigh_in(desk, "张桂兰", "20", "120", paid=True)]
    leaf.append(weigh_in(desk, "李长根", "10", "97", paid=False))
    rough = make_rough(desk, leaf, "7")
    code = pack(desk, rough, "28")

    purchase = submit(desk, units=5)
    approve(desk, purchase)
    total, reference = payment(desk, purchase)
    import_statement(desk, tmp_path, [(total, f"采购款 {reference}")])
    ship(desk, purchase)
    accept(desk, purchase, short=1)
    record_invoice(desk, purchase, tmp_path)

    settle(desk)
    pay_out(desk, tmp_path)

    household_statement(desk)
    trace(desk, code)
    union_file(desk, purchase)
    audit(desk)
    assert "nothing found" in desk.shop.flask("check-books")


def weigh_in(desk: Desk, name: str, kg: str, price: str, *, paid: bool) -> str:
    page = desk.go("weigher", f"/cooperative/deliveries/new?q={name}", width=390)
    page.get_by_role("link", name=re.compile(name)).first.click()
    page.get_by_label("净重").fill(kg)
    page.get_by_label("每公斤单价").fill(price)
    page.get_by_label(re.compile("现场付款" if paid else "寄售")).check()
    page.get_by_label("品类").select_option("tea")
    page.get_by_label("品名").fill("狗牯脑鲜叶")
    page.get_by_label("等级").fill("一芽一叶")
    page.get_by_label("农户带来的合格证编号").fill("HGZ-2026-900")
    page.get_by_role("button", name="算一算，核对").click()
    desk.picture(page, "weigh-in-check")
    page.get_by_role("button", name=re.compile("入账")).click()
    page.wait_for_url(re.compile(r"/cooperative/deliveries/lot_"))
    desk.picture(page, "slip")
    return page.url.rsplit("/", 1)[1].split("?")[0]


def make_rough(desk: Desk, leaf: list[str], kg: str) -> str:
    page = desk.go("manager", "/cooperative/lots/processing/new")
    page.get_by_role("link", name="绿茶初制").click()
    for lot in leaf:
        page.locator(f"#take-{lot}").check()
    page.get_by_label("出了多少").fill(kg)
    return finish_lot(desk, page, "rough")


def pack(desk: Desk, rough: str, units: str) -> str:
    page = desk.go("manager", "/cooperative/lots/pack/new")
    page.locator(f"#take-{rough}").check()
    chosen = page.get_by_label("装成什么规格").locator("option", has_text="狗牯脑绿茶 特级")
    page.get_by_label("装成什么规格").select_option(chosen.get_attribute("value"))
    page.get_by_label("装了多少件").fill(units)
    page.get_by_label("承诺达标合格证编号").fill("HGZ-2026-901")
    soon = clock.day_of(clock.now()) + timedelta(days=90)
    page.get_by_label("保质期到").fill(soon.isoformat())
    finish_lot(desk, page, "packed")
    return page.locator("a[href^='/t/']").first.get_attribute("href").rsplit("/", 1)[1]


def finish_lot(desk: Desk, page: Page, name: str) -> str:
    page.get_by_role("button", name="算一算，核对").click()
    desk.picture(page, f"{name}-check")
    page.get_by_role("button", name="记录这个批次，封存份额").click()
    page.wait_for_url(re.compile(r"/cooperative/lots/lot_"))
    desk.picture(page, name)
    return page.url.rsplit("/", 1)[1].split("?")[0]


def submit(desk: Desk, units: int) -> str:
    page = desk.go("clerk", "/shop/gougunao-teji")
    desk.picture(page, "product")
    page.goto(f"{desk.shop.url}/cart/union")
    while page.get_by_role("button", name="删去").count():
        page.get_by_role("button", name="删去").first.click()
    page.goto(f"{desk.shop.url}/shop/gougunao-teji")
    page.get_by_label(re.compile("数量")).fill(str(units))
    page.get_by_role("button", name="加入采购清单").click()
    desk.picture(page, "union-list")
    page.goto(f"{desk.shop.url}/cart/union/checkout")
    page.locator("input[name=budget]").first.check()
    page.get_by_label("先付款后发货").check()
    page.get_by_role("button", name=re.compile("核对")).click()
    desk.picture(page, "check-purchase")
    page.get_by_role("button", name=re.compile("提交")).click()
    page.wait_for_url(re.compile(r"/purchases/purchase_"))
    desk.picture(page, "submitted")
    return page.url.rsplit("/", 1)[1].split("?")[0]


def approve(desk: Desk, purchase: str) -> None:
    page = desk.go("approver", f"/purchases/{purchase}/approval")
    desk.picture(page, "approval")
    page.get_by_role("button", name=re.compile("同意")).click()
    page.wait_for_url(re.compile(r"/purchases/"))
    expect(page.locator("main")).to_contain_text("已批准")


def payment(desk: Desk, purchase: str) -> tuple[str, str]:
    page = desk.go("clerk", f"/purchases/{purchase}/payment")
    desk.picture(page, "payment")
    words = page.locator("main").inner_text()
    total = re.search(r"¥([\d,]+\.\d\d)", words)
    reference = re.search(r"\b([0-9A-HJKMNP-TV-Z]{9})\b", words)
    assert total, words
    assert reference, words
    return total[1].replace(",", ""), reference[1]


def import_statement(desk: Desk, folder: Path, credits: list[tuple[str, str]]) -> None:
    now = datetime.now(clock.SHANGHAI)
    balance = 50_000_000
    rows = ["交易时间,收支方向,金额,余额,对方户名,对方账号,附言,流水号"]
    for number, (amount, memo) in enumerate(credits, start=1):
        balance += round(float(amount) * 100)
        rows.append(
            f"{now:%Y-%m-%d %H:%M:%S},收入,{amount},{balance // 100}.{balance % 100:02d},"
            f"示范单位工会,36050181010000001234,{memo},{memo[-9:]}{number:03d}"
        )
    path = folder / "流水.csv"
    path.write_bytes(("\r\n".join(rows) + "\r\n").encode("gb18030"))
    page = desk.go("operator", "/platform/bank/new")
    page.get_by_label("银行流水文件").set_input_files(path)
    page.get_by_role("button", name="看预览").click()
    desk.picture(page, "statement-preview")
    page.get_by_role("button", name=re.compile("导入")).click()
    page.wait_for_url(re.compile(r"/statements/"))
    desk.picture(page, "statement")


def ship(desk: Desk, purchase: str) -> None:
    page = desk.go("manager", "/cooperative/orders/")
    number = number_of(desk, purchase)
    page.get_by_role("link", name=re.compile(number)).first.click()
    desk.picture(page, "order")
    page.locator("main").get_by_role("link", name="发货", exact=True).click()
    page.locator("#waybill").fill("WALK-0001")
    page.locator("#parcels").fill("1")
    page.get_by_role("button", name="登记发货").click()
    page.wait_for_load_state()
    desk.picture(page, "shipped")
    page.get_by_role("button", name="登记到货").first.click()
    page.wait_for_load_state()


def number_of(desk: Desk, purchase: str) -> str:
    """The number of the purchase's order, from the clerk's page."""
    page = desk.go("clerk", f"/purchases/{purchase}")
    found = re.search(r"DD-[A-Z]+-\d{4}-\d{5}", page.locator("main").inner_text())
    assert found
    return found[0]


def accept(desk: Desk, purchase: str, *, short: int) -> None:
    page = desk.go("clerk", f"/purchases/{purchase}")
    page.get_by_role("link", name=re.compile("^验收 ")).first.click()
    accepted = page.get_by_label(re.compile("狗牯脑绿茶 特级.* 验收合格")).first
    accepted.fill(str(int(accepted.input_value()) - short))
    page.get_by_label(re.compile("狗牯脑绿茶 特级.* 短少")).first.fill(str(short))
    desk.picture(page, "counting")
    page.get_by_role("button", name="清点无误，我签字").click()
    page.wait_for_url(re.compile(r"/acceptances/accept_"))
    second = desk.window("receiver")
    second.goto(page.url)
    second.get_by_role("button", name="核对无误，我签字").click()
    second.wait_for_load_state()
    desk.picture(second, "accepted")
    expect(second.locator("main")).to_contain_text("已签字")


def record_invoice(desk: Desk, purchase: str, folder: Path) -> None:
    number = number_of(desk, purchase)
    page = desk.go("manager", "/cooperative/orders/?done=1")
    page.get_by_role("link", name=re.compile(number)).first.click()
    page.locator("main").get_by_role("link", name="登记发票").click()
    invoice = folder / "invoice.pdf"
    invoice.write_bytes(b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n")
    page.locator("#number").fill("26362000000000009001")
    page.locator("#issued_on").fill(clock.day_of(clock.now()).isoformat())
    page.locator("#amount").fill("952.00")
    page.locator("input[type=file]").set_input_files(invoice)
    page.get_by_role("button", name="登记发票").click()
    page.wait_for_load_state()
    expect(page.locator("main")).to_contain_text("26362000000000009001")


def settle(desk: Desk) -> None:
    page = desk.go("operator", "/platform/settlements/")
    page.get_by_role("button", name="试算").click()
    page.wait_for_url(re.compile(r"/settlements/settle_"))
    desk.picture(page, "settlement-preview")
    second = desk.window("treasurer")
    second.goto(page.url)
    approve_typed(second)
    desk.picture(second, "settlement-posted")
    expect(second.locator("main")).to_contain_text("已记账")


def approve_typed(page: Page) -> None:
    """Type the sum the button names, as the page asks."""
    button = page.get_by_role("button", name=re.compile("批准"))
    total = re.search(r"¥([\d,]+\.\d\d)", button.inner_text())
    assert total
    page.locator("#typed").fill(total[1])
    button.click()
    page.wait_for_load_state()


def pay_out(desk: Desk, folder: Path) -> None:
    page = desk.go("operator", "/platform/payouts/new")
    desk.picture(page, "payout-draft")
    page.get_by_role("button", name=re.compile("编制")).click()
    page.wait_for_url(re.compile(r"/payouts/payout_"))
    address = page.url
    second = desk.window("treasurer")
    second.goto(address)
    desk.picture(second, "payout-approval")
    approve_typed(second)
    page.goto(address)
    page.get_by_role("button", name=re.compile("定稿")).click()
    page.get_by_role("button", name="生成解压口令").click()
    desk.picture(page, "payout-phrase")
    phrase = page.locator("main .code").inner_text()
    page.get_by_role("link", name="回到这批").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="下载", exact=True).first.click()
    file = folder / "打款.zip"
    download.value.save_as(file)
    with pyzipper.AESZipFile(file) as archive:
        archive.setpassword(phrase.encode())
        sent = archive.read(archive.namelist()[0])
    rows = list(csv.DictReader(sent.decode("gb18030").splitlines()))
    now = datetime.now(clock.SHANGHAI)
    answers = ["业务参考号,状态,原因,处理时间"]
    answers += [f"{row['业务参考号']},成功,,{now:%Y-%m-%d %H:%M:%S}" for row in rows]
    result = folder / "回盘.csv"
    result.write_bytes(("\r\n".join(answers) + "\r\n").encode("gb18030"))
    page.locator("input[type=file]").set_input_files(result)
    page.get_by_role("button", name="导入回盘").click()
    page.wait_for_load_state()
    desk.picture(page, "payout-done")
    expect(page.locator("main")).to_contain_text("已到账")


def household_statement(desk: Desk) -> None:
    page = desk.go("visitor", "/my-statement/", width=390)
    page.get_by_label("卡片上的户码").fill(desk.shop.card["code"])
    page.get_by_label("六位数字密码").fill(desk.shop.card["pin"])
    page.get_by_role("button", name="打开明细").click()
    page.wait_for_url(re.compile("/my-statement/mine"))
    desk.picture(page, "household-statement")
    expect(page.locator("main")).to_contain_text("20")


def trace(desk: Desk, code: str) -> None:
    page = desk.go("visitor", f"/t/{code}")
    desk.picture(page, "trace")
    expect(page.locator("main")).to_contain_text("是这一批")
    expect(page.locator("main")).not_to_contain_text("张桂兰")


def union_file(desk: Desk, purchase: str) -> None:
    page = desk.go("clerk", f"/papers/{purchase}")
    desk.picture(page, "union-file")
    with page.expect_download() as download:
        page.locator("a[href$='all.zip']").first.click()
    assert download.value.suggested_filename.endswith(".zip")


def audit(desk: Desk) -> None:
    page = desk.go("auditor", "/audit/")
    desk.picture(page, "audit")
    page = desk.go("auditor", "/audit/journals")
    desk.picture(page, "journals")
    expect(page.locator("main")).not_to_contain_text("张桂兰")
