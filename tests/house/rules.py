"""Every route of the application, and an address of the told story for each."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import Rule

#: Per endpoint and argument: which thing of the story it is shown, where the name does not say it.
THINGS: dict[tuple[str, str], str] = {
    ("*", "acceptance_id"): "acceptance",
    ("*", "alarm_id"): "alarm",
    ("*", "allocation_id"): "code_allocation",
    ("*", "batch_id"): "draft_batch",
    ("*", "budget_id"): "budget",
    ("*", "change_id"): "change",
    ("*", "certificate_id"): "certificate",
    ("*", "check_id"): "books_check",
    ("*", "certificate_key"): "certificate",
    ("*", "code"): "code",
    ("*", "cooperative_id"): "th",
    ("*", "cosigner_id"): "cosigner",
    ("*", "complaint_id"): "complaint",
    ("*", "complaint_key"): "complaint",
    ("*", "file_id"): "account_file",
    ("*", "gtin"): "gtin",
    ("*", "destruction_id"): "destruction",
    ("*", "dispute_id"): "dispute",
    ("*", "household_id"): "household",
    ("*", "invoice_id"): "invoice",
    ("*", "journal_id"): "journal",
    ("*", "item_id"): "undecided",
    ("*", "job_id"): "job",
    ("*", "key_id"): "key",
    ("*", "layout_id"): "layout",
    ("*", "line_id"): "line",
    ("*", "lot_id"): "lot",
    ("*", "notice_id"): "notice",
    ("*", "order_id"): "order",
    ("*", "organisation_id"): "gh",
    ("*", "part"): "part",
    ("*", "print_id"): "print",
    ("*", "process_id"): "process",
    ("*", "packed_id"): "lot",
    ("*", "purchase_id"): "purchase",
    ("*", "qualifiers"): "qualifiers",
    ("*", "recall_id"): "recall",
    ("*", "reminder_id"): "reminder",
    ("*", "report_id"): "report",
    ("*", "rule_id"): "payment_rule",
    ("*", "report_key"): "lot_test",
    ("*", "rate_id"): "rate",
    ("*", "proposal_id"): "refund_account",
    ("*", "refund_id"): "refund",
    ("*", "request_id"): "return_request",
    ("*", "return_id"): "goods_return",
    ("*", "run_id"): "draft_run",
    ("*", "sheet_id"): "sheet",
    ("*", "shipment_id"): "shipment",
    ("*", "size"): "log_size",
    ("*", "slug"): "slug",
    ("*", "specification_id"): "tin",
    ("*", "statement_id"): "statement",
    ("*", "story_id"): "story",
    ("*", "test_id"): "lot_test",
    ("*", "upload_id"): "upload",
    ("*", "user_id"): "user",
    ("*", "village_id"): "village",
    ("*", "village_key"): "village",
    ("*", "thing_id"): "drafted_price",
    ("acceptances.confirm", "shipment_id"): "retail_shipment",
    ("acceptances.sign", "acceptance_id"): "signed_once",
    ("acceptances.withdraw", "acceptance_id"): "signed_once",
    ("account_statements.about", "thing"): "purchase",
    ("account_statements.carrier", "organisation_id"): "yd",
    ("account_statements.carrier_pdf", "organisation_id"): "yd",
    ("account_statements.cooperative", "organisation_id"): "th",
    ("account_statements.cooperative_pdf", "organisation_id"): "th",
    ("account_statements.journal", "journal_id"): "own_journal",
    ("account_statements.journal", "organisation_id"): "th",
    ("audit.thing", "thing"): "purchase",
    ("deliveries.correct", "lot_id"): "delivery",
    ("deliveries.slip", "lot_id"): "delivery",
    ("deliveries.void", "lot_id"): "delivery",
    ("dividing.correct", "lot_id"): "used",
    ("dividing.divide", "lot_id"): "rough",
    ("dividing.lose", "lot_id"): "rough",
    ("disputes.correct", "dispute_id"): "upheld",
    ("documents.check", "thing"): "order",
    ("documents.paper", "thing"): "order",
    ("held_money.wish", "line_id"): "held_line",
    ("held_money.wish", "purchase_id"): "part_paid",
    ("calendar.confirm", "change_id"): "calendar_change",
    ("calendar.decline", "change_id"): "calendar_change",
    ("calendar.show", "change_id"): "calendar_change",
    ("payouts.export", "batch_id"): "batch",
    ("payouts.file", "batch_id"): "batch",
    ("payouts.phrase", "batch_id"): "batch",
    ("payout_layouts.show", "code"): "payout_layout",
    ("payouts.results", "batch_id"): "batch",
    ("processes.edit", "process_id"): "own_process",
    ("processes.retire", "process_id"): "own_process",
    ("purchases.approval", "purchase_id"): "submitted",
    ("purchases.approve", "purchase_id"): "submitted",
    ("purchases.cancel", "purchase_id"): "unpaid",
    ("purchases.of", "about"): "acceptance",
    ("purchases.pay", "purchase_id"): "unpaid",
    ("purchases.send_back", "purchase_id"): "submitted",
    ("receivables.dispute", "acceptance_id"): "on_terms",
    ("receivables.promise", "acceptance_id"): "on_terms",
    ("receivables.show", "acceptance_id"): "on_terms",
    ("recall_work.take_note", "notice_id"): "cooperative_notice",
    ("settlements.lot", "run_id"): "run",
    ("slips.file", "print_id"): "slips",
    ("slips.messages", "print_id"): "slips",
    ("slips.numbers", "print_id"): "slips",
    ("slips.show", "print_id"): "slips",
    ("shipments.arrive", "order_id"): "under_way_order",
    ("shipments.new", "order_id"): "paid_order",
    ("shipments.new_invoice", "order_id"): "paid_order",
}

#: Arguments that name no thing.
WORDS = {
    "action": "propose",
    "day": "2026-04-19",
    "month": "2026-04",
    "capture_id": "no-such-capture",
    "entries": "000.p/1",
    "event_id": "urn:no-such-event",
    "lang": "zh",
    "level": "0",
    "resource": "bizSteps",
    "tile": "000.p/1",
    "token": "no-such-link",
    "value": "shipping",
}
KINDS = {
    "audit.export_acts": "csv",
    "audit.export_transfers": "xlsx",
    "balance.export": "xlsx",
    "receivables.export": "xlsx",
    "receivables.export_of_cooperative": "csv",
}

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
