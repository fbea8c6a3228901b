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
    "checkpoint",
    "cosignature",
    "epcis_capture",
    "event",
    "ledger_journal",
    "ledger_transfer",
    "ledger_voucher",
    "log_tile",
    "lot_input",
    "lot_loss",
    "lot_share",
    "lot_step",
    "mass_rule",
    "process_step",
    "recall_entry",
    "sealed_event",
    "settlement_item",
    "share_correction",
    "unit_loss",
)
