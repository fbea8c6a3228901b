"""Pages of payouts, bank files and results, and of custody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.payments.sheets import FileRefused
from orders.payouts import commands, queries
from orders.payouts import custody as books
from orders.payouts.forms import ApproveForm, DraftForm, ResultForm
from orders.payouts.rules import RESULT_COLUMNS
from orders.payouts.states import BatchState
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ShopForm, WithdrawForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("payouts", __name__, url_prefix="/platform/payouts")

#: Which of 试算→复核→批准→导出→对账 is under way in a state; past the last, all are done.
_STEP = {
    BatchState.DRAFT: 2,
    BatchState.APPROVED: 4,
    BatchState.EXPORTED: 5,
    BatchState.CLOSED: 6,
    BatchState.WITHDRAWN: 1,
}


@dataclass
class _Forms:
    """The forms of a batch's page; the one that was sent is put in by its view."""

    approve: ApproveForm = field(default_factory=lambda: ApproveForm(formdata=None))
    withdraw: WithdrawForm = field(default_factory=lambda: WithdrawForm(formdata=None))
    export: ShopForm = field(default_factory=lambda: ShopForm(formdata=None))
    result: ResultForm = field(default_factory=lambda: ResultForm(formdata=None))

    def all(self) -> tuple[Any, ...]:
        return (self.approve, self.withdraw, self.export, self.result)


@bp.get("/")
@requires(Permission.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """The batches."""
    return render_template(
        "orders/payouts/index.html", batches=queries.batches(reading(), current_actor())
    )


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.PAYOUT_DRAFT)
def new() -> ResponseReturnValue:
    """Show what could be paid now, exceptions first, and draft a batch of it."""
    page = queries.owed_now(reading(), current_actor())
    form = DraftForm(data={"kinds": [row.kind.value for row in page.sums]})
    if form.validate_on_submit():
        try:
            batch_id = commands.draft_batch.once(form.once.data)(
                kinds=form.chosen, actor=current_actor(), now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已编制，请另一位同事复核。"), "ok")
            return redirect(url_for("payouts.batch", batch_id=batch_id), code=303)
    return render_template("orders/payouts/new.html", form=form, page=page), form.status


@bp.get("/<batch_id>")
@requires(Permission.PLATFORM_READ)
def batch(batch_id: str) -> ResponseReturnValue:
    """One batch."""
    return _page(batch_id, _Forms())


@bp.post("/<batch_id>/approve")
@requires(Permission.PAYOUT_APPROVE)
def approve(batch_id: str) -> ResponseReturnValue:
    """Approve a batch as it was seen."""
    form = ApproveForm()
    form.expected = queries.batch(reading(), batch_id, current_actor()).row.total
    if form.validate_on_submit():
        try:
            commands.approve_batch.once(form.once.data)(
                batch_id=batch_id,
                seen_hash=form.seen_hash.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已批准，款项转为在途。"), "ok")
            return redirect(url_for("payouts.batch", batch_id=batch_id), code=303)
    return _page(batch_id, _Forms(approve=form))


@bp.post("/<batch_id>/withdraw")
@requires(Permission.PAYOUT_DRAFT, Permission.PAYOUT_APPROVE)
def withdraw(batch_id: str) -> ResponseReturnValue:
    """Take a batch back."""
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            commands.withdraw_batch.once(form.once.data)(
                batch_id=batch_id,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已撤回，款项仍记为应付。"), "ok")
            return redirect(url_for("payouts.batch", batch_id=batch_id), code=303)
    return _page(batch_id, _Forms(withdraw=form))


@bp.post("/<batch_id>/export")
@requires(Permission.PAYOUT_DRAFT)
def export(batch_id: str) -> ResponseReturnValue:
    """Freeze the bank's file."""
    form = ShopForm()
    if form.validate_on_submit():
        try:
            commands.export_batch.once(form.once.data)(
                batch_id=batch_id, actor=current_actor(), now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("文件已定稿，可以下载交给银行。"), "ok")
            return redirect(url_for("payouts.batch", batch_id=batch_id), code=303)
    return _page(batch_id, _Forms(export=form))


@bp.post("/<batch_id>/file")
@requires(Permission.PAYOUT_DRAFT)
def file(batch_id: str) -> ResponseReturnValue:
    """Hand over the bank's file; it holds full account numbers, so every fetch is written down."""
    content = commands.take_file(batch_id=batch_id, actor=current_actor(), now=clock.now())
    name = queries.file_name(reading(), batch_id, current_actor())
    return Response(
        content,
        content_type="text/csv; charset=gb18030",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@bp.post("/<batch_id>/results")
@requires(Permission.PAYOUT_DRAFT)
def results(batch_id: str) -> ResponseReturnValue:
    """Take in the bank's answer; what is wrong with the file is told line by line."""
    form = ResultForm()
    faults: tuple[Any, ...] = ()
    if form.validate_on_submit():
        try:
            commands.import_results.once(form.once.data)(
                batch_id=batch_id,
                file_name=form.file.data.filename,
                content=form.file.data.read(),
                actor=current_actor(),
                now=clock.now(),
            )
        except FileRefused as refusal:
            form.refuse(refusal)
            faults = refusal.faults
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("回盘已导入。"), "ok")
            return redirect(url_for("payouts.batch", batch_id=batch_id), code=303)
    return _page(batch_id, _Forms(result=form), faults)


@bp.get("/custody")
@requires(Permission.PLATFORM_READ)
def custody() -> ResponseReturnValue:
    """The ledger beside the bank."""
    return render_template(
        "orders/payouts/custody.html", page=books.custody(reading(), current_actor())
    )


def _page(batch_id: str, forms: _Forms, faults: tuple[Any, ...] = ()) -> ResponseReturnValue:
    page = queries.batch(fresh_reading(), batch_id, current_actor())
    forms.approve.seen_hash.data = page.seen_hash
    return (
        render_template(
            "orders/payouts/batch.html",
            page=page,
            forms=forms,
            faults=faults,
            step=_STEP[page.row.state],
            columns=RESULT_COLUMNS,
        ),
        max(form.status for form in forms.all()),
    )
