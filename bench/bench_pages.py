"""How long the server takes for every page of the thread, on the demo region (SQLite).

Goal: the median of each page is at most 100 ms at the server. Pages are asked for in one process,
without a network, signed in as the role that uses them; the static front of a page costs nothing
here. Printed beside each median: its ratio to the goal, and to the plainest page of the same run,
which says how fast the machine was.

    make bench            or: python bench/bench_pages.py [rounds]
"""

from __future__ import annotations

import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

GOAL_MS = 100.0

#: Role of the demo region, pages it starts from; links of the pattern are followed once each.
WALK: dict[str, list[str]] = {
    "visitor": ["/", "/shop/", "/shop/gougunao-teji", "/shop/search?q=chaye", "/cart/", "/t/"],
    "weigher": ["/cooperative/deliveries/new", "/cooperative/deliveries/day"],
    "manager": [
        "/cooperative/lots/",
        "/cooperative/lots/stock",
        "/cooperative/lots/processing/new",
        "/cooperative/lots/pack/new",
        "/cooperative/orders/",
        "/cooperative/households/",
    ],
    "clerk": ["/cart/union", "/cart/union/checkout", "/purchases/", "/acceptances/"],
    "approver": ["/start", "/purchases/inbox"],
    "finance": ["/union/budgets/"],
    "operator": [
        "/platform/bank/",
        "/platform/bank/suspense",
        "/platform/settlements/",
        "/platform/payouts/",
        "/platform/payouts/new",
        "/platform/payouts/custody",
    ],
    "auditor": ["/audit/", "/audit/journals"],
}

#: One page of each of these kinds is found by following a link and measured too.
FOLLOW = re.compile(
    r"/t/[0-9A-Z]{9}$|/cooperative/(?:deliveries|lots|orders|households)/\w+_\w+$"
    r"|/purchases/purchase_\w+(?:/payment|/approval)?$|/acceptances/(?:of/)?\w+_\w+$"
    r"|/union/budgets/budget_\w+$|/platform/\w+/(?:statements/|lines/)?\w+_\w+$"
    r"|/papers/purchase_\w+$|/audit/\w+/\w+_\w+$"
)


def pages(client: object, starts: list[str]) -> Iterator[str]:
    """The starting pages, and one page of every kind they link to."""
    kinds: set[str] = set()
    for start in starts:
        yield start
        html = client.get(start, follow_redirects=True).text  # type: ignore[attr-defined]
        for link in re.findall(r'href="(/[^"#?]*)', html):
            kind = re.sub(r"\w+_\w+$|[0-9A-Z]{9}$", "…", link)
            if FOLLOW.search(link) and kind not in kinds:
                kinds.add(kind)
                yield link


def median_ms(client: object, path: str, rounds: int) -> float:
    """The median time of one page, after two requests that warm it."""
    times = []
    for number in range(rounds + 2):
        started = time.perf_counter()
        answer = client.get(path)  # type: ignore[attr-defined]
        elapsed = (time.perf_counter() - started) * 1000
        if answer.status_code >= 400:
            raise SystemExit(f"{path} answered {answer.status_code}")
        if number > 1:
            times.append(elapsed)
    return statistics.median(times)


def main() -> None:
    """Load the region, measure, print; exit 1 when a page misses the goal."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as var:
        os.environ |= {"SHOP_VAR": var, "SHOP_DEMO": "1"}
        os.environ.pop("DATABASE_URL", None)
        from sqlalchemy import select

        from shop.config import Config
        from shop.core import clock, db
        from shop.demo import load
        from shop.factory import create_app
        from shop.identity.models import User

        config = Config.from_environment()
        db.migrate(config.database_url)
        app = create_app(config)
        started = time.perf_counter()
        load.load(clock.now())
        print(f"demo region loaded in {time.perf_counter() - started:.1f} s (goal: 20 s)")
        print(f"{os.cpu_count()} cores, {rounds} rounds, SQLite, goal {GOAL_MS:.0f} ms\n")
        with db.database().reading() as tx:
            people = {
                user.email.split("@")[0]: user.public_id
                for user in tx.execute(select(User)).scalars()
            }
        floor = median_ms(app.test_client(), "/sign-in", rounds)
        rows = []
        for role, starts in WALK.items():
            client = app.test_client()
            if role != "visitor":
                with client.session_transaction() as session:
                    session["_user_id"] = f"{people[role]}:1"
                    session["_fresh"] = True
            rows += [
                (median_ms(client, path, rounds), role, path) for path in pages(client, starts)
            ]
        for median, role, path in sorted(rows, reverse=True):
            share = f"{median / GOAL_MS:5.2f} of goal  {median / floor:5.1f} × plainest"
            print(f"{median:7.1f} ms  {share}  {role:<9} {path}")
        worst = max(rows)[0]
        print(f"\n{len(rows)} pages; worst median {worst:.1f} ms; plainest page {floor:.1f} ms")
        if worst > GOAL_MS:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
