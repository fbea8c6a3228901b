"""Pages of bank layouts: see, register, try out, change, retire."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.payments.formats.tables import Layout
from orders.payments.layouts import commands, queries
from orders.payments.layouts.forms import LayoutForm, RetireForm, SampleForm
from orders.payments.layouts.queries import Trial
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission
from shop.organisations.acting import current_actor, requires
from shop.web.views import fresh_reading, reading

bp = Blueprint("bank_layouts", __name__, url_prefix="/platform/bank-layouts")


@bp.get("/")
@requires(Permission.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """Every layout, with its versions."""
    rows = queries.layouts(reading(), current_actor())
    return render_template("orders/payments/layouts/index.html", layouts=rows)


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.BANK_IMPORT)
def new() -> ResponseReturnValue:
    """Register a layout, or first try what was typed on a sample."""
    return _edit(LayoutForm(), None)


@bp.route("/<layout_id>/change", methods=["GET", "POST"])
@requires(Permission.BANK_IMPORT)
def change(layout_id: str) -> ResponseReturnValue:
    """Register the next version of a layout."""
    page = queries.layout(reading(), layout_id, current_actor())
    form = LayoutForm()
    if not form.is_submitted():
        form.show(page.row.layout)
    return _edit(form, page.row.public_id)


def _edit(form: LayoutForm, replaces: str | None) -> ResponseReturnValue:
    form.offer()
    trial: Trial | None = None
    if form.validate_on_submit():
        layout = form.layout
        if request.form.get("step") == "try":
            trial = _trial(form, layout)
        else:
            try:
                added = commands.add_layout.once(form.once.data)(
                    layout=layout, replaces=replaces, actor=current_actor(), now=clock.now()
                )
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                flash(_("版式已登记，从现在起会用它识别文件。"), "ok")
                return redirect(url_for("bank_layouts.show", layout_id=added), code=303)
    page = render_template(
        "orders/payments/layouts/edit.html", form=form, replaces=replaces, trial=trial
    )
    return page, form.status


def _trial(form: LayoutForm | SampleForm, layout: Layout) -> Trial | None:
    """How the sample that was sent would be read, or what is missing to try it."""
    flaw = layout.flaw()
    if flaw is not None:
        form.refuse(commands.LayoutFlawed(flaw=flaw.label))
        return None
    content = form.sample.data.read() if form.sample.data else b""
    if not content:
        form.sample.errors = [*form.sample.errors, _("请选择一份样张。")]
        form.status = 422
        return None
    return queries.tried(content, layout)


@bp.get("/<layout_id>")
@requires(Permission.PLATFORM_READ)
def show(layout_id: str) -> ResponseReturnValue:
    """One version of a layout."""
    return _page(layout_id, SampleForm(), RetireForm(formdata=None), None)


@bp.post("/<layout_id>/try")
@requires(Permission.BANK_IMPORT)
def try_out(layout_id: str) -> ResponseReturnValue:
    """Show how a sample would be read; nothing is kept of it."""
    form = SampleForm()
    page = queries.layout(reading(), layout_id, current_actor())
    trial = _trial(form, page.row.layout) if form.validate_on_submit() else None
    return _page(layout_id, form, RetireForm(formdata=None), trial)


@bp.post("/<layout_id>/retire")
@requires(Permission.BANK_IMPORT)
def retire(layout_id: str) -> ResponseReturnValue:
    """Take a layout out of use."""
    form = RetireForm()
    if form.validate_on_submit():
        try:
            commands.retire_layout.once(form.once.data)(
                layout_id=layout_id,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("版式已停用。"), "ok")
            return redirect(url_for("bank_layouts.show", layout_id=layout_id), code=303)
    return _page(layout_id, SampleForm(formdata=None), form, None)


def _page(
    layout_id: str, sample: SampleForm, retiring: RetireForm, trial: Trial | None
) -> ResponseReturnValue:
    page = queries.layout(fresh_reading(), layout_id, current_actor())
    shown = render_template(
        "orders/payments/layouts/show.html",
        page=page,
        sample=sample,
        retiring=retiring,
        trial=trial,
    )
    return shown, max(sample.status, retiring.status)
