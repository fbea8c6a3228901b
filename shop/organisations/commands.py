"""Making organisations known, giving and ending roles, changing where they are paid."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound, Refusal
from shop.core.labels import N_
from shop.core.permissions import Role
from shop.core.vault import vault
from shop.identity.models import User
from shop.organisations.models import (
    County,
    Membership,
    Organisation,
    OrganisationKind,
    PayeeAccount,
    PayeeKind,
)
from shop.organisations.states import ACCOUNT, AccountState


class NotACardNumber(Refusal):
    """A bank account number has 8 to 32 digits."""

    code = "not_a_card_number"
    sentence = N_("卡号应为 8 到 32 位数字，请核对。")
    status = 422
    field = "number"


@command
def add_county(
    tx: Session, *, code: str, name: str, name_en: str, province: str, column: int, row: int
) -> None:
    """Make a county known, with its place on the tile grid."""
    tx.add(
        County(
            code=code,
            name=name,
            name_en=name_en,
            province=province,
            grid_column=column,
            grid_row=row,
        )
    )


@command
def add_organisation(
    tx: Session,
    *,
    kind: OrganisationKind,
    code: str,
    name: str,
    name_en: str,
    actor: Actor,
    now: datetime,
    county: str | None = None,
    credit_code: str = "",
    address: str = "",
    phone: str = "",
    contact: str = "",
    member_count: int = 0,
    story: str = "",
) -> str:
    """Make an organisation known; `county` is a county's code. Returns its public id."""
    county_id = county and tx.execute(select(County.id).where(County.code == county)).scalar_one()
    organisation = Organisation(
        kind=kind,
        code=code,
        name=name,
        name_en=name_en,
        county_id=county_id,
        credit_code=credit_code,
        address=address,
        phone=phone,
        contact=contact,
        member_count=member_count,
        story=story,
    )
    tx.add(organisation)
    tx.flush()
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="organisation",
        thing=organisation.public_id,
        action="add",
        organisation_id=organisation.id,
    )
    return organisation.public_id


@command
def grant_role(
    tx: Session, *, user_id: str, organisation_id: str, role: Role, actor: Actor, now: datetime
) -> None:
    """Give a person a role in an organisation, from now on."""
    user = tx.execute(select(User).where(User.public_id == user_id)).scalar_one()
    organisation = tx.execute(
        select(Organisation).where(Organisation.public_id == organisation_id)
    ).scalar_one()
    tx.add(Membership(user_id=user.id, organisation_id=organisation.id, role=role, since=now))
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="membership",
        thing=user.public_id,
        action="grant",
        organisation_id=organisation.id,
        role=role.value,
    )


@command
def set_organisation_account(
    tx: Session,
    *,
    organisation_id: str,
    holder: str,
    number: str,
    bank: str,
    cnaps: str,
    actor: Actor,
    now: datetime,
) -> str:
    """Set the account an organisation is paid on; the earlier one is marked replaced."""
    organisation = tx.execute(
        select(Organisation).where(Organisation.public_id == organisation_id)
    ).scalar_one_or_none()
    if organisation is None:
        raise NotFound()
    return replace_account(
        tx,
        PayeeKind.ORGANISATION,
        organisation.id,
        holder=holder,
        number=number,
        bank=bank,
        cnaps=cnaps,
        organisation_id=organisation.id,
        actor=actor,
        now=now,
    )


def replace_account(
    tx: Session,
    payee_kind: PayeeKind,
    payee_id: int,
    *,
    holder: str,
    number: str,
    bank: str,
    cnaps: str,
    organisation_id: int,
    actor: Actor,
    now: datetime,
) -> str:
    """Put a new account in the place of a payee's current one; also the step for households.

    Raises:
        NotACardNumber: it is not 8 to 32 digits.
    """
    digits = "".join(number.split())
    if not (digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 32):
        raise NotACardNumber()
    current = tx.execute(
        select(PayeeAccount)
        .where(
            PayeeAccount.payee_kind == payee_kind,
            PayeeAccount.payee_id == payee_id,
            PayeeAccount.state != AccountState.REPLACED,
        )
        .with_for_update()
    ).scalar_one_or_none()
    if current is not None:
        ACCOUNT.move(tx, current, "replace", actor=actor, now=now, organisation_id=organisation_id)
        tx.flush()
    account = PayeeAccount(
        payee_kind=payee_kind,
        payee_id=payee_id,
        holder=holder,
        number_sealed="",
        number_last4=digits[-4:],
        number_fingerprint=vault().fingerprint(digits),
        bank=bank,
        cnaps=cnaps,
        state=AccountState.ACTIVE,
        since=now,
    )
    tx.add(account)
    tx.flush()
    account.number_sealed = vault().seal(digits, place=account_place(account.public_id))
    audit.record(
        tx,
        actor=actor,
        now=now,
        kind="payee_account",
        thing=account.public_id,
        action="set",
        organisation_id=organisation_id,
        last4=digits[-4:],
    )
    return account.public_id


def account_place(public_id: str) -> str:
    """What an account number's ciphertext is bound to."""
    return f"payee_account.number:{public_id}"
