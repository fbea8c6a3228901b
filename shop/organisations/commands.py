"""Making organisations known, giving and ending roles, changing where they are paid."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core import audit
from shop.core.actors import Actor
from shop.core.commands import command
from shop.core.errors import NotFound
from shop.core.permissions import Role
from shop.identity.models import User
from shop.organisations.account_changes import (
    confirm_account,
    decline_account,
    propose_organisation_account,
)
from shop.organisations.accounts import first_account
from shop.organisations.models import (
    County,
    Membership,
    Organisation,
    OrganisationKind,
    PayeeKind,
)

__all__ = [
    "add_county",
    "add_organisation",
    "confirm_account",
    "decline_account",
    "grant_role",
    "propose_organisation_account",
    "set_organisation_account",
]


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
    """Enter the first account an organisation is paid on; another one takes two people.

    Raises:
        NotFound: there is no such organisation.
        NotACardNumber, HasAccount: see there.
    """
    organisation = tx.execute(
        select(Organisation).where(Organisation.public_id == organisation_id)
    ).scalar_one_or_none()
    if organisation is None:
        raise NotFound()
    return first_account(
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
