"""Printing the slips of a village, and their text messages."""

from __future__ import annotations

import io

from flask import (
    Blueprint,
    Response,
    current_app,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask.typing import ResponseReturnValue

from orders.statements import slip_queries
from orders.statements.slip_commands import open_numbers, print_slips
from orders.statements.slip_forms import NumbersForm, SlipsForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission as P
from shop.jobs import timetable
from shop.organisations.acting import current_actor, current_organisation, requires
from shop.organisations.models import OrganisationKind
from shop.printing import rows
from shop.web.views import reading

bp = Blueprint("slips", __name__, url_prefix="/cooperative/slips")


@bp.route("/", methods=["GET", "POST"])
@requires(P.HOUSEHOLD_EDIT)
def index() -> ResponseReturnValue:
    """Choose a village and a period, and have the slips of all its households set."""
    actor, now = current_actor(), clock.now()
    cooperative = current_organisation(OrganisationKind.COOPERATIVE)
    found = slip_queries.villages(reading(), cooperative.id, actor)
    form = SlipsForm(data={"village": request.args.get("village")})
    form.offer(found, clock.day_of(now))
    if form.validate_on_submit():
        try:
            _print, job = print_slips.once(form.once.data)(
                cooperative_id=cooperative.public_id,
                village_id=form.village.data,
                period=form.period.data,
                door=f"{current_app.config['SHOP'].public_url}{url_for('statements.enter')}",
                actor=actor,
                now=now,
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            timetable.wake(current_app)
            return redirect(url_for("jobs.show", job_id=job), code=303)
    return render_template("orders/statements/slips.html", form=form, villages=found), form.status


@bp.get("/<print_id>")
@requires(P.HOUSEHOLD_EDIT)
def show(print_id: str) -> ResponseReturnValue:
    """The files of a print, as long as they are kept."""
    return _page(print_id, NumbersForm(formdata=None))


@bp.get("/<print_id>/slips.pdf")
@requires(P.HOUSEHOLD_EDIT)
def file(print_id: str) -> ResponseReturnValue:
    """The slips as one PDF."""
    content = slip_queries.slip_file(reading(), print_id, current_actor())
    answer = Response(content, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{print_id}.pdf"'
    return answer


@bp.get("/<print_id>/messages.xlsx")
@requires(P.HOUSEHOLD_EDIT)
def messages(print_id: str) -> ResponseReturnValue:
    """The text messages as a workbook."""
    sheet = slip_queries.messages(reading(), print_id, current_actor())
    return send_file(
        io.BytesIO(rows.as_xlsx(sheet)),
        mimetype=rows.XLSX,
        as_attachment=True,
        download_name=f"{print_id}.xlsx",
    )


@bp.post("/<print_id>/numbers.csv")
@requires(P.HOUSEHOLD_EDIT)
def numbers(print_id: str) -> ResponseReturnValue:
    """The text messages with telephone numbers, as a console for bulk messages takes them."""
    form = NumbersForm()
    if form.validate_on_submit():
        try:
            found = open_numbers(
                print_id=print_id,
                reason=form.reason.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            answer = Response(
                rows.plain_csv(["手机号", "短信内容"], found.rows), content_type=rows.CSV
            )
            answer.headers["Content-Disposition"] = f'attachment; filename="{print_id}.csv"'
            return answer
    return _page(print_id, form)


def _page(print_id: str, form: NumbersForm) -> ResponseReturnValue:
    found = slip_queries.slip_print(reading(), print_id, current_actor())
    return render_template("orders/statements/slip_print.html", print=found, form=form), form.status
