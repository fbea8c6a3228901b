"""Pages of settlement runs."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.settlements import commands, line_queries, queries
from orders.settlements.forms import ApproveForm, DraftForm
from orders.settlements.states import RunState
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission
from shop.jobs import timetable
from shop.organisations.acting import current_actor, requires
from shop.organisations.models import OrganisationKind
from shop.organisations.queries import by_kind
from shop.web.forms import WithdrawForm
from shop.web.views import fresh_reading, reading

bp = Blueprint("settlements", __name__, url_prefix="/platform/settlements")

#: Which of 试算→复核→批准→导出→对账 is under way; the last two are the payout's.
_STEP = {RunState.DRAFT: 2, RunState.POSTING: 3, RunState.POSTED: 4, RunState.WITHDRAWN: 1}


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """The runs, and a form that tries out a new one."""
    form = DraftForm()
    form.offer(by_kind(reading(), OrganisationKind.COOPERATIVE))
    if form.validate_on_submit():
        try:
            run_id = commands.draft_run.once(form.once.data)(
                cooperative_id=form.cooperative.data or None,
                purchase=form.purchase.data or None,
                packed_from=form.packed_from.data,
                packed_to=form.packed_to.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已试算，请另一位同事复核。"), "ok")
            return redirect(url_for("settlements.show", run_id=run_id), code=303)
    page = render_template(
        "orders/settlements/index.html",
        form=form,
        runs=queries.runs(reading(), current_actor()),
        may_draft=current_actor().may(Permission.SETTLEMENT_DRAFT),
    )
    return page, form.status


@bp.get("/<run_id>")
@requires(Permission.PLATFORM_READ)
def show(run_id: str) -> ResponseReturnValue:
    """One run: what it changes for whom, the odd ones first."""
    return _page(run_id, ApproveForm(formdata=None), WithdrawForm(formdata=None))


@bp.get("/<run_id>/lots/<lot_id>")
@requires(Permission.PLATFORM_READ)
def lot(run_id: str, lot_id: str) -> ResponseReturnValue:
    """One lot of a run: what it changes for each household behind it."""
    run, packed, lines = line_queries.lines_of_lot(reading(), run_id, lot_id, current_actor())
    return render_template("orders/settlements/lot.html", run=run, lot=packed, lines=lines)


@bp.post("/<run_id>/approve")
@requires(Permission.SETTLEMENT_APPROVE)
def approve(run_id: str) -> ResponseReturnValue:
    """Approve a run as it was seen, which posts it."""
    form = ApproveForm()
    form.expected = queries.run_page(reading(), run_id, current_actor()).row.total
    if form.validate_on_submit():
        try:
            commands.approve_run.once(form.once.data)(
                run_id=run_id,
                seen_hash=form.seen_hash.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            timetable.wake(current_app)
            flash(_("已复核。记完账就可以编制打款。"), "ok")
            return redirect(url_for("settlements.show", run_id=run_id), code=303)
    return _page(run_id, form, WithdrawForm(formdata=None))


@bp.post("/<run_id>/withdraw")
@requires(Permission.SETTLEMENT_DRAFT)
def withdraw(run_id: str) -> ResponseReturnValue:
    """Take a draft back."""
    form = WithdrawForm()
    if form.validate_on_submit():
        try:
            commands.withdraw_run.once(form.once.data)(
                run_id=run_id,
                reason=form.reason.data or "",
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已撤回，没有记账。"), "ok")
            return redirect(url_for("settlements.show", run_id=run_id), code=303)
    return _page(run_id, ApproveForm(formdata=None), form)


def _page(run_id: str, approving: ApproveForm, withdrawing: WithdrawForm) -> ResponseReturnValue:
    number = request.args.get("page", 1, type=int)
    page = queries.run_page(fresh_reading(), run_id, current_actor(), number)
    approving.seen_hash.data = page.seen_hash
    html = render_template(
        "orders/settlements/show.html",
        page=page,
        odd=line_queries.odd_lines(reading(), page.key, current_actor()),
        approving=approving,
        withdrawing=withdrawing,
        step=_STEP[page.row.state],
    )
    return html, max(approving.status, withdrawing.status)
