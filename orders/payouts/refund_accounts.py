"""Another account for a refund: when the one it came from takes it no longer (退款换账户).

One person of the platform enters it with its reason and proof, another confirms it.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from orders.payments.models import BankLine, Payment
from orders.payouts.models import PayoutItem
from orders.payouts.states import CAME_BACK, ItemState
from orders.purchasing.models import Order, Purchase
from orders.refunds.models import Refund, RefundAccount
from orders.refunds.states import REFUND_ACCOUNT
from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, WrongState
from shop.core.ids import new_id
from shop.core.labels import N_
from shop.core.permissions import Permission
from shop.core.vault import vault
from shop.identity.models import User
from shop.organisations.account_changes import ChangeWaits, OtherLastFour
from shop.organisations.accounts import clean_number, put_in_place
from shop.organisations.models import Organisation, PayeeKind
from shop.organisations.states import ChangeState


class RefundMoving(Refusal):
    """The refund is in a batch, on its way, or has arrived: its account stays."""

    code = "refund_moving"
    sentence = N_("这笔退款已经编进打款批次或已付出，不能换账户。")


class OtherHolder(Refusal):
    """A refund goes to its buyer, or to whoever paid, and to nobody else."""

    code = "other_holder"
    sentence = N_("户名要是采购方或原付款人：%(names)s。退款不打给别人。")
    status = 422
    field = "holder"


class ProofMissing(Refusal):
    """Another account needs a paper that shows whose it is."""

    code = "proof_missing"
    sentence = N_("请附上证明：开户证明、销户回单或银行退回凭证。")
    status = 422
    field = "file"


@command
def propose_refund_account(
    tx: Session,
    *,
    refund_id: str,
    holder: str,
    number: str,
    bank: str,
    cnaps: str,
    reason: str,
    file_name: str,
    media_type: str,
    content: bytes,
    actor: Actor,
    now: datetime,
) -> str:
    """Propose another account of the same buyer for a refund; returns the proposal's public id.

    Raises:
        NotFound, NotAllowed: `payout:draft` is needed.
        NotACardNumber, ReasonMissing, ProofMissing, OtherHolder: see the classes.
        RefundMoving: it is in a batch or has arrived.
        ChangeWaits: a proposal waits already.

    Rule: docs/money.md, “The way a refund takes”.
    """
    actor.require(Permission.PAYOUT_DRAFT)
    digits = clean_number(number)
    if not reason.strip():
        raise ReasonMissing()
    if not content:
        raise ProofMissing()
    refund = _locked_refund(tx, Refund.public_id == refund_id)
    names = holders_of(tx, refund)
    if holder.strip() not in names:
        raise OtherHolder(names="、".join(names))
    _refuse_moving(tx, refund)
    waiting = select(RefundAccount.id).where(
        RefundAccount.refund_id == refund.id, RefundAccount.state == ChangeState.PROPOSED
    )
    if tx.execute(waiting).first():
        raise ChangeWaits()
    public_id = new_id("refacc")
    tx.add(
        RefundAccount(
            public_id=public_id,
            refund_id=refund.id,
            state=ChangeState.PROPOSED,
            holder=holder.strip(),
            number_sealed=vault().seal(digits, place=_place(public_id)),
            number_last4=digits[-4:],
            bank=bank.strip(),
            cnaps=cnaps,
            reason=reason.strip(),
            file_name=file_name,
            media_type=media_type,
            proof_sealed=vault().seal(b64encode(content).decode(), place=_proof_place(public_id)),
            proposed_by=actor.name,
            proposed_at=now,
        )
    )
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=REFUND_ACCOUNT.kind,
        thing=public_id,
        action="propose",
        to_state=ChangeState.PROPOSED.value,
        reason=reason.strip(),
        refund=refund.number,
        last4=digits[-4:],
    )
    return public_id


@command
def confirm_refund_account(
    tx: Session, *, proposal_id: str, last4: str, actor: Actor, now: datetime
) -> None:
    """Confirm it (复核): the refund goes there with the next batch.

    Args:
        last4: the last four digits, as the person reads them from the proof.

    Raises:
        NotFound, NotAllowed, WrongState: see `StateTable.move`; `payout:approve` is needed.
        SamePerson: this person proposed it.
        OtherLastFour, RefundMoving: see the classes.
    """
    actor.require(Permission.PAYOUT_APPROVE)
    proposal, refund = _locked(tx, proposal_id)
    if proposal.state is not ChangeState.PROPOSED:
        raise WrongState(state=proposal.state.label)
    if "".join(last4.split()) != proposal.number_last4:
        raise OtherLastFour()
    _refuse_moving(tx, refund)
    account = put_in_place(
        tx,
        PayeeKind.REFUND,
        refund.id,
        holder=proposal.holder,
        number=vault().open(proposal.number_sealed, place=_place(proposal.public_id)),
        bank=proposal.bank,
        cnaps=proposal.cnaps,
        organisation_id=None,
        actor=actor,
        now=now,
    )
    _decide(tx, proposal, "confirm", actor, now)
    proposal.account_id = account.id


@command
def decline_refund_account(
    tx: Session, *, proposal_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Decline a proposal, or take it back; the refund still goes where it came from.

    Raises:
        NotFound, NotAllowed, WrongState: see `StateTable.move`; `payout:approve` is needed to
            decline, `payout:draft` to take back.
        ReasonMissing: it says nothing.
    """
    if not reason.strip():
        raise ReasonMissing()
    proposal, _refund = _locked(tx, proposal_id)
    action = "decline" if actor.may(Permission.PAYOUT_APPROVE) else "withdraw"
    _decide(tx, proposal, action, actor, now, reason.strip())


@dataclass(frozen=True, slots=True)
class Proof:
    """The paper that came with a proposal."""

    file_name: str
    media_type: str
    content: bytes


@command
def look_at_proof(
    tx: Session, *, proposal_id: str, reason: str, actor: Actor, now: datetime
) -> Proof:
    """Open the proof of a proposal once, for a stated reason; every look is audited.

    Never through a once-key, which would keep the answer.

    Raises:
        NotFound, NotAllowed: `payout:draft` or `payout:approve` is needed.
        ReasonMissing: no reason was given.
    """
    if not actor.may(Permission.PAYOUT_APPROVE):
        actor.require(Permission.PAYOUT_DRAFT)
    if not reason.strip():
        raise ReasonMissing()
    proposal, _refund = _locked(tx, proposal_id)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=REFUND_ACCOUNT.kind,
        thing=proposal.public_id,
        action="look",
        reason=reason.strip(),
    )
    opened = vault().open(proposal.proof_sealed, place=_proof_place(proposal.public_id))
    return Proof(proposal.file_name, proposal.media_type, b64decode(opened))


def holders_of(tx: Session, refund: Refund) -> list[str]:
    """The names a refund may go to: its buyer's, and whoever's account the money came from."""
    row = tx.execute(
        select(BankLine.counterparty, Organisation.name, User.name)
        .select_from(Refund)
        .outerjoin(Payment, Payment.id == Refund.payment_id)
        .join(BankLine, BankLine.id == func.coalesce(Payment.bank_line_id, Refund.bank_line_id))
        .outerjoin(Order, Order.id == Refund.order_id)
        .outerjoin(Purchase, Purchase.id == Order.purchase_id)
        .outerjoin(User, User.id == Purchase.buyer_id)
        .outerjoin(Organisation, Organisation.id == Purchase.union_id)
        .where(Refund.id == refund.id)
    ).one()
    paid_by, union, buyer = row
    return list(dict.fromkeys(name for name in (union or buyer, paid_by) if name))


def is_moving(tx: Session, refund_id: int) -> bool:
    """Whether a refund (internal key) is in a batch, on its way, or has arrived."""
    stopped = (*CAME_BACK, ItemState.WITHDRAWN)
    return bool(
        tx.execute(
            select(PayoutItem.id)
            .where(PayoutItem.refund_id == refund_id, PayoutItem.state.not_in(stopped))
            .limit(1)
        ).first()
    )


def _refuse_moving(tx: Session, refund: Refund) -> None:
    if is_moving(tx, refund.id):
        raise RefundMoving()


def _decide(
    tx: Session,
    proposal: RefundAccount,
    action: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
) -> None:
    REFUND_ACCOUNT.move(
        tx,
        proposal,
        action,
        actor=actor,
        now=now,
        organisation_id=None,
        reason=reason,
        last4=proposal.number_last4,
    )
    proposal.decided_by, proposal.decided_at, proposal.number_sealed = actor.name, now, ""


def _locked(tx: Session, proposal_id: str) -> tuple[RefundAccount, Refund]:
    refund_key = tx.execute(
        select(RefundAccount.refund_id).where(RefundAccount.public_id == proposal_id)
    ).scalar_one_or_none()
    if refund_key is None:
        raise NotFound()
    refund = _locked_refund(tx, Refund.id == refund_key)
    proposal = tx.execute(
        select(RefundAccount).where(RefundAccount.public_id == proposal_id).with_for_update()
    ).scalar_one()
    return proposal, refund


def _locked_refund(tx: Session, which: ColumnElement[bool]) -> Refund:
    refund = tx.execute(select(Refund).where(which).with_for_update()).scalar_one_or_none()
    if refund is None:
        raise NotFound()
    return refund


def _place(public_id: str) -> str:
    """What a proposed number's ciphertext is bound to."""
    return f"refund_account.number:{public_id}"


def _proof_place(public_id: str) -> str:
    """What the ciphertext of its proof is bound to."""
    return f"refund_account.proof:{public_id}"
