"""`check-books` finds a planted error of every kind.

Each error is planted in the told story's own database and taken back. To plant what the schema
itself refuses, the guarded table is set aside and a bare copy, without keys, checks and triggers,
stands in its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from orders.books.checks import CHECKS, Finding, check_books, check_side_by_side


class Plant(NamedTuple):
    """One error: the check that must find it, the statement that makes it, and whether the
    schema refuses it already (the check is then a second pair of eyes)."""

    check: str
    statement: str
    refused: bool = False


PLANTS = (
    Plant(
        "journals are complete",
        "DELETE FROM ledger_transfer WHERE id = (SELECT max(id) FROM ledger_transfer)",
        refused=True,
    ),
    Plant(
        "journals are complete",
        """UPDATE ledger_journal SET total_fen = total_fen + 1
           WHERE id = (SELECT min(id) FROM ledger_journal)""",
        refused=True,
    ),
    Plant(
        "transfers have a journal",
        "DELETE FROM ledger_journal WHERE id = (SELECT max(id) FROM ledger_journal)",
        refused=True,
    ),
    Plant(
        "no account is below zero",
        """UPDATE ledger_transfer SET amount_fen = 100000000 WHERE credit_id =
           (SELECT id FROM ledger_account WHERE kind = 'custody')""",
        refused=True,
    ),
    Plant(
        "custody is not overdrawn",
        """UPDATE ledger_transfer SET amount_fen = 100000000 WHERE credit_id =
           (SELECT id FROM ledger_account WHERE kind = 'custody')""",
        refused=True,
    ),
    Plant(
        "purchases equal their orders",
        """UPDATE purchase SET total_fen = total_fen + 1
           WHERE id = (SELECT min(id) FROM purchase)""",
    ),
    Plant(
        "orders equal their lines",
        """UPDATE purchase_order SET total_fen = total_fen - 1
           WHERE id = (SELECT min(id) FROM purchase_order)""",
    ),
    Plant(
        "lines equal their allocations",
        "UPDATE order_line SET units = units + 1 WHERE id = (SELECT max(id) FROM order_line)",
    ),
    Plant(
        "acceptances equal what was sent",
        """UPDATE acceptance_line SET short_units = short_units + 1
           WHERE id = (SELECT max(id) FROM acceptance_line)""",
    ),
    Plant(
        "acceptances were posted in full",
        """UPDATE acceptance SET value_fen = value_fen + 1
           WHERE id = (SELECT min(id) FROM acceptance WHERE state = 'signed')""",
    ),
    Plant(
        "escrow equals paid less accepted less refunded",
        """UPDATE payment SET amount_fen = amount_fen + 1
           WHERE id = (SELECT max(id) FROM payment WHERE NOT undone)""",
    ),
    Plant(
        "nothing is refunded that was not paid",
        """UPDATE refund SET amount_fen = amount_fen + 100000000
           WHERE id = (SELECT min(id) FROM refund)""",
    ),
    Plant(
        "refunds in transit equal refunds not yet left",
        "UPDATE payout_item SET state = 'unknown' WHERE kind = 'refund' AND state = 'confirmed'",
    ),
    Plant(
        "refunds of unclaimed money in transit equal those not yet left",
        """UPDATE refund SET order_id = NULL, payment_id = NULL,
             bank_line_id = (SELECT min(id) FROM bank_line)
           WHERE id = (SELECT max(f.id) FROM refund f WHERE NOT EXISTS (
             SELECT 1 FROM payout_item i WHERE i.refund_id = f.id AND i.state = 'confirmed'))""",
    ),
    Plant(
        "payments give back what their refunds say",
        """UPDATE payment SET refunded_fen = refunded_fen + 1
           WHERE id = (SELECT min(id) FROM payment WHERE refunded_fen < amount_fen)""",
    ),
    Plant(
        "returned units equal returns",
        """UPDATE acceptance_line SET returned_units = returned_units + 1
           WHERE id = (SELECT min(id) FROM acceptance_line)""",
    ),
    Plant(
        "units asked back equal open requests",
        """UPDATE acceptance_line SET asked_units = asked_units + 1
           WHERE id = (SELECT min(id) FROM acceptance_line)""",
    ),
    Plant(
        "cancelled units equal cancellations",
        """UPDATE allocation SET cancelled_units = 0 WHERE cancelled_units > 0""",
    ),
    Plant(
        "cancellations are worth their units",
        "UPDATE cancellation SET value_fen = value_fen + 1",
        refused=True,
    ),
    Plant(
        "lot pools equal accepted less settled",
        """UPDATE acceptance_line SET returned_units = returned_units + 1
           WHERE id = (SELECT min(id) FROM acceptance_line)""",
    ),
    Plant(
        "shares are exact to the fen",
        """UPDATE settlement_item
           SET change_fen = change_fen + 100, set_off_fen = set_off_fen + 100
           WHERE id = (SELECT min(id) FROM settlement_item)""",
        refused=True,
    ),
    Plant(
        "households are owed what was settled less what left",
        """UPDATE settlement_item SET second_payment_fen = second_payment_fen + 1
           WHERE id = (SELECT max(id) FROM settlement_item)""",
        refused=True,
    ),
    Plant(
        "households are owed what was settled less what left",
        """UPDATE payout_item SET state = 'confirmed'
           WHERE kind = 'household' AND state = 'failed'""",
    ),
    Plant(
        "batches equal their items",
        "UPDATE payout_batch SET items = items + 1 WHERE id = (SELECT min(id) FROM payout_batch)",
    ),
    Plant(
        "bank files hold every item of their batch once",
        "UPDATE payout_file SET total_fen = total_fen + 1",
    ),
    Plant(
        "payouts sent back came in by one line of their amount",
        """UPDATE payout_item SET state = 'returned'
           WHERE id = (SELECT min(id) FROM payout_item WHERE state = 'confirmed')""",
        refused=True,
    ),
    Plant(
        "what came back is paid again once at the most",
        """UPDATE payout_item
           SET retries_id = (SELECT min(id) FROM payout_item WHERE state = 'confirmed')
           WHERE id = (SELECT max(id) FROM payout_item WHERE state <> 'withdrawn')""",
    ),
    Plant(
        "unpaid acceptances have a due day",
        """UPDATE acceptance SET receivable_fen = 1 WHERE id =
           (SELECT min(id) FROM acceptance WHERE state = 'signed' AND receivable_fen = 0)""",
    ),
    Plant(
        "interest paid equals its journals",
        """UPDATE ledger_journal SET kind = 'interest_paid'
           WHERE id = (SELECT min(id) FROM ledger_journal)""",
        refused=True,
    ),
    Plant(
        "what cooperatives paid equals its journals",
        """UPDATE ledger_journal SET kind = 'due_paid'
           WHERE id = (SELECT min(id) FROM ledger_journal)""",
        refused=True,
    ),
    Plant(
        "no more interest is paid than accrued",
        """INSERT INTO interest_payment (id, acceptance_id, bank_line_id, amount_fen, accrued_fen)
           SELECT 999, (SELECT min(id) FROM acceptance),
             (SELECT min(id) FROM bank_line WHERE NOT undone), 2, 1""",
        refused=True,
    ),
    Plant(
        "reserves hold what was set aside and not needed",
        """UPDATE settlement_lot SET reserved_fen = reserved_fen + 1
           WHERE lot_id = (SELECT max(lot_id) FROM settlement_lot WHERE state = 'posted')""",
    ),
    Plant(
        "runs equal their items",
        """UPDATE settlement_lot
           SET change_fen = change_fen + 1, set_off_fen = set_off_fen + 1,
             revenue_fen = revenue_fen + 1
           WHERE lot_id = (SELECT max(lot_id) FROM settlement_lot WHERE state = 'posted')""",
    ),
    Plant(
        "acceptance lines carry their lot and what it earns",
        """UPDATE acceptance_line SET households_fen = households_fen + 1
           WHERE id = (SELECT max(id) FROM acceptance_line)""",
    ),
    Plant(
        "payouts in transit equal their items",
        """UPDATE payout_item SET amount_fen = amount_fen + 1
           WHERE kind = 'carrier' AND state = 'in_transit'""",
    ),
    Plant(
        "custody equals the bank's lines",
        """UPDATE bank_line SET amount_fen = amount_fen + 1 WHERE id =
           (SELECT min(id) FROM bank_line WHERE state = 'matched' AND NOT undone)""",
    ),
    Plant(
        "suspense equals unclaimed lines",
        """UPDATE payment SET amount_fen = amount_fen - 1
           WHERE id = (SELECT min(id) FROM payment WHERE NOT undone)""",
    ),
    Plant(
        "statements equal their lines",
        "DELETE FROM bank_line WHERE state = 'suspense' AND NOT undone",
    ),
    Plant(
        "statements equal their lines",
        """UPDATE bank_statement SET lines = lines + 1
           WHERE id = (SELECT min(id) FROM bank_statement)""",
    ),
    Plant(
        "reserved units equal open orders",
        "UPDATE lot SET reserved_units = reserved_units - 1 WHERE reserved_units > 0",
    ),
    Plant(
        "shipped units equal shipments",
        "UPDATE lot SET shipped_units = shipped_units - 1 WHERE shipped_units > 0",
    ),
    Plant(
        "written off units equal damage and destruction",
        "UPDATE lot SET written_off_units = 0 WHERE written_off_units > 0",
    ),
    Plant(
        "used grams equal withdrawals",
        "UPDATE lot SET used_grams = used_grams - 1 WHERE used_grams > 0",
    ),
    Plant(
        "packed units weigh what went in",
        "UPDATE lot SET units = units + 1 WHERE kind = 'packed'",
    ),
    Plant(
        "deliveries are worth grams times price",
        "UPDATE delivery SET value_fen = value_fen + 1 WHERE id = (SELECT min(id) FROM delivery)",
    ),
    Plant(
        "deliveries stand as their shares say",
        "UPDATE delivery SET net_grams = net_grams - 1 WHERE id = (SELECT min(id) FROM delivery)",
    ),
    Plant(
        "deliveries stand as their shares say",
        """INSERT INTO lot_share SELECT lot_id, version,
             (SELECT max(id) FROM household WHERE id <> household_id), 0, 1, 0
           FROM lot_share WHERE lot_id = (SELECT min(lot_id) FROM delivery)""",
    ),
    Plant(
        "deliveries stand as their shares say",
        "UPDATE delivery SET payment = 'consignment' WHERE payment = 'paid'",
    ),
    Plant(
        "withdrawals and losses leave no gap",
        "UPDATE lot_loss SET before_grams = before_grams + 1",
        refused=True,
    ),
    Plant(
        "lost grams equal losses",
        "UPDATE lot SET lost_grams = lost_grams + 1 WHERE used_grams + lost_grams < grams",
    ),
    Plant(
        "freezes equal what stands",
        "UPDATE lot SET freezes = freezes + 1 WHERE id = (SELECT min(id) FROM lot)",
    ),
    Plant(
        "nothing weighs more than what went into it",
        "UPDATE lot SET grams = grams * 100 WHERE kind = 'processed'",
    ),
    Plant(
        "nothing weighs more than what went into it",
        "UPDATE lot SET grams = grams - 1 WHERE kind = 'byproduct'",
    ),
    Plant(
        "shares are carried by the ladder",
        """INSERT INTO lot_share SELECT lot_id, version,
             (SELECT min(h.id) FROM household h WHERE h.id NOT IN
               (SELECT o.household_id FROM lot_share o WHERE o.lot_id = lot_share.lot_id)),
             0, 1, 0
           FROM lot_share WHERE lot_id = (SELECT max(lot_id) FROM lot_share)""",
    ),
    Plant(
        "shares are carried by the ladder",
        """UPDATE lot_share SET milligrams = milligrams + 1
           WHERE lot_id = (SELECT max(lot_id) FROM lot_share)""",
        refused=True,
    ),
    Plant(
        "shares are carried by the ladder",
        """UPDATE lot_share SET value_fen = value_fen + 1
           WHERE lot_id = (SELECT max(lot_id) FROM lot_share)""",
        refused=True,
    ),
    Plant(
        "shares are carried by the ladder",
        """UPDATE lot_share SET paid_fen = paid_fen + 1
           WHERE lot_id = (SELECT max(lot_id) FROM lot_share)""",
        refused=True,
    ),
    Plant(
        "budgets equal their moves",
        "UPDATE budget SET reserved_fen = reserved_fen + 1",
    ),
    Plant(
        "budgets equal their moves",
        "UPDATE budget SET spent_fen = spent_fen - 1, reserved_fen = reserved_fen + 1",
    ),
    Plant(
        "budgets equal their moves",
        "DELETE FROM budget_move WHERE id = (SELECT max(id) FROM budget_move)",
        refused=True,
    ),
    Plant(
        "vouchers are numbered without a gap",
        "UPDATE ledger_voucher SET number = 2",
        refused=True,
    ),
    Plant(
        "every journal of a closed month has its number",
        "UPDATE ledger_month SET ends_at = '2027-01-01 00:00:00' WHERE month = '2026-03'",
        refused=True,
    ),
    Plant(
        "months are closed in order",
        "UPDATE ledger_month SET state = 'open' WHERE month = '2026-02'",
    ),
    Plant(
        "every event is posted once",
        """INSERT INTO ledger_journal SELECT * FROM ledger_journal
           WHERE id = (SELECT min(id) FROM ledger_journal)""",
        refused=True,
    ),
)

_TABLE = re.compile(r"(?:UPDATE|DELETE FROM|INSERT INTO) (\w+)")


@pytest.fixture
def tx(books) -> Iterator[Session]:
    """A session on the told story; whatever it does is taken back."""
    with Session(books.engine) as session:
        yield session
        session.rollback()


def planted(tx: Session, plant: Plant) -> list[Finding]:
    """Make the error in a bare copy of its table; what `check-books` finds then."""
    found = _TABLE.match(plant.statement)
    assert found
    table = found[1]
    tx.execute(text(f"ALTER TABLE {table} RENAME TO guarded_{table}"))
    tx.execute(text(f"CREATE TABLE {table} AS SELECT * FROM guarded_{table}"))
    changed = tx.execute(text(plant.statement))
    assert changed.rowcount > 0, "nothing was planted"
    return check_books(tx)


def test_the_story_itself_keeps_the_books(tx):
    assert check_books(tx) == []


def test_every_check_has_a_planted_error():
    assert {plant.check for plant in PLANTS} == set(CHECKS)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.check)
def test_the_check_finds_its_planted_error(tx, plant):
    reported = [finding for finding in planted(tx, plant) if finding.check == plant.check]

    assert reported
    assert all(finding.thing for finding in reported)


@pytest.mark.parametrize(
    "plant", [plant for plant in PLANTS if plant.refused], ids=lambda plant: plant.check
)
def test_what_the_schema_can_refuse_it_refuses(tx, plant):
    with pytest.raises(DBAPIError):
        tx.execute(text(plant.statement))


@pytest.mark.parametrize(
    "plant", [plant for plant in PLANTS if not plant.refused], ids=lambda plant: plant.check
)
def test_what_the_schema_lets_pass_is_left_to_the_check(tx, plant):
    tx.execute(text(plant.statement))

    assert plant.check in {finding.check for finding in check_books(tx)}


def test_side_by_side_the_checks_find_the_same(world, database):
    world.tins(4)
    with database.writing() as tx:
        tx.execute(text("UPDATE lot SET reserved_units = 1 WHERE kind = 'packed'"))
        one_by_one = check_books(tx)

    assert one_by_one
    side_by_side = list(check_side_by_side(database))
    assert [found for checked in side_by_side for found in checked.findings] == one_by_one
    assert [checked.check for checked in side_by_side] == list(CHECKS)
