"""Whose lots a page shows: one's own cooperative's, or any one's the platform's people choose."""

from __future__ import annotations

from flask import request

from shop.core.errors import NotFound
from shop.organisations.acting import current_organisation, my_organisations
from shop.organisations.models import OrganisationKind as K
from shop.organisations.queries import OrganisationRow, by_kind
from shop.web.views import reading


def to_choose() -> list[OrganisationRow]:
    """The cooperatives the reader may choose among; none for people of one cooperative."""
    if any(row.kind is K.PLATFORM for row, _roles in my_organisations()):
        return by_kind(reading(), K.COOPERATIVE)
    return []


def chosen(offered: list[OrganisationRow]) -> OrganisationRow | None:
    """The cooperative asked for, or the reader's own; None where all are meant.

    Raises:
        NotFound: there is none of that name.
        NotAllowed: the reader has no cooperative and none to choose.
    """
    if not offered:
        return current_organisation(K.COOPERATIVE)
    asked = request.args.get("cooperative")
    if not asked:
        return None
    for row in offered:
        if row.public_id == asked:
            return row
    raise NotFound()
