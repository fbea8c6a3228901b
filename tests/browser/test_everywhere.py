"""The shop on phones, tablets and desks, in both languages, and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, Desk, Shop

pytestmark = pytest.mark.browser

PAGES = {
    "visitor": [
        "/",
        "/shop/",
        "/shop/gougunao-teji",
        "/cart/",
        "/t/",
        "/my-statement/",
        "/sign-in",
    ],
    "weigher": ["/cooperative/deliveries/new", "/cooperative/deliveries/day"],
    "manager": ["/start", "/cooperative/lots/stock", "/cooperative/orders/", "/cooperative/lots/"],
    "clerk": ["/start", "/purchases/", "/cart/union", "/acceptances/", "/union/budgets/"],
    "treasurer": ["/start", "/platform/settlements/", "/platform/payouts/", "/platform/bank/"],
    "auditor": ["/audit/", "/audit/journals"],
}


@pytest.mark.parametrize(
    ("width", "language"), [(320, "en"), (390, "zh"), (768, "en"), (1366, "zh")]
)
def test_no_page_scrolls_sideways_or_breaks_its_own_policy(
    shop: Shop, chromium: Browser, width: int, language: str
) -> None:
    for role, paths in PAGES.items():
        for page, path in visits(shop, chromium, role, paths, width, language):
            inner = page.evaluate("document.documentElement.scrollWidth")
            assert inner <= width, f"{path} for {role} is {inner} px wide on {width}"
            assert page.locator("h1").count() == 1, path


def visits(
    shop: Shop, chromium: Browser, role: str, paths: list[str], width: int, language: str
) -> Iterator[tuple[Page, str]]:
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{shop.url}/language/{language}")
    if role != "visitor":
        page.goto(f"{shop.url}/sign-in")
        page.locator("#email").fill(f"{role}@demo.example")
        page.locator("#password").fill("shanhuo-demo")
        page.locator("#password").press("Enter")
        page.wait_for_url(lambda url: "/sign-in" not in url)
    for path in paths:
        assert page.goto(shop.url + path).status == 200, path
        yield page, path
        assert not complaints, f"{path}: {complaints}"
    context.close()


def test_a_member_buys_without_script(shop: Shop, chromium: Browser) -> None:
    desk = Desk(shop, chromium, ROOT / "var" / "pictures" / "without-script", script=False)
    page = desk.go("member", "/shop/suichuan-jinju", width=390)
    page.get_by_role("button", name="加入购物车").first.click()
    page.goto(f"{shop.url}/cart/checkout")
    page.locator("#phone").fill("13800000000")
    page.locator("#address").fill("江西省吉安市遂川县泉江镇示范路 3 号")
    page.get_by_role("button", name="下一步：核对订单").click()
    desk.picture(page, "check")
    page.get_by_role("button", name=re.compile("提交订单")).click()
    page.wait_for_url(re.compile("/purchases/purchase_"))
    desk.picture(page, "placed")
    expect(page.locator("main")).to_contain_text("CG-GR-")
    desk.close()


def test_a_purchase_is_read_in_english(shop: Shop, chromium: Browser) -> None:
    for page, _path in visits(shop, chromium, "clerk", ["/purchases/"], 1366, "en"):
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("h1")).to_have_text(re.compile(r"^[\x20-\x7e’–]+$"))


def test_the_weigh_in_keeps_what_was_typed_and_says_what_is_wrong(
    shop: Shop, chromium: Browser
) -> None:
    desk = Desk(shop, chromium, ROOT / "var" / "pictures" / "bad-input")
    page = desk.go("weigher", "/cooperative/deliveries/new", width=390)
    page.locator("main a[href*='/deliveries/new/hh_']").first.click()
    page.locator("#grams").fill("20.5555")
    page.locator("#fen_per_kg").fill("abc")
    page.get_by_role("button", name="算一算，核对").click()
    desk.picture(page, "errors")
    expect(page.locator("#grams")).to_have_value("20.5555")
    expect(page.locator("#fen_per_kg")).to_have_value("abc")
    expect(page.locator("#grams-error")).to_be_visible()
    expect(page.locator("#fen_per_kg-error")).to_be_visible()
    desk.close()
