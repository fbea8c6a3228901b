"""A real browser on a real server: the demo region, loaded once, served by gunicorn on loopback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
NO_BROWSER = (
    "no Chromium found; on Debian: "
    "apt-get install -y --no-install-recommends chromium fonts-noto-cjk libatomic1"
)
PASSWORD = "shanhuo-demo"


@dataclass(frozen=True)
class Shop:
    """A running shop with the demo region; `card` is the household card the demo prints."""

    url: str
    card: dict[str, str]
    env: dict[str, str]

    def flask(self, *command: str) -> str:
        """Run a command of the command line against this shop's database."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=ROOT,
            env=self.env,
            check=True,
            capture_output=True,
            text=True,
        ).stdout


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Migrate, load, serve; stopped by its process id at the end."""
    var = tmp_path_factory.mktemp("shop")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {
        "SHOP_VAR": str(var),
        "SHOP_DEMO": "1",
        "SHOP_PORT": str(port),
        "SHOP_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }
    running = Shop(f"http://127.0.0.1:{port}", {}, env)
    running.flask("migrate")
    running.flask("demo")
    card = json.loads((var / "demo-card.json").read_text())
    with (var / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(running.url, server, var / "server.log")
        yield Shop(running.url, card, env)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=40)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(f"{url}/sign-in", timeout=20).close()
            return
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None or time.monotonic() > until:
                raise AssertionError(log.read_text(errors="replace")) from None
            time.sleep(0.2)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip(NO_BROWSER)
    quiet = ["--disable-gpu", "--disable-background-networking", "--disable-component-update",
             "--disable-sync", "--no-first-run"]  # fmt: skip
    if os.geteuid() == 0:
        quiet.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=quiet)
        yield browser
        browser.close()


class Desk:
    """Everybody's own browser window, each signed in as one demo role.

    Pictures go to `pictures`, numbered in the order they were taken.
    """

    def __init__(self, shop: Shop, browser: Browser, pictures: Path, script: bool = True) -> None:
        self.shop = shop
        self._browser = browser
        self._pictures = pictures
        self._script = script
        self._windows: dict[str, Page] = {}
        self._contexts: list[BrowserContext] = []
        self._count = 0
        pictures.mkdir(parents=True, exist_ok=True)

    def window(self, role: str, width: int = 1366) -> Page:
        """The window of a demo role; `visitor` is not signed in."""
        if role not in self._windows:
            context = self._browser.new_context(
                viewport={"width": width, "height": 900},
                java_script_enabled=self._script,
                accept_downloads=True,
            )
            context.set_default_timeout(15_000)
            self._contexts.append(context)
            page = context.new_page()
            page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
            self._windows[role] = page
            if role != "visitor":
                page.goto(f"{self.shop.url}/sign-in")
                page.get_by_label("邮箱").fill(f"{role}@demo.example")
                page.get_by_label("密码").fill(PASSWORD)
                page.get_by_label("密码").press("Enter")
                page.wait_for_url(lambda url: "/sign-in" not in url)
        return self._windows[role]

    def go(self, role: str, path: str, width: int = 1366) -> Page:
        """Open a page of the shop as a role."""
        page = self.window(role, width)
        page.goto(self.shop.url + path)
        return page

    def picture(self, page: Page, name: str) -> None:
        """Keep a picture of the whole page."""
        self._count += 1
        page.screenshot(path=self._pictures / f"{self._count:02d}-{name}.png", full_page=True)

    def close(self) -> None:
        """Close every window."""
        for context in self._contexts:
            context.close()


@pytest.fixture
def desk(shop: Shop, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Desk]:
    """A fresh desk with everybody's windows; pictures are kept in var/pictures/<test>."""
    pictures = ROOT / "var" / "pictures" / request.node.name
    shutil.rmtree(pictures, ignore_errors=True)
    everybody = Desk(shop, chromium, pictures)
    yield everybody
    everybody.close()
