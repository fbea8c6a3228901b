"""Every table of the shop, gathered for migrations and for tests that compare the two."""

from __future__ import annotations

from shop.core import db
from shop.core import events as _events  # noqa: F401 (its table)
from shop.jobs import models as _jobs  # noqa: F401 (its table)

metadata = db.Model.metadata

#: Tables whose rows are never changed once written.
APPEND_ONLY = (
    "audit_entry",
    "budget_move",
    "event",
    "ledger_journal",
    "ledger_transfer",
    "lot_input",
    "lot_loss",
    "lot_share",
    "recall_entry",
    "settlement_item",
    "unit_loss",
)
