"""Pages of bank statements: the list, uploading, preview, one statement."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.payments import commands, import_jobs, previews, queries
from orders.payments.formats.sheets import FileRefused
from orders.payments.forms import UndoForm, UploadForm
from orders.payments.layouts import queries as layouts
from orders.payments.uploads import uploaded
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission
from shop.jobs import timetable
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ShopForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("payments", __name__, url_prefix="/platform/bank")

#: A hundred thousand lines of a bank's table.
LARGEST = 48 * 1024 * 1024


@bp.url_value_preprocessor
def _larger(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let the upload take more than any other form; this runs before the form is read."""
    if endpoint == "payments.new":
        request.max_content_length = LARGEST


@bp.get("/")
@requires(Permission.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """The statements that were imported, and what is missing between them."""
    return render_template(
        "orders/payments/index.html",
        statements=queries.statements(reading(), current_actor()),
        missing=queries.missing(reading(), current_actor()),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.BANK_IMPORT)
def new() -> ResponseReturnValue:
    """Choose a statement file; what is wrong with it is told line by line."""
    form = UploadForm()
    form.offer(layouts.choices(reading(), current_actor()))
    faults: tuple[Any, ...] = ()
    if form.validate_on_submit():
        try:
            upload = commands.keep_upload(
                file_name=form.file.data.filename,
                content=form.file.data.read(),
                layout_id=form.layout.data or None,
                actor=current_actor(),
                now=clock.now(),
            )
        except FileRefused as refusal:
            form.refuse(refusal)
            faults = refusal.faults
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect(url_for("payments.preview", upload_id=upload), code=303)
    page = render_template("orders/payments/new.html", form=form, faults=faults)
    return page, form.status


@bp.route("/uploads/<upload_id>", methods=["GET", "POST"])
@requires(Permission.BANK_IMPORT)
def preview(upload_id: str) -> ResponseReturnValue:
    """Show what each line would do, then import the file, a large one in a job."""
    form = ShopForm()
    if form.validate_on_submit():
        kept = uploaded(reading(), upload_id, current_actor(), clock.now())
        try:
            if kept.lines >= import_jobs.LARGE:
                job = import_jobs.ask_import.once(form.once.data)(
                    upload_id=upload_id, actor=current_actor(), now=clock.now()
                )
                timetable.wake(current_app)
                return redirect(url_for("jobs.show", job_id=job), code=303)
            statement = commands.import_statement.once(form.once.data)(
                file_name=kept.file_name,
                content=kept.content,
                layout_id=kept.layout_id,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("流水已导入。需要人看的几笔列在下面。"), "ok")
            return redirect(url_for("payments.statement", statement_id=statement), code=303)
    shown = previews.preview(fresh_reading(), upload_id, current_actor(), clock.now())
    return render_template("orders/payments/preview.html", form=form, preview=shown), form.status


@bp.get("/statements/<statement_id>")
@requires(Permission.PLATFORM_READ)
def statement(statement_id: str) -> ResponseReturnValue:
    """One statement, line by line."""
    return _statement_page(statement_id, UndoForm())


@bp.post("/statements/<statement_id>/undo")
@requires(Permission.BANK_IMPORT)
def undo(statement_id: str) -> ResponseReturnValue:
    """Take a statement back by reversal."""
    form = UndoForm()
    form.expected = queries.statement(reading(), statement_id, current_actor()).row.credits
    if form.validate_on_submit():
        try:
            commands.undo_import.once(form.once.data)(
                statement_id=statement_id,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已撤销：每一笔都记了冲正，文件可以重新导入。"), "ok")
            return redirect(url_for("payments.statement", statement_id=statement_id), code=303)
    return _statement_page(statement_id, form)


def _statement_page(statement_id: str, form: UndoForm) -> ResponseReturnValue:
    number = request.args.get("page", 1, type=int)
    page = queries.statement(fresh_reading(), statement_id, current_actor(), number)
    return render_template("orders/payments/statement.html", page=page, form=form), form.status
