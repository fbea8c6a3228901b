"""Reading organisations and who acts for them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import Actor, Grant
from shop.core.permissions import Role
from shop.identity.models import User
from shop.organisations.models import County, Membership, Organisation, OrganisationKind


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation as pages and commands need it. `id` never leaves the server."""

    id: int
    public_id: str
    kind: OrganisationKind
    code: str
    name: str
    name_en: str


def actor_of(tx: Session, user: User) -> Actor:
    """The actor a person is: name and every current role in every organisation."""
    rows = tx.execute(
        select(Membership.organisation_id, Membership.role, Organisation.kind)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.user_id == user.id, Membership.until.is_(None))
        .order_by(Membership.id)
    )
    grants = tuple(
        Grant(organisation_id, role, everywhere=kind is OrganisationKind.PLATFORM)
        for organisation_id, role, kind in rows
    )
    return Actor(key=user.public_id, name=user.name, user_id=user.id, grants=grants)


def organisations_of(tx: Session, user_id: int) -> list[tuple[OrganisationRow, list[Role]]]:
    """The organisations a person has current roles in, with the roles, longest first."""
    rows = tx.execute(
        select(Organisation, Membership.role)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.user_id == user_id, Membership.until.is_(None))
        .order_by(Membership.id)
    )
    found: dict[int, tuple[OrganisationRow, list[Role]]] = {}
    for organisation, role in rows:
        found.setdefault(organisation.id, (row_of(organisation), []))[1].append(role)
    return list(found.values())


def row_of(organisation: Organisation) -> OrganisationRow:
    """An organisation's row as frozen facts."""
    return OrganisationRow(
        organisation.id,
        organisation.public_id,
        organisation.kind,
        organisation.code,
        organisation.name,
        organisation.name_en,
    )


def by_kind(tx: Session, kind: OrganisationKind) -> list[OrganisationRow]:
    """All organisations of one kind, by code."""
    found = tx.execute(
        select(Organisation).where(Organisation.kind == kind).order_by(Organisation.code)
    )
    return [row_of(organisation) for organisation in found.scalars()]


def counties(tx: Session) -> list[County]:
    """All counties, by their place on the tile grid."""
    return list(tx.execute(select(County).order_by(County.grid_row, County.grid_column)).scalars())
