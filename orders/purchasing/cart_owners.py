"""Whose cart it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from orders.purchasing.models import CartLine
from shop.core.actors import Actor
from shop.core.errors import NotFound
from shop.core.permissions import Permission
from shop.organisations.models import Organisation, OrganisationKind


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose cart it is: a person's own, a person's for a union, or a visitor's."""

    user_id: int | None
    union_id: int | None
    visitor_key: str | None

    def owns(self) -> ColumnElement[bool]:
        """The lines of this cart."""
        if self.user_id is None:
            return CartLine.visitor_key == self.visitor_key
        return (CartLine.user_id == self.user_id) & (
            CartLine.union_id.is_(None)
            if self.union_id is None
            else CartLine.union_id == self.union_id
        )

    def columns(self) -> dict[str, Any]:
        """What a new line of this cart says about its owner."""
        return {
            "user_id": self.user_id,
            "union_id": self.union_id,
            "visitor_key": self.visitor_key,
        }


def owner_of(
    tx: Session, *, actor: Actor, union_id: str | None = None, visitor_key: str | None = None
) -> Owner:
    """Whose cart the actor means.

    Args:
        union_id: public id of a union to gather for; the actor needs `purchase:draft` there.
        visitor_key: of the session; counts only for somebody who is not signed in.

    Raises:
        NotFound, NotAllowed: see `Actor.require`; NotFound also for a visitor without a key.
    """
    if actor.user_id is None:
        if union_id is not None or not visitor_key:
            raise NotFound()
        return Owner(None, None, visitor_key)
    if union_id is None:
        return Owner(actor.user_id, None, None)
    union = tx.execute(
        select(Organisation.id).where(
            Organisation.public_id == union_id, Organisation.kind == OrganisationKind.UNION
        )
    ).scalar_one_or_none()
    if union is None:
        raise NotFound()
    actor.require(Permission.PURCHASE_DRAFT, union)
    return Owner(actor.user_id, union, None)
