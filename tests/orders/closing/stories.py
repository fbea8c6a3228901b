"""A month of trade, and what closing it takes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from orders.closing import check_queries, checking, commands, reconciling
from orders.closing.bank_side import sides
from orders.ledger.models import LedgerMonth
from shop.core import clock, db
from shop.jobs import queue

APRIL_30 = date(2026, 4, 30)
MAY_2 = clock.at(date(2026, 5, 2), 10)


def read(question, *args, **kwargs):
    with db.database().reading() as tx:
        return question(tx, *args, **kwargs)


def at_april_end(world):
    return read(sides, reconciling.end_of(APRIL_30))


def sign(world, who=None, **other):
    found = at_april_end(world)
    asked = {"day": APRIL_30, "seen_hash": found.seen_hash, "typed": found.bank} | other
    return reconciling.sign_reconciliation(actor=who or world.operator, now=world.now, **asked)


def reconciled(world):
    sheet = sign(world)
    reconciling.confirm_reconciliation(
        reconciliation_id=sheet, actor=world.treasurer, now=world.now
    )
    return sheet


def checked(world):
    """All books checked, as the job does it."""
    checking.ask_check(actor=world.auditor, now=world.now)
    queue.run_waiting(lambda: world.now)
    return read(check_queries.last_check)


def closed(world):
    reconciled(world)
    checked(world)
    commands.propose_month(month="2026-04", actor=world.operator, now=world.now)
    commands.confirm_month(month="2026-04", actor=world.treasurer, now=world.now)


def state_of(month="2026-04"):
    return read(
        lambda tx: tx.execute(
            select(LedgerMonth.state).where(LedgerMonth.month == month)
        ).scalar_one()
    )
