"""The front page, and where each person starts."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from products.catalogue.browse import in_season
from products.catalogue.states import Category
from shop.core import clock
from shop.home.navigation import navigation
from shop.home.queries import by_month, impact
from shop.organisations.acting import signed_in
from shop.web.views import open_to_all, reading

bp = Blueprint("home", __name__)

SHOWN_IN_SEASON = 8


@bp.get("/")
@open_to_all
def front() -> ResponseReturnValue:
    """Search, three doors, what is in season, one live sentence."""
    harvested = in_season(reading(), clock.day_of(clock.now()), limit=SHOWN_IN_SEASON)
    return render_template(
        "home/front.html",
        months=by_month(harvested),
        impact=impact(reading()),
        categories=Category,
    )


@bp.get("/start")
@signed_in
def start() -> ResponseReturnValue:
    """The first page of a person's work, or the shop for those who only buy."""
    groups = [group for group in navigation() if group["items"]]
    if not groups:
        return redirect(url_for("home.front"), code=303)
    return render_template("home/start.html", groups=groups)
