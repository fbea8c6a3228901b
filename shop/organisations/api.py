"""The door of programs: a key in the Authorization header, and nothing else, opens it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import g, request

from shop.core import clock
from shop.core.actors import Actor, Grant
from shop.core.errors import NotAllowed
from shop.core.permissions import Permission, Role
from shop.identity import keys
from shop.organisations.models import Organisation, OrganisationKind
from shop.organisations.queries import OrganisationRow, row_of
from shop.web.views import reading

V = TypeVar("V", bound=Callable[..., Any])


def with_key(permission: Permission) -> Callable[[V], V]:
    """Let only programs pass whose key may do this; cookies open nothing here.

    Raises (when called):
        KeyRefused: no key, or none that is in force.
    """

    def decorate(view: V) -> V:
        @functools.wraps(view)
        def door(*args: Any, **kwargs: Any) -> Any:
            g.key_organisation, actor = _enter()
            if not actor.may(permission):
                raise NotAllowed(permission=permission.label)
            g.actor = actor
            return view(*args, **kwargs)

        cast("Any", door).shop_door = (permission,)
        cast("Any", door).needs_key = True
        return cast("V", door)

    return decorate


def key_organisation() -> OrganisationRow:
    """The organisation the program of this request acts for."""
    row: OrganisationRow = g.key_organisation
    return row


def _enter() -> tuple[OrganisationRow, Actor]:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise keys.KeyRefused()
    now = clock.now()
    holder = keys.holder_of(reading(), key.strip(), now)
    if holder.last_used != clock.day_of(now):
        keys.note_use(key_id=holder.public_id, now=now)
    row = row_of(reading().get_one(Organisation, holder.organisation_id))
    everywhere = row.kind is OrganisationKind.PLATFORM
    grant = Grant(row.id, Role.PROGRAM, everywhere=everywhere)
    return row, Actor(key=holder.public_id, name=holder.name, grants=(grant,))
