"""The front page, and where each person starts."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from shop.home.navigation import navigation
from shop.organisations.acting import signed_in
from shop.web.views import open_to_all

bp = Blueprint("home", __name__)


@bp.get("/")
@open_to_all
def front() -> ResponseReturnValue:
    """Search, three doors, what is in season, one live sentence."""
    return render_template("home/front.html")


@bp.get("/start")
@signed_in
def start() -> ResponseReturnValue:
    """The first page of a person's work, or the shop for those who only buy."""
    groups = [group for group in navigation() if group["items"]]
    if not groups:
        return redirect(url_for("home.front"), code=303)
    return render_template("home/start.html", groups=groups)
