"""Pages of the bank calendar."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from orders.calendar import commands, queries
from orders.calendar.forms import ChangeForm
from shop.core import clock
from shop.core.errors import Refusal
from shop.core.permissions import Permission
from shop.organisations.acting import current_actor, requires
from shop.web.forms import ReasonForm, ShopForm
from shop.web.views import fresh_reading

bp = Blueprint("calendar", __name__, url_prefix="/platform/calendar")


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.PLATFORM_READ)
def index() -> ResponseReturnValue:
    """The calendar, and a form that enters days."""
    form = ChangeForm()
    if form.validate_on_submit():
        assert form.first_day.data is not None
        assert form.last_day.data is not None
        try:
            commands.propose_change.once(form.once.data)(
                first_day=form.first_day.data,
                last_day=form.last_day.data,
                kind=form.chosen,
                reason=form.reason.data,
                actor=current_actor(),
                now=clock.now(),
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            flash(_("已登记，请另一位同事复核。"), "ok")
            return redirect(url_for("calendar.index"), code=303)
    return _page(form)


@bp.get("/<change_id>")
@requires(Permission.PLATFORM_READ)
def show(change_id: str) -> ResponseReturnValue:
    """One change, to decide about."""
    return _change_page(change_id, ShopForm(formdata=None), ReasonForm(formdata=None))


@bp.post("/<change_id>/confirmation")
@requires(Permission.PAYOUT_APPROVE)
def confirm(change_id: str) -> ResponseReturnValue:
    """Confirm entered days."""
    form = ShopForm()
    if form.carried_out(
        commands.confirm_change, change_id=change_id, actor=current_actor(), now=clock.now()
    ):
        flash(_("已生效，以后按它算工作日。"), "ok")
        return redirect(url_for("calendar.index"), code=303)
    return _change_page(change_id, form, ReasonForm(formdata=None))


@bp.post("/<change_id>/refusal")
@requires(Permission.PAYOUT_DRAFT, Permission.PAYOUT_APPROVE)
def decline(change_id: str) -> ResponseReturnValue:
    """Decline entered days, or take one's own back."""
    form = ReasonForm()
    if form.carried_out(
        commands.decline_change,
        change_id=change_id,
        reason=form.reason.data,
        actor=current_actor(),
        now=clock.now(),
    ):
        flash(_("没有采用，日历不变。"), "ok")
        return redirect(url_for("calendar.index"), code=303)
    return _change_page(change_id, ShopForm(formdata=None), form)


def _page(form: ChangeForm) -> ResponseReturnValue:
    page = queries.page(fresh_reading(), current_actor(), clock.now())
    return render_template("orders/calendar/index.html", page=page, form=form), form.status


def _change_page(
    change_id: str, confirming: ShopForm, declining: ReasonForm
) -> ResponseReturnValue:
    html = render_template(
        "orders/calendar/change.html",
        change=queries.change_row(fresh_reading(), change_id, current_actor()),
        confirming=confirming,
        declining=declining,
    )
    return html, max(confirming.status, declining.status)
