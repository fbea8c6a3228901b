"""Reading refunds for the platform: where each goes, how far it has come, what account waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from orders.payments.models import BankLine, Payment
from orders.payouts.models import PayoutBatch, PayoutItem
from orders.payouts.owing import shown
from orders.payouts.refund_accounts import holders_of, is_moving
from orders.payouts.states import CAME_BACK, ItemState
from orders.purchasing.models import Order, Purchase
from orders.refunds.models import Refund, RefundAccount
from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.money import Money
from shop.core.permissions import Permission
from shop.identity.models import User
from shop.organisations.models import Organisation
from shop.organisations.states import ChangeState

#: Refunds on the page of all.
PAGE = 200


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund; `state` is that of its last payout item, None while it waits for a batch.

    `holder` and `last4` are the account the money came from.
    """

    public_id: str
    number: str
    amount: Money
    reason: str
    at: datetime
    purchase_id: str
    purchase: str
    order: str
    buyer: str
    buyer_en: str
    holder: str
    last4: str
    state: ItemState | None
    waiting: bool

    @property
    def stuck(self) -> bool:
        """Whether somebody has to do something before it can go."""
        return self.waiting or not self.last4 or self.state in CAME_BACK


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time the refund was in a batch."""

    batch_id: str
    batch: str
    holder: str
    last4: str
    state: ItemState
    reason: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Another account that was proposed, and what became of it."""

    public_id: str
    state: ChangeState
    holder: str
    last4: str
    bank: str
    cnaps: str
    reason: str
    file_name: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefundPage:
    """A refund with its attempts, the accounts proposed for it, and what the actor may do."""

    row: RefundRow
    attempts: tuple[Attempt, ...]
    proposals: tuple[Proposal, ...]
    acts: tuple[Act, ...]
    names: tuple[str, ...]
    may_propose: bool
    may_confirm: bool
    may_decline: bool
    may_read_proof: bool


def refunds(tx: Session, actor: Actor) -> list[RefundRow]:
    """The latest refunds, those somebody has to do something about first.

    Raises:
        NotAllowed: `platform:read` is needed.
    """
    actor.require(Permission.PLATFORM_READ)
    return sorted(_rows(tx, actor, Refund.id > 0), key=lambda row: not row.stuck)


def refund_page(tx: Session, refund_id: str, actor: Actor) -> RefundPage:
    """One refund.

    Raises:
        NotAllowed: `platform:read` is needed.
        NotFound: there is none.
    """
    actor.require(Permission.PLATFORM_READ)
    found = _rows(tx, actor, Refund.public_id == refund_id)
    if not found:
        raise NotFound()
    refund = tx.execute(select(Refund).where(Refund.public_id == refund_id)).scalar_one()
    proposals = _proposals(tx, refund.id, actor)
    acts = tuple(history(tx, *(one.public_id for one in proposals))) if proposals else ()
    waiting = next((one for one in proposals if one.state is ChangeState.PROPOSED), None)
    moving = is_moving(tx, refund.id)
    proposed = {
        act.user_id
        for act in acts
        if waiting and act.thing == waiting.public_id and act.action == "propose"
    }
    approves, drafts = actor.may(Permission.PAYOUT_APPROVE), actor.may(Permission.PAYOUT_DRAFT)
    return RefundPage(
        found[0],
        tuple(_attempts(tx, refund.id, actor)),
        tuple(proposals),
        acts,
        tuple(holders_of(tx, refund)) if drafts else (),
        drafts and not moving and waiting is None,
        waiting is not None and approves and not moving and actor.user_id not in proposed,
        waiting is not None and (approves or drafts),
        approves or drafts,
    )


def _rows(tx: Session, actor: Actor, which: ColumnElement[bool]) -> list[RefundRow]:
    last = (
        select(PayoutItem.refund_id, func.max(PayoutItem.id).label("item_id"))
        .where(PayoutItem.state != ItemState.WITHDRAWN)
        .group_by(PayoutItem.refund_id)
        .subquery()
    )
    waiting = (
        select(RefundAccount.id)
        .where(RefundAccount.refund_id == Refund.id, RefundAccount.state == ChangeState.PROPOSED)
        .exists()
    )
    rows = tx.execute(
        select(
            Refund,
            BankLine.counterparty,
            BankLine.account_last4,
            Purchase.public_id,
            Purchase.number,
            Order.number,
            func.coalesce(Organisation.name, User.name, BankLine.counterparty),
            func.coalesce(Organisation.name_en, ""),
            PayoutItem.state,
            waiting,
        )
        .outerjoin(Payment, Payment.id == Refund.payment_id)
        .join(BankLine, BankLine.id == func.coalesce(Payment.bank_line_id, Refund.bank_line_id))
        .outerjoin(Order, Order.id == Refund.order_id)
        .outerjoin(Purchase, Purchase.id == Order.purchase_id)
        .outerjoin(User, User.id == Purchase.buyer_id)
        .outerjoin(Organisation, Organisation.id == Purchase.union_id)
        .outerjoin(last, last.c.refund_id == Refund.id)
        .outerjoin(PayoutItem, PayoutItem.id == last.c.item_id)
        .where(which)
        .order_by(Refund.id.desc())
        .limit(PAGE)
    )
    return [
        RefundRow(
            refund.public_id,
            refund.number,
            refund.amount,
            refund.reason,
            refund.at,
            purchase_id or "",
            purchase or "",
            order or "",
            shown(buyer, actor),
            buyer_en,
            shown(holder, actor),
            last4,
            *rest,
        )
        for refund, holder, last4, purchase_id, purchase, order, buyer, buyer_en, *rest in rows
    ]


def _attempts(tx: Session, refund_id: int, actor: Actor) -> list[Attempt]:
    rows = tx.execute(
        select(PayoutItem, PayoutBatch.public_id, PayoutBatch.number)
        .join(PayoutBatch, PayoutBatch.id == PayoutItem.batch_id)
        .where(PayoutItem.refund_id == refund_id)
        .order_by(PayoutItem.id)
    )
    return [
        Attempt(
            batch_id,
            batch,
            shown(item.holder, actor),
            item.number_last4,
            item.state,
            item.reason,
            item.decided_at,
        )
        for item, batch_id, batch in rows
    ]


def _proposals(tx: Session, refund_id: int, actor: Actor) -> list[Proposal]:
    rows = tx.execute(
        select(RefundAccount)
        .where(RefundAccount.refund_id == refund_id)
        .order_by(RefundAccount.id.desc())
    ).scalars()
    return [
        Proposal(
            row.public_id,
            row.state,
            shown(row.holder, actor),
            row.number_last4,
            row.bank,
            row.cnaps,
            row.reason,
            row.file_name,
            row.proposed_by,
            row.proposed_at,
            row.decided_by or "",
            row.decided_at,
        )
        for row in rows
    ]
