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
class DemoDoor:
    """One demo person in one role: who it is, and what it is for."""

    public_id: str
    name: str
    role: Role
    does: str


@dataclass(frozen=True, slots=True)
class DemoOrganisation:
    """The demo people of one organisation."""

    name: str
    name_en: str
    doors: tuple[DemoDoor, ...]


def demo_doors() -> list[DemoOrganisation]:
    """The demo people by organisation, in the order they were registered; none outside the demo."""
    if not current_app.config["SHOP"].demo:
        return []
    rows = reading().execute(
        select(
            Organisation.name,
            Organisation.name_en,
            User.public_id,
            User.name,
            Membership.role,
        )
        .select_from(User)
        .join(Membership, Membership.user_id == User.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(
            User.email.like("%@demo.example"),
            User.password_hash.is_not(None),
            Membership.until.is_(None),
        )
        .order_by(Membership.id)
    )
    found: dict[tuple[str, str], list[DemoDoor]] = {}
    for organisation, organisation_en, public_id, name, role in rows:
        door = DemoDoor(public_id, name, role, DOES[role])
        found.setdefault((organisation, organisation_en), []).append(door)
    return [DemoOrganisation(*words, tuple(doors)) for words, doors in found.items()]
