"""How long a payout of very many households takes, on SQLite or PostgreSQL.

Goals at 80,000 payments: the draft at most 3 s, the bank's file at most 1 s, the result file at
most 2 s. Beside them stand what else a batch needs: approval, export, an encrypted archive. The
households, their accounts and what they are owed are written straight into the tables, the money
as one sealed journal out of the pools of lots with forty households each; every step is the
command people use, its transaction committed. One household in a hundred is refused by the bank.
A database made for this is thrown away.

    python bench/bench_payouts.py [households] [sqlite|postgres …]

The goals hold at eighty thousand; without arguments a small number shows that all still runs.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import func, literal, select, text
from sqlalchemy.orm import Session, aliased

from bench import databases
from orders.ledger import bulk, posting
from orders.ledger.models import Account
from orders.ledger.states import AccountKind as K
from orders.ledger.states import JournalKind
from orders.payouts import commands, drafting
from orders.payouts.layouts import layouts, write_payout
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.states import ItemState, PayoutKind
from products.households.models import Household
from shop.core import db
from shop.core.actors import CLOCK
from shop.core.bulk import insert_many, plain_moment
from shop.core.ids import new_ids
from shop.core.money import ZERO, Money
from shop.core.reference import new_references
from shop.core.vault import vault
from shop.organisations.accounts import account_place
from shop.organisations.models import PayeeAccount
from tests import world as cast

GOAL, SMALL = 80_000, 1_000
GOALS = {"draft": 3.0, "bank file": 1.0, "result file": 2.0}


def main(households: int) -> bool:
    """Owe so many households, pay them; whether the goals are reached."""
    url = db.database().url
    cast.fill(url)
    db.connect(url)
    world = cast.World()
    _owe(world, households)
    times: dict[str, tuple[float, float]] = {}

    def timed(name: str, work: Callable[[], Any]) -> Any:
        began, busy = time.perf_counter(), time.process_time()
        result = work()
        times[name] = time.perf_counter() - began, time.process_time() - busy
        return result

    who = {"actor": world.operator, "now": world.now}
    batch = timed("draft", lambda: commands.draft_batch(kinds=(PayoutKind.HOUSEHOLD,), **who))
    with db.database().reading() as tx:
        seen = tx.execute(select(PayoutBatch.seen_hash)).scalar_one()
    timed(
        "approval",
        lambda: commands.approve_batch(
            batch_id=batch, seen_hash=seen, actor=world.treasurer, now=world.now
        ),
    )
    timed("export", lambda: commands.export_batch(batch_id=batch, **who))
    timed("bank file", lambda: _file(batch))
    timed("checked file", lambda: commands.take_file(batch_id=batch, **who))
    commands.renew_phrase(batch_id=batch, **who)
    archive = timed("archive", lambda: commands.take_archive(batch_id=batch, **who))
    answer = _answer(batch)
    timed(
        "result file",
        lambda: commands.import_results(batch_id=batch, file_name="r.csv", content=answer, **who),
    )
    _prove(households)
    print(f"{households:,} payments; the archive has {len(archive.content):,} bytes")
    good = True
    for name, (seconds, busy) in times.items():
        goal = GOALS.get(name)
        beside = f", goal {goal:.0f} s, ratio {seconds / goal:.2f}" if goal else ""
        print(f"{name}: {seconds:.2f} s, {busy:.2f} s of them ours{beside}")
        good = good and (goal is None or seconds <= goal)
    return good


def _file(batch_id: str) -> bytes:
    """The bytes for the bank, made from the rows: every number opened, nothing else checked."""
    with db.database().reading() as tx:
        batch = tx.execute(select(PayoutBatch).where(PayoutBatch.public_id == batch_id))
        layout = layouts()["neutral"].payout
        return write_payout(layout, drafting.bank_rows(tx, batch.scalar_one(), layout))


def _answer(batch_id: str) -> bytes:
    """The bank paid all but every hundredth."""
    out = io.StringIO()
    out.write("业务参考号,状态,原因,处理时间\r\n")
    with db.database().reading() as tx:
        for place, reference in enumerate(
            tx.execute(select(PayoutItem.reference).order_by(PayoutItem.position)).scalars()
        ):
            said = "失败,账号户名不符" if place % 100 == 7 else "成功,"
            out.write(
                f"{reference},{said},2026-04-20 16:{place // 60 % 60:02d}:{place % 60:02d}\r\n"
            )
    return out.getvalue().encode("gb18030")


def _prove(households: int) -> None:
    """Every fen is where it belongs."""
    with db.database().reading() as tx:
        states = dict(
            tx.execute(select(PayoutItem.state, func.count()).group_by(PayoutItem.state)).all()
        )
        failed = tx.execute(
            select(db.total(text("amount_fen"))).where(PayoutItem.state == ItemState.FAILED)
        ).scalar_one()
        owed = posting.balances(tx, K.HOUSEHOLD_PAYABLE, range(10**6))
        transit = tx.execute(select(PayoutBatch.id)).scalar_one()
        assert posting.balance(tx, K.PAYOUT_IN_TRANSIT, transit) == ZERO
    assert sum(states.values()) == households
    assert sum(money.fen for money in owed.values()) == failed


_HOUSEHOLD = "id public_id cooperative_id village_id name code pin_hash pin_version registered_at"
_CARD = (
    "public_id payee_kind payee_id holder number_sealed number_last4 number_fingerprint"
    " bank cnaps state since"
)


def _owe(world: cast.World, households: int) -> None:
    """Households with an account each, owed by lots that sold."""
    with db.database().writing() as tx:
        if not db.database().is_sqlite:
            tx.execute(text("SET LOCAL statement_timeout = 0"))
        first = tx.execute(select(func.max(Household.id))).scalar_one() + 1
        keys = range(first, first + households)
        _settle_in(tx, world, keys)
        insert_many(
            tx, Account, ("kind", "owner_id"), [(K.HOUSEHOLD_PAYABLE.value, key) for key in keys]
        )
        _settle(tx, world, max(1, households // 40))
    if not db.database().is_sqlite:
        with (
            db.database()
            .engine.connect()
            .execution_options(isolation_level="AUTOCOMMIT") as connection
        ):
            connection.execute(text("ANALYZE"))


def _settle_in(tx: Session, world: cast.World, keys: range) -> None:
    """The households and their accounts."""
    village = tx.execute(text("SELECT id FROM village")).scalar_one()
    cooperative, moment = world.organisation_key("TH"), plain_moment(tx, world.now)
    ids, codes = new_ids("hh", len(keys)), new_references(len(keys))
    cards = new_ids("card", len(keys))
    homes, accounts = [], []
    bank = ("示范银行遂川支行", "104428000011", "active")
    for place, key in enumerate(keys):
        name, number = f"农户{place:06d}", f"62220215{place:011d}"
        homes.append((key, ids[place], cooperative, village, name, codes[place], "", 1, moment))
        sealed = vault().seal(number, place=account_place(cards[place]))
        digest = vault().fingerprint(number)
        accounts.append(
            (cards[place], "household", key, name, sealed, number[-4:], digest, *bank, moment)
        )
    insert_many(tx, Household, tuple(_HOUSEHOLD.split()), homes)
    insert_many(tx, PayeeAccount, tuple(_CARD.split()), accounts)


def _settle(tx: Session, world: cast.World, lots: int) -> None:
    """The pools of lots that sold and were paid for, and out of each second payments."""
    owed = literal(100) + Account.owner_id % 90_000
    households = Account.kind == K.HOUSEHOLD_PAYABLE
    lot = Account.owner_id % lots + 1
    pools = [
        (lot_id, int(fen))
        for lot_id, fen in tx.execute(select(lot, func.sum(owed)).where(households).group_by(lot))
    ]
    with posting.journal(
        tx,
        JournalKind.BANK_CREDIT,
        event_key="bench:bank",
        about="bench",
        actor=CLOCK,
        now=world.now,
    ) as journal:
        for lot_id, fen in pools:
            journal.move((K.CUSTODY, 0), (K.LOT_POOL, lot_id), Money(fen))
    pool = aliased(Account)
    bulk.post(
        tx,
        JournalKind.SETTLEMENT,
        select(
            func.row_number().over(order_by=Account.id),
            pool.id.label("debit"),
            Account.id.label("credit"),
            owed,
        )
        .join(pool, (pool.kind == K.LOT_POOL) & (pool.owner_id == lot))
        .where(households),
        event_key="bench:owe",
        about="bench",
        content="bench",
        actor=CLOCK,
        now=world.now,
    )


if __name__ == "__main__":
    amount = next((int(word) for word in sys.argv[1:] if word.isdigit()), SMALL)
    kinds = [word for word in sys.argv[1:] if not word.isdigit()] or ["sqlite", "postgres"]
    reached = True
    for kind in kinds:
        with databases.opened(kind):
            print(f"== {kind}")
            reached = main(amount) and reached
    sys.exit(amount >= GOAL and not reached)
