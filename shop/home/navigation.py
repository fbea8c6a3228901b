"""The side navigation of the workspaces: what a person's roles let them do, in groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, my_organisations
from shop.organisations.models import OrganisationKind as K


@dataclass(frozen=True, slots=True)
class Entry:
    """One page in the navigation: shown to whoever holds one of the permissions there."""

    kind: K
    label: Any
    endpoint: str
    icon: str
    needs: tuple[P, ...]


ENTRIES = (
    Entry(K.UNION, _l("采购单"), "purchases.index", "paper", (P.PURCHASE_READ,)),
    Entry(K.UNION, _l("采购清单"), "cart.union", "cart", (P.PURCHASE_DRAFT,)),
    Entry(K.UNION, _l("待验收"), "acceptances.index", "check", (P.ACCEPTANCE_SIGN,)),
    Entry(K.UNION, _l("经费"), "budgets.index", "ledger", (P.PURCHASE_READ,)),
    Entry(K.COOPERATIVE, _l("称重收购"), "deliveries.new", "scale", (P.DELIVERY_WEIGH,)),
    Entry(K.COOPERATIVE, _l("收购日账"), "deliveries.day", "paper", (P.DELIVERY_WEIGH,)),
    Entry(K.COOPERATIVE, _l("加工与分装"), "lots.index", "lot", (P.LOT_READ,)),
    Entry(K.COOPERATIVE, _l("库存"), "lots.stock", "box", (P.LOT_READ,)),
    Entry(K.COOPERATIVE, _l("待发货订单"), "shipments.index", "truck", (P.ORDER_SHIP,)),
    Entry(K.COOPERATIVE, _l("农户"), "households.index", "household", (P.HOUSEHOLD_READ,)),
    Entry(K.PLATFORM, _l("银行流水"), "payments.index", "bank", (P.PLATFORM_READ, P.BANK_IMPORT)),
    Entry(K.PLATFORM, _l("待认领款"), "payments.suspense", "search", (P.BANK_MATCH,)),
    Entry(K.PLATFORM, _l("结算"), "settlements.index", "ledger", (P.PLATFORM_READ,)),
    Entry(K.PLATFORM, _l("打款"), "payouts.index", "bank", (P.PLATFORM_READ,)),
    Entry(K.PLATFORM, _l("资金对账"), "payouts.custody", "check", (P.PLATFORM_READ,)),
    Entry(K.PLATFORM, _l("审计"), "audit.index", "audit", (P.AUDIT_READ,)),
    Entry(K.PLATFORM, _l("凭证"), "audit.journals", "ledger", (P.PLATFORM_READ, P.AUDIT_READ)),
)


def navigation() -> list[dict[str, Any]]:
    """The groups for `layouts/work.html`: one per organisation, with the person's pages in it."""
    actor = current_actor()
    groups = []
    for organisation, roles in my_organisations():
        items = [
            {
                "label": entry.label,
                "href": url_for(entry.endpoint, organisation=organisation.public_id),
                "icon": entry.icon,
                "current": request.endpoint == entry.endpoint,
            }
            for entry in ENTRIES
            if entry.kind is organisation.kind
            and entry.endpoint in current_app.view_functions
            and any(actor.may(p, organisation.id) for p in entry.needs)
        ]
        groups.append(
            {
                "label": organisation.name,
                "roles": "、".join(str(_(role.label)) for role in roles),
                "items": items,
            }
        )
    return groups
