"""Pages of checks of the books: the list, what one found, and asking for one."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from orders.closing import check_queries, checking
from shop.core import clock
from shop.core.permissions import Permission
from shop.jobs import timetable
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ShopForm
from shop.web.views import fresh_reading

bp = Blueprint("book_checks", __name__, url_prefix="/platform/books/checks")


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """The last checks, and a button that asks for one."""
    form = ShopForm()
    job = form.done(
        lambda: checking.ask_check.once(form.once.data)(actor=current_actor(), now=clock.now())
    )
    if job:
        timetable.wake(current_app)
        return redirect(url_for("jobs.show", job_id=job.answer), code=303)
    tx, actor = fresh_reading(), current_actor()
    html = render_template(
        "orders/closing/checks.html",
        form=form,
        rows=check_queries.checks(tx, actor),
        running=check_queries.running(tx, actor),
    )
    return html, form.status


@bp.get("/<check_id>")
@requires(Permission.PLATFORM_READ)
def show(check_id: str) -> ResponseReturnValue:
    """What one check found."""
    page = check_queries.check(fresh_reading(), check_id, current_actor())
    return render_template("orders/closing/check.html", page=page)
