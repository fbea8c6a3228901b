"""Every table of the shop, gathered for migrations and for tests that compare the two."""

from __future__ import annotations

from sqlalchemy import Engine

from shop.core import db, triggers
from shop.core import events as _events  # noqa: F401 (its table)
from shop.jobs import models as _jobs  # noqa: F401 (its table)

metadata = db.Model.metadata

#: Tables whose rows are never changed once written.
APPEND_ONLY = (
    "agreed_days",
    "audit_entry",
    "budget_move",
    "cancellation",
    "cancellation_line",
    "checkpoint",
    "cosignature",
    "due_payment",
    "epcis_capture",
    "event",
    "interest_payment",
    "ledger_journal",
    "ledger_transfer",
    "ledger_voucher",
    "log_tile",
    "lot_input",
    "lot_loss",
    "lot_share",
    "lot_step",
    "mass_rule",
    "payment_answer",
    "payment_reminder",
    "payment_reminder_line",
    "payment_reminder_sending",
    "process_step",
    "recall_entry",
    "receivable_term",
    "sealed_event",
    "settlement_item",
    "share_correction",
    "unit_loss",
)


def create(engine: Engine) -> None:
    """Make every table and trigger at once in an empty database that lives only in memory.

    What is kept is migrated instead (`shop.core.db.migrate`); a test holds the two against each
    other.
    """
    with engine.begin() as connection:
        metadata.create_all(connection)
        for statement in triggers.of_all(APPEND_ONLY, engine.dialect.name):
            connection.exec_driver_sql(statement)
