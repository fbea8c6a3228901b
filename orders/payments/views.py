"""Pages of bank statements and of money waiting for its purchase."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.payments import commands, giving_back, previews, queries
from orders.payments.forms import FeeForm, GiveBackForm, MatchForm, UndoForm, UploadForm
from orders.payments.rules import COLUMNS
from orders.payments.sheets import FileRefused
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.money import ZERO
from shop.core.permissions import Permission
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ShopForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("payments", __name__, url_prefix="/platform/bank")


@bp.get("/")
@requires(Permission.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """The statements that were imported."""
    return render_template(
        "orders/payments/index.html", statements=queries.statements(reading(), current_actor())
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.BANK_IMPORT)
def new() -> ResponseReturnValue:
    """Choose a statement file; what is wrong with it is told line by line."""
    form = UploadForm()
    faults: tuple[Any, ...] = ()
    if form.validate_on_submit():
        try:
            upload = commands.keep_upload(
                file_name=form.file.data.filename,
                content=form.file.data.read(),
                actor=current_actor(),
                now=clock.now(),
            )
        except FileRefused as refusal:
            form.refuse(refusal)
            faults = refusal.faults
        else:
            return redirect(url_for("payments.preview", upload_id=upload), code=303)
    page = render_template("orders/payments/new.html", form=form, faults=faults, columns=COLUMNS)
    return page, form.status


@bp.route("/uploads/<upload_id>", methods=["GET", "POST"])
@requires(Permission.BANK_IMPORT)
def preview(upload_id: str) -> ResponseReturnValue:
    """Show what each line would do, then import the file."""
    form = ShopForm()
    if form.validate_on_submit():
        kept = previews.uploaded(reading(), upload_id, current_actor(), clock.now())
        try:
            statement = commands.import_statement.once(form.once.data)(
                file_name=kept.file_name,
                content=kept.content,
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
    page = queries.statement(fresh_reading(), statement_id, current_actor())
    return render_template("orders/payments/statement.html", page=page, form=form), form.status


@bp.get("/suspense")
@requires(Permission.BANK_MATCH)
def suspense() -> ResponseReturnValue:
    """Money that waits for its purchase, and debits that wait for an explanation."""
    return render_template(
        "orders/payments/suspense.html",
        queue=queries.queue(reading(), current_actor()),
        unexplained=queries.unexplained(reading(), current_actor()),
    )


@bp.get("/lines/<line_id>")
@requires(Permission.PLATFORM_READ)
def line(line_id: str) -> ResponseReturnValue:
    """One line: what it may be for, and what was done with it."""
    return _line_page(line_id, MatchForm(request.args), FeeForm(formdata=None))


@bp.post("/lines/<line_id>/match")
@requires(Permission.BANK_MATCH)
def match(line_id: str) -> ResponseReturnValue:
    """Give money of a line to a purchase."""
    form = MatchForm()
    if form.validate_on_submit():
        try:
            commands.match_line.once(form.once.data)(
                line_id=line_id,
                purchase_id=queries.purchase_named(reading(), form.purchase.data, current_actor()),
                amount=form.amount.data or ZERO,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已认领。"), "ok")
            return redirect(url_for("payments.line", line_id=line_id), code=303)
    return _line_page(line_id, form, FeeForm(formdata=None))


@bp.route("/lines/<line_id>/refund", methods=["GET", "POST"])
@requires(Permission.BANK_MATCH)
def give_back(line_id: str) -> ResponseReturnValue:
    """Give money of a line that nobody can claim back to the account it came from."""
    form = GiveBackForm()
    if form.validate_on_submit():
        try:
            giving_back.refund_line.once(form.once.data)(
                line_id=line_id,
                amount=form.amount.data or ZERO,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已登记退回，随下一批打款原路退回。"), "ok")
            return redirect(url_for("payments.line", line_id=line_id), code=303)
    page = queries.line(fresh_reading(), line_id, current_actor())
    html = render_template("orders/payments/give_back.html", page=page, form=form)
    return html, form.status


@bp.post("/lines/<line_id>/fee")
@requires(Permission.BANK_MATCH)
def fee(line_id: str) -> ResponseReturnValue:
    """Book a line as the bank's fee."""
    form = FeeForm()
    if form.validate_on_submit():
        try:
            commands.book_fee.once(form.once.data)(
                line_id=line_id,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已记为银行手续费。"), "ok")
            return redirect(url_for("payments.line", line_id=line_id), code=303)
    return _line_page(line_id, MatchForm(formdata=None), form)


def _line_page(line_id: str, match_form: MatchForm, fee_form: FeeForm) -> ResponseReturnValue:
    page = queries.line(fresh_reading(), line_id, current_actor())
    status = max(match_form.status, fee_form.status)
    return (
        render_template(
            "orders/payments/line.html", page=page, match_form=match_form, fee_form=fee_form
        ),
        status,
    )
