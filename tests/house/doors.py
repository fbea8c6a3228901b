"""Who may do what: every endpoint of the application, and the actors it opens to.

The things behind the addresses are those of the told story (`tests/house/rules.py`): purchases of
the union GH, goods and households of the cooperative TH. `stranger` and `stranger_approver` are of
another union, `other_manager` of another cooperative, and `household` is nobody who signed in but
has opened a statement. An endpoint that is missing here fails the test.
"""

from __future__ import annotations

from typing import NamedTuple

OWN = frozenset({"clerk", "approver", "finance", "receiver", "union_auditor"})
OTHER_UNION = frozenset({"stranger", "stranger_approver"})
COOPERATIVE = frozenset({"manager", "weigher"})
PLATFORM = frozenset({"operator", "treasurer", "auditor"})

SIGNED_IN = OWN | OTHER_UNION | COOPERATIVE | PLATFORM | {"member", "other_manager"}
ALL = SIGNED_IN | {"visitor", "household"}
NOBODY: frozenset[str] = frozenset()
HOUSEHOLD = frozenset({"household"})

MANAGER, OPERATOR, TREASURER = (frozenset({who}) for who in ("manager", "operator", "treasurer"))
MANAGERS = MANAGER | {"other_manager"}
SIGNERS = frozenset({"clerk", "approver", "receiver"})


class Door(NamedTuple):
    """Who may act; `looks` are those who are shown the form, but refused when they send it."""

    may: frozenset[str]
    looks: frozenset[str] = NOBODY


DOORS: dict[str, Door] = {
    "acceptances.confirm": Door(frozenset({"member"})),
    "acceptances.index": Door(SIGNERS | OTHER_UNION),
    "acceptances.new": Door(SIGNERS),
    "acceptances.send_back": Door(frozenset({"clerk"}), looks=OWN - {"clerk"}),
    "acceptances.show": Door(OWN),
    "acceptances.sign": Door(SIGNERS - {"clerk"}),
    "acceptances.withdraw": Door(SIGNERS),
    "audit.export_acts": Door(frozenset({"auditor"})),
    "audit.export_transfers": Door(PLATFORM),
    "audit.index": Door(frozenset({"auditor"})),
    "audit.journal": Door(PLATFORM),
    "audit.journals": Door(PLATFORM),
    "audit.sample": Door(frozenset({"auditor"})),
    "audit.thing": Door(PLATFORM),
    "budgets.index": Door(OWN | OTHER_UNION),
    "budgets.new": Door(frozenset({"finance"})),
    "budgets.show": Door(OWN | PLATFORM),
    "cart.add": Door(ALL),
    "cart.checkout": Door(SIGNED_IN),
    "cart.place": Door(SIGNED_IN),
    "cart.set_line": Door(ALL),
    "cart.set_union_line": Door(frozenset({"clerk", "stranger"})),
    "cart.show": Door(ALL),
    "cart.union": Door(frozenset({"clerk", "stranger"})),
    "cart.union_checkout": Door(frozenset({"clerk", "stranger"})),
    "cart.union_place": Door(frozenset({"clerk", "stranger"})),
    "deliveries.correct": Door(COOPERATIVE),
    "deliveries.day": Door(COOPERATIVE | {"other_manager"}),
    "deliveries.day_csv": Door(COOPERATIVE | {"other_manager"}),
    "deliveries.day_xlsx": Door(COOPERATIVE | {"other_manager"}),
    "deliveries.new": Door(COOPERATIVE | {"other_manager"}),
    "deliveries.slip": Door(COOPERATIVE),
    "deliveries.void": Door(COOPERATIVE),
    "deliveries.weigh": Door(COOPERATIVE),
    "disputes.correct": Door(MANAGER),
    "disputes.decide": Door(OPERATOR | TREASURER),
    "disputes.index": Door(PLATFORM),
    "disputes.mend": Door(OPERATOR | TREASURER),
    "disputes.new": Door(OPERATOR | TREASURER),
    "disputes.of_cooperative": Door(COOPERATIVE | {"other_manager"}),
    "disputes.show": Door(COOPERATIVE | PLATFORM),
    "documents.archive": Door(OWN | MANAGER | PLATFORM),
    "documents.check": Door(ALL),
    "documents.of_purchase": Door(OWN | MANAGER | PLATFORM),
    "documents.paper": Door(OWN | MANAGER | PLATFORM),
    "gallery.show": Door(NOBODY),
    "home.front": Door(ALL),
    "home.start": Door(SIGNED_IN),
    "households.add_plot": Door(MANAGER),
    "households.answer": Door(MANAGER),
    "households.give_consent": Door(MANAGER),
    "households.index": Door(COOPERATIVE | {"other_manager"}),
    "households.look": Door(MANAGER),
    "households.new": Door(MANAGERS),
    "households.reissue_pin": Door(MANAGER),
    "households.reports": Door(COOPERATIVE | {"other_manager"}),
    "households.set_card": Door(MANAGER),
    "households.set_standing": Door(MANAGER),
    "households.show": Door(COOPERATIVE),
    "households.withdraw_consent": Door(MANAGER),
    "identity.link": Door(ALL),
    "identity.sign_in": Door(ALL),
    "identity.sign_in_demo": Door(NOBODY),
    "identity.sign_out": Door(ALL),
    "identity.use_link": Door(ALL),
    "jobs.show": Door(COOPERATIVE | PLATFORM),
    "labels.choose": Door(COOPERATIVE | OPERATOR),
    "labels.sheet_pdf": Door(COOPERATIVE | OPERATOR),
    "lots.blend": Door(MANAGERS),
    "lots.index": Door(COOPERATIVE | {"other_manager"}),
    "lots.choose_process": Door(MANAGERS),
    "lots.process": Door(MANAGERS),
    "lots.pack": Door(MANAGERS),
    "lots.show": Door(COOPERATIVE),
    "lots.stock": Door(COOPERATIVE | {"other_manager"}),
    "organisations.act_for": Door(OWN | {"member"}),
    "payments.fee": Door(OPERATOR),
    "payments.index": Door(PLATFORM),
    "payments.line": Door(PLATFORM),
    "payments.match": Door(OPERATOR),
    "payments.new": Door(OPERATOR),
    "payments.preview": Door(OPERATOR),
    "payments.statement": Door(PLATFORM),
    "payments.suspense": Door(OPERATOR),
    "payments.undo": Door(OPERATOR),
    "payouts.approve": Door(TREASURER),
    "payouts.batch": Door(PLATFORM),
    "payouts.custody": Door(PLATFORM),
    "payouts.export": Door(OPERATOR),
    "payouts.file": Door(OPERATOR),
    "payouts.index": Door(PLATFORM),
    "payouts.new": Door(OPERATOR),
    "payouts.results": Door(OPERATOR),
    "payouts.withdraw": Door(OPERATOR | TREASURER),
    "purchases.approval": Door(frozenset({"approver"})),
    "purchases.approve": Door(frozenset({"approver"})),
    "purchases.cancel": Door(frozenset({"clerk"}), looks=OWN - {"clerk"} | PLATFORM),
    "purchases.inbox": Door(frozenset({"approver", "stranger_approver"})),
    "purchases.index": Door(OWN | OTHER_UNION),
    "purchases.mine": Door(SIGNED_IN),
    "purchases.of": Door(OWN | PLATFORM),
    "purchases.pay": Door(OWN | PLATFORM),
    "purchases.reorder": Door(frozenset({"clerk"})),
    "purchases.send_back": Door(frozenset({"approver"})),
    "purchases.show": Door(OWN | PLATFORM),
    "recall_desk.back": Door(OPERATOR),
    "recall_desk.cancel": Door(OPERATOR | TREASURER),
    "recall_desk.close": Door(OPERATOR | TREASURER),
    "recall_desk.index": Door(PLATFORM),
    "recall_desk.letters": Door(OPERATOR),
    "recall_desk.new": Door(OPERATOR),
    "recall_desk.phones": Door(OPERATOR),
    "recall_desk.report": Door(PLATFORM),
    "recall_desk.show": Door(PLATFORM),
    "recall_desk.spare": Door(OPERATOR | TREASURER),
    "recall_work.destroy": Door(MANAGER),
    "recall_work.follow": Door(MANAGER | OPERATOR),
    "recall_work.index": Door(MANAGERS),
    "recall_work.propose": Door(MANAGER | OPERATOR),
    "recall_work.show": Door(MANAGER),
    "recall_work.take_note": Door(MANAGER | OPERATOR),
    "recall_work.withdraw": Door(MANAGER | OPERATOR),
    "recalls.index": Door(ALL),
    "recalls.mine": Door(SIGNED_IN),
    "recalls.of_purchase": Door(OWN | PLATFORM),
    "settlements.approve": Door(TREASURER),
    "settlements.index": Door(OPERATOR, looks=PLATFORM - OPERATOR),
    "settlements.show": Door(PLATFORM),
    "settlements.withdraw": Door(OPERATOR),
    "shipments.arrive": Door(MANAGER),
    "shipments.index": Door(MANAGERS),
    "shipments.invoice_file": Door(OWN | MANAGER | OPERATOR),
    "shipments.new": Door(MANAGER),
    "shipments.new_invoice": Door(MANAGER),
    "shipments.show": Door(MANAGER | OPERATOR),
    "shopfront.index": Door(ALL),
    "shopfront.product": Door(ALL),
    "shopfront.search": Door(ALL),
    "statements.close": Door(ALL),
    "statements.dispute": Door(HOUSEHOLD),
    "statements.enter": Door(ALL),
    "statements.mine": Door(HOUSEHOLD),
    "statements.mine_pdf": Door(HOUSEHOLD),
    "statements.mine_print": Door(HOUSEHOLD),
    "statements.of_household": Door(COOPERATIVE),
    "statements.of_household_pdf": Door(COOPERATIVE),
    "statements.report": Door(HOUSEHOLD),
    "trace.enter": Door(ALL),
    "trace.page": Door(ALL),
    "trace.qr": Door(ALL),
    "trace.scan": Door(ALL),
    "web.choose_language": Door(ALL),
}

#: Things that belong to somebody: to other tenants they are not there at all.
PRIVATE = frozenset(
    {
        "acceptance_id", "batch_id", "budget_id", "destruction_id", "dispute_id", "household_id",
        "invoice_id", "job_id", "line_id",
        "lot_id", "notice_id", "recall_id",
        "order_id", "purchase_id", "report_id", "run_id", "shipment_id", "statement_id",
        "upload_id",
    }
)  # fmt: skip
