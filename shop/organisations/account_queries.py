"""Reading proposed accounts and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from shop.core.actors import Actor
from shop.core.audit import Act, history
from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.organisations.models import AccountChange, Organisation, PayeeAccount, PayeeKind
from shop.organisations.states import AccountState, ChangeState

#: How many decided ones a list shows.
PAGE = 100


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A proposal as pages show it; numbers by their last four digits."""

    public_id: str
    payee_kind: PayeeKind
    payee: str
    organisation: str
    state: ChangeState
    holder: str
    bank: str
    cnaps: str
    last4: str
    old_holder: str
    old_bank: str
    old_last4: str
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """One proposal, and what the reader may do with it."""

    row: ChangeRow
    history: tuple[Act, ...]
    may_confirm: bool
    may_decline: bool


@dataclass(frozen=True, slots=True)
class PayeeRow:
    """An organisation that can be paid, with the account it has."""

    public_id: str
    name: str
    last4: str
    bank: str
    state: AccountState


def changes(tx: Session, actor: Actor) -> list[ChangeRow]:
    """The proposals the actor may see, those that wait first, then the latest."""
    rows = _rows(tx, actor, None)
    return sorted(rows, key=lambda row: row.state is not ChangeState.PROPOSED)


def change(tx: Session, change_id: str, actor: Actor) -> ChangePage:
    """One proposal.

    Raises:
        NotFound: there is none, or it is not the actor's to see.
    """
    rows = _rows(tx, actor, change_id)
    if not rows:
        raise NotFound()
    (row,) = rows
    acts = history(tx, change_id)
    organisation_id = tx.execute(
        select(AccountChange.organisation_id).where(AccountChange.public_id == change_id)
    ).scalar_one()
    waits = row.state is ChangeState.PROPOSED
    may = waits and actor.may(Permission.ACCOUNT_CONFIRM, organisation_id)
    own = any(act.action == "propose" and act.user_id == actor.user_id for act in acts)
    return ChangePage(row, tuple(acts), may_confirm=may and not own, may_decline=may)


def payees(tx: Session, actor: Actor) -> list[PayeeRow]:
    """The organisations with an account for which the actor may propose another."""
    rows = tx.execute(
        select(
            Organisation.id,
            Organisation.public_id,
            Organisation.name,
            PayeeAccount.number_last4,
            PayeeAccount.bank,
            PayeeAccount.state,
        )
        .join(PayeeAccount, PayeeAccount.payee_id == Organisation.id)
        .where(
            PayeeAccount.payee_kind == PayeeKind.ORGANISATION,
            PayeeAccount.state != AccountState.REPLACED,
        )
        .order_by(Organisation.name)
    ).all()
    return [PayeeRow(*row[1:]) for row in rows if actor.may(Permission.ACCOUNT_PROPOSE, row.id)]


def _rows(tx: Session, actor: Actor, change_id: str | None) -> list[ChangeRow]:
    old = aliased(PayeeAccount)
    statement: Select[*tuple[Any, ...]] = (
        select(
            AccountChange.public_id,
            AccountChange.payee_kind,
            AccountChange.payee_name,
            Organisation.name,
            AccountChange.state,
            AccountChange.holder,
            AccountChange.bank,
            AccountChange.cnaps,
            AccountChange.number_last4,
            old.holder,
            old.bank,
            old.number_last4,
            AccountChange.reason,
            AccountChange.proposed_by,
            AccountChange.proposed_at,
            AccountChange.decided_by,
            AccountChange.decided_at,
            AccountChange.organisation_id,
        )
        .join(Organisation, Organisation.id == AccountChange.organisation_id)
        .join(old, old.id == AccountChange.replaces_id)
        .order_by(AccountChange.id.desc())
        .limit(PAGE)
    )
    if change_id is not None:
        statement = statement.where(AccountChange.public_id == change_id)
    if not any(grant.everywhere for grant in actor.grants):
        mine = [grant.organisation_id for grant in actor.grants]
        statement = statement.where(AccountChange.organisation_id.in_(mine))
    needs = (Permission.ACCOUNT_PROPOSE, Permission.ACCOUNT_CONFIRM)
    return [
        ChangeRow(*row[:-1])
        for row in tx.execute(statement)
        if any(actor.may(permission, row.organisation_id) for permission in needs)
    ]
