"""Pages of payouts, bank files and results, and of custody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import (
    Blueprint,
    Response,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.payments import queue_queries as lines
from orders.payments.formats.sheets import FileRefused
from orders.payouts import commands, large, owing, queries, returned, unknown
from orders.payouts import custody as books
from orders.payouts.forms import ApproveForm, DraftForm, ExportForm, ResultForm, ReturnForm
from orders.payouts.layouts import NEUTRAL
from orders.payouts.states import BatchState
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission
from shop.jobs import timetable
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ReasonForm, WithdrawForm
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
    export: ExportForm = field(default_factory=lambda: ExportForm(formdata=None))
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
    page = owing.owed_now(reading(), current_actor(), _number())
    form = DraftForm(data={"kinds": [row.kind.value for row in page.sums]})
    if form.validate_on_submit() and page.count > large.AT_ONCE:
        job = large.ask_for_draft.once(form.once.data)(
            kinds=tuple(kind.value for kind in form.chosen),
            count=page.count,
            actor=current_actor(),
            now=clock.now(),
        )
        timetable.wake(current_app)
        return redirect(url_for("jobs.show", job_id=job), code=303)
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
    form = ExportForm()
    if form.validate_on_submit():
        try:
            commands.export_batch.once(form.once.data)(
                batch_id=batch_id,
                layout=form.layout.data or NEUTRAL,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("文件已定稿。请生成解压口令，再下载交给银行。"), "ok")
            return redirect(url_for("payouts.batch", batch_id=batch_id), code=303)
    return _page(batch_id, _Forms(export=form))


@bp.post("/<batch_id>/file")
@requires(Permission.PAYOUT_DRAFT)
def file(batch_id: str) -> ResponseReturnValue:
    """Hand over the bank's file; it holds full account numbers, so every fetch is written down."""
    name, content = commands.take_archive(
        batch_id=batch_id,
        part=request.form.get("part", 1, type=int),
        actor=current_actor(),
        now=clock.now(),
    )
    answer = Response(content, content_type="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@bp.post("/<batch_id>/phrase")
@requires(Permission.PAYOUT_DRAFT)
def phrase(batch_id: str) -> ResponseReturnValue:
    """Set a new pass phrase for the files and show it, this once."""
    said = commands.renew_phrase(batch_id=batch_id, actor=current_actor(), now=clock.now())
    page = queries.batch(fresh_reading(), batch_id, current_actor())
    answer = make_response(render_template("orders/payouts/phrase.html", page=page, phrase=said))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.route("/items/<item_id>/resolve", methods=["GET", "POST"])
@requires(Permission.PAYOUT_APPROVE)
def resolve(item_id: str) -> ResponseReturnValue:
    """End an undecided payment as not made, when the statements show that it was not."""
    form = ReasonForm()
    evidence = unknown.evidence_of(reading(), item_id, current_actor())
    if form.validate_on_submit():
        try:
            unknown.resolve_unknown.once(form.once.data)(
                item_id=item_id, reason=form.reason.data, actor=current_actor(), now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已认定未付出，款项仍记为应付，下一批可以再打。"), "ok")
            return redirect(url_for("payouts.batch", batch_id=evidence.batch_id), code=303)
    page = render_template("orders/payouts/resolve.html", form=form, evidence=evidence)
    return page, form.status


@bp.route("/returned/<line_id>", methods=["GET", "POST"])
@requires(Permission.BANK_MATCH)
def take_back(line_id: str) -> ResponseReturnValue:
    """Say that money in suspense is a payout the bank sent back."""
    form = ReturnForm()
    if form.validate_on_submit():
        try:
            returned.take_back_by_hand.once(form.once.data)(
                line_id=line_id,
                reference=form.reference.data,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已记为退汇：那笔款仍记为应付，账户等更换。"), "ok")
            return redirect(url_for("bank_lines.line", line_id=line_id), code=303)
    held = lines.line(reading(), line_id, current_actor(), clock.now())
    return render_template("orders/payouts/take_back.html", form=form, page=held), form.status


@bp.route("/returned/<line_id>/undo", methods=["GET", "POST"])
@requires(Permission.BANK_MATCH)
def undo_return(line_id: str) -> ResponseReturnValue:
    """Say that a line was no payout sent back after all."""
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            returned.undo_return.once(form.once.data)(
                line_id=line_id, reason=form.reason.data, actor=current_actor(), now=clock.now()
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已撤销退汇：钱回到待认领，那笔款仍记为已到账。"), "ok")
            return redirect(url_for("bank_lines.line", line_id=line_id), code=303)
    held = lines.line(fresh_reading(), line_id, current_actor(), clock.now())
    return render_template("orders/payouts/undo_return.html", form=form, page=held), form.status


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


def _number() -> int:
    return request.args.get("page", 1, type=int)


def _page(batch_id: str, forms: _Forms, faults: tuple[Any, ...] = ()) -> ResponseReturnValue:
    page = queries.batch(fresh_reading(), batch_id, current_actor(), _number())
    forms.approve.seen_hash.data = page.seen_hash
    return (
        render_template(
            "orders/payouts/batch.html",
            page=page,
            forms=forms,
            faults=faults,
            step=_STEP[page.row.state],
        ),
        max(form.status for form in forms.all()),
    )
