"""The front page, and where each person starts."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from products.catalogue.browse import in_season
from products.catalogue.states import Category
from products.catalogue.views import buys_for
from products.stories.queries import villages
from shop.core import clock
from shop.home.navigation import navigation
from shop.home.queries import a_bit_of_each, by_month, impact
from shop.home.start_queries import waiting
from shop.organisations.acting import current_actor, my_organisations, signed_in
from shop.web.views import open_to_all, reading, revalidated

bp = Blueprint("home", __name__)

#: How many products the strip of months is drawn from, and how many are shown with a picture.
LOOKED_AT, SHOWN_IN_SEASON = 60, 10
VILLAGES_SHOWN = 3


@bp.get("/")
@open_to_all
def front() -> ResponseReturnValue:
    """Search, three doors, what is in season, one live sentence."""
    day = clock.day_of(clock.now())
    harvested = in_season(reading(), day, limit=LOOKED_AT, union_id=buys_for())
    return revalidated(
        render_template(
            "home/front.html",
            months=by_month(harvested),
            cards=a_bit_of_each(harvested, SHOWN_IN_SEASON),
            impact=impact(reading()),
            villages=villages(reading(), day=day)[:VILLAGES_SHOWN],
            categories=Category,
        )
    )


@bp.get("/start")
@signed_in
def start() -> ResponseReturnValue:
    """The first page of a person's work, or the shop for those who only buy."""
    desks = [desk for desk in _desks() if desk["links"]]
    if not desks:
        return redirect(url_for("home.front"), code=303)
    return render_template("home/start.html", desks=desks)


def _desks() -> list[dict[str, Any]]:
    """What stands on the start page for each organisation: what waits, and its pages."""
    return [
        {
            "label": group["label"],
            "organisation_id": organisation.public_id,
            "roles": group["roles"],
            "waiting": waiting(
                reading(),
                organisation=organisation,
                actor=current_actor(),
                day=clock.day_of(clock.now()),
            ),
            "links": group["items"],
        }
        for (organisation, _roles), group in zip(my_organisations(), navigation(), strict=True)
    ]
