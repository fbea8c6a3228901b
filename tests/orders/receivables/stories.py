"""What the tests of receivables tell: goods taken on terms, days that pass, money that comes."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from orders.payments.commands import import_statement
from orders.payments.models import BankLine, BankStatement
from orders.purchasing.states import PaymentTerms
from orders.receivables import queries
from orders.shipments.models import Acceptance
from shop.core import clock, db
from tests.world import DAY

#: The world's day of acceptance, and the last day to pay by the statute: 30 days later.
DUE = date(2026, 5, 20)
assert (DUE - DAY).days == 30


def on(world, day: date, hour: int = 10) -> None:
    """Let it be another day."""
    world.now = clock.at(day, hour)


def owed(world, units: int = 10, *, union: str = "GH", stock: bool = True) -> tuple[str, str]:
    """Tins accepted and not paid, ¥238.00 each; returns the purchase and its acceptance."""
    if stock:
        world.tins(units)
    purchase = world.approved(units, terms=PaymentTerms.AFTER, union=union)
    return purchase, world.accepted(purchase, union=union)


def money_in(world, amount: str, memo: str = "汇款", serial: str = "M") -> str:
    """A transfer nobody can place; returns its line, which waits in suspense."""
    with db.database().reading() as tx:
        closing = tx.execute(
            select(BankStatement.closing).order_by(BankStatement.id.desc()).limit(1)
        ).scalar()
    statement = import_statement(
        file_name="流水.csv",
        content=world.statement_file(
            (amount, memo), serial=serial, opening=str(closing or "1000000.00")
        ),
        actor=world.operator,
        now=world.now,
    )
    return world._one(
        select(BankLine.public_id)
        .join(BankStatement, BankStatement.id == BankLine.statement_id)
        .where(BankStatement.public_id == statement)
    )


def page(world, acceptance: str, who: str = "operator"):
    """Everything about one receivable on the world's day."""
    with db.database().reading() as tx:
        return queries.receivable(tx, acceptance, world.person(who), clock.day_of(world.now))


def aged(world, day: date, who: str = "operator", **only):
    """The receivables of a day."""
    with db.database().reading() as tx:
        return queries.ageing(tx, world.person(who), day=day, **only)


def key_of(world, acceptance: str) -> int:
    """The internal key of an acceptance."""
    return world._one(select(Acceptance.id).where(Acceptance.public_id == acceptance))
