"""Replacing an account money is paid to (换账户): one person proposes it, another confirms it.

Until then money goes to the account there is. A first account needs no second person: nobody could
have been paid on another one.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, ReasonMissing, Refusal, WrongState
from shop.core.ids import new_id
from shop.core.labels import N_
from shop.core.permissions import Permission
from shop.core.vault import vault
from shop.organisations.accounts import (
    change_place,
    clean_number,
    current_account,
    put_in_place,
)
from shop.organisations.models import AccountChange, Organisation, PayeeKind
from shop.organisations.states import CHANGE, ChangeState


class ChangeWaits(Refusal):
    """One proposal at a time waits for each payee."""

    code = "change_waits"
    sentence = N_("这里已经有一个新账户在等复核，请先确认或否决那一个。")


class NothingToReplace(Refusal):
    """A payee without an account gets its first one without a second person."""

    code = "nothing_to_replace"
    sentence = N_("还没有收款账户，直接登记就可以，不用两个人。")


class ReplacedMeanwhile(Refusal):
    """The account the proposal was to replace is no longer the current one."""

    code = "replaced_meanwhile"
    sentence = N_("提出之后账户已经换过了，请否决这一个，重新提出。")


class OtherLastFour(Refusal):
    """Who confirms types the last four digits from the card or a paper, not from the page."""

    code = "other_last_four"
    sentence = N_("后四位和提出的账号不一样。请对着卡或开户证明再看一遍。")
    status = 422
    field = "last4"


@command
def propose_organisation_account(
    tx: Session,
    *,
    organisation_id: str,
    holder: str,
    number: str,
    bank: str,
    cnaps: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Propose another account for an organisation; returns the proposal's public id.

    Raises:
        NotFound, NotAllowed: see `Actor.require`.
        NotACardNumber, ReasonMissing, NothingToReplace, ChangeWaits: see there.
    """
    organisation = tx.execute(
        select(Organisation).where(Organisation.public_id == organisation_id).with_for_update()
    ).scalar_one_or_none()
    if organisation is None:
        raise NotFound()
    actor.require(Permission.ACCOUNT_PROPOSE, organisation.id)
    return propose(
        tx,
        PayeeKind.ORGANISATION,
        organisation.id,
        payee_name=organisation.name,
        organisation_id=organisation.id,
        holder=holder,
        number=number,
        bank=bank,
        cnaps=cnaps,
        reason=reason,
        actor=actor,
        now=now,
    )


def propose(
    tx: Session,
    payee_kind: PayeeKind,
    payee_id: int,
    *,
    payee_name: str,
    organisation_id: int,
    holder: str,
    number: str,
    bank: str,
    cnaps: str,
    reason: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Write down a proposal, its number sealed; also the step for households.

    Raises:
        NotACardNumber, ReasonMissing, NothingToReplace, ChangeWaits: see there.
    """
    digits = clean_number(number)
    if not reason.strip():
        raise ReasonMissing()
    current = current_account(tx, payee_kind, payee_id)
    if current is None:
        raise NothingToReplace()
    waiting = select(AccountChange.id).where(
        AccountChange.payee_kind == payee_kind,
        AccountChange.payee_id == payee_id,
        AccountChange.state == ChangeState.PROPOSED,
    )
    if tx.execute(waiting).first():
        raise ChangeWaits()
    public_id = new_id("change")
    change = AccountChange(
        public_id=public_id,
        payee_kind=payee_kind,
        payee_id=payee_id,
        payee_name=payee_name,
        organisation_id=organisation_id,
        replaces_id=current.id,
        state=ChangeState.PROPOSED,
        holder=holder.strip(),
        number_sealed=vault().seal(digits, place=change_place(public_id)),
        number_last4=digits[-4:],
        bank=bank.strip(),
        cnaps=cnaps,
        reason=reason.strip(),
        proposed_by=actor.name,
        proposed_at=now,
    )
    tx.add(change)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=CHANGE.kind,
        thing=public_id,
        action="propose",
        organisation_id=organisation_id,
        to_state=change.state.value,
        reason=change.reason,
        last4=change.number_last4,
    )
    return public_id


@command
def confirm_account(tx: Session, *, change_id: str, last4: str, actor: Actor, now: datetime) -> str:
    """Confirm a proposed account (复核换账户); money goes there from now on.

    Args:
        last4: the last four digits, as the person reads them from the card.

    Returns:
        The new account's public id.

    Raises:
        NotFound, NotAllowed, WrongState: see `StateTable.move`.
        SamePerson: this person proposed it.
        OtherLastFour, ReplacedMeanwhile: see there.
    """
    change = _locked(tx, change_id)
    actor.require(Permission.ACCOUNT_CONFIRM, change.organisation_id)
    if change.state is not ChangeState.PROPOSED:
        raise WrongState(state=change.state.label)
    if "".join(last4.split()) != change.number_last4:
        raise OtherLastFour()
    current = current_account(tx, change.payee_kind, change.payee_id)
    if current is None or current.id != change.replaces_id:
        raise ReplacedMeanwhile()
    number = vault().open(change.number_sealed, place=change_place(change.public_id))
    account = put_in_place(
        tx,
        change.payee_kind,
        change.payee_id,
        holder=change.holder,
        number=number,
        bank=change.bank,
        cnaps=change.cnaps,
        organisation_id=change.organisation_id,
        actor=actor,
        now=now,
    )
    _move(tx, change, "confirm", actor, now)
    change.account_id, change.decided_by, change.decided_at = account.id, actor.name, now
    change.number_sealed = ""
    return account.public_id


@command
def decline_account(
    tx: Session, *, change_id: str, reason: str, actor: Actor, now: datetime
) -> None:
    """Decline a proposed account, or take one's own proposal back; nothing changes.

    Raises:
        NotFound, NotAllowed, WrongState: see `StateTable.move`.
        ReasonMissing: it says nothing.
    """
    change = _locked(tx, change_id)
    if not reason.strip():
        raise ReasonMissing()
    _move(tx, change, "decline", actor, now, reason.strip())
    change.decided_by, change.decided_at, change.number_sealed = actor.name, now, ""


@command
def look_at_change(tx: Session, *, change_id: str, reason: str, actor: Actor, now: datetime) -> str:
    """Open the whole number of a proposal once, for a stated reason; every look is audited.

    Never through a once-key, which would keep the answer.

    Raises:
        NotFound, NotAllowed: the actor may not confirm it.
        ReasonMissing: no reason was given.
        WrongState: it was decided; its number is kept with the account, or not at all.
    """
    change = _locked(tx, change_id)
    actor.require(Permission.ACCOUNT_CONFIRM, change.organisation_id)
    if not reason.strip():
        raise ReasonMissing()
    if change.state is not ChangeState.PROPOSED:
        raise WrongState(state=change.state.label)
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind=CHANGE.kind,
        thing=change.public_id,
        action="look",
        organisation_id=change.organisation_id,
        reason=reason.strip(),
    )
    return vault().open(change.number_sealed, place=change_place(change.public_id))


def _move(
    tx: Session, change: AccountChange, action: str, actor: Actor, now: datetime, reason: str = ""
) -> None:
    CHANGE.move(
        tx,
        change,
        action,
        actor=actor,
        now=now,
        organisation_id=change.organisation_id,
        reason=reason,
        last4=change.number_last4,
    )


def _locked(tx: Session, change_id: str) -> AccountChange:
    change = tx.execute(
        select(AccountChange).where(AccountChange.public_id == change_id).with_for_update()
    ).scalar_one_or_none()
    if change is None:
        raise NotFound()
    return change
