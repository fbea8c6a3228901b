"""Pages of bank statements: the list, uploading, preview, one statement."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.payments import commands, import_jobs, previews, queries, uploads
from orders.payments.formats.sheets import FileRefused
from orders.payments.forms import UndoForm, UploadForm
from orders.payments.layouts import queries as layouts
from orders.payments.models import BankUpload
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
            return _read(form)
        except FileRefused as refusal:
            form.refuse(refusal)
            faults = refusal.faults
        except Refusal as refusal:
            form.refuse(refusal)
    page = render_template("orders/payments/new.html", form=form, faults=faults)
    return page, form.status


def _read(form: UploadForm) -> ResponseReturnValue:
    """Keep what was sent and go to its preview; of a large file by way of the job that reads it."""
    content = form.file.data.read()
    given: dict[str, Any] = {
        "file_name": form.file.data.filename,
        "content": content,
        "layout_id": form.layout.data or None,
        "stated": form.stated,
        "actor": current_actor(),
        "now": clock.now(),
    }
    if uploads.is_large(content):
        job = import_jobs.ask_preview(**given)
        timetable.wake(current_app)
        return redirect(url_for("jobs.show", job_id=job), code=303)
    upload = commands.keep_upload(**given)
    return redirect(url_for("payments.preview", upload_id=upload), code=303)


@bp.route("/uploads/<upload_id>", methods=["GET", "POST"])
@requires(Permission.BANK_IMPORT)
def preview(upload_id: str) -> ResponseReturnValue:
    """Show what each line would do, then import the file, a large one in a job."""
    form = ShopForm()
    kept = uploads.uploaded(reading(), upload_id, current_actor(), clock.now())
    if form.validate_on_submit():
        try:
            return _imported(form, kept)
        except Refusal as refusal:
            form.refuse(refusal)
    shown = previews.preview(fresh_reading(), upload_id, current_actor(), clock.now())
    if isinstance(shown, FileRefused):
        form.refuse(shown)
        page = render_template("orders/payments/refused.html", form=form, faults=shown.faults)
        return page, form.status
    page = render_template(
        "orders/payments/preview.html", form=form, preview=shown, large=kept.large
    )
    return page, form.status


def _imported(form: ShopForm, kept: BankUpload) -> ResponseReturnValue:
    """Import an uploaded file, and go to its statement or to the job that does it."""
    if kept.large:
        job = import_jobs.ask_import.once(form.once.data)(
            upload_id=kept.public_id, actor=current_actor(), now=clock.now()
        )
        timetable.wake(current_app)
        return redirect(url_for("jobs.show", job_id=job), code=303)
    given = uploads.opened(reading(), kept)
    statement = commands.import_statement.once(form.once.data)(
        file_name=given.name,
        content=given.content,
        layout_id=given.layout_id,
        stated=given.stated,
        actor=current_actor(),
        now=clock.now(),
    )
    flash(_("流水已导入。需要人看的几笔列在下面。"), "ok")
    return redirect(url_for("payments.statement", statement_id=statement), code=303)


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
