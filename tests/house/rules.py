"""Every route of the application, and an address of the told story for each."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import Rule

#: Per endpoint and argument: which thing of the story it is shown, where the name does not say it.
THINGS: dict[tuple[str, str], str] = {
    ("*", "acceptance_id"): "acceptance",
    ("*", "batch_id"): "draft_batch",
    ("*", "budget_id"): "budget",
    ("*", "code"): "code",
    ("*", "destruction_id"): "destruction",
    ("*", "dispute_id"): "dispute",
    ("*", "household_id"): "household",
    ("*", "invoice_id"): "invoice",
    ("*", "journal_id"): "journal",
    ("*", "job_id"): "job",
    ("*", "line_id"): "line",
    ("*", "lot_id"): "lot",
    ("*", "notice_id"): "notice",
    ("*", "order_id"): "order",
    ("*", "organisation_id"): "gh",
    ("*", "process_id"): "process",
    ("*", "purchase_id"): "purchase",
    ("*", "recall_id"): "recall",
    ("*", "report_id"): "report",
    ("*", "run_id"): "draft_run",
    ("*", "shipment_id"): "shipment",
    ("*", "slug"): "slug",
    ("*", "specification_id"): "tin",
    ("*", "statement_id"): "statement",
    ("*", "upload_id"): "upload",
    ("*", "user_id"): "user",
    ("acceptances.confirm", "shipment_id"): "retail_shipment",
    ("acceptances.sign", "acceptance_id"): "signed_once",
    ("acceptances.withdraw", "acceptance_id"): "signed_once",
    ("audit.thing", "thing"): "purchase",
    ("deliveries.correct", "lot_id"): "delivery",
    ("deliveries.slip", "lot_id"): "delivery",
    ("deliveries.void", "lot_id"): "delivery",
    ("disputes.correct", "dispute_id"): "upheld",
    ("documents.check", "thing"): "order",
    ("documents.paper", "thing"): "order",
    ("payouts.export", "batch_id"): "batch",
    ("payouts.file", "batch_id"): "batch",
    ("payouts.results", "batch_id"): "batch",
    ("purchases.approval", "purchase_id"): "submitted",
    ("purchases.approve", "purchase_id"): "submitted",
    ("purchases.cancel", "purchase_id"): "unpaid",
    ("purchases.of", "about"): "acceptance",
    ("purchases.pay", "purchase_id"): "unpaid",
    ("purchases.send_back", "purchase_id"): "submitted",
    ("recall_work.take_note", "notice_id"): "cooperative_notice",
    ("shipments.arrive", "order_id"): "under_way_order",
    ("shipments.new", "order_id"): "paid_order",
    ("shipments.new_invoice", "order_id"): "paid_order",
}

#: Arguments that name no thing.
WORDS = {"lang": "zh", "token": "no-such-link"}
KINDS = {"audit.export_acts": "csv", "audit.export_transfers": "xlsx"}

#: What is sent to a form that needs something to be about; all others are sent empty.
SENT = {
    "acceptances.new": {
        "counts-0-allocation_id": "allocation",
        "counts-0-accepted": "2",
        "counts-0-short": "0",
        "counts-0-damaged": "0",
    }
}


def sent(endpoint: str, ids: dict[str, str]) -> dict[str, str]:
    """What is sent to a form of an endpoint."""
    return {name: ids.get(value, value) for name, value in SENT.get(endpoint, {}).items()}


def rules(app: Flask) -> list[Rule]:
    """Every rule, by endpoint; the static files are not the application's."""
    found = (rule for rule in app.url_map.iter_rules() if rule.endpoint != "static")
    return sorted(found, key=lambda rule: rule.endpoint)


def address(app: Flask, rule: Rule, ids: dict[str, str]) -> str:
    """The address of a rule for a thing of the story."""
    values = {name: _value(rule.endpoint, name, ids) for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def _value(endpoint: str, name: str, ids: dict[str, str]) -> str:
    if name == "kind":
        return KINDS.get(endpoint, "contract")
    if name in WORDS:
        return WORDS[name]
    return ids[THINGS.get((endpoint, name)) or THINGS["*", name]]
