"""Pages of files for the accountant: asking for one, and taking it away."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from orders.closing import exporting, file_queries
from orders.closing.forms import FileForm
from orders.closing.states import Ending
from shop.core import clock
from shop.core.permissions import Permission
from shop.jobs import timetable
from shop.organisations.acting import current_actor, requires
from shop.printing.rows import CSV, XLSX
from shop.web.views import fresh_reading, reading

bp = Blueprint("account_files", __name__, url_prefix="/platform/books")

_TYPES = {Ending.CSV: CSV, Ending.XLSX: XLSX}


@bp.route("/months/<month>/files", methods=["GET", "POST"])
@requires(Permission.PLATFORM_READ)
def index(month: str) -> ResponseReturnValue:
    """The files of a month, and a form that asks for one."""
    form = FileForm()
    form.offer()
    asked = form.done(
        lambda: exporting.ask_file.once(form.once.data)(
            month=month,
            report=form.chosen_report(),
            ending=form.chosen_ending(),
            actor=current_actor(),
            now=clock.now(),
        )
    )
    if asked:
        file, job = asked.answer
        if job is None:
            return redirect(url_for("account_files.show", file_id=file), code=303)
        timetable.wake(current_app)
        return redirect(url_for("jobs.show", job_id=job), code=303)
    html = render_template(
        "orders/closing/files.html",
        month=month,
        form=form,
        files=file_queries.files(fresh_reading(), month, current_actor()),
    )
    return html, form.status


@bp.get("/files/<file_id>")
@requires(Permission.PLATFORM_READ)
def show(file_id: str) -> ResponseReturnValue:
    """One file: what it holds, until when it is kept, and the way to take it."""
    row = file_queries.file(reading(), file_id, current_actor())
    most = exporting.LINES[row.ending]
    return render_template("orders/closing/file.html", row=row, most=most)


@bp.get("/files/<file_id>/<int:part>")
@requires(Permission.PLATFORM_READ)
def content(file_id: str, part: int) -> ResponseReturnValue:
    """The file itself, or one of its workbooks, piece by piece."""
    row = file_queries.part(reading(), file_id, part, current_actor())
    return Response(
        file_queries.pieces(file_id, part),
        content_type=_TYPES[row.ending],
        headers={"Content-Disposition": f'attachment; filename="{row.names[part - 1]}"'},
    )
