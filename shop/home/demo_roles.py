"""What the demo's people do, for the one-click doors of the sign-in page; only in demo mode."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app
from sqlalchemy import select

from shop.core.labels import N_
from shop.core.permissions import Role
from shop.identity.models import User
from shop.organisations.models import Membership, Organisation
from shop.web.views import reading

DOES = {
    Role.MEMBER: N_("给自己买山货，收货后确认。"),
    Role.CLERK: N_("替工会选货、提交采购单，到货时清点签字。"),
    Role.APPROVER: N_("审批采购单，看经费够不够，同意或退回。"),
    Role.FINANCE: N_("登记经费，看占用、已批和已支出。"),
    Role.RECEIVER: N_("到货时做第二个签字的人。"),
    Role.UNION_AUDITOR: N_("查看本工会的采购和全套单据。"),
    Role.MANAGER: N_("管农户、批次、库存、发货和发票。"),
    Role.WEIGHER: N_("傍晚在收购点过秤，写下每一笔投售。"),
    Role.CARRIER: N_("承运货物。"),
    Role.OPERATOR: N_("导入银行流水、认领来款、试算结算、编制打款。"),
    Role.TREASURER: N_("复核结算和打款，不能复核自己经办的。"),
    Role.AUDITOR: N_("只读：谁办的、谁批的、每笔账怎么走，可抽样导出。"),
}


@dataclass(frozen=True, slots=True)
class DemoRole:
    """One role of a demo person: its words, where, and what it is for."""

    role: Role
    organisation: str
    does: str


def demo_roles() -> dict[str, list[DemoRole]]:
    """Per public id of a demo person, the roles it holds; empty outside demo mode."""
    if not current_app.config["SHOP"].demo:
        return {}
    rows = reading().execute(
        select(User.public_id, Membership.role, Organisation.name)
        .join(Membership, Membership.user_id == User.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            User.email.like("%@demo.example"),
            User.password_hash.is_not(None),
            Membership.until.is_(None),
        )
        .order_by(Membership.id)
    )
    found: dict[str, list[DemoRole]] = {}
    for public_id, role, organisation in rows:
        found.setdefault(public_id, []).append(DemoRole(role, organisation, DOES[role]))
    return found
