"""Who acts in a request, for which organisation, and the first door of every view."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import current_app, g, redirect, request, session, url_for
from flask_login import current_user

from shop.core.actors import VISITOR, Actor
from shop.core.errors import NotAllowed
from shop.core.permissions import Permission, Role
from shop.organisations import queries
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import OrganisationRow
from shop.web.views import reading

V = TypeVar("V", bound=Callable[..., Any])


def current_actor() -> Actor:
    """The signed-in person with all roles, or a visitor."""
    if "actor" not in g:
        g.actor = (
            queries.actor_of(reading(), current_user.row)
            if current_user.is_authenticated
            else VISITOR
        )
    actor: Actor = g.actor
    return actor


def my_organisations() -> list[tuple[OrganisationRow, list[Role]]]:
    """The organisations the signed-in person has roles in."""
    if "my_organisations" not in g:
        user_id = current_actor().user_id
        g.my_organisations = queries.organisations_of(reading(), user_id) if user_id else []
    mine: list[tuple[OrganisationRow, list[Role]]] = g.my_organisations
    return mine


def current_organisation(kind: OrganisationKind | None = None) -> OrganisationRow:
    """The organisation the person acts for: named in the address, or chosen earlier, or the first.

    Raises:
        NotAllowed: the person has no role in an organisation of this kind.
    """
    fitting = [row for row, _roles in my_organisations() if kind in (None, row.kind)]
    if not fitting:
        raise NotAllowed()
    chosen = request.args.get("organisation") or session.get("organisation")
    row = next((row for row in fitting if row.public_id == chosen), fitting[0])
    session["organisation"] = row.public_id
    return row


def requires(permission: Permission, *others: Permission) -> Callable[[V], V]:
    """Let only people pass who hold one of the permissions anywhere; commands check again where.

    A visitor is sent to sign in and comes back afterwards.
    """

    def decorate(view: V) -> V:
        @functools.wraps(view)
        def door(*args: Any, **kwargs: Any) -> Any:
            actor = current_actor()
            if actor is VISITOR:
                return redirect(url_for("identity.sign_in", next=request.full_path), code=303)
            if not any(actor.may(p) for p in (permission, *others)):
                raise NotAllowed(permission=permission.label)
            return view(*args, **kwargs)

        cast("Any", door).shop_door = (permission, *others)
        return cast("V", door)

    return decorate


def signed_in(view: V) -> V:
    """Let every signed-in person pass; for what is their own."""

    @functools.wraps(view)
    def door(*args: Any, **kwargs: Any) -> Any:
        if current_actor() is VISITOR:
            return redirect(url_for("identity.sign_in", next=request.full_path), code=303)
        return view(*args, **kwargs)

    cast("Any", door).shop_door = "signed_in"
    return cast("V", door)


def may_open(endpoint: str) -> bool:
    """Whether the first door of a page lets the reader in; pages offer no link to a closed one."""
    door = cast("Any", current_app.view_functions[endpoint]).shop_door
    if door == "open":
        return True
    actor = current_actor()
    if door == "signed_in":
        return actor is not VISITOR
    return any(actor.may(permission) for permission in door)
