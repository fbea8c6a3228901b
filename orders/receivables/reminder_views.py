"""Pages of reminders: the letters, one of them, its paper, and noting that it was brought."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.receivables import papers, reminder_queries
from orders.receivables.forms import BroughtForm
from orders.receivables.reminding import mark_brought
from orders.receivables.rows import ReminderList
from shop.core import clock
from shop.core.permissions import Permission as P
from shop.organisations.acting import current_actor, requires
from shop.printing.archives import zipped
from shop.web.views import fresh_reading, reading

bp = Blueprint("reminders", __name__)


@bp.get("/platform/reminders/")
@requires(P.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """The letters nobody has brought yet, or all of them."""
    everything = request.args.get("show") == "all"
    return render_template(
        "orders/receivables/reminders.html", everything=everything, listed=_listed(everything)
    )


@bp.get("/platform/reminders/letters.zip")
@requires(P.PLATFORM_READ)
def archive() -> ResponseReturnValue:
    """The letters of a page of the list as papers, in one file to print from."""
    letters = _listed(request.args.get("show") == "all").letters
    shop = current_app.config["SHOP"]
    return Response(
        zipped([(f"{row.number}-{row.union}.pdf", papers.letter(row, shop)) for row in letters]),
        content_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="reminders.zip"'},
    )


@bp.get("/reminders/<reminder_id>")
@requires(P.PURCHASE_READ, P.PLATFORM_READ)
def show(reminder_id: str) -> ResponseReturnValue:
    """One letter: what it asks for, acceptance by acceptance, and who brought it."""
    return _page(reminder_id, BroughtForm(formdata=None, on_day=clock.day_of(clock.now())))


@bp.get("/reminders/<reminder_id>.pdf")
@requires(P.PURCHASE_READ, P.PLATFORM_READ)
def letter(reminder_id: str) -> ResponseReturnValue:
    """A letter as a paper."""
    row = reminder_queries.letter(reading(), reminder_id, current_actor()).row
    return Response(
        papers.letter(row, current_app.config["SHOP"]),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{row.number}.pdf"'},
    )


@bp.post("/reminders/<reminder_id>/brought")
@requires(P.BANK_MATCH)
def brought(reminder_id: str) -> ResponseReturnValue:
    """Note that somebody brought it to its union."""
    form = BroughtForm()
    if form.carried_out(
        mark_brought,
        reminder_id=reminder_id,
        way=form.way.data,
        on_day=form.data["on_day"],
        note=form.note.data or "",
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("已登记送达。"), "ok")
        return redirect(url_for("reminders.show", reminder_id=reminder_id), code=303)
    return _page(reminder_id, form)


def _listed(everything: bool) -> ReminderList:
    return reminder_queries.letters(
        reading(),
        current_actor(),
        only_unsent=not everything,
        page=request.args.get("page", 1, type=int),
    )


def _page(reminder_id: str, form: BroughtForm) -> ResponseReturnValue:
    page = reminder_queries.letter(fresh_reading(), reminder_id, current_actor())
    return render_template("orders/receivables/reminder.html", page=page, form=form), form.status
