"""The side navigation of the workspaces: what a person's roles let them do, in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from shop.core.permissions import Permission as P
from shop.core.permissions import Role
from shop.organisations.acting import current_actor, my_organisations
from shop.organisations.models import OrganisationKind as K
from shop.organisations.queries import OrganisationRow
from shop.web.filters import either


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in the navigation: shown to whoever holds one of the permissions there.

    `covers` names endpoints and blueprints that stand under it besides those of its own blueprint.
    """

    kind: K
    label: Any
    endpoint: str
    icon: str
    needs: tuple[P, ...]
    covers: tuple[str, ...] = ()

    def stands_for(self, endpoint: str) -> int:
        """How closely the entry names a page: 0 not at all, then by blueprint, cover, itself."""
        part = endpoint.partition(".")[0]
        if endpoint == self.endpoint:
            return 3
        if endpoint in self.covers or part in self.covers:
            return 2
        return int(part == self.endpoint.partition(".")[0])


#: Pages of one complaint, which stand under the list of all.
_TOLD = ("notices.complaint", "notices.answer", "notices.close", "notices.look")

ENTRIES = (
    Entry(
        K.UNION,
        lazy_pgettext("list", "采购单"),
        "purchases.index",
        "paper",
        (P.PURCHASE_READ,),
        covers=("documents",),
    ),
    Entry(
        K.UNION,
        _l("待审批"),
        "purchases.inbox",
        "audit",
        (P.PURCHASE_APPROVE,),
        covers=("purchases.approval", "purchases.approve", "purchases.send_back"),
    ),
    Entry(K.UNION, _l("采购清单"), "cart.union", "cart", (P.PURCHASE_DRAFT,)),
    Entry(K.UNION, _l("待验收"), "acceptances.index", "check", (P.ACCEPTANCE_SIGN,)),
    Entry(
        K.UNION,
        _l("应付款与账期"),
        "receivables.mine",
        "ledger",
        (P.PURCHASE_READ,),
        covers=("receivables.show", "receivables.promise", "receivables.dispute", "reminders"),
    ),
    Entry(
        K.UNION,
        lazy_pgettext("list", "对账单"),
        "account_statements.index",
        "paper",
        (P.PURCHASE_READ,),
    ),
    Entry(K.UNION, _l("召回通知"), "recalls.mine", "warning", (P.PURCHASE_READ,)),
    Entry(K.UNION, lazy_pgettext("list", "经费"), "budgets.index", "ledger", (P.PURCHASE_READ,)),
    Entry(K.COOPERATIVE, _l("称重收购"), "deliveries.new", "scale", (P.DELIVERY_WEIGH,)),
    Entry(K.COOPERATIVE, _l("收购日账"), "deliveries.day", "paper", (P.DELIVERY_WEIGH,)),
    Entry(
        K.COOPERATIVE,
        _l("加工与分装"),
        "lots.index",
        "lot",
        (P.LOT_READ,),
        covers=("labels", "lot_events", "dividing"),
    ),
    Entry(K.COOPERATIVE, _l("库存"), "lots.stock", "box", (P.LOT_READ,)),
    Entry(
        K.COOPERATIVE,
        lazy_pgettext("list", "合格证"),
        "certificates.index",
        "check",
        (P.LOT_READ,),
        covers=("lot_tests",),
    ),
    Entry(K.COOPERATIVE, _l("物料平衡"), "balance.show", "scale", (P.LOT_READ,)),
    Entry(K.COOPERATIVE, _l("平衡报警"), "alarms.index", "audit", (P.ALARM_DECIDE,)),
    Entry(K.COOPERATIVE, _l("加工工艺"), "processes.index", "paper", (P.PROCESS_EDIT,)),
    Entry(K.COOPERATIVE, _l("码与标签"), "codes.index", "scan", (P.CODE_MAKE,), covers=("labels",)),
    Entry(K.COOPERATIVE, _l("扫码提醒"), "notices.scans", "info", (P.LOT_READ,)),
    Entry(K.COOPERATIVE, _l("投诉"), "notices.index", "warning", (P.COMPLAINT_ANSWER,), _TOLD),
    Entry(K.COOPERATIVE, _l("价格和运费"), "prices.index", "ledger", (P.CATALOGUE_EDIT,)),
    Entry(
        K.COOPERATIVE,
        lazy_pgettext("list", "退货"),
        "returns.desk",
        "truck",
        (P.ORDER_READ,),
    ),
    Entry(K.COOPERATIVE, _l("待发货订单"), "shipments.index", "truck", (P.ORDER_SHIP,)),
    Entry(
        K.COOPERATIVE,
        lazy_pgettext("list", "风险准备金"),
        "reserves.mine",
        "ledger",
        (P.ORDER_READ,),
    ),
    Entry(
        K.COOPERATIVE,
        _l("应收货款"),
        "receivables.of_cooperative",
        "ledger",
        (P.ORDER_READ,),
        covers=("receivables.show",),
    ),
    Entry(K.COOPERATIVE, _l("应交的款"), "dues.mine", "bank", (P.ORDER_READ,)),
    Entry(
        K.COOPERATIVE,
        lazy_pgettext("list", "农户"),
        "households.index",
        "household",
        (P.HOUSEHOLD_READ,),
        covers=("consents",),
    ),
    Entry(
        K.COOPERATIVE,
        _l("更换收款账户"),
        "accounts.index",
        "check",
        (P.ACCOUNT_CONFIRM, P.ACCOUNT_PROPOSE),
    ),
    Entry(
        K.COOPERATIVE,
        lazy_pgettext("list", "对账单"),
        "account_statements.index",
        "paper",
        (P.ORDER_READ,),
    ),
    Entry(K.COOPERATIVE, _l("全村对账条"), "slips.index", "print", (P.HOUSEHOLD_EDIT,)),
    Entry(K.COOPERATIVE, _l("接口钥匙"), "api_keys.index", "globe", (P.API_KEY_MANAGE,)),
    Entry(K.COOPERATIVE, lazy_pgettext("list", "故事"), "stories.index", "leaf", (P.STORY_EDIT,)),
    Entry(
        K.COOPERATIVE,
        lazy_pgettext("list", "召回"),
        "recall_work.index",
        "warning",
        (P.RECALL_FOLLOW,),
    ),
    Entry(
        K.COOPERATIVE,
        lazy_pgettext("list", "争议"),
        "disputes.of_cooperative",
        "search",
        (P.LOT_READ,),
        covers=("disputes",),
    ),
    Entry(
        K.PLATFORM,
        lazy_pgettext("list", "召回"),
        "recall_desk.index",
        "warning",
        (P.PLATFORM_READ,),
        covers=("recall_work",),
    ),
    Entry(
        K.PLATFORM,
        lazy_pgettext("list", "争议"),
        "disputes.index",
        "search",
        (P.PLATFORM_READ,),
        covers=("disputes",),
    ),
    Entry(
        K.PLATFORM,
        lazy_pgettext("list", "银行流水"),
        "payments.index",
        "bank",
        (P.PLATFORM_READ, P.BANK_IMPORT),
    ),
    Entry(K.PLATFORM, _l("待认领款"), "bank_lines.suspense", "search", (P.BANK_MATCH,)),
    Entry(K.PLATFORM, _l("流水版式"), "bank_layouts.index", "paper", (P.BANK_IMPORT,)),
    Entry(
        K.PLATFORM,
        _l("应收与账龄"),
        "receivables.index",
        "ledger",
        (P.PLATFORM_READ,),
        covers=("receivables.show",),
    ),
    Entry(K.PLATFORM, _l("催款函"), "reminders.index", "paper", (P.PLATFORM_READ,)),
    Entry(K.PLATFORM, _l("账期规定"), "payment_terms.index", "paper", (P.PLATFORM_READ,)),
    Entry(
        K.PLATFORM,
        _l("应收合作社"),
        "dues.index",
        "bank",
        (P.PLATFORM_READ,),
        covers=("dues.show", "dues.book"),
    ),
    Entry(
        K.PLATFORM, lazy_pgettext("list", "结算"), "settlements.index", "ledger", (P.PLATFORM_READ,)
    ),
    Entry(
        K.PLATFORM,
        lazy_pgettext("list", "退款"),
        "refunds.index",
        "bank",
        (P.PLATFORM_READ,),
    ),
    Entry(
        K.PLATFORM,
        lazy_pgettext("list", "退货"),
        "returns.everything",
        "truck",
        (P.PLATFORM_READ,),
    ),
    Entry(
        K.PLATFORM,
        lazy_pgettext("list", "风险准备金"),
        "reserves.index",
        "ledger",
        (P.PLATFORM_READ,),
    ),
    Entry(
        K.PLATFORM,
        _l("打款"),
        "payouts.index",
        "bank",
        (P.PLATFORM_READ,),
        covers=("payout_layouts",),
    ),
    Entry(
        K.PLATFORM,
        _l("更换收款账户"),
        "accounts.index",
        "household",
        (P.ACCOUNT_CONFIRM, P.ACCOUNT_PROPOSE),
    ),
    Entry(
        K.PLATFORM,
        lazy_pgettext("list", "对账单"),
        "account_statements.index",
        "paper",
        (P.PLATFORM_READ,),
    ),
    Entry(
        K.CARRIER,
        lazy_pgettext("list", "对账单"),
        "account_statements.index",
        "paper",
        (P.FREIGHT_READ,),
    ),
    Entry(K.PLATFORM, _l("资金对账"), "payouts.custody", "check", (P.PLATFORM_READ,)),
    Entry(K.PLATFORM, _l("银行日历"), "calendar.index", "bank", (P.PLATFORM_READ,)),
    Entry(
        K.PLATFORM,
        _l("价格复核"),
        "price_desk.index",
        "check",
        (P.PRICE_APPROVE, P.PLATFORM_READ),
    ),
    Entry(K.PLATFORM, _l("月结"), "closing.index", "ledger", (P.PLATFORM_READ,)),
    Entry(K.PLATFORM, _l("收支守恒"), "closing.proof_of", "check", (P.PLATFORM_READ,)),
    Entry(K.PLATFORM, _l("接口钥匙"), "api_keys.index", "globe", (P.API_KEY_MANAGE,)),
    Entry(K.PLATFORM, _l("物料平衡"), "balance.show", "scale", (P.LOT_READ, P.AUDIT_READ)),
    Entry(K.PLATFORM, _l("平衡报警"), "alarms.index", "audit", (P.ALARM_DECIDE,)),
    Entry(K.PLATFORM, _l("平衡标准"), "mass_rules.index", "ledger", (P.MASS_RULE_EDIT,)),
    Entry(K.PLATFORM, _l("加工工艺"), "processes.index", "paper", (P.PROCESS_EDIT,)),
    Entry(K.PLATFORM, _l("存证日志"), "log_desk.index", "check", (P.LOG_SIGN,)),
    Entry(
        K.PLATFORM,
        _l("合格证规定"),
        "certificate_rules.index",
        "check",
        (P.MASS_RULE_EDIT,),
    ),
    Entry(K.PLATFORM, _l("扫码提醒"), "notices.scans", "info", (P.LOT_READ,)),
    Entry(K.PLATFORM, _l("投诉"), "notices.index", "warning", (P.COMPLAINT_ANSWER,), _TOLD),
    Entry(K.PLATFORM, _l("审计"), "audit.index", "audit", (P.AUDIT_READ,)),
    Entry(
        K.PLATFORM,
        lazy_pgettext("list", "凭证"),
        "audit.journals",
        "ledger",
        (P.PLATFORM_READ, P.AUDIT_READ),
        covers=("audit.journal",),
    ),
)


def navigation() -> list[dict[str, Any]]:
    """The groups for `layouts/work.html`: one per organisation, with the person's pages in it.

    One entry at the most is `current`: the page itself, else the one its page stands under, in
    the organisation the person acts for.
    """
    shown = [
        (organisation, roles, _entries(organisation)) for organisation, roles in my_organisations()
    ]
    here = _current(shown)
    return [
        {
            "label": either(organisation.name, organisation.name_en),
            "roles": _("、").join(str(_(role.label)) for role in roles),
            "items": [
                {
                    "label": entry.label,
                    "href": url_for(entry.endpoint, organisation=organisation.public_id),
                    "icon": entry.icon,
                    "current": (organisation.public_id, entry) == here,
                }
                for entry in entries
            ],
        }
        for organisation, roles, entries in shown
    ]


def _entries(organisation: OrganisationRow) -> list[Entry]:
    actor = current_actor()
    return [
        entry
        for entry in ENTRIES
        if entry.kind is organisation.kind
        and entry.endpoint in current_app.view_functions
        and any(actor.may(p, organisation.id) for p in entry.needs)
    ]


def _current(
    shown: list[tuple[OrganisationRow, list[Role], list[Entry]]],
) -> tuple[str, Entry] | None:
    """The organisation and entry of the page being shown, if it stands under any."""
    acting_for = session.get("organisation")
    here, closest = None, (0, False)
    for organisation, _roles, entries in shown:
        for entry in entries:
            found = (
                entry.stands_for(request.endpoint or ""),
                organisation.public_id == acting_for,
            )
            if found[0] and found > closest:
                here, closest = (organisation.public_id, entry), found
    return here
