"""The month that the tests of closing share."""

from __future__ import annotations

import pytest

from orders.payments.commands import import_statement
from tests.orders.closing.stories import MAY_2


@pytest.fixture
def april(world):
    """A month of trade: ten tins sold and settled, one transfer nobody knows, payouts answered."""
    world.tins(10)
    purchase = world.approved(10)
    world.paid(purchase)
    world.accepted(purchase, short=1)
    world.settle()
    world.bank_answers(world.pay_out())
    import_statement(
        file_name="五.csv",
        content=world.statement_file(("50.00", "不明"), opening="1002380.00", serial="U"),
        actor=world.operator,
        now=world.now,
    )
    world.now = MAY_2
    return world
