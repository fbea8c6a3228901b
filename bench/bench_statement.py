"""How fast a bank statement is read and imported, on both databases.

    python bench/bench_statement.py [lines] [sqlite|postgres …]

Half of the lines pay a purchase exactly, a tenth pay the wrong amount, three tenths name nothing,
and a tenth are debits. Each figure is printed with its goal and with the part of the goal it takes
up; the goal holds for 100,000 lines. Without arguments a small size shows that everything still
runs and books what it should.
"""

from __future__ import annotations

import io
import os
import platform
import resource
import sys
import time
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import func, select

from bench import databases
from orders.ledger import posting
from orders.ledger.models import Journal
from orders.ledger.states import AccountKind
from orders.payments.commands import import_statement, undo_import
from orders.payments.import_jobs import ask_preview
from orders.payments.looking import Preview
from orders.payments.models import BankLine, BankUpload
from orders.payments.previews import preview
from orders.payments.states import LineState
from orders.purchasing.models import Order, Purchase
from orders.purchasing.states import OrderState, PaymentTerms, PurchaseKind, PurchaseState
from shop.core import bulk, clock, db, vault
from shop.core.ids import new_id
from shop.core.money import ZERO, Money
from shop.core.reference import new_references
from shop.jobs import queue
from tests import world as cast

SMALL, LARGE = 2_000, 100_000

#: Seconds for a hundred thousand lines.
GOAL = 10.0

START = clock.at(date(2026, 4, 20), 9)
PRICE = Money(23_800)


def main(arguments: Sequence[str]) -> None:
    lines = next((int(word) for word in arguments if word.isdigit()), SMALL)
    kinds = [word for word in arguments if not word.isdigit()] or ["sqlite", "postgres"]
    print(f"{platform.platform()}, {os.cpu_count()} cores, {lines:,} lines")
    for kind in kinds:
        with databases.opened(kind) as database:
            print(f"== {kind}")
            cast.fill(database.url)
            db.use(database)
            vault.configure(cast.KEYS)
            measure(lines)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process: {peak:.0f} MB")


def measure(lines: int) -> None:
    """Build, preview, import, undo; one line for each figure."""
    world = cast.World()
    codes = purchases(world, lines * 6 // 10)
    content = statement(lines, codes)
    goal = GOAL * lines / LARGE

    began = clocks()
    ask_preview(file_name="a.csv", content=content, actor=world.operator, now=START)
    queue.run_waiting(lambda: START)
    with db.database().reading() as tx:
        upload = tx.execute(select(BankUpload.public_id)).scalar_one()
        shown = preview(tx, upload, world.operator, START)
    figure("upload and preview, by its job", began, goal)
    assert isinstance(shown, Preview)
    assert shown.count == lines

    began = clocks()
    imported = import_statement(file_name="a.csv", content=content, actor=world.operator, now=START)
    figure(f"importing {lines:,} lines ({len(content) / 1e6:.1f} MB)", began, goal)
    refuse_wrong_books(world, lines)

    began = clocks()
    undo_import(statement_id=imported, reason="导错了", actor=world.operator, now=START)
    figure("undoing it", began, goal)
    assert world.balance(AccountKind.CUSTODY) == ZERO


def refuse_wrong_books(world: cast.World, lines: int) -> None:
    """What was booked is what the file says: each credit once, in its place."""
    with db.database().reading() as tx:
        matched, held, debits = (
            tx.execute(
                select(func.count()).select_from(BankLine).where(BankLine.state == state)
            ).scalar_one()
            for state in (LineState.MATCHED, LineState.SUSPENSE, LineState.UNEXPLAINED)
        )
        journals = tx.execute(select(func.count()).select_from(Journal)).scalar_one()
        custody = posting.balance(tx, AccountKind.CUSTODY)
    tenth = lines // 10
    assert (matched, held, debits) == (5 * tenth, 4 * tenth, tenth), (matched, held, debits)
    assert journals == 9 * tenth
    assert custody == Money(tenth * (5 * PRICE.fen + 3 * PRICE.fen + PRICE.fen - 100))


def purchases(world: cast.World, count: int) -> list[str]:
    """So many approved purchases of the union, one order each, straight into the tables."""
    union, cooperative = world.organisation_key("GH"), world.organisation_key("TH")
    ordered = sorted(new_references(count))
    with db.database().writing() as tx:
        keys = bulk.next_ids(tx, Purchase, count)
        bulk.insert_typed(
            tx,
            Purchase,
            (
                "id",
                "public_id",
                "number",
                "reference",
                "kind",
                "state",
                "terms",
                "union_id",
                "buyer_id",
                "total_fen",
                "recipient",
                "phone",
                "address",
                "province",
                "note",
                "submitted_at",
            ),
            (
                (
                    key,
                    new_id("purchase"),
                    f"CG-B{key}",
                    code,
                    PurchaseKind.BULK,
                    PurchaseState.APPROVED,
                    PaymentTerms.BEFORE,
                    union,
                    world.clerk.user_id,
                    PRICE,
                    "孙浩",
                    "1",
                    "遂川县",
                    "江西",
                    "",
                    START,
                )
                for key, code in zip(keys, ordered, strict=True)
            ),
        )
        bulk.insert_typed(
            tx,
            Order,
            (
                "public_id",
                "number",
                "purchase_id",
                "cooperative_id",
                "state",
                "total_fen",
                "fresh",
                "placed_at",
            ),
            (
                (
                    new_id("order"),
                    f"DD-B{key}",
                    key,
                    cooperative,
                    OrderState.CONFIRMED,
                    PRICE,
                    False,
                    START,
                )
                for key in keys
            ),
        )
    return ordered


def statement(lines: int, codes: Sequence[str]) -> bytes:
    """A bank's file in GB18030; which tenth a line belongs to is its number's last digit."""
    balance = Money(10**11)
    content = io.BytesIO()
    content.write("交易时间,收支方向,金额,余额,对方户名,对方账号,附言,流水号\r\n".encode("gb18030"))
    left = iter(codes)
    for number in range(lines):
        kind = number % 10
        amount, memo = PRICE, "端午慰问品货款"
        if kind < 6:
            memo = f"货款 {next(left)}"
        if kind == 5:
            amount = PRICE - Money(100)
        balance = balance - amount if kind == 9 else balance + amount
        at = (START + timedelta(seconds=number)).astimezone(clock.SHANGHAI)
        row = (
            f"{at:%Y-%m-%d %H:%M:%S},{'支出' if kind == 9 else '收入'},{amount},{balance},"
            f"县直机关工会,3605018101{number:010d},{memo},S{number:010d}\r\n"
        )
        content.write(row.encode("gb18030"))
    return content.getvalue()


def clocks() -> tuple[float, float]:
    """The time on the wall, and what this process has had of the processor."""
    return time.perf_counter(), time.process_time()


def figure(name: str, began: tuple[float, float], goal: float) -> None:
    """One line: what was reached, and what part of the goal it takes up (below 1 is good).

    Beside it stands the processor's share of this process, which what else runs here leaves alone;
    a PostgreSQL server's own is not in it.
    """
    seconds, busy = (now - then for now, then in zip(clocks(), began, strict=True))
    print(
        f"{name}: {seconds:.2f} s, {busy:.2f} s of the processor;"
        f" {seconds / goal:.2f} of the goal ({goal:g} s)"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
