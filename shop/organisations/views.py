"""Choosing for which organisation one acts."""

from __future__ import annotations

from flask import Blueprint, redirect, session, url_for
from flask.typing import ResponseReturnValue

from shop.core.errors import NotFound
from shop.organisations.acting import my_organisations, signed_in
from shop.web.views import safe_next

bp = Blueprint("organisations", __name__)


@bp.post("/organisations/<organisation_id>/act")
@signed_in
def act_for(organisation_id: str) -> ResponseReturnValue:
    """Act for another of one's organisations from now on."""
    if organisation_id not in [row.public_id for row, _roles in my_organisations()]:
        raise NotFound()
    session["organisation"] = organisation_id
    return redirect(safe_next(url_for("home.start")), code=303)
